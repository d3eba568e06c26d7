"""JSON files with places: which line a member stands on, and which members stand twice."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from connector_operator.element_templates.findings import Finding, Path, Rule, pointer

_MARK = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


@dataclass(frozen=True, slots=True)
class Document:
    """One JSON text, read."""

    value: Any
    lines: Mapping[Path, int]
    findings: tuple[Finding, ...] = ()
    """Why it could not be read, or which members stand twice."""

    def line(self, path: Path) -> int:
        """The line of the member, or of the nearest one around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_document(text: str) -> Document:
    """Read a JSON text; what is wrong with it is in `findings`, and `value` is then None."""
    try:
        value = json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        return _unreadable(f"cannot read it as JSON: {error.msg} in line {error.lineno}, column {error.colno}", error.lineno)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        return _unreadable(f"cannot read it as JSON: {reason}", 1)
    return _places(value, text)


def _unreadable(message: str, line: int) -> Document:
    return Document(None, {(): line}, (Finding(Rule.NOT_JSON, (), message, "correct the text there"),))


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON value")


@dataclass(slots=True)
class _Container:
    path: Path
    is_list: bool
    index: int = 0
    key: str | None = None
    names: set[str] = field(default_factory=set[str])

    @property
    def next(self) -> Path:
        return (*self.path, self.index if self.is_list else self.key or "")


def _places(value: Any, text: str) -> Document:
    lines: dict[Path, int] = {}
    findings: list[Finding] = []
    stack: list[_Container] = []
    for mark, line in _marks(text):
        top = stack[-1] if stack else None
        if mark in "}]":
            stack.pop()
        elif mark == "," and top:
            top.index, top.key = top.index + 1, None
        elif mark == ":":
            continue
        elif top and not top.is_list and top.key is None:
            top.key = json.loads(mark)
            _note_name(top, line, lines, findings)
        else:
            path = top.next if top else ()
            lines.setdefault(path, line)
            if mark in "{[":
                stack.append(_Container(path, is_list=mark == "["))
    return Document(value, lines, tuple(findings))


def _note_name(container: _Container, line: int, lines: dict[Path, int], findings: list[Finding]) -> None:
    path, name = container.next, container.key or ""
    if name in container.names:
        place = pointer(container.path) or "the template"
        message = f"'{name}' stands twice in {place}, again in line {line}"
        findings.append(Finding(Rule.DUPLICATE_KEY, path, message, "remove one of them: readers keep either"))
    container.names.add(name)
    lines[path] = line


def _marks(text: str) -> Iterator[tuple[str, int]]:
    line, end = 1, 0
    for match in _MARK.finditer(text):
        line += text.count("\n", end, match.start())
        end = match.start()
        yield match.group(), line
