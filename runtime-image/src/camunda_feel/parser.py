"""Tokens → tree, by recursive descent, one method per level of precedence.

The language is the one that Camunda's engine accepts, not the whole of DMN 1.5: names have no blanks and no dashes
unless they are in backticks, and what a text means never depends on which variables exist. Where that language is
ambiguous the first reading of Camunda's grammar wins, for example `f (x)` is always a call.

No method goes back in the tokens, so the time is proportional to the length of the text.
"""

from collections.abc import Callable
from decimal import Decimal

from camunda_feel import syntax
from camunda_feel.cursor import Cursor
from camunda_feel.scanner import Kind, unescape
from camunda_feel.syntax import Node

_COMPARATORS = {member.value: member for member in syntax.Comparator}
_SPECIAL_CALLS = (("and",), ("or",), ("date", "and", "time"), ("years", "and", "months", "duration"), ("get", "or", "else"))
_SPECIAL_TYPES = (
    ("years", "and", "months", "duration"),
    ("days", "and", "time", "duration"),
    ("date", "and", "time"),
    ("function",),
)
_SPACED_PROPERTIES = (("time", "offset"),)
_CONSTANTS: dict[str, bool | None] = {"null": None, "true": True, "false": False}
# A method for one level of precedence: takes the operand that was already parsed, if any.
_Level = Callable[[Node | None], Node]
_KEY_ENDS = frozenset({"{", "}", ",", "[", "]"})


def parse(source: str) -> Node:
    """The tree of an expression; FeelError says where it is not one and what was expected there.

    A leading `=`, by which Camunda's diagrams mark an expression, is allowed and means nothing.
    """
    parser = _Parser(source)
    parser.accept_symbol("=")
    node = parser.expression()
    if parser.token.kind is not Kind.END:
        parser.fail("an operator or the end of the expression")
    return node


class _Parser(Cursor):
    # ---- control structures -------------------------------------------------------------------------------------

    def expression(self) -> Node:
        self.descend()
        node = self._control() or self._disjunction(None)
        self.ascend()
        return node

    def _control(self) -> Node | None:
        """A loop, quantifier or condition. None of these words is reserved: `if` alone is a variable."""
        if self.at_word("if") and self.begins_value(1, excluded=("and", "or", "<", "<=", ">", ">=", "]")):
            return self._if()
        if self.at_word("for") and self._iterator_ahead():
            return self._for()
        if (self.at_word("some") or self.at_word("every")) and self._iterator_ahead():
            return self._quantified()
        return None

    def _iterator_ahead(self) -> bool:
        return self.ahead(1).kind in (Kind.NAME, Kind.QUOTED_NAME) and self.ahead(2).text == "in"

    def _if(self) -> Node:
        branches: list[tuple[Node, Node]] = []
        while self.at_word("if"):
            self.take()
            condition = self.expression()
            self.expect_word("then")
            branches.append((condition, self.expression()))
            self.expect_word("else")
            if not self.begins_value(1, excluded=("and", "or", "<", "<=", ">", ">=", "]")):
                break
        return syntax.If(tuple(branches), self.expression())

    def _for(self) -> Node:
        self.take()
        iterators = self._iterators()
        self.expect_word("return")
        return syntax.For(iterators, self.expression())

    def _quantified(self) -> Node:
        every = self.take().text == "every"
        iterators = self._iterators()
        self.expect_word("satisfies")
        return syntax.Quantified(every, iterators, self.expression())

    def _iterators(self) -> tuple[syntax.Iterator, ...]:
        iterators = [self._iterator()]
        while self.accept_symbol(","):
            iterators.append(self._iterator())
        return tuple(iterators)

    def _iterator(self) -> syntax.Iterator:
        name = self.expect_name()
        self.expect_word("in")
        values = self._sum(None)
        if self.accept_symbol(".."):
            values = syntax.Span(values, self._sum(None))
        return syntax.Iterator(name, values)

    # ---- logic and comparison; `first` is an operand that was already parsed ------------------------------------

    def _disjunction(self, first: Node | None) -> Node:
        operands = [self._conjunction(first)]
        while self.accept_word("or"):
            operands.append(self._conjunction(None))
        return operands[0] if len(operands) == 1 else syntax.Disjunction(tuple(operands))

    def _conjunction(self, first: Node | None) -> Node:
        operands = [self._comparison(first)]
        while self.accept_word("and"):
            operands.append(self._comparison(None))
        return operands[0] if len(operands) == 1 else syntax.Conjunction(tuple(operands))

    def _comparison(self, first: Node | None) -> Node:
        if first is None:
            test = self._comparison_test()
            if test is not None:
                return test
            if self.at_symbol("(", "[", "]"):
                first = self._bracketed()
                if isinstance(first, syntax.RangeLiteral):
                    return syntax.RangeTest(first)
        return self._compared(self._sum(first))

    def _comparison_test(self) -> Node | None:
        if not self.at_symbol("<", "<=", ">", ">="):
            return None
        return syntax.ComparisonTest(_COMPARATORS[self.take().text], self._sum(None))

    def _compared(self, left: Node) -> Node:
        if self.at_symbol(*_COMPARATORS):
            return syntax.Comparison(_COMPARATORS[self.take().text], left, self._sum(None))
        if self.accept_word("between"):
            low = self._sum(None)
            self.expect_word("and")
            return syntax.Between(left, low, self._sum(None))
        if self.at_word("instance") and self.ahead(1).text == "of":
            self.skip(2)
            return syntax.InstanceOf(left, self._type_name())
        if self.accept_word("in"):
            return syntax.In(left, self._tests())
        return left

    def _type_name(self) -> str:
        for words in _SPECIAL_TYPES:
            if self._accept_words(words):
                return " ".join(words)
        names = [self.expect_name()]
        while self.accept_symbol("."):
            names.append(self.expect_name())
        return ".".join(names)

    def _accept_words(self, words: tuple[str, ...]) -> bool:
        for distance, word in enumerate(words):
            token = self.ahead(distance)
            if token.text != word or token.kind not in (Kind.NAME, Kind.KEYWORD):
                return False
        self.skip(len(words))
        return True

    # ---- tests after `in` ---------------------------------------------------------------------------------------

    def _tests(self) -> tuple[Node, ...]:
        if not self.at_symbol("("):
            return (self._test(),)
        self.take()
        tests = [self._test()]
        if self.accept_symbol(".."):
            start = tests[0].expression if isinstance(tests[0], syntax.ExpressionTest) else tests[0]
            return (syntax.RangeTest(self._range(start, start_closed=False)),)
        while self.accept_symbol(","):
            tests.append(self._test())
        self.expect_symbol(")")
        return tuple(tests)

    def _test(self) -> Node:
        if self.token.text in ("true", "false") and self.ahead(1).kind is Kind.END:
            return syntax.ComparisonTest(syntax.Comparator.EQUAL, self._primary())
        test = self._comparison_test()
        if test is not None:
            return test
        if self.at_symbol("(", "[", "]"):
            first = self._bracketed()
            if isinstance(first, syntax.RangeLiteral):
                return syntax.RangeTest(first)
            return syntax.ExpressionTest(self._disjunction(first))
        return syntax.ExpressionTest(self.expression())

    # ---- arithmetic ---------------------------------------------------------------------------------------------

    def _sum(self, first: Node | None) -> Node:
        return self._chain(self._product(first), ("+", "-"), self._product)

    def _product(self, first: Node | None) -> Node:
        return self._chain(self._power(first), ("*", "/"), self._power)

    def _power(self, first: Node | None) -> Node:
        return self._chain(self._negation(first), ("**",), self._negation)

    def _chain(self, first: Node, symbols: tuple[str, ...], operand: _Level) -> Node:
        rest: list[tuple[syntax.Operator, Node]] = []
        while self.at_symbol(*symbols):
            operator = syntax.Operator(self.take().text)
            rest.append((operator, operand(None)))
        return syntax.Arithmetic(first, tuple(rest)) if rest else first

    def _negation(self, first: Node | None) -> Node:
        if first is None and self.accept_symbol("-"):
            if self.at_symbol("-") and self.ahead(1).kind is Kind.NUMBER and self.token.end == self.ahead(1).start:
                self.take()
                return self._postfix(syntax.Literal(-(-Decimal(self.take().text))))
            return syntax.Negation(self._postfix(None))
        return self._postfix(first)

    # ---- values -------------------------------------------------------------------------------------------------

    def _postfix(self, first: Node | None) -> Node:
        node = first or self._primary()
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
            if self._accept_words(words):
                return " ".join(words)
        return self.expect_name()

    def _primary(self) -> Node:
        token = self.token
        if token.kind is Kind.STRING:
            return syntax.Literal(unescape(self.take().text))
        if token.kind is Kind.NUMBER:
            return syntax.Literal(Decimal(self.take().text))
        if token.kind in (Kind.NAME, Kind.QUOTED_NAME, Kind.KEYWORD):
            return self._word()
        if self.at_symbol("(", "[", "]"):
            return self._operand_in_brackets()
        if self.accept_symbol("{"):
            return self._context()
        if self.accept_symbol("?"):
            return syntax.InputValue()
        if self.accept_symbol("@") and self.token.kind is Kind.STRING:
            return syntax.TemporalLiteral(self.take().text)
        self.fail("a value")

    def _operand_in_brackets(self) -> Node:
        if self.at_symbol("]"):
            self.fail("a value")
        node = self._bracketed()
        if isinstance(node, syntax.RangeLiteral):
            self.fail('an operand instead of the range before; a range belongs after "in" or in a function call')
        return node

    def _bracketed(self) -> Node:
        """A list, a range, or an expression in parentheses: which one shows only after its first value."""
        opening = self.take().text
        if opening == "[" and self.accept_symbol("]"):
            return syntax.ListLiteral(())
        first = self._sum(None) if opening == "]" else self.expression()
        if opening == "]":
            self.expect_symbol("..")
            return self._range(first, start_closed=False)
        if self.accept_symbol(".."):
            return self._range(first, start_closed=opening == "[")
        if opening == "(":
            self.expect_symbol(")")
            return first
        items = [first]
        while self.accept_symbol(","):
            items.append(self.expression())
        self.expect_symbol("]")
        return syntax.ListLiteral(tuple(items))

    def _range(self, start: Node, *, start_closed: bool) -> syntax.RangeLiteral:
        end = self._sum(None)
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
            self.fail("the key of a context entry")
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
        special = self._special_call()
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

    def _special_call(self) -> Node | None:
        for words in _SPECIAL_CALLS:
            opening = self.ahead(len(words))
            if opening.text == "(" and opening.kind is Kind.SYMBOL and self._accept_words(words):
                return self._call(None, " ".join(words))
        return None

    def _constant_or_function(self) -> Node:
        if self.token.text in _CONSTANTS:
            return syntax.Literal(_CONSTANTS[self.take().text])
        if self.token.text == "function" and self.ahead(1).text == "(":
            self.take()
            return self._function()
        self.fail("a value")

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
            self.fail("an expression (external functions are not supported)")
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
        first = self._bracketed()
        return first if isinstance(first, syntax.RangeLiteral) else self._disjunction(first)
