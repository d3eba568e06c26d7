"""Objects that together set every field of the three kinds, and where in them texts stand."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, cast

from golden_runtimes import EVERYTHING_CONNECTOR, EVERYTHING_SPEC

Spec = dict[str, Any]
Place = tuple[str | int, ...]
"""The way to a member of a spec: names and positions."""

_PIN = "--hash=sha256:" + "0" * 64
_IMAGE: Spec = {"reference": "registry.acme.io/crm@sha256:" + "1" * 64, "entryPoint": "crm:lookup", "pullPolicy": "Never"}
_PACKAGE: Spec = {
    "requirements": [f"acme-crm==1.4.2 {_PIN}"],
    "entryPoint": "acme_crm:lookup",
    "indexUrl": "https://pypi.acme.io/simple",
}
_BY_CA_SECRET: Spec = {"caSecretRef": {"name": "acme-ca"}, "clientCertificateSecretRef": {"name": "zeebe-certificate"}}
_SELECTED: Spec = {"selector": {"matchLabels": {"team": "shop"}}}

CONNECTORS: dict[str, Spec] = {
    "configMap": EVERYTHING_CONNECTOR,
    "builtin": {"jobType": "acme.io:probe:1", "source": {"builtin": "http-json"}, "suspend": False},
    "image": {"jobType": "acme.io:probe:1", "source": {"image": _IMAGE}},
    "package": {"jobType": "acme.io:probe:1", "source": {"package": _PACKAGE}, "settings": {"region": "eu"}},
}
RUNTIMES: dict[str, Spec] = {
    "oauth": EVERYTHING_SPEC | {"isolation": "Shared", "catalogue": {"enabled": True}, "suspend": False},
    "basic": {
        "camunda": {
            "grpcAddress": "grpcs://zeebe:26500",
            "auth": {"basic": {"secretRef": {"name": "zeebe-user"}}},
            "tls": _BY_CA_SECRET,
        },
        "connectors": _SELECTED,
        "isolation": "PerConnector",
    },
    "saas": {
        "camunda": {
            "saas": {"clusterId": "5c34c0a7-7f29-4424-8414-125615f7a9b9", "region": "bru-2"},
            "auth": {"oauth": {"clientSecretRef": {"name": "zeebe-client"}}},
        },
        "connectors": {"selector": {"matchExpressions": [{"key": "team", "operator": "In", "values": ["shop"]}]}},
    },
}
POLICIES: dict[str, Spec] = {
    "everything": {
        "namespaceSelector": {
            "matchLabels": {"connectors": "allowed"},
            "matchExpressions": [{"key": "stage", "operator": "NotIn", "values": ["prod"]}],
        },
        "enforcement": "Enforce",
        "connectors": [
            {
                "jobTypes": ["acme.io:*", "io.camunda:*"],
                "sources": {
                    "builtin": ["http-*"],
                    "image": {"references": ["registry.acme.io/*"], "requireDigest": True},
                    "configMap": {},
                    "package": {"requirements": ["acme-*"], "indexUrls": ["https://pypi.acme.io/*"]},
                },
            }
        ],
        "runtimes": {"images": ["*"], "maxReplicas": 20, "podTemplate": "Allowed"},
    }
}
VARIANTS: dict[str, dict[str, Spec]] = {"Connector": CONNECTORS, "ConnectorRuntime": RUNTIMES, "ConnectorPolicy": POLICIES}


def members(node: Any, at: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Every member of a JSON value at any depth, outer ones first."""
    items: Any = ()
    if isinstance(node, dict):
        items = cast("dict[str, Any]", node).items()
    elif isinstance(node, list):
        items = enumerate(cast("list[Any]", node))
    for key, value in items:
        yield (*at, key), value
        yield from members(value, (*at, key))


def replaced(spec: Spec, place: Place, value: Any) -> Spec:
    """The same spec with another value in one place."""
    result = deepcopy(spec)
    parent_of(result, place)[place[-1]] = value
    return result


def renamed(spec: Spec, place: Place, name: str) -> Spec:
    """The same spec with another name for one member."""
    result = deepcopy(spec)
    parent = parent_of(result, place)
    parent[name] = parent.pop(place[-1])
    return result


def parent_of(spec: Any, place: Place) -> Any:
    """The object or list that a place is in."""
    for key in place[:-1]:
        spec = spec[key]
    return spec


def dotted(place: Place) -> str:
    """A place as problems name it, without positions: `secrets[].name`."""
    return "".join("[]" if isinstance(key, int) else f".{key}" for key in place).removeprefix(".")
