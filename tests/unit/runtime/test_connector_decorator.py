"""What an author may hand to `@connector`, and what becomes of it."""

from typing import Any

import pytest
from pydantic import BaseModel

from connector_sdk import BpmnError, ConnectorFunction, Context, InputError, Secrets, connector


class Order(BaseModel):
    number: int


class Settings(BaseModel):
    region: str


def test_a_decorated_function_is_still_called_as_itself() -> None:
    @connector(id="a:b:1", name="Double")
    def double(order: Order) -> int:
        return order.number * 2

    assert double(Order(number=4)) == 8


async def test_a_decorated_coroutine_function_is_awaited_as_itself() -> None:
    @connector(id="a:b:1", name="Double")
    async def double(order: Order) -> int:
        return order.number * 2

    assert await double(Order(number=4)) == 8


def test_the_decorator_records_what_the_runtime_needs() -> None:
    @connector(id="a:b:1", name="Double", version=3, settings=Settings)
    async def double(order: Order, context: Context) -> int:
        """Double a number.

        Not shown.
        """
        return order.number * 2

    assert isinstance(double, ConnectorFunction)
    assert (double.id, double.name, double.version) == ("a:b:1", "Double", 3)
    assert double.description == "Double a number."
    assert (double.input_model, double.settings_model) == (Order, Settings)
    assert double.takes_context
    assert double.is_async


def test_a_function_of_a_dict_takes_variables_as_they_are() -> None:
    @connector(id="a:b:1", name="Any")
    def anything(variables: dict[str, Any]) -> None: ...

    assert anything.input_model is None
    assert not anything.takes_context
    assert not anything.is_async


def no_parameter() -> None: ...
def three(a: Order, b: Context, c: int) -> None: ...
def variadic(*orders: Order) -> None: ...
def untyped(order) -> None: ...
def of_text(order: str) -> None: ...
def wrong_context(order: Order, context: dict) -> None: ...
def forward(order: "Unknown") -> None: ...  # noqa: F821 - the point


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (no_parameter, "takes (input) or (input, context)"),
        (three, "takes (input) or (input, context)"),
        (variadic, "takes (input) or (input, context)"),
        (untyped, "annotate its first parameter with a pydantic model"),
        (of_text, "annotate its first parameter with a pydantic model"),
        (wrong_context, "annotate its second parameter with Context"),
        (forward, "define models at module level"),
    ],
)
def test_a_function_that_does_not_fit_is_refused_with_what_to_change(function: Any, text: str) -> None:
    with pytest.raises(TypeError) as refusal:
        connector(id="a:b:1", name="X")(function)
    assert text in str(refusal.value)
    assert f"'{function.__name__}'" in str(refusal.value)


@pytest.mark.parametrize(
    ("identity", "text"),
    [
        ({"id": "", "name": "X"}, "no blanks"),
        ({"id": "a b", "name": "X"}, "no blanks"),
        ({"id": "a" * 256, "name": "X"}, "1 to 255 characters"),
        ({"id": "a", "name": " "}, "name must not be empty"),
        ({"id": "a", "name": "X", "version": -1}, "a version is 0 or more"),
    ],
)
def test_an_identity_that_zeebe_or_modeler_would_refuse_is_refused_at_once(identity: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        connector(**identity)


def test_a_bpmn_error_needs_a_code() -> None:
    with pytest.raises(ValueError, match="without a code"):
        BpmnError("")


def test_an_undeclared_secret_is_an_input_error_that_names_it() -> None:
    secrets = Secrets({"TOKEN": "t"}, "crm")
    assert secrets["TOKEN"] == "t"
    with pytest.raises(InputError, match="cannot find secret 'PASSWORD': Connector 'crm' has no such secret"):
        secrets["PASSWORD"]


def test_secrets_do_not_show_their_values() -> None:
    assert "hunter2" not in repr(Secrets({"TOKEN": "hunter2"}, "crm"))
