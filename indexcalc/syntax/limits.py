"""Bounds on what the parser takes in, so that no text makes it run away.

In: nothing. Out: the bounds, which a caller may set otherwise; going beyond one is a
`LimitError` that names it.

>>> SyntaxLimits(depth=10).depth
10
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SyntaxLimits:
    """Largest text, deepest bracket, and so on, that is read.

    `characters` of the whole text; `depth` of brackets in brackets; `order` of one derivative;
    `digits` of one number, its exponent's zeros included (4,000 at most); `subscripts` of one name.
    """

    characters: int = 5_000_000
    depth: int = 50_000
    order: int = 100
    digits: int = 400
    subscripts: int = 64


DEFAULT_LIMITS = SyntaxLimits()
