"""The element templates that a Connector brings along in ConfigMaps, instead of those that its pods generate."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

from connector_operator.api.conditions import Reason
from connector_operator.api.connector import ConfigMapKeyReference
from connector_operator.domain.element_template import ElementTemplate, read_template
from connector_operator.domain.objects import PART_LABEL, SOURCE_PART, Object, data_of
from connector_operator.domain.problem import Problem
from connector_operator.domain.resolve import ServedConnector
from connector_operator.domain.strict_json import read_json
from connector_operator.element_templates.check import why_refused


def given_templates(
    connector: ServedConnector, sources: Mapping[str, Object]
) -> tuple[tuple[ElementTemplate, ...], Problem | None]:
    """The element templates that a Connector brings along, or the first thing wrong with them."""
    templates: list[ElementTemplate] = []
    for index, reference in enumerate(connector.spec.element_templates):
        read = _read_reference(reference.config_map_key_ref, sources)
        if isinstance(read, str):
            where = f"spec.elementTemplates[{index}]: "
            return (), Problem(Reason.INVALID_ELEMENT_TEMPLATE, where + read)
        templates += read
    return tuple(templates), None


def _read_reference(reference: ConfigMapKeyReference, sources: Mapping[str, Object]) -> list[ElementTemplate] | str:
    found = sources.get(reference.name)
    where = f"ConfigMap '{reference.name}' key '{reference.key}'"
    if found is None or reference.key not in data_of(found):
        return f"cannot find {where} labelled {PART_LABEL}={SOURCE_PART} in this namespace: create or label it"
    try:
        document = read_json(data_of(found)[reference.key])
    except ValueError as error:
        return f"{where} is not JSON: {error}"
    read = [read_template(item) for item in (cast("list[Any]", document) if isinstance(document, list) else [document])]
    wrong = next((why for item in read if (why := item if isinstance(item, str) else _refusal(item))), None)
    return f"{where}: {wrong}" if wrong else [item for item in read if isinstance(item, ElementTemplate)]


@lru_cache(maxsize=1024)
def _refusal(template: ElementTemplate) -> str | None:
    """Why Modeler would drop a template; remembered, since the same texts are read in every reconcile."""
    finding = why_refused(read_json(template.text))
    return f"'{template.id}': {finding.text}" if finding else None
