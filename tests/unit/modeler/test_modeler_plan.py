"""From a template to what a person does in the panel."""

from typing import Any

import pytest
from modeler_form import Form
from modeler_plan import Filling, Hand, fillings
from modeler_samples import NoSampleError, Scene, sample

ID = "acme.io:plan:1"


def field(name: str, kind: str = "String", **members: Any) -> dict[str, Any]:
    """One property of group `g`, bound to the input of its name."""
    binding = {"type": "zeebe:input", "name": name}
    return {"id": name, "label": name, "type": kind, "group": "g", "binding": binding} | members


def dropdown(name: str, *values: str, **members: Any) -> dict[str, Any]:
    return field(name, "Dropdown", choices=[{"name": value.upper(), "value": value} for value in values], **members)


def where(name: str, value: Any) -> dict[str, Any]:
    """Members of a property that is there only for one value of another."""
    return {"condition": {"property": name, "equals": value, "type": "simple"}}


def template(*properties: dict[str, Any]) -> dict[str, Any]:
    return {"id": ID, "version": 1, "appliesTo": ["bpmn:Task"], "groups": [{"id": "g"}], "properties": list(properties)}


def made(*properties: dict[str, Any], scene: Scene | None = None) -> list[Filling]:
    return fillings(template(*properties), scene or Scene())


def held(filling: Filling) -> dict[str, Any]:
    """What the fields that are there hold in the end."""
    return {item.name: filling.form.value(item) for item in filling.form.active()}


def moves(filling: Filling) -> list[tuple[Hand, str]]:
    return [(step.hand, step.text) for step in filling.steps]


NOT_EMPTY: dict[str, Any] = {"constraints": {"notEmpty": True}}


def test_first_only_what_complains_is_filled_in() -> None:
    first, *_ = made(field("a"), field("b", **NOT_EMPTY))
    assert held(first) == {"a": None, "b": "b here"}


def test_everything_is_filled_in_once() -> None:
    _, everything, _ = made(field("a"), field("b", **NOT_EMPTY))
    assert held(everything) == {"a": "a here", "b": "b here"}


def test_every_choice_is_made_in_some_filling() -> None:
    chosen = {held(one)["a"] for one in made(dropdown("a", "x", "y", "z", value="x"))}
    assert chosen == {"x", "y", "z"}


def test_both_states_of_a_tick_are_made() -> None:
    assert {bool(held(one)["a"]) for one in made(field("a", "Boolean", feel="static"))} == {True, False}


def test_a_tick_is_left_alone_where_its_state_does_not_matter() -> None:
    first, *_, last = made(field("a", "Boolean"))
    assert (moves(first), moves(last)) == ([], [])


def test_choices_that_need_another_choice_are_reached() -> None:
    found = made(dropdown("a", "x", "y", value="x"), dropdown("b", "p", "q", **where("a", "y")))
    assert {held(one).get("b") for one in found} >= {"p", "q"}


def test_a_choice_that_nothing_can_lead_to_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot reach every choice of b"):
        made(dropdown("a", "x", value="x"), dropdown("b", "p", "q", **where("a", "never")))


def test_a_field_appears_with_the_choice_that_it_depends_on() -> None:
    found = made(dropdown("a", "x", "y", value="x"), field("b", **where("a", "y")))
    appearing = [step for one in found for step in one.steps if step.hand is Hand.CHOOSE and step.text == "y"]
    assert [step.then.shown for step in appearing] == [(f"custom-entry-{ID}-g-0", f"custom-entry-{ID}-g-1")]


def test_a_field_of_a_field_that_is_not_there_is_not_there() -> None:
    form = Form(
        template(dropdown("a", "x", value="x"), dropdown("b", "p", value="p", **where("a", "y")), field("c", **where("b", "p")))
    )
    assert [item.name for item in form.active()] == ["a"]


def test_hidden_properties_count_for_the_places_of_their_group() -> None:
    form = Form(template({**field("h", "Hidden"), "value": "v"}, field("a")))
    assert form.shown() == [f"custom-entry-{ID}-g-1"]


def test_complaints_end_with_the_field_filled_in() -> None:
    first, *_ = made(field("a", **NOT_EMPTY))
    assert first.at_first.lacking == {f"custom-entry-{ID}-g-0"}
    assert [step.then.lacking for step in first.steps] == [frozenset()]


def test_the_pattern_of_an_empty_input_is_tested_as_modeler_tests_it() -> None:
    pattern = {"constraints": {"pattern": {"value": "^$|^C-", "message": "No"}}}
    header = {"binding": {"type": "zeebe:taskHeader", "key": "b"}}
    form = Form(template(field("a", **pattern), field("b", **pattern, **header)))
    assert form.lacking() == [f"custom-entry-{ID}-g-0"]


def test_an_expression_is_typed_without_its_sign() -> None:
    _, everything, _ = made(field("a", "Text", feel="required", placeholder="={b: 1}"))
    assert moves(everything) == [(Hand.TYPE, "{b: 1}")]
    assert held(everything) == {"a": "={b: 1}"}


def test_an_example_that_is_an_expression_is_typed_after_the_button() -> None:
    _, everything, _ = made(field("a", feel="optional", placeholder="=1 + 1"))
    assert moves(everything) == [(Hand.EXPRESS, "1 + 1")]


def test_at_last_texts_are_given_as_expressions() -> None:
    *_, last = made(field("a", feel="optional", placeholder='say "b"'))
    assert held(last) == {"a": '="say \\"b\\""'}


def test_headers_stay_texts_where_the_rest_becomes_expressions() -> None:
    *_, last = made(field("a", feel="optional", binding={"type": "zeebe:taskHeader", "key": "a"}))
    assert held(last) == {"a": "a here"}


def test_a_field_once_filled_in_is_left_alone_later() -> None:
    _, first, second, _ = made(field("a"), field("b", **NOT_EMPTY), dropdown("c", "x", "y", value="x"))
    assert (held(first)["a"], held(second)["a"]) == ("a here", None)
    assert held(second)["b"] == "b here"


def test_a_default_text_is_kept_unless_the_scene_says_otherwise() -> None:
    _, kept, _ = made(field("a", value="given"))
    _, replaced, _ = made(field("a", value="given"), scene=Scene(typed={"a": "mine"}))
    assert (held(kept)["a"], held(replaced)["a"]) == ("given", "mine")


def test_a_text_of_the_scene_is_typed_also_where_nothing_needs_it() -> None:
    first, *_ = made(field("a"), scene=Scene(typed={"a": "mine"}))
    assert held(first) == {"a": "mine"}


PORTS = Scene(typed={"port": "25"}, where={"SSL": {"port": "465"}})


def test_a_choice_tells_another_text() -> None:
    _, plain, safe, _ = made(dropdown("how", "NONE", "SSL", value="NONE"), field("port"), scene=PORTS)
    assert [held(one)["port"] for one in (plain, safe)] == ["25", "465"]
    assert moves(safe) == [(Hand.CHOOSE, "SSL"), (Hand.TYPE, "465")]


def test_a_text_that_a_later_choice_makes_wrong_is_typed_again() -> None:
    _, plain, safe, _ = made(field("port"), dropdown("how", "NONE", "SSL", value="NONE"), scene=PORTS)
    assert moves(plain) == [(Hand.TYPE, "25")]
    assert moves(safe) == [(Hand.TYPE, "25"), (Hand.CHOOSE, "SSL"), (Hand.TYPE, "465")]


@pytest.mark.parametrize(
    ("members", "scene", "step"),
    [
        ({"placeholder": "C-42"}, Scene(), ("a", "C-42")),
        ({"type": "Number", "feel": "static", "value": 3}, Scene(), ("a", "=4")),
        ({"type": "Boolean", "feel": "static"}, Scene(), ("a", "=true")),
        ({"feel": "required", "placeholder": "={b: 1}"}, Scene(), ("a", "={b: 1}")),
        ({"binding": {"type": "zeebe:taskHeader", "key": "h"}}, Scene(typed={"h": "x"}), ("h", "x")),
    ],
)
def test_a_step_tells_what_then_stands_where_in_the_diagram(members: dict[str, Any], scene: Scene, step: tuple[str, str]) -> None:
    _, everything, *_ = made(field("a", **members), scene=scene)
    assert [(one.place, one.held) for one in everything.steps] == [step]


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"placeholder": "C-42"}, "C-42"),
        ({"type": "Number", "value": 20}, "21"),
        ({"type": "Number"}, "7"),
        ({"feel": "required"}, '{sample: "a"}'),
        ({"constraints": {"minLength": 9}}, "a here..."),
        ({"constraints": {"maxLength": 3}}, "a h"),
        ({"constraints": {"pattern": {"value": r"^\d\d:\d\d$", "message": "Must be a time such as 08:30"}}}, "08:30"),
        ({"constraints": {"pattern": {"value": "^https?://", "message": "Must be an address"}}}, "https://example.com"),
    ],
)
def test_a_sample_fits_its_field(members: dict[str, Any], text: str) -> None:
    (item,) = Form(template(field("a", **members))).active()
    assert sample(item, Scene()) == text


def test_addresses_lead_to_this_machine() -> None:
    (item,) = Form(template(field("a", placeholder="https://api.example.com/customers?page=1"))).active()
    assert sample(item, Scene(address="http://127.0.0.1:80/case")) == "http://127.0.0.1:80/case/customers?page=1"


def test_a_pattern_without_an_example_is_told() -> None:
    (item,) = Form(template(field("a", constraints={"pattern": {"value": "^#[0-9]{7}$", "message": "No"}}))).active()
    with pytest.raises(NoSampleError, match="cannot fill in 'a'"):
        sample(item, Scene())
