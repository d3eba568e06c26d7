"""Where the parser stands in the tokens, and what it says when they are not what it needs."""

from collections.abc import Collection

from camunda_feel.errors import FeelError, parse_error
from camunda_feel.limits import NESTING
from camunda_feel.scanner import Kind, Token, scan, scan_part

_LITERAL_WORDS = frozenset({"null", "true", "false", "function", "and", "or"})
_OPENING_SYMBOLS = frozenset({"(", "[", "]", "{", "-", "?", "@", "<", "<=", ">", ">="})


class Cursor:
    """The tokens of one expression and the place in them."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._tokens = list(scan(source))
        self._at = 0
        self.token: Token = self._tokens[0]
        """The token not yet consumed; read far more often than it changes."""
        self._nesting = 0
        self.interval_end = 0
        """Where the token after the latest interval starts: with a bracket around, an interval is an operand."""

    def ahead(self, distance: int) -> Token:
        """A later token; the end of the expression after the last."""
        return self._tokens[min(self._at + distance, len(self._tokens) - 1)]

    def take(self) -> Token:
        """Consumes one token. The end of the expression is never consumed."""
        token = self.token
        if token.kind is not Kind.END:
            self.skip(1)
        return token

    def skip(self, count: int) -> None:
        """Consumes tokens that were looked at."""
        self._at = min(self._at + count, len(self._tokens) - 1)
        self.token = self._tokens[self._at]

    def at_symbol(self, *symbols: str) -> bool:
        """Whether the next token is one of these symbols."""
        return self.token.kind is Kind.SYMBOL and self.token.text in symbols

    def at_word(self, word: str) -> bool:
        """Whether the next token is this word, reserved or not."""
        return self.token.kind in (Kind.NAME, Kind.KEYWORD) and self.token.text == word

    def accept_symbol(self, symbol: str) -> bool:
        """Consumes the symbol if it is next."""
        if self.at_symbol(symbol):
            self.skip(1)
            return True
        return False

    def accept_word(self, word: str) -> bool:
        """Consumes the word if it is next."""
        if self.at_word(word):
            self.skip(1)
            return True
        return False

    def accept_operator(self, word: str) -> bool:
        """Consumes a word between operands. What follows may touch it: `1 in[1]`, and also `x andy` is `x and y`.

        That is no kindness but what Camunda's engine does, where the other reading would be an error in any case.
        """
        if self.accept_word(word):
            return True
        token = self.token
        if token.kind not in (Kind.NAME, Kind.KEYWORD) or not token.text.startswith(word):
            return False
        self._tokens[self._at : self._at + 1] = scan_part(self.source, token.start + len(word), token.end)
        self.skip(0)
        return True

    def accept_words(self, words: tuple[str, ...]) -> bool:
        """Consumes the words if all are next, in that order, with one blank between them."""
        if self.text_of(len(words)) != " ".join(words) or self.token.kind not in (Kind.NAME, Kind.KEYWORD):
            return False
        self.skip(len(words))
        return True

    def expect_symbol(self, *symbols: str) -> Token:
        """Consumes one of the symbols; FeelError otherwise."""
        if not self.at_symbol(*symbols):
            raise self.unexpected(" or ".join(f'"{symbol}"' for symbol in symbols))
        return self.take()

    def expect_operator(self, word: str) -> None:
        """Consumes the word between operands; FeelError otherwise."""
        if not self.accept_operator(word):
            raise self.unexpected(f'"{word}"')

    def expect_name(self) -> str:
        """Consumes a name, plain or in backticks; FeelError otherwise."""
        if self.token.kind not in (Kind.NAME, Kind.QUOTED_NAME):
            raise self.unexpected("a name")
        return self.take().text

    def words_ahead(self) -> int:
        """How many plain names follow each other with nothing but blanks between them."""
        count = 0
        while self.ahead(count).kind is Kind.NAME and (count == 0 or self._blanks_before(count)):
            count += 1
        return count

    def _blanks_before(self, distance: int) -> bool:
        gap = self.source[self.ahead(distance - 1).end : self.ahead(distance).start]
        return gap != "" and not gap.strip(" ")

    def text_of(self, count: int) -> str:
        """The next `count` tokens as they are written."""
        return self.source[self.token.start : self.ahead(count - 1).end]

    def begins_value(self, distance: int, excluded: Collection[str] = ()) -> bool:
        """Whether an expression can start with the token at that distance."""
        token = self.ahead(distance)
        if token.text in excluded:
            return False
        if token.kind is Kind.KEYWORD:
            return token.text in _LITERAL_WORDS
        if token.kind is Kind.SYMBOL:
            return token.text in _OPENING_SYMBOLS
        return token.kind in (Kind.NAME, Kind.QUOTED_NAME, Kind.NUMBER, Kind.STRING)

    def unexpected(self, expected: str) -> FeelError:
        """The error of the next token."""
        return parse_error(self.source, self.token.start, expected=expected, found=self.token.described())

    def descend(self) -> None:
        """Enters a nested expression; FeelError when there are too many. To be paired with `ascend`."""
        self._nesting += 1
        if self._nesting > NESTING:
            raise FeelError(f"cannot parse an expression nested more than {NESTING} levels deep; split it")

    def ascend(self) -> None:
        """Leaves a nested expression."""
        self._nesting -= 1
