"""The arranged formula: what is printed, before it is known in which alphabet.

In: made by `arrange`. Out: read by the printers (text, LaTeX). Letters are chosen, factors and
terms are in reading order, denominators gathered, sums marked where they must be written out.
Brackets, spaces and spelling are the printer's.

The records hold each other as deep as the formula is deep: they have no generated `__eq__`,
`__hash__` or `__repr__`, and printers use a stack.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import assert_never

Indices = tuple[str, ...]


class SymbolKind(Enum):
    """What a symbol stands for."""

    VARIABLE = "variable"
    SHARED = "shared"
    CONSTANT = "constant"
    SIZE = "size"
    DELTA = "delta"
    ONES = "ones"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Symbol:
    """A name with indices; δ and 1 have no name.

    `groups` says how many indices share each axis, if not one each: `X_{(sr)q}` has (2, 1).
    """

    kind: SymbolKind
    name: str
    indices: Indices
    groups: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Literal:
    """A number."""

    value: Fraction


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Product:
    """`coefficient · leading · Σ_sums factors / denominators`."""

    coefficient: Fraction
    leading: tuple[Formula, ...]
    sums: Indices
    factors: tuple[Formula, ...]
    denominators: tuple[Formula, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Total:
    """Terms in reading order; a term's sign is that of its coefficient."""

    terms: tuple[Formula, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Raised:
    """`base ^ exponent`, a positive exponent other than one."""

    base: Formula
    exponent: Fraction


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Applied:
    """`name_along(arguments)_indices`.

    `orders` counts derivatives by each argument; it is empty for what is built in. A derivative of
    a function of several arguments, `g^(1,0)(x, y)`, can be printed, not read.
    """

    name: str
    orders: tuple[int, ...]
    along: Indices
    arguments: tuple[Formula, ...]
    indices: Indices


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Compared:
    """`left operator right` as a number: one where it holds, else zero."""

    operator: str
    left: Formula
    right: Formula


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Folded:
    """`operation_indices body`, over the product that follows."""

    operation: str
    indices: Indices
    body: Formula


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Transposed:
    """The transpose of a whole matrix, where it has no indices."""

    base: Formula


# --- without indices: matrices ------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Inverted:
    """The inverse of a whole matrix."""

    base: Formula


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class EntryPower:
    """Each entry of a whole vector or matrix to a power: `x.^2`."""

    base: Formula
    exponent: Fraction


class Infix(Enum):
    """An operator between whole vectors or matrices, other than the matrix product."""

    HADAMARD = "⊙"
    RATIO = "./"
    KRONECKER = "⊗"
    FROBENIUS = ":"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Joined:
    """`first ⊙ second ⊙ …`: operands of one shape (of any, for `⊗`); exactly two for `./`, `:`."""

    infix: Infix
    operands: tuple[Formula, ...]


# Where a formula has no indices, a `Product` is the matrix product of its `factors` in order, its
# `leading` parts and `denominators` are scalars, and it has no `sums`. `Raised` is a power of a
# scalar or a matrix. The symbol `ONES` is a column of ones, `DELTA` the identity matrix.
Formula = (
    Symbol
    | Literal
    | Product
    | Total
    | Raised
    | Applied
    | Compared
    | Folded
    | Transposed
    | Inverted
    | EntryPower
    | Joined
)


def first_appearance(formula: Formula, letters: Collection[str]) -> str | None:
    """The one of `letters` that is printed first; what is inside a function has its own.

    >>> i, j = (Symbol(SymbolKind.VARIABLE, "x", (letter,)) for letter in "ij")
    >>> first_appearance(Total((j, i)), ("i", "j"))
    'j'
    """
    stack: list[Formula] = [formula]
    while stack:
        part = stack.pop()
        if isinstance(part, Symbol):
            found = next((letter for letter in part.indices if letter in letters), None)
            if found is not None:
                return found
        stack.extend(reversed(part_list(part)))
    return None


def shared_names(formula: Formula) -> set[str]:
    """The names in the formula that a line of the where list defines.

    >>> sorted(shared_names(Transposed(Symbol(SymbolKind.SHARED, "t1", ()))))
    ['t1']
    """
    found: set[str] = set()
    stack: list[Formula] = [formula]
    while stack:
        part = stack.pop()
        if isinstance(part, Symbol) and part.kind is SymbolKind.SHARED:
            found.add(part.name)
        stack.extend(part_list(part))
    return found


def part_list(formula: Formula) -> tuple[Formula, ...]:
    """The formulas directly inside, in printed order."""
    match formula:
        case Symbol() | Literal():
            return ()
        case Product(leading=leading, factors=factors, denominators=denominators):
            return (*leading, *factors, *denominators)
        case Total(terms=terms):
            return terms
        case Raised(base=base) | Transposed(base=base) | Inverted(base=base):
            return (base,)
        case EntryPower(base=base):
            return (base,)
        case Joined(operands=operands):
            return operands
        case Applied(arguments=arguments, indices=indices):
            # indices put on the outside are printed last, and hide those inside
            outside = Symbol(SymbolKind.SHARED, "", indices)
            return (outside,) if indices else arguments
        case Compared(left=left, right=right):
            return left, right
        case Folded(body=body):
            return (body,)
        case _:
            assert_never(formula)
