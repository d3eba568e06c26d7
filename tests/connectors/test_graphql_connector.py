"""GraphQL over HTTP, through a job: what the server is sent, and what its answers become.

https://graphql.org/learn/serving-over-http/
"""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from connector_rest import GRAPHQL, Rest, header, rest_under_test
from document_server import DocumentServer
from recording_server import Answer
from zeebe_gateway import JobState, ZeebeGateway

QUERY = "query($id: ID!) { person(id: $id) { name } }"
ADA = {"data": {"person": {"name": "Ada"}}}
ERRORS = {"data": None, "errors": [{"message": "no such person", "path": ["person"]}]}


@pytest.fixture
async def graphql(gateway: ZeebeGateway) -> AsyncIterator[Rest]:
    async with rest_under_test(gateway, "graphql", GRAPHQL) as rest:
        rest.answers_json(ADA)
        yield rest


def asking(rest: Rest, **members: Any) -> dict[str, Any]:
    """The variables of a job as the official element template makes them."""
    given = {"url": rest.url, "method": "post", "query": QUERY, "storeResponse": False, "connectionTimeoutInSeconds": "20"}
    return {"authentication": {"type": "noAuth"}, "graphql": given | members}


async def test_a_query_and_its_variables_are_posted_as_json(graphql: Rest):
    result = await graphql.connector.result(asking(graphql, variables={"id": 7}, headers={"X-Client": "orders"}))
    assert (result["status"], result["body"]) == (200, ADA)
    (request,) = graphql.requests
    assert (graphql.lines, header(request, "X-Client")) == (["POST "], "orders")
    assert header(request, "Content-Type") == "application/json"
    assert orjson.loads(request.body) == {"query": QUERY, "variables": {"id": 7}}


async def test_a_query_may_go_into_the_address(graphql: Rest):
    await graphql.connector.result(asking(graphql, method="get", variables={"id": "a&b"}))
    (request,) = graphql.requests
    parameters = parse_qs(urlsplit(request.line.partition(" ")[2]).query)
    assert (request.body, parameters) == (b"", {"query": [QUERY], "variables": ['{"id":"a&b"}']})


async def test_without_variables_none_are_sent(graphql: Rest):
    await graphql.connector.result(asking(graphql, query="{ people { name } }"))
    assert orjson.loads(graphql.requests[0].body) == {"query": "{ people { name } }"}


async def test_a_query_with_the_escapes_of_json_is_unescaped(graphql: Rest):
    await graphql.connector.result(asking(graphql, query=r"{\n person(name: \"Ada\") { id }\n}"))
    assert orjson.loads(graphql.requests[0].body)["query"] == '{  person(name: "Ada") { id } }'


async def test_a_query_without_text_is_an_incident_that_names_it(graphql: Rest):
    job = await graphql.connector.job(asking(graphql, query=""))
    assert (job.state, job.retries, graphql.requests) == (JobState.INCIDENT, 0, [])
    assert "graphql.query" in job.error_message


async def test_credentials_go_with_the_query(graphql: Rest):
    variables = asking(graphql) | {"authentication": {"type": "bearer", "token": "t"}}
    await graphql.connector.result(variables)
    assert header(graphql.requests[0], "Authorization") == "Bearer t"


async def test_a_token_may_stand_below_the_query_as_in_older_diagrams(graphql: Rest):
    older = asking(graphql, authentication={"token": "old"}) | {"authentication": {"type": "bearer"}}
    await graphql.connector.result(older)
    await graphql.connector.result(older | {"authentication": {"type": "bearer", "token": "new"}})
    assert [header(request, "Authorization") for request in graphql.requests] == ["Bearer old", "Bearer new"]


async def test_an_answer_may_be_wanted_as_a_text(graphql: Rest):
    wanted = asking(graphql) | {"documentReturnFormat": {"choice": "TEXT", "encoding": "UTF-8"}}
    assert (await graphql.connector.result(wanted))["body"] == orjson.dumps(ADA).decode()


async def test_errors_of_graphql_are_a_result_like_any_other(graphql: Rest):
    graphql.answers_json(ERRORS)
    assert (await graphql.connector.result(asking(graphql)))["body"] == ERRORS
    expression = '=if response.body.errors != null then bpmnError("SHOP", response.body.errors[1].message) else null'
    job = await graphql.connector.job(asking(graphql), {"errorExpression": expression})
    assert (job.state, job.error_code, job.error_message) == (JobState.ERROR_THROWN, "SHOP", "no such person")


async def test_errors_of_graphql_fail_the_job_where_that_is_set(gateway: ZeebeGateway):
    async with rest_under_test(gateway, "graphql", GRAPHQL, settings={"failOnErrors": True}) as rest:
        rest.answers_json(ERRORS)
        job = await rest.connector.job(asking(rest))
        assert (job.state, job.retries, job.result["error"]["code"]) == (JobState.INCIDENT, 0, "GRAPHQL_ERRORS")
        assert job.error_message == "the server answered with errors: no such person"
        rest.answers_json(ADA)
        assert (await rest.connector.result(asking(rest)))["body"] == ADA


@pytest.mark.parametrize(
    ("answer", "retries", "code"),
    [
        (Answer(400, b'{"errors": []}'), 2, "400"),
        (Answer(503, b"", (("Retry-After", "7"),)), 2, "503"),
        (Answer(200, b'{"data": {}}', cut_after=5), 2, "408"),
        (Answer(200, b"{}", delay=3.0), 2, "408"),
    ],
)
async def test_what_the_server_does_wrong_has_a_code(graphql: Rest, answer: Answer, retries: int, code: str):
    graphql.answers_with(answer)
    job = await graphql.connector.job(asking(graphql, readTimeoutInSeconds=1))
    assert (job.retries, job.result["error"]["code"]) == (retries, code)


async def test_a_large_answer_may_go_into_the_document_store(gateway: ZeebeGateway):
    async with (
        DocumentServer().running() as store,
        rest_under_test(gateway, "graphql", GRAPHQL, documents=store.address) as rest,
    ):
        rest.answers_json(ADA)
        result = await rest.connector.result(asking(rest, storeResponse=True))
        assert result["body"] is None
        content, reference = store.documents[result["document"]["documentId"]]
        assert (orjson.loads(content), reference["metadata"]["contentType"]) == (ADA, "application/json")


async def test_a_credential_brings_its_authentication_and_its_address(graphql: Rest):
    variables = asking(graphql, url=None)
    credential = {"authentication": {"type": "bearer", "token": "t"}, "url": f"{graphql.url}/own"}
    await graphql.connector.result(variables | {"authenticationConfiguration": credential})
    assert (graphql.lines, header(graphql.requests[0], "Authorization")) == (["POST /own"], "Bearer t")
