"""Bounds on the work that one derivative may ask for.

In: a product that is to be differentiated, a derivative to be worked out. Out: nothing, or a
`LimitError` that says which bound was reached.

>>> from indexcalc.ir.build import multiply, variable
>>> refuse_wide_product(multiply(variable("x", ()), variable("y", ())), 2)
"""

from __future__ import annotations

from indexcalc.errors import LimitError
from indexcalc.ir.node import Contraction, Derivative

MOST_PRODUCT_WORK = 4_000_000  # factors written down by the product rule: 2000 factors, all moving
MOST_AXES = 32  # of any array of older NumPy
MOST_ORDER = 32
MOST_LEVELS = 64  # derivatives of formulas that hold derivatives, and so on


def refuse_wide_product(node: Contraction, moving: int) -> None:
    """Refuse a product whose rule is out of proportion: it grows with the square of the width."""
    if moving * len(node.factors) > MOST_PRODUCT_WORK:
        raise LimitError(
            f"the derivative of a product of {len(node.factors)} factors, of which {moving} move, "
            f"has more than {MOST_PRODUCT_WORK} factors"
        )


def refuse_large_derivative(node: Derivative) -> None:
    """Refuse orders and ranks that no array library takes."""
    if len(node.variables) > MOST_ORDER:
        raise LimitError(f"a derivative of order {len(node.variables)}; at most {MOST_ORDER}")
    if len(node.shape) > MOST_AXES:
        raise LimitError(f"a derivative with {len(node.shape)} axes; at most {MOST_AXES}")
