"""A network made small, and the parts of it that share no index.

In: a `Network`. Out: components. An index that is summed goes if it joins at most two others
(`A_iq v_q B_qk` is one matrix), factors with the same indices are multiplied entry by entry; what
then hangs together by an index is one component.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.extent import Extent
>>> from indexcalc.notation.matrix.vec.network import networks
>>> n = Extent.named("n")
>>> A, x = variable("A", (n, n)), variable("x", (n,))
>>> (network,) = networks(contract([(A, "iq"), (A, "qk"), (x, "j")], "ijk"), 2)
>>> scalars, parts = components(network)
>>> [(part.rows, part.columns, len(part.factors)) for part in parts]
[((-2,), (), 1), ((-1,), (-3,), 1)]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indexcalc.errors import FormulaError
from indexcalc.ir.build import number
from indexcalc.ir.contraction import contract
from indexcalc.ir.node import Labels, Node
from indexcalc.notation.matrix.vec.network import Factor, Group, Network


@dataclass(frozen=True, slots=True)
class Component:
    """Factors that share labels, and which labels of the rows and columns they have, in order."""

    factors: tuple[Factor, ...]
    rows: Labels
    columns: Labels
    groups: tuple[Group, ...] = ()

    @property
    def outer(self) -> frozenset[int]:
        """The labels of the result."""
        return frozenset(self.rows + self.columns)


def components(network: Network) -> tuple[list[Node], list[Component]]:
    """The scalars of the network, and its components in the order of their first label.

    A label that no factor has is a component of its own: ones, or an identity.
    """
    outer = dict.fromkeys(network.rows + network.columns)
    grouped = {label for one, labels in network.groups for label in (one, *labels)}
    factors = reduced(network.factors, frozenset({*outer, *grouped}))
    links = [(number(1), (one, *labels)) for one, labels in network.groups]
    scalars = list(network.scalars)
    found: list[Component] = []
    for labels, near in _connected([*factors, *links], outer):
        inside = [factor for factor in near if factor not in links]
        own = tuple(group for group in network.groups if group[0] in labels)
        rows = tuple(label for label in network.rows if label in labels)
        columns = tuple(label for label in network.columns if label in labels)
        if rows or columns:
            found.append(Component(tuple(inside), rows, columns, own))
        elif own:
            raise FormulaError("the entries of a tensor are arranged under other axes")
        else:
            scalars.append(contract(inside, ()))
    order = {label: place for place, label in enumerate(outer)}
    found.sort(key=lambda part: min(order[label] for label in part.outer))
    return scalars, found


def reduced(factors: Sequence[Factor], outer: frozenset[int]) -> list[Factor]:
    """The factors with equal labels as one, and without summed labels that join two others."""
    current = list(factors)
    while True:
        current = _multiplied(current)
        labels = {label for _, own in current for label in own}
        inner = sorted(label for label in labels if label not in outer)
        for label in inner:
            near = [factor for factor in current if label in factor[1]]
            others = sorted({other for _, own in near for other in own} - {label})
            if 0 < len(others) <= 2:
                current = [factor for factor in current if label not in factor[1]]
                current.append((contract(near, others), tuple(others)))
                break
        else:
            return current


def _multiplied(factors: Iterable[Factor]) -> list[Factor]:
    """One factor for each set of labels."""
    groups: dict[frozenset[int], list[Factor]] = {}
    for factor in factors:
        groups.setdefault(frozenset(factor[1]), []).append(factor)
    found: list[Factor] = []
    for labels, group in groups.items():
        if len(group) == 1:
            found += group
        else:
            order = tuple(sorted(labels))
            found.append((contract(group, order), order))
    return found


def _connected(
    factors: Iterable[Factor], outer: Iterable[int]
) -> list[tuple[set[int], list[Factor]]]:
    """Factors by the labels that connect them."""
    groups: list[tuple[set[int], list[Factor]]] = [({label}, []) for label in outer]
    for factor in factors:
        near = [group for group in groups if group[0] & set(factor[1])]
        labels = set(factor[1]).union(*(group[0] for group in near))
        inside = [one for group in near for one in group[1]] + [factor]
        groups = [group for group in groups if not group[0] & set(factor[1])]
        groups.append((labels, inside))
    return groups
