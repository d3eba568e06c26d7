"""However Connectors come, grow and go: no element template moves, no ConfigMap is too big, and rest is rest."""

import json
from typing import Any

import scenario_objects as objects
from hypothesis import given, settings
from hypothesis import strategies as st
from scenario_world import element_template

from connector_operator.api.conditions import Reason
from connector_operator.domain.catalogue import compose
from connector_operator.domain.desired import DesiredObjects
from connector_operator.domain.element_template import ElementTemplate, read_template
from connector_operator.domain.objects import Manifest
from connector_operator.domain.observed import observe
from connector_operator.domain.plan import Plan, make_plan
from connector_operator.domain.sharding import MAX_OWNERS_BYTES, MAX_SHARD_BYTES, Shards, Weight
from connector_operator.domain.shelf import Catalogue
from connector_operator.rendering.catalogue import catalogue_config_maps

MAX_CONFIG_MAP = 1024 * 1024
MAX_ANNOTATIONS = 256 * 1024
CONNECTORS = ("one", "two", "three")


def _template(name: str, version: int = 1, size: int = 0) -> ElementTemplate:
    read = read_template(element_template(name, version) | {"description": "x" * size})
    assert isinstance(read, ElementTemplate)
    return read


class _Runtime:
    """The catalogue of one runtime through one change after another, each seen as the next reconcile sees it."""

    def __init__(self, *connectors: str) -> None:
        self.connectors = list(connectors)
        self.live: list[Manifest] = []

    def reconcile(self, fetched: dict[str, tuple[ElementTemplate, ...]] | None = None) -> tuple[Catalogue, Plan]:
        found = objects.resolved(*(objects.connector(name) for name in self.connectors), owned=self.live)
        catalogue = compose(found, lambda _name: True, fetched or {}, {})
        wanted = catalogue_config_maps(found, catalogue)
        plan = make_plan(DesiredObjects(tuple(wanted)), observe(objects.runtime(), self.live))
        self.live = wanted
        return catalogue, plan


def _places(catalogue: Catalogue) -> dict[str, str]:
    return {entry.key: entry.config_map for entry in catalogue.entries}


additions = st.tuples(
    st.sampled_from(CONNECTORS),
    st.sampled_from("abc") | st.sampled_from(["shared-a", "shared-b"]),
    st.integers(1, 4),
    st.sampled_from([0, 100, 300_000, 600_000, 900_000]),
)
removals = st.sampled_from(CONNECTORS)


@settings(max_examples=60, deadline=None)
@given(st.lists(additions | removals, max_size=12))
def test_no_template_moves_no_config_map_is_too_big_and_a_second_look_writes_nothing(changes: list[Any]) -> None:
    runtime = _Runtime()
    before: Catalogue = Catalogue((), {})
    for change in changes:
        fetched: dict[str, tuple[ElementTemplate, ...]] = {}
        if isinstance(change, str):
            runtime.connectors = [name for name in runtime.connectors if name != change]
        else:
            connector, name, version, size = change
            runtime.connectors = sorted({*runtime.connectors, connector})
            own = name if name.startswith("shared") else f"{connector}-{name}"
            fetched[connector] = (_template(own, version, size),)
        after, _ = runtime.reconcile(fetched)
        kept = {entry.key for entry in before.entries if set(entry.connectors) & {*runtime.connectors}}
        assert kept <= _places(after).keys()
        present = {(entry.key, entry.config_map, entry.text) for entry in after.entries}
        assert all((entry.key, entry.config_map, entry.text) in present for entry in before.entries if entry.key in kept)
        assert all({*entry.connectors} <= {*runtime.connectors} and entry.connectors for entry in after.entries)
        for config_map in runtime.live:
            assert sum(len(text.encode()) for text in config_map["data"].values()) <= MAX_SHARD_BYTES < MAX_CONFIG_MAP
            assert sum(map(len, config_map["metadata"]["annotations"].values())) < MAX_ANNOTATIONS
        again, plan = runtime.reconcile()
        assert again.entries == after.entries
        assert (plan.apply, plan.delete) == ((), ())
        before = after


def test_of_a_thousand_templates_of_20_kb_one_change_writes_one_config_map() -> None:
    runtime = _Runtime("one", "two")
    first = {
        name: tuple(_template(f"acme.io:{name}-{number}", size=20_000) for number in range(500)) for name in runtime.connectors
    }
    catalogue, plan = runtime.reconcile(first)
    assert len(catalogue.entries) == 1000
    assert len(plan.apply) == 23
    changed, plan = runtime.reconcile({"one": (_template("acme.io:one-7", 2, size=20_000),)})
    assert len(changed.entries) == 1001
    assert [step.why for step in plan.apply] == ["change"]
    assert plan.delete == ()


def test_room_that_became_free_is_used_before_a_further_config_map_is_made() -> None:
    runtime = _Runtime("one", "two")
    runtime.reconcile({"one": (_template("a", size=800_000),), "two": (_template("b", size=800_000),)})
    runtime.connectors = ["three", "two"]
    after, _ = runtime.reconcile({"three": (_template("c", size=700_000),)})
    assert _places(after) == {"b-v1.json": "shop-element-templates-1", "c-v1.json": "shop-element-templates"}


def test_a_config_map_whose_last_template_went_is_deleted_and_the_others_keep_their_names() -> None:
    runtime = _Runtime("one", "two")
    runtime.reconcile({"one": (_template("a", size=800_000),), "two": (_template("b", size=800_000),)})
    runtime.connectors = ["two"]
    after, plan = runtime.reconcile()
    assert _places(after) == {"b-v1.json": "shop-element-templates-1"}
    assert plan.apply == ()
    assert [step.ref.name for step in plan.delete] == ["shop-element-templates"]


def test_many_small_templates_do_not_outgrow_the_annotation_that_says_whose_they_are() -> None:
    runtime = _Runtime("one")
    long_names = tuple(_template(f"{'n' * 150}-{number}") for number in range(1500))
    runtime.reconcile({"one": long_names})
    owners = [config_map["metadata"]["annotations"]["connectors.camunda.io/published-by"] for config_map in runtime.live]
    assert len(owners) == 2
    assert sum(len(json.loads(text)) for text in owners) == 1500
    assert max(map(len, owners)) <= MAX_OWNERS_BYTES


def test_a_catalogue_whose_config_maps_are_all_full_says_so() -> None:
    shards = Shards(["a", "b"])
    full = Weight(MAX_SHARD_BYTES, 10)
    assert [shards.place(full) for _ in range(3)] == ["a", "b", None]


def test_a_template_that_no_config_map_can_hold_is_a_problem_of_its_connector() -> None:
    catalogue, _ = _Runtime("one").reconcile({"one": (_template("huge", size=MAX_SHARD_BYTES), _template("small"))})
    assert list(_places(catalogue)) == ["small-v1.json"]
    assert catalogue.problems["one"].reason is Reason.CATALOGUE_FULL
