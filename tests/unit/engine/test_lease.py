"""Of several operators one writes: who gets the lease, who keeps it, who must stop, and when the next one may begin."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from kube_fake import KubeFake

from connector_operator.cluster.port import LEASE, ApiUnavailable
from connector_operator.domain.objects import ObjectRef
from connector_operator.engine.lease import Lease, LeaseLost, LeasePace

REF = ObjectRef(LEASE, "operators", "connector-operator")
PACE = LeasePace(duration=15.0, deadline=10.0, renew=4.0, retry=1.0)


@dataclass
class Clock:
    """A time that only the test moves."""

    seconds: float = 1000.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)


@pytest.fixture
def fake() -> KubeFake:
    return KubeFake()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _lease(fake: KubeFake, clock: Clock, identity: str) -> Lease:
    return Lease(fake, REF.namespace, REF.name, identity, PACE, clock.monotonic, clock.now)


async def _holder(fake: KubeFake) -> str:
    live = await fake.get(REF)
    return "" if live is None else live["spec"]["holderIdentity"]


async def test_the_first_one_makes_the_lease_and_the_second_waits(fake: KubeFake, clock: Clock) -> None:
    first, second = _lease(fake, clock, "a"), _lease(fake, clock, "b")
    assert await first.step() == PACE.renew
    assert await second.step() == PACE.retry
    assert (first.held, second.held) == (True, False)
    assert (first.acquired.is_set(), second.acquired.is_set()) == (True, False)
    assert await _holder(fake) == "a"


async def test_whoever_renews_keeps_it_for_ever(fake: KubeFake, clock: Clock) -> None:
    first, second = _lease(fake, clock, "a"), _lease(fake, clock, "b")
    for _ in range(20):
        await first.step()
        await second.step()
        clock.seconds += PACE.renew
        assert first.held
    assert not second.acquired.is_set()
    live = await fake.get(REF)
    assert live is not None
    assert live["spec"]["leaseTransitions"] == 0
    assert live["spec"]["acquireTime"] < live["spec"]["renewTime"]


async def test_whoever_waits_takes_what_was_not_renewed_for_its_duration(fake: KubeFake, clock: Clock) -> None:
    first, second = _lease(fake, clock, "a"), _lease(fake, clock, "b")
    await first.step()
    await second.step()
    clock.seconds += PACE.duration - 0.1
    await second.step()
    assert not second.held
    assert not first.held, "it must have stopped writing before the other one may begin"
    clock.seconds += 0.1
    await second.step()
    assert second.held
    assert await _holder(fake) == "b"


async def test_a_clock_that_is_hours_off_takes_no_lease(fake: KubeFake, clock: Clock) -> None:
    off = Clock(seconds=clock.seconds + 36_000)
    first, second = _lease(fake, clock, "a"), _lease(fake, off, "b")
    await first.step()
    await second.step()
    off.seconds += PACE.renew
    await first.step()
    await second.step()
    assert await _holder(fake) == "a"


async def test_of_two_that_take_it_at_once_one_is_refused(fake: KubeFake, clock: Clock) -> None:
    first, second = _lease(fake, clock, "a"), _lease(fake, clock, "b")
    both = await asyncio.gather(first.step(), second.step())
    assert sorted(both) == [PACE.retry, PACE.renew]
    assert first.held != second.held


async def test_whoever_cannot_renew_stops_in_time_and_ends(fake: KubeFake, clock: Clock) -> None:
    lease = _lease(fake, clock, "a")
    await lease.step()
    for _ in range(int(PACE.deadline)):
        assert lease.held
        fake.fail_next("put_exactly", LEASE, ApiUnavailable("update", REF))
        clock.seconds += 1.0
        if clock.seconds - 1000.0 < PACE.deadline:
            assert await lease.step() == PACE.retry
    assert not lease.held
    with pytest.raises(LeaseLost, match="was not renewed in time"):
        await lease.step()


async def test_whoever_finds_another_one_in_its_place_ends(fake: KubeFake, clock: Clock) -> None:
    first, second = _lease(fake, clock, "a"), _lease(fake, clock, "b")
    await first.step()
    await second.step()
    clock.seconds += PACE.duration
    await second.step()
    with pytest.raises(LeaseLost, match="b has the lease operators/connector-operator"):
        await first.step()


async def test_a_renewal_that_was_written_although_its_answer_was_lost_is_no_loss(fake: KubeFake, clock: Clock) -> None:
    lease = _lease(fake, clock, "a")
    await lease.step()
    fake.fail_next("put_exactly", LEASE, ApiUnavailable("update", REF), after_commit=True)
    assert await lease.step() == PACE.retry
    assert await lease.step() == PACE.renew
    assert lease.held


async def test_whoever_is_told_to_stop_gives_it_back_for_the_next_one(fake: KubeFake, clock: Clock) -> None:
    first, second = _lease(fake, clock, "a"), _lease(fake, clock, "b")
    running = asyncio.create_task(first.run())
    await first.acquired.wait()
    await second.step()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert await _holder(fake) == ""
    assert not first.held
    await second.step()
    assert second.held


async def test_a_restarted_container_goes_on_at_once(fake: KubeFake, clock: Clock) -> None:
    await _lease(fake, clock, "pod_1").step()
    again = _lease(fake, clock, "pod_1")
    await again.step()
    assert again.held
