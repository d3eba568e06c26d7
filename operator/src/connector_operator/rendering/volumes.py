"""What is mounted into a worker pod, and where (docs/worker-contract.md §2)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from connector_operator.api.runtime import Camunda
from connector_operator.domain import names
from connector_operator.domain.resolve import ResolvedRuntime, ServedConnector


@dataclass(frozen=True, slots=True)
class Mount:
    """One volume of the pod and its place in the container."""

    volume: dict[str, Any]
    path: str


def mounts(resolved: ResolvedRuntime, bundled: Sequence[ServedConnector], camunda: Camunda) -> list[Mount]:
    """Everything beside the configuration itself: code, secrets, credentials; in an order that depends on names alone."""
    return [
        *_credentials(camunda),
        *(mount for served in bundled for mount in _code(served, copied=resolved.copies_images)),
        *(mount for served in bundled for mount in _secrets(served)),
    ]


def _credentials(camunda: Camunda) -> Iterator[Mount]:
    """Secrets of the gateway are optional too: a pod that waits for one says so on `/status`, one that is not made cannot."""
    if camunda.auth and camunda.auth.oauth:
        reference = camunda.auth.oauth.client_secret_ref
        yield Mount(_secret("camunda-auth", reference.name, "clientId", "clientSecret"), names.AUTH_PATH)
    if camunda.auth and camunda.auth.basic:
        yield Mount(_secret("camunda-auth", camunda.auth.basic.secret_ref.name, "username", "password"), names.AUTH_PATH)
    if camunda.tls and camunda.tls.ca_secret_ref:
        yield Mount(_secret("camunda-ca", camunda.tls.ca_secret_ref.name, "ca.crt"), names.CA_PATH)
    if camunda.tls and camunda.tls.ca_config_map_ref:
        config_map = {"name": camunda.tls.ca_config_map_ref.name, "optional": True, "items": _items("ca.crt")}
        yield Mount({"name": "camunda-ca", "configMap": config_map}, names.CA_PATH)
    if camunda.tls and camunda.tls.client_certificate_secret_ref:
        reference = camunda.tls.client_certificate_secret_ref
        yield Mount(_secret("camunda-client-certificate", reference.name, "tls.crt", "tls.key"), names.CLIENT_CERTIFICATE_PATH)


def _code(served: ServedConnector, *, copied: bool) -> Iterator[Mount]:
    name, path, source = names.source_volume(served.name), names.source_path(served.name), served.spec.source
    if source.package or (source.image and copied):
        yield Mount({"name": name, "emptyDir": {}}, path)  # an init container fills it
    elif source.image:
        yield Mount({"name": name, "image": {"reference": source.image.reference, "pullPolicy": source.image.pull_policy}}, path)
    elif served.source:
        yield Mount({"name": name, "configMap": {"name": served.source.config_map}}, path)


def _secrets(served: ServedConnector) -> Iterator[Mount]:
    if served.spec.secrets:
        # one source per placeholder: a Secret that lacks one key must not hide the others, as one source for all would
        sources = [
            _source(secret.secret_key_ref.name, [{"key": secret.secret_key_ref.key, "path": secret.name}])
            for secret in served.spec.secrets
        ]
        yield Mount(_projected(names.secrets_volume(served.name), sources), names.secrets_path(served.name))
    for index, whole in enumerate(served.spec.secrets_from):
        volume = {"name": names.whole_secret_volume(served.name, index)}
        secret = {"secretName": whole.secret_ref.name, "optional": True}
        yield Mount(volume | {"secret": secret}, names.whole_secret_path(served.name, index))


def _secret(volume: str, secret: str, *keys: str) -> dict[str, Any]:
    return _projected(volume, [_source(secret, [item]) for item in _items(*keys)])


def _items(*keys: str) -> list[dict[str, str]]:
    return [{"key": key, "path": key} for key in keys]


def _source(secret: str, items: list[dict[str, str]]) -> dict[str, Any]:
    return {"secret": {"name": secret, "optional": True, "items": items}}


def _projected(name: str, sources: list[dict[str, Any]]) -> dict[str, Any]:
    return {"name": name, "projected": {"sources": sources}}
