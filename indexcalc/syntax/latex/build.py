"""The rules that LaTeX has beyond those of a text.

In: the parts of a rule. Out: its tree. In LaTeX `=` stands in definitions and in claims: it defines
a plain name (or a function of names, unless the language has it) that stands left of it, and claims
everything else. Of a chain `a = b = c` the first link defines.

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_program
>>> text = r"\\lambda = \\log(1+\\alpha), d\\lambda = e^{-\\lambda} d\\alpha"
>>> parse_program(Source(text), notation="latex").statements
(<Definition '\\\\lambda = \\\\log(1+\\\\alpha)'>,
 <Claim 'd\\\\lambda = e^{-\\\\lambda} d\\\\alpha'>)
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from indexcalc.errors import FormulaSyntaxError, Mark
from indexcalc.syntax import factors, statements, tree
from indexcalc.syntax.build import Part, TreeBuilder, around, trees
from indexcalc.syntax.latex.cases import Case, chosen
from indexcalc.syntax.latex.commands import FUNCTION_WORDS
from indexcalc.syntax.lexeme import Lexeme
from indexcalc.syntax.tree import ProductOperator, Tree

SHORTEST_WORD = 3
IN_FONT = re.compile(r"\A(?:\\[A-Za-z]+\{|\{\\[a-z]+ *|\{)(\w+)\}\Z")
CLAIMED = frozenset({"=="})


class LatexBuilder(TreeBuilder):
    """What Lark calls for a LaTeX text."""

    def claim(self, parts: list[Part]) -> Tree | tuple[Tree, ...]:  # type: ignore[override]
        """`a = b = c`."""
        sides = trees(parts)
        sign = parts[1]
        target = sides[0]
        claimed = isinstance(sign, Lexeme) and sign.text in CLAIMED
        if claimed or not _can_be_defined(target):
            _check_word(target)
            return tree.Claim(around(parts), sides)
        defined = statements.definition(target, sides[1])
        if len(sides) == 2:
            return defined
        return defined, tree.Claim(around(parts), (target, *sides[2:]))

    def comparison(self, parts: list[Part]) -> Tree:
        """`[i = j]`."""
        left, right = trees(parts)
        made = super().comparison(parts)
        assert isinstance(made, tree.Comparison)
        operator = "==" if made.operator == "=" else made.operator
        return tree.Comparison(made.span, left, operator, right)

    def listed(self, parts: list[Part]) -> tuple[Part, ...]:
        """`(p, y)`, with its brackets."""
        return tuple(parts)

    def lists(self, parts: list[Lexeme | tuple[Part, ...]]) -> tuple[Tree, ...]:
        """`(p, y) = (q, z)`: one claim for each place, each with the text of all."""
        written = [part for part in parts if not isinstance(part, Lexeme)]
        span = written[0][0].span.to(written[-1][-1].span)
        first, *others = (trees(part) for part in written)
        for other in others:
            if len(other) != len(first):
                raise FormulaSyntaxError(
                    f"a list of {len(first)} and one of {len(other)} cannot be equal",
                    Mark(first[0].span.to(first[-1].span)),
                    Mark(other[0].span.to(other[-1].span)),
                    hint="write one equation for each place",
                )
        return tuple(tree.Claim(span, sides) for sides in zip(first, *others, strict=True))

    def operated(self, parts: list[Part | tuple[Tree, ...]]) -> Tree:
        """`\\frac{\\partial}{\\partial x} f` and `\\nabla_x f`."""
        sign, body = parts[0], parts[-1]
        assert isinstance(sign, Lexeme)
        assert isinstance(body, Tree)
        variables = tuple(part for group in parts if isinstance(group, tuple) and not
                          isinstance(group, Lexeme) for part in group)  # fmt: skip
        _check_operand(sign, body)
        rest: tuple[Tree, ...] = ()
        joints: tuple[ProductOperator, ...] = ()
        if isinstance(body, tree.Product) and _ends_gradient(sign, body):
            rest, joints, body = body.factors[1:], body.operators, body.factors[0]
        span = sign.span.to(body.span)
        simple = isinstance(body, tree.Name | tree.Subscripted | tree.Bracket | tree.Apply)
        numerator = body if simple else tree.Bracket(body.span, body)
        derivative = tree.Derivative(span, numerator, variables, len(variables))
        if not rest:
            return derivative
        return tree.Product(span.to(rest[-1].span), (derivative, *rest), joints)

    def product(self, parts: list[Part]) -> Tree:
        """`a \\nabla_x f \\odot b`: what stands behind the gradient joins the product."""
        *before, last = parts
        if not isinstance(last, tree.Product):
            return super().product(parts)
        found = super().product([*before, last.factors[0]])
        assert isinstance(found, tree.Product)
        operators = found.operators + last.operators
        return tree.Product(around(parts), found.factors + last.factors[1:], operators)

    def marked(self, parts: list[Part]) -> Tree:
        """`\\langle A, B\\rangle_F` is the inner product itself."""
        base, mark = parts
        inner = isinstance(base, tree.Bracket) and base.span.text.startswith(("\\langle", "⟨"))
        if inner and isinstance(mark, Lexeme) and mark.type == "SUBSCRIPT":
            if mark.text.strip("_{}") in {"F", "2"}:
                assert isinstance(base, tree.Bracket)
                return replace(base, span=around(parts))
            raise FormulaSyntaxError(
                f"the inner product with {mark.span.text} is not known",
                Mark(base.span.to(mark.span)),
                hint=r"write  x^\top A y  for a weighted one",
            )
        return super().marked(parts)

    def ranged(self, parts: list[Part]) -> Tree:
        """`\\sum_{i=1}^{n} x_i`."""
        extent = parts[1]
        assert isinstance(extent, Tree)
        reduced = self.reduction(parts[3:])
        assert isinstance(reduced, tree.Reduction)
        return replace(reduced, extent=extent)

    def case(self, parts: list[Part]) -> Case:
        """A value, and its condition unless it is otherwise."""
        value, condition = parts[0], parts[2]
        assert isinstance(value, Tree)
        return value, condition if isinstance(condition, Tree) else None

    def cases(self, parts: list[Lexeme | Case]) -> Tree:
        """`\\begin{cases} … \\end{cases}`."""
        first, last = parts[0], parts[-1]
        assert isinstance(first, Lexeme)
        assert isinstance(last, Lexeme)
        found = [part for part in parts if not isinstance(part, Lexeme)]
        return chosen(found, first.span.to(last.span))

    def group(self, parts: list[Part]) -> Tree:
        """The braces of a fraction, or of one of its parts; a fraction starts at its command."""
        span, inner = around(parts), trees(parts)[0]
        if isinstance(inner, tree.Product) and _is_fraction(inner):
            inner = replace(inner, span=span)
        return tree.Bracket(span, inner, is_scope=False)

    def inner_product(self, parts: list[Part]) -> Tree:
        """`\\langle A, B\\rangle`, and of three or more the sum of their products."""
        sides = trees(parts)
        span = around(parts)
        if len(sides) == 1:
            raise FormulaSyntaxError(
                "an inner product has two sides",
                Mark(span),
                hint=r"write  \langle x, y \rangle;  a mean is  \operatorname{mean}(x)",
            )
        closed = tuple(_closed(side) for side in sides)
        if len(sides) == 2:
            product = tree.Product(span, closed, (ProductOperator.FROBENIUS,))
            return tree.Bracket(span, product)
        product = tree.Product(span, closed, (ProductOperator.HADAMARD,) * (len(sides) - 1))
        return tree.Apply(span, tree.Name(parts[0].span, "sum"), (product,))


def _is_fraction(product: tree.Product) -> bool:
    above, below = product.factors[0], product.factors[-1]
    return (
        product.operators == (ProductOperator.DIVIDE,)
        and isinstance(above, tree.Bracket)
        and isinstance(below, tree.Bracket)
        and not (above.is_scope or below.is_scope)
    )


def _closed(part: Tree) -> Tree:
    open_ = tree.Sum | tree.Negative | tree.Product | tree.Reduction
    return tree.Bracket(part.span, part) if isinstance(part, open_) else part


def _can_be_defined(target: Tree) -> bool:
    """Whether `=` behind it defines: a plain name that is no differential, `σ(z)`."""
    if isinstance(target, tree.Apply):
        plain = all(isinstance(part, tree.Name) for part in target.arguments)
        named = plain and statements.is_plain_name(target.head)
        builtin = isinstance(target.head, tree.Name) and target.head.text in FUNCTION_WORDS
        return named and not builtin and not _is_differential(target.head)
    return statements.is_plain_name(target) and not _is_differential(target)


def _check_word(target: Tree) -> None:
    """Refuse `loss = …`, which is a product of four letters."""
    word = IN_FONT.sub(r"\1", target.span.text)
    if isinstance(target, tree.Product) and word.isalpha() and len(word) >= SHORTEST_WORD:
        raise FormulaSyntaxError(
            f"{word} is a product of single letters here, which cannot be defined",
            Mark(target.span),
            hint=rf"write  \mathrm{{{word}}} = …  for a name,  {' '.join(word)} = …  for a claim",
        )


def _is_differential(target: Tree) -> bool:
    """`dλ` is written as more than one letter: `d\\lambda`."""
    while isinstance(target, tree.Subscripted | tree.Labelled):
        target = target.base
    assert isinstance(target, tree.Name)
    return _is_one_differential(target.text, target.span.text)


def _is_one_differential(text: str, typed: str) -> bool:
    """Whether a name is `d` and a name: one letter, or anything but one word."""
    inner = text[1:].rstrip("ʹ")
    typed = IN_FONT.sub(r"\1", typed)
    if not text.startswith("d") or text[1:2] == "_":
        return False
    letters = sum(not unicodedata.combining(sign) for sign in inner)
    return letters <= 1 or typed != text


def _ends_gradient(sign: Lexeme, body: tree.Product) -> bool:
    """`\\nabla_a C \\odot b`: these signs join tensors, and `C` is none before ∇ makes it one."""
    operators = (ProductOperator.HADAMARD, ProductOperator.SMALL_CIRCLE,
                 ProductOperator.FROBENIUS, ProductOperator.KRONECKER)  # fmt: skip
    return sign.text.startswith("∇") and body.operators[0] in operators


def _is_whole(body: tree.Product) -> bool:
    """Whether nobody stops after the first factor: a number, a row as in `x^T A x`, `1/n Σ`."""
    others = [factor for factor in body.factors if not _is_numeric(factor)]
    first = others[0] if others else body
    row = isinstance(first, tree.Transpose) or (
        isinstance(first, tree.Power)
        and isinstance(first.exponent, tree.Name)
        and first.exponent.text == "T"
    )
    scaled_sum = isinstance(body.factors[-1], tree.Reduction) and len(body.factors) == 2
    return row or scaled_sum or len(others) <= 1


def _is_numeric(factor: Tree) -> bool:
    """`2`, `\\frac12`."""
    while isinstance(factor, tree.Bracket):
        factor = factor.inner
    if isinstance(factor, tree.Product):
        return all(map(factors.is_number, factor.factors))
    return factors.is_number(factor)


def _check_operand(sign: Lexeme, body: Tree) -> None:
    """Refuse `\\frac{\\partial}{\\partial x} (a) b`: is `b` differentiated?"""
    if not isinstance(body, tree.Product):
        return
    first = body.factors[0]
    if not (isinstance(first, tree.Bracket) or sign.text.startswith("∇")):
        return
    if _ends_gradient(sign, body) or _is_whole(body):
        return
    operator = sign.source.text[sign.start : body.span.start].strip()
    inner = factors.quote(first)
    behind = factors.quote(body.factors[1])
    joint = sign.source.text[first.span.end : body.factors[1].span.start].strip(" {}")
    behind = f"{joint} {behind}" if joint else behind
    raise FormulaSyntaxError(
        "it is not clear how far the derivative goes: is "
        f"{factors.quote(body.factors[1])} differentiated?",
        Mark(first.span, "differentiated"),
        Mark(body.factors[1].span, "this too, or not?"),
        hint=rf"write  \left({operator} {inner}\right) {behind}  or  "
        rf"{operator} \left({inner} {behind}\right)",
    )
