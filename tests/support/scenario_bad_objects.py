"""One table of objects that nobody may have: what the API server says of each, and what our own models say.

`tests/unit/api` holds the models to it, `tests/cluster` a real API server; every CEL rule of the CRDs has a row.
"""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from connector_operator.api.kinds import API_VERSION

Manifest = dict[str, Any]

CONNECTOR: Manifest = {
    "apiVersion": API_VERSION,
    "kind": "Connector",
    "metadata": {"name": "probe"},
    "spec": {"jobType": "a:1", "source": {"builtin": "http-json"}},
}
RUNTIME: Manifest = {
    "apiVersion": API_VERSION,
    "kind": "ConnectorRuntime",
    "metadata": {"name": "probe"},
    "spec": {"camunda": {"grpcAddress": "grpc://zeebe:26500"}, "connectors": {"selector": {}}},
}
POLICY: Manifest = {"apiVersion": API_VERSION, "kind": "ConnectorPolicy", "metadata": {"name": "probe"}, "spec": {}}


@dataclass(frozen=True, slots=True)
class BadObject:
    """One object, and a part of what each of the two has to say about it."""

    manifest: Manifest
    server: str
    model: str

    def __str__(self) -> str:
        return f"{self.manifest['kind']}-{self.server[:60]}"


def changed(manifest: Manifest, path: str, value: Any) -> Manifest:
    """The same object with the member at a dotted path replaced."""
    result = deepcopy(manifest)
    *parents, last = path.split(".")
    node = result
    for parent in parents:
        node = node[parent]
    node[last] = value
    return result


def _by_rule(manifest: Manifest, path: str, value: Any, *, at: str, rule: str) -> BadObject:
    """Refused by a CEL rule, whose sentence the models use too."""
    return BadObject(changed(manifest, path, value), f"{at}: Invalid value: {rule}", f"{at}: {rule}")


def _by_schema(manifest: Manifest, path: str, value: Any, *, at: str = "", server: str, model: str) -> BadObject:
    at = at or path
    return BadObject(changed(manifest, path, value), f"{at} in body {server}", f"{at}: {model}")


_PATTERN = {"server": "should match", "model": "string should match pattern"}
_NAME = "metadata.name needs at most 63 lower-case letters, digits and dashes"
_NAME_MODEL = "metadata.name: needs at most 63 lower-case letters, digits and dashes"
_SOURCE = "needs exactly one of builtin, configMap, image, package"
_DURATION = "needs a positive duration, such as 5m or 1h30m"
_OAUTH: Manifest = {"clientSecretRef": {"name": "a"}}
_CODE: Manifest = {"name": "b", "entryPoint": "c:d"}

BAD_OBJECTS: tuple[BadObject, ...] = (
    BadObject(changed(CONNECTOR, "metadata.name", "with.dot"), _NAME, _NAME_MODEL),
    BadObject(changed(CONNECTOR, "metadata.name", "x" * 64), _NAME, _NAME_MODEL),
    BadObject(changed(RUNTIME, "metadata.name", "with.dot"), _NAME, _NAME_MODEL),
    _by_rule(CONNECTOR, "spec.source", {}, at="spec.source", rule=_SOURCE),
    _by_rule(CONNECTOR, "spec.source", {"builtin": "a", "configMap": _CODE}, at="spec.source", rule=_SOURCE),
    BadObject(changed(CONNECTOR, "spec.timeout", "0m"), _DURATION, f"spec.timeout: {_DURATION}"),
    _by_schema(CONNECTOR, "spec.jobType", "no spaces", **_PATTERN),
    _by_schema(CONNECTOR, "spec.jobType", "two\nlines", **_PATTERN),
    _by_schema(CONNECTOR, "spec.jobType", "", server="should be at least 1 chars long", model="string should have at least 1"),
    _by_schema(CONNECTOR, "spec.timeout", "soon", **_PATTERN),
    _by_schema(CONNECTOR, "spec.timeout", "999999h", **_PATTERN),
    _by_schema(
        CONNECTOR, "spec.maxJobsActive", 0, server="should be greater than or equal to 1", model="input should be greater than or"
    ),
    _by_schema(
        CONNECTOR,
        "spec.source",
        {"configMap": _CODE | {"entryPoint": "no-function"}},
        at="spec.source.configMap.entryPoint",
        **_PATTERN,
    ),
    _by_schema(
        CONNECTOR,
        "spec.secrets",
        [{"name": "../up", "secretKeyRef": {"name": "a", "key": "b"}}],
        at="spec.secrets[0].name",
        **_PATTERN,
    ),
    _by_rule(RUNTIME, "spec.connectors", {}, at="spec.connectors", rule="needs selector, names or both"),
    _by_rule(RUNTIME, "spec.camunda", {}, at="spec.camunda", rule="needs exactly one of grpcAddress, saas"),
    _by_rule(
        RUNTIME,
        "spec.camunda.auth",
        {"oauth": _OAUTH},
        at="spec.camunda",
        rule="auth.oauth needs tokenUrl, unless saas is set",
    ),
    _by_rule(RUNTIME, "spec.camunda.auth", {}, at="spec.camunda.auth", rule="needs exactly one of oauth, basic"),
    _by_rule(
        RUNTIME,
        "spec.camunda.tls",
        {"caConfigMapRef": {"name": "a"}, "caSecretRef": {"name": "a"}},
        at="spec.camunda.tls",
        rule="takes at most one of caConfigMapRef, caSecretRef",
    ),
    _by_rule(
        RUNTIME,
        "spec.secretFilter",
        "STRICT",
        at="spec",
        rule="secretFilter STRICT needs camunda.restAddress, where process definitions come from, unless saas is set",
    ),
    _by_schema(RUNTIME, "spec.camunda.grpcAddress", "zeebe:26500", **_PATTERN),
    _by_schema(
        RUNTIME,
        "spec.replicas",
        -1,
        server="should be greater than or equal to 0",
        model="input should be greater than or equal to 0",
    ),
    _by_schema(
        POLICY,
        "spec.connectors",
        [{"jobTypes": ["[a-z]"], "sources": {}}],
        at="spec.connectors[0].jobTypes[0]",
        **_PATTERN,
    ),
)
