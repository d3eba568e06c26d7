"""SQL databases: `io.camunda:connector-jdbc:1`, with the inputs and results of Camunda's SQL connector.

https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/sql/
"""

import asyncio
import base64
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, SecretStr

from connector_sdk import Context, InputError, SharedClients, TemplateHint, connector
from connectors._egress import egress_of
from connectors._extras import extra
from connectors._spelling import CAMEL_TEXTS
from connectors._sql_databases import MYSQL_LIKE, Database, Place, from_uri, of_details, open_engine
from connectors._sql_errors import as_connector_error
from connectors._sql_statement import statement

with extra("sql"):
    from sqlalchemy import CursorResult, TextClause
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

MOST_ROWS, ACQUIRE_SECONDS = 10_000, 30
_CONNECTION = TemplateHint(group="connection")
_PROPERTIES = TemplateHint(group="connection", type="Text", feel="required")
_QUERY = TemplateHint(group="query", type="Text", feel="optional")
_VARIABLES = TemplateHint(group="query", type="Text", feel="required")


class UriConnection(BaseModel):
    """A database named by a connection string."""

    model_config = CAMEL_TEXTS

    auth_type: Literal["uri"] = "uri"
    uri: Annotated[SecretStr, _CONNECTION] = Field(
        title="URI", description="May hold user and password", examples=["jdbc:postgresql://db.example.com:5432/shop"]
    )
    uri_properties: Annotated[dict[str, Any] | None, _PROPERTIES] = Field(
        default=None, title="Properties", examples=['={user: "shop", password: "{{secrets.SHOP_DB}}"}']
    )


class DetailedConnection(BaseModel):
    """A database named part by part."""

    model_config = CAMEL_TEXTS

    auth_type: Literal["detailed"] = "detailed"
    host: Annotated[str | None, _CONNECTION] = Field(default=None, examples=["db.example.com"])
    port: Annotated[int | None, _CONNECTION] = Field(
        default=None, ge=1, le=65535, description="Usually 5432 for PostgreSQL, 3306 for MariaDB and MySQL"
    )
    username: Annotated[str | None, _CONNECTION] = Field(default=None, examples=["shop"])
    password: Annotated[SecretStr | None, _CONNECTION] = Field(default=None, examples=["{{secrets.SHOP_DB}}"])
    database_name: Annotated[str | None, _CONNECTION] = Field(default=None, examples=["shop"])
    properties: Annotated[dict[str, Any] | None, _PROPERTIES] = Field(default=None, examples=['={sslmode: "require"}'])


class Query(BaseModel):
    """What to run."""

    model_config = CAMEL_TEXTS

    return_results: Annotated[bool, TemplateHint(group="query")] = Field(
        default=False, description="Give the rows of a SELECT or RETURNING, not the number of changed rows"
    )
    query: Annotated[str, _QUERY] = Field(
        title="SQL query",
        min_length=1,
        description="With :name, ? or <list> parameters; never put values together into it",
        examples=["SELECT * FROM orders WHERE id = :id"],
    )
    variables: Annotated[dict[str, Any] | list[Any] | None, _VARIABLES] = Field(
        default=None, description="A context for :name and <list>, a list for ?", examples=["={id: orderId}"]
    )


class SqlRequest(BaseModel):
    """The input of one call."""

    database: Annotated[Database, TemplateHint(group="database")] = Database.POSTGRESQL
    connection: UriConnection | DetailedConnection = Field(discriminator="auth_type")
    data: Query


class Modified(BaseModel):
    """What the process gets of a statement that changes."""

    model_config = CAMEL_TEXTS

    modified_rows: int


class Rows(BaseModel):
    """What the process gets of a statement that gives rows."""

    model_config = CAMEL_TEXTS

    result_set: list[dict[str, Any]]


class SqlSettings(BaseModel):
    """Of the Connector."""

    model_config = CAMEL_TEXTS

    statement_seconds: float = Field(
        default=3600, gt=0, le=86_400, description="For a statement to end; `socketTimeout` of a connection may ask for less"
    )


_engines = SharedClients(open_engine, AsyncEngine.dispose)


@connector(
    id="io.camunda:connector-jdbc:1",
    name="SQL database",
    version=2,
    description="Run a SQL statement on PostgreSQL, MariaDB, MySQL or SQLite",
    documentation="https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/sql/",
    settings=SqlSettings,
    on_close=_engines.close,
)
async def sql(request: SqlRequest, context: Context) -> Modified | Rows:
    """Run one statement in a transaction of its own; values are bound, never part of the text."""
    query = statement(request.data.query, request.data.variables, is_mysql=request.database in MYSQL_LIKE)
    place = replace(_place(request), egress=egress_of(context))
    patience = min(context.settings.statement_seconds, place.properties.answer_seconds)
    try:
        async with _engines.use(place) as engine, _connected(engine) as connection:
            result = await _executed(connection, query, patience)
            return _rows(result) if request.data.return_results else Modified(modified_rows=max(0, result.rowcount))
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise as_connector_error(error) from None


@asynccontextmanager
async def _connected(engine: AsyncEngine) -> AsyncGenerator[AsyncConnection]:
    """A connection of the pool, waited for and opened in good time: not every driver minds a server that says nothing."""
    connection = engine.connect()
    async with asyncio.timeout(ACQUIRE_SECONDS):
        await connection.start()
    try:
        yield connection
    finally:
        await connection.close()


async def _executed(connection: AsyncConnection, query: TextClause, seconds: float) -> "CursorResult[Any]":
    """A server that has gone is noticed by its silence alone; on its connection nothing more is waited for."""
    try:
        async with asyncio.timeout(seconds):
            return await connection.execute(query)
    except TimeoutError:
        await connection.invalidate()
        msg = f"the statement did not end within {seconds:g} s"
        raise TimeoutError(msg) from None


def _place(request: SqlRequest) -> Place:
    connection = request.connection
    if isinstance(connection, UriConnection):
        return from_uri(request.database, connection.uri.get_secret_value(), connection.uri_properties or {})
    password = connection.password.get_secret_value() if connection.password else None
    place = Place(request.database, connection.host, connection.port, connection.database_name, connection.username, password)
    return of_details(place, connection.properties or {})


def _rows(result: "CursorResult[Any]") -> Rows:
    if not result.returns_rows:
        msg = "cannot return results: this statement gives no rows, switch data.returnResults off"
        raise InputError(msg)
    rows = result.mappings().fetchmany(MOST_ROWS + 1)
    if len(rows) > MOST_ROWS:
        msg = f"cannot return more than {MOST_ROWS} rows: add a LIMIT to the query"
        raise InputError(msg)
    return Rows(result_set=[{str(name): _json(value) for name, value in row.items()} for row in rows])


def _json(value: Any) -> Any:
    """A column's value as JSON: exact numbers stay numbers, times become ISO 8601 texts, bytes Base64."""
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() and value.is_finite() else float(value)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta() | UUID():
            return str(value)
        case bytes() | bytearray():
            return base64.b64encode(value).decode()
        case list() | tuple() | set() | frozenset():
            return [_json(item) for item in value]  # pyright: ignore[reportUnknownVariableType] - a driver's own
        case _:
            return value
