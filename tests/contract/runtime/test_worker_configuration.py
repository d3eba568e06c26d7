"""The configuration file of docs/worker-contract.md §1, good and bad."""

import copy
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from job_worker import connector_entry, worker_config

from connector_runtime.config import ConfigError, TemplateOrigin, load_config, parse_config

GOOD = worker_config("grpc://zeebe:26500", connector_entry("http", "io.camunda:http-json:1"))


def parsed(config: dict[str, Any]):
    return parse_config(json.dumps(config).encode(), origin="c.json")


def test_a_good_configuration_is_read_member_by_member() -> None:
    config = parsed(GOOD).config
    entry = config.connectors[0]
    assert config.worker_name == "test/runtime"
    assert config.camunda.grpc_address == "grpc://zeebe:26500"
    assert (entry.name, entry.job_type, entry.source.builtin) == ("http", "io.camunda:http-json:1", "http-json")
    assert entry.secrets.directory == Path("/var/run/secrets/connectors/http")
    assert entry.fetch_variables is None
    assert entry.element_templates is TemplateOrigin.GENERATED


def test_the_hash_is_ten_digits_of_the_sha256_of_the_bytes(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text(json.dumps(GOOD, indent=4))
    assert load_config(file).hash == hashlib.sha256(file.read_bytes()).hexdigest()[:10]


def test_members_that_the_runtime_does_not_know_are_ignored() -> None:
    config = copy.deepcopy(GOOD)
    config["later"] = config["camunda"]["later"] = config["connectors"][0]["later"] = {"x": 1}
    assert parsed(config).config == parsed(GOOD).config


def changed(path: str, value: Any) -> dict[str, Any]:
    config: Any = copy.deepcopy(GOOD)
    target = config
    *parents, last = path.split("/")
    for part in parents:
        target = target[int(part) if part.isdigit() else part]
    if value is ...:
        del target[last]
    else:
        target[last] = value
    return config


@pytest.mark.parametrize(
    ("path", "value", "texts"),
    [
        ("version", 2, ["version", "'2' is refused"]),
        ("workerName", ..., ["workerName: is missing"]),
        ("workerName", "", ["workerName"]),
        ("camunda/grpcAddress", "zeebe:26500", ["camunda.grpcAddress", "'zeebe:26500'", "write grpc://host:port"]),
        ("camunda/grpcAddress", "http://zeebe:26500", ["write grpc://host:port"]),
        ("camunda/grpcAddress", "grpc://", ["write grpc://host:port"]),
        ("terminationGracePeriodSeconds", 0, ["terminationGracePeriodSeconds: '0' is refused"]),
        ("connectors/0/maxJobsActive", 0, ["connectors[0].maxJobsActive: '0' is refused", "greater than or equal to 1"]),
        ("connectors/0/timeoutSeconds", "soon", ["connectors[0].timeoutSeconds: 'soon'"]),
        ("connectors/0/jobType", ..., ["connectors[0].jobType: is missing"]),
        ("connectors/0/source", {}, ["connectors[0].source", "name either builtin or path with entryPoint"]),
        ("connectors/0/source", {"builtin": "a", "path": "/b", "entryPoint": "c:d"}, ["name either builtin or path"]),
        ("connectors/0/source", {"path": "/b"}, ["path needs an entryPoint"]),
        ("connectors/0/elementTemplates", "Perhaps", ["connectors[0].elementTemplates: 'Perhaps' is refused"]),
        ("connectors", [GOOD["connectors"][0]] * 2, ["name 'http' is used by two Connectors"]),
        (
            "connectors",
            [connector_entry("a", "t:1"), connector_entry("b", "t:1")],
            ["jobType 't:1' is used by two Connectors"],
        ),
    ],
)
def test_a_bad_member_is_named_with_its_value_and_what_is_expected(path: str, value: Any, texts: list[str]) -> None:
    with pytest.raises(ConfigError) as refusal:
        parsed(changed(path, value))
    assert str(refusal.value).startswith("cannot use the configuration 'c.json': ")
    for text in texts:
        assert text in str(refusal.value)


def test_a_file_that_is_not_json_is_refused() -> None:
    with pytest.raises(ConfigError, match="cannot use the configuration"):
        parse_config(b"version: 1", origin="c.json")


def test_an_absent_file_says_how_to_name_another(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file or directory; mount it there or name it with --config"):
        load_config(tmp_path / "config.json")
