"""The stage of the main job: cluster, Zeebe, images and operator, as `make demo` brings them up.

What was up before stays up; what was not is taken away at the end, whatever ends the run.
"""

from collections.abc import Iterator

import pytest

from main_job import target as targets
from main_job.stage import Stage, staged


@pytest.fixture(scope="session")
def target() -> Iterator[targets.Target]:
    """A cluster with a Zeebe beside it."""
    was_up = targets.is_up()
    try:
        yield targets.up()
    finally:
        if not was_up:
            targets.down()


@pytest.fixture(scope="module")
def stage(target: targets.Target) -> Iterator[Stage]:
    """The operator installed, the diagrams deployed, the shop open, the three sample files applied."""
    with staged(target) as stage:
        stage.apply_samples()
        yield stage
