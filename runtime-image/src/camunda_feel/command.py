"""One expression evaluated from a shell as a job would evaluate it: what `connectors feel` and `connector-runtime feel` share.

    connectors feel '{city: response.address.city}' --vars response.json

The file holds the response of a connector function; its members and the whole of it under `response` are the variables,
and the functions of connectors (`bpmnError` …) may be called. For an error expression write what it would see on a
failure: `{"error": {"code": "404", "message": "…"}, "job": {"retries": 3}}`.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, cast

from camunda_feel.errors import FeelError
from camunda_feel.expression import Evaluation, compile_expression

SUMMARY = "evaluate a FEEL expression over the JSON of a file, as in a job"
STANDARD_INPUT = "-"


class VariablesError(Exception):
    """The file of variables cannot be used; the text says why and what to do."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `execute` reads."""
    parser.add_argument("expression", metavar="EXPR", help="the expression, with or without a leading '='")
    parser.add_argument("--vars", metavar="FILE", help="JSON file of the response; '-' reads standard input; default: {}")
    parser.add_argument("--output", choices=["text", "json"], default="text", help="json: {value, warnings}")


def execute(options: argparse.Namespace) -> int:
    """Print the value as JSON, warnings and errors on standard error; 0, 1 for a bad expression, 2 for a bad file."""
    try:
        evaluation = evaluate_response(options.expression, _read(options.vars))
    except FeelError as error:
        print(error, file=sys.stderr)
        return 1
    except VariablesError as error:
        print(error, file=sys.stderr)
        return 2
    warnings = [str(warning) for warning in evaluation.warnings]
    if options.output == "json":
        print(_text({"value": evaluation.value, "warnings": warnings}))
        return 0
    for warning in warnings:
        print(f"null, since {warning}", file=sys.stderr)
    print(_text(evaluation.value))
    return 0


def evaluate_response(expression: str, response: Any) -> Evaluation:
    """The value and warnings of an expression over a response, which gives names as in a job; raises FeelError."""
    members = cast("dict[str, Any]", response) if isinstance(response, dict) else {}
    return compile_expression(expression).run({**members, "response": response})


def _read(file: str | None) -> Any:
    if file is None:
        return {}
    try:
        text = sys.stdin.read() if file == STANDARD_INPUT else Path(file).read_text(encoding="utf-8")
        return json.loads(text)
    except OSError as error:
        raise VariablesError(f"cannot read '{file}': {error.strerror}") from error
    except ValueError as error:
        raise VariablesError(f"cannot read '{file}' as JSON: {error}") from error


def _text(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
