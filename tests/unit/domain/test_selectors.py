"""Label selectors and globs match as Kubernetes and shells match."""

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector_operator.api.selector import LabelSelector
from connector_operator.domain.selectors import matches_any, selects

LABELS = {"team": "shop", "tier": "gold"}


def _selector(*expressions: tuple[str, str, list[str]], **labels: str) -> LabelSelector:
    requirements = [{"key": key, "operator": operator, "values": values} for key, operator, values in expressions]
    return LabelSelector.model_validate({"matchLabels": labels, "matchExpressions": requirements})


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        (_selector(), True),
        (_selector(team="shop"), True),
        (_selector(team="shop", tier="silver"), False),
        (_selector(("team", "In", ["shop", "crm"])), True),
        (_selector(("team", "In", ["crm"])), False),
        (_selector(("owner", "In", ["crm"])), False),
        (_selector(("team", "NotIn", ["crm"])), True),
        (_selector(("team", "NotIn", ["shop"])), False),
        (_selector(("owner", "NotIn", ["crm"])), True),
        (_selector(("team", "Exists", [])), True),
        (_selector(("owner", "Exists", [])), False),
        (_selector(("team", "DoesNotExist", [])), False),
        (_selector(("owner", "DoesNotExist", [])), True),
        (_selector(("owner", "DoesNotExist", []), team="shop"), True),
        (_selector(("owner", "Exists", []), team="shop"), False),
    ],
)
def test_a_selector_matches_when_all_of_its_parts_do(selector: LabelSelector, matches: bool) -> None:
    assert selects(selector, LABELS) is matches


@pytest.mark.parametrize(
    ("glob", "text", "matches"),
    [
        ("acme.io:*", "acme.io:crm:1", True),
        ("acme.io:*", "acme.io:", True),
        ("acme.io:*", "evil.acme.io:x", False),
        ("acme.io:*", "acmeXio:crm", False),
        ("acme.io:crm", "acme.io:crm:1", False),
        ("*:1", "acme.io:crm:1", True),
        ("*:1", "acme.io:crm:12", False),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("*", "", True),
        ("**", "anything", True),
        ("*ab*ab", "abab", True),
        ("*ab*ab", "aab", False),
        ("a*a", "a", False),
        ("acme:*", "acme:one\ntwo", True),
        ("acme:1", "acme:1\n", False),
    ],
)
def test_a_glob_is_anchored_at_both_ends(glob: str, text: str, matches: bool) -> None:
    assert matches_any([glob], text) is matches


def test_one_glob_of_several_is_enough_and_none_matches_nothing() -> None:
    assert matches_any(["x", "a*"], "abc")
    assert not matches_any([], "abc")


@given(st.text("ab.:*?", min_size=1, max_size=12), st.text("ab.:", max_size=12))
def test_globs_match_what_fnmatch_matches(glob: str, text: str) -> None:
    assert matches_any([glob], text) == fnmatch.fnmatchcase(text, glob)


def test_many_stars_against_a_long_text_come_to_an_answer() -> None:
    # a pattern that goes back over what its stars have passed would not be done before the test's time is up
    assert not matches_any(["*a" * 100 + "b"], "a" * 200)
