"""Terms: what the text says with nothing left implicit, before extents are known.

In: made by the reading of index and of matrix notation. Out: lowered one to one to the graph once
extents are solved; printed by `explain`.

A term is a whole tensor with positional axes. Its shape holds `Extent`s in which names that start
with `?` are unknowns of the `ExtentTable`. Every sum is written out: a `Contract` names the indices
of each factor and of its output, and sums over all others.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from indexcalc.errors import Span
from indexcalc.ir.extent import Shape

Letters = tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class _Term:
    span: Span
    shape: Shape

    @property
    def arguments(self) -> tuple[Term, ...]:
        """The terms directly below."""
        return ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Named(_Term):
    """A variable or a defined name, under its canonical name (`W1`, `λ`)."""

    name: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Literal(_Term):
    """An exact scalar."""

    value: Fraction


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Fixed(_Term):
    """A constant of the language: `pi`, `e`, `levi_civita`."""

    name: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SizeOf(_Term):
    """An extent used as a scalar; `extent` may hold unknowns."""

    extent: Shape  # of length 1


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Contract(_Term):
    """Product of factors with their letters, summed over the letters that `output` has not.

    Letters may repeat in a factor and in the output; a letter only in the output broadcasts
    (`δ_ij` is no factor and output `ii`). `extents` gives each letter's extent.
    """

    factors: tuple[Term, ...]
    letters: tuple[Letters, ...]
    output: Letters
    extents: dict[str, Shape]  # each of length 1

    @property
    def arguments(self) -> tuple[Term, ...]:
        """The factors."""
        return self.factors


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Total(_Term):
    """Sum of terms of one shape, with signs."""

    terms: tuple[Term, ...]
    signs: tuple[int, ...]

    @property
    def arguments(self) -> tuple[Term, ...]:
        """The terms of the sum."""
        return self.terms


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pointwise(_Term):
    """A scalar function at each entry; `kind` is `builtin`, `defined` or `abstract`.

    The builtin `power` has its rational exponent in `parameter`; `orders` counts derivatives by
    each argument (`σ''` is `(2,)`).
    """

    function: str
    kind: str
    orders: tuple[int, ...]
    parameter: Fraction | None
    args: tuple[Term, ...]

    @property
    def arguments(self) -> tuple[Term, ...]:
        """The function's arguments."""
        return self.args


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Fold(_Term):
    """`max min prod logsumexp` over the last `rank` axes; `cumsum` along the last one."""

    operation: str
    argument: Term
    rank: int

    @property
    def arguments(self) -> tuple[Term, ...]:
        """The one tensor that it is of."""
        return (self.argument,)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Whole(_Term):
    """`inv det logdet` of a square matrix; `reshape` (row-major) to the term's own shape."""

    operation: str
    argument: Term

    @property
    def arguments(self) -> tuple[Term, ...]:
        """The one tensor that it is of."""
        return (self.argument,)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Derive(_Term):
    """All components of a derivative by named tensors: numerator's axes, then the names'."""

    numerator: Term
    names: tuple[str, ...]

    @property
    def arguments(self) -> tuple[Term, ...]:
        """What is differentiated."""
        return (self.numerator,)


Term = Named | Literal | Fixed | SizeOf | Contract | Total | Pointwise | Fold | Whole | Derive


def postorder(root: Term) -> list[Term]:
    """All terms at and below `root` once, arguments first."""
    done: set[int] = set()
    order: list[Term] = []
    stack = [(root, False)]
    while stack:
        term, ready = stack.pop()
        if id(term) in done:
            continue
        if ready:
            done.add(id(term))
            order.append(term)
            continue
        stack.append((term, True))
        stack.extend((part, False) for part in reversed(term.arguments))
    return order


@dataclass(frozen=True, slots=True)
class Value:
    """A term while it is being read: in index notation each axis has a letter.

    In matrix notation axes have no letters (`letters` is None) and a tensor of one axis is a column
    unless `row` says that it was transposed. A scalar (no axes) belongs to both notations and has
    `letters == ()`.
    """

    term: Term
    letters: Letters | None
    row: bool = False

    @property
    def shape(self) -> Shape:
        """The term's shape."""
        return self.term.shape

    @property
    def is_scalar(self) -> bool:
        """Whether there are no axes."""
        return not self.term.shape
