"""Quantities are equal in any spelling. Source of the table: the Kubernetes documentation on resource units."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector_operator.domain.quantity import quantity, same_quantity


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", "0.1"),
        ("100m", "0.1"),
        ("1", "1"),
        (1, "1"),
        (0.5, "0.5"),
        ("500m", "0.5"),
        ("128974848", "128974848"),
        ("129e6", "129000000"),
        ("129M", "129000000"),
        ("128974848000m", "128974848"),
        ("123Mi", "128974848"),
        ("400m", "0.4"),
        ("64Mi", "67108864"),
        ("2Gi", "2147483648"),
        ("1Ki", "1024"),
        ("1k", "1000"),
        ("1Ti", "1099511627776"),
        ("1E", "1e18"),
        ("1E3", "1000"),
        ("1Ei", "1152921504606846976"),
        ("5u", "0.000005"),
        ("7n", "0.000000007"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-1.5k", "-1500"),
        ("+2", "2"),
    ],
)
def test_a_quantity_is_its_number_times_its_suffix(text: str | float, value: str) -> None:
    assert quantity(text) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["", "1K", "1KB", "one", "1 Gi", "1Gi\n", "1mi", "--1", ".", "e3", True, None, [], "1e99999999", "١"]
)
def test_what_is_no_quantity_is_none_and_equals_nothing(text: object) -> None:
    assert quantity(text) is None
    assert not same_quantity(text, text)


@given(st.integers(min_value=0, max_value=10**12))
def test_one_number_in_three_spellings_is_one_quantity(number: int) -> None:
    assert same_quantity(number, str(number))
    assert same_quantity(f"{number}000m", number)
    assert same_quantity(f"{number}Ki", number * 1024)


@given(st.integers(min_value=0, max_value=10**9), st.integers(min_value=0, max_value=10**9))
def test_different_numbers_are_different_quantities(left: int, right: int) -> None:
    assert same_quantity(f"{left}m", f"{right}m") == (left == right)
