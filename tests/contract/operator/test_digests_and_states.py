"""What pods and operator must compute and call alike without importing each other."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenario_world import element_template

from connector_operator.api.conditions import Reason
from connector_operator.domain.element_template import ElementTemplate, read_template
from connector_operator.domain.reports import GatewayState, LoadState, read_status
from connector_runtime.config import Source
from connector_runtime.gateway import ConnectionReport, ConnectionState
from connector_runtime.loading import load_function
from connector_runtime.serving import ServingState
from connector_runtime.status import status_text
from connector_runtime.templates import ElementTemplate as RuntimeTemplate
from connector_runtime.templates import element_template as generate


def _operators(document: Any) -> ElementTemplate:
    read = read_template(document)
    assert isinstance(read, ElementTemplate)
    return read


def test_a_generated_template_has_one_digest_on_both_sides_also_after_its_way_as_json() -> None:
    generated = generate(load_function("http", Source(builtin="http-json")), "acme.io:http:1")
    assert _operators(generated.document).digest == generated.digest
    assert _operators(json.loads(json.dumps(generated.document))).digest == generated.digest


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
json_values = st.recursive(st.none() | st.booleans() | numbers | texts, lambda inner: st.lists(inner, max_size=3), max_leaves=5)


@settings(max_examples=60)
@given(st.dictionaries(texts, json_values, max_size=4))
def test_any_template_has_one_digest_on_both_sides(members: dict[str, Any]) -> None:
    document = members | element_template("acme:ü😀", 3)
    assert _operators(document).digest == RuntimeTemplate("acme:ü😀", 3, document).digest


def test_the_operator_refuses_nothing_that_the_runtime_generates() -> None:
    """The longest job type is the longest id."""
    document = generate(load_function("http", Source(builtin="http-json")), "a:" * 100).document
    assert _operators(document).id == "a:" * 100


def test_the_states_of_a_connector_are_the_reasons_of_its_condition() -> None:
    assert {state.value for state in ServingState} == {state.value for state in LoadState}
    assert {state.value for state in LoadState} <= {reason.value for reason in Reason}


def test_the_states_of_a_gateway_are_the_reasons_of_its_condition() -> None:
    assert {state.value for state in ConnectionState} == {state.value for state in GatewayState}
    assert {state.value for state in GatewayState} <= {reason.value for reason in Reason}


@pytest.mark.parametrize("state", ConnectionState)
def test_the_status_of_a_pod_without_connectors_is_read_in_every_state_of_its_gateway(state: ConnectionState) -> None:
    report = read_status("p", status_text("0123456789", ConnectionReport(state, "why"), ()).encode())
    assert report.document is not None
    assert report.document.config_hash == "0123456789"
    assert report.document.gateway.state.value == state.value
    assert report.document.gateway.message == "why"
