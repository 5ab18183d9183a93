"""LaTeX on one line, for a reader.

In: a part of a text. Out: the same without line ends and, if it is LaTeX, without what TeX needs
for setting alone: `&`, `\\\\`, spacing, labels.

>>> print(tidied("dL &= e^{-x}\\\\,dx \\\\\\\\\\n &= y"))
dL = e^{-x} dx = y
>>> tidied("a  == b & c")
'a == b & c'
"""

from __future__ import annotations

import re

NOISE = re.compile(
    r"""\\\\\*?(?:\[[^\]\n]{0,20}\])? | \\(?:cr|q?quad|nonumber|notag|displaystyle)(?![A-Za-z])
    | \\(?:label|tag)\{[^{}]*\} | \\[,;:!>\ ] | & | ~""",
    re.VERBOSE,
)


def tidied(text: str) -> str:
    """The text on one line."""
    return " ".join((NOISE.sub(" ", text) if "\\" in text else text).split())
