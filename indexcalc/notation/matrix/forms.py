"""Nodes as formulas without indices, from the leaves up.

In: what has been read of a graph: the names of its parts and the reader's order. Out: for each node
of at most two axes its formula in both orientations, or a reason why there is none. The work waits
on an explicit stack; each node is written once for each number that multiplies it.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.contraction import contract
>>> from indexcalc.ir.extent import Extent
>>> n = Extent.named("n")
>>> A, x = variable("A", (n, n)), variable("x", (n,))
>>> node = contract([(A, "ij"), (x, "j"), (x, "i")], "")
>>> [type(part).__name__ for part in Forms().form(node).plain.formula.factors]
['Transposed', 'Symbol', 'Symbol']
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from indexcalc.errors import FormulaError
from indexcalc.ir.node import Contraction, Derivative, Labels, Node, Number, Sum
from indexcalc.ir.symmetry import is_symmetric
from indexcalc.notation.formula import Symbol, SymbolKind
from indexcalc.notation.matrix.assemble import assembled
from indexcalc.notation.matrix.even import is_even
from indexcalc.notation.matrix.functions import operation_step
from indexcalc.notation.matrix.multiplied import multiplied_out, products_of
from indexcalc.notation.matrix.norms import norm_base, norm_of
from indexcalc.notation.matrix.oriented import Oriented, oriented
from indexcalc.notation.matrix.reduce import Factor, Network, reduced
from indexcalc.notation.matrix.step import (
    Refusal,
    Step,
    Task,
    axes_text,
    called,
    given,
    instead,
)
from indexcalc.notation.matrix.total import total_step
from indexcalc.notation.names import Rank
from indexcalc.notation.order import name_ranks, ordered_parts
from indexcalc.notation.scaling import best_multiple
from indexcalc.notation.signs import distributed
from indexcalc.notation.term import Part, Term, is_atom, term_of

ONE = Fraction(1)
MOST_PRODUCTS = 512  # that sums are multiplied out to
MOST_OPTIONS = 64  # the same, where that is tried only


@dataclass(slots=True)
class Forms:
    """Formulas of nodes. Those in `named` are printed by name, all but `opened`.

    `known` are the names of the program, `order` their ranks; matrices in `even` equal their
    transpose. All of it may be left out.
    """

    named: Mapping[Node, str] = field(default_factory=dict)
    order: Mapping[str, Rank] = field(default_factory=dict)
    known: Collection[str] = ()
    opened: Node | None = None
    even: Collection[Node] = frozenset()
    used: dict[Node, None] = field(default_factory=dict)
    ranks: dict[Node, Rank] = field(default_factory=dict)
    terms: dict[Node, Term] = field(default_factory=dict)
    made: dict[Task, Oriented | Refusal] = field(default_factory=dict)
    products: int = 0
    tried: int = 0

    def form(self, node: Node, number: Fraction = ONE) -> Oriented:
        """`number · node` in both orientations. Raises `FormulaError` if there is no such form."""
        found = self.found(Task(node, number))
        if isinstance(found, Refusal):
            raise FormulaError(f"there is no matrix form: {found.reason}")
        return found

    def found(self, root: Task) -> Oriented | Refusal:
        """The formula, or why there is none."""
        steps: dict[Task, Step | Refusal] = {}
        stack = [root]
        while stack:
            task = stack[-1]
            if task in self.made:
                stack.pop()
                continue
            if task not in steps:
                steps[task] = self.step(task)
            step = steps[task]
            waiting = [] if isinstance(step, Refusal) else self.waiting(step, steps)
            if waiting:
                stack.extend(reversed(waiting))
                continue
            result = self.result(step)
            if isinstance(result, Task):
                steps[task] = instead(result)
            else:
                self.made[task] = result
        return self.made[root]

    def waiting(self, step: Step, begun: Collection[Task]) -> list[Task]:
        """What has to come first; an option that is being worked on waits for this one itself."""
        options = [option for option in step.options if option not in begun]
        return [need for need in (*step.needs, *options) if need not in self.made]

    def result(self, step: Step | Refusal) -> Oriented | Refusal | Task:
        """What a step makes when all that it needs is there."""
        if isinstance(step, Refusal):
            return step
        inside: list[Oriented] = []
        for need in step.needs:
            value = self.made[need]
            if isinstance(value, Refusal):
                return value
            inside.append(value)
        found = step.make(inside)
        others = [self.made[option] for option in step.options if option in self.made]
        if isinstance(found, Oriented):
            forms = [found, *(value for value in others if isinstance(value, Oriented))]
            return min(forms, key=lambda value: value.plain.cost)
        return found

    # --- kinds of nodes -------------------------------------------------------------------------

    def step(self, task: Task) -> Step | Refusal:
        """How the task is done."""
        node, term = task.node, self.term(task.node)
        if len(node.shape) > 2:
            return Refusal(f"{called(node)} has {axes_text(len(node.shape))}, and a matrix has two")
        if not is_atom(term, node):
            return self.product(task, term)
        is_total = isinstance(node, Sum) and not self.is_closed(node)
        if is_total and isinstance(node, Sum) and (task.number == 1 or not task.is_term):
            return total_step(node, task.number, self.place, task.is_factor)
        if task.number != 1:
            return self.product(task, term)
        if task != Task(node):  # its place makes no difference, and there is one formula for all
            return instead(Task(node))
        if self.is_closed(node):
            return self.name(node)
        match node:
            case Derivative():
                return Refusal("a derivative is not worked out")
            case Number() | Sum() | Contraction():
                raise AssertionError("numbers, sums and products are not operations")
            case _:
                return operation_step(node, self.named)

    def name(self, node: Node) -> Step:
        """A part with a line of its own."""
        self.used[node] = None
        symbol = Symbol(SymbolKind.SHARED, self.named[node], ())
        even = node in self.even or is_symmetric(node) or is_even(node)
        return given(oriented(symbol, len(node.shape), symmetric=even))

    def is_closed(self, node: Node) -> bool:
        """Whether the node is printed by its name only."""
        return node in self.named and node is not self.opened

    def term(self, node: Node) -> Term:
        """The node as one product."""
        if node not in self.terms:
            if self.is_closed(node):
                axes = tuple(~axis for axis in range(len(node.shape)))
                self.terms[node] = Term(parts=[Part(node, axes, ONE)])
            else:
                self.terms[node] = term_of(node, self.named, opened=node is self.opened)
        return self.terms[node]

    def place(self, node: Node) -> tuple[Rank, int]:
        """The place of a term in the reader's order."""
        term = self.term(node)
        return self.rank(node), len(term.parts) + len(term.deltas)

    def rank(self, node: Node) -> Rank:
        """The rank of the first name in a node."""
        if node not in self.ranks:
            self.ranks.update(name_ranks([node], self.order))
        return self.ranks[node]

    # --- products -------------------------------------------------------------------------------

    def product(self, task: Task, term: Term) -> Step | Refusal:
        """A product: its factors, then the network of them."""
        node = task.node
        if term.grouped:
            return Refusal("the entries of a tensor are arranged under other axes")
        for position, part in enumerate(term.parts):
            if len(part.labels) > 2:
                if self.may_multiply(part):
                    return instead(replace(task, node=multiplied_out(node, term, position)))
                axes = axes_text(len(part.labels))
                return Refusal(f"{called(part.node)} has {axes}, and a matrix has two")
        coefficient = task.number * term.coefficient
        for part in term.parts:
            self.rank(part.node)
        parts = ordered_parts(term.parts, self.ranks, self.named)
        if self.is_signed_sum(parts, term, coefficient, task):
            numbers, coefficient = [coefficient], ONE
        else:
            coefficient, numbers = distributed(parts, coefficient, self.is_closed, self.ranks)
        alone = term.is_bare and coefficient == 1
        needs = [
            replace(self.need(part, own), is_factor=not alone)
            for part, own in zip(parts, numbers, strict=True)
        ]

        def make(made: Sequence[Oriented]) -> Oriented | Refusal | Task:
            factors = [
                _factor(part, need, value, term)
                for part, need, value in zip(parts, needs, made, strict=True)
            ]
            rank = len(node.shape)
            row = ~0 if rank else None
            column = None if rank < 2 else ~0 if term.deltas else ~1
            found = reduced(Network(tuple(factors), row, column, self.may_have_norms))
            if found is not None:
                return assembled(coefficient, rank, found)
            return self.multiplied(task, term)

        return Step(tuple(needs), make, tuple(self.options(task, term)))

    def options(self, task: Task, term: Term) -> Iterator[Task]:
        """The product with `p_i (δ_ij - p_j)` or the like multiplied out: `Diag(p) - p p^T`."""
        for position, part in enumerate(term.parts):
            count = 0 if self.is_closed(part.node) or len(part.labels) < 2 else products_of(part)
            if not 0 < count <= MOST_OPTIONS - self.tried or part.exponent != 1:
                continue
            if any(self.repeats(inner) for inner in part.node.arguments):
                self.tried += count
                other = multiplied_out(task.node, term, position)
                if other is not task.node:
                    yield replace(task, node=other)

    def repeats(self, node: Node) -> bool:
        """Whether a matrix repeats a vector or a number along an axis, or along the diagonal."""
        term = self.term(node)
        return bool(term.missing or term.deltas)

    @property
    def may_have_norms(self) -> bool:
        """Whether no name of the program hides them."""
        return not {"norm", "normF"} & set(self.known)

    def need(self, part: Part, number: Fraction) -> Task:
        """What is written of a part; of the root of a square, what the norm is of."""
        base = norm_base(part) if self.may_have_norms else None
        if base is None or self.is_closed(part.node):
            return Task(part.node, number)
        self.rank(base)
        axes = tuple(range(len(base.shape)))
        _, (sign,) = distributed([Part(base, axes, 2 * ONE)], ONE, self.is_closed, self.ranks)
        return Task(base, sign)

    def is_signed_sum(
        self, parts: Sequence[Part], term: Term, coefficient: Fraction, task: Task
    ) -> bool:
        """Whether the product is a sum with a number that is better multiplied in."""
        if not term.is_bare or is_atom(term, task.node):
            return False
        node = parts[0].node
        is_sum_itself = isinstance(node, Sum) and not self.is_closed(node)
        if coefficient == 1 or not is_sum_itself or task.is_term:
            return coefficient == 1
        return best_multiple(node, coefficient, 1, alone=True) == abs(coefficient)

    def may_multiply(self, part: Part) -> bool:
        """Whether a factor is a sum that is multiplied out; all in all that is done some times."""
        count = 0 if self.is_closed(part.node) else products_of(part)
        if not count or self.products + count > MOST_PRODUCTS:
            return False
        self.products += count
        return True

    def multiplied(self, task: Task, term: Term) -> Task | Refusal:
        """A product that has no form as it stands, with a sum in it multiplied out."""
        for position, part in enumerate(term.parts):
            if self.may_multiply(part):
                return replace(task, node=multiplied_out(task.node, term, position))
        return Refusal(
            "some indices of a product join three factors or more, and a matrix product joins two",
            task.node,
        )


def _factor(part: Part, need: Task, value: Oriented, term: Term) -> Factor:
    """The part in the network, where a δ has made two labels one."""
    labels: Labels = part.labels
    if term.deltas:
        labels = tuple(~0 if label == ~1 else label for label in labels)
    if not part.labels and need.node is not part.node:
        return Factor(norm_of(value), (), 2 * part.exponent)
    return Factor(value, labels, part.exponent)
