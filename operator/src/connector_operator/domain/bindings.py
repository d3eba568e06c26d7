"""How a runtime stands with each Connector that it selects, put together from resolving, loading and publishing."""

from collections.abc import Mapping, Sequence

from connector_operator.api.conditions import Reason
from connector_operator.domain.binding import Binding, Progress, Published
from connector_operator.domain.check import CheckedConnector
from connector_operator.domain.desired import Configuration
from connector_operator.domain.problem import Problem
from connector_operator.domain.progress import load_progress
from connector_operator.domain.reports import PodReport
from connector_operator.domain.resolve import ResolvedRuntime
from connector_operator.domain.shelf import Catalogue


def load_all(resolved: ResolvedRuntime, configuration: Configuration, reports: Sequence[PodReport]) -> Mapping[str, Progress]:
    """By Connector name: how far the worker's pods have got with each one that is served."""
    return {served.name: load_progress(served, resolved, configuration, reports) for served in resolved.served}


def bind(resolved: ResolvedRuntime, loaded: Mapping[str, Progress], catalogue: Catalogue) -> Mapping[str, Binding]:
    """By Connector name: what there is to say about each one that is selected."""
    templates = catalogue.published()
    return {
        checked.name: _bind(resolved, checked, loaded.get(checked.name), catalogue, templates.get(checked.name, ()))
        for checked in resolved.selected
    }


def _bind(
    resolved: ResolvedRuntime,
    checked: CheckedConnector,
    loaded: Progress | None,
    catalogue: Catalogue,
    templates: tuple[Published, ...],
) -> Binding:
    """`loaded` is `None` for a Connector that is not served."""
    problem = resolved.problems.get(checked.name)
    if loaded is None:
        nothing = Progress.no(Reason.PENDING, "not accepted, so no worker serves it")
        return Binding(resolved.name, checked.generation, problem, nothing, nothing)
    published = _published(resolved, loaded, catalogue.problems.get(checked.name), templates)
    return Binding(resolved.name, checked.generation, problem, loaded, published, templates)


def _published(
    resolved: ResolvedRuntime, loaded: Progress, problem: Problem | None, templates: tuple[Published, ...]
) -> Progress:
    if resolved.spec is None or not resolved.spec.catalogue.enabled:
        return Progress.no(Reason.DISABLED, f"spec.catalogue.enabled of ConnectorRuntime '{resolved.name}' is false")
    if problem:
        return Progress.no(problem.reason, problem.message)
    if templates:
        return Progress.yes(Reason.PUBLISHED)
    if loaded.holds:
        return Progress(loaded.holds, Reason.PUBLISHED, "the connector function comes without an element template")
    return Progress.no(Reason.PENDING, "its element templates appear when a pod has loaded it")
