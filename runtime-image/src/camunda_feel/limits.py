"""What one evaluation may use, so that an expression of a process cannot take the worker down."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from camunda_feel.errors import FeelError

# A clock is read once per so many steps: often enough to stop in time, seldom enough not to be noticed.
STEPS_PER_CLOCK_READ = 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one evaluation may use."""

    steps: int = 400_000
    """Iterations, calls, made values, and items that built-ins look into. Bounds the memory too: well below 100 MB."""
    seconds: float = 0.75
    """Of its thread's CPU: what else the machine has to do is not the expression's fault. Looked at often enough that an
    evaluation which has a CPU ends within one second."""
    calls: int = 50
    """Function calls inside each other."""
    result: int = 2_000_000
    """Size of the result, and of any one text, in characters; each value counts as at least four."""


DEFAULT_LIMITS = Limits()

SOURCE_CHARACTERS = 100_000
"""The longest expression."""
NESTING = 80
"""Brackets, branches and function bodies inside each other in one expression."""
DATA_NESTING = 150
"""Objects and lists inside each other in the variables and in the result."""


class Budget:
    """What is left of the limits of one evaluation."""

    __slots__ = ("_calls", "_deadline", "_limits", "_next_clock_read", "_steps")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._steps = 0
        self._calls = 0
        self._next_clock_read = STEPS_PER_CLOCK_READ
        self._deadline = time.thread_time() + limits.seconds

    def spend(self, steps: int = 1) -> None:
        """Counts work about to be done; FeelError when it would be more than the evaluation may do."""
        self._steps += steps
        if self._steps < self._next_clock_read:
            return
        if self._steps > self._limits.steps:
            msg = f"cannot evaluate the expression within {self._limits.steps:,} steps; let it go through less data"
            raise FeelError(msg)
        self.seconds_left()
        self._next_clock_read = self._steps + STEPS_PER_CLOCK_READ

    def seconds_left(self) -> float:
        """What a call into foreign code (a regular expression) may take; FeelError when there is nothing left."""
        left = self._deadline - time.thread_time()
        if left <= 0:
            raise FeelError(f"cannot evaluate the expression within {self._limits.seconds:g} s; simplify it")
        return left

    def enter_call(self) -> None:
        """Counts a function call; to be paired with `leave_call`."""
        self.spend()
        self._calls += 1
        if self._calls > self._limits.calls:
            raise FeelError(f"cannot call functions more than {self._limits.calls} levels deep")

    def leave_call(self) -> None:
        """Ends what `enter_call` began."""
        self._calls -= 1

    def check_text(self, length: int) -> None:
        """FeelError when a text of that length must not be made."""
        self.spend(length >> 6)
        self.check_length(length)

    def bounded(self, pieces: Iterable[str]) -> Iterator[str]:
        """The pieces of a text, as long as together they are not too long for one: checked before it is made."""
        length = 0
        for piece in pieces:
            length += len(piece)
            self.check_length(length)
            yield piece

    def check_length(self, length: int) -> None:
        """FeelError for a text that is too long; the work for it is counted elsewhere."""
        if length > self._limits.result:
            raise FeelError(f"cannot make a text of more than {self._limits.result:,} characters")
