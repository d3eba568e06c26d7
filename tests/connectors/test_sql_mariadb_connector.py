"""SQL against a real MariaDB, which stands for MySQL too: values bound, results as JSON, refusals as codes, TLS."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from connector_faults import silent_server
from connector_job import ConnectorUnderTest, connector_under_test
from connector_mariadb import MariaDb
from connector_server import clients_of
from rebound_name import ReboundName
from silent_link import SilentLink
from zeebe_gateway import JobState, ZeebeGateway

JOB_TYPE = "io.camunda:connector-jdbc:1"
HOSTILE = "x\\'); DROP TABLE people; -- %s %(a)s"


@pytest.fixture
def server(mariadb_process: MariaDb) -> MariaDb:
    return mariadb_process


@pytest.fixture
def secrets(tmp_path: Path, server: MariaDb) -> Path:
    (tmp_path / "SHOP_DB").write_text(server.password)
    return tmp_path


@pytest.fixture
async def sql(gateway: ZeebeGateway, secrets: Path) -> AsyncIterator[ConnectorUnderTest]:
    async with connector_under_test(gateway, "sql", JOB_TYPE, secrets=secrets) as connector:
        yield connector


class Querying:
    """The inputs of one query, as the official template's fields give them."""

    def __init__(self, server: MariaDb) -> None:
        self.connection: dict[str, Any] = {
            "authType": "detailed", "host": "127.0.0.1", "port": str(server.port), "databaseName": "shop",
            "username": server.user, "password": "{{secrets.SHOP_DB}}",
        }  # fmt: skip

    def __call__(self, text: str, variables: Any = None, *, results: bool = False, **connection: Any) -> dict[str, Any]:
        data = {"query": text, "variables": variables, "returnResults": results}
        return {"database": "MARIADB", "connection": self.connection | connection, "data": data}


@pytest.fixture
def query(server: MariaDb) -> Querying:
    return Querying(server)


@pytest.fixture
async def people(sql: ConnectorUnderTest, query: Querying) -> str:
    """A table of the test's own."""
    await sql.result(query("DROP TABLE IF EXISTS people"))
    create = "CREATE TABLE people (id bigint PRIMARY KEY, name varchar(100) NOT NULL, born date, paid decimal(10,2), extra json)"
    assert await sql.result(query(create)) == {"modifiedRows": 0}
    return "people"


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("database", ["MARIADB", "MYSQL"])
async def test_rows_come_and_go_with_named_positional_and_list_parameters(
    sql: ConnectorUnderTest, query: Querying, database: str
):
    async def run(*arguments: Any, **options: Any) -> Any:
        return await sql.result(query(*arguments, **options) | {"database": database})

    insert = "INSERT INTO people (id, name, born, extra) VALUES (:id, :name, :born, :extra)"
    ada = {"id": 1, "name": "Ada", "born": "1815-12-10", "extra": {"a": [1]}}
    assert await run(insert, ada) == {"modifiedRows": 1}
    assert await run("INSERT INTO people (id, name, paid) VALUES (?, ?, 12.50), (?, ?, 3)", [2, "Bob", 3, HOSTILE]) == {
        "modifiedRows": 2
    }
    rows = await run(
        "SELECT id, name, born FROM people WHERE name IN (<names>) ORDER BY id", {"names": ["Ada", HOSTILE]}, results=True
    )
    assert rows == {"resultSet": [{"id": 1, "name": "Ada", "born": "1815-12-10"}, {"id": 3, "name": HOSTILE, "born": None}]}
    assert await run("SELECT paid FROM people WHERE id = 2", results=True) == {"resultSet": [{"paid": 12.5}]}
    assert await run("DELETE FROM people") == {"modifiedRows": 3}


@pytest.mark.parametrize(
    ("text", "variables", "row"),
    [
        (r"SELECT 'it\'s :not ?' AS a, \"x:y\" AS b", {}, {"a": "it's :not ?", "b": "x:y"}),
        ("SELECT ':name', '%s %% 100%' AS p FROM (SELECT 1) AS t # :comment ?", None, {":name": ":name", "p": "%s %% 100%"}),
        ("SELECT /* :a <b> ? */ :n + 1 AS n -- ?", {"n": 41}, {"n": 42}),
        ("SELECT x'00ff' AS b, true AS t, CAST(1e20 AS decimal(30)) AS n", None, {"b": "AP8=", "t": 1, "n": 10**20}),
        ("SELECT TIMESTAMP '2026-01-02 03:04:05' AS t", None, {"t": "2026-01-02T03:04:05"}),
    ],
)
async def test_only_parameters_are_parameters_and_results_are_json(
    sql: ConnectorUnderTest, query: Querying, text: str, variables: Any, row: Any
):
    rows = await sql.result(query(text.replace('\\"', '"'), variables, results=True))
    assert rows == {"resultSet": [row]}


@pytest.mark.usefixtures("people")
async def test_a_task_made_with_camundas_element_template_runs(sql: ConnectorUnderTest, server: MariaDb, query: Querying):
    """Inputs and headers as published diagrams have them."""
    await sql.result(query("INSERT INTO people (id, name) VALUES (1, 'Ada')"))
    variables = {
        "database": "MYSQL",
        "connection": {
            "authType": "uri", "uri": f"jdbc:mysql://127.0.0.1:{server.port}/shop",
            "uriProperties": {
                "user": server.user, "password": "{{secrets.SHOP_DB}}",
                "useSSL": False, "allowPublicKeyRetrieval": True, "serverTimezone": "UTC",
            },
        },
        "data": {"returnResults": True, "query": "SELECT name FROM people WHERE id = ? LIMIT 1", "variables": [1]},
    }  # fmt: skip
    found = "={person: if (count(resultSet) > 0) then resultSet[1] else null}"
    headers = {"elementTemplateId": "io.camunda.connectors.Jdbc.v1", "elementTemplateVersion": "3", "resultExpression": found}
    job = await sql.job(variables, headers | {"resultVariable": ""})
    assert (job.state, job.result) == (JobState.COMPLETED, {"person": {"name": "Ada"}}), job.error_message


async def test_the_session_has_the_time_zone_of_the_connections_properties(sql: ConnectorUnderTest, query: Querying):
    asks = query("SELECT @@session.time_zone AS zone", results=True, properties={"serverTimezone": "+02:00"})
    assert await sql.result(asks) == {"resultSet": [{"zone": "+02:00"}]}
    job = await sql.job(query("SELECT 1", properties={"serverTimezone": "Atlantis"}))
    assert (job.state, job.result["error"]["code"]) == (JobState.INCIDENT, "STATEMENT"), job.error_message


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("text", "code", "retries"),
    [
        ("INSERT INTO people (id) VALUES (1)", "CONSTRAINT", 0),
        ("INSERT INTO people (id, name) VALUES (1, 'a'), (1, 'b')", "CONSTRAINT", 0),
        ("INSERT INTO people (id, name) VALUES ('x', 'a')", "DATA", 0),
        ("SELEKT 1", "STATEMENT", 0),
        ("SELECT * FROM nowhere", "STATEMENT", 0),
        ("SELECT nothing FROM people", "STATEMENT", 0),
        ("CREATE DATABASE other", "STATEMENT", 0),
        ("KILL CONNECTION_ID()", "UNREACHABLE", 2),
    ],
)
async def test_a_refusal_has_a_code_and_is_tried_again_only_when_that_helps(
    sql: ConnectorUnderTest, query: Querying, text: str, code: str, retries: int
):
    job = await sql.job(query(text))
    assert (job.result["error"]["code"], job.retries) == (code, retries), job.error_message
    await sql.result(query("SELECT 1"))


async def test_a_value_larger_than_the_server_takes_costs_the_connection_and_no_more(sql: ConnectorUnderTest, query: Querying):
    job = await sql.job(query("SELECT length(:a)", {"a": "x" * 1_200_000}))
    assert (job.result["error"]["code"], job.retries) == ("UNREACHABLE", 2), job.error_message  # the server only hangs up
    await sql.result(query("SELECT 1"))


async def test_a_wrong_password_is_tried_again_and_told_to_nobody(sql: ConnectorUnderTest, query: Querying):
    job = await sql.job(query("SELECT 1", password="canary-wrong"))
    assert (job.result["error"]["code"], job.retries) == ("LOGIN", 2), job.error_message
    assert "canary" not in job.error_message


async def test_a_server_that_is_not_there_is_tried_again(sql: ConnectorUnderTest, query: Querying, unused_tcp_port: int):
    job = await sql.job(query("SELECT 1", port=unused_tcp_port))
    assert (job.result["error"]["code"], job.retries) == ("UNREACHABLE", 2), job.error_message


@pytest.mark.parametrize("database", ["MARIADB", "POSTGRESQL"])
@pytest.mark.parametrize("says", [{}, {"says": b"\x4a\x00\x00\x00\x0a5.5", "hangs_up": True}])
async def test_a_server_that_says_nothing_or_half_of_it_is_given_up_after_a_while(
    sql: ConnectorUnderTest, query: Querying, monkeypatch: pytest.MonkeyPatch, database: str, says: dict[str, Any]
):
    monkeypatch.setattr("connectors.sql.ACQUIRE_SECONDS", 1)
    async with silent_server(**says) as port:
        job = await sql.job(query("SELECT 1", port=port) | {"database": database})
    assert (job.result["error"]["code"], job.retries) == ("UNREACHABLE", 2), job.error_message


async def test_a_connection_that_falls_silent_costs_one_try(
    sql: ConnectorUnderTest, query: Querying, server: MariaDb, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("connectors.sql.ACQUIRE_SECONDS", 1)
    async with SilentLink(server.port).listening() as link:
        await sql.result(query("SELECT 1", port=link.port))
        link.fall_silent()
        job = await sql.job(query("SELECT 1", port=link.port))
        assert (job.result["error"]["code"], job.retries) == ("UNREACHABLE", 2), job.error_message
        await sql.result(query("SELECT 1", port=link.port))


async def test_a_statement_is_waited_for_as_long_as_the_connection_says(sql: ConnectorUnderTest, query: Querying):
    job = await sql.job(query("SELECT SLEEP(20)", results=True, properties={"socketTimeout": 500}))
    assert (job.result["error"]["code"], job.retries) == ("UNREACHABLE", 2), job.error_message
    assert "the statement did not end within 0.5 s" in job.error_message
    await sql.result(query("SELECT 1", properties={"socketTimeout": 500}))


async def test_tls_verifies_as_much_as_its_mode_says(
    sql: ConnectorUnderTest, query: Querying, server: MariaDb, monkeypatch: pytest.MonkeyPatch
):
    async def cipher(host: str, mode: str) -> str:
        asks = query("SHOW STATUS LIKE 'Ssl_cipher'", results=True, host=host, properties={"sslmode": mode})
        job = await sql.job(asks)
        if job.state is not JobState.COMPLETED:
            return job.result["error"]["code"]
        return "encrypted" if job.result["result"]["resultSet"][0]["Value"] else "plain"

    assert await cipher("127.0.0.1", "disable") == "plain"
    assert await cipher("127.0.0.1", "require") == "encrypted"
    assert await cipher("localhost", "verify-full") == "TLS"
    monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
    assert await cipher("127.0.0.1", "verify-full") == "TLS"
    assert await cipher("127.0.0.1", "verify-ca") == "encrypted"


async def test_the_address_that_was_checked_is_connected_to_and_tls_verifies_the_name(
    sql: ConnectorUnderTest, query: Querying, server: MariaDb, monkeypatch: pytest.MonkeyPatch, rebound: ReboundName
):
    monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
    asks = query("SELECT 1 AS n", results=True, host=rebound.host, properties={"sslmode": "verify-full"})
    assert await sql.result(asks) == {"resultSet": [{"n": 1}]}


async def test_a_host_that_the_egress_rules_deny_is_not_connected_to(sql: ConnectorUnderTest, query: Querying):
    job = await sql.job(query("SELECT 1", host="169.254.169.254"))
    assert job.state is JobState.INCIDENT
    assert "link-local addresses are denied" in job.error_message


async def test_jobs_share_connections_which_a_pod_that_stops_closes(
    gateway: ZeebeGateway, secrets: Path, query: Querying, server: MariaDb
):
    async with connector_under_test(gateway, "sql", JOB_TYPE, secrets=secrets) as connector:
        asks = query("SELECT CONNECTION_ID() AS id", results=True)
        ids = {(await connector.result(asks))["resultSet"][0]["id"] for _ in range(5)}
        assert len(ids) == 1
    assert clients_of(server.port) == set()
