"""docs/status.schema.json says what pods answer and what the operator reads."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from connector_operator.domain.reports import GatewayState, LoadState, read_status
from connector_runtime.status_document import schema_text

FILE = Path(__file__).parents[3] / "docs" / "status.schema.json"
SCHEMA: dict[str, Any] = json.loads(FILE.read_text())
VALID = jsonschema_rs.validator_for(SCHEMA)


def document(**connector: Any) -> dict[str, Any]:
    """A pod that serves one Connector."""
    one: dict[str, Any] = {
        "jobType": "acme.io:crm:1",
        "state": "Loaded",
        "message": "",
        "secretsMissing": [],
        "active": 0,
        "completed": 1,
        "failed": 0,
        "lastError": "",
        "elementTemplates": [{"id": "acme.io:crm:1", "version": 1, "digest": "0" * 64}],
    }
    gateway = {"state": "Connected", "message": ""}
    return {"version": 1, "configHash": "0123456789", "gateway": gateway, "connectors": {"crm": one | connector}}


def test_the_file_is_what_the_runtimes_model_gives() -> None:
    assert FILE.read_text() == schema_text(), "run: connector-runtime schema > docs/status.schema.json"


def test_both_sides_know_the_same_states() -> None:
    states = {name: SCHEMA["$defs"][name]["enum"] for name in ("ServingState", "ConnectionState")}
    assert states == {"ServingState": [*LoadState], "ConnectionState": [*GatewayState]}


@pytest.mark.parametrize("state", LoadState)
def test_the_operator_reads_what_the_schema_allows(state: LoadState) -> None:
    made = document(state=state.value)
    VALID.validate(made)
    read = read_status("pod", json.dumps(made).encode()).document
    assert read is not None
    assert (read.connectors["crm"].state, read.connectors["crm"].element_templates[0].version) == (state, 1)


@pytest.mark.parametrize(
    "wrong",
    [{"state": "Odd"}, {"active": -1}, {"message": "x" * 1001}, {"elementTemplates": [{"id": "x", "version": 1, "digest": "0"}]}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_the_schema_refuses_what_is_not_of_the_contract(wrong: dict[str, Any]) -> None:
    assert not VALID.is_valid(document(**wrong))
