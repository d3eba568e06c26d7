"""YAML read as `kubectl` reads it, which is not quite as PyYAML does: what is text there must be text here.

Source of the rules: https://github.com/kubernetes-sigs/yaml/blob/master/goyaml.v2/resolve.go
"""

import json
import re
from typing import Any

import yaml

_TAG = "tag:yaml.org,2002:"


class _Loader(yaml.CSafeLoader):
    """PyYAML's safe loader with Go's scalars: no dates and no minutes; `1e3` is a number, `y` is true."""


def _number(loader: _Loader, node: yaml.ScalarNode) -> int | float:
    """A number with a point or an exponent; Go writes it into JSON without them when it has no need for them."""
    value = loader.construct_yaml_float(node)
    return int(value) if value.is_integer() and abs(value) < 1e21 else value


def _text(_loader: _Loader, node: yaml.ScalarNode) -> str:
    return node.value


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in (f"{_TAG}null", f"{_TAG}merge")]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_SCALARS = (
    ("bool", r"y|Y|yes|Yes|YES|on|On|ON|true|True|TRUE|n|N|no|No|NO|off|Off|OFF|false|False|FALSE", "yYnNtTfFoO"),
    ("int", r"[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[1-9][0-9_]*|0)", "-+0123456789"),
    (
        "float",
        r"[-+]?(\.[0-9_]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?\d+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+0123456789.",
    ),
)
for _name, _pattern, _first in _SCALARS:
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(rf"(?:{_pattern})\Z"), list(_first))
_Loader.bool_values = {**yaml.CSafeLoader.bool_values, "y": True, "n": False}
_Loader.add_constructor(f"{_TAG}float", _number)
_Loader.add_constructor(f"{_TAG}merge", _text)  # where it is a value, and no name of a member


def read_documents(text: str) -> list[Any]:
    """All documents as JSON, names of members as texts; raises `yaml.YAMLError`, and `ValueError` for what JSON cannot hold."""
    return json.loads(json.dumps(list(yaml.load_all(text, Loader=_Loader)), allow_nan=False))
