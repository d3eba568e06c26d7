"""All objects of one runtime, in the order in which they are applied."""

from connector_operator.api.runtime import ConnectorRuntimeSpec
from connector_operator.domain.desired import Configuration, DesiredObjects
from connector_operator.domain.resolve import ResolvedRuntime
from connector_operator.domain.shelf import Catalogue
from connector_operator.rendering.catalogue import catalogue_config_maps
from connector_operator.rendering.children import disruption_budgets, metrics_service, service_account
from connector_operator.rendering.configuration import accepted_config_map, config_map, source_copies
from connector_operator.rendering.worker import worker


def render(
    resolved: ResolvedRuntime, spec: ConnectorRuntimeSpec, configuration: Configuration, catalogue: Catalogue
) -> DesiredObjects:
    """Render a runtime. What pods mount comes before the pods, and the catalogue last: it speaks of what runs."""
    return DesiredObjects(
        (
            service_account(resolved),
            *source_copies(resolved),
            *(config_map(resolved, item) for item in configuration.workers),
            accepted_config_map(resolved),
            *(worker(resolved, spec, item) for item in configuration.workers),
            *disruption_budgets(resolved, spec, configuration),
            metrics_service(resolved),
            *catalogue_config_maps(resolved, catalogue),
        )
    )
