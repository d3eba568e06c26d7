"""The functions that error expressions of connectors are made of, as Camunda's connector runtime defines them.

They do nothing but give contexts; the job worker acts on them. What each gives, all keys always in this form:

- `bpmnError(code[, message[, variables]])` gives `{"errorType": "bpmnError", "errorCode": code,
  "errorMessage": message, "variables": variables}`, without the keys whose arguments are left out.
- `jobError(message[, variables[, retries[, retryBackoff]]])` gives `{"errorType": "jobError",
  "errorMessage": message, "variables": variables, "retries": retries, "retryBackoff": retryBackoff}`, always all
  keys: by default `{}`, 0 and "PT0S". `retryBackoff` is an ISO 8601 text in the result.
- `ignoreError([variables])` gives `{"errorType": "ignoreError", "variables": variables}`, without `variables` when it
  is left out.
- `backoff(attempt[, minDelay[, factor[, maxDelay[, jitterFactor]]]])` gives a duration, for `retryBackoff`.
- `createDocument(value)` gives a context that stands for a document with the content `value`; whoever uses the result
  stores it and puts the reference to it in its place.

Parameters by name: `errorCode`, `errorMessage`, `variables`, `retries`, `retryBackoff`, and for `backoff` as above.
An expression may write such a context itself, so the keys are an interface to users too. Arguments of a wrong type
are an error and not null: an error expression that is silently null would hide the error it was written for.

Source: the module `connector-feel` of https://github.com/camunda/connectors (Apache-2.0).
"""

from collections.abc import Callable
from decimal import Decimal
from random import SystemRandom

from camunda_feel.arithmetic import to_int
from camunda_feel.builtins.registry import Library
from camunda_feel.durations import NANOSECONDS, DayTimeDuration
from camunda_feel.errors import FeelError
from camunda_feel.values import DocumentToCreate, Value, type_name

library = Library()

_MILLISECOND = NANOSECONDS // 1000
_SHORTEST_DELAY, _LONGEST_DELAY = DayTimeDuration(50 * _MILLISECOND), DayTimeDuration(5 * NANOSECONDS)
_TEXT, _CONTEXT, _NUMBER, _DURATION = (
    (str, "a string"),
    (dict, "a context"),
    (Decimal, "a number"),
    (DayTimeDuration, 'a days and time duration, for example duration("PT10S")'),
)


def _define(name: str, parameters: dict[str, tuple[type, str]], code: Callable[..., Value], counts: range) -> None:
    """Declares overloads that take the first 1, 2 … of the parameters; a wrong type is a FeelError."""

    def checked(*arguments: Value) -> Value:
        for argument, (parameter, (wanted, described)) in zip(arguments, parameters.items(), strict=False):
            if not isinstance(argument, wanted):
                raise FeelError(f'cannot call "{name}": "{parameter}" must be {described}, but it is a {type_name(argument)}')
        return code(*arguments)

    names = tuple(parameters)
    for count in counts:
        library.define(name, *(f"{parameter}: any" for parameter in names[:count]), text=code.__doc__ or "")(checked)


def _bpmn_error(*arguments: Value) -> Value:
    """What makes the job end with a BPMN error. An argument of a wrong type is an error."""
    return {"errorType": "bpmnError", **dict(zip(("errorCode", "errorMessage", "variables"), arguments, strict=False))}


def _job_error(*arguments: Value) -> Value:
    """What makes the job fail: by default with 0 retries, no back-off. An argument of a wrong type is an error."""
    defaults: dict[str, Value] = {
        "errorMessage": None,
        "variables": {},
        "retries": Decimal(0),
        "retryBackoff": DayTimeDuration(0),
    }
    return {"errorType": "jobError", **defaults, **dict(zip(defaults, arguments, strict=False))}


def _ignore_error(*arguments: Value) -> Value:
    """What makes the job complete in spite of an error, with variables or none."""
    return {"errorType": "ignoreError", **dict(zip(("variables",), arguments, strict=False))}


def _create_document(value: Value) -> Value:
    """What becomes a reference to a stored document: of Base64 text, or of a context with it as `content` or `data`."""
    return DocumentToCreate(value=value)


def _backoff(
    attempt: Decimal,
    shortest: DayTimeDuration = _SHORTEST_DELAY,
    factor: Decimal = Decimal("1.6"),
    longest: DayTimeDuration = _LONGEST_DELAY,
    jitter: Decimal = Decimal("0.1"),
) -> DayTimeDuration:
    """Exponential: `minDelay` for attempt 1, times `factor` for each further one, up to `maxDelay`, with jitter."""
    number = to_int(attempt)
    _check(number >= 1, '"attempt" must be at least 1')
    _check(factor > 0, '"factor" must be more than 0')
    _check(shortest <= longest, '"minDelay" must not be longer than "maxDelay"')
    _check(jitter >= 0, '"jitterFactor" must not be negative')
    delay = _grown(shortest.milliseconds, longest.milliseconds, float(factor), number)
    spread = float(jitter) * delay
    return DayTimeDuration(max(0, round(delay + SystemRandom().uniform(-spread, spread))) * _MILLISECOND)


def _grown(shortest: int, longest: int, factor: float, attempt: int) -> float:
    """Milliseconds before jitter; a power too large for a double is longer than the longest."""
    try:
        delay = shortest * factor ** (attempt - 1)
    except OverflowError:
        delay = float(longest)
    return max(shortest, min(longest, delay))


def _check(holds: bool, requirement: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not holds:
        raise FeelError(f'cannot call "backoff": {requirement}')


_define(
    "bpmnError",
    {"errorCode": _TEXT, "errorMessage": _TEXT, "variables": _CONTEXT},
    _bpmn_error,
    range(1, 4),
)
_define(
    "jobError",
    {"errorMessage": _TEXT, "variables": _CONTEXT, "retries": _NUMBER, "retryBackoff": _DURATION},
    _job_error,
    range(1, 5),
)
library.define("createDocument", "value: any", text=_create_document.__doc__ or "")(_create_document)
_define("ignoreError", {"variables": _CONTEXT}, _ignore_error, range(2))
_define(
    "backoff",
    {
        "attempt": _NUMBER,
        "minDelay": _DURATION,
        "factor": _NUMBER,
        "maxDelay": _DURATION,
        "jitterFactor": _NUMBER,
    },
    _backoff,
    range(1, 6),
)
