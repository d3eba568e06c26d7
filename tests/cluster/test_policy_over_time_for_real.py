"""A ConnectorPolicy that changes, at a real API server: tightened, loosened, and only auditing for a while."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import operator_process
import pytest
import worker_pods
from cluster_hands import Hands, wait_for
from operator_process import OperatorProcess, fetch
from template_builder import good_template

from local_cluster.ports import free_ports

REFUSED = "RefusedByPolicy"
HTTP_ONLY: list[dict[str, Any]] = [{"jobTypes": ["io.camunda:*"], "sources": {"builtin": ["*"]}}]


@pytest.fixture
def allowed(operator: OperatorProcess, hands: Hands) -> Hands:
    """The samples, all of whose Connectors the policy allows."""
    hands.apply("policy.yaml", "connectors.yaml", "runtime.yaml")
    wait_for(lambda: _served(hands) == ["crm-lookup", "http"], "the worker has both Connectors")
    return hands


def _served(hands: Hands) -> list[str]:
    return [entry["name"] for entry in json.loads(worker_pods.configuration(hands, "shop-worker"))["connectors"]]


def _policy(hands: Hands, **spec: Any) -> None:
    hands.edit("ConnectorPolicy", "shop", {"spec": spec})


@dataclass(frozen=True, slots=True)
class Shown:
    """Where the element templates of one namespace are to be seen."""

    hands: Hands
    base: str

    def everywhere(self) -> list[str]:
        """The ids that the ConfigMaps, the index, the page and the Connectors' statuses show; all of them must agree."""
        part = "connectors.camunda.io/part"
        maps = [one for one in self.hands.every("ConfigMap") if (one["metadata"].get("labels") or {}).get(part) == "catalogue"]
        in_maps = sorted(json.loads(text)["id"] for one in maps for text in (one.get("data") or {}).values())
        page = fetch(f"{self.base}/catalog/?q={self.hands.namespace}")[0].decode()
        assert sorted(json.loads(fetch(f"{self.base}/catalog/{self.hands.namespace}/shop/index.json")[0])) == in_maps
        assert [name for name in TEMPLATES if TEMPLATES[name][0]["name"] in page] == in_maps
        told = [one["status"].get("elementTemplates") or [] for one in self.hands.every("Connector")]
        assert sorted(template["id"] for templates in told for template in templates) == in_maps
        return in_maps


TEMPLATES = {name: [good_template(id=name, version=1, name=f"Template of {name}")] for name in ("crm-lookup", "http")}


@pytest.fixture
def shown(rights: tuple[Path, str, Path], hands: Hands) -> Iterator[Shown]:
    """An operator that serves the catalogue, and the samples, rolled out, with what they publish."""
    kubeconfig, user, folder = rights
    probes, port = free_ports(2)
    with operator_process.running(kubeconfig, user, folder, "--catalogue-port", str(port), port=probes):
        hands.apply("policy.yaml", "connectors.yaml", "runtime.yaml")
        wait_for(lambda: _served(hands) == ["crm-lookup", "http"], "the worker has both Connectors")
        with worker_pods.running(hands, "shop-worker", TEMPLATES):
            for name in TEMPLATES:
                hands.wait_condition("Connector", name, "Ready", ("True", "Ready"))
            yield Shown(hands, f"http://127.0.0.1:{port}")


@pytest.mark.usefixtures("controllers")
def test_tightened_it_takes_a_connector_out_of_worker_and_catalogue_and_loosened_it_comes_back(shown: Shown) -> None:
    hands, template = shown.hands, f"{shown.base}/catalog/{shown.hands.namespace}/shop/crm-lookup-v1.json"
    entries = hands.get("ConnectorPolicy", "shop")["spec"]["connectors"]
    wait_for(lambda: shown.everywhere() == ["crm-lookup", "http"], "both are offered")
    before = fetch(template)
    _policy(hands, connectors=HTTP_ONLY)
    wait_for(lambda: _served(hands) == ["http"], "the refused Connector is out of the worker")
    wait_for(lambda: shown.everywhere() == ["http"], "and out of the catalogue")
    with pytest.raises(HTTPError, match="404"):
        fetch(template)
    for condition in ("Accepted", "Ready", "Stalled"):
        hands.wait_condition("Connector", "crm-lookup", condition, ("True" if condition == "Stalled" else "False", REFUSED))
        assert "ConnectorPolicy 'shop' allows no job type 'acme.io:" in hands.message("Connector", "crm-lookup", condition)
    wait_for(lambda: hands.get("ConnectorPolicy", "shop")["status"]["refused"] == 1, "the policy counts it")
    _policy(hands, connectors=entries)
    wait_for(lambda: _served(hands) == ["crm-lookup", "http"], "it is back in the worker")
    wait_for(lambda: shown.everywhere() == ["crm-lookup", "http"], "and in the catalogue")
    hands.wait_condition("Connector", "crm-lookup", "Ready", ("True", "Ready"))
    assert fetch(template) == before


def test_audit_warns_and_refuses_nothing_and_enforced_again_it_refuses(allowed: Hands) -> None:
    _policy(allowed, connectors=HTTP_ONLY, enforcement="Audit")
    wait_for(lambda: "audit: ConnectorPolicy 'shop'" in _accepted_message(allowed), "the Connector is warned")
    wait_for(lambda: allowed.get("ConnectorPolicy", "shop")["status"]["refused"] == 1, "the policy counts what it would refuse")
    assert allowed.condition("Connector", "crm-lookup", "Accepted") == ("True", "Accepted")
    # a Connector that is new is warned just the same
    allowed.put(_probe())
    allowed.wait_condition("Connector", "probe", "Accepted", ("True", "Accepted"))
    assert "audit: ConnectorPolicy 'shop'" in allowed.message("Connector", "probe", "Accepted")
    assert _served(allowed) == ["crm-lookup", "http"]
    _policy(allowed, enforcement="Enforce")
    wait_for(lambda: _served(allowed) == ["http"], "enforced, it refuses")
    allowed.wait_condition("Connector", "probe", "Accepted", ("False", REFUSED))


def _accepted_message(hands: Hands) -> str:
    return hands.message("Connector", "crm-lookup", "Accepted")


def _probe() -> dict[str, Any]:
    return {
        "apiVersion": "connectors.camunda.io/v1alpha1",
        "kind": "Connector",
        "metadata": {"name": "probe", "labels": {"team": "shop"}},
        "spec": {"jobType": "acme.io:probe:1", "source": {"builtin": "graphql"}},
    }
