"""A query with `:name`, `?` or `<list>` parameters as a statement with bound values. Values never become text of the query.

Literals, quoted names, comments and PostgreSQL's `::` are passed over, so that a colon or a question mark in them stays one.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from connector_sdk import InputError
from connectors._extras import extra

with extra("sql"):
    from sqlalchemy import BigInteger, BindParameter, Boolean, Double, String, TextClause, bindparam, text
    from sqlalchemy.types import NullType, TypeEngine

_STANDARD = r"""\b[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$|::"""
# MySQL and MariaDB: a backslash escapes, and # begins a comment
_MYSQL = r"""'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|\#[^\n]*"""
_REST = r"""|`[^`]*`|--[^\n]*|/\*.*?\*/)|:(?P<name>[A-Za-z_]\w*)|<(?P<list>[A-Za-z_]\w*)>|(?P<position>\?)"""
_TOKENS = re.compile(f"(?P<skip>{_STANDARD}{_REST}", re.DOTALL)
_MYSQL_TOKENS = re.compile(f"(?P<skip>{_MYSQL}{_REST}", re.DOTALL)
MOST_PARAMETERS = 30_000


def statement(query: str, variables: Mapping[str, Any] | list[Any] | None, *, is_mysql: bool = False) -> TextClause:
    """The query ready to run; raises InputError that names the parameter without a value."""
    tokens = _MYSQL_TOKENS if is_mysql else _TOKENS
    parameters = _Parameters(variables if variables is not None else {})
    parts: list[str] = []
    end = 0
    for token in tokens.finditer(query):
        parts += [_literal(query[end : token.start()]), parameters.of(token)]
        end = token.end()
    parts.append(_literal(query[end:]))
    parameters.check_all_used()
    return text("".join(parts)).bindparams(*parameters.bound)


def _literal(part: str) -> str:
    """Text that is no parameter, so that none is found in it."""
    return part.replace(":", "\\:")


@dataclass(slots=True)
class _Parameters:
    given: Mapping[str, Any] | list[Any]
    bound: list[BindParameter[Any]] = field(default_factory=list[BindParameter[Any]])
    positions: int = 0

    def of(self, token: re.Match[str]) -> str:
        """The text that stands for one token."""
        if token["skip"]:
            return _literal(token["skip"])
        if token["list"]:
            return ", ".join(self._bind(value) for value in self._list(token["list"]))
        return self._bind(self._named(token["name"]) if token["name"] else self._next())

    def _bind(self, value: Any) -> str:
        if len(self.bound) >= MOST_PARAMETERS:
            msg = f"cannot run a query of more than {MOST_PARAMETERS} parameters"
            raise InputError(msg)
        name = f"p{len(self.bound)}"
        self.bound.append(bindparam(name, *_bindable(value)))
        return f":{name}"

    def _named(self, name: str) -> Any:
        if isinstance(self.given, list):
            msg = f"cannot bind ':{name}': data.variables is a list, write '?' for its values or give a context"
            raise InputError(msg)
        if name not in self.given:
            msg = f"cannot bind ':{name}': data.variables has no '{name}', it has {', '.join(sorted(self.given)) or 'nothing'}"
            raise InputError(msg)
        return self.given[name]

    def _list(self, name: str) -> Iterator[Any]:
        values = self._named(name)
        if not isinstance(values, list) or not values:
            msg = f"cannot bind '<{name}>': data.variables.{name} must be a list with at least one value"
            raise InputError(msg)
        return iter(values)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] - JSON

    def _next(self) -> Any:
        if not isinstance(self.given, list):
            msg = "cannot bind '?': data.variables must be a list with one value for each, or name parameters as ':name'"
            raise InputError(msg)
        if self.positions >= len(self.given):
            msg = f"cannot bind '?' number {self.positions + 1}: data.variables has only {len(self.given)} values"
            raise InputError(msg)
        self.positions += 1
        return self.given[self.positions - 1]

    def check_all_used(self) -> None:
        """A value too many is a query that means something else than its author thinks."""
        if isinstance(self.given, list) and self.positions < len(self.given):
            msg = f"cannot bind {len(self.given)} values: the query has {self.positions} '?'"
            raise InputError(msg)


def _bindable(value: Any) -> tuple[Any, TypeEngine[Any]]:
    match value:
        case None:
            return None, NullType()
        case bool():
            return value, Boolean()
        case int():
            return value, BigInteger()
        case float():
            return value, Double()
        case str():
            return value, String()
        case _:
            return orjson.dumps(value).decode(), String()
