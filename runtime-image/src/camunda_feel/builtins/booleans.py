"""`not`, and the functions that tell null from other values."""

from camunda_feel.builtins.registry import Library
from camunda_feel.errors import FeelError
from camunda_feel.values import Value

library = Library()


@library.define("not", "negand: boolean")
def negate(negand: bool) -> bool:  # noqa: FBT001 - FEEL decides the arguments
    """The other boolean."""
    return not negand


@library.define("is defined", "value: any")
def is_defined(value: Value) -> bool:
    """Whether a value is not null; a missing variable or entry is null."""
    return value is not None


@library.define("get or else", "value: any", "default: any")
def get_or_else(value: Value, default: Value) -> Value:
    """The value, or the default for null."""
    return default if value is None else value


@library.define("assert", "value: any", "condition: any")
def assert_condition(value: Value, condition: Value) -> Value:
    """The value; FeelError unless the condition is true, however deep in the expression."""
    return assert_with_cause(value, condition, "the condition is not fulfilled")


@library.define("assert", "value: any", "condition: any", "cause: any")
def assert_with_cause(value: Value, condition: Value, cause: Value) -> Value:
    """The value; FeelError with that text unless the condition is true."""
    if condition is not True:
        raise FeelError(f"cannot go on, an assertion of the expression failed: {cause}")
    return value
