"""Functions on texts. Lengths and positions count UTF-16 units, as in Java: 😀 has two."""

import base64
import re
import time
from decimal import Decimal
from random import SystemRandom
from uuid import UUID

from camunda_feel.arithmetic import to_int
from camunda_feel.builtins.registry import Library
from camunda_feel.errors import Failure, FeelError
from camunda_feel.limits import Budget
from camunda_feel.patterns import Pattern

library = Library()

_CHANCE = SystemRandom()
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}", re.ASCII)
# What Character.isWhitespace says of characters that str.isspace calls blank.
_NOT_BLANK = frozenset("\x85\xa0\u2007\u202f")


def _length(text: str) -> int:
    return len(text) if text.isascii() else len(text) + sum(character > "\uffff" for character in text)


def _slice(text: str, start: int, end: int) -> str:
    """The text between two positions, counted from 0 in UTF-16 units; FeelError when they are not in the text."""
    if not 0 <= start <= end <= _length(text):
        raise FeelError('cannot call "substring": the position is outside of the text')
    if text.isascii() or _length(text) == len(text):
        return text[start:end]
    return text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * end].decode("utf-16-le", "replace")


def _start(text: str, position: Decimal) -> int:
    number = to_int(position)
    return number - 1 if number > 0 else _length(text) + number


@library.define("substring", "string: string", "start position: number")
def substring(text: str, position: Decimal) -> str:
    """The text from a position on: from 1, or from -1 backwards. FeelError when it is outside of the text."""
    return _slice(text, _start(text, position), _length(text))


@library.define("substring", "string: string", "start position: number", "length: number")
def substring_of_length(text: str, position: Decimal, length: Decimal) -> str:
    """So many characters from a position on, or as many as there are."""
    start = _start(text, position)
    return _slice(text, start, min(start + to_int(length), _length(text)))


@library.define("string length", "string: string")
def string_length(text: str) -> Decimal:
    """The number of characters."""
    return Decimal(_length(text))


@library.define("upper case", "string: string")
def upper_case(text: str) -> str:
    """The text in capitals."""
    return text.upper()


@library.define("lower case", "string: string")
def lower_case(text: str) -> str:
    """The text in small letters."""
    return text.lower()


@library.define("substring before", "string: string", "match: string")
def substring_before(text: str, match: str) -> str:
    """What stands before the first match; nothing without one."""
    index = text.find(match)
    return text[:index] if index > 0 else ""


@library.define("substring after", "string: string", "match: string")
def substring_after(text: str, match: str) -> str:
    """What stands after the first match; nothing without one."""
    index = text.find(match)
    return text[index + len(match) :] if index >= 0 else ""


@library.define("contains", "string: string", "match: string")
def contains(text: str, match: str) -> bool:
    """Whether the match is in the text."""
    return match in text


@library.define("starts with", "string: string", "match: string")
def starts_with(text: str, match: str) -> bool:
    """Whether the text begins with the match."""
    return text.startswith(match)


@library.define("ends with", "string: string", "match: string")
def ends_with(text: str, match: str) -> bool:
    """Whether the text ends with the match."""
    return text.endswith(match)


@library.define("matches", "input: string", "pattern: string", spends=True)
def matches(budget: Budget, text: str, pattern: str) -> bool:
    """Whether the regular expression is found anywhere in the text."""
    return Pattern(budget, pattern).found(text)


@library.define("matches", "input: string", "pattern: string", "flags: string", spends=True)
def matches_with_flags(budget: Budget, text: str, pattern: str, flags: str) -> bool:
    """The same with the flags `s`, `m`, `i` and `x`."""
    return Pattern(budget, pattern, flags).found(text)


@library.define("replace", "input: string", "pattern: string", "replacement: string", spends=True)
def replace(budget: Budget, text: str, pattern: str, replacement: str) -> str:
    """The text with every match replaced; `$1` in the replacement is a group."""
    return Pattern(budget, pattern).replace(text, replacement)


@library.define("replace", "input: string", "pattern: string", "replacement: string", "flags: string", spends=True)
def replace_with_flags(budget: Budget, text: str, pattern: str, replacement: str, flags: str) -> str:
    """The same with the flags `s`, `m`, `i` and `x`."""
    return Pattern(budget, pattern, flags).replace(text, replacement)


@library.define("split", "string: string", "delimiter: string", spends=True)
def split(budget: Budget, text: str, delimiter: str) -> list[str]:
    """What stands between the matches of a regular expression."""
    return Pattern(budget, delimiter).split(text)


@library.define("extract", "input: string", "pattern: string", spends=True)
def extract(budget: Budget, text: str, pattern: str) -> list[str]:
    """All matches of a regular expression."""
    return [match.group() or "" for match in Pattern(budget, pattern).matches(text)]


@library.define("trim", "string: string")
def trim(text: str) -> str:
    """The text without blanks and control characters at its ends."""
    return text.strip("".join(map(chr, range(33))))


@library.define("is blank", "string: string")
def is_blank(text: str) -> bool:
    """Whether there is nothing but blanks in the text."""
    return not text or (text.isspace() and not _NOT_BLANK.intersection(text))


@library.define("uuid")
def uuid() -> str:
    """A new identifier of version 7: time and chance."""
    milliseconds = time.time_ns() // 1_000_000
    return str(UUID(int=milliseconds << 80 | 0x7 << 76 | _CHANCE.getrandbits(12) << 64 | 0b10 << 62 | _CHANCE.getrandbits(62)))


@library.define("to base64", "value: string")
def to_base64(text: str) -> str:
    """The UTF-8 bytes of the text in Base64."""
    return base64.b64encode(text.encode("utf-8", "replace")).decode()


@library.define("from base64", "value: string")
def from_base64(text: str) -> str:
    """The text whose UTF-8 bytes these are; padding may be left out."""
    if not _BASE64.fullmatch(text) or len(text.rstrip("=")) % 4 == 1 or ("=" in text and len(text) % 4):
        raise Failure("the text is not Base64")
    return base64.b64decode(text + "=" * (-len(text) % 4)).decode("utf-8", "replace")
