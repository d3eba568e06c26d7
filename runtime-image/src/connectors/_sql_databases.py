"""Where a database is, and the pools of connections to it, which the jobs of a pod share.

JDBC URLs: https://jdbc.postgresql.org/documentation/use/ and https://mariadb.com/docs/connectors/mariadb-connector-j
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
from connectors._sql_properties import Properties, Tls, properties_of

with extra("sql"):
    from sqlalchemy import URL
    from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

    # all of them here: an image without a driver is told so when it loads, not at its first job
    _MODULES: dict[str, Any] = {name: import_module(name) for name in ("aiomysql", "aiosqlite", "asyncpg")}


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


@dataclass(frozen=True, slots=True)
class Place:
    """A database and who wants to get in; equal places share their connections."""

    database: Database
    host: str | None = None
    port: int | None = None
    name: str | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    properties: Properties = field(default_factory=Properties)
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
    return Place(database, parts.hostname, port, name or None, user, password, _properties(database, options))


def of_details(place: Place, properties: Mapping[str, Any]) -> Place:
    """The same place with what its properties say."""
    return replace(place, properties=_properties(place.database, properties))


def _properties(database: Database, given: Mapping[str, Any]) -> Properties:
    if database is Database.SQLITE and given:
        msg = f"cannot use the connection property '{min(given)}': SQLite has none here"
        raise InputError(msg)
    texts = {name: str(value) for name, value in given.items()}
    return properties_of(texts, is_mysql=database in MYSQL_LIKE)


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
    given, context = place.properties, _tls_context(place)
    match place.database:
        case Database.POSTGRESQL:
            settings = {"application_name": given.application, **({"search_path": given.schema} if given.schema else {})}
            checked = _checked(place, _MODULES["asyncpg"].connect, OSError)
            named = {"timeout": given.connect_seconds, "ssl": context or False, "server_settings": settings}
        case Database.SQLITE:
            return {}
        case _:
            checked = _checked(place, _MODULES["aiomysql"].connect, _MODULES["aiomysql"].OperationalError)
            zone = {"init_command": f"SET time_zone = '{given.time_zone}'"} if given.time_zone else {}
            named = {"connect_timeout": given.connect_seconds, **zone, **({"ssl": context} if context else {})}
    return {"async_creator_fn": checked, **named}


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
    tls = place.properties.tls
    if tls is Tls.NONE:
        return None
    context = HostTls.of(place.host or "localhost")
    context.check_hostname = tls is Tls.FULL
    context.verify_mode = ssl.CERT_NONE if tls is Tls.UNVERIFIED else ssl.CERT_REQUIRED
    return context
