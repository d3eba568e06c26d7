"""The manifests, as a person reads them: a change of these files is a roll-out of every worker in the world."""

from pathlib import Path
from typing import Any

import golden_runtimes
import pytest
import yaml

GOLDEN = Path(__file__).parents[2] / "data" / "golden"
HEADER = "# What the operator applies; refreshed by `make golden`.\n"


class _Readable(yaml.SafeDumper):
    """Texts of several lines as blocks."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Readable.add_representer(str, _text)


def _readable(manifests: tuple[dict[str, Any], ...]) -> str:
    documents = yaml.dump_all(manifests, Dumper=_Readable, sort_keys=False, width=120, allow_unicode=True, explicit_start=True)
    return HEADER + documents


@pytest.mark.parametrize("name", ["samples", "everything"])
def test_the_manifests_are_those_of_the_golden_file(name: str, refresh_golden: bool) -> None:
    rendered = golden_runtimes.manifests()[name].manifests
    file = GOLDEN / f"{name}.yaml"
    if refresh_golden:
        file.write_text(_readable(rendered), encoding="utf-8")
    assert list(yaml.safe_load_all(file.read_text(encoding="utf-8"))) == list(rendered)
    assert file.read_text(encoding="utf-8") == _readable(rendered)
