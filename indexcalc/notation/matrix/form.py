"""Matrix text: a node of at most two axes as a formula without indices.

In: a node without derivatives, and the names of the program. Out: an `Arrangement` with a where
list, or its text. A vector is a column; the rows of a matrix are the first axis.
"""

from __future__ import annotations

from indexcalc.errors import FormulaError
from indexcalc.ir.node import Node
from indexcalc.notation.component import Arrangement
from indexcalc.notation.names import NameStyle
from indexcalc.notation.text import formula_text

PLAIN = NameStyle()


def to_matrix(node: Node, names: NameStyle = PLAIN) -> str:
    """The node as text, followed by its where list if it has one.

    Raises `FormulaError` if there is no matrix form; it says why.
    """
    made = matrix_arrangement(node, names)
    lines = [formula_text(made.formula, made.spelling)]
    lines += [
        f"  where {line.name} = {formula_text(line.formula, made.spelling)}" for line in made.where
    ]
    return "\n".join(lines)


def matrix_arrangement(node: Node, names: NameStyle = PLAIN) -> Arrangement:
    """The node arranged and not yet spelled; a line of the where list has no letters.

    Raises `FormulaError` if there is no matrix form; it says why.
    """
    raise FormulaError("a matrix form is not known")
