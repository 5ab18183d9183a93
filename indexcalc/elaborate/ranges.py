"""Ranges of sum signs: `\\sum_{i=1}^{n}` says that the index `i` has the extent `n`.

In: sum signs with the upper end of their range. Out: equations between extents. A name that is
declared as an extent, or a number, must be the extent of the index. A name that nothing else
introduces becomes an extent, so that `\\frac1N \\sum_{i=1}^N x_i` divides by the size of `x`.

>>> from indexcalc.elaborate.program import elaborate
>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_program
>>> text = Source(r"f = \\sum_{i=1}^{n} x_i")
>>> [str(extent) for extent in elaborate(parse_program(text, notation="latex")).symbols["x"].shape]
['n']
"""

from __future__ import annotations

from collections.abc import Iterable

from indexcalc.elaborate.declarations import extent_names, read_extent
from indexcalc.elaborate.extents import is_unknown
from indexcalc.elaborate.indexed import extents_of
from indexcalc.elaborate.names import marked_name
from indexcalc.elaborate.symbols import SymbolTable
from indexcalc.elaborate.term import Letters, Value
from indexcalc.elaborate.uses import Use, everything_in
from indexcalc.errors import Span
from indexcalc.ir.extent import Extent
from indexcalc.syntax import tree
from indexcalc.syntax.tree import Tree


def enter_ranges(roots: Iterable[Tree], uses: Iterable[Use], table: SymbolTable) -> None:
    """Make extents of the names that stand above sum signs and are nothing else."""
    ranges = [extent for root in roots for extent in _ranges_in(root)]
    if not ranges:
        return
    used = {use.name for use in uses if use.called or use.rank is not None}
    for extent in ranges:
        marked = marked_name(extent)
        if marked is None or table.known.refer(marked).indices is not None:
            continue  # `n - 1`, or a component `d_k`
        ((name, place),) = extent_names(extent)
        taken = name in table.symbols or name in table.known or name in table.known.extents
        if taken or name in used:
            continue
        table.known.extents[name] = place.span
        table.extents.solution[name] = table.extents.fresh()
        table.ranges.append(name)


def _ranges_in(root: Tree) -> list[Tree]:
    signs = everything_in(root)
    return [part.extent for part in signs if isinstance(part, tree.Reduction) and part.extent]


def bound_range(node: tree.Reduction, body: Value, letters: Letters, table: SymbolTable) -> None:
    """Hold the indices of a sum sign to its range.

    Raises `ShapeError` if an index has another extent, or if the range is no extent.
    """
    extent = node.extent
    if extent is None or any(name not in table.known.extents for name, _ in extent_names(extent)):
        return
    text = node.span.source.text[node.span.start : node.body.span.start].rstrip()
    sign = Span(node.span.source, node.span.start, node.span.start + len(text))
    given = table.extents.given(read_extent(extent), sign)
    own = extents_of([body], table.extents)
    for letter in letters:
        table.extents.unify(own[letter], given, node.body.span, sign, f"index {letter}")


def name_ranges(table: SymbolTable) -> None:
    """Give extents that are still unknown the names that stand above sum signs."""
    for name in table.ranges:
        solved = table.extents.solve(Extent.named(name))
        if solved.name is not None and is_unknown(solved.name):
            del table.extents.solution[name]
            table.extents.solution[solved.name] = Extent.named(name)
    table.ranges.clear()
