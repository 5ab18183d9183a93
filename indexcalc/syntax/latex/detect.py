"""Which notation a text is in.

In: a text. Out: `latex` if it has a sign that LaTeX alone has, else `text`.

>>> detect("y = W x  # costs $5"), detect(r"\\frac12 x"), detect("$y = Wx$"), detect("a &= b")
('text', 'latex', 'latex', 'latex')
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Notation = Literal["auto", "text", "latex"]
NOTATIONS: tuple[Notation, ...] = ("auto", "text", "latex")

NONE_GIVEN: Mapping[str, tuple[str, ...]] = MappingProxyType({})  # arguments of tensors

COMMENT = re.compile(r"#[^\n]*")
LATEX_ALONE = re.compile(r"[\\$&]")


def detect(text: str) -> Literal["text", "latex"]:
    """The notation of `text`."""
    return "latex" if LATEX_ALONE.search(COMMENT.sub("", text)) else "text"
