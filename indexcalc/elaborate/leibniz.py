"""Leibniz's quotients: `df/dx` where a derivative is meant and `df` is no name.

In: a product, and the names of the program. Out: nothing, or an error that names both readings.

>>> from indexcalc.elaborate.program import elaborate
>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_program
>>> elaborate(parse_program(Source("f = x^3; df/dx")))
Traceback (most recent call last):
indexcalc.errors.DifferentiationError: df/dx has two readings
  line 1, column 10: the derivative of f by x, or variables df and dx?
    f = x^3; df/dx
             ^^^^^
  write  ∂f/∂x  for the derivative,
  or declare the variables:  df[…]; dx[…]
"""

from __future__ import annotations

from indexcalc.elaborate.names import marked_name
from indexcalc.elaborate.ranks import DIFFERENTIAL, differential_of
from indexcalc.elaborate.symbols import SymbolTable
from indexcalc.errors import DifferentiationError, Mark
from indexcalc.syntax import tree
from indexcalc.syntax.tree import ProductOperator, Tree


def refuse_quotient(product: tree.Product, table: SymbolTable) -> None:
    """Refuse `df/dx`, `df/dx_i`, `d²f/dx²` with `f` and `x` known and `df`, `dx` not.

    Raises `DifferentiationError`.
    """
    if ProductOperator.DIVIDE not in product.operators:
        return
    at = product.operators.index(ProductOperator.DIVIDE)
    below = _differentiated(product.factors[at + 1], table)
    above = [_differentiated(factor, table) for factor in product.factors[: at + 1]]
    if not below or not any(part is not None for part in above):
        return
    span = product.factors[0].span.to(product.factors[at + 1].span)
    function = next(part for part in above if part is not None)
    if function == "":
        function = product.factors[at].span.text
    denominator = product.factors[at + 1]
    order = denominator.span.text.removeprefix(_base(denominator).span.text)
    raise _two_readings(Mark(span), function, below, order)


def _two_readings(place: Mark, function: str, variable: str, order: str) -> DifferentiationError:
    quotient = f"{DIFFERENTIAL}{function}", f"{DIFFERENTIAL}{variable}"
    called = " and ".join(quotient)
    return DifferentiationError(
        f"{place.span.text} has two readings",
        Mark(place.span, f"the derivative of {function} by {variable}, or variables {called}?"),
        hint=f"write  ∂{order}{function}/∂{variable}{order}  for the derivative,\n"
        f"or declare the variables:  {'[…]; '.join(quotient)}[…]",
    )


def _differentiated(factor: Tree, table: SymbolTable) -> str | None:
    """`x` for `dx` or `dx²`, nothing for `d` alone, None if this is no differential."""
    marked = marked_name(_base(factor))
    if marked is None:
        return None
    name = table.known.refer(marked).name
    if name == DIFFERENTIAL and name not in table.known:
        return ""
    return differential_of(name, table.symbols, table.known)


def _base(factor: Tree) -> Tree:
    while isinstance(factor, tree.Power):
        factor = factor.base
    return factor
