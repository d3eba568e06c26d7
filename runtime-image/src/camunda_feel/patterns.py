"""Regular expressions as Java has them, on the `regex` package: with a time limit, because patterns are data."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Protocol, cast

from camunda_feel.errors import Failure, FeelError
from camunda_feel.java_patterns import translate
from camunda_feel.limits import Budget

SECONDS = 0.5
"""The longest that one call may match."""
_LONGEST = 5_000


class _Match(Protocol):
    def start(self) -> int: ...
    def end(self) -> int: ...
    def group(self, group: int | str = 0) -> str | None: ...


class _Compiled(Protocol):
    groups: int

    def search(self, string: str, timeout: float) -> _Match | None: ...
    def finditer(self, string: str, timeout: float) -> Iterator[_Match]: ...


class Pattern:
    """A regular expression with the flags `s`, `m`, `i`, `x`; Failure when it is none.

    Every method raises FeelError when matching takes too long.
    """

    def __init__(self, budget: Budget, text: str, flags: str = "") -> None:
        self._text = text
        self._budget = budget
        self._compiled = _compile(text, flags)

    @property
    def groups(self) -> int:
        """How many groups it has."""
        return self._compiled.groups

    def found(self, text: str) -> bool:
        """Whether it matches anywhere."""
        try:
            return self._compiled.search(text, timeout=self._patience()) is not None
        except TimeoutError:
            raise self._too_slow() from None

    def matches(self, text: str) -> Iterator[_Match]:
        """All matches from left to right."""
        try:
            for match in self._compiled.finditer(text, timeout=self._patience()):
                self._budget.spend()
                yield match
        except TimeoutError:
            raise self._too_slow() from None

    def split(self, text: str) -> list[str]:
        """What stands between the matches, also when it is empty; but nothing before an empty match at the start."""
        parts: list[str] = []
        at = 0
        for match in self.matches(text):
            if match.end():
                parts.append(text[at : match.start()])
                at = match.end()
        return [*parts, text[at:]]

    def replace(self, text: str, replacement: str) -> str:
        """The text with every match replaced, where `$1` and `${name}` are groups; Failure for one that is not there."""
        template = _template(replacement, self.groups)
        parts: list[str] = []
        at = length = 0
        for match in self.matches(text):
            filled = "".join(part if isinstance(part, str) else _group(match, part) for part in template)
            parts += (text[at : match.start()], filled)
            length += len(filled)
            self._budget.check_text(length)
            at = match.end()
        return "".join([*parts, text[at:]])

    def _patience(self) -> float:
        return min(SECONDS, self._budget.seconds_left())

    def _too_slow(self) -> FeelError:
        return FeelError(
            f'cannot match the pattern "{self._text[:100]}" within {SECONDS:g} s; avoid repetitions inside repetitions'
        )


@lru_cache(maxsize=256)
def _compile(pattern: str, flags: str) -> _Compiled:
    import regex  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs] - 11 MB that most workers never need; it ships no stubs

    if len(pattern) > _LONGEST:
        raise Failure(f"the pattern has more than {_LONGEST:,} characters")
    options = regex.VERSION1 | regex.ASCII
    for flag, option in {"s": regex.DOTALL, "m": regex.MULTILINE, "i": regex.IGNORECASE, "x": regex.VERBOSE}.items():
        options |= option if flag in flags else 0
    try:
        return cast("_Compiled", regex.compile(translate(pattern, flags), options))
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
    """Literal characters and groups. `\\` takes away the meaning of the next character."""
    template: list[str | _Group] = []
    at = 0
    while at < len(replacement):
        character = replacement[at]
        if character == "$":
            reference, at = _reference(replacement, at + 1, groups)
            template.append(reference)
            continue
        if character == "\\":
            at += 1
            if at == len(replacement):
                raise Failure("the replacement ends with a backslash")
        template.append(replacement[at])
        at += 1
    return template


def _reference(replacement: str, at: int, groups: int) -> tuple[_Group, int]:
    """The group that is named after a `$`, and where its name ends; `$12` is group 1 if there is no group 12."""
    named = re.compile(r"\{([A-Za-z][A-Za-z0-9]*)\}").match(replacement, at)
    if named:
        return _Group(named[1]), named.end()
    digits = re.compile("[0-9]*").match(replacement, at)
    for end in range(digits.end() if digits else at, at, -1):
        number = int(replacement[at:end])
        if number <= groups:
            return _Group(number), end
    raise Failure('a "$" in the replacement needs a group of the pattern after it, or a "\\" before it')
