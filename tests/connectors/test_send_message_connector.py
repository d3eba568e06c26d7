"""Messages through Camunda's REST API: published once for all tries of a job, correlated to who waits, refusals as codes."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from connector_faults import silent_server
from connector_job import ConnectorUnderTest, connector_under_test
from message_server import MessageServer
from zeebe_gateway import JobState, ZeebeGateway

JOB_TYPE = "io.camunda:sendMessage:1"


@pytest.fixture
async def zeebe() -> AsyncIterator[MessageServer]:
    async with MessageServer().running() as server:
        yield server


@pytest.fixture
async def messages(gateway: ZeebeGateway, zeebe: MessageServer) -> AsyncIterator[ConnectorUnderTest]:
    async with connector_under_test(gateway, "send-message", JOB_TYPE, rest=zeebe.address) as connector:
        yield connector


def publish(name: str = "paid", **how: Any) -> dict[str, Any]:
    return {"messageName": name, "correlationKey": 4711, "variables": {"a": [1]}, "correlationType": {"type": "publish", **how}}


CORRELATE = {"messageName": "paid", "correlationKey": "4711", "correlationType": {"type": "correlate"}}


async def test_a_message_is_published_with_everything_that_the_input_says(messages: ConnectorUnderTest, zeebe: MessageServer):
    result = await messages.result(publish(timeToLive=60_000, messageId="m-1") | {"tenantId": "shop"})
    assert result == {"messageKey": 1, "tenantId": "shop", "processInstanceKey": None}
    expected = {"name": "paid", "correlationKey": "4711", "variables": {"a": [1]}, "timeToLive": 60_000}
    assert zeebe.sent == [("publication", {**expected, "messageId": "m-1", "tenantId": "shop"})]


@pytest.mark.parametrize(("given", "milliseconds"), [(None, 0), ("PT1H", 3_600_000), ("5000", 5000)])
async def test_a_time_to_live_is_milliseconds_or_a_duration(
    messages: ConnectorUnderTest, zeebe: MessageServer, given: Any, milliseconds: int
):
    await messages.result(publish(timeToLive=given))
    assert zeebe.sent[0][1]["timeToLive"] == milliseconds


async def test_without_an_id_all_tries_of_a_job_are_one_message(messages: ConnectorUnderTest, zeebe: MessageServer):
    await messages.result(publish(timeToLive=60_000))
    (key,) = messages.gateway.jobs
    assert zeebe.sent[0][1]["messageId"] == f"zeebe-job-{key}"
    following = f"zeebe-job-{key + 1}"
    zeebe.sent.append(("publication", {"messageId": following, "timeToLive": 60_000}))  # the answer to it was lost
    result = await messages.result(publish(timeToLive=60_000))
    assert result == {"messageKey": None, "tenantId": None, "processInstanceKey": None}
    assert len(zeebe.sent) == 2


async def test_an_id_of_the_input_that_is_buffered_already_is_a_refusal(messages: ConnectorUnderTest, zeebe: MessageServer):
    for _ in range(2):
        job = await messages.job(publish(timeToLive=60_000, messageId="m-1"))
    assert (job.result["error"]["code"], job.state, len(zeebe.sent)) == ("ALREADY_EXISTS", JobState.INCIDENT, 1)


async def test_who_waits_gets_a_correlated_message_and_is_named(messages: ConnectorUnderTest, zeebe: MessageServer):
    zeebe.waiting["paid", "4711"] = 2251799813685255
    result = await messages.result(CORRELATE)
    assert result == {"messageKey": 1, "tenantId": "<default>", "processInstanceKey": 2251799813685255}
    assert zeebe.sent == [("correlation", {"name": "paid", "correlationKey": "4711", "variables": {}})]


async def test_nobody_waiting_is_an_incident_that_an_error_expression_can_catch(messages: ConnectorUnderTest):
    job = await messages.job(CORRELATE)
    assert (job.result["error"]["code"], job.state, "404" in job.error_message) == ("NOT_FOUND", JobState.INCIDENT, True)
    caught = {"errorExpression": '=if error.code = "NOT_FOUND" then bpmnError("NOBODY", error.message) else null'}
    assert (await messages.job(CORRELATE, caught)).error_code == "NOBODY"


@pytest.mark.parametrize(
    ("status", "retries", "code"),
    [(400, 0, "REFUSED"), (401, 2, "LOGIN"), (403, 2, "LOGIN"), (429, 2, "UNAVAILABLE"), (503, 2, "UNAVAILABLE")],
)
async def test_a_refusal_has_a_code_and_is_tried_again_only_when_that_helps(
    messages: ConnectorUnderTest, zeebe: MessageServer, status: int, retries: int, code: str
):
    zeebe.refusal = status
    job = await messages.job(publish())
    assert (job.result["error"]["code"], job.retries) == (code, retries), job.error_message
    assert f"Zeebe refused message 'paid': {status} told to" in job.error_message


@pytest.mark.parametrize("answer", [[], {}, {"messageKey": "x"}])
async def test_an_answer_that_is_not_zeebes_is_tried_again(messages: ConnectorUnderTest, zeebe: MessageServer, answer: Any):
    zeebe.answer = answer
    job = await messages.job(publish())
    assert (job.result["error"]["code"], job.retries) == ("UNEXPECTED_ANSWER", 2)


async def test_nobody_at_the_address_is_tried_again_and_no_address_is_an_incident(gateway: ZeebeGateway, unused_tcp_port: int):
    address = f"http://127.0.0.1:{unused_tcp_port}"
    async with connector_under_test(gateway, "send-message", "nobody-there", rest=address) as connector:
        job = await connector.job(publish())
    assert (job.result["error"]["code"], job.retries) == ("NO_ANSWER", 2), job.error_message
    async with connector_under_test(gateway, "send-message", "no-address") as connector:
        job = await connector.job(publish())
    assert (job.state, "set spec.camunda.restAddress" in job.error_message) == (JobState.INCIDENT, True), job.error_message


async def test_a_zeebe_that_says_nothing_is_waited_for_as_long_as_the_input_says(gateway: ZeebeGateway):
    async with (
        silent_server() as port,
        connector_under_test(gateway, "send-message", "silent", rest=f"http://127.0.0.1:{port}") as connector,
    ):
        for given in (publish(), CORRELATE):
            job = await connector.job(given | {"requestTimeout": 100})
            assert (job.result["error"]["code"], job.retries) == ("NO_ANSWER", 2), job.error_message


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (publish(""), "messageName"),
        (publish(timeToLive="soon"), "correlationType"),
        (publish() | {"variables": [1]}, "variables"),
        (publish() | {"correlationType": {"type": "shout"}}, "correlationType"),
    ],
)
async def test_bad_input_is_named_and_nothing_is_sent(
    messages: ConnectorUnderTest, zeebe: MessageServer, given: Any, message: str
):
    job = await messages.job(given)
    assert (job.state, message in job.error_message, zeebe.sent) == (JobState.INCIDENT, True, []), job.error_message
