"""Which axes of a result are the rows and which the columns, and how to say it.

In: a query. Out: the number of axes that are rows, and a line that states the layout.

>>> from indexcalc.errors import Source
>>> from indexcalc.session import Session
>>> from indexcalc.syntax.parser import parse_program
>>> session = Session(parse_program(Source("z = W x; W[m, n], x[n]")))
>>> jacobian = session.query(session.parsed("∂z/∂W"))
>>> rows(jacobian), index_layout(jacobian)
(1, 'axes i of z, then j, k of W')
>>> vec_layout(jacobian)
'rows z, columns vec(W), columns stacked'
"""

from __future__ import annotations

from indexcalc.elaborate.elaborated import Query
from indexcalc.ir.node import Derivative, Variable
from indexcalc.syntax import tree

NUMERATOR, DENOMINATOR = "numerator", "denominator"
LAYOUTS = (NUMERATOR, DENOMINATOR)


def rows(query: Query) -> int | None:
    """How many of the first axes are rows, the others being columns; None if nothing tells.

    A Jacobian has the axes of the numerator as rows; a Hessian those of the variable that stands
    first; a gradient, or any tensor of one or two axes, all of them, and no columns.
    """
    rank = len(query.shape)
    groups = _groups(query)
    if rank == 2 and not groups and _is_derivative(query):
        return 1  # of stacked tensors: ∂vec(Y)/∂vec(X)
    if len(groups) < 2:
        return rank if rank <= 2 else None
    return len(groups[0][1]) if len(groups) == 2 else None


def index_layout(query: Query) -> str:
    """The axes in order, with what they are of; empty for fewer than two axes."""
    if len(query.letters) < 2:
        return ""
    groups = _groups(query)
    if len(groups) < 2:
        return f"axes {', '.join(query.letters)}"
    return "axes " + ", then ".join(f"{', '.join(own)} of {name}" for name, own in groups)


def matrix_layout(query: Query, layout: str = NUMERATOR) -> str:
    """What rows and columns of a matrix are; empty for what does not have two axes."""
    if len(query.shape) != 2:
        return ""
    groups = _groups(query)
    if len(groups) < 2:
        return f"the shape of {groups[0][0]}" if groups else ""
    (first, _), (second, _) = groups if layout == NUMERATOR else groups[::-1]
    return f"rows {first}, columns {second}, {layout} layout"


def vec_layout(query: Query) -> str:
    """What is stacked into rows and columns; empty for a scalar or a vector."""
    groups = _groups(query)
    stacked = any(len(own) > 1 for _, own in groups)
    if len(groups) != 2:
        return "columns stacked" if len(query.shape) > 1 else ""
    if not stacked:
        return matrix_layout(query)
    first, second = (f"vec({name})" if len(own) > 1 else name for name, own in groups)
    return f"rows {first}, columns {second}, columns stacked"


def _is_derivative(query: Query) -> bool:
    part = query.tree.value if isinstance(query.tree, tree.Query) else query.tree
    return isinstance(part, tree.Derivative)


def _groups(query: Query) -> list[tuple[str, tuple[str, ...]]]:
    """For a derivative: name and letters of the numerator and each variable that has axes."""
    node = query.node
    if not isinstance(node, Derivative):
        return []
    parts = [(_numerator(query), len(node.numerator.shape))]
    parts += [(variable.name, len(variable.shape)) for variable in node.variables]
    found: list[tuple[str, tuple[str, ...]]] = []
    start = 0
    for name, rank in parts:
        if rank:
            found.append((name, query.letters[start : start + rank]))
            start += rank
    return found


def _numerator(query: Query) -> str:
    node = query.node
    assert isinstance(node, Derivative)
    return node.numerator.name if isinstance(node.numerator, Variable) else "the numerator"
