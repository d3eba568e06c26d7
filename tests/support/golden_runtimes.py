"""The runtimes whose manifests are kept as golden files: the samples, and one with everything set."""

from typing import Any

import scenario_objects as objects
from scenario_world import element_template

from connector_operator.domain.catalogue import compose
from connector_operator.domain.desired import DesiredObjects
from connector_operator.domain.element_template import ElementTemplate as Template
from connector_operator.domain.element_template import read_template
from connector_operator.domain.objects import Object
from connector_operator.domain.resolve import ResolvedRuntime
from connector_operator.domain.shelf import Catalogue

EVERYTHING_SPEC: dict[str, Any] = {
    "camunda": {
        "grpcAddress": "grpcs://zeebe.acme.io:443",
        "restAddress": "https://zeebe.acme.io/v2",
        "tenantIds": ["<default>", "acme"],
        "auth": {
            "oauth": {
                "clientSecretRef": {"name": "zeebe-client"},
                "tokenUrl": "https://login.acme.io/oauth/token",
                "audience": "zeebe",
                "scope": "jobs",
            }
        },
        "tls": {"caConfigMapRef": {"name": "acme-ca"}, "clientCertificateSecretRef": {"name": "zeebe-certificate"}},
    },
    "connectors": {"selector": {"matchExpressions": [{"key": "team", "operator": "Exists"}]}, "names": ["by-name"]},
    "image": "registry.acme.io/connector-runtime@sha256:" + "0" * 64,
    "imagePullPolicy": "Always",
    "imagePullSecrets": [{"name": "registry"}],
    "replicas": 3,
    "resources": {"requests": {"cpu": 0, "memory": "1.5Gi"}, "limits": {"cpu": "0.5", "acme.io/gpu": 1}},
    "egress": {"deniedRanges": ["10.0.0.0/8"], "allowedRanges": ["127.0.0.1/32", "fd00::/8"]},
    "secretFilter": "STRICT",
    "podTemplate": {
        "metadata": {"annotations": {"acme.io/scrape": "yes"}},
        "spec": {
            "nodeSelector": {"disk": "fast"},
            "containers": [{"name": "connector-runtime", "env": [{"name": "TZ", "value": "UTC"}]}],
        },
    },
}

EVERYTHING_CONNECTOR: dict[str, Any] = {
    "jobType": "acme.io:everything:1",
    "source": {"configMap": {"name": "code", "entryPoint": "shop.orders:place"}},
    "settings": {"zeta": [1, 2.5, None, True], "alpha": {"text": "ü {{7*7}} 'x' \"y\" # z: {a}"}},
    "secrets": [
        {"name": "TOKEN", "secretKeyRef": {"name": "crm", "key": "token"}},
        {"name": "tls.crt", "secretKeyRef": {"name": "crm-tls", "key": "tls.crt"}},
    ],
    "secretsFrom": [{"secretRef": {"name": "extra"}, "prefix": "EXTRA_"}, {"secretRef": {"name": "more"}}],
    "fetchVariables": ["customer", "items"],
    "timeout": "1h30m",
    "maxJobsActive": 7,
    "elementTemplates": [{"configMapKeyRef": {"name": "code", "key": "t.json"}}],
}


def samples() -> ResolvedRuntime:
    """The runtime of deploy/samples with its two Connectors and their policy."""
    connectors = [objects.stored(objects.sample("Connector", name)) for name in ("crm-lookup", "http")]
    code = objects.stored(objects.sample("ConfigMap", "crm-lookup"))
    return objects.resolved(*connectors, sources=[code], policies=[objects.stored(objects.sample("ConnectorPolicy", "shop"))])


def everything() -> ResolvedRuntime:
    """A runtime and Connectors with every member set, one per kind of source."""
    return objects.resolved(*_connectors(), of=objects.runtime("everything", **EVERYTHING_SPEC), sources=[_code()])


def manifests() -> dict[str, DesiredObjects]:
    """By the name of the golden file: what is rendered."""
    generated = {"http": (_template("acme.io:http:1"),)}
    return {
        "samples": objects.rendered(samples(), _catalogue(samples(), {"http": (_template("io.camunda:http-json:1"),)})),
        "everything": objects.rendered(everything(), _catalogue(everything(), generated)),
    }


def _connectors() -> list[Object]:
    image = {"reference": "registry.acme.io/crm@sha256:" + "1" * 64, "entryPoint": "crm:lookup", "pullPolicy": "Never"}
    return [
        objects.connector("by-name", labels={}, source={"image": image}),
        objects.connector("http"),
        objects.connector("orders", **EVERYTHING_CONNECTOR),
    ]


def _code() -> Object:
    files = {"shop__py": "from . import x\n", "t__json": _template("acme.io:everything:1").text}
    return objects.source("code", **files)


def _template(name: str) -> Template:
    read = read_template(element_template(name))
    assert isinstance(read, Template)
    return read


def _catalogue(found: ResolvedRuntime, generated: dict[str, tuple[Template, ...]]) -> Catalogue:
    return compose(found, lambda _name: True, generated, {"code": _code()})
