"""Which Connectors a runtime serves, and with which specs."""

import pytest
import scenario_objects as objects

from connector_operator.api.conditions import Reason
from connector_operator.domain.objects import Object
from connector_operator.domain.problem import Problem
from connector_operator.domain.resolve import ResolvedRuntime

CODE = {"configMap": {"name": "crm", "entryPoint": "crm:lookup"}}


def _served(found: ResolvedRuntime) -> dict[str, str]:
    return {served.name: served.spec.job_type for served in found.served}


def _reasons(found: ResolvedRuntime) -> dict[str, Reason]:
    return {name: problem.reason for name, problem in found.problems.items()}


def _again(before: ResolvedRuntime, *connectors: Object, **rest: object) -> ResolvedRuntime:
    """The next reconcile, after everything of the last one was applied."""
    return objects.resolved(*connectors, owned=objects.remembered(before), **rest)


@pytest.mark.parametrize(
    ("selection", "selected"),
    [
        ({"selector": {}}, ["by-label", "by-name", "other"]),
        ({"selector": {"matchLabels": {"team": "shop"}}}, ["by-label"]),
        ({"names": ["by-name"]}, ["by-name"]),
        ({"selector": {"matchLabels": {"team": "shop"}}, "names": ["by-name", "gone"]}, ["by-label", "by-name"]),
        ({"names": []}, []),
    ],
)
def test_a_runtime_serves_the_union_of_labels_and_names(selection: dict[str, object], selected: list[str]) -> None:
    connectors = [
        objects.connector("by-label"),
        objects.connector("by-name", labels={}),
        objects.connector("other", labels={"team": "crm"}),
    ]
    assert list(_served(objects.resolved(*connectors, of=objects.runtime(connectors=selection)))) == selected


def test_labels_that_are_no_map_select_nothing_and_break_nothing() -> None:
    odd = objects.connector("odd")
    odd["metadata"]["labels"] = ["team"]
    assert list(_served(objects.resolved(odd, objects.connector("http")))) == ["http"]


@pytest.mark.parametrize(("seconds", "winner", "loser"), [((1, 2), "a", "b"), ((2, 1), "b", "a"), ((1, 1), "a", "b")])
def test_the_older_connector_has_the_job_type_and_names_decide_ties(seconds: tuple[int, int], winner: str, loser: str) -> None:
    connectors = [objects.connector(name, second=at, jobType="t:1") for name, at in zip("ab", seconds, strict=True)]
    found = objects.resolved(*connectors)
    assert list(_served(found)) == [winner]
    assert found.problems == {
        loser: Problem(
            Reason.JOB_TYPE_CONFLICT,
            f"spec.jobType: ConnectorRuntime 'shop' already serves job type 't:1' with the older Connector '{winner}'; "
            "choose another job type, or let the runtime select only one of the two",
        )
    }


def test_a_connector_that_is_not_served_holds_no_job_type() -> None:
    refused = objects.connector("old", second=0, jobType="t:1", suspend=True)
    assert list(_served(objects.resolved(refused, objects.connector("young", second=1, jobType="t:1")))) == ["young"]


def test_a_bad_edit_keeps_the_last_good_spec() -> None:
    before = objects.resolved(objects.connector(jobType="t:1"))
    found = _again(before, objects.connector(jobType="t:2", maxJobsActive=0))
    assert _served(found) == {"http": "t:1"}
    assert found.served[0].kept
    assert _reasons(found) == {"http": Reason.INVALID_SPEC}


def test_what_was_kept_renders_what_ran() -> None:
    before = objects.resolved(objects.connector(jobType="t:1", settings={"b": [1, None], "a": {"z": 1, "y": 2}}))
    found = _again(before, objects.connector(source={}))
    assert objects.configured(found) == objects.configured(before)


def test_a_source_that_vanishes_keeps_its_copy() -> None:
    connector = objects.connector(source=CODE)
    before = objects.resolved(connector, sources=[objects.source("crm", crm__py="x")])
    found = _again(before, connector)
    assert objects.configured(found) == objects.configured(before)
    assert [manifest for manifest in objects.rendered(found).manifests if "-source-" in manifest["metadata"]["name"]] == []


def test_an_edit_into_the_job_type_of_an_older_connector_keeps_the_last_good_spec() -> None:
    old = objects.connector("old", second=0, jobType="t:1")
    before = objects.resolved(old, objects.connector("young", second=1, jobType="t:2"))
    found = _again(before, old, objects.connector("young", second=1, jobType="t:1"))
    assert _served(found) == {"old": "t:1", "young": "t:2"}
    assert _reasons(found) == {"young": Reason.JOB_TYPE_CONFLICT}


def test_a_kept_spec_gives_way_to_an_older_connector_that_takes_its_job_type() -> None:
    old, young = objects.connector("old", second=0, jobType="t:1"), objects.connector("young", second=1, jobType="t:2")
    before = objects.resolved(old, young)
    taker = objects.connector("old", second=0, jobType="t:2")
    found = _again(before, taker, objects.connector("young", second=1, jobType="t:2", maxJobsActive=0))
    assert _served(found) == {"old": "t:2"}


@pytest.mark.parametrize("change", [{"suspend": True}, {"jobType": "evil:1"}])
def test_suspension_and_refusal_keep_nothing(change: dict[str, object]) -> None:
    allow = objects.policy(connectors=[{"jobTypes": ["t:*"], "sources": {"builtin": ["*"]}}])
    before = objects.resolved(objects.connector(jobType="t:1"), policies=[allow])
    assert _served(_again(before, objects.connector(**{"jobType": "t:1"} | change), policies=[allow])) == {}


def test_a_policy_that_is_tightened_ends_what_was_kept() -> None:
    before = objects.resolved(objects.connector(jobType="t:1"))
    broken = objects.connector(source={})
    assert _served(_again(before, broken)) == {"http": "t:1"}
    assert _served(_again(before, broken, policies=[objects.policy(connectors=[])])) == {}


def test_without_a_memory_a_bad_connector_runs_nowhere() -> None:
    assert _served(objects.resolved(objects.connector(source={}))) == {}


@pytest.mark.parametrize("text", ["", "[", "[]", '{"http": 1}', '{"http": {"spec": {"jobType": 1}}}', "NaN", "[" * 100_000])
def test_a_damaged_memory_reads_as_empty(text: str) -> None:
    before = objects.resolved(objects.connector(jobType="t:1"))
    owned = [
        item | {"data": {"accepted.json": text}} if item["metadata"]["name"] == "shop-accepted" else item
        for item in objects.remembered(before)
    ]
    assert _served(objects.resolved(objects.connector(source={}), owned=owned)) == {}


def test_a_runtime_that_cannot_be_read_serves_nothing_new_and_says_why() -> None:
    found = objects.resolved(objects.connector(), of=objects.runtime(camunda={"grpcAddress": "zeebe:26500"}))
    assert found.spec is None
    assert found.problem is not None
    assert found.problem.reason is Reason.INVALID_SPEC
    assert found.problem.message.startswith("spec.camunda.grpcAddress: string should match pattern")


@pytest.mark.parametrize(
    ("spec", "policies", "reason"),
    [
        ({"suspend": True}, {}, Reason.SUSPENDED),
        ({"replicas": 9}, {"maxReplicas": 3}, Reason.REFUSED_BY_POLICY),
        ({}, {"images": ["acme/*"]}, Reason.REFUSED_BY_POLICY),
        ({"image": "acme/x:1"}, {"images": ["acme/*"]}, None),
    ],
)
def test_a_runtime_as_a_whole_can_be_held_back(
    spec: dict[str, object], policies: dict[str, object], reason: Reason | None
) -> None:
    policy = objects.policy(runtimes=policies, connectors=[{"jobTypes": ["*"], "sources": {"builtin": ["*"]}}])
    problem = objects.resolved(objects.connector(), of=objects.runtime(**spec), policies=[policy]).problem
    assert (problem.reason if problem else None) is reason


def test_a_runtime_without_an_image_gets_the_operators() -> None:
    assert objects.resolved().image == objects.DEFAULTS.image
    assert objects.resolved(of=objects.runtime(image="acme/x:1", imagePullPolicy="Always")).image == "acme/x:1"
    assert objects.resolved(of=objects.runtime(imagePullPolicy="Always")).image_pull_policy == "Always"
