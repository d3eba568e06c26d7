"""From a job's variables to a function's input, with messages that name the field and show no value."""

from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connector_runtime.binding import InputBinding
from connector_sdk import InputError, TemplateHint


class Colour(Enum):
    RED = "red"


class Basic(BaseModel):
    type: Literal["basic"]
    username: str
    password: SecretStr = SecretStr("{{secrets.NEVER}}")


class Token(BaseModel):
    type: Literal["token"]
    token: str


class Address(BaseModel):
    street: str
    note: SecretStr = SecretStr("{{secrets.NOTE}}")


class Order(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    customer_id: str = Field(alias="customerId")
    token: SecretStr = Field(default="{{secrets.CRM_TOKEN}}")  # type: ignore[assignment] - what authors write
    address: Address | None = None
    home: Address = Field(default_factory=lambda: Address(street="x"))
    login: Basic | Token = Field(default=Token(type="token", token="t"), discriminator="type")
    amount: float = 1.5
    colour: Colour = Colour.RED
    tags: list[str] = []
    operation: Annotated[str, TemplateHint(header=True)] = "create"


BINDING = InputBinding(Order)


def test_the_variables_to_fetch_are_the_input_names_without_headers() -> None:
    assert BINDING.fetch_variables == ("address", "amount", "colour", "customerId", "home", "login", "tags", "token")
    assert BINDING.header_fields == ("operation",)


def test_a_function_that_takes_variables_as_they_are_fetches_all() -> None:
    assert InputBinding(None).fetch_variables == ()
    assert InputBinding(None).bind({"a": 1}) == {"a": 1}


def test_a_model_that_allows_more_fetches_all() -> None:
    class Open(BaseModel):
        model_config = ConfigDict(extra="allow")
        a: int

    assert InputBinding(Open).fetch_variables == ()


def test_defaults_with_a_placeholder_are_filled_in_where_nothing_was_given() -> None:
    assert BINDING.with_defaults({"customerId": "C", "home": {"street": "s"}}) == {
        "customerId": "C",
        "token": "{{secrets.CRM_TOKEN}}",
        "home": {"street": "s", "note": "{{secrets.NOTE}}"},
    }
    assert BINDING.with_defaults({"token": "own", "home": {"note": "own"}}) == {"token": "own", "home": {"note": "own"}}


class Left(BaseModel):
    right: "Right | None" = None
    only: "Right"


class Right(BaseModel):
    left: Left
    note: str = "{{secrets.NOTE}}"


def test_models_that_hold_each_other_are_bound() -> None:
    assert InputBinding(Left).with_defaults({"only": {}}) == {"only": {"note": "{{secrets.NOTE}}"}}


def bound(**variables: Any) -> Any:
    return BINDING.bind({"customerId": "C", **variables})


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"customerId": 42}, {"customer_id": "42"}),
        ({"customerId": 1.5}, {"customer_id": "1.5"}),
        ({"customerId": True}, {"customer_id": "true"}),
        ({"amount": "2.5"}, {"amount": 2.5}),
        ({"amount": None}, {"amount": 1.5}),
        ({"colour": None}, {"colour": Colour.RED}),
        ({"tags": [1, "b"]}, {"tags": ["1", "b"]}),
        ({"login": {"type": "token", "token": 7}}, {"login": Token(type="token", token="7")}),
        (
            {"login": {"type": "basic", "username": 8, "password": "p"}},
            {"login": Basic(type="basic", username="8", password=SecretStr("p"))},
        ),
        ({"login": None, "customerId": 3}, {"customer_id": "3", "login": Token(type="token", token="t")}),
    ],
)
def test_what_modeler_cannot_say_better_is_put_right(variables: dict[str, Any], expected: dict[str, Any]) -> None:
    order = bound(**variables)
    assert {name: getattr(order, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("variables", "text"),
    [
        ({"customerId": None}, "customerId: is missing"),
        ({"customerId": []}, "customerId: input should be a valid string"),
        ({"amount": "much"}, "amount: input should be a valid number"),
        ({"colour": "blue"}, "colour: input should be 'red'"),
        ({"address": {}}, "address.street: is missing"),
        ({"login": {"type": "other"}}, "login: input tag 'other' found using 'type' does not match"),
        ({"tags": ["a", {}]}, "tags[1]: input should be a valid string"),
    ],
)
def test_a_bad_input_names_the_field_and_what_is_expected(variables: dict[str, Any], text: str) -> None:
    with pytest.raises(InputError) as refusal:
        bound(**variables)
    assert str(refusal.value).startswith("cannot use the input of this job: ")
    assert text in str(refusal.value)


@pytest.mark.parametrize(
    "variables", [{"amount": "hunter2"}, {"address": "hunter2"}, {"login": {"type": "token", "token": ["hunter2"]}}]
)
def test_a_bad_input_shows_no_value(variables: dict[str, Any]) -> None:
    with pytest.raises(InputError) as refusal:
        bound(**variables)
    assert "hunter2" not in str(refusal.value)
    assert refusal.value.__cause__ is None
