"""No form of a secret value gets past the masker."""

import base64
import json
from html import escape
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector_runtime.masking import Masker

SECRET = 'pä55 wörd/"+&ü'
FORMS = {
    "itself": SECRET,
    "JSON in ASCII": json.dumps(SECRET)[1:-1],
    "JSON in UTF-8": json.dumps(SECRET, ensure_ascii=False)[1:-1],
    "URL": quote(SECRET, safe=""),
    "URL path": quote(SECRET),
    "form": quote_plus(SECRET),
    "URL in lower case": quote(SECRET, safe="").replace("%2F", "%2f").replace("%C3%A4", "%c3%a4"),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64 without padding": base64.b64encode(SECRET.encode()).decode().rstrip("="),
    "XML": escape(SECRET),
    "Python text": repr(SECRET)[1:-1],
    "Python bytes": repr(SECRET.encode())[2:-1],
    "hexadecimal": SECRET.encode().hex(),
    "JSON in JSON": json.dumps(json.dumps(SECRET))[3:-3],
    "URL-safe base64": base64.urlsafe_b64encode(SECRET.encode()).decode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_masked(form: str) -> None:
    masked = Masker([SECRET]).text(f"before {FORMS[form]} after")
    assert masked.startswith("before ***")
    assert masked.endswith(" after")
    assert FORMS[form] not in masked


@given(user=st.text(max_size=8), secret=st.text(st.characters(codec="utf-8"), min_size=6, max_size=40), rest=st.text(max_size=8))
def test_a_value_inside_base64_leaves_at_most_its_edges(user: str, secret: str, rest: str) -> None:
    encoded = base64.b64encode(f"{user}:{secret}{rest}".encode()).decode()
    masked = Masker([secret]).text(encoded)
    if secret.strip() and len(secret.strip()) >= 6:
        assert "***" in masked


@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=4), st.text(max_size=30), st.text(max_size=30))
def test_no_value_is_left_in_a_masked_text(values: list[str], before: str, after: str) -> None:
    masked = Masker(values).text(before + values[0] + after)
    pieces = masked.split("***")
    for value in values:
        if value.strip():
            assert all(value not in piece for piece in pieces)


def test_the_longest_of_overlapping_values_is_masked_whole() -> None:
    assert Masker(["secret", "secret-and-more"]).text("secret-and-more") == "***"


def test_keys_and_values_of_json_are_masked_and_numbers_stay() -> None:
    value = {"a hunter2 b": ["hunter2", 1, None, True, {"x": "say hunter2"}]}
    assert Masker(["hunter2"]).json(value) == {"a *** b": ["***", 1, None, True, {"x": "say ***"}]}


@pytest.mark.parametrize("values", [[], [""], ["  \n"]])
def test_an_empty_value_masks_nothing(values: list[str]) -> None:
    assert Masker(values).text("a b\n") == "a b\n"


def test_a_value_with_a_line_end_is_also_masked_without_it() -> None:
    assert Masker(["hunter2\n"]).text("it is hunter2.") == "it is ***."
