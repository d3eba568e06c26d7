"""Spoilt and random specs: always a reason, never an exception, never a changed neighbour, and the next good spec recovers."""

import json
import logging
import random
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
import scenario_objects as objects
from scenario_world import World, sample_templates
from spec_generator import Generator, mutated
from spec_variants import VARIANTS, Spec, members, replaced

from connector_operator.api.conditions import Reason
from connector_operator.api.kinds import CONNECTOR, CONNECTOR_POLICY, CONNECTOR_RUNTIME, Kind
from connector_operator.domain.objects import Object, ObjectRef, list_at
from connector_operator.domain.policy import read_policy
from connector_operator.domain.problem import Problem
from connector_operator.domain.resolve import ResolvedRuntime

SEED = 4
MUTATIONS = 300
RANDOM_SPECS = 2_000
SOURCES = [objects.source("code", shop__py="", crm__py="", t__json="{}")]
KINDS: dict[str, Kind] = {kind.kind: kind for kind in (CONNECTOR, CONNECTOR_RUNTIME, CONNECTOR_POLICY)}


_SELECTS = {"Connector": (), "ConnectorRuntime": ("connectors",), "ConnectorPolicy": ("namespaceSelector",)}


@pytest.fixture
async def world() -> World:
    """The samples rolled out, and beside them an object of each kind that is to be spoilt."""
    world = World()
    world.pods.templates = sample_templates()
    world.apply("connectors.yaml", "runtime.yaml")
    world.put({"apiVersion": "v1", "kind": "ConfigMap", "metadata": SOURCES[0]["metadata"], "data": SOURCES[0]["data"]})
    for kind in KINDS:
        world.put(_object(kind, _good(kind, next(iter(VARIANTS[kind].values())))))
    await world.settle_rolled_out()
    return world


def _object(kind: str, spec: Any) -> dict[str, Any]:
    """A Connector of no runtime of the samples, a ConnectorRuntime for itself, a ConnectorPolicy for another namespace."""
    return {
        "apiVersion": CONNECTOR.api_version,
        "kind": kind,
        "metadata": {"name": "probe", "labels": {"team": "probe"}},
        "spec": spec,
    }


def _good(kind: str, variant: Spec) -> Spec:
    """What the variant is made into so that it meets nobody but itself."""
    if kind == "ConnectorRuntime":
        return variant | {"connectors": {"selector": {"matchLabels": {"team": "probe"}}}}
    if kind == "ConnectorPolicy":
        return variant | {"namespaceSelector": {"matchLabels": {"nobody": "has-this"}}}
    return variant


def _neighbours(objects_by_ref: Mapping[ObjectRef, Object]) -> dict[ObjectRef, Object]:
    """Everything but the spoilt object and what comes of it, revisions included: nobody may even write there."""
    return {ref: obj for ref, obj in objects_by_ref.items() if not ref.name.startswith("probe")}


def _conditions(objects_by_ref: Mapping[ObjectRef, Object], kind: str) -> dict[str, Object]:
    namespace = objects.NAMESPACE if KINDS[kind].namespaced else ""
    spoilt = objects_by_ref[ObjectRef(KINDS[kind], namespace, "probe")]
    return {item["type"]: item for item in list_at(spoilt, "status", "conditions")}


def _unexplained(conditions: Mapping[str, Object]) -> list[str]:
    """Conditions with no known reason, or that say no although nothing is told."""
    known = set(Reason)
    poor = [
        item for item in conditions.values() if item["reason"] not in known or not (item["message"] or item["status"] == "True")
    ]
    return [f"{item['type']} {item['reason']} {item['message']}" for item in poor] if conditions else ["no condition at all"]


@pytest.mark.timeout(400)
async def test_a_spoilt_field_costs_only_its_own_object_a_condition(world: World, caplog: pytest.LogCaptureFixture) -> None:
    chance = random.Random(SEED)
    before, wrong, reasons = _neighbours(world.kube.objects), list[str](), Counter[str]()
    for _ in range(MUTATIONS):
        kind = chance.choice(list(KINDS))
        good = _good(kind, chance.choice(list(VARIANTS[kind].values())))
        spoilt, what = mutated(chance, good)
        # whom it is about stays as it was: to select the neighbours is no mistake that could be told from a wish
        spoilt |= {name: good[name] for name in _SELECTS[kind]}
        world.put(_object(kind, spoilt))
        await world.settle()
        live = world.kube.objects
        conditions = _conditions(live, kind)
        wrong += [f"{kind} {what}: {text}" for text in _unexplained(conditions)]
        wrong += [f"{kind} {what}: the neighbours changed"] if _neighbours(live) != before else []
        reasons[conditions["Ready"]["reason"]] += 1
        world.put(_object(kind, good))
        await world.settle()
        accepted = _conditions(world.kube.objects, kind)["Accepted"]
        wrong += [f"{kind} {what}: the good spec is {accepted}"] if accepted["status"] != "True" else []
    assert wrong == []
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert reasons[Reason.INVALID_SPEC] > MUTATIONS / 5
    assert reasons.total() == MUTATIONS


NEIGHBOUR = objects.connector("anchor")


def _part_of_neighbour(found: ResolvedRuntime) -> list[Any]:
    """What of the manifests is the neighbour's: its entry in the configuration, what it was accepted with, its volumes."""
    manifests = {manifest["kind"] + manifest["metadata"]["name"]: manifest for manifest in objects.rendered(found).manifests}
    (worker,) = objects.configured(found).workers
    entries = [entry for entry in json.loads(worker.text)["connectors"] if entry["name"] == "anchor"]
    accepted = json.loads(manifests["ConfigMapshop-accepted"]["data"]["accepted.json"])["anchor"]
    return [entries, accepted]


@pytest.mark.timeout(400)
def test_a_random_connector_is_served_or_explained_and_changes_nothing_for_its_neighbour() -> None:
    chance = random.Random(SEED)
    generator = Generator("Connector", chance)
    alone = _part_of_neighbour(objects.resolved(NEIGHBOUR))
    verdicts: Counter[str] = Counter()
    for number in range(RANDOM_SPECS // 2):
        probe = objects.connector("probe", second=9)
        probe["spec"] = generator.spec()
        found = objects.resolved(NEIGHBOUR, probe, sources=SOURCES)
        assert _part_of_neighbour(found) == alone, number
        problem = found.problems.get("probe")
        assert (problem is None) == ("probe" in [served.name for served in found.served]), number
        assert problem is None or problem.message.startswith("spec"), number
        _sound(found)
        verdicts[problem.reason if problem else "served"] += 1
    assert verdicts["served"] > RANDOM_SPECS / 20
    assert verdicts[Reason.INVALID_SPEC] > RANDOM_SPECS / 20


def test_a_random_runtime_is_rendered_or_explained() -> None:
    generator = Generator("ConnectorRuntime", random.Random(SEED))
    verdicts: Counter[str] = Counter()
    for number in range(RANDOM_SPECS * 2 // 5):
        shop = objects.runtime()
        shop["spec"] = generator.spec()
        found = objects.resolved(NEIGHBOUR, of=shop, sources=SOURCES)
        verdicts[found.problem.reason if found.problem else "rendered"] += 1
        if found.problem is None:
            _sound(found)
        else:
            assert found.problem.message.startswith("spec"), number
    assert verdicts["rendered"] > RANDOM_SPECS / 20
    assert verdicts[Reason.INVALID_SPEC] > RANDOM_SPECS / 20


def test_a_random_policy_can_be_read_or_allows_nothing_and_says_why() -> None:
    generator = Generator("ConnectorPolicy", random.Random(SEED))
    verdicts: Counter[str] = Counter()
    for _ in range(RANDOM_SPECS // 10):
        guard = objects.policy(**generator.spec())
        policy = read_policy(guard)
        found = objects.resolved(NEIGHBOUR, policies=[guard])
        verdicts["unreadable" if isinstance(policy, Problem) else "readable"] += 1
        assert not isinstance(policy, Problem) or policy.message.startswith("spec")
        assert all(problem.message for problem in found.problems.values())
    assert min(verdicts["unreadable"], verdicts["readable"]) > RANDOM_SPECS / 200


def _sound(found: ResolvedRuntime) -> None:
    """Whatever a user wrote, manifests are JSON with names that an API server takes, in the runtime's own namespace."""
    for manifest in objects.rendered(found).manifests:
        assert json.loads(json.dumps(manifest)) == manifest
        assert re.fullmatch(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?", manifest["metadata"]["name"])
        assert manifest["metadata"]["namespace"] == objects.NAMESPACE


@pytest.mark.parametrize(("kind", "variant"), [(kind, variant) for kind, found in VARIANTS.items() for variant in found])
async def test_an_object_of_a_newer_version_works_as_if_it_had_no_unknown_members(world: World, kind: str, variant: str) -> None:
    spec = _good(kind, VARIANTS[kind][variant])
    world.put(_object(kind, spec))
    await world.settle()
    before = _all_ours(world)
    future = spec
    for place, value in members(spec):
        is_free = {"settings", "podTemplate", "matchLabels", "limits", "requests"} & set(place)
        if isinstance(value, dict) and not is_free:
            future = replaced(future, (*place, "fieldOfTheFuture"), {"some": ["thing"]})
    assert future != spec
    world.put(_object(kind, future | {"anotherOne": True}))
    await world.settle()
    assert world.condition(KINDS[kind], "probe", "Accepted")[0] == "True"
    assert _all_ours(world) == before


def _all_ours(world: World) -> dict[str, Any]:
    """Every object but for what counts its versions."""
    passing = {"metadata", "status", "spec"}
    return {
        str(ref): obj["spec"] if ref.kind.kind == "Deployment" else {name: obj[name] for name in obj.keys() - passing}
        for ref, obj in world.kube.objects.items()
    }
