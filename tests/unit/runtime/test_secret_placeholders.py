"""What in a job's variables becomes a secret, and what does not."""

from typing import Any

import pytest

from connector_runtime.placeholders import Placeholders, SecretNotMountedError, may_hold_placeholder
from connector_sdk import InputError

SECRETS = {"TOKEN": "t0k", "a/b.c-d_e": "deep", "QUOTED": 'say "hi" \\ {"x": 1}', "CHAIN": "{{secrets.TOKEN}} secrets.TOKEN"}
PLACEHOLDERS = Placeholders("crm", lambda name: name == "ABSENT")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("{{secrets.TOKEN}}", "t0k"),
        ("{{ secrets.TOKEN }}", "t0k"),
        ("{{\tsecrets.TOKEN\n}}", "t0k"),
        ("Bearer {{secrets.TOKEN}}!", "Bearer t0k!"),
        ("{{secrets.TOKEN}}{{secrets.TOKEN}}", "t0kt0k"),
        ("secrets.TOKEN", "t0k"),
        ("Bearer secrets.TOKEN", "Bearer t0k"),
        ("{{secrets.a/b.c-d_e}} secrets.a/b.c-d_e", "deep deep"),
        ({"a": ["{{secrets.TOKEN}}", {"b": "secrets.TOKEN"}]}, {"a": ["t0k", {"b": "t0k"}]}),
        ({"{{secrets.TOKEN}}": 1}, {"t0k": 1}),
        ("{{secrets.QUOTED}}", 'say "hi" \\ {"x": 1}'),
        ("{{secrets.CHAIN}}", "{{secrets.TOKEN}} secrets.TOKEN"),
        ("nosecrets.TOKEN", "nosecrets.TOKEN"),
        ("secrets", "secrets"),
        ("secrets. TOKEN", "secrets. TOKEN"),
        ("{{TOKEN}}", "{{TOKEN}}"),
        (12, 12),
        (None, None),
        (True, True),
    ],
)
def test_placeholders_are_replaced_once_and_inside_texts_only(value: Any, expected: Any) -> None:
    assert PLACEHOLDERS.replace(value, SECRETS) == expected


@pytest.mark.parametrize("value", ["{{secrets.OTHER}}", "x secrets.OTHER y", {"deep": ["{{ secrets.OTHER }}"]}])
def test_a_name_that_the_connector_does_not_declare_is_an_input_error_that_names_it(value: Any) -> None:
    with pytest.raises(InputError) as refusal:
        PLACEHOLDERS.replace(value, SECRETS)
    assert str(refusal.value) == ("cannot resolve secret 'OTHER': Connector 'crm' has no such secret, add it to spec.secrets")


def test_a_declared_secret_without_a_file_is_not_the_jobs_fault() -> None:
    with pytest.raises(SecretNotMountedError, match="'ABSENT'"):
        PLACEHOLDERS.replace("{{secrets.ABSENT}}", SECRETS)


def test_variables_nested_without_end_are_an_input_error() -> None:
    value: Any = "x"
    for _ in range(500):
        value = [value]
    with pytest.raises(InputError, match="nested more than 200 deep"):
        PLACEHOLDERS.replace(value, SECRETS)


def test_the_variables_that_were_fetched_stay_as_they_are() -> None:
    variables = {"a": ["{{secrets.TOKEN}}"]}
    PLACEHOLDERS.replace(variables, SECRETS)
    assert variables == {"a": ["{{secrets.TOKEN}}"]}


@pytest.mark.parametrize(
    ("document", "may"),
    [
        ('{"a": "b"}', False),
        ('{"a": "{{secrets.X}}"}', True),
        ('{"a": "secrets.X"}', True),
        (r'{"a": "{{\u0073ecrets.X}}"}', True),
        ('{"a": ' * 201 + "1" + "}" * 201, True),
    ],
)
def test_a_document_is_looked_through_when_it_may_hold_a_placeholder_or_is_too_deep(document: str, may: bool):
    assert may_hold_placeholder(document) is may
