"""What was found out about a claim, as a text that a person can read.

In: the claim, its links, and what is known to make it true. Out: lines. First the claim and the
answer; then each link of a chain; below a link that breaks, what does not conform, or the entry
at which the sides differ most, with both values and the point.

>>> print(told("a == b == c", "proved", (Link("a", "b", "proved"), Link("b", "c", "proved"))))
a == b == c
  proved
  1. a == b  proved
  2. b == c  proved
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.claims.links import Counterexample, Link, Status
from indexcalc.errors import FormulaError
from indexcalc.syntax.latex.tidy import tidied

DIGITS, ALL_DIGITS = 6, 17
CLOSE = 1e-4  # a difference over the values that needs more digits to be seen
MOST_ENTRIES = 12  # of an array that is written out
LONGEST_SIDE = 48

ANSWERS: dict[Status, str] = {
    "proved": "proved",
    "agrees": "agrees",
    "differs": "differs",
    "ill-shaped": "ill-shaped",
    "undecided": "undecided",
}


def told(
    claim: str,
    status: Status,
    links: Sequence[Link],
    correction: str = "",
    edit: str = "",
) -> str:
    """The report of a verdict."""
    lines = [tidied(claim)]
    broken = next((k for k, link in enumerate(links) if link.breaks), None)
    if len(links) == 1:
        lines.append(f"  {_answer(links[0])}")
        lines += _details(links[0], "  ")
    else:
        where = f" at link {broken + 1} of {len(links)}" if broken is not None else ""
        lines.append(f"  {ANSWERS[status]}{where}")
        lines += _chain(links, broken)
    if edit.startswith("true if"):
        lines.append(f"  it is {edit}")
    elif edit:
        lines.append(f"  the smallest change that makes it true: {edit}")
    if correction:
        lines.append(f"  right would be: {' '.join(correction.split())}")
    return "\n".join(lines)


def _chain(links: Sequence[Link], broken: int | None) -> list[str]:
    texts = [f"{k}. {_short(link.left)} == {_short(link.right)}" for k, link in enumerate(links, 1)]
    width = max(map(len, texts))
    lines: list[str] = []
    for k, (text, link) in enumerate(zip(texts, links, strict=True)):
        first = "   <- the first link that breaks" if k == broken and len(links) > 1 else ""
        lines.append(f"  {text.ljust(width)}  {_answer(link)}{first}")
        lines += _details(link, "     ", brief=broken is not None and k > broken)
    return lines


def _answer(link: Link) -> str:
    """The status, and how far it goes."""
    text = ANSWERS[link.status]
    if link.status == "agrees":
        points = "point" if link.points == 1 else "points"
        text += f" (not proved; equal to rounding at {link.points} random {points})"
    if link.constants and not link.breaks:
        text += f", with {', '.join(link.constants)} held constant"
    return text


def _details(link: Link, margin: str, *, brief: bool = False) -> list[str]:
    """What is to be said below a link; `brief` leaves out the point."""
    lines: list[str] = []
    if link.problem is not None:
        lines += str(_without_hint(link.problem)).splitlines()
    elif link.reason:
        lines.append(link.reason)
    if link.counterexample is not None:
        lines += _example(link.counterexample)[: 3 if brief else None]
        if link.constants:
            lines.append(f"held constant: {', '.join(link.constants)}")
    lines += [f"note: {note}" for note in link.notes]
    return [margin + line for line in lines]


def _without_hint(error: FormulaError) -> FormulaError:
    return FormulaError(error.message, *error.marks)


def _example(example: Counterexample) -> list[str]:
    entry = ", ".join(f"{letter} = {k + 1}" for letter, k in example.entry.items())
    where = f" in the entry {entry} (counted from 1)" if entry else ""
    close = example.size < CLOSE * max(abs(example.left), abs(example.right))
    digits = ALL_DIGITS if close else DIGITS
    lines = [
        f"the largest difference found is {_number(example.size)}{where}:",
        f"  left  {_number(example.left, digits)}",
        f"  right {_number(example.right, digits)}",
    ]
    sizes = ", ".join(f"{name} = {size}" for name, size in sorted(example.sizes.items()))
    lines.append(f"at a random point{f' with {sizes}' if sizes else ''}:")
    lines += [f"  {name} = {_array(array)}" for name, array in sorted(example.values.items())]
    lines += [f"  {name}(z) = {text}" for name, text in sorted(example.functions.items())]
    return lines


def _number(value: float, digits: int = DIGITS) -> str:
    return f"{value:.{digits}g}"


def _array(array: NDArray[Any]) -> str:
    """The entries on one line, or the shape of a large array."""
    if array.size > MOST_ENTRIES:
        return f"an array of {'×'.join(map(str, array.shape))}"
    return np.array2string(
        np.asarray(array), precision=4, separator=", ", max_line_width=10**6
    ).replace("\n", "")


def _short(side: str) -> str:
    text = tidied(side)
    return text if len(text) <= LONGEST_SIDE else text[: LONGEST_SIDE - 1] + "…"
