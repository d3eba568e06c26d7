"""Kafka's client properties as far as they have a counterpart in this client; any other is refused, since it would do nothing.

https://kafka.apache.org/documentation/#producerconfigs
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from connector_sdk import InputError

_JAAS = re.compile(r"""\b(username|password)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")
_PROTOCOLS = ("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL")
_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_WITHOUT_EFFECT = frozenset({"session.timeout.ms", "client.dns.lookup"})
"""What Camunda's connector sets of its own and a producer here has no use for."""
_STRING = "org.apache.kafka.common.serialization.StringSerializer"


def _acks(text: str) -> int | str:
    return "all" if text in ("all", "-1") else int(text)


def _boolean(text: str) -> bool:
    return {"true": True, "false": False}[text.lower()]


_OPTIONS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "acks": ("acks", _acks),
    "batch.size": ("max_batch_size", int),
    "client.id": ("client_id", str),
    "compression.type": ("compression_type", lambda text: None if text == "none" else text),
    "connections.max.idle.ms": ("connections_max_idle_ms", int),
    "enable.idempotence": ("enable_idempotence", _boolean),
    "linger.ms": ("linger_ms", int),
    "max.request.size": ("max_request_size", int),
    "metadata.max.age.ms": ("metadata_max_age_ms", int),
    "request.timeout.ms": ("request_timeout_ms", int),
    "retry.backoff.ms": ("retry_backoff_ms", int),
}


class Properties:
    """Properties by name, each taken once; what is left at the end is refused."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = {name: _text(value) for name, value in given.items() if value is not None}

    def take(self, name: str, default: str | None = None) -> str | None:
        """A property's value as text."""
        return self._given.pop(name, default)

    def choice(self, name: str, default: str, values: tuple[str, ...]) -> str:
        """A property that is one of several words; raises InputError."""
        value = self.take(name) or default
        if value not in values:
            raise _refusal(name, f"it must be one of {', '.join(values)}")
        return value

    def protocol(self, default: str) -> str:
        """How to speak to the brokers."""
        return self.choice("security.protocol", default, _PROTOCOLS)

    def mechanism(self) -> str:
        """How to log in."""
        return self.choice("sasl.mechanism", "PLAIN", _MECHANISMS)

    def login(self) -> dict[str, str]:
        """User and password of `sasl.jaas.config`, where it is given; never shown."""
        text = self.take("sasl.jaas.config")
        found = {match[1]: _unescaped(match[2] or match[3] or "") for match in _JAAS.finditer(text or "")}
        if text is not None and set(found) != {"username", "password"}:
            raise _refusal("sasl.jaas.config", "it names no username and password")
        return found

    def authorities(self) -> str | None:
        """The certificates to trust instead of the pod's, as PEM text."""
        kind, text = self.take("ssl.truststore.type"), self.take("ssl.truststore.certificates")
        if kind not in (None, "PEM") or (kind == "PEM" and text is None):
            raise _refusal("ssl.truststore.type", "only PEM is known here, with the certificates in ssl.truststore.certificates")
        return text

    def milliseconds(self, name: str, default: int) -> int:
        """A time."""
        return self._converted(name, self.take(name) or str(default), int)

    def options(self) -> dict[str, Any]:
        """What the client takes as it is; raises InputError for whatever is left after that."""
        for name in _WITHOUT_EFFECT:
            self.take(name)
        for name in ("key.serializer", "value.serializer"):
            if self.take(name, _STRING) != _STRING:
                raise _refusal(name, "keys and values are texts or JSON")
        names = [name for name in self._given if name in _OPTIONS]
        taken = {_OPTIONS[name][0]: self._converted(name, self._given.pop(name), _OPTIONS[name][1]) for name in names}
        if self._given:
            raise _refusal(min(self._given), "this connector does not know it, leave it out")
        return taken

    def _converted(self, name: str, text: str, convert: Callable[[str], Any]) -> Any:
        try:
            return convert(text)
        except (ValueError, KeyError) as error:
            raise _refusal(name, "its value has another form") from error


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _refusal(name: str, why: str) -> InputError:
    return InputError(f"cannot use the property '{name}': {why}")
