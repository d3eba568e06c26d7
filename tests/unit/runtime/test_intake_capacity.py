"""Who gets a slot, and how many bytes are taken on."""

import asyncio

import pytest

from connector_runtime.capacity import ByteBudget, Capacity, Claimant, ClosedError, budget_of_this_container
from connector_runtime.gateway.clock import BrokerClock


async def test_slots_are_never_given_twice() -> None:
    capacity = Capacity(3)
    for _ in range(3):
        await capacity.take(Claimant.STREAM)
    waiting = asyncio.create_task(capacity.take(Claimant.STREAM))
    await asyncio.sleep(0)
    assert (waiting.done(), capacity.try_take(), capacity.take_more(5)) == (False, False, 0)
    capacity.release()
    await waiting
    assert capacity.free == 0


async def test_a_claim_that_is_given_up_at_the_moment_it_is_granted_loses_no_slot() -> None:
    capacity = Capacity(1)
    await capacity.take(Claimant.STREAM)
    waiting = asyncio.create_task(capacity.take(Claimant.BACKLOG))
    await asyncio.sleep(0)
    capacity.release()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert capacity.free == 1


@pytest.mark.parametrize("slots", [1, 8])
async def test_a_steady_stream_leaves_the_backlog_its_share_and_the_other_way_round(slots: int) -> None:
    capacity = Capacity(slots)
    given = dict.fromkeys(Claimant, 0)

    async def claim(claimant: Claimant) -> None:
        while sum(given.values()) < 200:
            await capacity.take(claimant)
            given[claimant] += 1
            asyncio.get_running_loop().call_soon(capacity.release)

    await asyncio.gather(*(claim(claimant) for claimant in Claimant for _ in range(slots * 2)))
    assert min(given.values()) >= 60


async def test_a_closed_stream_gets_none_and_what_waits_is_told() -> None:
    capacity = Capacity(1)
    await capacity.take(Claimant.BACKLOG)
    waiting = asyncio.create_task(capacity.take(Claimant.STREAM))
    await asyncio.sleep(0)
    capacity.close_stream()
    with pytest.raises(ClosedError):
        await waiting
    capacity.release()
    assert capacity.free == 1
    capacity.open_stream()
    await capacity.take(Claimant.STREAM)


async def test_a_job_larger_than_the_budget_is_taken_on_alone() -> None:
    budget = ByteBudget(100)
    assert await budget.until_room() == 100
    budget.add(500)
    waiting = asyncio.create_task(budget.until_room())
    await asyncio.sleep(0)
    assert not waiting.done()
    budget.release(500)
    assert await waiting == 100


@pytest.mark.parametrize(("limit", "budget"), [("1073741824", 2**27), ("1048576", 2**23), ("max", 2**26)])
def test_the_budget_follows_the_containers_memory(tmp_path, limit: str, budget: int) -> None:
    (tmp_path / "memory.max").write_text(limit)
    assert budget_of_this_container(tmp_path / "memory.max") == budget


def test_a_clock_that_differs_from_the_brokers_makes_no_job_old(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000_000.0
    monkeypatch.setattr("time.time", lambda: now)
    clock = BrokerClock()
    an_hour_ahead = int((now + 3600) * 1000)
    assert clock.age(an_hour_ahead) == 0
    assert clock.age(an_hour_ahead - 2000) == pytest.approx(2)
    assert clock.age(an_hour_ahead) == 0
