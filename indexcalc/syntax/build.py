"""One method for each rule of the grammar, called by the parser as soon as the rule is read.

In: the parts of a rule, trees and lexemes. Out: a tree (for extents and the like, a tuple of
trees). What the grammar cannot tell is checked in `factors` and `statements`.

>>> from indexcalc.errors import Source
>>> x = Lexeme("NAME", "x", Source("x²"), 0, 1, False)
>>> two = Lexeme("SUPERSCRIPT", "²", Source("x²"), 1, 2, False)
>>> TreeBuilder().powered([TreeBuilder().name([x]), two])
<Power 'x²'>
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import TypeAlias

from indexcalc.errors import FormulaSyntaxError, Mark, Span
from indexcalc.syntax import factors, statements, tree
from indexcalc.syntax.keywords import REDUCERS
from indexcalc.syntax.lexeme import Lexeme
from indexcalc.syntax.number import exact, figures, number_in, orders_in, raised
from indexcalc.syntax.subscript import read_subscript
from indexcalc.syntax.tree import ProductOperator, Tree

Part: TypeAlias = Tree | Lexeme

OPERATORS = {
    "*": ProductOperator.TIMES, "×": ProductOperator.TIMES, "∗": ProductOperator.TIMES,
    "@": ProductOperator.TIMES, "/": ProductOperator.DIVIDE, ".*": ProductOperator.HADAMARD,
    "⊙": ProductOperator.HADAMARD, "./": ProductOperator.HADAMARD_DIVIDE,
    "⊘": ProductOperator.HADAMARD_DIVIDE, ":": ProductOperator.FROBENIUS,
    "⊗": ProductOperator.KRONECKER, "∘": ProductOperator.SMALL_CIRCLE,
    "·": ProductOperator.DOT, "⋅": ProductOperator.DOT,
}  # fmt: skip
COMPARISONS = {"≤": "<=", "≥": ">=", "≠": "!="}
PRIMES = {"″": 2, "‴": 3, "⁗": 4, ".": 0}


def trees(parts: Iterable[Part]) -> tuple[Tree, ...]:
    """The trees among the parts of a rule, without commas and brackets."""
    return tuple(part for part in parts if isinstance(part, Tree))


def around(parts: list[Part]) -> Span:
    """From the first part to the last."""
    return parts[0].span.to(parts[-1].span)


class TreeBuilder:
    """What Lark calls, by the names of the rules (or of their alternatives, after `->`)."""

    # --- statements ---------------------------------------------------------------------------

    def program(self, parts: list[Part | tuple[Tree, ...]]) -> tuple[Tree, ...]:
        """All statements; a rule may give several."""
        found: list[Tree] = []
        for part in parts:
            if isinstance(part, Tree):
                found.append(part)
            elif not isinstance(part, Lexeme):
                found.extend(part)
        return tuple(found)

    def query(self, parts: list[Tree]) -> Tree:
        """An expression alone."""
        return tree.Query(parts[0].span, parts[0])

    def definition(self, parts: list[Tree]) -> Tree:
        """`left = right`."""
        return statements.definition(parts[0], parts[2])

    def implication(self, parts: list[Part]) -> tuple[Tree, ...]:
        """`z = W x ⟹ dz = W dx`: a definition, and a claim about it."""
        stated, *sides = trees(parts)
        if isinstance(stated, tree.Definition):
            stated = tree.Restated(stated.span, stated.target, stated.value)
        return stated, tree.Claim(sides[0].span.to(sides[-1].span), tuple(sides))

    def claim(self, parts: list[Part]) -> Tree:
        """`a == b == c`."""
        return tree.Claim(around(parts), trees(parts))

    def assumption(self, parts: list[Part]) -> Tree:
        """`assume a == b`."""
        left, right = trees(parts)
        return tree.Assumption(around(parts), left, right)

    def directive(self, parts: list[Lexeme]) -> Tree:
        """`notation: householder`."""
        return tree.Directive(parts[0].span.to(parts[2].span), parts[0].text, parts[2].text)

    def declaration(self, parts: list[Part | tuple[tree.Declared, ...]]) -> Tree:
        """`W[m, n], x[n] positive`."""
        names: list[tree.Declared] = []
        traits: list[Lexeme] = []
        for part in parts:
            if isinstance(part, tree.Declared):
                names.append(part)
            elif isinstance(part, Lexeme):
                traits += [part] * (part.type == "NAME")
            elif not isinstance(part, Tree):
                names.extend(part)
        last = (traits or names)[-1]
        span = names[0].span.to(last.span)
        return tree.Declaration(span, tuple(names), tuple(trait.text for trait in traits))

    def declared(self, parts: list[Part]) -> Tree:
        """`W[m, n]`."""
        name, *extents = trees(parts)
        return statements.declared(name, tuple(extents), parts[-1])

    def space(self, parts: list[Part | tuple[Part, ...]]) -> tuple[Tree, ...]:
        """`V, W ∈ ℝ^{m×n}`."""
        *names, extents = (part for part in parts if not isinstance(part, Lexeme))
        assert isinstance(extents, tuple)
        end = extents[-1] if extents else parts[-2]
        assert isinstance(end, Tree | Lexeme)
        return tuple(
            statements.declared(name, trees(extents), end)
            for name in names
            if isinstance(name, Tree)
        )

    def extents(self, parts: list[Part]) -> tuple[Part, ...]:
        """What follows ℝ, with the brace that closes it."""
        if len(parts) == 1 and isinstance(parts[0], Lexeme):
            return (statements.raised_extent(parts[0]),)
        return (*trees(parts), *(part for part in parts[-1:] if isinstance(part, Lexeme)))

    # --- sums and products --------------------------------------------------------------------

    def total(self, parts: list[Part]) -> Tree:
        """`-a + b - c`."""
        terms = list(trees(parts))
        signs = [1] + [-1 if part.type == "MINUS" else 1 for part in parts if type(part) is Lexeme]
        if isinstance(terms[0], tree.Negative):
            terms[0], signs[0] = terms[0].inner, -1
        return tree.Sum(around(parts), tuple(terms), tuple(signs))

    def negative(self, parts: list[Part]) -> Tree:
        """`-x`."""
        return tree.Negative(around(parts), trees(parts)[0])

    negative_reduction = negative

    def positive(self, parts: list[Part]) -> Tree:
        """`+x`, which is `x`."""
        return trees(parts)[0]

    def product(self, parts: list[Part]) -> Tree:
        """`a b * c / d`."""
        operators: list[ProductOperator] = []
        found: list[Tree] = []
        sign = ProductOperator.JUXTAPOSED
        for part in parts:
            if isinstance(part, Lexeme):
                sign = OPERATORS[part.text]
                continue
            if found:
                operators.append(sign)
            found.append(part)
            sign = ProductOperator.JUXTAPOSED
        return factors.product(tuple(found), tuple(operators))

    def reduction(self, parts: list[Part]) -> Tree:
        """`sum_i a_i b_i`."""
        sign, *subscripts, body = parts
        assert isinstance(sign, Lexeme)
        assert isinstance(body, Tree)
        indices = [part for word in subscripts if isinstance(word, Lexeme)
                   for part in read_subscript(word)]  # fmt: skip
        reduced = tree.Reduction(around(parts), REDUCERS[sign.text], tuple(indices), body)
        return factors.reduction(reduced, sign.text)

    # --- factors ------------------------------------------------------------------------------

    def power(self, parts: list[Part]) -> Tree:
        """`x^y`."""
        base, exponent = trees(parts)
        elementwise = isinstance(parts[1], Lexeme) and parts[1].text == ".^"
        return factors.power(base, exponent, elementwise=elementwise)

    def root(self, parts: list[Part]) -> Tree:
        """`√x`: the function `sqrt`."""
        head, argument = tree.Name(parts[0].span, "sqrt"), trees(parts)[0]
        if isinstance(argument, tree.Bracket):
            argument = argument.inner
        return tree.Apply(around(parts), head, (argument,))

    def powered(self, parts: list[Part]) -> Tree:
        """`A^-1`, `A^T`, `x²`, `Aᵀ`, `e^{-λ}`."""
        base, sign = parts[0], parts[1]
        assert isinstance(base, Tree)
        assert isinstance(sign, Lexeme)
        if sign.type == "CARET":
            made = factors.power(base, trees(parts)[1], elementwise=sign.text == ".^")
            return replace(made, span=around(parts))
        factors.check_stack(base, sign.span)
        span = around(parts)
        if sign.type == "POWER_T" and "T" in sign.text:
            start = max(sign.source.text.find("T", sign.start, sign.end), sign.start)
            top: Tree = tree.Name(Span(sign.source, start, start + 1), "T")
            if "-" in sign.text:
                top = tree.Negative(sign.span, top)
            return tree.Power(span, base, top)
        if sign.type in {"TRANSPOSE", "POWER_T"} or sign.text == "⁻ᵀ":
            inverted = sign.type != "TRANSPOSE"
            inner = tree.Power(span, base, signed_number(sign, Fraction(-1))) if inverted else base
            return tree.Transpose(span, inner)
        exponent = signed_number(sign, raised(sign.text))
        return tree.Power(span, base, exponent, sign.text.startswith("."))

    def derivative(self, parts: list[Part | tuple[Tree, ...]]) -> Tree:
        """`∂²λ/∂W_ij∂W_kl`; that order and variables agree was checked before."""
        sign, numerator, *rest = parts
        assert isinstance(sign, Lexeme)
        assert isinstance(numerator, Tree)
        groups = [part for part in rest if not isinstance(part, Tree | Lexeme)]
        variables = tuple(variable for group in groups for variable in group)
        end = rest[-1].span if isinstance(rest[-1], Lexeme) else variables[-1].span
        return tree.Derivative(sign.span.to(end), numerator, variables, number_in(sign.text))

    def variable(self, parts: list[Part]) -> tuple[Tree, ...]:
        """`∂W_ij`, `∂vec(X)`, `∂x²`."""
        head, *arguments = trees(parts)
        times = 1
        last = parts[-1]
        if isinstance(last, Lexeme) and last.type in {"POWER_NUMBER", "SUPERSCRIPT"}:
            times = number_in(last.text)
            parts = parts[:-1]
        if not arguments and not statements.is_plain_name(head):
            raise FormulaSyntaxError(
                "a prime behind a derivative has two readings",
                Mark(head.span),
                hint="write  (∂f/∂X)'  for the derivative as a whole",
            )
        if arguments:
            head = tree.Apply(head.span.to(parts[-1].span), head, tuple(arguments))
        return (head,) * times

    # --- what indices, primes and calls are hung on -------------------------------------------

    def name(self, parts: list[Lexeme]) -> Tree:
        """A name, in normal form C; the increment sign ∆ is the letter Δ."""
        text = parts[0].text
        if not text.isascii():
            text = unicodedata.normalize("NFC", text).replace("∆", "Δ")
        return tree.Name(parts[0].span, text)

    def marked(self, parts: list[Part]) -> Tree:
        """A subscript, a prime or a label behind something."""
        base, mark = parts
        assert isinstance(base, Tree)
        assert isinstance(mark, Lexeme)
        span = around(parts)
        match mark.type:
            case "SUBSCRIPT":
                return subscripted(span, base, mark)
            case "PRIME":
                count = sum(PRIMES.get(sign, 1) for sign in mark.text)
                if isinstance(base, tree.Primed):
                    return tree.Primed(span, base.base, base.count + count)
                return tree.Primed(span, base, count)
            case _:
                orders = orders_in(mark.text)
                if orders:
                    return tree.Primed(span, base, sum(orders), orders)
                return labelled(span, base, mark)

    def number(self, parts: list[Lexeme]) -> Tree:
        """`2`, `0.5`, `1e-3`."""
        return tree.Number(parts[0].span, exact(parts[0].text))

    def call(self, parts: list[Part]) -> Tree:
        """`head(arguments)`."""
        head, *arguments = trees(parts)
        bracket = parts[1]
        spaced = isinstance(bracket, Lexeme) and bracket.spaced
        return tree.Apply(around(parts), head, tuple(arguments), spaced)

    def diff(self, parts: list[Part]) -> Tree:
        """`diff(λ, W_ij, W_kl)`."""
        numerator, *variables = trees(parts)
        if not variables:
            raise FormulaSyntaxError(
                "diff names no variable", Mark(around(parts)), hint="write  diff(λ, W_ij)"
            )
        return tree.Derivative(around(parts), numerator, tuple(variables), 0)

    def comparison(self, parts: list[Part]) -> Tree:
        """`x_i > 0`."""
        left, right = trees(parts)
        sign = parts[1]
        assert isinstance(sign, Lexeme)
        operator = COMPARISONS.get(sign.text, sign.text)
        return tree.Comparison(around(parts), left, operator, right)

    def bracket(self, parts: list[Part]) -> Tree:
        """`(…)`."""
        return tree.Bracket(around(parts), trees(parts)[0])

    def norm(self, parts: list[Part]) -> Tree:
        """`‖…‖`; a subscript behind it becomes its kind."""
        return tree.Norm(around(parts), trees(parts)[0], "")

    def absolute(self, parts: list[Part]) -> Tree:
        """`|…|`."""
        return tree.Absolute(around(parts), trees(parts)[0])

    def condition(self, parts: list[Part]) -> Tree:
        """`[x_i > 0]`."""
        return tree.Iverson(around(parts), trees(parts)[0])


def signed_number(lexeme: Lexeme, value: Fraction) -> Tree:
    """A number, below a minus if it is negative, as in a text."""
    number = tree.Number(lexeme.span, abs(value))
    return tree.Negative(lexeme.span, number) if value < 0 else number


def subscripted(span: Span, base: Tree, mark: Lexeme) -> Tree:
    """`base` with one more subscript."""
    found = tuple(read_subscript(mark))
    if isinstance(base, tree.Norm) and not base.kind:
        return tree.Norm(span, base.inner, ",".join(found[0].items))
    powered = base.base if isinstance(base, tree.Power) else base
    if isinstance(powered, tree.Norm) and isinstance(base, tree.Power) and not powered.kind:
        return replace(base, span=span, base=replace(powered, kind=",".join(found[0].items)))
    if "∞" in found[0].items:
        raise FormulaSyntaxError(
            "∞ is no index", Mark(mark.span), hint="only a norm has it:  ‖x‖_∞"
        )
    if isinstance(base, tree.Subscripted):
        return tree.Subscripted(span, base.base, base.subscripts + found)
    return tree.Subscripted(span, base, found)


def labelled(span: Span, base: Tree, mark: Lexeme) -> Tree:
    """A label on a name; on anything else, a number in brackets is a power."""
    label = figures(mark.text)
    inner = base.base if isinstance(base, tree.Subscripted) else base
    if isinstance(inner, tree.Labelled):
        raise FormulaSyntaxError(
            "a name has two labels", Mark(span), hint="write one, as in  W^(1)"
        )
    if not isinstance(inner, tree.Name):
        factors.check_stack(base, mark.span)
        return tree.Power(span, base, tree.Number(mark.span, Fraction(label)))
    made = tree.Labelled(span, inner, label)
    return replace(base, span=span, base=made) if isinstance(base, tree.Subscripted) else made
