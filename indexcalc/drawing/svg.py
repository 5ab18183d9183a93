"""The contraction graph of a tensor as an SVG picture.

In: a node, letters for its axes, the names of the program. Out: a complete SVG text: tensors are
discs, indices are lines with a letter, free indices end at their letter. It needs no script and no
other file, and follows the viewer's choice of a light or a dark background.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.extent import Extent
>>> text = draw(variable("x", (Extent.named("n"),)), ["i"], NameStyle())
>>> text[:42], text.count('class="leg"')
('<svg xmlns="http://www.w3.org/2000/svg" wi', 1)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import assert_never
from xml.sax.saxutils import escape, quoteattr

from indexcalc.drawing.diagram import diagram
from indexcalc.drawing.lettering import SHIFTS, SMALL, Lettering, Style
from indexcalc.drawing.measures import RADIUS
from indexcalc.drawing.naming import with_names
from indexcalc.drawing.palette import SCOPE, style_sheet
from indexcalc.drawing.rows import picture
from indexcalc.drawing.shapes import Mark, MarkKind, Shape, Shapes, Wire, Words
from indexcalc.errors import FormulaError
from indexcalc.ir.node import Node
from indexcalc.notation.component import Arrangement, arrangement
from indexcalc.notation.names import NameStyle
from indexcalc.notation.text import formula_text

LONGEST_TITLE = 500
UNTITLED = "contraction graph"
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def draw(node: Node, letters: Sequence[str], names: NameStyle) -> str:
    """The picture of a node whose axes have these letters, as `to_component` prints it.

    Raises `IndexNotationError` if the letters do not fit the axes, `FormulaError` for what has no
    component form, `LimitError` if there is too much to be drawn.
    """
    made = arrangement(node, letters, names)
    used = {line.name for line in made.where} | made.spelling.known
    lines = with_names(diagram(made, letters), names.fresh_names("t", used))
    return svg_text(picture(lines), _title(made))


def _title(made: Arrangement) -> str:
    """The formula as text, if it has a spelling: a dot can be drawn where δ is a name."""
    try:
        return formula_text(made.formula, made.spelling)
    except FormulaError:
        return UNTITLED


def svg_text(shapes: Shapes, title: str) -> str:
    """A standalone SVG of the shapes."""
    if len(title) > LONGEST_TITLE:
        title = title[: LONGEST_TITLE - 1] + "…"
    wide, high = _number(shapes.width), _number(shapes.height)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" '
        f'viewBox="0 0 {wide} {high}" role="img" class="{SCOPE}">',
        f"<title>{_escaped(title)}</title>",
        f"<style>{style_sheet()}</style>",
        f'<rect class="paper" width="{wide}" height="{high}" rx="8"/>',
        *(_drawn(shape) for shape in shapes.marks),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _drawn(shape: Shape) -> str:
    match shape:
        case Mark():
            return _mark(shape)
        case Words():
            return _words(shape)
        case Wire():
            return f'<path class="{shape.kind.value}"{_data(shape.letter)} d="{_path(shape)}"/>'
        case _:
            assert_never(shape)


def _mark(mark: Mark) -> str:
    if mark.kind is MarkKind.DOT:
        place = f'cx="{_number(mark.x)}" cy="{_number(mark.y)}" r="{_number(mark.width / 2)}"'
        return f'<circle class="dot" {place}/>'
    tensor = min(mark.width / 2, mark.height / 2, RADIUS)
    round_corners = {MarkKind.TENSOR: tensor, MarkKind.CONDITION: 0.0}
    corner = round_corners.get(mark.kind, 9.0)
    left, top = _number(mark.x - mark.width / 2), _number(mark.y - mark.height / 2)
    return (
        f'<rect class="{mark.kind.value}" x="{left}" y="{top}" width="{_number(mark.width)}" '
        f'height="{_number(mark.height)}" rx="{_number(corner)}"/>'
    )


def _words(words: Words) -> str:
    baseline = words.y + 0.34 * words.size
    return (
        f'<text class="{words.kind.value}" x="{_number(words.x)}" y="{_number(baseline)}" '
        f'font-size="{_number(words.size)}" text-anchor="{words.anchor}">'
        f"{_spans(words.lettering, words.size)}</text>"
    )


def _spans(lettering: Lettering, size: float) -> str:
    out: list[str] = []
    level = 0.0
    for run in lettering:
        wanted = SHIFTS.get(run.style, 0.0) * size
        attributes = f' dy="{_number(wanted - level)}"' if wanted != level else ""
        if run.style in SHIFTS:
            attributes += f' font-size="{_number(SMALL * size)}"'
        if run.style is Style.AXES:
            attributes += ' class="axes"'
        letters = run.style is Style.AXES and "," not in run.text.strip(",")
        if run.style is Style.ITALIC or letters:
            attributes += ' font-style="italic"'
        level = wanted
        text = _escaped(run.text)
        out.append(f"<tspan{attributes}>{text}</tspan>" if attributes else text)
    return "".join(out)


def _path(wire: Wire) -> str:
    (x, y), *rest = wire.points
    if wire.is_loop:
        tip = wire.points[-1][0]
        far = _number(x + (tip - x) / 0.75)
        up, down = _number(y - 28), _number(y + 28)
        start = f"{_number(x)} {_number(y)}"
        return f"M{start}C{far} {up} {far} {down} {start}"
    out = [f"M{_number(x)} {_number(y)}"]
    for right, down_ in rest:
        end = f"{_number(right)} {_number(down_)}"
        if abs(down_ - y) < 0.05:
            out.append(f"L{end}")
        else:
            middle = _number((x + right) / 2)
            out.append(f"C{middle} {_number(y)} {middle} {_number(down_)} {end}")
        x, y = right, down_
    return "".join(out)


def _data(letter: str) -> str:
    return f" data-index={quoteattr(_ILLEGAL.sub('�', letter))}"


def _escaped(text: str) -> str:
    return escape(_ILLEGAL.sub("�", text))


def _number(value: float) -> str:
    """With one decimal at most."""
    text = f"{value:.1f}"
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text
