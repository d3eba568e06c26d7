"""What a connector function returned becomes JSON, or a message that names the place."""

import datetime
import json
import math
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connector_runtime.json_values import NotJsonError, parse_object, to_json, to_text


class Level(IntEnum):
    HIGH = 3


class Colour(str, Enum):  # noqa: UP042 - people still write it
    RED = "red"


class Inner(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    at: datetime.date = Field(alias="atDate")
    token: SecretStr = SecretStr("hidden")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (1, 1),
        (1.5, 1.5),
        ("ä", "ä"),
        ([1, (2, 3)], [1, [2, 3]]),
        ({"a": {"b": []}}, {"a": {"b": []}}),
        (Level.HIGH, 3),
        (Colour.RED, "red"),
        (Inner(at=datetime.date(2026, 1, 2)), {"atDate": "2026-01-02", "token": "**********"}),
        ({"list": [Inner(at=datetime.date(2026, 1, 2))]}, {"list": [{"atDate": "2026-01-02", "token": "**********"}]}),
    ],
)
def test_json_values_and_models_become_json(value: Any, expected: Any) -> None:
    result = to_json(value)
    assert result == expected
    assert type(result) is type(expected)


def cycle() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


class Bag(BaseModel):
    number: float


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": [math.nan]}, "'result.a[0]' is nan, which JSON does not have"),
        (math.inf, "'result' is inf"),
        (Bag(number=math.nan), "'result.number' is nan"),
        ({"a": {1, 2}}, "'result.a' is a set, which JSON does not have"),
        ({"a": b"x"}, "'result.a' is a bytes"),
        (Decimal("1.5"), "'result' is a Decimal"),
        (datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC), "'result' is a datetime"),
        (object(), "'result' is a object"),
        ({1: "x"}, "'result' has the key 1; JSON's keys are text"),
        ("\ud800", "not valid Unicode"),
        (cycle(), "nested more than 200 deep, or holds itself"),
    ],
)
def test_what_json_does_not_have_is_refused_with_its_place(value: Any, text: str) -> None:
    with pytest.raises(NotJsonError) as refusal:
        to_json(value)
    assert text in str(refusal.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "1", "null", '"x"', "{'a': 1}", "NaN", '{"a": NaN}', "[" * 2000 + "]" * 2000])
def test_a_document_that_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(NotJsonError):
        parse_object(text)


def test_text_is_compact_and_utf8() -> None:
    assert to_text({"a": [1, "ä"]}) == '{"a":[1,"ä"]}'


def test_what_is_json_already_comes_back_as_it_is():
    value = {"a": [1, 2.5, None, True, {"ü": "😀"}], "b": ""}
    assert to_json(value) is value


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"a": [{"b": float("nan")}]}, "result.a[0].b"),
        ({"a": ["\ud800"]}, "result.a[0]"),
        ({"a": {1: 2}}, "result.a"),
        ({"a": {2}}, "result.a"),
    ],
)
def test_one_value_that_is_not_json_is_named_wherever_it_is(value: Any, place: str):
    with pytest.raises(NotJsonError) as refusal:
        to_json(value)
    assert f"'{place}'" in str(refusal.value)


@pytest.mark.parametrize("value", [2**70, [2**64, "ü"], {"a": -(2**63) - 1}])
def test_numbers_beyond_64_bits_are_written_in_full(value: Any):
    assert json.loads(to_text(value)) == value
