"""Products that are all of one network less a tensor, as its derivatives by every tensor are.

In: all nodes in order. Out: for each such product the network, put together from the members:
what two tensors share is seen in a member that has both. Then the network is contracted first, and
every member is made of its partial products (`complements.py`): all of them together for about
twice the work of the network, instead of as many times the work as there are members.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.contraction import contract
>>> from indexcalc.ir.walk import postorder
>>> n = Extent.named("n")
>>> A, B, C, D = (variable(name, (n, n)) for name in "ABCD")
>>> ring = [(A, "ij"), (B, "jk"), (C, "kl"), (D, "li")]
>>> members = [contract(ring[:k] + ring[k + 1 :], own) for k, (_, own) in enumerate(ring)]
>>> found = networks(postorder(members))
>>> len(found), len(set(found.values())), next(iter(found.values())).labels
(4, 1, ((0, 1), (2, 0), (3, 2), (1, 3)))
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Contraction, Labels, Node

FEWEST_FACTORS = 4  # of a network: three share nothing
FEWEST_MEMBERS = 3  # below, the network itself costs more than is saved
Axis = tuple[Node, int]


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Tensors, the labels of their axes, the extent of each label; nothing is kept."""

    tensors: tuple[Node, ...]
    labels: tuple[Labels, ...]
    extents: Mapping[int, Extent]


def networks(order: Sequence[Node]) -> dict[Node, Network]:
    """For each product that lacks one tensor of a network that others lack one of: the network."""
    found: dict[Node, Network] = {}
    for tensors, members in _families(order):
        network = _joined(tensors, members)
        if network is not None:
            found.update(dict.fromkeys(members, network))
    return found


def _families(order: Sequence[Node]) -> Iterator[tuple[list[Node], list[Contraction]]]:
    """Products of different tensors, all but one of the same ones."""
    sized: dict[int, list[Contraction]] = {}
    for node in order:
        if (
            isinstance(node, Contraction)
            and not node.is_view
            and len(set(node.factors)) == len(node.factors) >= FEWEST_FACTORS - 1
        ):
            sized.setdefault(len(node.factors), []).append(node)
    for alike in sized.values():
        waiting = alike
        while len(waiting) >= FEWEST_MEMBERS:
            whole = _whole(waiting)
            members = [node for node in waiting if set(node.factors) <= set(whole)]
            if len(members) >= FEWEST_MEMBERS:
                yield whole, members
            waiting = [node for node in waiting[1:] if node not in members]


def _whole(products: Sequence[Contraction]) -> list[Node]:
    """The factors of the first, and the one that most others have besides."""
    first, *others = products
    mine = set(first.factors)
    extra: Counter[Node] = Counter()
    for node in others:
        lone = [factor for factor in node.factors if factor not in mine]
        if len(lone) == 1:
            extra[lone[0]] += 1
    return [*first.factors, *(tensor for tensor, _ in extra.most_common(1))]


def _joined(tensors: Sequence[Node], members: Sequence[Contraction]) -> Network | None:
    """The network, if every axis is joined with another one."""
    group: dict[Axis, int] = {}
    axes: dict[int, list[Axis]] = {}
    for tensor in tensors:
        for axis in range(len(tensor.shape)):
            group[tensor, axis] = len(axes)
            axes[len(axes)] = [(tensor, axis)]
    for member in members:
        met: dict[int, Axis] = {}
        for tensor, own in zip(member.factors, member.labels, strict=True):
            for axis, label in enumerate(own):
                here, there = group[tensor, axis], group[met.setdefault(label, (tensor, axis))]
                if here != there:
                    for moved in axes.pop(here):
                        group[moved] = there
                        axes[there].append(moved)
    if any(len(joined) < 2 for joined in axes.values()):
        return None
    number = {key: k for k, key in enumerate(axes)}
    labels = tuple(
        tuple(number[group[tensor, axis]] for axis in range(len(tensor.shape)))
        for tensor in tensors
    )
    extents = {number[key]: t.shape[axis] for key, ((t, axis), *_) in axes.items()}
    return Network(tuple(tensors), labels, extents)
