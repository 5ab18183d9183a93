"""Indices that hang together, as a product of Kronecker products and diagonal matrices.

In: a component of a network: factors with one or two labels, labels of rows and columns. Out: the
matrices that lead from the rows to the columns: `U_iq S_qj W_qk` with the rows `ij` and the columns
`kj` is `(I ⊗ U) Diag(vec(S)) (I ⊗ W)`.

On the way a bundle of labels is changed step by step: a matrix takes one label to the next; a
factor between two labels of the bundle is a diagonal matrix; a label that nothing needs any more is
summed, one that is needed too early is repeated (with ones). The shortest way is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

from indexcalc.errors import FormulaError
from indexcalc.ir.build import ones
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Labels, Node, Variable
from indexcalc.notation.matrix.vec.block import (
    Block,
    Diagonal,
    Identity,
    Plain,
    kronecker,
)
from indexcalc.notation.matrix.vec.components import Component
from indexcalc.notation.matrix.vec.exchange import exchanged

MOST_STATES = 4000
IN_ORDER = -1  # instead of a slot: the labels are put in the order of the columns
WIDEST = 3  # labels of a bundle, unless the rows or the columns have more
# what a step costs to read; units tell equal ways apart
DIAGONAL, NEXT, SUMMED, REPEATED, IDENTITY, EXCHANGED = 300, 100, 200, 400, 100, 300


@dataclass(frozen=True, slots=True)
class _Step:
    """From one bundle to the next: the slot that changes, and the factor (by number) used up.

    `old` and `new` are the labels of the slot, None before a label is repeated and after it is
    summed; a diagonal matrix at two slots changes none.
    """

    slot: int
    old: int | None
    new: int | None
    edge: int | None


@dataclass(frozen=True, slots=True)
class _State:
    bundle: Labels
    left: frozenset[int]


def chain(part: Component, extents: Mapping[int, Extent]) -> list[Block]:
    """The matrices from the rows of the component to its columns.

    Raises `FormulaError` if no way is found.
    """
    return _Search(part, extents).blocks()


class _Search:
    def __init__(self, part: Component, extents: Mapping[int, Extent]) -> None:
        self.part, self.extents = part, extents
        self.edges = [factor for factor in part.factors if len(factor[1]) == 2]
        self.groups = part.groups
        self.points = {own[0]: node for node, own in part.factors if len(own) == 1}
        self.widest = max(WIDEST, len(part.rows), len(part.columns))

    def blocks(self) -> list[Block]:
        writer = _Writer(self)
        for step in self.way():
            writer.take(step)
        writer.close_layer()
        return writer.layers

    def way(self) -> list[_Step]:
        """The cheapest steps to a bundle of the columns, found by A*: no factor comes for free."""
        count_of_all = len(self.edges) + len(self.groups)
        start = _State(self.part.rows, frozenset(range(count_of_all)))
        costs = {start: 0}
        came: dict[_State, tuple[_State, _Step]] = {}
        heap: list[tuple[int, int, _State]] = [(0, 0, start)]
        number = count(1)  # of equal costs, the first one found
        goal: _State | None = None
        while heap and len(costs) < MOST_STATES:
            estimate, _, state = heappop(heap)
            cost = costs[state]
            if estimate > cost + NEXT * self.edges_left(state):
                continue  # it was reached at less cost meanwhile
            if self.is_end(state):
                goal = state
                break
            for price, step, after in self.steps(state):
                if cost + price < costs.get(after, 1 << 30):
                    costs[after] = cost + price
                    came[after] = state, step
                    estimate = cost + price + NEXT * self.edges_left(after)
                    heappush(heap, (estimate, next(number), after))
        if goal is None:
            raise FormulaError(
                "its indices hang together in a way that no product of matrices has",
                hint="the component form can say it",
            )
        steps: list[_Step] = []
        state = goal
        while state != start:
            state, step = came[state]
            steps.append(step)
        return steps[::-1]

    def edges_left(self, state: _State) -> int:
        return sum(number < len(self.edges) for number in state.left)

    def labels(self, number: int) -> Labels:
        """The labels of a factor, or of a group."""
        if number < len(self.edges):
            return self.edges[number][1]
        one, labels = self.groups[number - len(self.edges)]
        return (one, *labels)

    def is_end(self, state: _State) -> bool:
        return not state.left and state.bundle == self.part.columns

    # --- steps --------------------------------------------------------------------------------

    def steps(self, state: _State) -> Iterator[tuple[int, _Step, _State]]:
        """What can be done next: its cost, the step, and where it leads.

        What can be summed is summed, what can stand on a diagonal does: that never stands in the
        way of anything, and leaves few ways to try.
        """
        if not state.left and set(state.bundle) == set(self.part.columns):
            end = _State(self.part.columns, state.left)
            yield EXCHANGED, _Step(IN_ORDER, None, None, None), end
        sure = next(self.summed(state), None) or next(self.diagonals(state), None)
        if sure is not None:
            yield sure
            return
        for number in sorted(state.left):
            if number < len(self.edges):
                yield from self.along(state, number)
            else:
                yield from self.regrouped(state, number)
        if len(state.bundle) < self.widest:
            yield from self.repeated(state)

    def summed(self, state: _State) -> Iterator[tuple[int, _Step, _State]]:
        """A label that nothing needs any more."""
        for slot, label in enumerate(state.bundle):
            if label not in self.part.columns and not self.near(state, label):
                bundle = state.bundle[:slot] + state.bundle[slot + 1 :]
                price = SUMMED + IDENTITY * len(bundle)
                yield price, _Step(slot, label, None, None), _State(bundle, state.left)

    def diagonals(self, state: _State) -> Iterator[tuple[int, _Step, _State]]:
        """A factor as a diagonal matrix between two neighbouring slots."""
        bundle = state.bundle
        for number in sorted(state.left):
            if number >= len(self.edges) or not set(self.edges[number][1]) <= set(bundle):
                continue
            first, second = self.edges[number][1]
            slot = min(bundle.index(first), bundle.index(second))
            if bundle[slot + 1] in (first, second):
                # a slope is rather put on the diagonal than a matrix that has a name
                price = DIAGONAL + isinstance(self.edges[number][0], Variable)
                price += IDENTITY * (len(bundle) - 2)
                yield price, _Step(slot, None, None, number), _State(bundle, state.left - {number})

    def along(self, state: _State, number: int) -> Iterator[tuple[int, _Step, _State]]:
        """A factor from a label of the bundle that nothing else needs to one that is not there."""
        first, second = self.edges[number][1]
        left = state.left - {number}
        bundle = state.bundle
        for old, new in ((first, second), (second, first)):
            last = old not in self.part.columns and self.near(state, old) == [number]
            if old in bundle and new not in bundle and last:
                slot = bundle.index(old)
                after = (*bundle[:slot], new, *bundle[slot + 1 :])
                price = NEXT + len(bundle) - slot  # the fast index first
                yield price, _Step(slot, old, new, number), _State(after, left)

    def regrouped(self, state: _State, number: int) -> Iterator[tuple[int, _Step, _State]]:
        """A label in place of those that it runs over, or these in its place."""
        one, labels = self.groups[number - len(self.edges)]
        for old, new in (((one,), labels), (labels, (one,))):
            free = all(
                self.near(state, label) == [number] and label not in self.part.columns
                for label in old
            )
            slot = state.bundle.index(old[0]) if old[0] in state.bundle else 0
            end = slot + len(old)
            if free and state.bundle[slot:end] == old and not set(new) & set(state.bundle):
                bundle = state.bundle[:slot] + new + state.bundle[end:]
                step = _Step(slot, None, None, number)
                yield 0, step, _State(bundle, state.left - {number})

    def repeated(self, state: _State) -> Iterator[tuple[int, _Step, _State]]:
        """A label that is not in the bundle yet, next to one that is, or of the columns."""
        near = set(self.part.columns)
        for number in state.left:
            labels = self.labels(number)
            if not state.bundle or set(labels) & set(state.bundle):
                near.update(labels)
        for label in sorted(near - set(state.bundle)):
            for slot in range(len(state.bundle) + 1):
                bundle = (*state.bundle[:slot], label, *state.bundle[slot:])
                price = REPEATED + IDENTITY * len(state.bundle)
                yield price, _Step(slot, None, label, None), _State(bundle, state.left)

    def near(self, state: _State, label: int) -> list[int]:
        return [number for number in sorted(state.left) if label in self.labels(number)]


@dataclass(slots=True)
class _Thread:
    """What one slot of a layer does: from a label of the rows to one of the columns.

    `factors` is empty as long as it does nothing. `waiting` is a label whose vector is still to be
    multiplied in.
    """

    row: int | None
    column: int | None
    factors: list[tuple[Node, Labels]]
    waiting: bool = False


class _Writer:
    """Puts steps into layers: Kronecker products of threads, and diagonal matrices between."""

    def __init__(self, search: _Search) -> None:
        self.search = search
        self.layers: list[Block] = []
        self.threads: list[_Thread] = []
        self.entered: set[int] = set()
        for label in search.part.rows:
            self.threads.append(_Thread(label, label, []))
            self.enter(self.threads[-1], label)

    def enter(self, thread: _Thread, label: int) -> None:
        """Note that the vector of a label, if it has one, is to be multiplied in once."""
        thread.waiting = label in self.search.points and label not in self.entered
        self.entered.add(label)

    def settle(self, thread: _Thread) -> None:
        """Multiply in the vector that waits."""
        if thread.waiting and thread.column is not None:
            thread.factors.append((self.search.points[thread.column], (thread.column,)))
            thread.waiting = False

    def take(self, step: _Step) -> None:
        if step.slot == IN_ORDER:
            self.close_layer()
            self.layers += exchanged(self.bundle(), self.search.part.columns, self.search.extents)
            return
        if step.edge is not None and step.edge >= len(self.search.edges):
            self.regroup(step)
            return
        if step.old is None and step.new is None:
            self.diagonal(step)
            return
        if step.old is None:
            assert step.new is not None
            thread = _Thread(None, step.new, [])
            self.threads.insert(self.place(step.slot), thread)
            self.enter(thread, step.new)
            return
        thread = self.threads[self.place(step.slot)]
        self.settle(thread)
        if step.edge is not None:
            thread.factors.append(self.search.edges[step.edge])
        thread.column = step.new
        if step.new is not None:
            self.enter(thread, step.new)

    def regroup(self, step: _Step) -> None:
        """Read the columns under other labels: nothing is written, but a layer ends."""
        assert step.edge is not None
        one, labels = self.search.groups[step.edge - len(self.search.edges)]
        bundle = self.bundle()
        self.close_layer()
        new = labels if one in bundle else (one,)
        end = step.slot + (1 if one in bundle else len(labels))
        self.threads = []
        for label in (*bundle[: step.slot], *new, *bundle[end:]):
            self.threads.append(_Thread(label, label, []))
            if label in new:
                self.enter(self.threads[-1], label)

    def bundle(self) -> Labels:
        """The labels that the threads end in."""
        return tuple([thread.column for thread in self.threads if thread.column is not None])

    def place(self, slot: int) -> int:
        """The number of the thread that ends in a slot of the bundle."""
        live = [number for number, thread in enumerate(self.threads) if thread.column is not None]
        return live[slot] if slot < len(live) else len(self.threads)

    def diagonal(self, step: _Step) -> None:
        """A factor between two neighbouring slots."""
        assert step.edge is not None
        factors = [self.search.edges[step.edge]]
        slots = [self.threads[self.place(step.slot + k)] for k in (0, 1)]
        for thread in slots:
            if thread.waiting and not thread.factors and thread.column is not None:
                factors.append((self.search.points[thread.column], (thread.column,)))
                thread.waiting = False
        bundle = self.bundle()
        self.close_layer()
        slow, fast = bundle[step.slot : step.slot + 2]
        parts: list[Block] = [Identity(self.search.extents[label]) for label in bundle]
        parts[step.slot : step.slot + 2] = [Diagonal(contract(factors, (fast, slow)))]
        self.layers.append(kronecker(parts))

    def close_layer(self) -> None:
        """End the Kronecker product, and begin the next."""
        for thread in self.threads:
            self.settle(thread)
        if any(thread.factors or thread.row != thread.column for thread in self.threads):
            self.layers.append(kronecker([self.block(thread) for thread in self.paired()]))
        self.threads = [
            _Thread(thread.column, thread.column, [])
            for thread in self.threads
            if thread.column is not None
        ]

    def paired(self) -> list[_Thread]:
        """The threads; one that ends before one that begins makes a matrix with it."""
        found: list[_Thread] = []
        for thread in self.threads:
            last = found[-1] if found else None
            if last is not None and last.column is None and thread.row is None:
                factors = last.factors + thread.factors
                found[-1] = _Thread(last.row, thread.column, factors)
            else:
                found.append(thread)
        return found

    def block(self, thread: _Thread) -> Block:
        extents = self.search.extents
        row, column = thread.row, thread.column
        if not thread.factors and row is not None and row == column:
            return Identity(extents[row])
        labels = [label for label in (row, column) if label is not None]
        if not thread.factors:
            return Plain(ones(tuple(extents[label] for label in labels)), row is None)
        return Plain(contract(thread.factors, labels, {a: extents[a] for a in labels}), row is None)
