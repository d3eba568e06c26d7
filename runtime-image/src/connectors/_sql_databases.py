"""Where a database is, and the pools of connections to it, which the jobs of a pod share.

What a JDBC URL says is understood as far as it has a counterpart here: https://jdbc.postgresql.org/documentation/use/ and
https://mariadb.com/docs/connectors/mariadb-connector-j
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from connector_sdk import InputError
from connectors._extras import extra

with extra("sql"):
    from sqlalchemy import URL
    from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

    for _driver in ("aiomysql", "aiosqlite", "asyncpg"):
        import_module(_driver)  # an image without a driver is told so when it loads, not at its first job

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
_SCHEMES = {"postgresql", "postgres", "mysql", "mariadb", "sqlite"}
_TRUE = {"true", "1", "yes", "require", "required", "verify-ca", "verify-full", "trust"}


@dataclass(frozen=True, slots=True)
class Place:
    """A database and who wants to get in; equal places share their connections."""

    database: Database
    host: str | None = None
    port: int | None = None
    name: str | None = None
    user: str | None = None
    password: str | None = None
    tls: str | None = None
    schema: str | None = None


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
    return Place(database, parts.hostname, port, name or None, user, password, *_options(options))


def of_details(place: Place, properties: Mapping[str, Any]) -> Place:
    """The same place with what its properties say."""
    tls, schema = _options({name: str(value) for name, value in properties.items()})
    return Place(place.database, place.host, place.port, place.name, place.user, place.password, tls, schema)


def _options(options: dict[str, str]) -> tuple[str | None, str | None]:
    """TLS mode and schema; raises InputError for an option that would silently do nothing here."""
    schema = options.pop("currentSchema", None)
    modes = [options.pop(name, "").lower() for name in ("sslmode", "sslMode", "requireSSL", "useSSL", "ssl")]
    if options:
        known = "user, password, ssl, sslmode, useSSL, requireSSL, currentSchema"
        msg = f"cannot use the connection property '{sorted(options)[0]}': this connector knows {known}"
        raise InputError(msg)
    mode = next((mode for mode in modes if mode in _TRUE), None)
    return ("verify-full" if mode in ("verify-ca", "verify-full") else "require" if mode else None), schema


async def open_engine(place: Place) -> AsyncEngine:
    """A pool of connections to a place; nothing is connected yet. Raises InputError for a product without a driver here."""
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
    match place.database:
        case Database.POSTGRESQL:
            settings = {"application_name": "connector-runtime", **({"search_path": place.schema} if place.schema else {})}
            return {"timeout": CONNECT_SECONDS, "ssl": place.tls or False, "server_settings": settings}
        case Database.SQLITE:
            return {}
        case _:
            return {"connect_timeout": CONNECT_SECONDS, **({"ssl": _tls_context(place)} if place.tls else {})}


def _tls_context(place: Place) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if place.tls != "verify-full":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # what `useSSL=true` means: encrypted, to whoever answers
    return context
