"""Waves: pushed jobs that come fast start together, one that comes alone does not wait."""

import asyncio
import time

from connector_runtime.gateway import ActivatedJob
from connector_runtime.waves import Waves


class Beginnings:
    """What was started: the key of each job and its age, in order."""

    def __init__(self) -> None:
        self.keys: list[int] = []
        self.ages: list[float] = []

    def begin(self, job: ActivatedJob, age: float) -> None:
        self.keys.append(job.key)
        self.ages.append(age)


def job(key: int, age: float = 0.0) -> ActivatedJob:
    return ActivatedJob(key, "t", "{}", "{}", 3, 0, "p", 1, 1, 1, "e", 1, "", age)


async def test_a_job_that_comes_alone_starts_at_once() -> None:
    begun = Beginnings()
    waves = Waves(begun.begin, 0.01)
    waves.add(job(1), time.monotonic())
    after_first = list(begun.keys)
    await asyncio.sleep(0.02)
    waves.add(job(2), time.monotonic())
    assert (after_first, begun.keys) == ([1], [1, 2])


async def test_jobs_that_come_close_behind_another_start_together_in_their_order() -> None:
    begun = Beginnings()
    waves = Waves(begun.begin, 0.5)
    for key in (1, 2, 3):
        waves.add(job(key), time.monotonic())
    before = list(begun.keys)
    async with asyncio.timeout(10):
        while len(begun.keys) < 2:
            await asyncio.sleep(0.01)
    assert (before, begun.keys) == ([1], [1, 2, 3])


async def test_a_jobs_age_counts_what_it_waited() -> None:
    begun = Beginnings()
    waves = Waves(begun.begin, 60.0)
    waves.add(job(1), time.monotonic())
    waves.add(job(2, age=2.0), time.monotonic() - 5.0)
    waves.stop()
    assert begun.ages[1] >= 7.0


async def test_a_job_that_must_not_wait_takes_along_those_that_do() -> None:
    begun = Beginnings()
    waves = Waves(begun.begin, 60.0)
    for key in (1, 2):
        waves.add(job(key), time.monotonic())
    waves.add(job(3), time.monotonic(), at_once=True)
    assert begun.keys == [1, 2, 3]


async def test_a_stop_starts_what_waits_and_then_each_job_at_once() -> None:
    begun = Beginnings()
    waves = Waves(begun.begin, 60.0)
    for key in (1, 2):
        waves.add(job(key), time.monotonic())
    waves.stop()
    for key in (3, 4):
        waves.add(job(key), time.monotonic())
    assert begun.keys == [1, 2, 3, 4]
