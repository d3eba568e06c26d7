"""What the operator renders is what the runtime's own models read (docs/worker-contract.md §1 and §2)."""

import json
from pathlib import Path
from typing import Any

import golden_runtimes
import pytest
import scenario_objects as objects
from hypothesis import given, settings
from hypothesis import strategies as st

from connector_operator.api.fields import seconds
from connector_operator.domain.resolve import ResolvedRuntime
from connector_runtime.config import DEFAULT_PATH, LoadedConfig, TemplateOrigin, WorkerConfig, parse_config

RUNTIMES = {"samples": golden_runtimes.samples, "everything": golden_runtimes.everything}


def _read(found: ResolvedRuntime) -> LoadedConfig:
    """The configuration as a pod reads it: from the ConfigMap that its Deployment mounts."""
    config_map = objects.manifest(objects.rendered(found), "ConfigMap", "-config-")
    return parse_config(config_map["data"]["config.json"].encode(), origin="config.json")


def _pod(found: ResolvedRuntime) -> dict[str, Any]:
    return objects.manifest(objects.rendered(found), "Deployment")["spec"]["template"]


def _mounts(found: ResolvedRuntime) -> dict[str, dict[str, Any]]:
    """By path: the volume that is mounted there."""
    spec = _pod(found)["spec"]
    volumes = {volume["name"]: volume for volume in spec["volumes"]}
    return {mount["mountPath"]: volumes[mount["name"]] for mount in spec["containers"][0]["volumeMounts"]}


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_both_sides_know_a_configuration_by_the_same_hash(runtime: str) -> None:
    found = RUNTIMES[runtime]()
    config_hash = _read(found).hash
    assert objects.configured(found).hash == config_hash
    assert _pod(found)["metadata"]["labels"]["connectors.camunda.io/config"] == config_hash
    assert _mounts(found)["/etc/connectors"]["configMap"]["name"].endswith(f"-config-{config_hash}")


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_every_member_that_is_written_is_one_that_the_runtime_knows(runtime: str) -> None:
    """A misspelt member would be ignored by the reader, as the contract wants it."""
    written = _paths(_json(RUNTIMES[runtime]()))
    known = _paths(_read(RUNTIMES[runtime]()).config.model_dump(by_alias=True, mode="json"))
    assert {path for path in written - known if ".settings" not in path} == set()


def _json(found: ResolvedRuntime) -> Any:
    return json.loads(objects.configured(found).workers[0].text)


def _paths(node: Any, path: str = "") -> set[str]:
    if isinstance(node, dict):
        return {path}.union(*(_paths(value, f"{path}.{name}") for name, value in node.items()))
    if isinstance(node, list):
        return {path}.union(*(_paths(item, f"{path}[]") for item in node))
    return {path}


def test_everything_that_a_runtime_says_arrives() -> None:
    config = _read(golden_runtimes.everything()).config
    camunda = golden_runtimes.EVERYTHING_SPEC["camunda"]
    assert config.worker_name == "shop/everything"
    assert config.camunda.grpc_address == camunda["grpcAddress"]
    assert config.camunda.rest_address == camunda["restAddress"]
    assert list(config.camunda.tenant_ids) == camunda["tenantIds"]
    assert config.secret_filter == golden_runtimes.EVERYTHING_SPEC["secretFilter"]
    assert config.camunda.auth is not None
    assert config.camunda.auth.model_dump(by_alias=True, mode="json") == {
        "type": "oauth",
        "directory": "/var/run/secrets/camunda/auth",
        "tokenUrl": "https://login.acme.io/oauth/token",
        "audience": "zeebe",
        "scope": "jobs",
    }
    assert [str(network) for network in config.egress.denied_ranges] == ["10.0.0.0/8"]
    assert [str(network) for network in config.egress.allowed_ranges] == ["127.0.0.1/32", "fd00::/8"]


def test_everything_that_a_connector_says_arrives() -> None:
    connectors = {connector.name: connector for connector in _read(golden_runtimes.everything()).config.connectors}
    orders, spec = connectors["orders"], golden_runtimes.EVERYTHING_CONNECTOR
    assert orders.job_type == spec["jobType"]
    assert (orders.source.path, orders.source.entry_point) == (Path("/opt/connectors/orders"), "shop.orders:place")
    assert orders.settings == spec["settings"]
    assert orders.secrets.names == ("TOKEN", "tls.crt")
    assert [source.prefix for source in orders.secrets.from_] == ["EXTRA_", ""]
    assert orders.fetch_variables == ("customer", "items")
    assert (orders.timeout_seconds, orders.max_jobs_active) == (5400, 7)
    assert orders.element_templates is TemplateOrigin.GIVEN
    assert connectors["http"].source.builtin == "http-json"
    assert connectors["http"].fetch_variables is None
    assert connectors["http"].element_templates is TemplateOrigin.GENERATED


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_every_path_that_the_configuration_names_is_mounted(runtime: str) -> None:
    found = RUNTIMES[runtime]()
    mounted, config = set(_mounts(found)), _read(found).config
    assert str(DEFAULT_PATH.parent) in mounted
    for connector in config.connectors:
        assert connector.source.path is None or str(connector.source.path) in mounted
        assert not connector.secrets.names or str(connector.secrets.directory) in mounted
        assert {str(source.directory) for source in connector.secrets.from_} <= mounted
    camunda = config.camunda
    assert camunda.auth is None or str(camunda.auth.directory) in mounted
    assert camunda.tls.ca_file is None or str(camunda.tls.ca_file.parent) in mounted
    assert camunda.tls.client_certificate_directory is None or str(camunda.tls.client_certificate_directory) in mounted


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_everything_that_is_mounted_for_a_connector_is_named_by_the_configuration(runtime: str) -> None:
    found = RUNTIMES[runtime]()
    config = _read(found).config
    named = {str(connector.source.path) for connector in config.connectors}
    named |= {str(connector.secrets.directory) for connector in config.connectors}
    named |= {str(source.directory) for connector in config.connectors for source in connector.secrets.from_}
    ours = {path for path in _mounts(found) if path.startswith(("/opt/connectors/", "/var/run/secrets/connectors/"))}
    assert ours <= named


def test_each_secret_placeholder_is_a_file_of_its_name_and_every_secret_may_be_absent() -> None:
    projected = _mounts(golden_runtimes.everything())["/var/run/secrets/connectors/orders"]["projected"]["sources"]
    assert [source["secret"]["items"][0]["path"] for source in projected] == ["TOKEN", "tls.crt"]
    assert {source["secret"]["optional"] for source in projected} == {True}


def test_the_grace_period_of_the_pod_is_the_one_that_the_runtime_plans_with() -> None:
    found = golden_runtimes.samples()
    assert _pod(found)["spec"]["terminationGracePeriodSeconds"] == _read(found).config.termination_grace_period_seconds


names = st.from_regex(r"\A[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?\Z")
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("aßé☃😀", max_size=3), inner, max_size=3),
    max_leaves=6,
)
specs = st.fixed_dictionaries(
    {
        "jobType": st.from_regex(r"\A[A-Za-z0-9_][A-Za-z0-9_.:/-]{0,30}\Z"),
        "settings": st.dictionaries(st.text("ab{}'", max_size=4), values, max_size=3),
        "timeout": st.from_regex(r"\A[1-9][0-9]{0,4}[hms]\Z"),
        "maxJobsActive": st.integers(1, 10_000),
    },
    optional={"fetchVariables": st.lists(st.text(min_size=1, max_size=5).filter(str.isprintable), unique=True, max_size=3)},
)


@settings(max_examples=60)
@given(st.dictionaries(names, specs, max_size=4).filter(lambda found: len({s["jobType"] for s in found.values()}) == len(found)))
def test_any_connectors_arrive_as_they_were_declared(declared: dict[str, dict[str, Any]]) -> None:
    found = objects.resolved(*(objects.connector(name, **spec) for name, spec in declared.items()))
    config: WorkerConfig = _read(found).config
    assert [connector.name for connector in config.connectors] == sorted(declared)
    for connector in config.connectors:
        spec = declared[connector.name]
        assert connector.job_type == spec["jobType"]
        assert connector.settings == spec["settings"]
        assert connector.timeout_seconds == seconds(spec["timeout"])
        assert connector.max_jobs_active == spec["maxJobsActive"]
        assert connector.fetch_variables == (tuple(spec["fetchVariables"]) if "fetchVariables" in spec else None)


addresses = st.from_regex(r"\Agrpcs?://(\[[0-9a-f:]{2,6}\]|[a-z0-9][a-z0-9.-]{0,5}[a-z0-9]):[0-9]{1,5}\Z")
networks = st.from_regex(r"\A([0-9]{1,3}\.){3}[0-9]{1,3}/[0-9]{1,2}\Z|\A[0-9a-f:]{2,9}/[0-9]{1,3}\Z")
ranges = st.lists(networks, max_size=2, unique=True)


@settings(max_examples=200)
@given(addresses, ranges)
def test_what_the_operator_accepts_the_runtime_can_read(address: str, denied: list[str]) -> None:
    """A configuration that no pod can read would stop a worker that the operator calls accepted."""
    runtime = objects.runtime(camunda={"grpcAddress": address}, egress={"deniedRanges": denied})
    found = objects.resolved(of=runtime)
    if found.problem is None:
        assert _read(found).config.camunda.grpc_address == address
    else:
        assert found.problem.reason == "InvalidSpec"
