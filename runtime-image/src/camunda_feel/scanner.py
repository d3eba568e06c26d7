"""Text → tokens. Whitespace and comments end here; everything else keeps its place in the text.

A character that FEEL does not know is a token too (`OTHER`): it may be part of the key of a context.
"""

import re
import unicodedata
from enum import Enum
from typing import NamedTuple

from camunda_feel.errors import FeelError, parse_error
from camunda_feel.limits import SOURCE_CHARACTERS

# DMN 1.5, 10.3.1.2, rules 61 and 62.
WHITESPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)

RESERVED = frozenset(
    {"null", "true", "false", "function", "in", "return", "then", "else", "satisfies", "and", "or"},
)
"""The words that cannot be a name by themselves."""


class Kind(Enum):
    """What a token is."""

    NAME = "a name"
    QUOTED_NAME = "a name in backticks"
    KEYWORD = "a keyword"
    NUMBER = "a number"
    STRING = "a string"
    SYMBOL = "a symbol"
    OTHER = "a character"
    END = "the end of the expression"


class Token(NamedTuple):
    """`text` is the token as written, except that the quotes of strings and backtick names are left out."""

    kind: Kind
    text: str
    start: int
    end: int

    def described(self) -> str:
        """How an error names it."""
        if self.kind is Kind.END:
            return self.kind.value
        return f'"{self.text}"' if len(self.text) <= 40 else f'"{self.text[:40]}…"'


_SKIP = re.compile(rf"(?:[{WHITESPACE}]+|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_TOKEN = re.compile(
    r"""
      (?P<NAME> [^\W\d][\w$]* | \$[\w$]* )
    | (?P<NUMBER> [0-9]+ (?:\.[0-9]+)? | \.[0-9]+ )
    | " (?P<STRING> (?: \\. | [^"\\] )* ) "
    | ` (?P<QUOTED_NAME> [^`]+ ) `
    | (?P<SYMBOL> \*\* | \.\. | <= | >= | != | [-+*/=<>()\[\]{},:.?@] )
    """,
    re.VERBOSE | re.DOTALL,
)


def scan(source: str) -> tuple[Token, ...]:
    """The tokens of an expression, the last of kind END; FeelError for an open comment or string."""
    if len(source) > SOURCE_CHARACTERS:
        raise FeelError(f"cannot parse an expression of more than {SOURCE_CHARACTERS:,} characters")
    tokens: list[Token] = []
    at = 0
    while True:
        skipped = _SKIP.match(source, at)
        at = skipped.end() if skipped else at
        if at == len(source):
            tokens.append(Token(Kind.END, "", at, at))
            return tuple(tokens)
        token = _token_at(source, at)
        tokens.append(token)
        at = token.end


def scan_part(source: str, start: int, end: int) -> list[Token]:
    """The tokens of what is left of a word."""
    tokens: list[Token] = []
    while start < end:
        token = _token_at(source, start)
        tokens.append(token)
        start = token.end
    return tokens


def _token_at(source: str, at: int) -> Token:
    _refuse_open_ends(source, at)
    match = _TOKEN.match(source, at)
    if match is None or match.lastgroup is None:
        return _unusual_name(source, at) or Token(Kind.OTHER, source[at], at, at + 1)
    kind, text = Kind[match.lastgroup], match[match.lastgroup]
    if kind is Kind.NAME:
        if not source[at : match.end() + 1].isascii():
            return _unusual_name(source, at) or Token(Kind.OTHER, source[at], at, at + 1)
        return _name(text, at)
    return Token(kind, text, at, match.end())


def _name(text: str, at: int) -> Token:
    return Token(Kind.KEYWORD if text in RESERVED else Kind.NAME, text, at, at + len(text))


def _refuse_open_ends(source: str, at: int) -> None:
    if source.startswith("/*", at):
        raise parse_error(source, at, expected='"*/" at the end of the comment', found="the end of the expression")
    if source[at] in '"`' and not _TOKEN.match(source, at):
        raise parse_error(source, at, expected=f"a closing {source[at]}", found="the end of the expression")


def _unusual_name(source: str, at: int) -> Token | None:
    """A name with characters beyond ASCII: those of Java's identifiers, as Camunda's engine has them."""
    if not _starts_name(source[at]):
        return None
    end = at + 1
    while end < len(source) and _continues_name(source[end]):
        end += 1
    return _name(source[at:end], at)


def _starts_name(character: str) -> bool:
    return character <= "\uffff" and unicodedata.category(character) in {
        "Lu", "Ll", "Lt", "Lm", "Lo", "Nl", "Sc", "Pc",
    }  # fmt: skip


def _continues_name(character: str) -> bool:
    return character not in WHITESPACE and (
        _starts_name(character) or (character <= "\uffff" and unicodedata.category(character) in {"Mn", "Mc", "Nd", "Cf"})
    )


_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"'}
_BACKSLASHES = re.compile(r"(\\+)(.?)", re.DOTALL)


def unescape(text: str) -> str:
    """The value of a string as written: `\\n` and its like after a single backslash, `\\\\` as one; others stay."""
    return _BACKSLASHES.sub(_unescape_one, text) if "\\" in text else text


def _unescape_one(match: re.Match[str]) -> str:
    backslashes, following = match[1], match[2]
    if len(backslashes) == 1:
        return _ESCAPES.get(following, "\\" + following)
    return "\\" * ((len(backslashes) + 1) // 2) + following
