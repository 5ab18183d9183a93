"""Formulas in lines: equals signs in one column, long ones broken, remarks behind.

In: rows of a left side, a right side and a remark, and the number of columns (None: no limit). Out:
lines. A right side that is too long is broken before `+` and `-`, outside of brackets first.

>>> rows = [Row("∂f/∂x_i", "2 x_i"), Row("∂²f/∂x_i∂x_j", "2 δ_ij", "axes i of x, then j of x")]
>>> print("\\n".join(laid_out(rows, None)))
∂f/∂x_i      = 2 x_i
∂²f/∂x_i∂x_j = 2 δ_ij    # axes i of x, then j of x
>>> broken("a (b + c) + d (e - f)", 12)
['a (b + c)', '+ d (e - f)']
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import combining, east_asian_width

WIDEST = 72  # a line that is longer is not what others are aligned to
GAP = "    "
INDENT = "  "
NARROWEST = 24  # columns that a right side needs
FACTORS = 50  # breaks between factors come after those at + and -
OPENING, CLOSING = "([{", ")]}"
BREAK = re.compile(r" (?:[-+⟹] )?")


@dataclass(frozen=True, slots=True)
class Row:
    """`left = right`, with lines below it (`where …`) in `right`, and a remark."""

    left: str
    right: str
    remark: str = ""


def columns(text: str) -> int:
    """How many columns a text takes on a terminal."""
    return sum(0 if combining(sign) else 1 + (east_asian_width(sign) in "WF") for sign in text)


def padded(text: str, width: int) -> str:
    """The text with blanks up to a number of columns."""
    return text + " " * (width - columns(text))


def laid_out(rows: Sequence[Row], width: int | None, joint: str = " = ") -> list[str]:
    """The lines of all rows."""
    lefts = [columns(row.left) for row in rows]
    widest = max((left for left in lefts if left <= WIDEST), default=0)
    pieces = [_row(row, max(widest, columns(row.left)), width, joint) for row in rows]
    remarked = [own[0] for row, own in zip(rows, pieces, strict=True) if row.remark and not own[1:]]
    remarks = max((columns(line) for line in remarked if columns(line) <= WIDEST), default=0)
    lines: list[str] = []
    for row, own in zip(rows, pieces, strict=True):
        _, *below = row.right.split("\n")
        margin = " " * columns(padded(row.left, widest) + joint)
        lines += with_remark(own, row.remark, width, (remarks, GAP, margin))
        lines += [part for line in below for part in _below(line, width, margin * joint.isspace())]
    return lines


def _row(row: Row, left: int, width: int | None, joint: str) -> list[str]:
    """The lines of one right side, without its remark."""
    head = padded(row.left, left) + joint
    first = row.right.split("\n")[0]
    if width is None or columns(head + first) <= width:
        return [(head + first).rstrip()]
    if width - columns(head) < NARROWEST:
        parts = broken(first, width - len(GAP))
        return [head.rstrip(), *(GAP + part for part in parts)]
    start, *others = broken(first, width - columns(head))
    return [head + start, *(" " * columns(head) + other for other in others)]


def _below(line: str, width: int | None, margin: str) -> list[str]:
    """A line of a list, `where t1 = …`, which starts at the margin if there is one."""
    line = margin + line.removeprefix(INDENT) if margin else line
    if width is None or columns(line) <= width:
        return [line]
    head, equals, right = line.partition(" = ")
    indent = columns(head + equals)
    start, *others = broken(right, max(width - indent, NARROWEST))
    return [head + equals + start, *(" " * indent + other for other in others)]


def with_remark(
    lines: list[str], remark: str, width: int | None, place: tuple[int, str, str] = (0, "  ", GAP)
) -> list[str]:
    """Lines with a remark behind the last one; below it where there is no room.

    `place` is the column at which remarks stand, the gap before them, and the margin below.
    """
    if not remark:
        return lines
    column, gap, margin = place
    line = padded(lines[-1], column if len(lines) == 1 else 0) + f"{gap}# {remark}"
    if width is None or columns(line) <= width:
        return [*lines[:-1], line]
    room = width - columns(margin) - 2
    if columns(remark) > room:
        margin = GAP
    return [*lines, f"{margin}# {remark}"]


# --- long formulas ------------------------------------------------------------------------------


def broken(text: str, width: int) -> list[str]:
    """The text in pieces of at most `width` columns, as far as it has places to break at."""
    places = _places(text)
    done: list[str] = []
    waiting = [(0, len(text), 0)]
    while waiting:
        start, end, indent = waiting.pop()
        inside = [place for place in places if start < place[0] and place[1] < end]
        if indent + columns(text[start:end]) <= width or not inside:
            done.append(" " * indent + text[start:end])
            continue
        lowest = min(rank for _, _, rank in inside)
        cuts = [(at, after) for at, after, rank in inside if rank == lowest]
        inner = indent + 2 * (lowest % FACTORS > 0)
        waiting += reversed(_packed(text, start, end, cuts, (indent, inner, width)))
    return done


def _places(text: str) -> list[tuple[int, int, int]]:
    """Where a line may end and the next one start; outside of brackets has the lowest rank."""
    depth = 0
    places: list[tuple[int, int, int]] = []
    starts = {found.start(): found[0] for found in BREAK.finditer(text)}
    for position, sign in enumerate(text):
        depth += (sign in OPENING) - (sign in CLOSING)
        if position in starts:
            rank = depth if len(starts[position]) > 1 else depth + FACTORS
            places.append((position, position + 1, rank))
    return places


def _packed(
    text: str, start: int, end: int, cuts: list[tuple[int, int]], measure: tuple[int, int, int]
) -> list[tuple[int, int, int]]:
    """As much as fits on each line."""
    first, inner, width = measure
    lines: list[tuple[int, int, int]] = []
    stops = [at for at, _ in cuts] + [end]
    begin, indent, last = start, first, 0
    for number, stop in enumerate(stops):
        too_long = indent + columns(text[begin:stop]) > width
        if too_long and number > 0 and stops[number - 1] > begin:
            lines.append((begin, stops[number - 1], indent))
            begin, indent = cuts[number - 1][1], inner
        last = stop
    lines.append((begin, last, indent))
    return lines
