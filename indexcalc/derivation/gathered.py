"""Differentials in matrix notation, gathered: `g^T dx`, `G : dX`, `J dx`, `M vec(dX)`.

In: the formula of a derivative and a symbol for how its variable moves. Out: the formula of the
product. Scalars and denominators stay in front.

>>> from indexcalc.notation.formula import SymbolKind
>>> from indexcalc.notation.names import NameStyle
>>> from indexcalc.notation.spelling import Spelling
>>> from indexcalc.notation.text import formula_text
>>> W, x, dx = (Symbol(SymbolKind.VARIABLE, name, ()) for name in ("W", "x", "dx"))
>>> gradient = Product(Fraction(2), (), (), (W, x), ())
>>> formula_text(of_vector(gradient, dx), Spelling(NameStyle()))
'2 (W x)^T dx'
>>> formula_text(of_matrix(gradient, dx), Spelling(NameStyle()))
'2 (W x) : dx'
>>> formula_text(mapped(gradient, dx), Spelling(NameStyle()))
'2 W x dx'
>>> formula_text(mapped(Literal(ONE), dx), Spelling(NameStyle()))
'dx'
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from indexcalc.notation.formula import (
    Applied,
    Formula,
    Infix,
    Joined,
    Literal,
    Product,
    Symbol,
    Total,
    Transposed,
)

ONE = Fraction(1)


def of_vector(gradient: Formula, move: Symbol) -> Formula:
    """`g^T dx`."""
    outside, inner = _apart(gradient)
    return _with(outside, (Transposed(inner), move))


def of_matrix(gradient: Formula, move: Symbol) -> Formula:
    """`G : dX`."""
    outside, inner = _apart(gradient)
    return _with(outside, (Joined(Infix.FROBENIUS, (inner, move)),))


def mapped(jacobian: Formula, move: Formula) -> Formula:
    """`J dx`, or `g dt` for a scalar."""
    if isinstance(jacobian, Literal):
        return _with(Product(jacobian.value, (), (), (), ()), (move,))
    if isinstance(jacobian, Product) and not jacobian.sums:
        return _with(jacobian, (*jacobian.factors, move))
    return Product(ONE, (), (), (jacobian, move), ())


def stacked(move: Symbol) -> Formula:
    """`vec(dX)`."""
    return Applied("vec", (), (), (move,), ())


def total(terms: Sequence[Formula]) -> Formula:
    """The sum of what was gathered."""
    return terms[0] if len(terms) == 1 else Total(tuple(terms))


def _apart(formula: Formula) -> tuple[Product, Formula]:
    """Coefficient, scalars and denominators as a product without factors, and the rest."""
    outside = Product(ONE, (), (), (), ())
    while isinstance(formula, Product) and formula.factors and not formula.sums:
        outside = Product(
            outside.coefficient * formula.coefficient,
            outside.leading + formula.leading,
            (),
            (),
            outside.denominators + formula.denominators,
        )
        if len(formula.factors) > 1:
            return outside, Product(ONE, (), (), formula.factors, ())
        formula = formula.factors[0]
    return outside, formula


def _with(outside: Product, factors: tuple[Formula, ...]) -> Formula:
    made = Product(outside.coefficient, outside.leading, (), factors, outside.denominators)
    plain = made.coefficient == 1 and not made.leading and not made.denominators
    return factors[0] if plain and len(factors) == 1 else made
