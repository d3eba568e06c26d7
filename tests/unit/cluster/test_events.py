"""Events: few, late if need be, and never in the way."""

import asyncio
import logging

import kube_objects as make
import pytest
from kube_fake import KubeFake

from connector_operator.cluster.events import BURST, REFILL_SECONDS, REPEAT_SECONDS, EventRecorder
from connector_operator.cluster.port import EVENT, ApiUnavailable
from connector_operator.domain.objects import ObjectRef


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def fake():
    fake = KubeFake()
    fake.put(make.namespace("shop"))
    return fake


@pytest.fixture
async def recorder(fake, clock):
    recorder = EventRecorder(fake, monotonic=clock)
    task = asyncio.create_task(recorder.run())
    yield recorder
    task.cancel()


@pytest.fixture
def written(recorder, fake):
    async def written():
        await recorder.drain()
        return [(event["involvedObject"]["name"], event["reason"], event["message"]) for event in fake.events]

    return written


async def test_an_event_is_written_about_its_object(recorder, fake):
    crm = make.connector("crm")
    recorder.record(crm, "Warning", "LoadFailed", "no such module")
    await recorder.drain()
    (event,) = fake.events
    assert event["involvedObject"]["uid"] == crm["metadata"]["uid"]
    assert event["metadata"]["namespace"] == "shop"
    assert (event["type"], event["reason"], event["message"]) == ("Warning", "LoadFailed", "no such module")


async def test_an_event_about_a_policy_goes_to_the_default_namespace(recorder, fake):
    recorder.record(make.policy("guard"), "Normal", "Checked", "fine")
    await recorder.drain()
    assert fake.events[0]["metadata"]["namespace"] == "default"


async def test_the_same_event_is_written_once_an_hour(recorder, written, clock):
    for _ in range(5):
        recorder.record(make.connector("crm"), "Normal", "Loaded", "again")
    assert len(await written()) == 1
    clock.now += REPEAT_SECONDS
    recorder.record(make.connector("crm"), "Normal", "Loaded", "again")
    assert len(await written()) == 2


async def test_another_reason_message_or_object_is_another_event(recorder, written):
    recorder.record(make.connector("crm"), "Normal", "Loaded", "m")
    recorder.record(make.connector("crm"), "Normal", "Bound", "m")
    recorder.record(make.connector("crm"), "Normal", "Loaded", "n")
    recorder.record(make.connector("mail"), "Normal", "Loaded", "m")
    assert await written() == [("crm", "Loaded", "m"), ("crm", "Bound", "m"), ("crm", "Loaded", "n"), ("mail", "Loaded", "m")]


async def test_one_object_cannot_flood_and_takes_nothing_from_the_others(recorder, written, clock):
    for number in range(100):
        recorder.record(make.connector("noisy"), "Normal", "Loaded", f"{number}")
    recorder.record(make.connector("quiet"), "Normal", "Loaded", "m")
    names = [name for name, _, _ in await written()]
    assert names.count("noisy") == BURST
    assert names.count("quiet") == 1
    clock.now += REFILL_SECONDS
    for number in range(200, 203):
        recorder.record(make.connector("noisy"), "Normal", "Loaded", f"{number}")
    assert len(await written()) == BURST + 2


async def test_what_was_held_back_may_come_later(recorder, written, clock):
    for number in range(BURST):
        recorder.record(make.connector("crm"), "Normal", "Loaded", f"{number}")
    recorder.record(make.connector("crm"), "Warning", "LoadFailed", "held back")
    clock.now += REFILL_SECONDS
    recorder.record(make.connector("crm"), "Warning", "LoadFailed", "held back")
    assert ("crm", "LoadFailed", "held back") in await written()


async def test_an_event_that_could_not_be_written_may_come_again(recorder, written, fake):
    fake.fail_next("create_event", EVENT, ApiUnavailable("create", ObjectRef(EVENT, "shop", "x"), status=503))
    recorder.record(make.connector("crm"), "Normal", "Loaded", "m")
    assert await written() == []
    recorder.record(make.connector("crm"), "Normal", "Loaded", "m")
    assert len(await written()) == 1


async def test_the_recorder_outlives_an_api_that_breaks_its_word(recorder, written, fake, caplog):
    fake.fail_next("create_event", EVENT, RuntimeError("no ApiError at all"))
    with caplog.at_level(logging.ERROR):
        recorder.record(make.connector("crm"), "Normal", "Loaded", "m")
        recorder.record(make.connector("mail"), "Normal", "Loaded", "m")
        assert await written() == [("mail", "Loaded", "m")]
    assert "nobody foresaw" in caplog.text


async def test_recording_never_waits_and_never_raises_while_nothing_can_be_written(fake, clock):
    recorder = EventRecorder(fake, monotonic=clock)  # nobody runs it
    for number in range(3000):
        recorder.record(make.connector(f"c{number}"), "Normal", "Loaded", "m")
    assert fake.events == []


async def test_a_long_message_is_cut_to_what_the_api_takes(recorder, fake):
    recorder.record(make.connector("crm"), "Normal", "Loaded", "x" * 5000)
    await recorder.drain()
    assert len(fake.events[0]["message"]) == 1024


async def test_the_name_of_an_event_is_a_valid_one_for_the_longest_object(recorder, fake):
    recorder.record(make.connector("a" * 229 + "-" + "b" * 23), "Normal", "Loaded", "m")
    await recorder.drain()
    name = fake.events[0]["metadata"]["name"]
    assert len(name) <= 253
    assert "-." not in name
