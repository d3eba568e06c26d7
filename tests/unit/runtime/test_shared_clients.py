"""Clients that outlive a job: one per key and event loop, open while somebody uses them, closed once."""

import asyncio
from contextvars import ContextVar

import pytest

from connector_sdk import SharedClients

JOB = ContextVar("JOB", default="none")


class Client:
    """Knows whether it is open, and what was the job that it was opened in."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.is_open = True
        self.job = JOB.get()


class Shop:
    """Opens and closes clients; opening lasts until `gate` is set."""

    def __init__(self, *, most: int = 32) -> None:
        self.opened: list[Client] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.refusal: Exception | None = None
        self.clients = SharedClients(self._open, self._close, most=most)

    async def _open(self, key: str) -> Client:
        await self.gate.wait()
        if self.refusal is not None:
            raise self.refusal
        client = Client(key)
        self.opened.append(client)
        return client

    async def _close(self, client: Client) -> None:
        if not client.is_open:
            msg = f"client '{client.key}' is closed a second time"
            raise AssertionError(msg)
        await asyncio.sleep(0)
        client.is_open = False

    async def keep(self, key: str, done: asyncio.Event | None = None) -> Client:
        async with self.clients.use(key) as client:
            assert client.is_open
            if done is not None:
                await done.wait()
            return client


async def test_jobs_after_each_other_share_a_client() -> None:
    shop = Shop()
    assert await shop.keep("a") is await shop.keep("a")
    assert await shop.keep("b") is not await shop.keep("a")
    assert [client.key for client in shop.opened] == ["a", "b"]


async def test_jobs_at_the_same_time_wait_for_one_opening() -> None:
    shop = Shop()
    shop.gate.clear()
    jobs = [asyncio.create_task(shop.keep("a")) for _ in range(20)]
    await asyncio.sleep(0)
    shop.gate.set()
    assert len(set(await asyncio.gather(*jobs))) == 1
    assert len(shop.opened) == 1


async def test_a_cancelled_job_does_not_take_the_opening_from_the_others() -> None:
    shop = Shop()
    shop.gate.clear()
    first, second = (asyncio.create_task(shop.keep("a")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    shop.gate.set()
    assert (await second).is_open
    assert first.cancelled()


async def test_a_failed_opening_reaches_all_who_wait_and_is_not_remembered() -> None:
    shop = Shop()
    shop.refusal = ConnectionError("nobody there")
    failed = await asyncio.gather(shop.keep("a"), shop.keep("a"), return_exceptions=True)
    assert [str(error) for error in failed] == ["nobody there"] * 2
    shop.refusal = None
    assert (await shop.keep("a")).is_open


async def test_a_client_logs_nothing_under_the_job_that_was_the_first_to_need_it() -> None:
    shop = Shop()
    JOB.set("4711")
    assert (await shop.keep("a")).job == "none"


async def test_closing_closes_every_client_once_and_leaves_nothing_for_the_second_time() -> None:
    shop = Shop()
    clients = [await shop.keep(key) for key in "abc"]
    await shop.clients.close()
    await shop.clients.close()
    assert [client.is_open for client in clients] == [False] * 3


async def test_closing_gives_up_what_is_being_opened() -> None:
    shop = Shop()
    shop.gate.clear()
    job = asyncio.create_task(shop.keep("a"))
    await asyncio.sleep(0)
    await asyncio.wait_for(shop.clients.close(), 5)
    with pytest.raises(asyncio.CancelledError):
        await job


async def test_a_client_in_use_is_closed_at_the_end_and_not_again_when_its_user_leaves() -> None:
    shop, done = Shop(), asyncio.Event()
    job = asyncio.create_task(shop.keep("a", done))
    await asyncio.sleep(0.01)
    await shop.clients.close()
    assert not shop.opened[0].is_open
    done.set()
    await job
    await shop.clients.close()


async def test_of_too_many_clients_the_one_unused_for_longest_is_closed() -> None:
    shop = Shop(most=2)
    a, b = await shop.keep("a"), await shop.keep("b")
    await shop.keep("a")
    c = await shop.keep("c")
    await asyncio.sleep(0.01)
    assert [client.is_open for client in (a, b, c)] == [True, False, True]


async def test_a_client_in_use_is_not_closed_for_being_one_too_many() -> None:
    shop, done = Shop(most=1), asyncio.Event()
    job = asyncio.create_task(shop.keep("a", done))
    await asyncio.sleep(0.01)
    await shop.keep("b")
    assert shop.opened[0].is_open
    done.set()
    await job


async def test_a_discarded_client_is_replaced_at_once_and_closed_when_its_last_user_leaves() -> None:
    shop, done = Shop(), asyncio.Event()
    job = asyncio.create_task(shop.keep("a", done))
    await asyncio.sleep(0.01)
    shop.clients.discard("a")
    assert await shop.keep("a") is not shop.opened[0]
    assert shop.opened[0].is_open
    done.set()
    await job
    await asyncio.sleep(0.01)
    assert [client.is_open for client in shop.opened] == [False, True]


def test_each_event_loop_has_its_own_clients_and_closes_only_those() -> None:
    async def main() -> None:
        kept = Shop()
        await kept.keep("a")
        await asyncio.to_thread(asyncio.run, other(kept))
        assert [client.is_open for client in kept.opened] == [True, False]

    async def other(shop: Shop) -> None:
        await shop.keep("a")
        await shop.clients.close()

    asyncio.run(main())
