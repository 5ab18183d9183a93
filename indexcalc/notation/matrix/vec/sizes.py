"""Which identities need their size: those that nothing around them tells.

In: a block. Out: the extents that have to be written. A reader knows the sizes of tensors; in
`(I ⊗ U) Diag(vec(S)) (I ⊗ W)` the matrices beside it tell the size of each `I`, in `z^T ⊗ I`
nothing does. Sizes are found as the language finds them: an equation between products that have
one unknown is solved by it.

>>> from indexcalc.ir.build import variable
>>> m, n = Extent.named("m"), Extent.named("n")
>>> from indexcalc.notation.matrix.vec.block import Plain
>>> A, B = Plain(variable("A", (m, m))), Plain(variable("B", (m * n, m * n)))
>>> untold(Kronecker((A, Identity(n)))) == {n}
True
>>> untold(Chain((Kronecker((A, Identity(n))), B)))
set()
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from math import prod

from indexcalc.ir.extent import ONE, Extent, cancelled
from indexcalc.notation.matrix.vec.block import (
    Block,
    Chain,
    Identity,
    Kronecker,
    Plus,
    inside,
    sides,
)

UNKNOWN = "?"
Sides = tuple[Extent, Extent]


def untold(root: Block) -> set[Extent]:
    """The extents that must be written where an identity has them."""
    written: set[Extent] = set()
    while True:
        equations = _Equations(written)
        equations.gather(root)
        missing = equations.first_unknown()
        if missing is None:
            return written
        written.add(missing)


@dataclass(slots=True)
class _Equations:
    """Each identity whose size is not written has an unknown of its own."""

    written: set[Extent]
    unknowns: list[tuple[str, Extent]] = field(default_factory=list)
    equal: list[Sides] = field(default_factory=list)
    solution: dict[str, Extent] = field(default_factory=dict)

    def gather(self, root: Block) -> None:
        """The equations of all blocks, each place on its own."""
        order: list[tuple[Block, list[Sides], list[Sides]]] = []
        stack: list[tuple[Block, list[Sides]]] = [(root, [])]
        while stack:
            block, sink = stack.pop()
            own: list[Sides] = []
            order.append((block, own, sink))
            stack.extend((part, own) for part in inside(block))
        for block, own, sink in reversed(order):
            # parts were put in from the last to the first, and so they were taken out
            sink.append(self.sides(block, own))

    def sides(self, block: Block, parts: list[Sides]) -> Sides:
        match block:
            case Identity(extent=extent):
                size = self.size(extent)
                return size, size
            case Kronecker():
                rows = prod((rows for rows, _ in parts), start=ONE)
                return rows, prod((columns for _, columns in parts), start=ONE)
            case Chain():
                self.equal += [(left[1], right[0]) for left, right in pairwise(parts)]
                return parts[0][0], parts[-1][1]
            case Plus():
                for other in parts[1:]:
                    self.equal += zip(parts[0], other, strict=True)
                return parts[0]
            case _:
                return sides(block)

    def size(self, extent: Extent) -> Extent:
        if extent in self.written or extent == ONE:
            return extent
        name = f"{UNKNOWN}{len(self.unknowns)}"
        self.unknowns.append((name, extent))
        return Extent.named(name)

    def first_unknown(self) -> Extent | None:
        """Solve what can be solved; the true size of the first unknown that is left."""
        progress = True
        while progress:
            progress = sum(map(self.solved, self.equal)) > 0
        for name, extent in self.unknowns:
            if self.known(Extent.named(name)).names & {other for other, _ in self.unknowns}:
                return extent
        return None

    def known(self, extent: Extent) -> Extent:
        while extent.names & self.solution.keys():
            extent = extent.substitute(self.solution)
        return extent

    def solved(self, pair: Sides) -> bool:
        """Whether the equation tells something new."""
        left, right = cancelled(self.known(pair[0]), self.known(pair[1]))
        for unknown, other in ((left, right), (right, left)):
            name = unknown.name
            if name is not None and name.startswith(UNKNOWN) and name not in other.names:
                self.solution[name] = other
                return True
        return False
