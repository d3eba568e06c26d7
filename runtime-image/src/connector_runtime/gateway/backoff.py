"""How long to wait between tries that fail."""

import random


class Backoff:
    """Doubles from `first` to `top` seconds, each wait drawn from its upper half so that pods do not try in step."""

    def __init__(self, first: float = 0.05, top: float = 5.0) -> None:
        self._first = first
        self._top = top
        self._next = first

    def next(self) -> float:
        """The seconds to wait now."""
        wait = self._next * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, protects nothing
        self._next = min(self._next * 2, self._top)
        return wait

    def reset(self) -> None:
        """Begin anew after a success."""
        self._next = self._first
