"""When each key is to run next: client-go's work queue semantics as a state machine that is told the time.

A key is in at most one of three places: scheduled (with a due time), ready (due, waiting for a worker) or running. What is
added while it runs is remembered and scheduled when it is done. No clock, no waiting: `engine.queue` adds those.
"""

import heapq
import itertools
import random
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Pace:
    """How eagerly keys run, in seconds."""

    first_quiet: float = 0.2
    """Quiet period before a key's very first run: what a user waits for after `kubectl apply`."""
    quiet: float = 0.5
    """A key runs when nothing was added for this long, so that a burst of events is one run."""
    max_wait: float = 10.0
    """A key that never falls quiet runs after this long."""
    backoff: float = 0.5
    """Delay after a first failure; doubled with each one that follows."""
    backoff_max: float = 300.0
    jitter: float = 0.25
    """Delays after failures are multiplied by a random factor between 1 - jitter and 1."""


@dataclass(frozen=True, slots=True)
class Taken(Generic[K]):
    """A key to run now, and how long after its due time that is, in seconds."""

    key: K
    waited: float


@dataclass(slots=True)
class _Pending:
    """Why and when a key is to run: quiet after events, or a timer, whichever is earlier."""

    first_added: float | None = None
    quiet_due: float | None = None
    timer_due: float | None = None
    entered: float | None = None
    """The due time under which the key stands in the heap; never later than `due`."""

    @property
    def due(self) -> float | None:
        return min((due for due in (self.quiet_due, self.timer_due) if due is not None), default=None)


@dataclass(slots=True)
class Schedule(Generic[K]):
    """All keys and their next runs. Every method is told `now`, which must never go back."""

    pace: Pace = field(default_factory=Pace)
    chance: random.Random = field(default_factory=random.Random)
    _pending: dict[K, _Pending] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType] - generic default
    _heap: list[tuple[float, int, K]] = field(default_factory=list)  # pyright: ignore[reportUnknownVariableType] - generic default
    _ready: OrderedDict[K, float] = field(default_factory=OrderedDict)  # pyright: ignore[reportUnknownVariableType] - generic default
    _running: set[K] = field(default_factory=set)  # pyright: ignore[reportUnknownVariableType] - generic default
    _failures: dict[K, int] = field(default_factory=dict)  # pyright: ignore[reportUnknownVariableType] - generic default
    _seen: set[K] = field(default_factory=set)  # pyright: ignore[reportUnknownVariableType] - generic default
    _order: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def scheduled(self) -> frozenset[K]:
        """Keys that wait for their due time."""
        return frozenset(self._pending.keys() - self._running)

    @property
    def ready(self) -> tuple[K, ...]:
        """Keys that wait for a worker, in the order in which they will get one."""
        return tuple(self._ready)

    @property
    def running(self) -> frozenset[K]:
        """Keys that a worker has taken and not given back."""
        return frozenset(self._running)

    @property
    def idle(self) -> bool:
        """Whether nothing runs, and nothing is to run, not even later."""
        return not (self._pending or self._ready or self._running)

    def depth(self, now: float) -> int:
        """How many keys wait for a worker."""
        self._promote(now)
        return len(self._ready)

    def add(self, key: K, now: float) -> None:
        """Something that the key depends on changed: run it when it has been quiet, in `pace.max_wait` at the latest."""
        if key in self._ready:
            return
        pending = self._pending.setdefault(key, _Pending())
        if pending.first_added is None:
            pending.first_added = now
        quiet = self.pace.quiet if key in self._seen else self.pace.first_quiet
        pending.quiet_due = min(now + quiet, pending.first_added + self.pace.max_wait)
        self._enter(key)

    def add_after(self, key: K, delay: float, now: float) -> None:
        """Run the key in `delay` seconds at the latest; what would run it earlier still does."""
        if key in self._ready:
            return
        pending = self._pending.setdefault(key, _Pending())
        if pending.timer_due is None or now + delay < pending.timer_due:
            pending.timer_due = now + delay
            self._enter(key)

    def take(self, now: float) -> Taken[K] | None:
        """Start the key that is due for longest, if any is; it must be given back with `done` or `failed`."""
        self._promote(now)
        if not self._ready:
            return None
        key, due = self._ready.popitem(last=False)
        self._running.add(key)
        self._seen.add(key)
        return Taken(key, max(0.0, now - due))

    def done(self, key: K, now: float, *, requeue_after: float | None = None) -> None:
        """Give a key back after success: its failures are forgotten; what was added meanwhile is scheduled."""
        self._failures.pop(key, None)
        self._give_back(key, now, requeue_after)

    def failed(self, key: K, now: float, *, at_least: float = 0.0) -> None:
        """Give a key back after a failure: run again after the back-off, or `at_least` seconds when that is longer."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        backoff = min(self.pace.backoff_max, self.pace.backoff * 2 ** min(failures, 30))
        self._give_back(key, now, max(at_least, backoff * (1 - self.pace.jitter * self.chance.random())))

    def forget(self, key: K) -> None:
        """The key's object is gone: remember nothing about how it ran. A run that is scheduled stays."""
        self._failures.pop(key, None)
        self._seen.discard(key)

    def next_due(self, now: float) -> float | None:
        """When `take` will next have something; `now` when it has already, `None` when nothing is scheduled."""
        self._promote(now)
        if self._ready:
            return now
        return self._heap[0][0] if self._heap else None

    def _give_back(self, key: K, now: float, delay: float | None) -> None:
        if key not in self._running:
            raise ValueError(f"cannot give back '{key}': it is not running")
        if delay is not None:
            self.add_after(key, delay, now)
        self._running.remove(key)
        self._enter(key)

    def _enter(self, key: K) -> None:
        """See to it that the heap knows a key no later than it is due; a key that runs is entered when it is given back.

        A key that is postponed keeps its old place: a burst of a thousand additions costs one entry, not a thousand.
        """
        pending = self._pending.get(key)
        if pending is None or pending.due is None or key in self._running:
            return
        if pending.entered is None or pending.due < pending.entered:
            pending.entered = pending.due
            heapq.heappush(self._heap, (pending.due, next(self._order), key))

    def _promote(self, now: float) -> None:
        """Make ready what is due, and leave a true due time at the top of the heap."""
        while self._heap:
            due, _, key = self._heap[0]
            pending = self._pending.get(key)
            if pending is None or pending.entered != due:
                heapq.heappop(self._heap)  # the key has another entry, or none is left to run
            elif pending.due != due:
                heapq.heappop(self._heap)
                pending.entered = None
                self._enter(key)  # it was postponed
            elif due > now:
                return
            else:
                heapq.heappop(self._heap)
                del self._pending[key]
                self._ready[key] = due
