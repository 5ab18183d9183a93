"""What a pass remembers from one round to the next, so that it does not look at a node in vain.

In: nothing; a pass that is run again and again fills it. Out: the nodes that it leaves alone.

>>> Memory().settled
set()
"""

from __future__ import annotations

from dataclasses import dataclass, field

from indexcalc.ir.node import Node


@dataclass(frozen=True, slots=True)
class Memory:
    """Lives as long as one fixed point is sought; its nodes never change.

    `settled` has nodes that are left alone whatever the rest of the graph is, `closed` those that
    are left alone while of their arguments these, and no others, are used elsewhere too.
    """

    settled: set[Node] = field(default_factory=set)
    closed: set[tuple[Node, tuple[bool, ...]]] = field(default_factory=set)
