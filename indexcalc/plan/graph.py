"""The values of a plan, each made once.

In: terms (values with labels). Out: terms. Equal work on equal operands is one value, whatever its
labels are called and in whichever order its axes lie.

>>> n = Extent.named("n")
>>> graph = Graph()
>>> A, x = graph.leaf("input", (n, n), "A"), graph.leaf("input", (n,), "x")
>>> left = graph.product(Term(A, (0, 1)), Term(x, (1,)), {0})
>>> right = graph.product(Term(x, (7,)), Term(A, (5, 7)), {5})
>>> left.source is right.source, right.labels
(True, (5,))
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

from indexcalc.ir.extent import Extent, Shape
from indexcalc.ir.node import Labels
from indexcalc.plan.layout import result_order
from indexcalc.plan.parity import Parity
from indexcalc.plan.program import Detail, Kernel, Part, Term, Value

NO_SIZES: Mapping[str, int] = MappingProxyType({})
UNKNOWN = 100  # of an extent that no size is given for
COMMUTATIVE = ("add", "multiply", "maximum", "minimum", "eq", "ne")


class Graph:
    """All values made so far, in order."""

    def __init__(self, sizes: Mapping[str, int] = NO_SIZES, *, is_complex: bool = False) -> None:
        """Start empty; `sizes` are assumed, `is_complex` tells what arrays the plan is for."""
        self.sizes = sizes
        self.is_complex = is_complex
        self.parity = Parity()
        self.values: list[Value] = []
        self._known: dict[object, Value] = {}

    # --- making ---------------------------------------------------------------------------------

    def leaf(self, kernel: Kernel, shape: Shape, detail: Detail) -> Value:
        """An input, a constant, or a size."""
        return self._make(kernel, (), tuple(range(len(shape))), shape, detail)

    def map(self, name: str, *operands: Term, want: Labels = ()) -> Term:
        """A function at each entry; the result has all labels, in the order `want` if it says."""
        if name in COMMUTATIVE:
            operands = tuple(sorted(operands, key=_seniority))
        operands = self._lined_up(operands, want)
        widest = max(operands, key=lambda term: len(term.labels))
        present = dict.fromkeys(label for term in operands for label in term.labels)
        order = _ordered(present, [*want, *widest.labels])
        return self._add("map", operands, order, name)

    def product(self, left: Term, right: Term, kept: Collection[int], want: Labels = ()) -> Term:
        """The product, summed over labels that are not in `kept` (both operands have those).

        The axes of the result come in the order of `layout.result_order`.
        """
        first, second = sorted(self._turned(left, right), key=_seniority)
        lengths = {k: self.length(extent) for k, extent in extents_of((first, second)).items()}
        order = result_order(first, second, kept, want, lengths)
        return self._add("product", (first, second), order, "")

    def outers(self, pairs: Sequence[tuple[Term, Term]], order: Sequence[int]) -> Term:
        """The sum of outer products; left operands have the same labels, and right ones too.

        The axes come out in this order: see `plan.outers.layout`.
        """
        operands = tuple(term for pair in pairs for term in pair)
        return self._add("outers", operands, tuple(order), "")

    def made_product(self, left: Term, right: Term, needed: Collection[int]) -> Term | None:
        """The product of two operands, if it has been made already."""
        first, second = sorted(self._turned(left, right), key=_seniority)
        shared = [label for label in first.labels if label in second.labels]
        kernel: Kernel = "map" if all(label in needed for label in shared) else "product"
        present = dict.fromkeys([*first.labels, *second.labels])
        output = tuple(x for x in present if x in needed or x not in shared)
        number = {label: k for k, label in enumerate(present)}
        operands = _private((first, second), number)
        detail = "multiply" if kernel == "map" else ""
        found = self._known.get(
            _identity(kernel, operands, _private_labels(output, number), (), detail)
        )
        if found is None:
            return None
        back = list(number)
        return Term(found, tuple(back[label] for label in found.labels))

    def total(self, term: Term, summed: Collection[int]) -> Term:
        """The sum over some labels."""
        kept = tuple(label for label in term.labels if label not in summed)
        return self._add("total", (term,), kept, "") if len(kept) < len(term.labels) else term

    def diagonal(self, term: Term) -> Term:
        """Only the entries where axes with equal labels agree; a label is left once."""
        once = tuple(dict.fromkeys(term.labels))
        return term if once == term.labels else self._add("diagonal", (term,), once, "")

    def reduce(self, operation: str, term: Term, gone: Collection[int]) -> Term:
        """`max`, `min` or `prod` over the labels in `gone`."""
        kept = tuple(label for label in term.labels if label not in gone)
        return self._add("reduce", (term,), kept, operation)

    def scan(self, operation: str, term: Term, along: int) -> Term:
        """`cumsum` or `reverse_cumsum` along one label, which comes last."""
        order = (*(label for label in term.labels if label != along), along)
        return self._add("reduce", (term,), order, (operation, (term.labels.index(along),)))

    def matrix(
        self, operation: str, operands: Sequence[Term], labels: Labels, shape: Shape
    ) -> Value:
        """A function of whole matrices."""
        return self._make("matrix", tuple(operands), labels, shape, operation)

    def item(self, source: Value, position: int, shape: Shape) -> Value:
        """One of the results of a step that has several."""
        labels = tuple(range(len(shape)))
        return self._make("item", (Term(source, ()),), labels, shape, position)

    def reshape(self, term: Term, shape: Shape) -> Value:
        """The entries in the order of `term.labels` ascending, row-major, under another shape."""
        return self._make("reshape", (term,), tuple(range(len(shape))), shape, "")

    def embed(self, shape: Shape, operands: Sequence[Term], parts: Sequence[Part]) -> Value:
        """Zeros, with parts written or added where axes with equal labels agree."""
        labels = tuple(range(len(shape)))
        return self._make("embed", tuple(operands), labels, shape, tuple(parts))

    def function(self, name: str, orders: tuple[int, ...], operands: Sequence[Term]) -> Term:
        """A function that the caller passes."""
        widest = max(operands, key=lambda term: len(term.labels))
        present = dict.fromkeys(label for term in operands for label in term.labels)
        order = _ordered(present, widest.labels)
        return self._add("function", tuple(operands), order, (name, orders))

    def length(self, extent: Extent) -> int:
        """How long an axis is at the sizes assumed."""
        if extent.names <= self.sizes.keys():
            return extent.evaluate(self.sizes)
        return extent.evaluate({name: self.sizes.get(name, UNKNOWN) for name in extent.names})

    def _turned(self, left: Term, right: Term) -> tuple[Term, Term]:
        """The operands of a product, symmetric matrices so that what is summed comes last."""
        left = self._after(left, right.labels)
        return left, self._after(right, left.labels)

    def _after(self, term: Term, others: Labels) -> Term:
        """A symmetric matrix with its own label before that of the others; else as they lie."""
        if term.source not in self.parity.even or len(set(term.labels)) != 2:
            return term
        own = tuple(label for label in term.labels if label not in others)
        return Term(term.source, _ordered(term.labels, [*own, *others]))

    def _lined_up(self, operands: tuple[Term, ...], want: Labels) -> tuple[Term, ...]:
        """The operands of a function of entries, symmetric matrices as the others lie."""
        even = [len(t.labels) == 2 and t.source in self.parity.even for t in operands]
        if not any(even):
            return operands
        lying = [t.labels for t, turns in zip(operands, even, strict=True) if not turns]
        order = [
            *want,
            *(x for labels in lying for x in labels),
            *sorted(operands[even.index(True)].labels),
        ]
        return tuple(
            Term(t.source, _ordered(t.labels, order)) if turns else t
            for t, turns in zip(operands, even, strict=True)
        )

    # --- interning ------------------------------------------------------------------------------

    def _add(
        self, kernel: Kernel, operands: tuple[Term, ...], output: Labels, detail: Detail
    ) -> Term:
        """Intern under labels numbered by first appearance; give the caller's labels back."""
        number: dict[int, int] = {}
        for term in operands:
            for label in term.labels:
                number.setdefault(label, len(number))
        back = list(number)
        extents = extents_of(operands)
        value = self._make(
            kernel,
            _private(operands, number),
            _private_labels(output, number),
            tuple(extents[label] for label in output),
            detail,
        )
        return Term(value, tuple(back[label] for label in value.labels))

    def _make(
        self,
        kernel: Kernel,
        operands: tuple[Term, ...],
        labels: Labels,
        shape: Shape,
        detail: Detail,
    ) -> Value:
        key = _identity(kernel, operands, labels, shape, detail)
        found = self._known.get(key)
        if found is None:
            found = Value(kernel, operands, labels, shape, detail, len(self.values))
            self._known[key] = found
            self.values.append(found)
            self.parity.judge(found)
        return found


def extents_of(operands: Iterable[Term]) -> dict[int, Extent]:
    """The extent of each label."""
    return {
        label: extent
        for term in operands
        if isinstance(term.source, Value)
        for label, extent in zip(term.labels, term.source.shape, strict=True)
    }


def _identity(
    kernel: Kernel, operands: tuple[Term, ...], labels: Labels, shape: Shape, detail: Detail
) -> object:
    """What two values that are one have in common; the order of axes counts for some only."""
    ordered = kernel in ("matrix", "embed", "reshape", "input")
    order = labels if ordered else tuple(sorted(labels))
    return kernel, detail, order, tuple(map(_key, operands)), _shape_key(kernel, shape)


def _private(operands: Iterable[Term], number: Mapping[int, int]) -> tuple[Term, ...]:
    return tuple(Term(term.source, _private_labels(term.labels, number)) for term in operands)


def _private_labels(labels: Labels, number: Mapping[int, int]) -> Labels:
    return tuple(number[label] for label in labels)


def _shape_key(kernel: Kernel, shape: Shape) -> Shape:
    return shape if kernel in ("embed", "reshape", "constant", "input") else ()


def _key(term: Term) -> tuple[object, Labels]:
    source = term.source
    return (source if isinstance(source, Fraction) else ("value", source.number)), term.labels


def _seniority(term: Term) -> tuple[int, int]:
    """Numbers last, then by order of making."""
    source = term.source
    return (1, 0) if isinstance(source, Fraction) else (0, source.number)


def _ordered(present: Iterable[int], wanted: Iterable[int]) -> Labels:
    here = dict.fromkeys(present)
    return tuple(dict.fromkeys([*(x for x in wanted if x in here), *here]))
