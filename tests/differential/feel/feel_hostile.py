"""Runs hostile inputs at default limits and says the longest time and the most memory that one took.

    PYTHONPATH=tests/support:tests/differential/feel python -m feel_hostile --seed 1 --count 10000

Ends with 1 when one raised anything but FeelError, took more than a second, or more than 100 MB.
"""

import argparse
import gc
import resource
import sys
import time
from dataclasses import dataclass

from feel_hostility import LARGE_VARIABLES, Hostility

from camunda_feel import FeelError, compile  # noqa: A004 - the public name

MOST_SECONDS, MOST_MEGABYTES = 1.0, 100


@dataclass(frozen=True, slots=True)
class Run:
    """What one input took; `problem` is empty for a value or a FeelError."""

    seconds: float
    megabytes: float
    source: str
    problem: str

    @property
    def exceeds(self) -> bool:
        """Whether it did what no input may do."""
        return bool(self.problem) or self.seconds > MOST_SECONDS or self.megabytes > MOST_MEGABYTES

    def __str__(self) -> str:
        return f"{self.seconds:.2f} s, {self.megabytes:.0f} MB, {self.problem or 'fine'}: {self.source[:150]!r}"


def main() -> int:
    """Run as many as the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=10_000)
    options = parser.parse_args()
    inputs = Hostility(options.seed)
    _run("string(1)")
    runs = [_run(inputs.next()) for _ in range(options.count)]
    exceeding = [run for run in runs if run.exceeds]
    for run in exceeding:
        print(run)
    slowest = max(runs, key=lambda run: run.seconds)
    largest = max(runs, key=lambda run: run.megabytes)
    print(f"{options.count:,} hostile inputs of seed {options.seed}: {len(exceeding)} exceed the bounds")
    print(f"slowest: {slowest}\nlargest: {largest}")
    return 1 if exceeding else 0


def _run(source: str) -> Run:
    """One input; memory is how much it raised the peak of the process, so later ones must take more to be seen."""
    problem = ""
    peak = _peak()
    begun = time.process_time()
    try:
        compile(source).evaluate(LARGE_VARIABLES)
    except FeelError:
        pass
    except BaseException as error:
        problem = repr(error)[:200]
    seconds = time.process_time() - begun
    gc.collect() if seconds > 0.3 else None
    return Run(seconds, _peak() - peak, source, problem)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
