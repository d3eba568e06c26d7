"""Regular expressions as Java has them, on the `regex` package: with a time limit, because patterns are data."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Protocol, cast

import regex  # pyright: ignore[reportMissingTypeStubs] - the package ships none

from camunda_feel.errors import Failure, FeelError
from camunda_feel.java_patterns import translate

SECONDS = 1.0
"""The longest that one call may match."""
_LONGEST = 5_000
_FLAGS = {"s": regex.DOTALL, "m": regex.MULTILINE, "i": regex.IGNORECASE, "x": regex.VERBOSE}


class _Match(Protocol):
    def start(self) -> int: ...
    def end(self) -> int: ...
    def group(self, group: int | str = 0) -> str | None: ...


class _Pattern(Protocol):
    groups: int

    def search(self, string: str, timeout: float) -> _Match | None: ...
    def finditer(self, string: str, timeout: float) -> Iterator[_Match]: ...


def found(text: str, pattern: str, flags: str) -> bool:
    """Whether the pattern matches anywhere; Failure when it is none, FeelError when it takes too long."""
    compiled = _compiled(pattern, flags)
    try:
        return compiled.search(text, timeout=SECONDS) is not None
    except TimeoutError:
        raise _too_slow(pattern) from None


def all_matches(text: str, pattern: str) -> list[str]:
    """The matched texts; errors as for `found`."""
    return [match.group() or "" for match in _iterate(text, pattern, "")]


def split(text: str, pattern: str) -> list[str]:
    """What stands between the matches, also empty at the end; errors as for `found`."""
    parts: list[str] = []
    at = 0
    for match in _iterate(text, pattern, ""):
        if match.end() == 0:
            continue
        parts.append(text[at : match.start()])
        at = match.end()
    return [*parts, text[at:]]


def replaced(text: str, pattern: str, replacement: str, flags: str) -> str:
    """The text with every match replaced by what `replacement` says; errors as for `found`."""
    template = _template(replacement, _compiled(pattern, flags).groups)
    parts: list[str] = []
    at = 0
    for match in _iterate(text, pattern, flags):
        parts.append(text[at : match.start()])
        parts.extend(part if isinstance(part, str) else _group(match, part) for part in template)
        at = match.end()
    return "".join([*parts, text[at:]])


def _iterate(text: str, pattern: str, flags: str) -> Iterator[_Match]:
    compiled = _compiled(pattern, flags)
    try:
        yield from compiled.finditer(text, timeout=SECONDS)
    except TimeoutError:
        raise _too_slow(pattern) from None


def _too_slow(pattern: str) -> FeelError:
    return FeelError(f'cannot match the pattern "{pattern[:100]}" within {SECONDS:g} s; avoid nested repetitions')


@lru_cache(maxsize=256)
def _compiled(pattern: str, flags: str) -> _Pattern:
    if len(pattern) > _LONGEST:
        raise Failure(f"the pattern has more than {_LONGEST:,} characters")
    options = regex.VERSION1 | regex.ASCII
    for flag, option in _FLAGS.items():
        options |= option if flag in flags else 0
    try:
        return cast("_Pattern", regex.compile(translate(pattern, flags), options))
    except (regex.error, ValueError, OverflowError):
        raise Failure("the pattern is not a regular expression") from None


class _Group:
    """A reference to a group in a replacement."""

    __slots__ = ("name",)

    def __init__(self, name: int | str) -> None:
        self.name = name


def _group(match: _Match, reference: _Group) -> str:
    try:
        return match.group(reference.name) or ""
    except IndexError:
        raise Failure(f'the pattern has no group "{reference.name}"') from None


def _template(replacement: str, groups: int) -> list[str | _Group]:
    """Literal texts and groups. `\\` takes away the meaning of the next character; `$12` is group 1 if there is no 12."""
    template: list[str | _Group] = []
    at = 0
    while at < len(replacement):
        if replacement[at] not in "\\$":
            template.append(replacement[at])
            at += 1
        elif replacement[at] == "\\":
            if at + 1 == len(replacement):
                raise Failure("the replacement ends with a backslash")
            template.append(replacement[at + 1])
            at += 2
        else:
            reference, at = _reference(replacement, at + 1, groups)
            template.append(reference)
    return template


def _reference(replacement: str, at: int, groups: int) -> tuple[_Group, int]:
    named = re.compile(r"\{([A-Za-z][A-Za-z0-9]*)\}").match(replacement, at)
    if named:
        return _Group(named[1]), named.end()
    if not replacement[at : at + 1].isdecimal():
        raise Failure('a "$" in the replacement must be followed by the number of a group, or be written "\\$"')
    number, at = int(replacement[at]), at + 1
    if number > groups:
        raise Failure(f"the pattern has no group {number}")
    while at < len(replacement) and replacement[at].isdecimal() and number * 10 + int(replacement[at]) <= groups:
        number, at = number * 10 + int(replacement[at]), at + 1
    return _Group(number), at
