"""Two operands joined by one operator, as factors with labels.

In: what stands left and right of an operator, each as factors with labels for their axes. Out: both
joined, with the equations between extents that this needs, or None if the shapes cannot
conform. Nothing is decided here about the program: equations are tried on a copy of the table.

>>> from indexcalc.elaborate.term import Named, Value
>>> from indexcalc.errors import Source, Span
>>> text, n = Source("u∘v"), Extent.named("n")
>>> u, v = (Value(Named(Span(text, k, k + 1), (n,), "uv"[k // 2]), None) for k in (0, 2))
>>> both = join(operand(u, 0), operand(v, 1), ProductOperator.HADAMARD, ExtentTable())
>>> both.text, both.key() == join(
...     operand(u, 0), operand(v, 1), ProductOperator.SMALL_CIRCLE, ExtentTable()).key()
('u ⊙ v', True)
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace

from indexcalc.elaborate.conformity import written
from indexcalc.elaborate.extents import ExtentTable
from indexcalc.elaborate.kronecker import kronecker
from indexcalc.elaborate.orientation import agree, contract, reciprocal
from indexcalc.elaborate.term import Term, Value
from indexcalc.errors import Span
from indexcalc.ir.extent import ONE, Extent
from indexcalc.syntax.tree import ProductOperator

ELEMENTWISE = (
    ProductOperator.HADAMARD,
    ProductOperator.SMALL_CIRCLE,
    ProductOperator.HADAMARD_DIVIDE,
)
SCALING = (ProductOperator.JUXTAPOSED, ProductOperator.TIMES, ProductOperator.DOT)
Label = tuple[Hashable, int]
Equation = tuple[Extent, Extent]


@dataclass(frozen=True, slots=True)
class Atom:
    """One factor: its term, labels, what identifies it, and whether it divides."""

    term: Term
    labels: tuple[Label, ...]
    identity: Hashable
    divides: bool = False


@dataclass(frozen=True, slots=True)
class Joined:
    """Factors joined so far, and how the result lies."""

    atoms: tuple[Atom, ...]
    axes: tuple[Label, ...]
    shape: tuple[Extent, ...]
    row: bool
    equations: tuple[Equation, ...]
    text: str
    span: Span
    top: ProductOperator | None = None

    @property
    def is_scalar(self) -> bool:
        """Whether there are no axes."""
        return not self.axes

    def sides(self) -> tuple[int | None, int | None]:
        """Which axis counts rows and which columns."""
        if len(self.axes) == 2:
            return 0, 1
        return (None, 0 if self.axes else None) if self.row or not self.axes else (0, None)

    def key(self) -> Hashable:
        """The contraction with labels counted: equal for two readings that mean the same."""
        number: dict[Label, int] = {}
        for atom in self.atoms:
            for label in atom.labels:
                number.setdefault(label, len(number))
        atoms = tuple(
            (atom.identity, tuple(number[label] for label in atom.labels), atom.divides)
            for atom in self.atoms
        )
        return atoms, tuple(number[label] for label in self.axes), self.row

    def value(self) -> Value:
        """The contraction as a value."""
        factors = [
            (reciprocal(atom.term, atom.term.span) if atom.divides else atom.term, atom.labels)
            for atom in self.atoms
        ]
        term = contract(self.span, factors, self.axes)
        return Value(term, None if self.axes else (), self.row)

    def relabelled(self, new: dict[Label, Label]) -> Joined:
        """The same with some labels replaced."""
        atoms = tuple(
            replace(atom, labels=tuple(new.get(label, label) for label in atom.labels))
            for atom in self.atoms
        )
        return replace(self, atoms=atoms, axes=tuple(new.get(label, label) for label in self.axes))


def operand(value: Value, position: int) -> Joined:
    """One operand of the product."""
    labels = tuple((position, axis) for axis in range(len(value.shape)))
    atom = Atom(value.term, labels, position)
    span = value.term.span
    return Joined((atom,), labels, value.shape, value.row, (), written(value), span)


def join(
    left: Joined, right: Joined, operator: ProductOperator, table: ExtentTable
) -> Joined | None:
    """`left operator right`, or None where it does not conform."""
    if _out_of_order(operator, right.top):
        return None
    match operator:
        case ProductOperator.JUXTAPOSED | ProductOperator.TIMES:
            found = _matrix(left, right, table)
        case ProductOperator.DIVIDE:
            found = _elementwise(left, _inverted(right), table) if right.is_scalar else None
        case ProductOperator.HADAMARD | ProductOperator.SMALL_CIRCLE:
            found = _elementwise(left, right, table)
        case ProductOperator.HADAMARD_DIVIDE:
            found = _elementwise(left, _inverted(right), table)
        case ProductOperator.FROBENIUS:
            found = _frobenius(left, right, table)
        case ProductOperator.KRONECKER:
            found = _kronecker(left, right, table)
        case ProductOperator.DOT:
            found = _dot(left, right, table)
    if found is None:
        return None
    text = f"{bracketed(left)} {spelled(operator)}{bracketed(right)}"
    scaled = operator in SCALING and (left.is_scalar or right.is_scalar)
    top = ProductOperator.DIVIDE if scaled else operator
    return replace(found, text=text, span=left.span.to(right.span), top=top)


def _out_of_order(operator: ProductOperator, inner: ProductOperator | None) -> bool:
    """Whether `a operator (b inner c)` would read operators of one kind from right to left.

    A product with a scalar counts as a quotient: `a ./ s * b` does not divide by `b`.
    """
    if operator is ProductOperator.DIVIDE:
        return inner is not None
    if operator is ProductOperator.HADAMARD_DIVIDE and inner is ProductOperator.DIVIDE:
        return True
    return operator in ELEMENTWISE and inner in ELEMENTWISE


def spelled(operator: ProductOperator) -> str:
    """The operator with a blank after it; nothing for juxtaposition."""
    return "" if operator is ProductOperator.JUXTAPOSED else f"{operator.value} "


def bracketed(part: Joined) -> str:
    """The text of a part, in brackets if it is a product."""
    return part.text if part.top is None else f"({part.text})"


def _merged(
    left: Joined, right: Joined, pairs: list[tuple[int, int]], table: ExtentTable
) -> Joined | None:
    """All factors, with pairs of axes made one; the axes are those of `left`."""
    new = dict(
        zip((right.axes[b] for _, b in pairs), (left.axes[a] for a, _ in pairs), strict=True)
    )
    added = tuple((left.shape[a], right.shape[b]) for a, b in pairs)
    equations = left.equations + right.equations + added
    copy = ExtentTable(dict(table.solution))
    if not all(agree(a, b, copy, left.span, right.span) for a, b in equations):
        return None
    atoms = left.atoms + right.relabelled(new).atoms
    return replace(left, atoms=atoms, equations=equations)


def _matrix(left: Joined, right: Joined, table: ExtentTable) -> Joined | None:
    if left.is_scalar or right.is_scalar:
        return _scaled(left, right, table)
    if max(len(left.axes), len(right.axes)) > 2:
        return None
    (rows, columns), (inner, last) = left.sides(), right.sides()
    pairs = [(columns, inner)] if columns is not None and inner is not None else []
    if not pairs:
        single = [p.shape[k] for p, k in ((left, columns), (right, inner)) if k is not None]
        if any(table.solve(extent) != ONE for extent in single):
            return None
    both = _merged(left, right, pairs, table)
    if both is None:
        return None
    outer = [(p.axes[k], p.shape[k]) for p, k in ((left, rows), (right, last)) if k is not None]
    return replace(
        both,
        axes=tuple(label for label, _ in outer),
        shape=tuple(extent for _, extent in outer),
        row=rows is None and last is not None,
    )


def _scaled(left: Joined, right: Joined, table: ExtentTable) -> Joined | None:
    both = _merged(left, right, [], table)
    if both is None or not left.is_scalar:
        return both
    return replace(both, axes=right.axes, shape=right.shape, row=right.row)


def _elementwise(left: Joined, right: Joined, table: ExtentTable) -> Joined | None:
    if left.is_scalar or right.is_scalar:
        return _scaled(left, right, table)
    if len(left.axes) != len(right.axes) or left.row != right.row:
        return None
    return _merged(left, right, [(k, k) for k in range(len(left.axes))], table)


def _frobenius(left: Joined, right: Joined, table: ExtentTable) -> Joined | None:
    if left.is_scalar != right.is_scalar:
        return None
    both = _elementwise(left, right, table)
    return None if both is None else replace(both, axes=(), shape=(), row=False)


def _dot(left: Joined, right: Joined, table: ExtentTable) -> Joined | None:
    """A scalar times anything, a matrix times a vector, the dot product of two vectors."""
    if left.is_scalar or right.is_scalar:
        return _scaled(left, right, table)
    ranks = len(left.axes), len(right.axes)
    if ranks == (1, 1) and left.row == right.row:
        return _frobenius(left, right, table)
    if ranks == (2, 2) or (ranks == (1, 1) and right.row):
        return None
    return _matrix(left, right, table)


def _kronecker(left: Joined, right: Joined, table: ExtentTable) -> Joined | None:
    if left.is_scalar or right.is_scalar:
        return _scaled(left, right, table)
    if max(len(left.axes), len(right.axes)) > 2:
        return None
    both = _merged(left, right, [], table)
    if both is None:
        return None
    # scalars go in front, so that `c A ⊗ B` is the same in whatever way it is bracketed
    numbers = tuple(atom for part in (left, right) for atom in part.atoms if not atom.labels)
    left, right = _without_scalars(left), _without_scalars(right)
    value = kronecker(left.value(), right.value(), left.span.to(right.span), table)
    identity = ("⊗", *_operands(left), *_operands(right))
    found = _opaque(value, identity, both.equations, both.text)
    return replace(found, atoms=(*numbers, *found.atoms))


def _without_scalars(part: Joined) -> Joined:
    return replace(part, atoms=tuple(atom for atom in part.atoms if atom.labels))


def _operands(part: Joined) -> tuple[Hashable, ...]:
    """The operands of a Kronecker product, which is associative; else the part itself."""
    only = part.atoms[0]
    is_product = isinstance(only.identity, tuple) and only.identity[0] == "⊗"
    if is_product and len(part.atoms) == 1 and part.axes == only.labels and not only.divides:
        assert isinstance(only.identity, tuple)
        return only.identity[1:]
    return (part.key(),)


def _opaque(value: Value, identity: Hashable, equations: tuple[Equation, ...], text: str) -> Joined:
    labels = tuple((identity, axis) for axis in range(len(value.shape)))
    atom = Atom(value.term, labels, identity)
    return Joined((atom,), labels, value.shape, value.row, equations, text, value.term.span)


def _inverted(part: Joined) -> Joined:
    """One over each entry: over each factor if nothing is summed."""
    if all(label in part.axes for atom in part.atoms for label in atom.labels):
        atoms = tuple(replace(atom, divides=not atom.divides) for atom in part.atoms)
        return replace(part, atoms=atoms)
    whole = _opaque(part.value(), ("1/", part.key()), part.equations, part.text)
    return replace(whole, atoms=(replace(whole.atoms[0], divides=True),))
