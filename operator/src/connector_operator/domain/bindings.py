"""How a runtime stands with each Connector that it selects, put together from resolving, loading and publishing."""

from collections.abc import Mapping, Sequence

from connector_operator.api.conditions import Reason
from connector_operator.domain import names
from connector_operator.domain.binding import Binding, Progress
from connector_operator.domain.catalogue import Catalogue
from connector_operator.domain.check import CheckedConnector
from connector_operator.domain.desired import Configuration
from connector_operator.domain.progress import load_progress
from connector_operator.domain.reports import PodReport
from connector_operator.domain.resolve import ResolvedRuntime, ServedConnector


def load_all(resolved: ResolvedRuntime, configuration: Configuration, reports: Sequence[PodReport]) -> Mapping[str, Progress]:
    """By Connector name: how far the worker's pods have got with each one that is served."""
    return {served.name: load_progress(served, resolved, configuration, reports) for served in resolved.served}


def bind(resolved: ResolvedRuntime, loaded: Mapping[str, Progress], catalogue: Catalogue) -> Mapping[str, Binding]:
    """By Connector name: what there is to say about each one that is selected."""
    served = {connector.name: connector for connector in resolved.served}
    return {checked.name: _bind(resolved, served.get(checked.name), checked, loaded, catalogue) for checked in resolved.selected}


def _bind(
    resolved: ResolvedRuntime,
    served: ServedConnector | None,
    checked: CheckedConnector,
    loaded: Mapping[str, Progress],
    catalogue: Catalogue,
) -> Binding:
    name, generation = checked.name, checked.generation
    problem = resolved.problems.get(name)
    templates = catalogue.of(name, names.catalogue(resolved.name))
    if served is None:
        nothing = Progress.no(Reason.PENDING, "not accepted, so no worker serves it")
        return Binding(resolved.name, generation, problem, nothing, nothing)
    published = _published(resolved, name, loaded[name], catalogue)
    return Binding(resolved.name, generation, problem, loaded[name], published, templates)


def _published(resolved: ResolvedRuntime, name: str, loaded: Progress, catalogue: Catalogue) -> Progress:
    if resolved.spec is None or not resolved.spec.catalogue.enabled:
        return Progress.no(Reason.DISABLED, f"spec.catalogue.enabled of ConnectorRuntime '{resolved.name}' is false")
    if problem := catalogue.problems.get(name):
        return Progress.no(problem.reason, problem.message)
    if any(entry.connector == name for entry in catalogue.entries):
        return Progress.yes(Reason.PUBLISHED)
    if loaded.holds:
        return Progress(loaded.holds, Reason.PUBLISHED, "the connector function comes without an element template")
    return Progress.no(Reason.PENDING, "its element templates appear when a pod has loaded it")
