"""What Flux and `helm --wait` make of a custom resource: kstatus's published rules.

Source: https://github.com/kubernetes-sigs/cli-utils/tree/master/pkg/kstatus (README, "The ready condition" and the order of its
generic checks). Only the part for kinds that kstatus has no rules of their own for, which ours are.
"""

from collections.abc import Iterator
from enum import StrEnum

from connector_operator.domain.objects import Object, at, list_at


class State(StrEnum):
    """What somebody who waits is told."""

    IN_PROGRESS = "InProgress"
    FAILED = "Failed"
    CURRENT = "Current"
    TERMINATING = "Terminating"


_ABNORMAL = {"Reconciling": State.IN_PROGRESS, "Stalled": State.FAILED}


def compute(obj: Object) -> State:
    """Decide in kstatus's order: deletion, generation, the two abnormal conditions as they stand, then `Ready`."""
    metadata, status = obj["metadata"], at(obj, "status")
    if metadata.get("deletionTimestamp"):
        return State.TERMINATING
    if "observedGeneration" in status and "generation" in metadata and status["observedGeneration"] != metadata["generation"]:
        return State.IN_PROGRESS
    return next(_told(obj), State.CURRENT)


def _told(obj: Object) -> Iterator[State]:
    conditions = list_at(obj, "status", "conditions")
    for condition in conditions:
        if condition["type"] in _ABNORMAL and condition["status"] == "True":
            yield _ABNORMAL[condition["type"]]
    for condition in conditions:
        if condition["type"] == "Ready" and condition["status"] != "True":
            yield State.IN_PROGRESS
