"""What a pod says is read with suspicion: garbage is a report that says so, never an exception."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector_operator.domain.reports import MAX_TEXT, GatewayState, LoadState, read_status

GOOD: dict[str, Any] = {
    "version": 1,
    "configHash": "0123456789",
    "gateway": {"state": "Connected", "message": ""},
    "connectors": {"http": {"jobType": "t:1", "state": "Loaded", "message": "", "secretsMissing": [], "elementTemplates": []}},
}


def _with(path: str, value: object) -> bytes:
    document = json.loads(json.dumps(GOOD))
    *parents, last = path.split(".")
    node = document
    for parent in parents:
        node = node[parent]
    node[last] = value
    return json.dumps(document).encode()


def test_a_good_answer_is_read() -> None:
    report = read_status("shop-1", json.dumps(GOOD).encode())
    assert report.problem == ""
    assert report.document is not None
    assert report.document.gateway.state is GatewayState.CONNECTED
    assert report.document.connectors["http"].state is LoadState.LOADED


@pytest.mark.parametrize("state", LoadState)
def test_every_state_of_a_connector_is_read(state: LoadState) -> None:
    document = read_status("p", _with("connectors.http.state", state.value)).document
    assert document is not None
    assert document.connectors["http"].state is state


@pytest.mark.parametrize("state", GatewayState)
def test_every_state_of_a_gateway_is_read(state: GatewayState) -> None:
    document = read_status("p", _with("gateway.state", state.value)).document
    assert document is not None
    assert document.gateway.state is state


@pytest.mark.parametrize("path", ["surprise", "gateway.surprise", "connectors.http.surprise"])
def test_members_that_are_unknown_are_ignored(path: str) -> None:
    assert read_status("p", _with(path, {"a": [1]})).document is not None


@pytest.mark.parametrize("path", ["configHash", "gateway.message", "connectors.http.message", "connectors.http.jobType"])
def test_long_texts_are_cut(path: str) -> None:
    document = read_status("p", _with(path, "x" * 500_000)).document
    assert document is not None
    assert len(document.model_dump_json()) < MAX_TEXT + 500


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"", "body"),
        (b"null", "body"),
        (b"[]", "body"),
        (b"NaN", "body"),
        (b"<html>", "body"),
        (b"\xff\xfe", "body"),
        (b"[" * 100_000, "body"),
        (b'{"a":' * 100_000, "body"),
        (b'{"version": ' + b"9" * 10_000 + b"}", "body"),
        (_with("version", 2), "version"),
        (_with("version", "one"), "version"),
        (_with("gateway", None), "gateway"),
        (_with("gateway.state", "Fine"), "gateway.state"),
        (_with("gateway.message", 7), "gateway.message"),
        (_with("connectors", []), "connectors"),
        (_with("connectors.http", None), "connectors.http"),
        (_with("connectors.http.state", ["Loaded"]), "connectors.http.state"),
        (_with("connectors.http.secretsMissing", "TOKEN"), "connectors.http.secretsMissing"),
        (_with("connectors.http.secretsMissing", ["x"] * 201), "connectors.http.secretsMissing"),
        (_with("connectors.http.elementTemplates", [{"id": "x", "version": -1, "digest": "0" * 64}]), "version"),
        (_with("connectors.http.elementTemplates", [{"id": "x", "version": 1, "digest": "../../x"}]), "digest"),
        (_with("connectors.http.elementTemplates", [{"id": "x" * 201, "version": 1, "digest": "0" * 64}]), "id"),
        (_with("connectors", {str(number): GOOD["connectors"]["http"] for number in range(5001)}), "connectors"),
    ],
    ids=lambda value: value[:30].decode(errors="replace") if isinstance(value, bytes) else value,
)
def test_an_answer_that_is_not_the_contracts_is_a_report_that_says_where(body: bytes, where: str) -> None:
    report = read_status("shop-1", body)
    assert report.document is None
    assert report.problem.startswith("cannot read the status of pod 'shop-1': ")
    assert where in report.problem
    assert len(report.problem) <= MAX_TEXT


def test_of_two_members_of_one_name_the_last_counts() -> None:
    body = json.dumps(GOOD).replace('"version": 1', '"version": 9, "version": 1').encode()
    assert read_status("p", body).document is not None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@settings(max_examples=50)
@given(st.binary(max_size=200) | json_values.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_are_a_report(body: bytes) -> None:
    report = read_status("p", body)
    assert (report.document is None) == bool(report.problem)


@settings(max_examples=50)
@given(
    st.sampled_from(["version", "configHash", "gateway", "connectors", "connectors.http", "connectors.http.state"]), json_values
)
def test_any_value_of_a_member_is_a_report(path: str, value: object) -> None:
    report = read_status("p", _with(path, value))
    assert (report.document is None) == bool(report.problem)
