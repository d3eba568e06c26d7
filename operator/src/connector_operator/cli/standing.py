"""How runtimes, their Connectors and their pods stand, as a tree: what `connectors status` shows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connector_operator.domain.conditions import ready_condition
from connector_operator.domain.objects import (
    RUNTIME_LABEL,
    Object,
    at,
    labels_of,
    list_at,
)
from connector_operator.domain.progress import pods_say
from connector_operator.domain.resolve import is_selected, read_selection


@dataclass(frozen=True, slots=True)
class Standing:
    """One object: whether it is ready (`True`, `False` or `Unknown`), why, a sentence, and what belongs to it."""

    kind: str
    namespace: str
    name: str
    ready: str
    reason: str
    message: str
    below: tuple["Standing", ...] = ()


def standings(runtimes: Sequence[Object], connectors: Sequence[Object], pods: Sequence[Object]) -> list[Standing]:
    """The runtimes with what is theirs, and then the Connectors that no runtime selects."""
    found: list[Standing] = []
    bound: set[tuple[str, str]] = set()
    for runtime in runtimes:
        theirs = [connector for connector in connectors if _selects(runtime, connector)]
        bound |= {_address(connector) for connector in theirs}
        below = [*map(_custom, theirs), *(_pod(pod) for pod in pods if _is_of(runtime, pod))]
        found.append(_custom(runtime, below=tuple(below)))
    return found + [_custom(connector) for connector in connectors if _address(connector) not in bound]


def is_ready(found: Sequence[Standing]) -> bool:
    """Whether every custom resource is; a pod that goes or comes keeps nothing from being ready."""
    return all(item.kind == "Pod" or (item.ready == "True" and is_ready(item.below)) for item in found)


def as_table(found: Sequence[Standing]) -> Iterator[str]:
    """One line for each object, what belongs to it indented below it; every column as wide as it has to be."""
    rows = [("READY", "KIND", "NAME", "REASON", "MESSAGE"), *_rows(found, "")]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        yield "  ".join([*cells, row[4]]).rstrip()


def _rows(found: Sequence[Standing], indent: str) -> Iterator[tuple[str, str, str, str, str]]:
    for item in found:
        name = item.name if indent else f"{item.namespace}/{item.name}"
        yield item.ready, f"{indent}{item.kind}", f"{indent}{name}", item.reason, item.message
        yield from _rows(item.below, "  ")


def _selects(runtime: Object, connector: Object) -> bool:
    selection = read_selection(runtime)
    if selection is None or _address(runtime)[0] != _address(connector)[0]:
        return False
    return is_selected(selection, connector["metadata"]["name"], labels_of(connector))


def _is_of(runtime: Object, pod: Object) -> bool:
    return _address(runtime) == (pod["metadata"]["namespace"], labels_of(pod).get(RUNTIME_LABEL, ""))


def _address(obj: Object) -> tuple[str, str]:
    return obj["metadata"]["namespace"], obj["metadata"]["name"]


def _custom(obj: Object, below: tuple[Standing, ...] = ()) -> Standing:
    namespace, name = _address(obj)
    ready = ready_condition(obj)
    if not ready or at(obj, "status").get("observedGeneration") != obj["metadata"].get("generation"):
        return Standing(obj["kind"], namespace, name, "Unknown", "", "no operator has looked at its newest spec yet", below)
    message = ready["message"] or _summary(obj)
    return Standing(obj["kind"], namespace, name, ready["status"], ready["reason"], message, below)


def _summary(obj: Object) -> str:
    counts = at(obj, "status", "connectors").get("summary", "")
    return f"{counts} Connectors" if counts else ""


def _pod(pod: Object) -> Standing:
    namespace, name = _address(pod)
    conditions = {item.get("type"): item.get("status", "Unknown") for item in list_at(pod, "status", "conditions")}
    leaving = "deletionTimestamp" in pod["metadata"]
    reason = "Terminating" if leaving else at(pod, "status").get("phase", "Unknown")
    restarts = sum(item.get("restartCount", 0) for item in list_at(pod, "status", "containerStatuses"))
    message = pods_say([pod]) or (f"{restarts} restarts" if restarts else "")
    return Standing("Pod", namespace, name, conditions.get("Ready", "Unknown"), reason, message)
