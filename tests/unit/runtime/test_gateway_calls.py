"""Commands and activations under the faults of a network and a broker."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import grpc
import pytest
from zeebe_gateway import JobState, Misbehaviour, ZeebeGateway

from connector_runtime.gateway import (
    ActivatedJob,
    Backoff,
    ChannelSource,
    Connection,
    ConnectionState,
    FailRequest,
    Gateway,
    GatewayError,
    GatewayFault,
    Reply,
    Subscription,
    ThrowRequest,
)
from connector_runtime.gateway.faults import from_rpc

SUBSCRIPTION = Subscription("t:1", "worker", 30_000, (), ())
UNAVAILABLE = Misbehaviour(grpc.StatusCode.UNAVAILABLE)
ANSWER_LOST = Misbehaviour(grpc.StatusCode.UNAVAILABLE, after_commit=True)


@pytest.fixture
async def client(gateway: ZeebeGateway) -> AsyncIterator[Gateway]:
    client = Gateway(ChannelSource(gateway.address), Connection(gateway.address), long_poll=0.3)
    yield client
    await client.close()


async def activated(client: Gateway, count: int = 1) -> list[ActivatedJob]:
    jobs: list[ActivatedJob] = []
    assert await client.activate(SUBSCRIPTION, count, jobs.append) == len(jobs)
    return jobs


END = {"CompleteJob": JobState.COMPLETED, "FailJob": JobState.INCIDENT, "ThrowError": JobState.ERROR_THROWN}


def soon(seconds: float = 20) -> Callable[[], float]:
    until = time.monotonic() + seconds
    return lambda: until


async def test_an_activated_job_carries_everything_a_worker_needs(gateway: ZeebeGateway, client: Gateway) -> None:
    record = await gateway.create_job("t:1", {"a": 1}, {"h": "x"}, retries=4)
    (job,) = await activated(client)
    assert (job.key, job.type, job.variables, job.headers, job.retries) == (record.key, "t:1", '{"a": 1}', '{"h": "x"}', 4)
    assert (job.bpmn_process_id, job.element_id, job.process_definition_key) == ("process", "task", 4711)
    assert job.process_instance_key == record.key + 1_000_000


async def test_a_long_poll_without_jobs_ends_empty_and_counts_as_an_answer(client: Gateway) -> None:
    assert await activated(client) == []
    assert client.connection.report().state is ConnectionState.CONNECTED


async def test_a_waiting_poll_gets_a_job_that_comes_later(gateway: ZeebeGateway, client: Gateway) -> None:
    poll = asyncio.create_task(activated(client))
    await gateway.until(lambda: gateway.open_polls == 1)
    await gateway.create_job("t:1")
    assert len(await poll) == 1


async def test_a_cancelled_poll_leaves_its_job_to_others(gateway: ZeebeGateway, client: Gateway) -> None:
    poll = asyncio.create_task(activated(client))
    await gateway.until(lambda: gateway.open_polls == 1)
    poll.cancel()
    await gateway.until(lambda: gateway.open_polls == 0)
    job = await gateway.create_job("t:1")
    assert [j.key for j in await activated(client)] == [job.key]
    assert job.activations == 1


@pytest.mark.parametrize(
    "misbehaviours", [[UNAVAILABLE] * 3, [ANSWER_LOST], [UNAVAILABLE, ANSWER_LOST]], ids=["down", "answer lost", "both"]
)
@pytest.mark.parametrize("method", ["CompleteJob", "FailJob", "ThrowError"])
async def test_a_command_is_repeated_until_it_is_answered(
    gateway: ZeebeGateway, client: Gateway, method: str, misbehaviours: list[Misbehaviour]
) -> None:
    record = await gateway.create_job("t:1")
    await activated(client)
    gateway.plan(method, *misbehaviours)
    match method:
        case "CompleteJob":
            reply = await client.complete(record.key, "{}", soon())
        case "FailJob":
            reply = await client.fail(FailRequest(record.key, 0, "m"), soon())
        case _:
            reply = await client.throw(ThrowRequest(record.key, "CODE", "m"), soon())
    assert reply is Reply.DONE
    assert record.state is END[method]
    assert record.activations == 1
    assert client.command_retries == len(misbehaviours)


async def test_a_job_that_is_gone_at_the_first_try_is_reported_as_gone(gateway: ZeebeGateway, client: Gateway) -> None:
    record = await gateway.create_job("t:1")
    await activated(client)
    await gateway.cancel_job(record)
    assert await client.complete(record.key, "{}", soon()) is Reply.GONE


async def test_a_command_gives_up_when_the_lock_has_run_out(gateway: ZeebeGateway, client: Gateway) -> None:
    record = await gateway.create_job("t:1")
    gateway.refusal = UNAVAILABLE
    assert await client.complete(record.key, "{}", soon(0.3)) is Reply.EXPIRED
    assert gateway.calls["CompleteJob"] > 1


async def test_a_command_goes_on_as_long_as_the_lock_is_renewed_meanwhile(gateway: ZeebeGateway, client: Gateway) -> None:
    record = await gateway.create_job("t:1")
    await activated(client)
    gateway.plan("CompleteJob", *[UNAVAILABLE] * 4)
    ends = [soon(0.01)()]

    def moving() -> float:
        ends.append(ends[-1] + 0.5)
        return ends[-1]

    assert await client.complete(record.key, "{}", moving) is Reply.DONE
    assert gateway.calls["CompleteJob"] == 5


async def test_what_the_broker_refuses_is_not_repeated(gateway: ZeebeGateway, client: Gateway) -> None:
    record = await gateway.create_job("t:1")
    with pytest.raises(GatewayError) as refusal:
        await client.complete(record.key, "[]", soon())
    assert refusal.value.fault is GatewayFault.REFUSED
    assert gateway.calls["CompleteJob"] == 1


async def test_a_cancelled_caller_does_not_stop_its_command(gateway: ZeebeGateway, client: Gateway) -> None:
    record = await gateway.create_job("t:1")
    gateway.plan("CompleteJob", UNAVAILABLE, UNAVAILABLE)
    gateway.delays["CompleteJob"] = 0.2
    caller = asyncio.create_task(client.complete(record.key, "{}", soon()))
    await gateway.until(lambda: gateway.calls["CompleteJob"] >= 1)
    caller.cancel()
    await gateway.until(lambda: record.state is JobState.COMPLETED)


async def test_an_authentication_fault_is_told_with_its_message(gateway: ZeebeGateway, client: Gateway) -> None:
    for code in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED):
        gateway.refusal = Misbehaviour(code, "who are you?")
        with pytest.raises(GatewayError) as refusal:
            await activated(client)
        assert refusal.value.fault is GatewayFault.UNAUTHENTICATED
        report = client.connection.report()
        assert report.state is ConnectionState.UNAUTHENTICATED
        assert "who are you?" in report.message
    gateway.refusal = None
    await activated(client)
    assert client.connection.report().state is ConnectionState.CONNECTED


async def test_an_answer_beyond_grpcs_usual_limit_is_received(gateway: ZeebeGateway, client: Gateway) -> None:
    for _ in range(12):
        await gateway.create_job("t:1", {"text": "x" * 1_000_000})
    assert len(await activated(client, 12)) == 12


@pytest.mark.parametrize(
    ("code", "details", "fault"),
    [
        (grpc.StatusCode.UNAVAILABLE, "x", GatewayFault.UNREACHABLE),
        (grpc.StatusCode.DEADLINE_EXCEEDED, "x", GatewayFault.UNREACHABLE),
        (grpc.StatusCode.INTERNAL, "x", GatewayFault.UNREACHABLE),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "back pressure", GatewayFault.BUSY),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "CLIENT: Received message larger than max (5 vs. 4)", GatewayFault.TOO_LARGE),
        (grpc.StatusCode.NOT_FOUND, "x", GatewayFault.JOB_GONE),
        (grpc.StatusCode.INVALID_ARGUMENT, "x", GatewayFault.REFUSED),
        (grpc.StatusCode.FAILED_PRECONDITION, "x", GatewayFault.JOB_GONE),
        (grpc.StatusCode.UNIMPLEMENTED, "x", GatewayFault.UNSUPPORTED),
    ],
)
def test_each_status_is_the_fault_that_says_what_to_do(code: grpc.StatusCode, details: str, fault: GatewayFault) -> None:
    error = from_rpc(grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(), details=details))
    assert (error.fault, error.message) == (fault, f"{code.name}: {details}")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


UNREACHABLE = GatewayError(GatewayFault.UNREACHABLE, "UNAVAILABLE: refused")


def test_a_connection_is_connecting_until_its_first_answer() -> None:
    connection = Connection("grpc://z:1", Clock())
    assert connection.report().state is ConnectionState.CONNECTING
    connection.failed(UNREACHABLE)
    assert connection.report().state is ConnectionState.CONNECTING
    assert "UNAVAILABLE: refused" in connection.report().message
    connection.answered()
    assert (connection.report().state, connection.report().message) == (ConnectionState.CONNECTED, "")


@pytest.mark.parametrize("was_connected", [False, True])
def test_a_gateway_is_unreachable_after_ten_seconds_without_an_answer(was_connected: bool) -> None:
    clock = Clock()
    connection = Connection("grpc://z:1", clock)
    if was_connected:
        connection.answered()
    connection.failed(UNREACHABLE)
    clock.now += 9.9
    assert connection.report().state is not ConnectionState.UNREACHABLE
    clock.now += 0.2
    assert connection.report().state is ConnectionState.UNREACHABLE
    assert "cannot reach the gateway grpc://z:1: UNAVAILABLE: refused" in connection.report().message
    connection.answered()
    assert connection.report().state is ConnectionState.CONNECTED


def test_silence_without_a_failed_call_is_not_unreachable() -> None:
    clock = Clock()
    connection = Connection("grpc://z:1", clock)
    connection.answered()
    clock.now += 3600
    assert connection.report().state is ConnectionState.CONNECTED


@pytest.mark.parametrize("fault", [GatewayFault.BUSY, GatewayFault.JOB_GONE, GatewayFault.REFUSED, GatewayFault.TOO_LARGE])
def test_an_error_that_the_broker_sent_is_an_answer(fault: GatewayFault) -> None:
    connection = Connection("grpc://z:1", Clock())
    connection.failed(GatewayError(fault, "x"))
    assert connection.report().state is ConnectionState.CONNECTED


def test_back_off_doubles_with_jitter_up_to_its_top_and_begins_anew_after_a_success() -> None:
    backoff = Backoff(first=0.05, top=5.0)
    bounds = [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    for bound in bounds:
        assert bound / 2 <= backoff.next() <= bound
    backoff.reset()
    assert backoff.next() <= 0.05
