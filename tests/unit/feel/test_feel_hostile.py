"""Ten thousand hostile inputs are `python -m feel_hostile`; these are the first few hundred of them, on small limits."""

from contextlib import suppress

from feel_expressions import VARIABLES, Expressions
from feel_hostility import LARGE_VARIABLES, Hostility

from camunda_feel import FeelError, Limits, compile  # noqa: A004 - the public name

SMALL = Limits(steps=20_000, seconds=5, result=200_000)


def test_a_hostile_input_gives_a_value_or_a_feel_error_and_nothing_else() -> None:
    inputs = Hostility(seed=1)
    for _ in range(80):
        with suppress(FeelError):
            compile(inputs.next()).evaluate(LARGE_VARIABLES, SMALL)


def test_a_random_expression_gives_a_value_or_a_feel_error_and_nothing_else() -> None:
    expressions = Expressions(seed=1)
    for _ in range(1_500):
        with suppress(FeelError):
            compile(str(expressions.next())).evaluate(VARIABLES)


def test_the_same_seed_gives_the_same_inputs() -> None:
    first, second = Hostility(seed=3), Hostility(seed=3)
    assert [first.next() for _ in range(50)] == [second.next() for _ in range(50)]
