"""Element templates that pods report become ConfigMaps of a real API server: a thousand, one change, restarts, conflicts."""

import gzip
import json
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import operator_process
import pytest
import worker_pods
from cluster_audit import Audit
from cluster_hands import Hands, wait_for
from operator_process import OperatorProcess, fetch
from template_builder import good_template

from local_cluster.ports import free_ports

pytestmark = pytest.mark.usefixtures("controllers")

CONNECTORS = 20
TEMPLATES_EACH = 50
MAX_CONFIG_MAP = 1024 * 1024
Templates = dict[str, list[dict[str, Any]]]


def _template(template_id: str, version: int = 1, *, size: int = 0, **members: Any) -> dict[str, Any]:
    """An element template with so many bytes in its properties as real ones have."""
    hidden = {"type": "Hidden", "value": "x", "binding": {"type": "zeebe:taskHeader", "key": "h"}}
    template = good_template(id=template_id, version=version, **members)
    template["properties"] += [hidden] * (size // 143)
    return template


def _catalogues(hands: Hands) -> dict[str, dict[str, Any]]:
    part = "connectors.camunda.io/part"
    found = [one for one in hands.every("ConfigMap") if (one["metadata"].get("labels") or {}).get(part) == "catalogue"]
    return {one["metadata"]["name"]: one for one in found}


def _keys(hands: Hands) -> list[str]:
    return sorted(key for config_map in _catalogues(hands).values() for key in config_map["data"])


def _await_keys(hands: Hands, *keys: str) -> None:
    wait_for(lambda: _keys(hands) == sorted(keys), f"the catalogue holds {keys}")


def _await_count(hands: Hands, count: int) -> None:
    def look() -> bool:
        return hands.get("ConnectorRuntime", "shop")["status"]["catalogue"]["templates"] == count

    wait_for(look, f"{count} are published", seconds=90)


def _revisions(hands: Hands) -> dict[str, str]:
    return {name: one["metadata"]["resourceVersion"] for name, one in _catalogues(hands).items()}


@pytest.mark.timeout(240)
def test_of_a_thousand_templates_of_20_kb_one_change_writes_one_config_map(
    operator: OperatorProcess, hands: Hands, audit: Audit
) -> None:
    names = [f"c{number}" for number in range(CONNECTORS)]
    templates = {name: [_template(f"acme.io:{name}-{number}", size=20_000) for number in range(TEMPLATES_EACH)] for name in names}
    assert 19_000 < len(json.dumps(templates["c0"][0], indent=2)) < 22_000
    worker_pods.bring(hands, *names)
    with worker_pods.running(hands, "shop-worker", templates) as pod:
        _await_count(hands, 1000)
        since = audit.settle(operator.user)
        before, asked = _revisions(hands), len(pod.asked)
        pod.generate("c7", *templates["c7"][:42], _template("acme.io:c7-42", 2, size=20_000), *templates["c7"][43:])
        _await_count(hands, 1001)
        rest = audit.settle(operator.user)
        after = _revisions(hands)
        assert len([name for name in before if before[name] != after[name]]) == 1
        assert before.keys() == after.keys()
        assert [call for call in since.writes(operator.user) if call[1] == "configmaps"] == [("patch", "configmaps", 200)]
        assert pod.asked[asked:].count("/element-templates/c7") == 1
        assert not [path for path in pod.asked[asked:] if path not in ("/status", "/element-templates/c7")]
        assert rest.writes(operator.user) == []
        for config_map in _catalogues(hands).values():
            assert sum(len(key) + len(text.encode()) for key, text in config_map["data"].items()) < MAX_CONFIG_MAP


def test_what_is_published_under_a_version_outlives_every_operator_unchanged(
    rights: tuple[Path, str, Path], hands: Hands, audit: Audit
) -> None:
    kubeconfig, user, folder = rights

    def an_operator() -> Any:
        return operator_process.running(kubeconfig, user, folder, port=free_ports(1)[0])

    with an_operator():
        worker_pods.bring(hands, "http")
        with worker_pods.running(hands, "shop-worker", {"http": [_template("t")]}):
            _await_keys(hands, "t-v1.json")
            hands.wait_condition("Connector", "http", "Published", ("True", "Published"))
            published = _catalogues(hands)
    with an_operator(), worker_pods.running(hands, "shop-worker", {"http": [_template("t", name="Other")]}):
        hands.wait_condition("Connector", "http", "Published", ("False", "InvalidElementTemplate"))
        assert "raise its version" in hands.message("Connector", "http", "Published")
        assert _catalogues(hands) == published
    with worker_pods.running(hands, "shop-worker", {"http": [_template("t", 2, name="Other")]}):
        with an_operator():
            _await_keys(hands, "t-v1.json", "t-v2.json")
            hands.wait_condition("Connector", "http", "Published", ("True", "Published"))
            since = audit.settle(user)
            published = _catalogues(hands)
        with an_operator():
            since.settle(user)
            assert [call for call in since.writes(user) if call[1] == "configmaps"] == []
            assert _catalogues(hands) == published


def test_a_template_goes_with_its_connector_and_not_with_its_pod(operator: OperatorProcess, hands: Hands) -> None:
    worker_pods.bring(hands, "http", "other")
    with worker_pods.running(hands, "shop-worker", {"http": [_template("t")], "other": [_template("o")]}) as pod:
        _await_keys(hands, "o-v1.json", "t-v1.json")
    hands.delete("Pod", pod.name)
    hands.wait_condition("Connector", "http", "Loaded", ("False", "Pending"))
    assert _keys(hands) == ["o-v1.json", "t-v1.json"]
    hands.edit("Connector", "http", {"spec": {"suspend": True}})
    _await_keys(hands, "o-v1.json")
    hands.delete("Connector", "other")
    _await_keys(hands)


def test_a_connector_that_brings_its_own_templates_has_those_and_no_generated_ones(
    operator: OperatorProcess, hands: Hands
) -> None:
    def bring(*templates: dict[str, Any]) -> None:
        labels = {"connectors.camunda.io/part": "source"}
        data = {"all.json": json.dumps(templates)}
        hands.put({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "given", "labels": labels}, "data": data})

    bring(_template("given"))
    worker_pods.bring(hands, "http")
    hands.edit("Connector", "http", {"spec": {"elementTemplates": [{"configMapKeyRef": {"name": "given", "key": "all.json"}}]}})
    wait_for(lambda: '"Given"' in worker_pods.configuration(hands, "shop-worker"), "the worker's pods generate none")
    with worker_pods.running(hands, "shop-worker", {"http": [_template("generated")]}):
        _await_keys(hands, "given-v1.json")
        bring(_template("given"), _template("given", 2))
        _await_keys(hands, "given-v1.json", "given-v2.json")
        bring(_template("given", 2), _template("third"))
        _await_keys(hands, "given-v2.json", "third-v1.json")
        bring(_template("given", 2, name="Other"))
        hands.wait_condition("Connector", "http", "Published", ("False", "InvalidElementTemplate"))
        bring({"id": "broken"})
        wait_for(lambda: "an element template needs 'name'" in hands.message("Connector", "http", "Published"), "it is told")
    assert "given-v2.json" in _keys(hands)


def test_of_two_connectors_with_other_content_under_one_version_the_younger_is_told(
    operator: OperatorProcess, hands: Hands
) -> None:
    worker_pods.bring(hands, "old", "young", "twin")
    templates: Templates = {"old": [_template("t")], "young": [_template("t", name="Other")], "twin": [_template("t")]}
    with worker_pods.running(hands, "shop-worker", templates):
        hands.wait_condition("Connector", "young", "Published", ("False", "InvalidElementTemplate"))
        assert "for Connector 'old': choose another id" in hands.message("Connector", "young", "Published")
        for name in ("old", "twin"):
            hands.wait_condition("Connector", name, "Published", ("True", "Published"))
        assert hands.get("Connector", "twin")["status"]["elementTemplates"][0]["key"] == "t-v1.json"
    assert _keys(hands) == ["t-v1.json"]


def test_the_operator_serves_what_it_has_published(rights: tuple[Path, str, Path], hands: Hands) -> None:
    kubeconfig, user, folder = rights
    probes, port = free_ports(2)
    place = f"http://127.0.0.1:{port}/catalog/{hands.namespace}/shop"
    with operator_process.running(kubeconfig, user, folder, "--catalogue-port", str(port), port=probes):
        worker_pods.bring(hands, "http")
        with worker_pods.running(hands, "shop-worker", {"http": [_template("acme:t")]}):
            hands.wait_condition("Connector", "http", "Published", ("True", "Published"))
            index, tag = fetch(f"{place}/index.json")
            (entry,) = json.loads(index)["acme:t"]
            assert entry == {"version": 1, "ref": f"{place}/acme_3at-v1.json", "engine": {"camunda": "^8.8"}}
            published = hands.get("ConfigMap", "shop-element-templates")["data"]["acme_3at-v1.json"]
            assert gzip.decompress(fetch(entry["ref"], Accept_Encoding="gzip")[0]).decode() == published
            with pytest.raises(HTTPError, match="304"):
                fetch(f"{place}/index.json", If_None_Match=tag)
            assert b"Greeting" in fetch(f"http://127.0.0.1:{port}/catalog/")[0]
