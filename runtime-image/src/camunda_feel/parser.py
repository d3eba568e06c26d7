"""Tokens → tree, by recursive descent, one method per level of precedence.

The language is the one that Camunda's engine accepts, not the whole of DMN 1.5: names have no blanks and no dashes
unless they are in backticks, and what a text means never depends on which variables exist. Where that language is
ambiguous the first reading of Camunda's grammar wins, for example `f (x)` is always a call.

No method goes back in the tokens, so the time is proportional to the length of the text.
"""

from collections.abc import Callable

from camunda_feel import syntax
from camunda_feel.scanner import Kind
from camunda_feel.syntax import Node
from camunda_feel.value_parser import ValueParser

_COMPARATORS = {member.value: member for member in syntax.Comparator}
_SPECIAL_TYPES = (
    ("years", "and", "months", "duration"),
    ("days", "and", "time", "duration"),
    ("date", "and", "time"),
    ("function",),
)
# A method for one level of precedence: takes the operand that was already parsed, if any.
_Level = Callable[[Node | None], Node]


def parse(source: str) -> Node:
    """The tree of an expression; FeelError says where it is not one and what was expected there.

    A leading `=`, by which Camunda's diagrams mark an expression, is allowed and means nothing.
    """
    parser = _Parser(source)
    parser.accept_symbol("=")
    node = parser.expression()
    if parser.token.kind is not Kind.END:
        raise parser.unexpected("an operator or the end of the expression")
    return node


class _Parser(ValueParser):
    # ---- control structures -------------------------------------------------------------------------------------

    def expression(self) -> Node:
        self.descend()
        node = self._control() or self.disjunction(None)
        self.ascend()
        return node

    def _control(self) -> Node | None:
        """A loop, quantifier or condition. None of these words is reserved: `if` alone is a variable."""
        if self._if_ahead():
            return self._if()
        if self.at_word("for") and self._iterator_ahead():
            return self._for()
        if (self.at_word("some") or self.at_word("every")) and self._iterator_ahead():
            return self._quantified()
        return None

    def _if_ahead(self) -> bool:
        """Whether `if` begins a condition and is no variable; `if or(…)` does, because `or` is a function too."""
        if not self.at_word("if") or not self.begins_value(1, excluded=("<", "<=", ">", ">=", "]")):
            return False
        return self.ahead(1).text not in ("and", "or") or self.ahead(2).text == "("

    def _iterator_ahead(self) -> bool:
        return self.ahead(1).kind in (Kind.NAME, Kind.QUOTED_NAME) and self.ahead(2).text == "in"

    def _if(self) -> Node:
        branches: list[tuple[Node, Node]] = []
        while self._if_ahead():
            self.take()
            condition = self.expression()
            self.expect_operator("then")
            branches.append((condition, self.expression()))
            self.expect_operator("else")
        return syntax.If(tuple(branches), self.expression())

    def _for(self) -> Node:
        self.take()
        iterators = self._iterators()
        self.expect_operator("return")
        return syntax.For(iterators, self.expression())

    def _quantified(self) -> Node:
        every = self.take().text == "every"
        iterators = self._iterators()
        self.expect_operator("satisfies")
        return syntax.Quantified(every, iterators, self.expression())

    def _iterators(self) -> tuple[syntax.Iterator, ...]:
        iterators = [self._iterator()]
        while self.accept_symbol(","):
            iterators.append(self._iterator())
        return tuple(iterators)

    def _iterator(self) -> syntax.Iterator:
        name = self.expect_name()
        self.expect_operator("in")
        first = None if self.at_symbol("-") else self.postfix(None)
        values = self.sum(first)
        is_one_value = values is first or (isinstance(values, syntax.Negation) and isinstance(values.value, syntax.Literal))
        if not is_one_value or self.at_symbol(".."):
            self.expect_symbol("..")
            values = syntax.Span(values, self.sum(None))
        return syntax.Iterator(name, values)

    # ---- logic and comparison; `first` is an operand that was already parsed ------------------------------------

    def disjunction(self, first: Node | None) -> Node:
        operands = [self._conjunction(first)]
        while self.accept_operator("or"):
            operands.append(self._conjunction(None))
        return operands[0] if len(operands) == 1 else syntax.Disjunction(tuple(operands))

    def _conjunction(self, first: Node | None) -> Node:
        operands = [self._comparison(first)]
        while self.accept_operator("and"):
            operands.append(self._comparison(None))
        return operands[0] if len(operands) == 1 else syntax.Conjunction(tuple(operands))

    def _comparison(self, first: Node | None) -> Node:
        if first is None:
            test = self._comparison_test()
            if test is not None:
                return test
            if self.at_symbol("(", "[", "]"):
                first = self.bracketed()
                if isinstance(first, syntax.RangeLiteral):
                    self.interval_end = self.token.start
                    return syntax.RangeTest(first)
        return self._compared(self.sum(first))

    def _comparison_test(self) -> Node | None:
        if not self.at_symbol("<", "<=", ">", ">="):
            return None
        return syntax.ComparisonTest(_COMPARATORS[self.take().text], self.sum(None))

    def _compared(self, left: Node) -> Node:
        if self.at_symbol(*_COMPARATORS):
            return syntax.Comparison(_COMPARATORS[self.take().text], left, self.sum(None))
        if self.accept_operator("between"):
            low = self.sum(None)
            self.expect_operator("and")
            return syntax.Between(left, low, self.sum(None))
        if self.at_word("instance") and self.ahead(1).text.startswith("of"):
            self.skip(1)
            self.expect_operator("of")
            return syntax.InstanceOf(left, self._type_name())
        if self.accept_operator("in"):
            return syntax.In(left, self._tests())
        return left

    def _type_name(self) -> str:
        for words in _SPECIAL_TYPES:
            if self.accept_words(words):
                return " ".join(words)
        names = [self.expect_name()]
        while self.accept_symbol("."):
            names.append(self.expect_name())
        return ".".join(names)

    # ---- tests after `in` ---------------------------------------------------------------------------------------

    def _tests(self) -> tuple[Node, ...]:
        if not self.at_symbol("("):
            return (self._test(),)
        self.take()
        tests = [self._test()]
        starts_with_interval = isinstance(tests[0], syntax.RangeTest) and self.interval_end == self.token.start
        if not starts_with_interval and self.accept_symbol(".."):
            start = tests[0].expression if isinstance(tests[0], syntax.ExpressionTest) else tests[0]
            return (syntax.RangeTest(self.range(start, start_closed=False)),)
        whole = self._continued(tests[0])
        if whole is not tests[0]:
            self.expect_symbol(")")
            return (whole,)
        while self.accept_symbol(","):
            tests.append(self._test())
        self.expect_symbol(")")
        return tuple(tests)

    def _test(self) -> Node:
        if self.token.text in ("true", "false") and self.ahead(1).kind is Kind.END:
            return syntax.ComparisonTest(syntax.Comparator.EQUAL, self.primary())
        test = self._comparison_test()
        if test is not None:
            return test
        if self.at_symbol("(", "[", "]"):
            first = self.bracketed()
            if isinstance(first, syntax.RangeLiteral):
                self.interval_end = self.token.start
                return syntax.RangeTest(first)
            return syntax.ExpressionTest(self.disjunction(first))
        return syntax.ExpressionTest(self.expression())

    def _continued(self, test: Node) -> Node:
        """A test alone, or as the first operand of `and` and `or`, which then are all: `x in (< 5 or > 10)`."""
        both = [test]
        while self.accept_operator("and"):
            both.append(self._comparison(None))
        either = [test if len(both) == 1 else syntax.Conjunction(tuple(both))]
        while self.accept_operator("or"):
            either.append(self._conjunction(None))
        if len(either) > 1:
            return syntax.ExpressionTest(syntax.Disjunction(tuple(either)))
        return test if len(both) == 1 else syntax.ExpressionTest(either[0])

    # ---- arithmetic ---------------------------------------------------------------------------------------------

    def sum(self, first: Node | None) -> Node:
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
                return self.postfix(self.literal())
            return syntax.Negation(self.postfix(None))
        return self.postfix(first)
