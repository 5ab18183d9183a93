"""Colours and type of a picture, on a light and on a dark background.

In: nothing. Out: the style sheet of an SVG. Its rules begin with the class of the picture, so that
they stay within it where a page holds it.

>>> style_sheet().splitlines()[1]
'.contraction-graph .paper { fill: #ffffff; stroke: none }'
"""

from __future__ import annotations

SCOPE = "contraction-graph"
FONTS = (
    "'STIX Two Text', 'Latin Modern Roman', 'Cambria Math', Cambria, 'Times New Roman', "
    "'DejaVu Serif', serif"
)
_THIN, _THICK = "stroke-width: 1.2", "stroke-width: 1.5"

# what it is for, how it is filled and outlined on a light background, on a dark one, what else
PALETTE = (
    (".paper", ("#ffffff", "none"), ("#16191d", "none"), ""),
    (".tensor", ("#e3eefb", "#3a6ea5"), ("#1f3450", "#7fb0e6"), _THICK),
    (".function", ("#fdf3dc", "#b3862b"), ("#372c14", "#d3a94e"), _THIN),
    (".bracket", ("none", "#8a8f98"), ("none", "#8f96a1"), _THIN),
    (".condition", ("none", "#8a8f98"), ("none", "#8f96a1"), _THIN),
    (".dot", ("#22262c", "none"), ("#e8ebef", "none"), ""),
    ("path", ("none", "#4c535d"), ("none", "#b3bac4"), f"{_THICK}; stroke-linecap: round"),
    ("text", ("#1b1f24", "none"), ("#eef1f4", "none"), f"font-family: {FONTS}"),
    (".index", ("#4c535d", "none"), ("#c3c9d2", "none"), ""),
    (".axes", ("#4c535d", "none"), ("#c3c9d2", "none"), ""),
    (".free", ("#b3261e", "none"), ("#ff9d94", "none"), "font-weight: bold"),
    (".caption", ("#7a5a14", "none"), ("#e6c983", "none"), ""),
)


def style_sheet() -> str:
    """CSS for all classes of shapes; a viewer that prefers dark backgrounds gets one."""
    light = [_rule(name, colours, more) for name, colours, _, more in PALETTE]
    dark = [_rule(name, colours, "") for name, _, colours, _ in PALETTE]
    return "\n".join(["", *light, "@media (prefers-color-scheme: dark) {", *dark, "}", ""])


def _rule(name: str, colours: tuple[str, str], more: str) -> str:
    fill, stroke = colours
    behind = f"; {more}" if more else ""
    return f".{SCOPE} {name} {{ fill: {fill}; stroke: {stroke}{behind} }}"
