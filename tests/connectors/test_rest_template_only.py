"""The official connectors that are only element templates run on the REST connector: each through a job."""

import json
from collections.abc import AsyncIterator

import orjson
import pytest
from connector_rest import Rest, header, rest_under_test
from recording_server import Answer
from template_only_cases import CASES, OAUTH, TemplateOnly
from zeebe_gateway import JobState, ZeebeGateway

TOKEN = Answer(200, b'{"access_token": "issued", "expires_in": 1}')


@pytest.fixture
async def rest(gateway: ZeebeGateway) -> AsyncIterator[Rest]:
    async with rest_under_test(gateway) as rest:
        yield rest


def test_all_twenty_one_are_there():
    assert len({case.name for case in CASES}) == 21


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_its_request_reaches_the_service_and_its_result_the_process(rest: Rest, case: TemplateOnly):
    fetches = case.variables["authentication"]["type"] == OAUTH
    answer = Answer(200, b"" if case.answer is None else orjson.dumps(case.answer))
    rest.answers_with(*([TOKEN] if fetches else []), answer)
    variables = json.loads(json.dumps(case.variables).replace("{base}", rest.url))
    job = await rest.connector.job(variables, {"resultVariable": "", "resultExpression": case.result_expression})
    assert (job.state, job.error_message, job.result) == (JobState.COMPLETED, "", case.result)
    assert rest.lines == [*(["POST /token"] if fetches else []), case.line]
    request = rest.requests[-1]
    assert {name: header(request, name) for name in case.headers} == case.headers
    if isinstance(case.sent, str):
        assert request.body.decode() == case.sent
    else:
        assert (orjson.loads(request.body), header(request, "Content-Type")) == (case.sent, "application/json")
