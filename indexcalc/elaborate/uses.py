"""Where names are used, and how: with how many indices, or as the head of a call.

In: a tree, and the names that are declared or defined. Out: uses in source order. Nothing is
decided here; `symbols` does that once all statements were looked through.

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_query
>>> found = uses_in(parse_query(Source("y w_i σ(z_i)")), Known())
>>> [(use.name, use.rank, use.called) for use in found]
[('y', None, False), ('w', 1, False), ('σ', None, True), ('z', 1, False)]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass, field

from indexcalc.elaborate.names import (
    Marked,
    Reference,
    canonical,
    has_greek_word,
    index_list,
    long_index_names,
    marked_name,
    refer,
    whole_name,
)
from indexcalc.elaborate.vocabulary import FUNCTIONS, KEEPS_INDEX
from indexcalc.errors import Span
from indexcalc.syntax import tree
from indexcalc.syntax.tree import Tree

TRANSPOSED = ("T", "⊤")
KEEPS_AXES = KEEPS_INDEX | {"inv"}


@dataclass(slots=True)
class Known:
    """Names that the text introduces: tensors, functions, extents; ranks of declared tensors; long
    index names."""

    tensors: dict[str, Span] = field(default_factory=dict)
    functions: dict[str, Span] = field(default_factory=dict)
    extents: MutableMapping[str, Span] = field(default_factory=dict)
    ranks: MutableMapping[str, int] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)

    def __contains__(self, name: object) -> bool:
        return name in self.tensors or name in self.functions

    def refer(self, marked: Marked) -> Reference:
        """Name and indices of a marked name."""
        reference = refer(marked, self, self.words)
        if self.extents and reference.indices is not None and reference.name not in self:
            size = whole_name(marked)
            if size in self.extents:
                return Reference(size, None)  # `√d_k` where an extent is called d_k
        rank = self.ranks.get(reference.name)
        if rank is None or not has_greek_word(marked):
            return reference
        return refer(marked, self, self.words, rank)


@dataclass(frozen=True, slots=True)
class Use:
    """A name at a place; `rank` is the number of indices, None without any."""

    name: str
    rank: int | None
    called: bool
    span: Span
    arguments: int = 0


def is_transposition(exponent: Tree, known: Known) -> bool:
    """Whether `^exponent` is `^T` (or `^-T`) and T is no variable of the text."""
    if isinstance(exponent, tree.Negative):
        exponent = exponent.inner
    return (
        isinstance(exponent, tree.Name)
        and exponent.text in TRANSPOSED
        and exponent.text not in known
    )


def called_name(call: tree.Apply) -> Marked | None:
    """The name before the bracket, without primes."""
    head = call.head
    while isinstance(head, tree.Primed):
        head = head.base
    return marked_name(head)


def parts_below(node: Tree, known: Known) -> tuple[Tree, ...]:
    """The children that are expressions: no head of a call, T of a transpose, range of a sum."""
    match node:
        case tree.Apply():
            return node.arguments
        case tree.Power() if is_transposition(node.exponent, known):
            return (node.base,)
        case tree.Reduction():
            return (node.body,)
        case _:
            return node.children()


def uses_in(root: Tree, known: Known) -> list[Use]:
    """Every use of a name at or below `root`, left to right."""
    found: list[Use] = []
    stack = [root]
    while stack:
        node = stack.pop()
        marked = marked_name(node)
        inner = None if marked is not None else _indexed_name(node, known)
        found += _uses_at(node, marked, inner, known)
        if marked is None and inner is None:
            stack.extend(reversed(parts_below(node, known)))
    return found


def everything_in(root: Tree) -> list[Tree]:
    """All trees at and below `root`, from left to right, wholes before parts."""
    found: list[Tree] = []
    stack = [root]
    while stack:
        node = stack.pop()
        found.append(node)
        stack += node.children()[::-1]
    return found


def walk(root: Tree, parts: Callable[[Tree], tuple[Tree, ...]]) -> Iterator[Tree]:
    """Trees from left to right, wholes before parts."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(parts(node)))


def _uses_at(node: Tree, marked: Marked | None, inner: Marked | None, known: Known) -> list[Use]:
    """The use that this node itself is: a name, an indexed matrix expression, a call."""
    if marked is not None:
        reference = known.refer(marked)
        rank = None if reference.indices is None else len(reference.indices)
        return [Use(reference.name, rank, False, node.span)]
    if isinstance(node, tree.Apply):
        head = called_name(node)
        return [_head_use(head, node, known)] if head is not None else []
    if inner is not None and isinstance(node, tree.Subscripted):
        reference = known.refer(inner)
        rank = len(index_list(node.subscripts, known.words))
        return [Use(reference.name, rank, False, node.span)]
    return []


def _head_use(head: Marked, call: tree.Apply, known: Known) -> Use:
    reference = known.refer(head)
    builtin = reference.name in FUNCTIONS and reference.name not in known
    if reference.indices is not None and not builtin:
        return Use(reference.name, len(reference.indices), False, head.span)
    return Use(reference.name, None, True, head.span, len(call.arguments))


def _indexed_name(node: Tree, known: Known) -> Marked | None:
    """The name in `W^T_ij`, `A^-1_ij`, `inv(A)_ij`: it has as many axes as there are indices."""
    if not isinstance(node, tree.Subscripted):
        return None
    part: Tree | None = node.base
    while part is not None and (inner := _same_axes(part, known)) is not part:
        part = inner
    if part is None:
        return None
    marked = marked_name(part)
    if marked is None or known.refer(marked).indices is not None:
        return None
    return marked


def _same_axes(part: Tree, known: Known) -> Tree | None:
    """What lies as `part` does or transposed: below a power, bracket or function; else `part`.

    None for a power that is none of a matrix.
    """
    match part:
        case tree.Power():
            whole = is_transposition(part.exponent, known) or _is_whole(part.exponent)
            return part.base if whole else None
        case tree.Transpose() | tree.Primed():
            return part.base
        case tree.Bracket():
            return part.inner
        case tree.Apply(arguments=(argument,)):
            head = called_name(part)
            name = known.refer(head).name if head is not None else ""
            return argument if name not in known and FUNCTIONS.get(name) in KEEPS_AXES else part
        case _:
            return part


def _is_whole(exponent: Tree) -> bool:
    if isinstance(exponent, tree.Negative):
        exponent = exponent.inner
    return isinstance(exponent, tree.Number)


def letters_in(root: Tree) -> set[str]:
    """Every sign and every word that stands in a subscript at or below `root`."""
    found: set[str] = set()
    for node in everything_in(root):
        if isinstance(node, tree.Subscript):
            for item in node.items:
                found |= {canonical(item), *item}
    return found


def long_names_in(root: Tree) -> set[str]:
    """Index names of several letters that `root` has."""
    found: set[str] = set()
    for node in everything_in(root):
        if isinstance(node, tree.Subscripted):
            found |= long_index_names(node.subscripts)
        elif isinstance(node, tree.Reduction):
            for subscript in node.indices:
                found |= long_index_names((subscript,))
    return found
