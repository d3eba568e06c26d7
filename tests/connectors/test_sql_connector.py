"""SQL against a real PostgreSQL, and SQLite: values bound, results as JSON, refusals as codes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from connector_job import ConnectorUnderTest, connector_under_test
from connector_postgres import Postgres, postgres_server
from rebound_name import ReboundName
from silent_link import SilentLink
from zeebe_gateway import JobState, ZeebeGateway

JOB_TYPE = "io.camunda:connector-jdbc:1"
HOSTILE = "x'); DROP TABLE people; --"


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    with postgres_server() as server:
        yield server


@pytest.fixture
async def sql(gateway: ZeebeGateway, tmp_path: Path, server: Postgres) -> AsyncIterator[ConnectorUnderTest]:
    (tmp_path / "SHOP_DB").write_text(server.password)
    async with connector_under_test(gateway, "sql", JOB_TYPE, secrets=tmp_path) as connector:
        yield connector


@pytest.fixture
def connection(server: Postgres) -> dict[str, Any]:
    """As the official template's fields give it."""
    return {
        "authType": "detailed", "host": "127.0.0.1", "port": str(server.port), "databaseName": "postgres",
        "username": "postgres", "password": "{{secrets.SHOP_DB}}",
    }  # fmt: skip


def query(connection: dict[str, Any], text: str, variables: Any = None, *, results: bool = False) -> dict[str, Any]:
    data = {"query": text, "variables": variables, "returnResults": results}
    return {"database": "POSTGRESQL", "connection": connection, "data": data}


@pytest.fixture
async def people(sql: ConnectorUnderTest, connection: dict[str, Any]) -> str:
    """A table of the test's own."""
    await sql.result(query(connection, "DROP TABLE IF EXISTS people"))
    create = "CREATE TABLE people (id bigint PRIMARY KEY, name text NOT NULL, born date, paid numeric(10,2), extra jsonb)"
    assert await sql.result(query(connection, create)) == {"modifiedRows": 0}
    return "people"


@pytest.mark.usefixtures("people")
async def test_rows_come_and_go_with_named_positional_and_list_parameters(sql: ConnectorUnderTest, connection: dict[str, Any]):
    insert = "INSERT INTO people (id, name, born) VALUES (:id, :name, CAST(:born AS date))"
    assert await sql.result(query(connection, insert, {"id": 1, "name": "Ada", "born": "1815-12-10"})) == {"modifiedRows": 1}
    await sql.result(query(connection, "INSERT INTO people (id, name) VALUES (?, ?), (?, ?)", [2, "Bob", 3, HOSTILE]))
    select = "SELECT id, name, born FROM people WHERE name IN (<names>) ORDER BY id"
    rows = await sql.result(query(connection, select, {"names": ["Ada", HOSTILE]}, results=True))
    assert rows == {"resultSet": [{"id": 1, "name": "Ada", "born": "1815-12-10"}, {"id": 3, "name": HOSTILE, "born": None}]}
    assert await sql.result(query(connection, "DELETE FROM people")) == {"modifiedRows": 3}


@pytest.mark.usefixtures("people")
async def test_returning_gives_rows_of_a_change(sql: ConnectorUnderTest, connection: dict[str, Any]):
    text = "INSERT INTO people (id, name, paid, extra) VALUES (7, 'x', 12.50, CAST(:extra AS jsonb)) RETURNING paid, extra"
    rows = await sql.result(query(connection, text, {"extra": {"a": [1]}}, results=True))
    assert rows["resultSet"][0]["paid"] == 12.5


@pytest.mark.parametrize(
    ("text", "variables", "value"),
    [
        ("SELECT ':name', '?', '<x>', \"a:b\" FROM (SELECT 1 AS \"a:b\") t", {}, {"?column?": "<x>", "a:b": 1}),
        ("SELECT '2026-01-02'::date AS d -- :nothing ?", None, {"d": "2026-01-02"}),
        ("SELECT /* :a <b> ? */ :n + 1 AS n", {"n": 41}, {"n": 42}),
        ("SELECT $$it's :not$$ AS t", {}, {"t": "it's :not"}),
        (r"SELECT 'a\b' AS a, '12:30' AS b, E'it\'s :not' AS c", {}, {"a": r"a\b", "b": "12:30", "c": "it's :not"}),
        ("SELECT decode('00ff', 'hex') AS b, true AS t, 1e20::numeric AS n, ARRAY[1,2] AS l", None,
         {"b": "AP8=", "t": True, "n": 10**20, "l": [1, 2]}),
    ],
)  # fmt: skip
async def test_only_parameters_are_parameters_and_results_are_json(
    sql: ConnectorUnderTest, connection: dict[str, Any], text: str, variables: Any, value: Any
):
    rows = await sql.result(query(connection, text, variables, results=True))
    assert rows["resultSet"][0] == value


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("text", "code", "retries"),
    [
        ("INSERT INTO people (id) VALUES (1)", "CONSTRAINT", 0),
        ("SELEKT 1", "STATEMENT", 0),
        ("SELECT * FROM nowhere", "STATEMENT", 0),
        ("INSERT INTO people (id, name) VALUES (1, 'a'), (1, 'b')", "CONSTRAINT", 0),
        ("SELECT 1/0", "DATA", 0),
    ],
)
async def test_a_refusal_has_a_code_and_is_tried_again_only_when_that_helps(
    sql: ConnectorUnderTest, connection: dict[str, Any], text: str, code: str, retries: int
):
    job = await sql.job(query(connection, text))
    assert (job.result["error"]["code"], job.retries) == (code, retries), job.error_message
    assert len(job.result["error"]["variables"]["sqlState"]) == 5


async def test_a_wrong_password_is_tried_again_and_told_to_nobody(sql: ConnectorUnderTest, connection: dict[str, Any]):
    job = await sql.job(query({**connection, "password": "canary-wrong"}, "SELECT 1"))
    assert (job.result["error"]["code"], job.retries) == ("LOGIN", 2)
    assert "canary" not in job.error_message


async def test_a_server_that_is_not_there_is_tried_again(
    sql: ConnectorUnderTest, connection: dict[str, Any], unused_tcp_port: int
):
    job = await sql.job(query({**connection, "port": unused_tcp_port}, "SELECT 1"))
    assert (job.result["error"]["code"], job.retries) == ("UNREACHABLE", 2), job.error_message


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"data": {"query": "SELECT :a", "variables": {"b": 1}}}, "data.variables has no 'a', it has b"),
        ({"data": {"query": "SELECT ?", "variables": {"b": 1}}}, "data.variables must be a list"),
        ({"data": {"query": "SELECT ?, ?", "variables": [1]}}, "'?' number 2: data.variables has only 1"),
        ({"data": {"query": "SELECT 1", "variables": [1]}}, "cannot bind 1 values: the query has 0 '?'"),
        ({"data": {"query": "SELECT 1 WHERE 1 IN (<l>)", "variables": {"l": []}}}, "must be a list with at least one value"),
        ({"database": "ORACLE"}, "cannot use the database 'ORACLE'"),
        ({"database": "DB2"}, "database"),
        ({"connection": {"authType": "uri", "uri": "http://x/y"}}, "its scheme is 'http'"),
        ({"connection": {"authType": "uri", "uri": "jdbc:postgresql://h:1/d?prepareThreshold=0"}}, "'prepareThreshold'"),
        ({"connection": {"authType": "uri", "uri": "jdbc:postgresql://h:1/d?sslmode=no-idea"}}, "write disable, require"),
        ({"connection": {"authType": "uri", "uri": "jdbc:postgresql://169.254.169.254/d"}}, "link-local addresses are denied"),
        ({"data": {"query": "SELECT generate_series(1, 10001)", "returnResults": True}}, "add a LIMIT"),
        ({"data": {"query": "CREATE TEMP TABLE t (a int)", "returnResults": True}}, "gives no rows"),
    ],
)
async def test_bad_input_is_named_and_never_tried_again(
    sql: ConnectorUnderTest, connection: dict[str, Any], change: dict[str, Any], message: str
):
    job = await sql.job(query(connection, "SELECT 1") | change)
    assert job.state is JobState.INCIDENT
    assert message in job.error_message


async def test_a_jdbc_uri_names_the_same_database(sql: ConnectorUnderTest, server: Postgres):
    uri = f"jdbc:postgresql://127.0.0.1:{server.port}/postgres?currentSchema=pg_catalog&ApplicationName=orders&connectTimeout=5"
    connection = {"authType": "uri", "uri": uri, "uriProperties": {"user": "postgres", "password": "{{secrets.SHOP_DB}}"}}
    asks = "SELECT current_schema() AS s, current_setting('application_name') AS a"
    rows = await sql.result(query(connection, asks, results=True))
    assert rows == {"resultSet": [{"s": "pg_catalog", "a": "orders"}]}


async def test_a_connection_that_falls_silent_costs_one_try(
    sql: ConnectorUnderTest, connection: dict[str, Any], server: Postgres, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("connectors.sql.ACQUIRE_SECONDS", 1)
    async with SilentLink(server.port).listening() as link:
        asks = query(connection | {"port": link.port}, "SELECT 1")
        await sql.result(asks)
        link.fall_silent()
        job = await sql.job(asks)
        assert (job.result["error"]["code"], job.retries) == ("UNREACHABLE", 2), job.error_message
        await sql.result(asks)


async def test_a_statement_is_waited_for_as_long_as_the_connection_says_and_a_silent_server_delays_nothing(
    sql: ConnectorUnderTest, connection: dict[str, Any], server: Postgres
):
    async with SilentLink(server.port).listening() as link:
        asks = connection | {"port": link.port, "properties": {"socketTimeout": 1}}
        waiting = asyncio.create_task(sql.job(query(asks, "SELECT pg_sleep(20)")))
        active = "SELECT count(*) AS n FROM pg_stat_activity WHERE state = 'active' AND query = 'SELECT pg_sleep(20)'"
        while not waiting.done() and (await sql.result(query(connection, active, results=True)))["resultSet"] != [{"n": 1}]:
            await asyncio.sleep(0.02)
        link.fall_silent()
        job = await waiting
        assert (job.result["error"]["code"], job.retries) == ("UNREACHABLE", 2), job.error_message
        assert "the statement did not end within 1 s" in job.error_message
        await sql.result(query(asks, "SELECT 1"))


async def test_tls_verifies_as_much_as_its_mode_says(
    sql: ConnectorUnderTest, connection: dict[str, Any], server: Postgres, monkeypatch: pytest.MonkeyPatch
):
    async def encryption(host: str, mode: str) -> str:
        asks = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        job = await sql.job(query(connection | {"host": host, "properties": {"sslmode": mode}}, asks, results=True))
        if job.state is not JobState.COMPLETED:
            return job.result["error"]["code"]
        return "encrypted" if job.result["result"]["resultSet"][0]["ssl"] else "plain"

    assert await encryption("127.0.0.1", "disable") == "plain"
    assert await encryption("127.0.0.1", "require") == "encrypted"
    assert await encryption("localhost", "verify-full") == "TLS"
    monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
    assert await encryption("127.0.0.1", "verify-full") == "TLS"
    assert await encryption("127.0.0.1", "verify-ca") == "encrypted"


async def test_the_address_that_was_checked_is_connected_to_and_tls_verifies_the_name(
    sql: ConnectorUnderTest, connection: dict[str, Any], server: Postgres, monkeypatch: pytest.MonkeyPatch, rebound: ReboundName
):
    monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
    asks = connection | {"host": rebound.host, "properties": {"sslmode": "verify-full"}}
    assert await sql.result(query(asks, "SELECT 1 AS n", results=True)) == {"resultSet": [{"n": 1}]}


async def test_a_statement_that_the_server_ends_is_tried_again(sql: ConnectorUnderTest, connection: dict[str, Any]):
    job = await sql.job(query(connection, "SELECT pg_terminate_backend(pg_backend_pid())"))
    assert (job.result["error"]["code"], job.retries) == ("UNREACHABLE", 2), job.error_message
    await sql.result(query(connection, "SELECT 1"))


async def test_jobs_share_connections(sql: ConnectorUnderTest, connection: dict[str, Any]):
    asks = query(connection, "SELECT pg_backend_pid() AS pid", results=True)
    pids = {(await sql.result(asks))["resultSet"][0]["pid"] for _ in range(5)}
    assert len(pids) == 1


async def test_sqlite_files_serve_too(gateway: ZeebeGateway, tmp_path: Path):
    connection = {"authType": "detailed", "databaseName": str(tmp_path / "shop.db")}
    async with connector_under_test(gateway, "sql", JOB_TYPE) as sql:
        for text in ("CREATE TABLE t (a integer PRIMARY KEY, b text)", "INSERT INTO t (b) VALUES ('x'), ('y')"):
            await sql.result({**query(connection, text), "database": "SQLITE"})
        rows = await sql.result(
            {**query(connection, "SELECT * FROM t WHERE a > :a", {"a": 1}, results=True), "database": "SQLITE"}
        )
        assert rows == {"resultSet": [{"a": 2, "b": "y"}]}
        job = await sql.job({**query(connection, "SELECT * FROM missing"), "database": "SQLITE"})
        assert (job.result["error"]["code"], job.retries) == ("STATEMENT", 0)


async def test_a_pod_that_stops_closes_its_connections(
    gateway: ZeebeGateway, tmp_path: Path, server: Postgres, connection: dict[str, Any]
):
    watching = await asyncpg.connect(host="127.0.0.1", port=server.port, user="postgres", password=server.password)
    count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'connector-runtime'"
    (tmp_path / "SHOP_DB").write_text(server.password)
    async with connector_under_test(gateway, "sql", JOB_TYPE, secrets=tmp_path) as sql:
        await sql.result(query(connection, "SELECT 1"))
        assert await watching.fetchval(count) == 1
    async with asyncio.timeout(10):
        while await watching.fetchval(count):
            await asyncio.sleep(0.05)
    await watching.close()
