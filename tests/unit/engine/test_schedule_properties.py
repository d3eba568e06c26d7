"""The work queue against every order of events that hypothesis can think of, judged by a model that only counts."""

import random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from connector_operator.engine.schedule import Pace, Schedule

PACE = Pace(first_quiet=0.2, quiet=0.5, max_wait=10.0, backoff=0.5, backoff_max=60.0, jitter=0.25)
KEYS = st.sampled_from(["a", "b", "c", "d"])
SECONDS = st.floats(min_value=0.0, max_value=20.0)


class ScheduleMachine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.schedule = Schedule[str](PACE, random.Random(3))
        self.now = 0.0
        self.owed = {}
        """By key: the latest time at which a run must start that sees the oldest unseen addition."""
        self.running = set()

    def owe(self, key, latest):
        self.owed[key] = min(self.owed.get(key, latest), latest)

    @rule(key=KEYS)
    def add(self, key):
        self.schedule.add(key, self.now)
        self.owe(key, self.now + PACE.max_wait)

    @rule(key=KEYS, delay=SECONDS)
    def add_after(self, key, delay):
        self.schedule.add_after(key, delay, self.now)
        self.owe(key, self.now + delay)

    @rule(seconds=SECONDS)
    def time_passes(self, seconds):
        self.now += seconds

    @rule()
    def take(self):
        taken = self.schedule.take(self.now)
        if taken is None:
            late = {key for key, latest in self.owed.items() if latest <= self.now and key not in self.running}
            assert not late, "a key that is overdue must be given to a free worker"
            return
        assert taken.key not in self.running, "no key runs twice at a time"
        assert taken.key in self.owed, "nothing runs that was never asked for, or twice for one asking"
        self.running.add(taken.key)
        del self.owed[taken.key]

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def done(self, data):
        key = data.draw(st.sampled_from(sorted(self.running)))
        self.schedule.done(key, self.now)
        self.running.remove(key)

    @precondition(lambda self: self.running)
    @rule(data=st.data(), at_least=SECONDS)
    def failed(self, data, at_least):
        key = data.draw(st.sampled_from(sorted(self.running)))
        self.schedule.failed(key, self.now, at_least=at_least)
        self.running.remove(key)
        self.owe(key, self.now + max(at_least, PACE.backoff_max))

    @rule(key=KEYS)
    def forget(self, key):
        self.schedule.forget(key)

    @invariant()
    def a_key_is_in_one_place_at_most(self):
        self.schedule.next_due(self.now)
        places = [self.schedule.scheduled, set(self.schedule.ready), self.schedule.running]
        assert sum(map(len, places)) == len(set().union(*places))

    @invariant()
    def nothing_that_was_asked_for_is_lost(self):
        known = self.schedule.scheduled | set(self.schedule.ready) | self.schedule.running
        assert set(self.owed) | self.running == known

    @invariant()
    def the_next_due_time_is_no_later_than_what_is_owed(self):
        waiting = [latest for key, latest in self.owed.items() if key not in self.running]
        if waiting:
            assert self.schedule.next_due(self.now) <= max(self.now, min(waiting))

    def teardown(self):
        for key in sorted(self.running):
            self.schedule.done(key, self.now)
        for _ in range(len(self.owed)):
            self.now = max(self.now, self.schedule.next_due(self.now))
            self.schedule.done(self.schedule.take(self.now).key, self.now)
        assert self.schedule.next_due(self.now) is None, "when all is done, nothing is left"


TestSchedule = ScheduleMachine.TestCase
TestSchedule.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
