"""Whether sides differ only because of what a derivative is taken to be at a kink.

In: the sides of a claim, as written and worked out, and a point. Out: whether a side with a
derivative has, at this point, a kink: an argument of `abs` that is zero, a tie of `max`, a
comparison of equals.

>>> from indexcalc.ir.build import builtin, derivative, number, variable
>>> t = variable("t", ())
>>> slope, opened = derivative(builtin("relu", t), [t]), builtin("gt", t, number(0))
>>> for place in (0.0, 1.0):
...     is_at_kink([slope], [opened], {}, {"t": np.array(place)})
True
False
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.claims.trials.arithmetic import exactly
from indexcalc.claims.trials.evaluation import Point, evaluate
from indexcalc.claims.trials.extremes import has_kink
from indexcalc.claims.trials.floats import FLOATS
from indexcalc.errors import FormulaError
from indexcalc.ir.node import Apply, Derivative, Node
from indexcalc.ir.walk import postorder


def is_at_kink(
    written: Sequence[Node],
    opened: Sequence[Node],
    sizes: Mapping[str, int],
    values: Mapping[str, NDArray[Any]],
) -> bool:
    """Whether a side that has a derivative has a kink at the point; no if it has no value."""
    sides = zip(written, opened, strict=True)
    sloping = [node for side, node in sides if any(map(_is_slope, postorder([side])))]
    kinks = [node for node in postorder(sloping) if has_kink(node)]
    point = Point(sizes, {name: exactly(value, FLOATS) for name, value in values.items()}, {})
    try:
        return any(_is_tie(node, point) for node in kinks)
    except FormulaError:
        return False


def _is_slope(node: Node) -> bool:
    return isinstance(node, Derivative) or (isinstance(node, Apply) and any(node.function.orders))


def _is_tie(node: Node, point: Point) -> bool:
    """Whether the arguments are equal at an entry, or the only one is zero."""
    if not isinstance(node, Apply):
        return True
    found = evaluate(node.args[:2], point, FLOATS)
    first = found[0].value
    return bool(np.any(first == (found[1].value if len(found) > 1 else 0)))
