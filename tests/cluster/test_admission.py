"""The admission policies and the reconcile-time decision agree: both evaluators on every case of one generated table."""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cluster_hands
import pytest
import yaml
from kubernetes.client.exceptions import ApiException

from connector_operator.api.connector import ConnectorSpec
from connector_operator.api.runtime import ConnectorRuntimeSpec
from connector_operator.domain.policy import policies_of, refusal, refuse_runtime

SEED = 20261124
DIGEST = "@sha256:" + "0" * 64
PIN = "--hash=sha256:" + "0" * 64
POLICIES = 24
CASES = 320

JOB_TYPES = ["io.camunda:http-json:1", "io.camunda:http-json:12", "acme.io:crm:1", "acmeXio:crm:1", "io.camunda:httpXjson:1", "a"]
JOB_TYPE_GLOBS = ["*", "io.camunda:*", "io.camunda:http-json:?", "acme.io:*", "acme.io:crm:1", "?", "nothing"]
SOURCES: list[dict[str, Any]] = [
    {"builtin": "http-json"},
    {"builtin": "graphql"},
    {"configMap": {"name": "crm", "entryPoint": "crm:lookup"}},
    {"package": {"requirements": [f"acme-crm==1 {PIN}"], "entryPoint": "crm:lookup"}},
    {"package": {"requirements": [f"acme-crm==1 {PIN}", f"evil==1 {PIN}"], "entryPoint": "crm:lookup"}},
    {"package": {"requirements": [f"acme.x==1 {PIN}"], "entryPoint": "crm:lookup", "indexUrl": "https://pypi.acme.io/simple"}},
    {"image": {"reference": "reg.acme.io/crm:1", "entryPoint": "crm:lookup"}},
    {"image": {"reference": f"reg.acme.io/crm{DIGEST}", "entryPoint": "crm:lookup"}},
    {"image": {"reference": f"reg.evil.io/crm{DIGEST}", "entryPoint": "crm:lookup"}},
]
ALLOWED_SOURCES: list[dict[str, Any]] = [
    {},
    {"builtin": []},
    {"builtin": ["*"]},
    {"builtin": ["http-*"]},
    {"configMap": {}},
    {"package": {"requirements": ["acme*"]}},
    {"package": {"requirements": ["*"], "indexUrls": ["https://pypi.acme.io/*"]}, "builtin": ["http-json"]},
    {"image": {"references": ["reg.acme.io/*"]}},
    {"image": {"references": ["*"], "requireDigest": True}},
    {"builtin": ["graphql"], "configMap": {}, "image": {"references": ["reg.acme.i?/crm*"], "requireDigest": False}},
]
RUNTIMES: list[dict[str, Any]] = [
    {},
    {"images": []},
    {"images": ["runtime:*"]},
    {"maxReplicas": 2},
    {"podTemplate": "Forbidden"},
    {"podTemplate": "Allowed", "images": ["*"], "maxReplicas": 0},
]
RUNTIME_SPECS: list[dict[str, Any]] = [
    {"image": "runtime:1"},
    {"image": "evil:1", "replicas": 2},
    {"image": "runtime:2", "replicas": 3},
    {"image": "runtime:2", "podTemplate": {"spec": {"containers": [{"name": "side", "image": "evil:1"}]}}},
    {"image": "runtime:2", "podTemplate": {"spec": {"initContainers": [{"name": "side", "image": "runtime:9"}]}}},
    {"image": "runtime:2", "podTemplate": {"metadata": {"labels": {"a": "b"}}}, "replicas": 0},
]


@dataclass(frozen=True, slots=True)
class Table:
    """Namespaces with their labels, and the policies that select them."""

    hands: cluster_hands.Hands
    namespaces: dict[str, dict[str, str]]
    policies: list[dict[str, Any]]


def _policy(chance: random.Random, index: int, run: str) -> dict[str, Any]:
    selector: dict[str, Any] = {
        "matchLabels": {"run": run, f"p{index}": "on"},
        "matchExpressions": chance.choice([[], [{"key": "stage", "operator": chance.choice(["Exists", "DoesNotExist"])}]])
        or [{"key": "stage", "operator": chance.choice(["In", "NotIn"]), "values": ["prod", "test"]}],
    }
    entries = [
        {"jobTypes": chance.sample(JOB_TYPE_GLOBS, chance.randint(1, 2)), "sources": chance.choice(ALLOWED_SOURCES)}
        for _ in range(chance.randint(0, 3))
    ]
    spec: dict[str, Any] = {"namespaceSelector": selector, "connectors": entries, "runtimes": chance.choice(RUNTIMES)}
    if chance.random() < 0.25:
        spec["enforcement"] = "Audit"
    return {
        "apiVersion": "connectors.camunda.io/v1alpha1",
        "kind": "ConnectorPolicy",
        "metadata": {"name": f"{run}-{index}"},
        "spec": spec,
    }


@pytest.fixture(scope="module")
def table(kube_config: Path) -> Iterator[Table]:
    """Policies and namespaces at the API server, with the admission policies installed and working."""
    chance = random.Random(SEED)
    with cluster_hands.Hands.in_new_namespace(kube_config) as hands:
        _install(hands)
        run = hands.namespace
        policies = [_policy(chance, index, run) for index in range(POLICIES)]
        for policy in policies:
            hands.put(policy)
        namespaces = {f"{run}-{index}": _labels(chance, run) for index in range(POLICIES)}
        api = hands.api.resources.get(api_version="v1", kind="Namespace")
        for name, labels in namespaces.items():
            api.create(body={"metadata": {"name": name, "labels": labels}})
        canary = _canary(hands, run)
        try:
            cluster_hands.wait_for(lambda: _verdict(hands, run, canary) is not None, "the admission policies work", seconds=60)
            yield Table(hands, namespaces, [hands.get("ConnectorPolicy", policy["metadata"]["name"]) for policy in policies])
        finally:
            for name in namespaces:
                api.delete(name=name)
            _uninstall(hands)


def _labels(chance: random.Random, run: str) -> dict[str, str]:
    chosen = {f"p{index}": "on" for index in chance.sample(range(POLICIES), chance.randint(1, 3))}
    stage = chance.choice([{}, {"stage": "prod"}, {"stage": "dev"}])
    return {"run": run, **chosen, **stage}


def _canary(hands: cluster_hands.Hands, run: str) -> dict[str, Any]:
    """A Connector that the last policy made refuses: once it is refused, the API server knows them all."""
    selector = {"matchLabels": {"kubernetes.io/metadata.name": run}}
    policy = {"apiVersion": "connectors.camunda.io/v1alpha1", "kind": "ConnectorPolicy", "metadata": {"name": f"{run}-canary"}}
    hands.put(policy | {"spec": {"namespaceSelector": selector, "connectors": []}})
    return _object("Connector", {"jobType": "a:1", "source": {"builtin": "http-json"}})


def _install(hands: cluster_hands.Hands) -> None:
    for manifest in _manifests():
        _resource(hands, manifest).server_side_apply(
            body=manifest, name=manifest["metadata"]["name"], field_manager="tests", force_conflicts=True
        )


def _uninstall(hands: cluster_hands.Hands) -> None:
    for manifest in reversed(_manifests()):
        _resource(hands, manifest).delete(name=manifest["metadata"]["name"])


def _manifests() -> list[dict[str, Any]]:
    text = (cluster_hands.ROOT / "deploy" / "base" / "admission-policies.yaml").read_text(encoding="utf-8")
    return list(yaml.safe_load_all(text))


def _resource(hands: cluster_hands.Hands, manifest: dict[str, Any]) -> Any:
    return hands.api.resources.get(api_version=manifest["apiVersion"], kind=manifest["kind"])


def _object(kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "connectors.camunda.io/v1alpha1", "kind": kind, "metadata": {"name": "probe"}, "spec": spec}


def _verdict(hands: cluster_hands.Hands, namespace: str, manifest: dict[str, Any]) -> str | None:
    """What the API server says to a creation that it only tries: `None` when it is allowed."""
    resource = hands.api.resources.get(api_version=manifest["apiVersion"], kind=manifest["kind"])
    try:
        resource.create(body=manifest, namespace=namespace, query_params=[("dryRun", "All")])
    except ApiException as refused:
        if refused.status != 403:
            raise
        return str(refused.body)
    return None


@pytest.mark.usefixtures("controllers")
def test_the_expressions_are_typed(table: Table) -> None:
    for manifest in _manifests():
        if manifest["kind"] == "ValidatingAdmissionPolicy":
            live = cluster_hands.wait_for(lambda one=manifest: _checked(table.hands, one), "the types are checked")
            assert live["status"]["typeChecking"] == {}


def _checked(hands: cluster_hands.Hands, manifest: dict[str, Any]) -> dict[str, Any] | None:
    live = _resource(hands, manifest).get(name=manifest["metadata"]["name"]).to_dict()
    return live if live.get("status", {}).get("observedGeneration") else None


def test_both_evaluators_agree_on_connectors(table: Table) -> None:
    chance = random.Random(SEED + 1)
    combinations = list(itertools.product(table.namespaces, JOB_TYPES, SOURCES))
    differences: list[str] = []
    refused = 0
    for namespace, job_type, source in chance.sample(combinations, CASES):
        spec = {"jobType": job_type, "source": source}
        ours = refusal(ConnectorSpec.model_validate(spec), policies_of(table.namespaces[namespace], table.policies))
        theirs = _verdict(table.hands, namespace, _object("Connector", spec))
        refused += theirs is not None
        if (ours is None) != (theirs is None):
            differences.append(f"{table.namespaces[namespace]} {spec}: reconcile {ours}, admission {theirs}")
    assert differences == []
    assert CASES * 0.2 < refused < CASES * 0.95, "the table must hold both verdicts"


def test_both_evaluators_agree_on_runtimes(table: Table) -> None:
    base = {"camunda": {"grpcAddress": "grpc://zeebe:26500"}, "connectors": {"selector": {}}}
    differences: list[str] = []
    verdicts: set[bool] = set()
    for namespace, extra in itertools.product(table.namespaces, RUNTIME_SPECS):
        spec = base | extra
        ours = refuse_runtime(
            ConnectorRuntimeSpec.model_validate(spec), extra["image"], policies_of(table.namespaces[namespace], table.policies)
        )
        theirs = _verdict(table.hands, namespace, _object("ConnectorRuntime", spec))
        verdicts.add(theirs is None)
        if (ours is None) != (theirs is None):
            differences.append(f"{table.namespaces[namespace]} {spec}: reconcile {ours}, admission {theirs}")
    assert differences == []
    assert verdicts == {True, False}


def test_a_refusal_names_policy_and_job_type(table: Table) -> None:
    said = _verdict(table.hands, table.hands.namespace, _object("Connector", {"jobType": "a:1", "source": {"builtin": "x"}}))
    assert f"ConnectorPolicy '{table.hands.namespace}-canary' allows no job type 'a:1'" in (said or "")


def test_what_was_accepted_before_can_be_labelled_and_deleted(table: Table, hands: cluster_hands.Hands) -> None:
    hands.put(_object("Connector", {"jobType": "a:1", "source": {"builtin": "http-json"}}))
    policy = {"apiVersion": "connectors.camunda.io/v1alpha1", "kind": "ConnectorPolicy"}
    metadata = {"name": f"{hands.namespace}-nothing"}
    selector = {"matchLabels": {"kubernetes.io/metadata.name": hands.namespace}}
    hands.put(policy | {"metadata": metadata, "spec": {"namespaceSelector": selector}})
    probe = _object("Connector", {"jobType": "b:1", "source": {"builtin": "http-json"}})
    probe["metadata"]["name"] = "another"
    cluster_hands.wait_for(lambda: _verdict(table.hands, hands.namespace, probe) is not None, "the policy is known")
    hands.edit("Connector", "probe", {"metadata": {"labels": {"a": "b"}}})
    with pytest.raises(ApiException):
        hands.edit("Connector", "probe", {"spec": {"maxJobsActive": 5}})
    hands.delete("Connector", "probe")
