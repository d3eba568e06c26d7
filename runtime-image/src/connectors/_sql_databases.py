"""Where a database is, and the pools of connections to it, which the jobs of a pod share.

What a JDBC URL says is understood as far as it has a counterpart here: https://jdbc.postgresql.org/documentation/use/ and
https://mariadb.com/docs/connectors/mariadb-connector-j
"""

import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from connector_sdk import InputError
from connectors._egress import Egress, HostTls, checked_connection
from connectors._extras import extra

with extra("sql"):
    from sqlalchemy import URL
    from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

    # all of them here: an image without a driver is told so when it loads, not at its first job
    _MODULES: dict[str, Any] = {name: import_module(name) for name in ("aiomysql", "aiosqlite", "asyncpg")}

CONNECT_SECONDS = 10


class Database(Enum):
    """The products, as Camunda's element template names them; SQLITE is ours."""

    POSTGRESQL = "POSTGRESQL"
    MARIADB = "MARIADB"
    MYSQL = "MYSQL"
    MSSQL = "MSSQL"
    ORACLE = "ORACLE"
    SQLITE = "SQLITE"


_DRIVERS = {
    Database.POSTGRESQL: "postgresql+asyncpg",
    Database.MARIADB: "mysql+aiomysql",
    Database.MYSQL: "mysql+aiomysql",
    Database.SQLITE: "sqlite+aiosqlite",
}
MYSQL_LIKE = frozenset({Database.MARIADB, Database.MYSQL})
_SCHEMES = {"postgresql", "postgres", "mysql", "mariadb", "sqlite"}


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


@dataclass(frozen=True, slots=True)
class Place:
    """A database and who wants to get in; equal places share their connections."""

    database: Database
    host: str | None = None
    port: int | None = None
    name: str | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: Tls = Tls.NONE
    schema: str | None = None
    egress: Egress | None = field(default=None, compare=False, repr=False)


def from_uri(database: Database, uri: str, properties: Mapping[str, Any]) -> Place:
    """The place that a URI such as `jdbc:postgresql://host:5432/shop?user=ada` names; raises InputError without the URI."""
    parts = urlsplit(uri.removeprefix("jdbc:"))
    if parts.scheme not in _SCHEMES:
        msg = f"cannot use connection.uri: its scheme is '{parts.scheme}', expected one of {', '.join(sorted(_SCHEMES))}"
        raise InputError(msg)
    try:
        port = parts.port
    except ValueError as error:
        msg = "cannot use connection.uri: its port is not a number"
        raise InputError(msg) from error
    options = {**dict(parse_qsl(parts.query)), **{name: str(value) for name, value in properties.items()}}
    name = unquote(parts.path) if database is Database.SQLITE else unquote(parts.path.removeprefix("/"))
    user = options.pop("user", None) or (unquote(parts.username) if parts.username else None)
    password = options.pop("password", None) or (unquote(parts.password) if parts.password else None)
    tls, schema = _options(options)
    return Place(database, parts.hostname, port, name or None, user, password, tls, schema)


def of_details(place: Place, properties: Mapping[str, Any]) -> Place:
    """The same place with what its properties say."""
    tls, schema = _options({name: str(value) for name, value in properties.items()})
    return replace(place, tls=tls, schema=schema)


def _options(options: dict[str, str]) -> tuple[Tls, str | None]:
    """TLS and schema; raises InputError for an option that would silently do nothing here."""
    schema = options.pop("currentSchema", None)
    words = {name: options.pop(name).lower() for name in _TLS_NAMES if name in options}
    if options:
        known = "user, password, ssl, sslmode, useSSL, requireSSL, currentSchema"
        msg = f"cannot use the connection property '{min(options)}': this connector knows {known}"
        raise InputError(msg)
    unknown = next((name for name, word in words.items() if word not in _TLS_WORDS), None)
    if unknown is not None:
        msg = f"cannot use the connection property '{unknown}': write disable, require, verify-ca or verify-full"
        raise InputError(msg)
    return next((mode for word in words.values() if (mode := _TLS_WORDS[word]) is not Tls.NONE), Tls.NONE), schema


async def open_engine(place: Place) -> AsyncEngine:
    """A pool of connections to a place, none yet; raises InputError for a product without a driver here."""
    driver = _DRIVERS.get(place.database)
    if driver is None:
        names = ", ".join(database.value for database in _DRIVERS)
        msg = f"cannot use the database '{place.database.value}': this connector speaks {names}"
        raise InputError(msg)
    url = URL.create(driver, place.user, place.password, place.host, place.port, place.name)
    pool: dict[str, Any] = (
        {} if place.database is Database.SQLITE else {"pool_size": 10, "max_overflow": 40, "pool_recycle": 1800}
    )
    arguments = _connect_arguments(place)
    return create_async_engine(url, isolation_level="AUTOCOMMIT", pool_pre_ping=True, connect_args=arguments, **pool)


def _connect_arguments(place: Place) -> dict[str, Any]:
    context = _tls_context(place)
    match place.database:
        case Database.POSTGRESQL:
            settings = {"application_name": "connector-runtime", **({"search_path": place.schema} if place.schema else {})}
            checked = _checked(place, _MODULES["asyncpg"].connect, OSError)
            return {"async_creator_fn": checked, "timeout": CONNECT_SECONDS, "ssl": context or False, "server_settings": settings}
        case Database.SQLITE:
            return {}
        case _:
            checked = _checked(place, _MODULES["aiomysql"].connect, _MODULES["aiomysql"].OperationalError)
            return {"async_creator_fn": checked, "connect_timeout": CONNECT_SECONDS, **({"ssl": context} if context else {})}


def _checked(place: Place, connect: Callable[..., Awaitable[Any]], unreachable: type[Exception]) -> Callable[..., Awaitable[Any]]:
    """The driver's own way to connect, to an address that the egress rules allow."""

    async def connected(*arguments: Any, **named: Any) -> Any:
        if place.egress is None or place.host is None:
            return await connect(*arguments, **named)

        def to(address: str) -> Awaitable[Any]:
            return connect(*arguments, **named | {"host": address})

        return await checked_connection(place.egress, place.host, to, unreachable)

    return connected


def _tls_context(place: Place) -> ssl.SSLContext | None:
    if place.tls is Tls.NONE:
        return None
    context = HostTls.of(place.host or "localhost")
    context.check_hostname = place.tls is Tls.FULL
    context.verify_mode = ssl.CERT_NONE if place.tls is Tls.UNVERIFIED else ssl.CERT_REQUIRED
    return context
