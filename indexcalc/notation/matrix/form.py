"""Matrix text: a node of at most two axes as a formula without indices.

In: a node without derivatives, and the names of the program. Out: an `Arrangement` with a where
list, or its text. A vector is a column; the rows of a matrix are the first axis.

>>> from indexcalc.ir.build import multiply, power, variable
>>> from indexcalc.ir.contraction import contract
>>> from indexcalc.ir.extent import Extent
>>> m, n = Extent.named("m"), Extent.named("n")
>>> W, x, s = variable("W", (m, n)), variable("x", (n,)), variable("s", (m,))
>>> to_matrix(contract([(s, "i"), (s, "i"), (x, "j")], "ij"))
's.^2 x^T'
>>> to_matrix(contract([(W, "ij"), (s, "i")], "j"))
'W^T s'
"""

from __future__ import annotations

from indexcalc.errors import FormulaError
from indexcalc.ir.node import Node, Variable
from indexcalc.ir.walk import postorder
from indexcalc.notation.component import Arrangement, Line, component
from indexcalc.notation.formula import Formula, shared_names
from indexcalc.notation.letters import Letters
from indexcalc.notation.matrix.even import evened
from indexcalc.notation.matrix.forms import Forms
from indexcalc.notation.matrix.prepare import prepared
from indexcalc.notation.matrix.step import Refusal, Task, axes_text
from indexcalc.notation.matrix.vec.form import vec_arrangement
from indexcalc.notation.matrix.vec.separation import is_reshape
from indexcalc.notation.names import NameStyle
from indexcalc.notation.sharing import shared_parts
from indexcalc.notation.spelling import Spelling
from indexcalc.notation.text import formula_text

PLAIN = NameStyle()
MOST_AXES = 2


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
    if len(node.shape) > MOST_AXES:
        axes = axes_text(len(node.shape))
        raise _refused(Refusal(f"the result has {axes}, and a matrix has two"), node, names)
    if any(map(is_reshape, postorder([node]))):
        try:
            return vec_arrangement(node, min(len(node.shape), 1), names)
        except FormulaError:
            pass  # what is refused here says what stands in the way
    root, even = evened(prepared(node))
    used = {part.name for part in postorder([root]) if isinstance(part, Variable)}
    used |= {names.spelled(name) for name in used}
    below = [part for part in shared_parts(root) if len(part.shape) <= MOST_AXES]
    known = names.known() | used
    while True:
        named = dict(zip(below, names.fresh_names("t", used), strict=False))
        lines = [
            Forms(named, names.ranks(), known, opened=part, even=even) for part in (*below, root)
        ]
        formulas = [_formula(line, node, names) for line in lines]
        shown = {name for made in formulas for name in shared_names(made)}
        if len(shown) == len(below):
            break
        below = [part for part in below if named[part] in shown]
    where = [Line(name, (), made) for name, made in zip(named.values(), formulas, strict=False)]
    return Arrangement(formulas[-1], tuple(where), Spelling(names, known, whole=True))


def _formula(forms: Forms, node: Node, names: NameStyle) -> Formula:
    """One line; a refusal is about the whole node."""
    assert forms.opened is not None
    found = forms.found(Task(forms.opened))
    if isinstance(found, Refusal):
        raise _refused(found, node, names)
    return found.plain.formula


def _refused(refusal: Refusal, node: Node, names: NameStyle) -> FormulaError:
    reason = refusal.reason
    if refusal.product not in (None, node):
        reason += f":  {_with_indices(refusal.product, names)}"
    return FormulaError(
        f"there is no matrix form: {reason}", hint=f"with indices:  {_with_indices(node, names)}"
    )


def _with_indices(node: Node, names: NameStyle) -> str:
    supply = Letters(())
    letters = [supply.fresh(names.letters.get(extent, ())) for extent in node.shape]
    return component(node, letters, names).text
