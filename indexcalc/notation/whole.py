"""Formulas without indices as the language reads them: where `1` is a vector, what names hide.

In: a formula, as it was arranged. Out: one that says the same and that a printer may spell part by
part. A `1` is read as a vector beside a matrix or a row; anywhere else it becomes `vector(1)`.
Functions whose names the program uses are written in other words, entry by entry. A name that the
program defines as a row is transposed.

>>> from indexcalc.notation.names import NameStyle
>>> x, ones = Symbol(SymbolKind.VARIABLE, "x", ()), Symbol(SymbolKind.ONES, "", ())
>>> outer = Product(Fraction(1), (), (), (ones, Transposed(x)), ())
>>> as_read(outer, Spelling(NameStyle())) is outer
True
>>> as_read(Joined(Infix.KRONECKER, (x, ones)), Spelling(NameStyle())).operands[1].name
'vector'
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction

from indexcalc.errors import FormulaError
from indexcalc.notation.formula import (
    Applied,
    Compared,
    EntryPower,
    Folded,
    Formula,
    Infix,
    Inverted,
    Joined,
    Literal,
    Product,
    Raised,
    Symbol,
    SymbolKind,
    Total,
    Transposed,
)
from indexcalc.notation.spelling import Spelling, unhidden_function

ONE = Fraction(1)
OF_SCALARS = frozenset({Infix.HADAMARD, Infix.RATIO})  # a number is an operand like any other


def as_read(formula: Formula, spelling: Spelling) -> Formula:
    """The formula itself if it has indices, or if all of it is read as it stands.

    Raises `FormulaError` if a name of the program hides what is to be printed.
    """
    order: list[Formula] = []
    stack = [formula]
    while stack:
        part = stack.pop()
        if _has_indices(part):
            return formula
        order.append(part)
        stack.extend(inside(part))
    made: dict[Formula, Formula] = {}
    for part in reversed(order):
        if part not in made:
            made[part] = _read(rebuilt(part, made), spelling)
    return _as_vector(made[formula], spelling)


def inside(part: Formula) -> tuple[Formula, ...]:
    """The formulas directly inside, all of them."""
    match part:
        case Product(leading=leading, factors=factors, denominators=denominators):
            return (*leading, *factors, *denominators)
        case Total(terms=parts) | Applied(arguments=parts) | Joined(operands=parts):
            return parts
        case Raised(base=only) | Transposed(base=only) | Inverted(base=only):
            return (only,)
        case EntryPower(base=only) | Folded(body=only):
            return (only,)
        case Compared(left=left, right=right):
            return left, right
        case Symbol() | Literal():
            return ()


def _has_indices(part: Formula) -> bool:
    match part:
        case Symbol(indices=indices):
            return bool(indices)
        case Applied(along=along, indices=indices):
            return bool(along or indices)
        case Product(sums=sums):
            return bool(sums)
        case _:
            return isinstance(part, Folded)


def rebuilt(part: Formula, made: dict[Formula, Formula]) -> Formula:
    """The part with what was made of the parts inside; itself if they are what they were."""
    old = inside(part)
    new = tuple(made[inner] for inner in old)
    if all(left is right for left, right in zip(old, new, strict=True)):
        return part
    match part:
        case Product(coefficient=number, leading=leading, factors=factors):
            first, second = len(leading), len(leading) + len(factors)
            return Product(number, new[:first], (), new[first:second], new[second:])
        case Total():
            return Total(new)
        case Applied():
            return replace(part, arguments=new)
        case Joined(infix=infix):
            return Joined(infix, new)
        case Compared(operator=operator):
            return Compared(operator, *new)
        case Raised() | EntryPower() | Transposed() | Inverted():
            return replace(part, base=new[0])
        case _:
            return part


# --- one part -----------------------------------------------------------------------------------


def _read(part: Formula, spelling: Spelling) -> Formula:
    """The part, with each `1` inside that would be read as a number made a vector."""

    def vector(inner: Formula) -> Formula:
        return _as_vector(inner, spelling)

    match part:
        case Product():
            return _product(part, vector)
        case Total(terms=terms):
            return _total(terms, part, vector)
        case Joined(infix=infix, operands=operands):
            scalars = infix in OF_SCALARS and not all(map(is_ones, operands))
            return part if scalars else _each(part, operands, vector)
        case Applied():
            return _applied(part, vector, spelling)
        case Transposed(base=Transposed(base=Symbol(kind=SymbolKind.VARIABLE, name=name) as base)):
            return base if name in spelling.names.rows else part
        case Symbol(kind=SymbolKind.VARIABLE, name=name):
            return Transposed(part) if name in spelling.names.rows else part
        case Transposed():
            return part
        case _:
            return _each(part, inside(part), vector)


def _each(part: Formula, parts: Sequence[Formula], vector: Callable[[Formula], Formula]) -> Formula:
    return rebuilt(part, {inner: vector(inner) for inner in parts})


def _product(part: Product, vector: Callable[[Formula], Formula]) -> Formula:
    """`A 1` and `1 b^T` stay; a quotient has brackets: `(A 1)/c`."""
    if not any(map(is_ones, part.factors)):
        return part
    if len(part.factors) == 1:
        return replace(part, factors=(vector(part.factors[0]),))
    if part.denominators and is_ones(part.factors[-1]):
        above = Product(ONE, (), (), part.factors, ())
        return replace(part, factors=(above,))
    return part


def _total(
    terms: Sequence[Formula], part: Formula, vector: Callable[[Formula], Formula]
) -> Formula:
    """A number is added to each entry, so that a vector of ones is a number here."""
    if all(map(_is_multiple_of_ones, terms)):
        return _each(part, terms, vector)
    return Total(tuple(_number(term) if _is_multiple_of_ones(term) else term for term in terms))


def is_ones(part: Formula) -> bool:
    """Whether the part is a column of ones, which is printed as `1`."""
    return isinstance(part, Symbol) and part.kind is SymbolKind.ONES and not part.indices


def _is_multiple_of_ones(term: Formula) -> bool:
    """Whether the term is a column of ones, multiplied by a scalar or not."""
    if isinstance(term, Product) and len(term.factors) == 1:
        only = term.factors[0]
        return is_ones(only) or (isinstance(only, Applied) and only is VECTOR)
    return is_ones(term)


def _number(term: Formula) -> Formula:
    """The scalar that the column of ones is multiplied by."""
    if not isinstance(term, Product):
        return Literal(ONE)
    if not (term.leading or term.denominators):
        return Literal(term.coefficient)
    if term.coefficient == 1 and len(term.leading) == 1 and not term.denominators:
        return term.leading[0]
    return replace(term, factors=())


VECTOR = Applied("vector", (), (), (Literal(ONE),), ())


def _as_vector(part: Formula, spelling: Spelling) -> Formula:
    if not is_ones(part):
        return part
    if VECTOR.name in spelling.known:
        raise FormulaError("vector is a name of the program and hides a vector of ones")
    return VECTOR


def _applied(part: Applied, vector: Callable[[Formula], Formula], spelling: Spelling) -> Formula:
    made = _each(part, part.arguments, vector)
    if not isinstance(made, Applied) or made.orders:
        return made
    if made.name == "Diag" and "Diag" in spelling.known and "diag" not in spelling.known:
        made = replace(made, name="diag")  # which means the same for a vector
    shown = unhidden_function(made, spelling)
    return _entry_by_entry(shown) if spelling.whole else shown


def _entry_by_entry(part: Formula) -> Formula:
    """What stands for a hidden function, as it is written where the argument may be a matrix."""
    match part:
        case Product(factors=(), denominators=(below,)):
            return Joined(Infix.RATIO, (Literal(part.coefficient), below))
        case Raised(base=base, exponent=exponent):
            return EntryPower(base, exponent)
        case _:
            return part
