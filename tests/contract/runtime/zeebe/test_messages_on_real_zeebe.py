"""Messages through a real gateway's REST API: who waits gets them, nobody is said to be nobody, an id is taken once."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from pyzeebe import ZeebeClient
from zeebe_process import patiently

from connector_runtime.config import Camunda
from connector_runtime.gateway import credentials_of
from connector_runtime.messages import MessageApi
from connector_runtime.rest_api import RestApi
from connector_sdk import Message, RetryError
from local_cluster.zeebe import Zeebe

WAITS = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
 id="d" targetNamespace="t"><message id="m" name="paid"><extensionElements><zeebe:subscription correlationKey="=order"/>
 </extensionElements></message><process id="waits" isExecutable="true">
 <startEvent id="s"><outgoing>a</outgoing></startEvent><sequenceFlow id="a" sourceRef="s" targetRef="w"/>
 <intermediateCatchEvent id="w"><incoming>a</incoming><outgoing>z</outgoing><messageEventDefinition messageRef="m"/>
 </intermediateCatchEvent><sequenceFlow id="z" sourceRef="w" targetRef="e"/><endEvent id="e"><incoming>z</incoming></endEvent>
 </process></definitions>"""


@pytest.fixture
async def messages(zeebe: Zeebe, client: ZeebeClient, tmp_path: Path) -> AsyncIterator[MessageApi]:
    (tmp_path / "waits.bpmn").write_text(WAITS)
    await patiently(lambda: client.deploy_resource(str(tmp_path / "waits.bpmn")))
    camunda = Camunda.model_validate({"grpcAddress": zeebe.grpc_address, "restAddress": zeebe.rest_address, "tenantIds": []})
    api = RestApi(camunda, credentials_of(camunda))
    yield MessageApi(api)
    await api.close()


async def test_a_published_message_ends_the_wait_and_its_variables_arrive(messages: MessageApi, client: ZeebeClient):
    sent = await messages.publish(Message("paid", "p-1", {"amount": 7}), time_to_live=timedelta(minutes=1))
    ended = await patiently(lambda: client.run_process_with_result("waits", {"order": "p-1"}, timeout=30_000))
    assert (ended.variables["amount"], sent.key > 0) == (7, True)


async def test_a_correlated_message_names_the_instance_and_nobody_is_not_found(messages: MessageApi, client: ZeebeClient):
    with pytest.raises(RetryError) as nobody:
        await messages.correlate(Message("paid", "nobody"))
    assert (nobody.value.code, nobody.value.retries) == ("NOT_FOUND", 0)
    started = await patiently(lambda: client.run_process("waits", {"order": "c-1"}))

    async def correlated() -> int | None:
        try:
            return (await messages.correlate(Message("paid", "c-1", {"amount": 8}))).process_instance_key
        except RetryError as error:  # the instance has not come to its event yet
            raise TimeoutError from error

    for _ in range(100):
        try:
            key = await correlated()
            break
        except TimeoutError:
            continue
    assert key == started.process_instance_key


async def test_the_id_of_a_buffered_message_is_taken(messages: MessageApi):
    for_a_minute = timedelta(minutes=1)
    await messages.publish(Message("paid", "id-1"), message_id="m-1", time_to_live=for_a_minute)
    with pytest.raises(RetryError) as taken:
        await messages.publish(Message("paid", "id-1"), message_id="m-1", time_to_live=for_a_minute)
    assert (taken.value.code, taken.value.retries) == ("ALREADY_EXISTS", 0)
