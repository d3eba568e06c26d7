"""The part of the parser for what stands between operators: literals, names, calls, brackets, and what follows a value."""

from abc import ABC, abstractmethod
from decimal import Decimal

from camunda_feel import syntax
from camunda_feel.cursor import Cursor
from camunda_feel.scanner import Kind, unescape
from camunda_feel.syntax import Node
from camunda_feel.temporal_texts import LITERAL_CALLS, parse_at_literal

_SPECIAL_CALLS = (("and",), ("or",), ("date", "and", "time"), ("years", "and", "months", "duration"), ("get", "or", "else"))
_SPACED_PROPERTIES = (("time", "offset"),)
_SPECIAL_WORDS = frozenset(words[0] for words in _SPECIAL_CALLS)
_LITERAL_WORDS = frozenset(name.partition(" ")[0] for name in LITERAL_CALLS)
_CONSTANTS: dict[str, bool | None] = {"null": None, "true": True, "false": False}
_NOT_RANGE_STARTS = (
    syntax.If,
    syntax.For,
    syntax.Quantified,
    syntax.Comparison,
    syntax.Between,
    syntax.InstanceOf,
    syntax.In,
    syntax.Conjunction,
    syntax.Disjunction,
    syntax.ComparisonTest,
)
_KEY_ENDS = frozenset({"{", "}", ",", "[", "]"})


class ValueParser(Cursor, ABC):
    """Parses values, which may hold any expression inside."""

    @abstractmethod
    def expression(self) -> Node:
        """A whole expression."""

    @abstractmethod
    def disjunction(self, first: Node | None) -> Node:
        """An expression without `if`, `for`, `some` and `every`, whose first operand may already be parsed."""

    @abstractmethod
    def sum(self, first: Node | None) -> Node:
        """Arithmetic, whose first operand may already be parsed."""

    def postfix(self, first: Node | None) -> Node:
        node = first or self.primary()
        while True:
            if self.at_symbol("."):
                node = syntax.Path(node, self._names())
            elif self.at_symbol("[") and self.begins_value(1, excluded=("]",)):
                self.take()
                node = syntax.Filter(node, self.expression())
                self.expect_symbol("]")
            else:
                return node

    def _names(self) -> tuple[str, ...]:
        names: list[str] = []
        while self.accept_symbol("."):
            names.append(self._property())
        return tuple(names)

    def _property(self) -> str:
        for words in _SPACED_PROPERTIES:
            if self.accept_words(words):
                return " ".join(words)
        return self.expect_name()

    def primary(self) -> Node:
        token = self.token
        if token.kind in (Kind.STRING, Kind.NUMBER):
            return self.literal()
        if token.kind in (Kind.NAME, Kind.QUOTED_NAME, Kind.KEYWORD):
            return self._word()
        if self.at_symbol("(", "[", "]"):
            return self._operand_in_brackets()
        if self.accept_symbol("{"):
            return self._context()
        if self.accept_symbol("?"):
            return syntax.InputValue()
        if self.accept_symbol("@") and self.token.kind is Kind.STRING:
            text = self.take().text
            return syntax.TemporalLiteral(text, parse_at_literal(text))
        raise self.unexpected("a value")

    def literal(self) -> Node:
        token = self.take()
        return syntax.Literal(unescape(token.text) if token.kind is Kind.STRING else Decimal(token.text))

    def _operand_in_brackets(self) -> Node:
        if self.at_symbol("]"):
            raise self.unexpected("a value")
        node = self.bracketed()
        if isinstance(node, syntax.RangeLiteral):
            raise self.unexpected('an operand instead of the range before; a range belongs after "in" or in a function call')
        return node

    def bracketed(self) -> Node:
        """A list, a range, or an expression in parentheses: which one shows only after its first value."""
        opening = self.take().text
        if opening == "[" and self.accept_symbol("]"):
            return syntax.ListLiteral(())
        in_parentheses = self.at_symbol("(")
        first = self.sum(None) if opening == "]" else self.expression()
        if opening == "]":
            self.expect_symbol("..")
            return self.range(first, start_closed=False)
        is_range = isinstance(first, syntax.RangeTest) and self.interval_end == self.token.start
        if self.at_symbol("..") and not is_range and (in_parentheses or not isinstance(first, _NOT_RANGE_STARTS)):
            self.take()
            return self.range(first, start_closed=opening == "[")
        if opening == "(":
            self.expect_symbol(")")
            return first
        items = [first]
        while self.accept_symbol(","):
            items.append(self.expression())
        self.expect_symbol("]")
        return syntax.ListLiteral(tuple(items))

    def range(self, start: Node, *, start_closed: bool) -> syntax.RangeLiteral:
        end = self.sum(None)
        closing = self.expect_symbol(")", "]", "[").text
        return syntax.RangeLiteral(start, end, start_closed, closing == "]")

    def _context(self) -> Node:
        entries: list[tuple[str, Node]] = []
        while not self.at_symbol("}") or entries:
            key = self._key()
            self.expect_symbol(":")
            entries.append((key, self.expression()))
            if not self.accept_symbol(","):
                break
        self.expect_symbol("}")
        return syntax.ContextLiteral(tuple(entries))

    def _key(self) -> str:
        """A string (its backslashes stay as they are), a name in backticks, or any text without `"{}:,[]` and backtick."""
        if self.token.kind in (Kind.STRING, Kind.QUOTED_NAME) and self.ahead(1).text == ":":
            return self.take().text
        count = 0
        while self._belongs_to_key(count):
            count += 1
        if count == 0:
            raise self.unexpected("the key of a context entry")
        key = self.text_of(count)
        self.skip(count)
        return key

    def _belongs_to_key(self, distance: int) -> bool:
        token = self.ahead(distance)
        if token.kind in (Kind.END, Kind.STRING, Kind.QUOTED_NAME):
            return False
        return token.kind is not Kind.SYMBOL or (token.text != ":" and token.text not in _KEY_ENDS)

    # ---- names and calls ----------------------------------------------------------------------------------------

    def _word(self) -> Node:
        special = self._temporal_literal() or self._special_call()
        if special is not None:
            return special
        words = self.words_ahead()
        if words > 1 and self.ahead(words).text == "(" and self.ahead(words).kind is Kind.SYMBOL:
            name = self.text_of(words)
            self.skip(words)
            return self._call(None, name)
        if self.token.kind is Kind.KEYWORD:
            return self._constant_or_function()
        return self._reference_or_call()

    def _temporal_literal(self) -> Node | None:
        """A call of one of the temporal functions with nothing but a string."""
        if self.token.text not in _LITERAL_WORDS:
            return None
        for name, parse in LITERAL_CALLS.items():
            words = tuple(name.split(" "))
            ahead = [self.ahead(len(words) + distance) for distance in range(3)]
            if (ahead[0].text, ahead[1].kind, ahead[2].text) != ("(", Kind.STRING, ")") or ahead[2].kind is not Kind.SYMBOL:
                continue
            if self.text_of(len(words)) == name and self.accept_words(words):
                self.skip(3)
                return syntax.TemporalLiteral(ahead[1].text, parse(ahead[1].text))
        return None

    def _special_call(self) -> Node | None:
        if self.token.text not in _SPECIAL_WORDS:
            return None
        for words in _SPECIAL_CALLS:
            opening = self.ahead(len(words))
            if opening.text == "(" and opening.kind is Kind.SYMBOL and self.accept_words(words):
                return self._call(None, " ".join(words))
        return None

    def _constant_or_function(self) -> Node:
        if self.token.text in _CONSTANTS:
            return syntax.Literal(_CONSTANTS[self.take().text])
        if self.token.text == "function" and self.ahead(1).text == "(":
            self.take()
            return self._function()
        raise self.unexpected("a value")

    def _reference_or_call(self) -> Node:
        names = [self.expect_name()]
        while self.at_symbol(".") and self.ahead(1).kind in (Kind.NAME, Kind.QUOTED_NAME):
            self.take()
            names.append(self._property())
        if self.at_symbol("("):
            target = syntax.Reference(names[0], tuple(names[1:-1])) if len(names) > 1 else None
            return self._call(target, names[-1])
        return syntax.Reference(names[0], tuple(names[1:]))

    def _function(self) -> Node:
        self.expect_symbol("(")
        parameters: list[str] = []
        while not self.at_symbol(")") or parameters:
            parameters.append(self._parameter())
            if not self.accept_symbol(","):
                break
        self.expect_symbol(")")
        if self.at_word("external"):
            raise self.unexpected("an expression (external functions are not supported)")
        return syntax.FunctionLiteral(tuple(parameters), self.expression())

    def _parameter(self) -> str:
        words = self.words_ahead()
        if words < 2:
            return self.expect_name()
        name = self.text_of(words)
        self.skip(words)
        return name

    def _call(self, target: syntax.Reference | None, name: str) -> Node:
        self.expect_symbol("(")
        if self.accept_symbol(")"):
            return syntax.Call(target, name, (), None)
        named = self._argument_is_named()
        names: list[str] = []
        arguments: list[Node] = []
        while True:
            if named:
                names.append(self._parameter())
                self.expect_symbol(":")
            arguments.append(self._argument())
            if not self.accept_symbol(","):
                break
        self.expect_symbol(")")
        return syntax.Call(target, name, tuple(arguments), tuple(names) if named else None)

    def _argument_is_named(self) -> bool:
        words = self.words_ahead() or (1 if self.token.kind is Kind.QUOTED_NAME else 0)
        return words > 0 and self.ahead(words).text == ":" and self.ahead(words).kind is Kind.SYMBOL

    def _argument(self) -> Node:
        if not self.at_symbol("(", "[", "]"):
            return self.expression()
        first = self.bracketed()
        return first if isinstance(first, syntax.RangeLiteral) else self.disjunction(first)
