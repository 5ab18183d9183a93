"""From a graph to an arranged formula: letters are chosen, products and sums put in order.

In: a node, letters for its axes, and what `reading` found. Out: a `Formula`. Letters are assigned
on the way down; the factors of a product use different ones, the terms of a sum start afresh. The
records are made on the way up, from an explicit stack.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.contraction import contract
>>> from indexcalc.ir.extent import Extent
>>> from indexcalc.notation.reading import read
>>> n = Extent.named("n")
>>> A, x = variable("A", (n, n)), variable("x", (n,))
>>> style, node = NameStyle(), contract([(A, "ij"), (x, "j")], "i")
>>> product = arranged(node, ["i"], read(node, style), style, Letters(["i"]))
>>> [(factor.name, factor.indices) for factor in product.factors]
[('A', ('i', 'j')), ('x', ('j',))]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from indexcalc.ir.build import is_zero
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Apply, Node, Sum, Variable
from indexcalc.notation.compose import (
    Layout,
    completed,
    composed_product,
    composed_total,
    delta,
    grouped_delta,
    shown_letters,
    zeros,
)
from indexcalc.notation.formula import Formula, Indices, Symbol, SymbolKind
from indexcalc.notation.letters import Letters
from indexcalc.notation.names import NameStyle
from indexcalc.notation.operation import Argument, Operation, operation
from indexcalc.notation.order import around_the_sum, delta_leads, ordered_parts
from indexcalc.notation.patterns import axes_along
from indexcalc.notation.reading import Reading
from indexcalc.notation.scaling import best_multiple
from indexcalc.notation.scope import spread_squares, usage
from indexcalc.notation.signs import distributed
from indexcalc.notation.term import Part, Term, is_atom

ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class _Open:
    """To be arranged into `sink`: `coefficient · node` under `indices`.

    `free` are letters that may occur any number of times; `is_term` tells of a term of a sum.
    """

    node: Node
    indices: Indices
    sink: list[Formula]
    free: int
    coefficient: Fraction = ONE
    is_term: bool = False


@dataclass(frozen=True, slots=True)
class _Close:
    """All of `parts` are arranged: put them together."""

    make: Callable[[list[Formula]], Formula]
    parts: list[Formula]
    sink: list[Formula]


@dataclass(slots=True)
class _Branch:
    """The letters in use where the terms of a sum part, and where they meet again."""

    start: int
    met: int


@dataclass(frozen=True, slots=True)
class _Next:
    """Between two terms of a sum, or after the last."""

    branch: _Branch
    last: bool


_Task = _Open | _Close | _Next


def arranged(
    root: Node, indices: Sequence[str], reading: Reading, style: NameStyle, letters: Letters
) -> Formula:
    """The formula of one line; `root` itself is opened even if it has a name."""
    arranger = _Arranger(root, reading, style, letters)
    sink: list[Formula] = []
    arranger.stack.append(_Open(root, tuple(indices), sink, letters.mask(indices)))
    arranger.run()
    return completed(sink[0], arranger.missing(root, tuple(indices)))


class _Arranger:
    def __init__(self, root: Node, reading: Reading, style: NameStyle, letters: Letters) -> None:
        self.root, self.reading, self.style, self.letters = root, reading, style, letters
        self.stack: list[_Task] = []

    def run(self) -> None:
        while self.stack:
            task = self.stack.pop()
            match task:
                case _Open():
                    self._open(task)
                case _Close(make=make, parts=parts, sink=sink):
                    sink.append(make(parts))
                case _Next(branch=branch, last=last):
                    branch.met |= self.letters.used
                    self.letters.used = branch.met if last else branch.start

    def missing(self, node: Node, indices: Indices) -> list[str]:
        """Letters of axes along which the node is only repeated, and that nothing shows."""
        term = self._term(node)
        lost = {indices[~axis] for axis in term.missing}
        others = {letter for axis, letter in enumerate(indices) if ~axis not in term.missing}
        return [letter for letter in dict.fromkeys(indices) if letter in lost - others]

    # --- one task -----------------------------------------------------------------------------

    def _open(self, task: _Open) -> None:
        node, term = task.node, self._term(task.node)
        unsigned = task.coefficient == 1
        is_total = isinstance(node, Sum) and len(node.terms) > 1 and not self._is_closed(node)
        if not is_atom(term, node):
            self._open_product(task, term)
        elif is_total and (unsigned or not task.is_term):
            self._open_total(task, node)
        elif not unsigned:
            self._open_product(task, term)
        elif self._is_closed(node):
            name = self.reading.named[node]
            task.sink.append(Symbol(SymbolKind.SHARED, name, task.indices))
        else:
            self._open_operation(task)

    def _is_closed(self, node: Node) -> bool:
        """Whether the node is printed by its name only."""
        return node in self.reading.named and node is not self.root

    def _term(self, node: Node) -> Term:
        if self._is_closed(node):
            axes = tuple(~axis for axis in range(len(node.shape)))
            return Term(parts=[Part(node, axes, ONE)])
        return self.reading.terms[node]

    def _open_total(self, task: _Open, node: Node) -> None:
        """Terms each start from the letters in use here; what follows uses none of theirs."""
        assert isinstance(node, Sum)
        branch = _Branch(self.letters.used, self.letters.used)
        parts: list[Formula] = []
        missing = [self.missing(inner, task.indices) for _, inner in node.terms]

        def make(formulas: list[Formula]) -> Formula:
            return composed_total(
                [
                    (formula, lacking, (*self._place(inner), shown_letters(formula), inner.digest))
                    for formula, lacking, (_, inner) in zip(
                        formulas, missing, node.terms, strict=True
                    )
                ]
            )

        self.stack.append(_Close(make, parts, task.sink))
        self.stack.append(_Next(branch, last=True))
        for coefficient, inner in reversed(node.terms):
            scaled = task.coefficient * coefficient
            self.stack.append(_Open(inner, task.indices, parts, task.free, scaled, is_term=True))
            self.stack.append(_Next(branch, last=False))

    def _place(self, node: Node) -> tuple[object, ...]:
        term = self._term(node)
        return self.reading.ranks[node], len(term.parts) + len(term.deltas)

    def _open_operation(self, task: _Open) -> None:
        indices = list(task.indices)
        deltas: list[Formula] = []
        for axis in axes_along(task.node):
            if indices.count(indices[axis]) > 1:  # the diagonal, taken after the operation
                indices[axis] = self._fresh(task.node.shape[axis])
                deltas.append(delta(task.indices[axis], indices[axis]))
        sink: list[Formula] = []
        if deltas:
            layout = Layout(exponents=(ONE,), last=tuple(deltas))
            self.stack.append(_Close(lambda made: composed_product(layout, made), sink, task.sink))
        what = operation(task.node, tuple(indices), self._fresh, self.reading.named)
        parts: list[Formula] = []
        self.stack.append(_Close(self._completing(what), parts, sink if deltas else task.sink))
        free = task.free | self.letters.mask(what.bound)
        for argument in reversed(what.arguments):
            self.stack.append(_Open(argument.node, argument.indices, parts, free))

    def _completing(self, what: Operation) -> Callable[[list[Formula]], Formula]:
        lacking = [self._lacking(argument) for argument in what.arguments]
        if len(lacking) > 1 and not any(map(self._carries, what.arguments)):
            lacking[0] = self._not_shown(what.arguments[0].node, what.arguments[0].indices)

        def make(parts: list[Formula]) -> Formula:
            whole = [
                _completion(argument.node, lost)([part])
                for part, lost, argument in zip(parts, lacking, what.arguments, strict=True)
            ]
            return what.make(whole)

        return make

    def _lacking(self, argument: Argument) -> list[str]:
        """A scalar goes with anything, if another argument carries the letters."""
        missing = self._not_shown(argument.node, argument.indices)
        return missing if self._carries(argument) or not argument.may_be_scalar else []

    def _carries(self, argument: Argument) -> bool:
        """Whether an argument shows some of its letters."""
        return set(self._not_shown(argument.node, argument.indices)) != set(argument.indices)

    def _not_shown(self, node: Node, indices: Indices) -> list[str]:
        """As `missing`; zero is a number, which shows no letter."""
        return list(dict.fromkeys(indices)) if is_zero(node) else self.missing(node, indices)

    # --- products -----------------------------------------------------------------------------

    def _open_product(self, task: _Open, term: Term) -> None:
        coefficient = task.coefficient * term.coefficient
        if self._is_signed_sum(term, coefficient, task):
            part = term.parts[0]
            indices = tuple(task.indices[~label] for label in part.labels)
            self.stack.append(_Open(part.node, indices, task.sink, task.free, coefficient))
            return
        free = {~axis for axis, a in enumerate(task.indices) if self.letters.mask(a) & task.free}
        found = usage(term, self.reading.repeats, self.reading.named)
        parts = spread_squares(term, found, free, self.reading.named)
        explicit = set(found.written_out(term, self.reading.most))
        parts = ordered_parts(parts, self.reading.ranks, self.reading.named)
        parts, leading = around_the_sum(parts, term, explicit)
        letter = self._letters_for(term, parts, task.indices)
        coefficient, numbers = distributed(parts, coefficient, self._is_closed, self.reading.ranks)
        first, last = _deltas(term, parts, letter)
        layout = Layout(
            exponents=tuple(part.exponent for part in parts),
            coefficient=coefficient,
            leading=leading,
            sums=tuple(index for label, index in letter.items() if label in explicit),
            first=first,
            last=last,
            grouped=_grouped_deltas(term, letter),
        )
        formulas: list[Formula] = []
        self.stack.append(_Close(lambda made: composed_product(layout, made), formulas, task.sink))
        inner_free = task.free | self.letters.mask(layout.sums)
        for part, number in zip(reversed(parts), reversed(numbers), strict=True):
            indices = tuple(letter[label] for label in part.labels)
            sink: list[Formula] = formulas
            lost = self._not_shown(part.node, indices)
            if lost:  # a power of what is only repeated: `(δ_ij 1_k)^(3/2)`
                sink = []
                self.stack.append(_Close(_completion(part.node, lost), sink, formulas))
            self.stack.append(_Open(part.node, indices, sink, inner_free, number))

    def _is_signed_sum(self, term: Term, coefficient: Fraction, task: _Open) -> bool:
        """Whether the term is `+ (…)` or `- (…)`, to be written without brackets."""
        if not term.is_bare or is_atom(term, task.node):
            return False
        node = term.parts[0].node
        is_sum = isinstance(node, Sum) and not self._is_closed(node)
        if coefficient == 1 or not is_sum or task.is_term:
            return coefficient == 1
        return best_multiple(node, coefficient, 1, alone=True) == abs(coefficient)

    def _letters_for(self, term: Term, parts: Sequence[Part], indices: Indices) -> dict[int, str]:
        """A letter for each label: given ones for axes, fresh ones for dummies as they appear."""
        letter = {~axis: index for axis, index in enumerate(indices)}
        shown = [label for part in parts for label in part.labels]
        shown += [label for pair in term.deltas for label in pair]
        shown += [label for left, right in term.grouped for label in left + right]
        holders: dict[int, list[Part]] = {}
        for part in parts:
            for label in dict.fromkeys(part.labels):
                holders.setdefault(label, []).append(part)
        for label in shown:
            if label not in letter:
                wishes = self._wishes(term.dummies[label], label, holders.get(label, ()))
                letter[label] = self.letters.fresh(wishes)
        return letter

    def _wishes(self, extent: Extent, label: int, parts: Sequence[Part]) -> Iterator[str]:
        """Letters that the program uses for these axes, then for this extent."""
        for part in parts:
            node = part.node
            if isinstance(node, Apply) and len(node.args) == 1:
                node = node.args[0]
            if isinstance(node, Variable) and node.name in self.style.axes:
                letters = self.style.axes[node.name]
                for own, letter in zip(part.labels, letters, strict=False):
                    if own == label:
                        yield letter
        yield from self.style.letters.get(extent, ())

    def _fresh(self, extent: Extent) -> str:
        return self.letters.fresh(self.style.letters.get(extent, ()))


def _deltas(
    term: Term, parts: Sequence[Part], letter: Mapping[int, str]
) -> tuple[tuple[Formula, ...], tuple[Formula, ...]]:
    """Deltas that stand before the parts, and behind them."""
    pairs = [pair for pair in term.deltas if letter[pair[0]] != letter[pair[1]]]
    leads = {pair: delta_leads(pair, parts) for pair in pairs}
    made = {pair: delta(letter[pair[0]], letter[pair[1]]) for pair in pairs}
    first = tuple(made[pair] for pair in pairs if leads[pair])
    return first, tuple(made[pair] for pair in pairs if not leads[pair])


def _grouped_deltas(term: Term, letter: Mapping[int, str]) -> tuple[Formula, ...]:
    """The longer group first: `δ_{(sr)a}`."""
    sides = [sorted(pair, key=len, reverse=True) for pair in term.grouped]
    named = [[tuple(letter[label] for label in side) for side in pair] for pair in sides]
    return tuple(grouped_delta(left, right) for left, right in named)


def _completion(node: Node, lost: Sequence[str]) -> Callable[[list[Formula]], Formula]:
    """Puts ones on a part for the letters that it does not show; zero is `0 1_i`."""
    if lost and is_zero(node):
        return lambda parts: zeros(lost)
    return lambda parts: completed(parts[0], lost)
