"""What a factor looks like: a tensor with a name, or a frame with a caption around something.

In: a record of an arranged formula and its exponent. Out: a `Tensor`, or how it is framed.

>>> from indexcalc.drawing.lettering import plain
>>> from indexcalc.notation.names import NameStyle
>>> z = Symbol(SymbolKind.VARIABLE, "z", ("i",))
>>> spelling = Spelling(NameStyle())
>>> plain(tensor_of(z, ONE, spelling).name), tensor_of(z, ONE + ONE, spelling)
('z', None)
>>> framing = framing_of(Applied("σ", (1,), (), (z,), ()), ONE, spelling)
>>> framing.kind.value, plain(framing.caption)
('function', 'σ′')
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import assert_never

from indexcalc.drawing.lettering import Lettering, Run, Style, lettered, upright, with_axes
from indexcalc.drawing.network import FrameKind, Tensor
from indexcalc.notation.formula import (
    Applied,
    Compared,
    EntryPower,
    Folded,
    Formula,
    Indices,
    Inverted,
    Joined,
    Literal,
    Product,
    Raised,
    Symbol,
    SymbolKind,
    Total,
    Transposed,
)
from indexcalc.notation.spelling import CONSTANTS, DELTAS, Spelling, unhidden
from indexcalc.notation.text import number_text

ONE = Fraction(1)
SIGNS = {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}
Argument = tuple[str, Formula]


@dataclass(frozen=True, slots=True)
class Framing:
    """A frame: what is in it, each part behind its sign, and which letters are free inside.

    `bound` are free inside and not outside. If it `is_closed`, nothing from outside is free inside:
    the frame holds a whole tensor.
    """

    kind: FrameKind
    arguments: tuple[Argument, ...]
    caption: Lettering = ()
    exponent: Lettering = ()
    bound: Indices = ()
    is_closed: bool = False


def tensor_of(part: Formula, exponent: Fraction, spelling: Spelling) -> Tensor | None:
    """A symbol or a number; None for what needs a frame, as the power of each entry does."""
    match part:
        case Literal(value=value):
            base = Run(number_text(value), Style.UPRIGHT)
            return Tensor((base, *exponent_of(exponent)), (), is_number=True)
        case Symbol(indices=()):
            return Tensor((*_symbol(part, spelling), *exponent_of(exponent)), ())
        case Symbol(indices=indices) if exponent == 1:
            return Tensor(_symbol(part, spelling), indices)
        case Transposed(base=Symbol(indices=()) as symbol) if exponent == 1:
            return Tensor((*_symbol(symbol, spelling), _raised("T")), ())
        case Inverted(base=Symbol(indices=()) as symbol) if exponent == 1:
            return Tensor((*_symbol(symbol, spelling), _raised("−1")), ())
        case _:
            return None


def framing_of(part: Formula, exponent: Fraction, spelling: Spelling) -> Framing:
    """The frame around a part that is no tensor, or around a tensor to a power."""
    corner = exponent_of(exponent)
    match part:
        case Applied(indices=indices) if indices and exponent != 1:
            return _bracket((part,), corner)
        case Applied() | Folded():
            return _function(part, corner, spelling)
        case Compared(operator=operator, left=left, right=right):
            sides = (("", left), (SIGNS.get(operator, operator), right))
            return Framing(FrameKind.CONDITION, sides, exponent=corner)
        case Symbol() | Literal() | Product() | Total() | Raised():
            return _bracket((part,), corner)
        case Transposed(base=base) if exponent == 1:
            return _bracket((base,), (_raised("T"),))
        case Inverted(base=base) if exponent == 1:
            return _bracket((base,), (_raised("−1"),))
        case EntryPower(base=base, exponent=power) if exponent == 1:
            return _bracket((base,), exponent_of(power))
        case Transposed() | Inverted() | EntryPower():
            return _bracket((part,), corner)
        case Joined(infix=infix, operands=operands):
            return _bracket(operands, corner, infix.value)
        case _:
            assert_never(part)


def exponent_of(exponent: Fraction) -> Lettering:
    """What is raised behind a base; nothing for one."""
    return () if exponent == 1 else (_raised(number_text(exponent).replace("-", "−")),)


def _raised(text: str) -> Run:
    return Run(text, Style.SUP)


def _bracket(parts: Sequence[Formula], corner: Lettering, sign: str = "") -> Framing:
    return Framing(FrameKind.BRACKET, _separated(parts, sign), exponent=corner)


def _separated(parts: Sequence[Formula], sign: str) -> tuple[Argument, ...]:
    return tuple((sign if position else "", part) for position, part in enumerate(parts))


def _function(part: Applied | Folded, corner: Lettering, spelling: Spelling) -> Framing:
    if isinstance(part, Folded):
        caption = lettered(part.operation, below=",".join(part.indices))
        inner: tuple[Argument, ...] = (("", part.body),)
        return Framing(FrameKind.FUNCTION, inner, caption, corner, bound=part.indices)
    caption = lettered(spelling.names.spelled(part.name), below=",".join(part.along))
    if len(part.orders) > 1 and any(part.orders):
        caption = (*caption, _raised(f"({','.join(map(str, part.orders))})"))
    elif any(part.orders):
        caption = (*caption, Run("′" * sum(part.orders), Style.UPRIGHT))
    inner = _separated(part.arguments, ",")
    closed = bool(part.indices)
    return Framing(FrameKind.FUNCTION, inner, caption, corner, is_closed=closed)


def _symbol(symbol: Symbol, spelling: Spelling) -> Lettering:
    """The name, with the letters of its axes where there are several to tell apart."""
    name = _name(symbol, spelling)
    if symbol.groups:
        return with_axes(name, [_grouped(symbol.indices, symbol.groups)])
    return with_axes(name, symbol.indices) if len(symbol.indices) > 1 else name


def _name(symbol: Symbol, spelling: Spelling) -> Lettering:
    match symbol.kind:
        case SymbolKind.VARIABLE:
            return lettered(spelling.names.spelled(symbol.name))
        case SymbolKind.SHARED:
            return lettered(symbol.name)
        case SymbolKind.CONSTANT:
            return upright(unhidden(CONSTANTS[symbol.name], spelling))
        case SymbolKind.SIZE:
            return lettered(unhidden((symbol.name,), spelling))
        case SymbolKind.DELTA:
            return lettered(unhidden(DELTAS, spelling))
        case SymbolKind.ONES:
            return upright("1")
        case _:
            assert_never(symbol.kind)


def _grouped(indices: Indices, groups: tuple[int, ...]) -> str:
    """`(sr)q` where letters share an axis; else the edges say all."""
    text, start = "", 0
    for count in groups:
        run = "".join(indices[start : start + count])
        text += f"({run})" if count > 1 else run
        start += count
    return text
