"""What has to be known of a graph before it can be arranged as lines of text.

In: a node, and the names of the program. Out: a `Reading`: the parts that get a line of their own,
every printed node as a term, and where letters repeat. Made bottom-up, in linear time.

>>> from indexcalc.ir.build import builtin, variable
>>> x = variable("x", ())
>>> made = read(builtin("exp", x), NameStyle())
>>> made.lines, len(made.terms)
([], 2)
"""

from __future__ import annotations

from dataclasses import dataclass, field

from indexcalc.ir.node import (
    Apply,
    Call,
    Constant,
    Node,
    Reduce,
    Size,
    Sum,
    Variable,
)
from indexcalc.ir.walk import postorder
from indexcalc.notation.names import NameStyle, Rank
from indexcalc.notation.order import name_ranks
from indexcalc.notation.patterns import softmax_of, stripped
from indexcalc.notation.scope import NONE, usage
from indexcalc.notation.sharing import shared_parts
from indexcalc.notation.term import Term, is_atom, term_of


@dataclass(slots=True)
class Reading:
    """`lines` are the nodes of the where list, arguments first; `named` gives their names.

    `known` are all other names in use. A dummy that occurs more than `most` times in a term gets a
    sum sign.
    """

    lines: list[Node] = field(default_factory=list)
    named: dict[Node, str] = field(default_factory=dict)
    terms: dict[Node, Term] = field(default_factory=dict)
    repeats: dict[Node, frozenset[int]] = field(default_factory=dict)
    ranks: dict[Node, Rank] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    most: int | None = None


def read(root: Node, style: NameStyle) -> Reading:
    """Decide what of `root` is named (with fresh names) and analyse every part of every line."""
    used = {node.name for node in postorder([root]) if isinstance(node, Variable)}
    used |= {style.spelled(name) for name in used}
    known = style.known() | used
    reading = Reading(ranks=name_ranks([root], style.ranks()), known=known)
    below = shared_parts(root)
    for node in below:
        reading.named[node] = ""
    for node in [*below, root]:
        _read_line(reading, node)
        if node is not root:
            reading.lines.append(node)
    fresh = style.fresh_names("t", used)
    for node in reading.lines:
        reading.named[node] = next(fresh)
    return reading


def _read_line(reading: Reading, root: Node) -> None:
    """Analyse one line from the leaves up; what cannot be written in place becomes a line."""

    def parts(node: Node) -> tuple[Node, ...]:
        return () if node in reading.named and node is not root else _shown(reading, node, root)

    for node in postorder([root], parts):
        if node in reading.named and node is not root:
            continue
        if isinstance(node, Call | Reduce):
            _name_argument(reading, node.argument, _line_of_its_own(reading, node))
        if node is not root or node not in reading.named:
            reading.repeats[node] = _repeats(reading, node)


def _shown(reading: Reading, node: Node, root: Node) -> tuple[Node, ...]:
    """The nodes that are printed inside `node`, which is made a term here."""
    if node not in reading.terms or node is root:
        reading.terms[node] = term_of(node, reading.named, opened=node is root)
    term = reading.terms[node]
    if not is_atom(term, node):
        return tuple(part.node for part in term.parts)
    return _inside(node)


def _line_of_its_own(reading: Reading, node: Call | Reduce) -> Node | None:
    """What of the argument cannot be written in place, if anything.

    In `inv(…)` no left-hand side makes an index free, so one that repeats in a term would be
    summed. What is written several times needs a name, too.
    """
    argument = node.argument
    if isinstance(node, Reduce):
        several = node.operation == "reverse_cumsum" and not is_leaf(argument)
        return argument if several else None
    if not reading.repeats.get(argument):
        return None
    inner = stripped(argument)
    embedded = len(inner.shape) < len(argument.shape)
    return argument if embedded or is_leaf(inner) else inner  # `x_i δ_ij` needs a name, too


def _name_argument(reading: Reading, argument: Node, inner: Node | None) -> None:
    if inner is None:
        return
    if inner not in reading.named:
        reading.named[inner] = ""
        reading.lines.append(inner)
        if inner not in reading.terms:  # it was seen only as part of another term
            reading.terms[inner] = term_of(inner, reading.named, opened=True)
    reading.repeats[inner] = reading.repeats[argument] = NONE
    if argument is not inner:
        reading.terms[argument] = term_of(argument, reading.named)


def _repeats(reading: Reading, node: Node) -> frozenset[int]:
    term = reading.terms[node]
    if not is_atom(term, node):
        return usage(term, reading.repeats, reading.named).repeating_axes()
    match node:
        case Call():
            return NONE
        case Sum() | Apply() | Reduce():
            inside = (reading.repeats.get(part, NONE) for part in _inside(node))
            return NONE.union(*inside) - _bound_axes(node)
        case _:
            return NONE


def _bound_axes(node: Node) -> frozenset[int]:
    """Axes of the arguments that the operation itself makes free within."""
    softmax = softmax_of(node)
    if softmax:
        return frozenset(softmax[1])
    if isinstance(node, Reduce):
        rank = len(node.argument.shape)
        return frozenset(range(rank - node.rank, rank))
    return NONE


def _inside(node: Node) -> tuple[Node, ...]:
    softmax = softmax_of(node)
    return (softmax[0],) if softmax else node.arguments


def is_leaf(node: Node) -> bool:
    """Whether `node` is printed as a name or number."""
    return isinstance(node, Variable | Constant | Size)
