"""What we know to differ from Camunda's engine, and why; docs/feel.md shows it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: an expression or a kind of them, and what it gives here and there."""

    what: str
    here: str
    there: str
    why: str


DIFFERENCES = (
    Difference(
        "a result that is a function, a range, or a number of more than 308 digits",
        "an error",
        'an object without meaning, null, or the text `"Infinity"`',
        "a process variable would be wrong without anybody being told",
    ),
    Difference(
        "`list contains` and `in` with contexts that the expression itself writes",
        "compares their content, as `=` does",
        "never finds one: it compares objects",
        "compared by content they are useful, and contexts from variables are compared so there too",
    ),
    Difference(
        "calculating with a number of more than 34 digits that was read as such",
        "34 digits",
        "as many digits as the left operand has",
        "a number here carries no precision of its own; JSON shows 17 digits",
    ),
    Difference("splitting a text at every place", "keeps characters beyond U+FFFF whole", "tears them into two halves",
               "half a character is no text"),
    Difference("`substring` that begins or ends inside a character beyond U+FFFF", "U+FFFD for the half", "a lone half",
               "half a character is no text"),
    Difference("the order of entries in a context of more than four", "as written", "arbitrary", "an order is useful"),
    Difference("what takes more than the limits above, such as a loop over a million numbers", "an error",
               "a value, or a JVM without memory",
               "one job must not take the worker down"),
    Difference("`?` outside of a test, as an item of a loop", "null", "a text about a fatal error", "it means nothing there"),
    Difference("`?` outside of a test, among the arguments of `concatenate`, `union`, `all`, `assert` and the like", "null",
               'an object `{"comparable": false}` in the list, false, or an error', "it means nothing there"),
    Difference("the text of a number rounded to more than 34 places, such as `string(decimal(1.5, 1000))`", "`1.5`",
               "filled up with zeros", "a number here has 34 digits; its value is the same"),
    Difference("`now()`", "microseconds, and UTC unless `TZ` names a zone", "nanoseconds, and the zone of the machine",
               "pods run in UTC"),
    Difference(
        "patterns with Java's set operators (`[a-z&&[^b]]`) or beyond 5,000 characters",
        "those of the package `regex`, or null",
        "Java's",
        "the two hardly differ elsewhere",
    ),
)  # fmt: skip
