"""The rules of the work queue, in virtual time."""

import random

import pytest

from connector_operator.engine.schedule import Pace, Schedule, Taken

PACE = Pace(first_quiet=0.2, quiet=0.5, max_wait=10.0, backoff=1.0, backoff_max=60.0, jitter=0.25)


@pytest.fixture
def schedule():
    return Schedule[str](PACE, random.Random(7))


def run_once(schedule, key, now):
    """Take the only due key and give it back."""
    assert schedule.take(now).key == key
    schedule.done(key, now)


def test_a_key_first_runs_after_the_short_quiet_period(schedule):
    schedule.add("a", 0.0)
    assert schedule.take(0.19) is None
    assert schedule.take(0.2) == Taken("a", 0.0)


def test_a_key_that_has_run_waits_for_the_long_quiet_period(schedule):
    schedule.add("a", 0.0)
    run_once(schedule, "a", 1.0)
    schedule.add("a", 2.0)
    assert schedule.take(2.4) is None
    assert schedule.take(2.5) is not None


def test_a_forgotten_key_is_quick_again(schedule):
    schedule.add("a", 0.0)
    run_once(schedule, "a", 1.0)
    schedule.forget("a")
    schedule.add("a", 2.0)
    assert schedule.take(2.2) is not None


def test_a_burst_of_adds_is_one_run_after_the_last_of_them(schedule):
    schedule.add("a", 0.0)
    run_once(schedule, "a", 1.0)
    for tick in range(20):
        schedule.add("a", 2.0 + tick / 10)
    assert schedule.take(4.39) is None
    assert schedule.take(4.4) is not None
    schedule.done("a", 4.4)
    assert schedule.next_due(4.4) is None


def test_a_key_that_never_falls_quiet_runs_after_the_longest_wait(schedule):
    schedule.add("a", 0.0)
    run_once(schedule, "a", 1.0)
    now = 2.0
    while schedule.take(now) is None:
        schedule.add("a", now)
        now += 0.1
    assert now == pytest.approx(12.0, abs=0.11)


def test_a_timer_runs_a_key_when_nothing_else_does(schedule):
    schedule.add_after("a", 30.0, 0.0)
    assert schedule.next_due(0.0) == 30.0
    assert schedule.take(29.9) is None
    assert schedule.take(30.0) is not None


def test_an_event_runs_a_key_earlier_than_its_timer(schedule):
    schedule.add_after("a", 30.0, 0.0)
    schedule.add("a", 1.0)
    assert schedule.take(1.2) is not None


def test_a_later_timer_does_not_postpone_an_earlier_one(schedule):
    schedule.add_after("a", 3.0, 0.0)
    schedule.add_after("a", 30.0, 0.0)
    assert schedule.take(3.0) is not None


def test_what_is_added_while_a_key_runs_makes_it_run_once_more(schedule):
    schedule.add("a", 0.0)
    schedule.take(1.0)
    schedule.add("a", 1.1)
    schedule.add("a", 1.2)
    assert schedule.take(50.0) is None, "it runs already"
    schedule.done("a", 50.0)
    assert schedule.take(50.0).key == "a"
    schedule.done("a", 51.0)
    assert schedule.next_due(51.0) is None


def test_what_is_added_while_a_key_is_ready_changes_nothing(schedule):
    schedule.add("a", 0.0)
    assert schedule.depth(1.0) == 1
    schedule.add("a", 1.1)
    run_once(schedule, "a", 1.2)
    assert schedule.next_due(1.2) is None


def test_due_keys_run_in_the_order_in_which_they_fell_due(schedule):
    schedule.add_after("late", 3.0, 0.0)
    schedule.add_after("early", 1.0, 0.0)
    schedule.add_after("middle", 2.0, 0.0)
    assert [schedule.take(10.0).key for _ in range(3)] == ["early", "middle", "late"]


def test_taking_says_how_long_the_key_was_due(schedule):
    schedule.add_after("a", 1.0, 0.0)
    assert schedule.take(3.5).waited == pytest.approx(2.5)


def test_failures_are_spaced_ever_further_apart_up_to_a_limit(schedule):
    now, delays = 0.0, []
    schedule.add("a", now)
    now = 1.0
    for _ in range(9):
        schedule.take(now)
        schedule.failed("a", now)
        due = schedule.next_due(now)
        delays.append(due - now)
        now = due
    for delay, longest in zip(delays, [1, 2, 4, 8, 16, 32, 60, 60, 60], strict=True):
        assert longest * (1 - PACE.jitter) <= delay <= longest


def test_failing_keys_do_not_come_back_in_step(schedule):
    for key in "abc":
        schedule.add(key, 0.0)
    for _ in range(3):
        schedule.failed(schedule.take(1.0).key, 1.0)
    delays = set()
    now = 1.0
    while (due := schedule.next_due(now)) is not None:
        now = due
        delays.add(now)
        schedule.take(now)
    assert len(delays) == 3


def test_a_success_resets_the_back_off(schedule):
    schedule.add("a", 0.0)
    now = 1.0
    for _ in range(5):
        schedule.take(now)
        schedule.failed("a", now)
        now = schedule.next_due(now)
    schedule.take(now)
    schedule.done("a", now)
    schedule.add_after("a", 1.0, now)
    now += 1.0
    schedule.take(now)
    schedule.failed("a", now)
    assert schedule.next_due(now) <= now + PACE.backoff


def test_a_server_that_names_a_time_is_given_at_least_that(schedule):
    schedule.add("a", 0.0)
    schedule.take(1.0)
    schedule.failed("a", 1.0, at_least=42.0)
    assert schedule.next_due(1.0) == 43.0


def test_an_event_ends_the_back_off(schedule):
    schedule.add("a", 0.0)
    schedule.take(1.0)
    schedule.failed("a", 1.0, at_least=300.0)
    schedule.add("a", 2.0)
    assert schedule.take(2.5) is not None


def test_requeue_after_success_is_a_timer(schedule):
    schedule.add("a", 0.0)
    schedule.take(1.0)
    schedule.done("a", 1.0, requeue_after=5.0)
    assert schedule.next_due(1.0) == 6.0


@pytest.mark.parametrize("give_back", ["done", "failed"])
def test_a_key_that_does_not_run_cannot_be_given_back(schedule, give_back):
    schedule.add("a", 0.0)
    with pytest.raises(ValueError, match="cannot give back 'a'"):
        getattr(schedule, give_back)("a", 1.0)


def test_it_is_idle_only_when_nothing_is_to_run_not_even_later(schedule):
    assert schedule.idle
    schedule.add_after("a", 60.0, 0.0)
    assert not schedule.idle
    assert schedule.take(60.0) is not None
    assert not schedule.idle
    schedule.done("a", 61.0)
    assert schedule.idle
