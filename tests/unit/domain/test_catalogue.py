"""What Modeler offers is what runs: appears when loaded, stays, never changes under an id and version."""

import json
from typing import Any

import pytest
import scenario_objects as objects
from scenario_world import element_template

from connector_operator.api.conditions import Reason
from connector_operator.domain.catalogue import compose
from connector_operator.domain.element_template import ElementTemplate, read_template
from connector_operator.domain.objects import Object
from connector_operator.domain.published import offered
from connector_operator.domain.sharding import MAX_SHARD_BYTES
from connector_operator.domain.shelf import Catalogue, Shelf
from connector_operator.rendering.catalogue import catalogue_config_maps

Templates = dict[str, tuple[ElementTemplate, ...]]


def _template(name: str, version: int = 1, **members: Any) -> ElementTemplate:
    read = read_template(element_template(name, version) | members)
    assert isinstance(read, ElementTemplate)
    return read


def _compose(*connectors: Object, fetched: Templates | None = None, loaded: bool = True, **rest: Any) -> Catalogue:
    found = objects.resolved(*connectors, **rest)
    sources = {item["metadata"]["name"]: item for item in rest.get("sources", ())}
    return compose(found, lambda _name: loaded, fetched or {}, sources)


def _live(catalogue: Catalogue, **data: str) -> list[Object]:
    """The ConfigMap as the next reconcile sees it, with some keys changed by somebody."""
    (made,) = catalogue_config_maps(objects.resolved(), catalogue)
    return [made | {"data": made["data"] | data}]


def _keys(catalogue: Catalogue) -> list[str]:
    return [entry.key for entry in catalogue.entries]


def _given(*keys: str) -> list[dict[str, Any]]:
    return [{"configMapKeyRef": {"name": "given", "key": key}} for key in keys]


def test_a_template_appears_when_its_connector_is_loaded() -> None:
    fetched = {"http": (_template("a"),)}
    assert _keys(_compose(objects.connector(), fetched=fetched, loaded=False)) == []
    assert _keys(_compose(objects.connector(), fetched=fetched)) == ["a-v1.json"]


def test_a_pod_that_blinks_changes_nothing() -> None:
    before = _compose(objects.connector(), fetched={"http": (_template("a"),)})
    assert _compose(objects.connector(), loaded=False, owned=_live(before)) == before


def test_an_old_version_stays_beside_the_new_one() -> None:
    before = _compose(objects.connector(), fetched={"http": (_template("a", 1),)})
    after = _compose(objects.connector(), fetched={"http": (_template("a", 2),)}, owned=_live(before))
    assert _keys(after) == ["a-v1.json", "a-v2.json"]


@pytest.mark.parametrize("connectors", [[], [objects.connector(suspend=True)]], ids=["gone", "suspended"])
def test_the_templates_of_a_connector_that_is_not_served_go(connectors: list[Object]) -> None:
    before = _compose(objects.connector(), fetched={"http": (_template("a"),)})
    assert _keys(_compose(*connectors, owned=_live(before))) == []


def test_a_catalogue_that_is_disabled_is_empty() -> None:
    disabled = objects.runtime(catalogue={"enabled": False})
    assert _keys(_compose(objects.connector(), fetched={"http": (_template("a"),)}, of=disabled)) == []


def test_a_catalogue_that_is_disabled_for_a_while_shows_nothing_and_forgets_no_old_version() -> None:
    before = _compose(objects.connector(), fetched={"http": (_template("a", 1), _template("a", 2))})
    disabled = objects.runtime(catalogue={"enabled": False})
    meanwhile = _compose(objects.connector(), of=disabled, owned=_live(before))
    assert meanwhile.published() == {}
    assert offered(_live(meanwhile)) == ()
    assert _compose(objects.connector(), owned=_live(meanwhile)) == before


def test_other_content_under_a_published_version_is_a_problem_and_changes_nothing() -> None:
    before = _compose(objects.connector(), fetched={"http": (_template("a"),)})
    changed = _template("a", description="new")
    after = _compose(objects.connector(), fetched={"http": (changed,)}, owned=_live(before))
    assert after.entries == before.entries
    assert after.problems["http"].reason is Reason.INVALID_ELEMENT_TEMPLATE
    assert after.problems["http"].message == (
        f"element template 'a' version 1 is published with other content (its hash is now {changed.digest[:10]}): "
        "raise its version"
    )


YOUNG, OLD = objects.connector("a-young", second=2), objects.connector("old", second=1)
SHARED = {"a-young": (_template("t"),), "old": (_template("t"),)}


def test_of_two_connectors_with_other_content_under_one_id_and_version_the_older_is_published() -> None:
    found = _compose(YOUNG, OLD, fetched=SHARED | {"a-young": (_template("t", description="other"),)})
    assert [(entry.key, entry.connectors) for entry in found.entries] == [("t-v1.json", ("old",))]
    assert found.problems["a-young"].message == (
        "element template 't' version 1 is published with other content for Connector 'old': choose another id"
    )


def test_two_connectors_with_the_same_template_share_it() -> None:
    found = _compose(YOUNG, OLD, fetched=SHARED)
    assert [(entry.key, entry.connectors) for entry in found.entries] == [("t-v1.json", ("old", "a-young"))]
    assert found.problems == {}
    places = found.published()
    assert places["old"] == places["a-young"]


def test_a_shared_template_stays_with_the_connector_that_is_left() -> None:
    before = _compose(YOUNG, OLD, fetched=SHARED)
    after = _compose(YOUNG, owned=_live(before))
    assert [(entry.key, entry.connectors) for entry in after.entries] == [("t-v1.json", ("a-young",))]


def test_a_shared_template_stays_when_it_leaves_the_list_of_one_of_its_connectors() -> None:
    source = objects.source("given", t__json=_template("t").text, b__json=_template("b").text)
    both = objects.connector(elementTemplates=_given("t.json", "b.json"))
    before = _compose(both, YOUNG, fetched=SHARED, sources=[source])
    left = objects.connector(elementTemplates=_given("b.json"))
    after = _compose(left, YOUNG, sources=[source], owned=_live(before))
    assert [(entry.key, entry.connectors) for entry in after.entries] == [("b-v1.json", ("http",)), ("t-v1.json", ("a-young",))]


def test_a_connector_whose_name_has_no_room_beside_a_shared_template_is_told() -> None:
    names = [f"{'n' * 40}-{number}" for number in range(5000)]
    shelf = Shelf(["a"], [])
    for name in names:
        shelf.add(name, SHARED["old"])
    found = shelf.catalogue(offered=True)
    assert 0 < len(found.entries[0].connectors) < 5000
    assert found.problems[names[-1]].reason is Reason.CATALOGUE_FULL


def test_a_template_for_which_there_is_no_room_leaves_the_others_alone() -> None:
    huge = _template("huge", description="x" * MAX_SHARD_BYTES)
    found = _compose(objects.connector(), fetched={"http": (_template("a"), huge, _template("b"))})
    assert _keys(found) == ["a-v1.json", "b-v1.json"]
    assert found.problems["http"].reason is Reason.CATALOGUE_FULL
    assert found.problems["http"].message == (
        "element template 'huge' version 1: the catalogue is full; select fewer Connectors per runtime"
    )


def test_given_templates_are_published_instead_of_generated_ones() -> None:
    source = objects.source("given", a__json=_template("a").text, list__json=f"[{_template('b').text}, {_template('c', 7).text}]")
    connector = objects.connector(elementTemplates=_given("a.json", "list.json"))
    found = _compose(connector, fetched={"http": (_template("generated"),)}, sources=[source])
    assert _keys(found) == ["a-v1.json", "b-v1.json", "c-v7.json"]


def test_a_given_template_that_leaves_the_list_leaves_the_catalogue() -> None:
    source = objects.source("given", a__json=_template("a").text, b__json=_template("b").text)
    before = _compose(objects.connector(elementTemplates=_given("a.json", "b.json")), sources=[source])
    after = _compose(objects.connector(elementTemplates=_given("b.json")), sources=[source], owned=_live(before))
    assert _keys(after) == ["b-v1.json"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot find ConfigMap 'given' key 'a.json' labelled connectors.camunda.io/part=source in this namespace"),
        ("", "is not JSON: Expecting value"),
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON: it is nested too deeply"),
        ("NaN", "is not JSON: NaN is not JSON"),
        ("7", "an element template is a JSON object (got int)"),
        ("{}", "an element template needs 'id' (str)"),
        (json.dumps(element_template("a") | {"id": "x" * 201}), "'id' must have at most 200 characters (got 201)"),
        (json.dumps(element_template("a") | {"version": -1}), "'version' must be an integer from 0 to 9007199254740991 (got -1)"),
        (json.dumps(element_template("a") | {"version": True}), "'version' must be an integer"),
        (json.dumps(element_template("a") | {"version": 10**400}), "'version' must be an integer"),
        (json.dumps(element_template("\ud800")), "cannot be written as JSON"),
        (json.dumps(element_template("a") | {"properties": []}), "an element template needs 'properties' (list)"),
        (json.dumps(element_template("a") | {"$schema": None}), "key 'a.json': 'a': '$schema' is missing; set it to 'https://"),
        (
            json.dumps(element_template("a") | {"engines": {"camunda": "new"}}),
            "'a': 'new' is no version range; write one such as",
        ),
        (
            json.dumps([element_template("b"), element_template("a") | {"icon": {}}]),
            "'a': icon: \"contents\" is a required property",
        ),
    ],
    ids=lambda value: str(value)[:30].encode("ascii", "replace").decode(),
)
def test_a_given_template_that_cannot_be_published_is_a_problem_of_its_connector_alone(text: str | None, message: str) -> None:
    source = objects.source("given", **({} if text is None else {"a__json": text}))
    bad = objects.connector("bad", elementTemplates=_given("a.json"))
    found = _compose(bad, objects.connector(), fetched={"http": (_template("t"),)}, sources=[source])
    assert _keys(found) == ["t-v1.json"]
    assert found.problems["bad"].reason is Reason.INVALID_ELEMENT_TEMPLATE
    assert found.problems["bad"].message.startswith("spec.elementTemplates[0]: ")
    assert message in found.problems["bad"].message


def test_a_given_template_that_breaks_keeps_what_is_published() -> None:
    connector = objects.connector(elementTemplates=_given("a.json"))
    before = _compose(connector, sources=[objects.source("given", a__json=_template("a").text)])
    after = _compose(connector, sources=[objects.source("given", a__json="{")], owned=_live(before))
    assert after.entries == before.entries


@pytest.mark.parametrize("damage", ["", "{", "[" * 100_000, "{}", '"\\ud800"', _template("another").text, "null"])
def test_an_entry_that_somebody_damaged_is_published_anew(damage: str) -> None:
    fetched = {"http": (_template("a"),)}
    before = _compose(objects.connector(), fetched=fetched)
    damaged = _live(before, **{"a-v1.json": damage})
    assert _keys(_compose(objects.connector(), owned=damaged)) == []
    assert _compose(objects.connector(), fetched=fetched, owned=damaged) == before


def test_where_a_template_is_published_is_told_by_connector() -> None:
    found = _compose(objects.connector(), fetched={"http": (_template("acme:a", 3),)})
    places = found.published()
    (published,) = places["http"]
    assert published.config_map == "shop-element-templates"
    assert (published.id, published.version, published.key) == ("acme:a", 3, "acme_3aa-v3.json")
    assert places.get("other", ()) == ()
