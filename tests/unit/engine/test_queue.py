"""The work queue with real waiting: who is woken, and that nobody waits for nothing."""

import asyncio

import pytest

from connector_operator.engine.queue import QueueClosed, WorkQueue
from connector_operator.engine.schedule import Pace, Schedule

PACE = Pace(first_quiet=0.01, quiet=0.01, max_wait=0.1, backoff=0.01)


@pytest.fixture
def queue():
    return WorkQueue(Schedule[str](PACE))


@pytest.fixture
async def got(queue):
    """What three workers take, in order; they give nothing back."""
    taken: asyncio.Queue[str] = asyncio.Queue()

    async def work():
        while True:
            taken.put_nowait((await queue.get()).key)

    async with asyncio.TaskGroup() as group:
        workers = [group.create_task(work()) for _ in range(3)]
        await asyncio.sleep(0)
        yield taken
        for worker in workers:
            worker.cancel()


async def test_waiting_workers_get_every_key_that_is_added(queue, got):
    for key in "abcde":
        queue.add(key)
    assert {await got.get() for _ in range(5)} == set("abcde")


async def test_a_waiting_worker_gets_the_key_that_falls_due_first(queue, got):
    queue.add("late", delay=0.2)
    queue.add("early", delay=0.02)
    assert [await got.get(), await got.get()] == ["early", "late"]


async def test_a_key_given_back_with_news_is_given_out_again(queue, got):
    queue.add("a")
    await got.get()
    queue.add("a")
    queue.done("a")
    assert await got.get() == "a"


async def test_a_failed_key_comes_back_by_itself(queue, got):
    queue.add("a")
    await got.get()
    queue.failed("a")
    assert await got.get() == "a"


async def test_a_worker_that_is_cancelled_passes_its_wake_up_on():
    queue = WorkQueue(Schedule[str](Pace(first_quiet=0.0)))
    first, second = asyncio.create_task(queue.get()), asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.add("a")  # wakes the first, which is cancelled before it can take anything
    first.cancel()
    assert (await second).key == "a"


async def test_closing_ends_waiting_workers_and_gives_out_nothing_more(queue):
    waiting = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.add("a", delay=0.001)
    queue.close()
    with pytest.raises(QueueClosed):
        await waiting
    with pytest.raises(QueueClosed):
        await queue.get()


async def test_the_depth_counts_due_keys_that_no_worker_has(queue):
    queue.add("a")
    queue.add("b", delay=60)
    assert queue.depth == 0
    await asyncio.sleep(0.02)
    assert queue.depth == 1
