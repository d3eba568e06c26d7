"""Equal input gives equal bytes, so that nothing rolls out for nothing."""

import json
from typing import Any

import golden_runtimes
import pytest
import scenario_objects as objects

from connector_operator.domain.plan import canonical
from connector_operator.domain.resolve import ResolvedRuntime


def _bytes(found: ResolvedRuntime) -> list[str]:
    return [json.dumps(item) for item in objects.rendered(found).manifests]


def _reversed(node: Any) -> Any:
    """The same JSON with the members of every object in the opposite order."""
    if isinstance(node, dict):
        return {name: _reversed(node[name]) for name in reversed(node)}
    return [_reversed(item) for item in node] if isinstance(node, list) else node


@pytest.mark.parametrize("runtime", [golden_runtimes.samples, golden_runtimes.everything])
def test_rendering_twice_gives_the_same_bytes(runtime: Any) -> None:
    assert _bytes(runtime()) == _bytes(runtime())


def test_the_order_of_members_does_not_matter() -> None:
    connector = objects.connector(settings={"b": {"d": 1, "c": 2}, "a": [{"y": 1, "x": 2}]})
    source = objects.source("code", b__py="b", a__py="a")
    straight = objects.resolved(connector, sources=[source])
    turned = objects.resolved(_reversed(connector), of=_reversed(objects.runtime()), sources=[_reversed(source)])
    assert [canonical(item) for item in objects.rendered(straight).manifests] == [
        canonical(item) for item in objects.rendered(turned).manifests
    ]
    assert objects.configured(straight) == objects.configured(turned)


def test_the_order_of_connectors_does_not_matter() -> None:
    connectors = [objects.connector(name) for name in "abc"]
    assert _bytes(objects.resolved(*connectors)) == _bytes(objects.resolved(*reversed(connectors)))


def test_defaults_that_the_api_server_fills_in_change_nothing() -> None:
    bare = objects.connector()
    filled = objects.connector(timeout="5m", maxJobsActive=100, suspend=False)
    assert _bytes(objects.resolved(bare)) == _bytes(objects.resolved(filled))


@pytest.mark.parametrize("change", [{"maxJobsActive": 7}, {"settings": {"a": 1}}, {"timeout": "6m"}, {"jobType": "other:1"}])
def test_a_change_of_a_connector_is_another_configuration_and_another_pod_template(change: dict[str, Any]) -> None:
    before, after = (objects.rendered(objects.resolved(objects.connector(**spec))) for spec in ({}, change))
    templates = [objects.manifest(desired, "Deployment")["spec"]["template"] for desired in (before, after)]
    assert templates[0] != templates[1]


def test_an_element_template_or_a_label_rolls_nothing_out() -> None:
    before = objects.resolved(objects.connector())
    after = objects.resolved(objects.connector(labels={"team": "shop", "more": "yes"}))
    assert _bytes(before) == _bytes(after)


def test_every_object_names_its_owner_its_part_and_its_hash() -> None:
    for item in objects.rendered(golden_runtimes.everything()).manifests:
        metadata = item["metadata"]
        (owner,) = metadata["ownerReferences"]
        assert (owner["kind"], owner["name"], owner["controller"]) == ("ConnectorRuntime", "everything", True)
        assert metadata["namespace"] == "shop"
        assert {"connectors.camunda.io/part", "connectors.camunda.io/runtime"} <= metadata["labels"].keys()
        assert metadata["annotations"]["connectors.camunda.io/desired-hash"]
