"""What stands before `=`, and how extents are given.

In: the two sides of a definition; what follows ℝ. Out: the statement's tree. An equation whose
left side cannot be defined is an error that says how claims are written.

>>> from indexcalc.errors import Source, Span
>>> text = Source("2 = x")
>>> two, x = tree.Number(Span(text, 0, 1), Fraction(2)), tree.Name(Span(text, 4, 5), "x")
>>> definition(two, x)
Traceback (most recent call last):
indexcalc.errors.FormulaSyntaxError: 2 cannot be defined
  line 1, column 1
    2 = x
    ^
  to claim that two things are equal, write  2 == …
"""

from __future__ import annotations

from fractions import Fraction

from indexcalc.errors import FormulaSyntaxError, Mark
from indexcalc.syntax import tree
from indexcalc.syntax.factors import quote
from indexcalc.syntax.lexeme import Lexeme
from indexcalc.syntax.number import figures
from indexcalc.syntax.tree import Tree


def is_plain_name(part: Tree) -> bool:
    """Whether `part` is a name, perhaps with a label and indices: `W`, `W^(1)`, `W_{1,ij}`."""
    if isinstance(part, tree.Subscripted):
        part = part.base
    if isinstance(part, tree.Labelled):
        part = part.base
    return isinstance(part, tree.Name)


def definition(target: Tree, value: Tree) -> tree.Definition | tree.FunctionDefinition:
    """`a_i = …` or `σ(z) = …`.

    Raises `FormulaSyntaxError` if the left side is neither a name with or without indices, nor a
    function of names.
    """
    span = target.span.to(value.span)
    if is_plain_name(target):
        return tree.Definition(span, target, value)
    if not isinstance(target, tree.Apply):
        raise _cannot_define(target)
    parameters = tuple(part for part in target.arguments if isinstance(part, tree.Name))
    if len(parameters) < len(target.arguments) or not is_plain_name(target.head):
        raise FormulaSyntaxError(
            f"{quote(target)} is no function of plain names",
            Mark(target.span),
            hint="write  σ(z) = 1/(1 + exp(-z))  for an elementwise function,  "
            "y_i = …  for a tensor",
        )
    seen: dict[str, tree.Name] = {}
    for parameter in parameters:
        earlier = seen.setdefault(parameter.text, parameter)
        if earlier is not parameter:
            raise FormulaSyntaxError(
                f"the parameter {parameter.text} is named twice",
                Mark(earlier.span),
                Mark(parameter.span),
                hint="give each parameter its own name",
            )
    return tree.FunctionDefinition(span, target.head, parameters, value)


def _cannot_define(target: Tree) -> FormulaSyntaxError:
    quoted = quote(target)
    hint = f"to claim that two things are equal, write  {quoted} == …"
    if isinstance(target, tree.Primed | tree.Transpose | tree.Power):
        hint += f"\na prime or power is not part of a name: define another name for  {quoted}"
    return FormulaSyntaxError(f"{quoted} cannot be defined", Mark(target.span), hint=hint)


def declared(name: Tree, extents: tuple[Tree, ...], end: Tree | Lexeme) -> tree.Declared:
    """`W[m, n]`. Raises `FormulaSyntaxError` if what is declared is no name."""
    if not is_plain_name(name):
        raise FormulaSyntaxError(
            f"{quote(name)} cannot be declared", Mark(name.span), hint="write  W[m, n]"
        )
    return tree.Declared(name.span.to(end.span), name, extents)


def raised_extent(lexeme: Lexeme) -> Tree:
    """The extent in `ℝ³`, `ℝ^3`, `ℝ^(3)`, `ℝ^T`.

    Raises `FormulaSyntaxError` if it is negative or no whole number.
    """
    if lexeme.type == "POWER_T" and "T" in lexeme.text and "-" not in lexeme.text:
        return tree.Name(lexeme.span, "T")
    signs = set("-−⁻.ᵀ⊤⊺T")
    if signs & set(lexeme.text):
        raise FormulaSyntaxError(
            "an extent is a whole number or a name", Mark(lexeme.span), hint="write  ℝ^{m×n}"
        )
    return tree.Number(lexeme.span, Fraction(figures(lexeme.text)))
