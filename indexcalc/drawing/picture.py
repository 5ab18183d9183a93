"""A picture that can be shown, saved and printed as text.

In: an SVG text. Out: an object that notebooks show.

>>> picture = Picture("<svg/>")
>>> str(picture), picture._repr_svg_()
('<svg/>', '<svg/>')
"""

from __future__ import annotations

from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Picture:
    """`svg` is a complete SVG text."""

    svg: str = field(repr=False)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the picture as an SVG file."""
        Path(path).write_text(self.svg, encoding="utf-8", newline="\n")

    def _repr_svg_(self) -> str:
        return self.svg

    def __str__(self) -> str:
        """The SVG text."""
        return self.svg
