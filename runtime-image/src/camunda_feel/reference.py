"""The page docs/feel.md, made from the built-in functions' own declarations: `python -m camunda_feel.reference FILE`.

With `--check` the file is compared instead of written, and the command ends with 1 when it is not up to date.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from types import ModuleType, NoneType, UnionType
from typing import Any, get_args, get_origin

from camunda_feel import connector_functions, limits
from camunda_feel.builtins import booleans, contexts, conversions, lists, numbers, ranges, strings, temporals
from camunda_feel.builtins.registry import Library, Overload
from camunda_feel.differences import DIFFERENCES
from camunda_feel.limits import DEFAULT_LIMITS
from camunda_feel.values import type_name_of

_DOCUMENTATION = "https://docs.camunda.io/docs/components/modeler/feel/builtin-functions/feel-built-in-functions-"
_FAMILIES: tuple[tuple[str, ModuleType, str], ...] = (
    ("Boolean and null", booleans, f"{_DOCUMENTATION}boolean/"),
    ("Texts", strings, f"{_DOCUMENTATION}string/"),
    ("Numbers", numbers, f"{_DOCUMENTATION}numeric/"),
    ("Lists", lists, f"{_DOCUMENTATION}list/"),
    ("Contexts", contexts, f"{_DOCUMENTATION}context/"),
    ("Dates, times and durations", temporals, f"{_DOCUMENTATION}temporal/"),
    ("Ranges", ranges, f"{_DOCUMENTATION}range/"),
    ("Conversions", conversions, f"{_DOCUMENTATION}conversion/"),
    (
        "Connector functions",
        connector_functions,
        "https://docs.camunda.io/docs/components/connectors/use-connectors/#bpmn-errors-and-failing-jobs",
    ),
)
_INTRODUCTION = """\
# FEEL

<!-- made by `python -m camunda_feel.reference`: change the docstrings instead -->

Result and error expressions are FEEL, as Camunda's engine 1.22 evaluates it. The language itself is described at
<https://docs.camunda.io/docs/components/modeler/feel/what-is-feel/>; this page lists what can be called and what differs.

- Nearly every mistake in an expression is null and not an error; the job log says once per expression why.
- A call whose arguments are of other types than below is null. So is a call of a name that does not exist.
- An **error** below ends the whole expression. So do a text that is no expression, a failed `assert`, and the limits.
- Names have no blanks and no dashes unless they are in backticks: `` response.headers.`content-type` ``.
- Arguments can be named: `substring(string: "abc", start position: 2)`.
- Try one without a process: `connectors feel '{city: response.city}' --vars response.json` evaluates as a job does, with the
  file as the response; `--output json` gives the value and the warnings to a script.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([_INTRODUCTION, *_limits(), *_differences(), *_functions()]) + "\n"


def _limits() -> Iterator[str]:
    yield "## Limits\n\n| of one evaluation | at most |\n|---|---|"
    for field in fields(DEFAULT_LIMITS):
        yield f"| {_LIMITS[field.name]} | {getattr(DEFAULT_LIMITS, field.name):,} |"
    yield f"| characters of an expression | {limits.SOURCE_CHARACTERS:,} |"
    yield f"| levels of nesting in an expression | {limits.NESTING} |"
    yield f"| levels of nesting in data | {limits.DATA_NESTING} |\n"


_LIMITS = {
    "steps": "steps: iterations, calls, made values",
    "seconds": "seconds of its thread's CPU",
    "calls": "function calls inside each other",
    "result": "characters of the result, and of any one text",
}


def _differences() -> Iterator[str]:
    yield "## Where it differs from Camunda's engine\n\n| What | Here | There | Why |\n|---|---|---|---|"
    for difference in DIFFERENCES:
        yield f"| {difference.what} | {difference.here} | {difference.there} | {difference.why} |"
    yield ""


def _functions() -> Iterator[str]:
    for title, module, link in _FAMILIES:
        library: Library = module.library
        yield f"## {title}\n\n{_first_sentences(module)} Documentation: <{link}>\n"
        yield "| Call | Gives | |\n|---|---|---|"
        yield from map(_row, library.overloads)
        yield ""


def _first_sentences(module: ModuleType) -> str:
    return (module.__doc__ or "").partition("\n\n")[0].strip().replace("\n", " ")


def _row(overload: Overload) -> str:
    parameters = ", ".join(_shown(parameter) for parameter in overload.parameters)
    text = " ".join(overload.text.split()).replace("|", "\\|").replace("FeelError", "an error")
    return f"| `{overload.name}({parameters})` | {_gives(overload.gives)} | {text} |"


def _shown(parameter: str) -> str:
    name, _, kinds = parameter.partition(": ")
    variadic = kinds.endswith("...")
    names = dict.fromkeys(_KINDS.get(kind, kind) for kind in kinds.removesuffix("...").split(" or "))
    return name + ("…" if variadic else "") + ("" if "any" in names else f": {' or '.join(names)}")


_KINDS = {
    "local time": "time",
    "zoned time": "time",
    "local date time": "date and time",
    "zoned date time": "date and time",
    "duration": "days and time duration",
    "months": "years and months duration",
}


def _gives(annotation: Any) -> str:
    kinds = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    names = dict.fromkeys(_kind_name(kind) for kind in kinds if kind is not NoneType)
    return " or ".join(names) + (" or null" if NoneType in kinds else "")


def _kind_name(kind: Any) -> str:
    return type_name_of(get_origin(kind) or kind) or "any"


def main(arguments: Sequence[str]) -> int:
    """Write the page to the file named, or compare it with `--check`."""
    names = [argument for argument in arguments if argument != "--check"]
    if len(names) != 1:
        sys.stderr.write("usage: python -m camunda_feel.reference [--check] FILE\n")
        return 2
    file = Path(names[0])
    if "--check" not in arguments:
        file.write_text(page(), "utf-8")
        return 0
    if file.exists() and file.read_text("utf-8") == page():
        return 0
    sys.stderr.write(f'"{file}" is not what the code says; run `python -m camunda_feel.reference {file}`\n')
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
