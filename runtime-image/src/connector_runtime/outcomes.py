"""How a job ends: the only place that classifies exceptions and evaluates expressions.

The rules are those of Camunda's own runtime, so that its diagrams and element templates work unchanged:
https://docs.camunda.io/docs/components/connectors/use-connectors/#bpmn-errors-and-failing-jobs
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import camunda_feel
from camunda_feel import FeelError, Limits
from connector_runtime.created_documents import NewDocument, StoredDocuments, with_references
from connector_runtime.durations import parse_duration
from connector_runtime.expression_warnings import WarnedExpressions
from connector_runtime.headers import Header, JobHeaders
from connector_runtime.json_values import Json, NotJsonError, is_object, kind_of, to_json, to_text
from connector_runtime.masking import Masker
from connector_runtime.placeholders import SecretNotMountedError
from connector_sdk import BpmnError, ConnectorError, InputError, RetryError

MAX_MESSAGE = 6_000
MAX_VARIABLES_BYTES = 3 * 1024 * 1024 // 2
"""What Zeebe takes safely in one command."""
THOROUGH = Limits()
QUICK = Limits(steps=20_000, seconds=0.05)
"""What an expression may use on the event loop: nearly all need a thousandth of it."""
SECRET_BACKOFF = timedelta(seconds=5)
CREATES_DOCUMENTS = "createDocument"
_EXPRESSIONS = WarnedExpressions()
"""One for the process, as are the compiled expressions."""


@dataclass(frozen=True, slots=True)
class Completed:
    """The job is done and gives these variables to the process."""

    variables: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """Something failed, the error expression says that it does not matter: the job is completed all the same."""

    variables: str


@dataclass(frozen=True, slots=True)
class BpmnErrorThrown:
    """The process goes on at an error event."""

    code: str
    message: str
    variables: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The job is tried again after the back-off, or becomes an incident when no retries are left."""

    retries: int
    message: str
    backoff: timedelta
    variables: str


class NeedsTimeError(Exception):
    """An expression failed within QUICK: judge again with THOROUGH, off the event loop."""


Outcome = Completed | Ignored | BpmnErrorThrown | Failed


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides about one job's end, beside what its function did."""

    headers: JobHeaders
    retries: int
    """What the job has left, this try included."""
    masker: Masker
    limits: Limits = THOROUGH
    stored: StoredDocuments = field(default_factory=dict[NewDocument, Json])
    """The documents that expressions create, as far as they are in the store."""


def of_response(response: Json, rules: Rules) -> Outcome:
    """Judge what a function returned."""
    try:
        variables = _output_variables(response, rules)
    except InputError as error:
        return of_exception(error, rules)
    try:
        return _by_error_expression(response, rules) or Completed(variables)
    except InputError as error:
        return failed(error, rules)


def of_exception(exception: BaseException, rules: Rules) -> Outcome:
    """Judge what a function raised, or what kept it from running."""
    try:
        return _by_error_expression({"error": _error_object(exception, rules.masker)}, rules) or _plain(exception, rules)
    except InputError as error:
        return failed(error, rules)


def _plain(exception: BaseException, rules: Rules) -> Outcome:
    if isinstance(exception, BpmnError):
        variables = _variables(rules.masker.json(_strict_json(exception.variables)), "the variables of the BPMN error")
        return BpmnErrorThrown(exception.code, rules.masker.text(exception.message)[:MAX_MESSAGE], variables)
    return failed(exception, rules)


def failed(exception: BaseException, rules: Rules) -> Failed:
    """The failure that an exception is when no error expression makes anything else of it."""
    retries, backoff = rules.retries - 1, rules.headers.retry_backoff
    match exception:
        case InputError():
            retries, backoff = 0, None
        case RetryError():
            retries = retries if exception.retries is None else exception.retries
            backoff = exception.backoff or backoff
        case SecretNotMountedError():
            retries, backoff = rules.retries, SECRET_BACKOFF
        case _:
            pass
    error = _error_object(exception, rules.masker)
    return Failed(max(retries, 0), str(error["message"]), backoff or timedelta(0), _error_variables(error))


def _error_object(exception: BaseException, masker: Masker) -> dict[str, Json]:
    """What an error expression sees as `error`; the code is never masked, error events compare it."""
    message = masker.text(str(exception) or type(exception).__name__)[:MAX_MESSAGE]
    error: dict[str, Json] = {"type": type(exception).__name__, "message": message}
    if isinstance(exception, ConnectorError | BpmnError):
        if exception.code:
            error["code"] = exception.code
        if exception.variables:
            error["variables"] = masker.json(_lenient_json(exception.variables))
    return error


def _lenient_json(variables: Mapping[str, object]) -> Json:
    try:
        return to_json(variables, "variables")
    except NotJsonError as error:
        return {"omitted": f"the error's variables are not JSON: {error}"}


def _strict_json(variables: Mapping[str, object]) -> Json:
    try:
        return to_json(variables, "variables")
    except NotJsonError as error:
        msg = f"cannot send the variables of the BPMN error to Zeebe: {error}"
        raise InputError(msg) from error


def _error_variables(error: dict[str, Json]) -> str:
    text = to_text({"error": error})
    if len(text.encode()) <= MAX_VARIABLES_BYTES:
        return text
    return to_text({"error": {**error, "variables": {"omitted": "the error's variables are too large"}}})


def _output_variables(response: Json, rules: Rules) -> str:
    headers = rules.headers
    output: dict[str, Json] = {}
    if headers.result_variable:
        output[headers.result_variable] = response
    if headers.result_expression:
        result = _evaluate(Header.RESULT_EXPRESSION, headers.result_expression, _scope(response), rules)
        output.update(result or {})
    return _variables(output, "the output")


def _by_error_expression(response: Json, rules: Rules) -> Outcome | None:
    expression = rules.headers.error_expression
    if expression is None:
        return None
    scope: dict[str, Json] = {**_scope(response), "job": {"retries": rules.retries}}
    error = _evaluate(Header.ERROR_EXPRESSION, expression, scope, rules)
    if not error:
        return None
    match error.get("errorType"):
        case "bpmnError":
            return _bpmn_error(error)
        case "jobError":
            return _job_error(error, rules.masker)
        case "ignoreError":
            return Ignored(_variables(_members(error, "variables"), "the variables of ignoreError"))
        case _:
            msg = f"cannot use the result of '{Header.ERROR_EXPRESSION}': use bpmnError, jobError or ignoreError, or null"
            raise InputError(msg)


def _bpmn_error(error: Mapping[str, Json]) -> Outcome | None:
    code, message = error.get("errorCode"), error.get("errorMessage")
    if not code:
        return None
    variables = _variables(_members(error, "variables"), "the variables of bpmnError")
    return BpmnErrorThrown(str(code), str(message or "")[:MAX_MESSAGE], variables)


def _job_error(error: Mapping[str, Json], masker: Masker) -> Failed:
    message = masker.text(str(error.get("errorMessage") or ""))[:MAX_MESSAGE]
    retries, backoff = error.get("retries") or 0, error.get("retryBackoff") or "PT0S"
    if not isinstance(retries, int) or retries < 0:
        msg = f"cannot use jobError: retries is '{retries}', it must be a whole number of 0 or more"
        raise InputError(msg)
    try:
        wait = parse_duration(str(backoff))
    except ValueError as problem:
        msg = f"cannot use jobError: retryBackoff {problem}"
        raise InputError(msg) from problem
    variables: dict[str, Json] = {"error": message, **_members(error, "variables")}
    return Failed(retries, message, max(wait, timedelta(0)), _variables(masker.json(variables), "the variables of jobError"))


def _members(error: Mapping[str, Json], name: str) -> dict[str, Json]:
    value = error.get(name)
    if value is None:
        return {}
    if not is_object(value):
        msg = f"cannot use {error['errorType']}: {name} must be a context, it is {kind_of(value)}"
        raise InputError(msg)
    return value


def _scope(response: Json) -> dict[str, Json]:
    return {**(response if is_object(response) else {}), "response": response}


def _evaluate(header: Header, expression: str, scope: Mapping[str, Json], rules: Rules) -> dict[str, Json] | None:
    """Evaluate an expression that must give a context or null; raises InputError and NeedsDocumentsError."""
    try:
        result: Json = _EXPRESSIONS.evaluate(header, camunda_feel.compile(expression), scope, rules.limits)
        if CREATES_DOCUMENTS in expression:
            result = with_references(result, rules.stored)
        result = to_json(result, header)
    except (FeelError, NotJsonError, RecursionError) as error:
        if rules.limits is QUICK:
            raise NeedsTimeError from error
        msg = f"cannot evaluate '{header}': {error}"
        raise InputError(msg) from error
    if result is None or is_object(result):
        return result
    msg = f"cannot use the result of '{header}': it must be a context, it is {kind_of(result)}"
    raise InputError(msg)


def _variables(value: Json, what: str) -> str:
    text = to_text(value)
    size = len(text.encode())
    if size > MAX_VARIABLES_BYTES:
        msg = f"cannot send {what} to Zeebe: {size} bytes are more than {MAX_VARIABLES_BYTES}; select less in the result"
        raise InputError(msg)
    return text
