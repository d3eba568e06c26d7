"""What would change in a live object is told field by field, and what would not is left out."""

from typing import Any

import pytest

from connector_operator.domain.differences import MAX_VALUE, differences, owned_whole

CONTAINER = {"name": "runtime", "image": "a:1", "resources": {"limits": {"cpu": "500m"}}}


def _told(live: Any, desired: Any, *, ours: Any = None) -> list[str]:
    return [str(item) for item in differences(live, desired, ours=ours)]


@pytest.mark.parametrize(
    ("live", "desired", "told"),
    [
        ({"a": 1, "theirs": 2}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, ["a: 1 → 2"]),
        ({"a": {"b": {"c": "x"}}}, {"a": {"b": {"c": "y"}}}, ['a.b.c: "x" → "y"']),
        ({}, {"a": {"b": 1}}, ['a: {"b": 1} is added']),
        ({}, {"a": {}, "b": []}, []),
        ({"a": ["x"]}, {"a": ["x", "y"]}, ['a: ["x"] → ["x", "y"]']),
        ({"l": [CONTAINER]}, {"l": [CONTAINER | {"image": "a:2"}]}, ['l[runtime].image: "a:1" → "a:2"']),
        ({"l": [CONTAINER]}, {"l": [CONTAINER, {"name": "side"}]}, ['l[side]: {"name": "side"} is added']),
        ({"l": [CONTAINER]}, {"l": [CONTAINER | {"resources": {"limits": {"cpu": "0.5"}}}]}, []),
        ({"a": "x" * 500}, {"a": 1}, [f'a: "{"x" * (MAX_VALUE - 2)}… → 1']),
    ],
)
def test_each_field_that_changes_is_told_with_both_values(live: Any, desired: Any, told: list[str]) -> None:
    assert _told(live, desired) == told


def test_what_is_ours_and_wanted_no_longer_goes() -> None:
    live = {"l": [CONTAINER, {"name": "side", "image": "b:1"}, {"name": "theirs"}], "labels": {"ours": "1", "theirs": "2"}}
    ours = {"f:l": {'k:{"name":"side"}': {}}, "f:labels": {"f:ours": {}}}
    assert _told(live, {"l": [CONTAINER], "labels": {}}, ours=ours) == [
        'l[side]: {"name": "side", "image": "b:1"} is removed',
        'labels.ours: "1" is removed',
    ]


def test_a_document_that_is_ours_alone_loses_all_that_is_not_wanted() -> None:
    document = {"version": 1, "connectors": [{"name": "a"}, {"name": "b", "jobType": "b:1"}], "egress": {}}
    wanted = {"version": 1, "connectors": [{"name": "b"}]}
    assert _told(document, wanted, ours=owned_whole(document)) == [
        'connectors[b].jobType: "b:1" is removed',
        'connectors[a]: {"name": "a"} is removed',
        "egress: {} is removed",
    ]
