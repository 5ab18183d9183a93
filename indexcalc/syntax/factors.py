"""What a factor, a power or a sum sign may be joined with.

In: trees that stand side by side. Out: the tree of both, or an error where people read the text
in two ways, which names both.

>>> from indexcalc.errors import Source, Span
>>> x, y, z = (tree.Name(Span(Source("x/y z"), at, at + 1), "xyz"[at // 2]) for at in (0, 2, 4))
>>> product((x, y, z), (ProductOperator.DIVIDE, ProductOperator.JUXTAPOSED))
Traceback (most recent call last):
indexcalc.errors.FormulaSyntaxError: z behind the denominator y has two readings
  line 1, column 3: the denominator
    x/y z
      ^
  line 1, column 5: in the denominator too, or not?
    x/y z
        ^
  write  x/(y z)  or  (x/y) z
"""

from __future__ import annotations

from indexcalc.errors import FormulaSyntaxError, Mark, Span
from indexcalc.syntax import tree
from indexcalc.syntax.tree import ProductOperator, Tree

DIVISIONS = frozenset({ProductOperator.DIVIDE, ProductOperator.HADAMARD_DIVIDE})
LONGEST_QUOTE = 24
LONGEST_CURE = 80


def quote(part: Tree, longest: int = LONGEST_QUOTE) -> str:
    """The text of `part`, cut if it is long."""
    text = " ".join(part.span.text.split())
    return text if len(text) <= longest else text[: longest - 1] + "…"


def is_number(part: Tree) -> bool:
    """Whether `part` is a number, bracketed or raised to a number or not: `2`, `(2)`, `2^3`."""
    if isinstance(part, tree.Bracket):
        part = part.inner
    if isinstance(part, tree.Power):
        return isinstance(part.base, tree.Number) and isinstance(part.exponent, tree.Number)
    return isinstance(part, tree.Number)


def product(factors: tuple[Tree, ...], operators: tuple[ProductOperator, ...]) -> tree.Product:
    """A product, left to right.

    Raises `FormulaSyntaxError` for a juxtaposed factor behind a denominator that is no number
    (`x / y z`). A sum sign there is fine (`1/n sum_i x_i`): nobody divides by it.
    """
    for position in range(1, len(operators)):
        if (
            operators[position] is ProductOperator.JUXTAPOSED
            and operators[position - 1] in DIVISIONS
            and not is_number(factors[position])
            and not isinstance(factors[position + 1], tree.Reduction)
        ):
            raise _behind_denominator(factors, operators, position)
    span = factors[0].span.to(factors[-1].span)
    return tree.Product(span, factors, operators)


def _behind_denominator(
    factors: tuple[Tree, ...], operators: tuple[ProductOperator, ...], position: int
) -> FormulaSyntaxError:
    parts = [factors[position + step] for step in (-1, 0, 1)]
    above, below, behind = (quote(part, LONGEST_CURE) for part in parts)
    sign = operators[position - 1].value
    return FormulaSyntaxError(
        f"{quote(parts[2])} behind the denominator {quote(parts[1])} has two readings",
        Mark(factors[position].span, "the denominator"),
        Mark(factors[position + 1].span, "in the denominator too, or not?"),
        hint=f"write  {above}{sign}({below} {behind})  or  ({above}{sign}{below}) {behind}",
    )


def power(base: Tree, exponent: Tree, *, elementwise: bool) -> tree.Power:
    """A power.

    Raises `FormulaSyntaxError` for a second power on one base (`x²^3`) and for `a .^ b'`, which
    MATLAB reads as a transpose of the whole.
    """
    check_stack(base, exponent.span)
    if elementwise and isinstance(exponent, tree.Primed):
        above, below = quote(exponent), quote(base)
        raise FormulaSyntaxError(
            f"{below} .^ {above} has two readings",
            Mark(exponent.span),
            hint=f"write  {below} .^ ({above})  or  ({below} .^ {quote(exponent.base)})'",
        )
    span = base.span.to(exponent.span)
    if isinstance(exponent, tree.Bracket) and _is_signed_number(exponent.inner):
        exponent = exponent.inner
    return tree.Power(span, base, exponent, elementwise)


def _is_signed_number(part: Tree) -> bool:
    inner = part.inner if isinstance(part, tree.Negative) else part
    return isinstance(inner, tree.Number)


def check_stack(base: Tree, exponent: Span) -> None:
    """Raise `FormulaSyntaxError` if `base` is a power without brackets around it."""
    if isinstance(base, tree.Power | tree.Transpose):
        raise FormulaSyntaxError(
            "two powers on one base have two readings",
            Mark(base.span, "the first"),
            Mark(exponent, "the second"),
            hint=f"write  ({quote(base)})^…  with the first power in brackets",
        )


def reduction(reduced: tree.Reduction, sign: str) -> tree.Reduction:
    """A sum sign over the product that follows.

    Raises `FormulaSyntaxError` for `max_i(x_i) y` and its like: the sign binds over the whole
    product, but looks like a call that ends at the bracket, and the two differ. (For a sum they do
    not differ, or the bracket is as usual.)
    """
    body = reduced.body
    first = body.factors[0] if isinstance(body, tree.Product) else body
    while isinstance(first, tree.Power | tree.Primed | tree.Subscripted | tree.Transpose):
        first = first.base
    looks_called = isinstance(first, tree.Bracket) and first.is_scope and first is not body
    if reduced.kind == "sum" or sign == "∏" or not looks_called:
        return reduced
    head = reduced.span.text[: first.span.start - reduced.span.start].strip()
    whole, called = quote(body, LONGEST_CURE), quote(first, LONGEST_CURE)
    rest = reduced.span.text[first.span.end - reduced.span.start :].strip()
    raise FormulaSyntaxError(
        f"{head}{quote(first)} with more behind the bracket has two readings",
        Mark(reduced.span),
        hint=f"write  {head}({whole})  or  ({head}{called}) {rest[:LONGEST_CURE]}",
    )
