"""SQS, SNS, Lambda and EventBridge against moto's server, and AWS's refusals in a job."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from connector_job import ConnectorUnderTest, connector_under_test
from connector_moto import ACCESS_KEY, AUTHENTICATION, REGION, SECRET_KEY, Moto, access
from connector_services import Service, service_under_test
from recording_server import Answer, RecordingServer
from zeebe_gateway import JobState, ZeebeGateway

from connectors._aws_clients import aws_session

Served = Callable[[str], AbstractAsyncContextManager[ConnectorUnderTest]]
ATTRIBUTES = {"shop": {"StringValue": "berlin", "DataType": "String"}, "pieces": {"StringValue": 3, "DataType": "Number"}}


@pytest.fixture
def served(gateway: ZeebeGateway, moto: Moto, aws_keys: Path) -> Served:
    """Serves one of AWS's connectors, whose setting `endpoint` is moto."""
    return lambda name: connector_under_test(
        gateway, f"aws-{name}", f"io.camunda:aws-{name}:1", settings={"endpoint": moto.address}, secrets=aws_keys
    )


def queue(url: str, body: Any, **more: Any) -> dict[str, Any]:
    return {**access(), "queue": {"url": url, "messageBody": body, **more}}


def received(moto: Moto, url: str) -> list[dict[str, Any]]:
    names = ["All"]
    return moto.client("sqs").receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=names, AttributeNames=names
    ).get("Messages", [])  # fmt: skip


@pytest.mark.parametrize(("body", "text"), [({"data": "ok"}, '{"data":"ok"}'), ("plain", "plain"), ([1, None], "[1,null]")])
async def test_sqs_gets_a_text_as_it_is_and_anything_else_as_json(served: Served, moto: Moto, body: Any, text: str):
    url = moto.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
    async with served("sqs") as sqs:
        result = await sqs.result(queue(url, body, messageAttributes=ATTRIBUTES))
    (message,) = received(moto, url)
    assert (result, message["Body"]) == ({"messageId": message["MessageId"]}, text)
    assert message["MessageAttributes"]["pieces"] == {"StringValue": "3", "DataType": "Number"}


async def test_a_fifo_queue_takes_the_second_try_of_a_job_for_the_same_message(served: Served, moto: Moto):
    url = moto.client("sqs").create_queue(QueueName="orders.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    async with served("sqs") as sqs:
        await sqs.result(queue(url, "one", type="fifo", messageGroupId="g"))
        await sqs.result(queue(url, "two", type="fifo", messageGroupId="g", messageDeduplicationId="mine"))
        assert await sqs.result(queue(url, "two", type="fifo", messageGroupId="g", messageDeduplicationId="mine"))
        keys = [str(key) for key in sqs.gateway.jobs]
    messages = received(moto, url)
    assert [message["Body"] for message in messages] == ["one", "two"]
    assert [message["Attributes"]["MessageDeduplicationId"] for message in messages] == [f"zeebe-job-{keys[0]}", "mine"]


async def test_a_queue_that_is_not_at_aws_is_sent_to_where_it_is(gateway: ZeebeGateway, moto: Moto, aws_keys: Path):
    url = moto.client("sqs").create_queue(QueueName="orders")["QueueUrl"]
    old = {"authentication": {**AUTHENTICATION}, "queue": {"url": url, "messageBody": "x", "region": REGION}}
    del old["authentication"]["type"]
    async with connector_under_test(gateway, "aws-sqs", "io.camunda:aws-sqs:1", secrets=aws_keys) as sqs:
        await sqs.result(old)
    assert [message["Body"] for message in received(moto, url)] == ["x"]


async def test_sns_hands_a_message_to_its_subscribers(served: Served, moto: Moto):
    sns, url = moto.client("sns"), moto.client("sqs").create_queue(QueueName="subscriber")["QueueUrl"]
    topic = sns.create_topic(Name="orders")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{REGION}:123456789012:subscriber")
    message = {"topicArn": topic, "subject": "sent", "message": {"id": 1}, "messageAttributes": ATTRIBUTES}
    async with served("sns") as connector:
        result = await connector.result({**access(), "topic": message})
    body = json.loads(received(moto, url)[0]["Body"])
    assert (body["Subject"], body["Message"], body["MessageId"]) == ("sent", '{"id":1}', result["messageId"])
    assert body["MessageAttributes"]["shop"] == {"Type": "String", "Value": "berlin"}


async def test_a_fifo_topic_gets_a_deduplication_id_of_the_job(served: Served, moto: Moto):
    fifo = {"FifoTopic": "true"}
    topic = moto.client("sns").create_topic(Name="orders.fifo", Attributes=fifo)["TopicArn"]
    async with served("sns") as sns:
        given = {"topicArn": topic, "type": "fifo", "message": "x", "messageGroupId": "g"}
        assert (await sns.result({**access(), "topic": given}))["messageId"]
        job = await sns.job({**access(), "topic": {**given, "messageGroupId": None}})
    assert (job.state, "set topic.messageGroupId" in job.error_message) == (JobState.INCIDENT, True)


async def test_a_topic_of_an_older_diagram_has_its_region_itself(served: Served, moto: Moto):
    keys = {name: key for name, key in AUTHENTICATION.items() if name != "type"}
    topic = {"topicArn": moto.client("sns").create_topic(Name="orders")["TopicArn"], "region": REGION, "message": "x"}
    async with served("sns") as sns:
        assert (await sns.result({"authentication": keys, "topic": topic}))["messageId"]


async def test_lambda_gives_what_the_function_returned(served: Served, moto: Moto):
    moto.run_functions_as('{"checked": true}')
    moto.make_function("check")
    async with served("lambda") as connector:
        given = {**access(), "awsFunction": {"functionName": "check", "operationType": "sync", "payload": {"id": 1}}}
        result = await connector.result(given)
        assert (result["statusCode"], result["payload"]) == (200, {"checked": True})


async def test_a_function_that_fails_completes_the_job_with_its_error_and_half_a_result_does_not(
    gateway: ZeebeGateway, aws_keys: Path
):
    failed = b'{"errorMessage":"no","errorType":"KeyError"}'
    headers = (("X-Amz-Executed-Version", "7"), ("X-Amz-Function-Error", "Unhandled"))
    given = {**access(), "awsFunction": {"functionName": "check"}}
    async with service_under_test(gateway, "aws-lambda", "lambda-broken", secrets=aws_keys, address="endpoint") as service:
        service.answers_with(Answer(200, failed, headers), Answer(200, failed, headers, cut_after=9))
        result = await service.connector.result(given)
        assert result == {"statusCode": 200, "executedVersion": "7", "payload": json.loads(failed)}
        job = await service.connector.job(given)
        assert (job.result["error"]["code"], job.retries) == ("NO_ANSWER", 2), job.error_message
        page = (Path(__file__).parents[2] / "docs" / "connectors" / "aws-lambda.md").read_text()
        (expression,) = (line for text in page.split("`") if (line := " ".join(text.split())).startswith("=if payload"))
        service.answers_with(Answer(200, failed, headers))
        job = await service.connector.job(given, {"errorExpression": expression})
    assert (job.state, job.error_code, job.error_message) == (JobState.ERROR_THROWN, "CHECK_FAILED", "no")


async def test_eventbridge_answers_as_documented_and_rules_get_the_event(served: Served, moto: Moto):
    events, url = moto.client("events"), moto.client("sqs").create_queue(QueueName="rule")["QueueUrl"]
    events.put_rule(Name="all", EventPattern='{"source": ["shop"]}')
    events.put_targets(Rule="all", Targets=[{"Id": "1", "Arn": f"arn:aws:sqs:{REGION}:123456789012:rule"}])
    event = {"eventBusName": "default", "source": "shop", "detailType": "OrderSent", "detail": {"id": 1}}
    async with served("eventbridge") as connector:
        result = await connector.result({**access(), "input": event})
    assert (result["failedEntryCount"], result["sdkHttpMetadata"]["httpStatusCode"]) == (0, 200)
    assert set(result) == {"sdkResponseMetadata", "sdkHttpMetadata", "failedEntryCount", "entries"}
    (entry,) = result["entries"]
    arrived = json.loads(received(moto, url)[0]["Body"])
    assert (arrived["id"], arrived["detail-type"], arrived["detail"]) == (entry["eventId"], "OrderSent", {"id": 1})
    assert (entry["errorCode"], entry["errorMessage"]) == (None, None)


async def test_an_event_that_was_not_taken_completes_the_job_unless_an_error_expression_says_no(
    gateway: ZeebeGateway, aws_keys: Path
):
    page = (Path(__file__).parents[2] / "docs" / "connectors" / "aws-eventbridge.md").read_text()
    (expression,) = (line for text in page.split("`") if (line := " ".join(text.split())).startswith("=if failedEntryCount"))
    entry = {"ErrorCode": "InternalFailure", "ErrorMessage": "not now"}
    event = {"eventBusName": "default", "source": "shop", "detailType": "OrderSent", "detail": {}}
    async with service_under_test(gateway, "aws-eventbridge", "events-broken", secrets=aws_keys, address="endpoint") as service:
        service.answers_json({"FailedEntryCount": 1, "Entries": [entry]})
        result = await service.connector.result({**access(), "input": event})
        assert (result["failedEntryCount"], result["entries"][0]["errorCode"]) == (1, "InternalFailure")
        job = await service.connector.job({**access(), "input": event}, {"errorExpression": expression})
    assert (job.retries, job.error_message) == (2, "not now")


async def test_keys_of_nobody_are_tried_again_and_told_to_nobody(served: Served, moto: Moto):
    moto.check_keys()
    topic = {"topicArn": f"arn:aws:sns:{REGION}:123456789012:x", "message": "x"}
    async with served("sns") as sns:
        job = await sns.job({**access(), "topic": topic})
    assert (job.result["error"]["code"], job.retries) == ("InvalidClientTokenId", 2), job.error_message
    assert SECRET_KEY not in str(job)


@pytest.fixture
async def broken(gateway: ZeebeGateway, aws_keys: Path) -> AsyncIterator[Service]:
    """SQS at a server that does as it is told."""
    async with service_under_test(gateway, "aws-sqs", "sqs-broken", secrets=aws_keys, address="endpoint") as service:
        yield service


URL = f"https://sqs.{REGION}.amazonaws.com/1/q"


async def test_what_is_no_answer_of_aws_has_its_status_as_code(broken: Service):
    broken.answers_with(Answer(500, b"<html>not json"))
    job = await broken.connector.job(queue(URL, "x"))
    assert (job.result["error"]["code"], job.retries) == ("500", 2), job.error_message


async def test_an_answer_that_points_to_a_forbidden_place_is_not_followed_there(broken: Service):
    broken.answers_with(Answer(307, b"", (("Location", "http://169.254.169.254/latest/"),)))
    job = await broken.connector.job(queue(URL, "x"))
    assert (job.state, "spec.egress.allowedRanges" in job.error_message) == (JobState.INCIDENT, True), job.error_message


@pytest.mark.parametrize("endpoint", ["http://169.254.169.254", "http://[fd00:ec2::254]", "http://0xa9fea9fe/"])
async def test_forbidden_places_are_not_called(broken: Service, endpoint: str):
    job = await broken.connector.job(queue(URL, "x") | {"configuration": {"region": REGION, "endpoint": endpoint}})
    assert (job.state, "spec.egress.allowedRanges" in job.error_message) == (JobState.INCIDENT, True), job.error_message


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (queue(URL, None), "set queue.messageBody"),
        (queue(URL, "x", type="fifo"), "set queue.messageGroupId"),
        (queue(URL, "x", messageAttributes={"a": "b"}), "cannot use queue.messageAttributes.a"),
        (queue("nowhere", "x"), "queue.url"),
        (queue(URL, "x") | {"configuration": {}}, "set configuration.region"),
        (queue(URL, "x") | {"configuration": {"region": "not a region"}}, "region_name"),
        (queue(URL, "x") | {"authentication": {"type": "magic"}}, "authentication"),
    ],
)
async def test_bad_input_is_named_and_nothing_is_sent(broken: Service, given: dict[str, Any], message: str):
    job = await broken.connector.job(given)
    assert (job.state, message in job.error_message) == (JobState.INCIDENT, True), job.error_message
    assert broken.requests == []


async def test_jobs_after_the_first_use_its_connection(broken: Service):
    broken.answers_json({"MessageId": "1", "MD5OfMessageBody": "9dd4e461268c8034f5c8564e155c67a6"})
    for _ in range(5):
        await broken.connector.result(queue(URL, "x"))
    assert len(broken.requests) == 5
    assert broken.server.connections == 1


async def test_a_pod_that_ends_hangs_up(gateway: ZeebeGateway, aws_keys: Path):
    async with RecordingServer(
        {"q": [Answer(200, b'{"MessageId": "1", "MD5OfMessageBody": "9dd4e461268c8034f5c8564e155c67a6"}')]}
    ) as server:
        settings = {"endpoint": server.base("q")}
        async with connector_under_test(gateway, "aws-sqs", "sqs-ending", settings=settings, secrets=aws_keys) as sqs:
            await sqs.result(queue(URL, "x"))
            assert server.open_connections == 1
        await server.until_hung_up()


@pytest.fixture
def bare_pod(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[pytest.MonkeyPatch]:
    """A pod that has no credentials of its own, and forgets those that a test gives it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    aws_session.cache_clear()
    yield monkeypatch
    aws_session.cache_clear()


@pytest.mark.usefixtures("bare_pod")
async def test_the_default_chain_of_a_pod_without_credentials_never_asks_its_node(broken: Service):
    chain = queue(URL, "x") | {"authentication": {"type": "defaultCredentialsChain"}}
    job = await broken.connector.job(chain)
    assert (job.result["error"]["code"], job.retries, broken.requests) == ("NO_CREDENTIALS", 2, [])


async def test_the_default_chain_uses_what_the_pod_has(broken: Service, bare_pod: pytest.MonkeyPatch):
    bare_pod.setenv("AWS_ACCESS_KEY_ID", "AKIAPOD")
    bare_pod.setenv("AWS_SECRET_ACCESS_KEY", "canary-pod")
    bare_pod.setenv("AWS_SESSION_TOKEN", "token-of-the-pod")
    broken.answers_json({"MessageId": "1", "MD5OfMessageBody": "9dd4e461268c8034f5c8564e155c67a6"})
    await broken.connector.result(queue(URL, "x") | {"authentication": {"type": "defaultCredentialsChain"}})
    headers = dict(broken.requests[0].headers)
    assert "Credential=AKIAPOD/" in headers["Authorization"]
    assert headers["X-Amz-Security-Token"] == "token-of-the-pod"


async def test_keys_of_the_input_win_over_those_of_the_pod(broken: Service, bare_pod: pytest.MonkeyPatch):
    bare_pod.setenv("AWS_ACCESS_KEY_ID", "AKIAPOD")
    bare_pod.setenv("AWS_SECRET_ACCESS_KEY", "canary-pod")
    bare_pod.setenv("AWS_SESSION_TOKEN", "token-of-the-pod")
    broken.answers_json({"MessageId": "1", "MD5OfMessageBody": "9dd4e461268c8034f5c8564e155c67a6"})
    await broken.connector.result(queue(URL, "x"))
    headers = dict(broken.requests[0].headers)
    assert f"Credential={ACCESS_KEY}/" in headers["Authorization"]
    assert "X-Amz-Security-Token" not in headers
