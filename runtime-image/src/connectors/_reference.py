"""The pages docs/connectors/<builtin>.md: what the models say, around what somebody wrote in docs/connectors/parts.

A part is Markdown. What stands before its line `<!-- tables -->` comes before the generated tables, the rest after them. Error
codes are the members of a StrEnum whose name ends in `ErrorCode`, in the connector's module or one of `connectors._*` that it
imports from; the text under each member is its row, and ends in a sentence that begins with "Tried again" or "Not tried again".
"""

import ast
import importlib
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from connector_runtime.binding import input_name
from connector_runtime.config import Source
from connector_runtime.loading import SINGLE, AnyFunction, builtin_names, load_functions
from connector_runtime.template_fields import input_properties
from connector_runtime.template_values import is_model, words

PARTS, MARK = "parts", "<!-- tables -->"
_RETRIED = re.compile(r"(?P<when>.+?)\s+(?P<not>Not t|T)ried again(?P<why>: [^.]+)?\.", re.DOTALL)


class PageError(Exception):
    """A page cannot be made; the text says what to write where."""


def pages(folder: Path) -> dict[str, str]:
    """The text of each page by its file name; raises PageError."""
    return {f"{builtin}.md": _page(builtin, _part(builtin, folder)) for builtin in builtin_names()}


def _part(builtin: str, folder: Path) -> tuple[str, str]:
    path = folder / PARTS / f"{builtin}.md"
    if not path.is_file():
        msg = f"cannot make the page of '{builtin}': write '{path}', with an example"
        raise PageError(msg)
    before, mark, after = path.read_text(encoding="utf-8").partition(MARK)
    if not mark:
        msg = f"cannot make the page of '{builtin}': '{path}' has no line {MARK}"
        raise PageError(msg)
    return before.strip(), after.strip()


def _page(builtin: str, part: tuple[str, str]) -> str:
    function = load_functions(builtin, Source(builtin=builtin))[SINGLE]
    module = importlib.import_module(f"connectors.{builtin.replace('-', '_')}")
    sections = [
        f"# {function.name}",
        f"<!-- made by `python -m connectors`: change the models or {PARTS}/{builtin}.md instead -->",
        f"`builtin: {builtin}`, job type `{function.id}`. {function.description.rstrip('.')}.{_documentation(function)}",
        part[0],
        "\n".join(_inputs(function)),
        "\n".join(_results(function)),
        "\n".join(_settings(function)),
        "\n".join(_errors(builtin, module)),
        part[1],
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _documentation(function: AnyFunction) -> str:
    link = function.documentation
    return f" Inputs and results are those of [Camunda's connector]({link})." if link else ""


def _inputs(function: AnyFunction) -> Iterator[str]:
    yield "## Input\n\n| Input | Meaning | Default or example |\n|---|---|---|"
    for item in input_properties(function.input_model):
        document = item.document
        name = document["binding"].get("name") or f"header {document['binding']['key']}"
        yield f"| `{name}` | {_cell(_meaning(document))} | {_cell(_sample(document))} |"


def _meaning(document: dict[str, Any]) -> str:
    sentences = [document["label"] + (f": {document['description']}" if document.get("description") else "")]
    if choices := document.get("choices"):
        sentences.append("one of " + ", ".join(f"`{choice['value']}`" for choice in choices))
    if conditions := _conditions(document.get("condition")):
        sentences.append(f"with {' and '.join(conditions)}")
    if document.get("constraints", {}).get("notEmpty"):
        sentences.append("**required**")
    return "; ".join(sentences)


def _conditions(condition: dict[str, Any] | None) -> list[str]:
    if condition is None:
        return []
    if "allMatch" in condition:
        return [text for each in condition["allMatch"] for text in _conditions(each)]
    values = condition.get("oneOf") or [condition.get("equals")]
    return [f"`{condition['property']}` {' or '.join(f'`{value}`' for value in values)}"]


def _sample(document: dict[str, Any]) -> str:
    value = document.get("value")
    if value not in (None, ""):
        return f"`{str(value).lower() if isinstance(value, bool) else value}`"
    return f"such as `{document['placeholder']}`" if document.get("placeholder") else ""


def _results(function: AnyFunction) -> Iterator[str]:
    models = [kind for kind in _alternatives(function.output) if is_model(kind)]
    if models:
        yield "## Result\n\n| Member | Meaning |\n|---|---|"
    for model in models:
        title = (model.__doc__ or "").partition("\n")[0].rstrip(".")
        if len(models) > 1:
            yield f"| | *{_cell(title)}* |"
        yield from _members(model)


def _alternatives(annotation: Any) -> list[Any]:
    if isinstance(annotation, type) or get_origin(annotation) is list:
        return [annotation] if isinstance(annotation, type) else list(get_args(annotation))
    return [kind for each in get_args(annotation) for kind in _alternatives(each)]


def _members(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        shown = field.serialization_alias or field.alias or name
        yield f"| `{shown}` | {_cell(field.description or field.title or words(name))} |"


def _settings(function: AnyFunction) -> Iterator[str]:
    if function.settings_model is None:
        return
    yield "## Settings\n\nOf the Connector, in `spec.settings`.\n\n| Setting | Meaning | Default |\n|---|---|---|"
    for name, field in function.settings_model.model_fields.items():
        meaning = field.description or field.title or words(name)
        default = "" if field.is_required() or field.default is None else f"`{field.default}`"
        yield f"| `{input_name(name, field)}` | {_cell(meaning)} | {_cell(default)} |"


def _errors(builtin: str, module: ModuleType) -> Iterator[str]:
    codes = dict.fromkeys(enum for namespace in _namespaces(module) for enum in _error_codes(namespace))
    if codes:
        yield "## Errors\n\n| `error.code` | When | Tried again |\n|---|---|---|"
    for enum in codes:
        for code, text in _member_texts(enum):
            match = _RETRIED.fullmatch(text)
            if match is None:
                msg = f"cannot make the page of '{builtin}': end the text under {code} with 'Tried again.' or 'Not tried again.'"
                raise PageError(msg)
            answer = ("no" if match["not"] == "Not t" else "yes") + (match["why"] or "")
            yield f"| `{code}` | {_cell(match['when'].rstrip('.'))} | {_cell(answer)} |"


def _namespaces(module: ModuleType) -> Iterator[ModuleType]:
    """A connector's module, and those of ours that it is made of."""
    found: dict[str, ModuleType] = {}
    waiting = [module]
    while waiting:
        each = waiting.pop(0)
        found[each.__name__] = each
        origins = {getattr(value, "__module__", None) or "" for value in vars(each).values()}
        waiting += [sys.modules[name] for name in sorted(origins) if name.startswith("connectors._") and name not in found]
    yield from found.values()


def _error_codes(module: ModuleType) -> Iterator[type[StrEnum]]:
    enums = [value for value in vars(module).values() if inspect.isclass(value) and issubclass(value, StrEnum)]
    yield from (enum for enum in enums if enum.__name__.endswith("ErrorCode"))


def _member_texts(enum: type[StrEnum]) -> Iterator[tuple[str, str]]:
    """Each value and the text that stands under it in the source."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(enum))).body
    body = definition.body if isinstance(definition, ast.ClassDef) else []
    for statement, following in zip(body, [*body[1:], None], strict=True):
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            text = following.value if isinstance(following, ast.Expr) else None
            said = text.value if isinstance(text, ast.Constant) and isinstance(text.value, str) else ""
            yield enum[statement.targets[0].id].value, inspect.cleandoc(said)


def _cell(text: str) -> str:
    """Text that stays in its cell; what stands between backticks is shown as it is anyway."""
    parts = " ".join(text.split()).replace("|", "\\|").split("`")
    return "`".join(part if place % 2 else part.replace("<", "&lt;") for place, part in enumerate(parts))
