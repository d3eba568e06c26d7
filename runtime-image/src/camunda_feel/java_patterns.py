"""Java's regular expressions in the syntax of the `regex` package. The two differ in little:

- `.` matches none of Java's line ends, `\\Z` is before the last of them and `\\z` at the very end;
- `\\Q…\\E` quotes, `\\0…` is octal, a reference to a group that does not exist matches nothing;
- with the flag `x`, blanks inside `[…]` do not count either.
"""

import re

from camunda_feel.errors import Failure

_LINE_ENDS = r"\n\r\x85\u2028\u2029"
_ESCAPES = {r"\Z": rf"(?=(?:\r\n|[{_LINE_ENDS}])?\Z)", r"\z": r"\Z"}
_BEFORE_BRACES = frozenset({r"\p", r"\P", r"\x", r"\N"})
_REPETITION = re.compile(r"\{[0-9]+(,[0-9]*)?\}")
_PARTS = re.compile(r"\\Q(?:.*?)(?:\\E|\Z)|\\0[0-7]{0,3}|\\[1-9][0-9]*|\\.|\((?:\?<[A-Za-z]|(?!\?))|.", re.DOTALL)


def translate(pattern: str, flags: str) -> str:
    """The pattern for `regex.compile`; Failure for some of what only Java refuses, the compiler refuses the rest."""
    parts: list[str] = _PARTS.findall(pattern)
    groups = sum(part.startswith("(") for part in parts if part == "(" or len(part) > 1)
    translated: list[str] = []
    in_class = 0
    for index, part in enumerate(parts):
        in_class = max(0, in_class + (part == "[") - (part == "]"))
        if part == "{" and not in_class:
            _check_repetition(parts, index)
        translated.append(_in_class(part, flags) if in_class else _outside(part, flags, groups))
    return "".join(translated)


def _check_repetition(parts: list[str], at: int) -> None:
    """A brace that neither repeats something nor belongs to a class of characters is refused by Java."""
    previous = parts[at - 1] if at else ""
    if previous in _BEFORE_BRACES:
        return
    if previous in ("", "(", "|", "^") or not _REPETITION.match("".join(parts[at : at + 24])):
        raise Failure("the pattern is not a regular expression")


def _in_class(part: str, flags: str) -> str:
    if part[0] == "\\" and part[1:2].isdecimal():
        return _octal(part)
    return "" if "x" in flags and part.isspace() else _quoted(part)


def _outside(part: str, flags: str, groups: int) -> str:
    if part == ".":
        return part if "s" in flags else f"[^{_LINE_ENDS}]"
    if part[0] == "\\" and part[1:2].isdecimal():
        return _octal(part) if part[1] == "0" else _back_reference(part[1:], groups)
    return _ESCAPES.get(part) or _quoted(part)


def _octal(part: str) -> str:
    if part[1] != "0" or len(part) == 2:
        raise Failure("the pattern is not a regular expression")
    return f"\\x{int(part[2:], 8) & 0xFF:02x}"


def _back_reference(digits: str, groups: int) -> str:
    """The longest number that is a group; what remains are plain digits."""
    for length in range(len(digits), 0, -1):
        if int(digits[:length]) <= groups:
            return f"(?:\\{digits[:length]}){digits[length:]}"
    return f"(?!){digits[1:]}"


def _quoted(part: str) -> str:
    return re.escape(part[2:].removesuffix("\\E")) if part.startswith("\\Q") else part
