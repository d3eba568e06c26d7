"""Connection properties of JDBC drivers, as far as they have a counterpart here.

https://jdbc.postgresql.org/documentation/use/ · https://mariadb.com/docs/connectors/mariadb-connector-j ·
https://dev.mysql.com/doc/connector-j/en/connector-j-reference-configuration-properties.html
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from connector_sdk import InputError

APPLICATION = "connector-runtime"
CONNECT_SECONDS, MOST_CONNECT_SECONDS = 10.0, 30.0


class Tls(Enum):
    """How much of a certificate is verified."""

    NONE = "none"
    """No TLS, also for words that ask for it only where that is easy, and so protect from nobody."""
    UNVERIFIED = "unverified"
    """Encrypted, to whoever answers: what `useSSL=true` and `sslmode=require` mean."""
    AUTHORITY = "authority"
    FULL = "full"


_TLS_WORDS = {
    **dict.fromkeys(("false", "0", "no", "disable", "disabled", "prefer", "allow", ""), Tls.NONE),
    **dict.fromkeys(("true", "1", "yes", "require", "required", "trust"), Tls.UNVERIFIED),
    **dict.fromkeys(("verify-ca", "verify_ca"), Tls.AUTHORITY),
    **dict.fromkeys(("verify-full", "verify_identity"), Tls.FULL),
}
_TLS_NAMES = ("sslmode", "sslMode", "requireSSL", "useSSL", "ssl")
_ZONES = ("serverTimezone", "connectionTimeZone", "timezone")
_ZONE = re.compile(r"[A-Za-z0-9_/+:-]{1,64}")
_ALWAYS = {
    "useUnicode": ("true",), "allowPublicKeyRetrieval": ("true",), "autoReconnect": ("true",),
    "characterEncoding": ("utf8", "utf-8", "utf8mb4"),
}  # fmt: skip
"""What is so here whether it is asked for or not."""
_POSTGRESQL = (*_TLS_NAMES, "currentSchema", "ApplicationName", "connectTimeout", "loginTimeout", "socketTimeout")
_MYSQL = (*_TLS_NAMES, *_ZONES, "connectTimeout", "socketTimeout", *_ALWAYS)


@dataclass(frozen=True, slots=True)
class Properties:
    """How to connect, beside where to."""

    tls: Tls = Tls.NONE
    schema: str | None = None
    application: str = APPLICATION
    connect_seconds: float = CONNECT_SECONDS
    answer_seconds: float = math.inf
    time_zone: str | None = None
    """Of the session, as MySQL writes it."""


def properties_of(given: Mapping[str, str], *, is_mysql: bool) -> Properties:
    """What properties say; raises InputError for one that would silently do nothing here."""
    known, unit = (_MYSQL, 0.001) if is_mysql else (_POSTGRESQL, 1)
    for name, value in given.items():
        if name not in known:
            msg = f"cannot use the connection property '{name}': this connector knows user, password, {', '.join(known)}"
            raise InputError(msg)
        if name in _ALWAYS and value.lower() not in _ALWAYS[name]:
            raise _refusal(name, f"it is always {_ALWAYS[name][0]} here")
    return Properties(
        tls=_tls(given),
        schema=given.get("currentSchema"),
        application=given.get("ApplicationName", APPLICATION),
        connect_seconds=min(_seconds(given, ("connectTimeout", "loginTimeout"), unit, CONNECT_SECONDS), MOST_CONNECT_SECONDS),
        answer_seconds=_seconds(given, ("socketTimeout",), unit, math.inf),
        time_zone=_time_zone(given),
    )


def _tls(given: Mapping[str, str]) -> Tls:
    words = {name: given[name].lower() for name in _TLS_NAMES if name in given}
    for name, word in words.items():
        if word not in _TLS_WORDS:
            raise _refusal(name, "write disable, require, verify-ca or verify-full")
    return next((mode for word in words.values() if (mode := _TLS_WORDS[word]) is not Tls.NONE), Tls.NONE)


def _seconds(given: Mapping[str, str], names: Sequence[str], unit: float, default: float) -> float:
    """How long to wait, as the first of these properties says; 0 is for ever to the drivers."""
    name = next((name for name in names if name in given), None)
    if name is None:
        return default
    if not re.fullmatch(r"\d{1,9}", given[name]):
        raise _refusal(name, "it must be a whole number")
    return int(given[name]) * unit or math.inf


def _time_zone(given: Mapping[str, str]) -> str | None:
    name = next((name for name in _ZONES if name in given), None)
    if name is None or given[name].lower() in ("local", "server", "auto", "disable"):
        return None
    if not _ZONE.fullmatch(given[name]):
        raise _refusal(name, "write a time zone such as UTC or Europe/Berlin")
    return "+00:00" if given[name] in ("UTC", "GMT", "Z") else given[name]


def _refusal(name: str, reason: str) -> InputError:
    return InputError(f"cannot use the connection property '{name}': {reason}")
