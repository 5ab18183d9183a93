"""Where statements end in LaTeX.

In: lexemes with paired brackets, and what stood between formulas: line ends, `&`, commas, points.
Out: the same with an `END` after each statement. `\\\\` ends one unless the next line goes on with
an operator, or has nothing before its `&`. A comma between formulas ends one; so does the second
`&` of a line. Square brackets open extents in a declaration, and a plain bracket elsewhere.

>>> from indexcalc.syntax.brackets import pair
>>> from indexcalc.syntax.latex.reader import lexemes_of
>>> found = end_rows(pair(lexemes_of(r"$$ a &= b \\\\ &- c, \\; d = [e], $$")), Names())
>>> [part.text for part in found]
['$$', 'a', '=', 'b', '-', 'c', ',', 'd', '=', '[', 'e', ']', ',', '$$']
"""

from __future__ import annotations

from dataclasses import dataclass, field

from indexcalc.errors import FormulaSyntaxError, Mark
from indexcalc.syntax.latex.commands import RESERVED
from indexcalc.syntax.latex.names import Names
from indexcalc.syntax.lexeme import CLOSERS, ENDS_OPERAND, INFIX, MARKS, OPENERS, Lexeme
from indexcalc.syntax.lines import GOES_ON_AFTER, GOES_ON_BEFORE

SIGNS = INFIX - {"COMMA"}
STOPS = frozenset({"SEMICOLON", "NEWLINE", "ALIGN"})
SIZES = frozenset({"NAME", "NUMBER", "COMMA", "PLUS", "MINUS", "OPERATOR"}) | MARKS


def end_rows(lexemes: list[Lexeme], names: Names) -> list[Lexeme]:
    """Turn what stands between statements into `END`, or drop it.

    Raises `FormulaSyntaxError` for an `&` or a point that stands inside of a formula.
    """
    rows = _Rows(lexemes)
    for position, part in enumerate(lexemes):
        rows.take(position, part)
    return _settled(rows.done, names)


@dataclass(slots=True)
class _Rows:
    """What is written, and what was passed over since: `pending` may end the statement."""

    lexemes: list[Lexeme]
    done: list[Lexeme] = field(default_factory=list)
    depth: int = 0
    pending: Lexeme | None = None
    columns: int = 0  # of the row so far
    begun: bool = False  # something stands in the row
    led: bool = False  # the row has nothing before its first `&`

    def take(self, position: int, part: Lexeme) -> None:
        if part.type in STOPS or part.type == "DOT":
            self.between(position, part)
            return
        self.settle(part)
        self.begun = True
        self.depth += (part.type in OPENERS) - (part.type in CLOSERS)
        self.done.append(part)

    def between(self, position: int, part: Lexeme) -> None:
        match part.type:
            case "SEMICOLON":
                self.end(part)
                self.pending, self.columns, self.begun, self.led = None, 0, False, False
            case "NEWLINE":
                self.pending, self.columns, self.begun, self.led = part, 0, False, False
            case "ALIGN":
                self.columns += 1
                self.led = self.led or not self.begun
                if self.begun and self.pending is None:
                    self.pending = part
            case _:
                self.point(position, part)

    def point(self, position: int, part: Lexeme) -> None:
        """A point ends a sentence."""
        following = self.lexemes[position + 1] if position + 1 < len(self.lexemes) else None
        if following is not None and following.type not in STOPS | {"DOT"}:
            raise FormulaSyntaxError(
                "a point stands in a formula",
                Mark(part.span),
                hint=r"write  0.5  for a number,  \cdot  for a product",
            )

    def settle(self, part: Lexeme) -> None:
        """Decide about what was passed over, now that the next sign is known."""
        stop, self.pending = self.pending, None
        if stop is None or not self.done or self.depth:
            return
        last = self.done[-1]
        if last.type == "COMMA":
            self.end(stop)
        elif (
            last.type in GOES_ON_AFTER
            or part.type in GOES_ON_BEFORE - {"COMMA"}
            or (part.type == "MINUS" and (self.led or stop.type == "ALIGN"))
        ):
            return
        elif stop.type == "ALIGN" and last.type in ENDS_OPERAND and self.columns % 2:
            raise FormulaSyntaxError(
                "& between two factors has two readings: a product, or two statements",
                Mark(stop.span),
                hint="leave it out for a product, write  ,  or  &&  between statements",
            )
        else:
            self.end(stop)

    def end(self, stop: Lexeme) -> None:
        self.done.append(stop._replace(type="END"))


# --- brackets and commas ----------------------------------------------------------------------


def _settled(lexemes: list[Lexeme], names: Names) -> list[Lexeme]:
    """Statement by statement: square brackets and commas."""
    done: list[Lexeme] = []
    start = 0
    for end in range(len(lexemes) + 1):
        if end == len(lexemes) or lexemes[end].type == "END":
            done += _statement(lexemes[start:end], names)
            done += lexemes[end : end + 1]
            start = end + 1
    return done


def _statement(parts: list[Lexeme], names: Names) -> list[Lexeme]:
    pieces: list[list[Lexeme]] = [[]]
    commas: list[Lexeme] = []
    depth = 0
    for position, part in enumerate(parts):
        depth += (part.type in OPENERS) - (part.type in CLOSERS)
        if part.type == "COMMA" and depth == 0:
            _check_thousands(parts, position)
            commas.append(part)
            pieces.append([])
        else:
            pieces[-1].append(part)
    declares = [_declares(piece, names) for piece in pieces]
    listed = _listed(pieces, declares)
    done: list[Lexeme] = []
    for position, piece in enumerate(pieces):
        done += piece if declares[position] else _plain_brackets(piece)
        if position < len(commas):
            stays = listed[position] and listed[position + 1] and not _has_traits(piece)
            done.append(commas[position]._replace(type="COMMA" if stays else "END"))
    return done


def _listed(pieces: list[list[Lexeme]], declares: list[bool]) -> list[bool]:
    """Which pieces are declared: a comma between two of them stays one.

    A name alone is, if it stands before one that is: `x, y \\in ℝ^n`.
    """
    listed = list(declares)
    for position in range(len(pieces) - 2, -1, -1):
        listed[position] |= listed[position + 1] and _is_head(pieces[position])
    return listed


def _check_thousands(parts: list[Lexeme], position: int) -> None:
    """Refuse `1,000` and `0,5`: one number, or two?"""
    around = parts[position - 1 : position + 2]
    if position == 0 or [part.type for part in around] != ["NUMBER", "COMMA", "NUMBER"]:
        return
    if not (around[1].spaced or around[2].spaced):
        text = "".join(part.text for part in around)
        raise FormulaSyntaxError(
            f"{text} has two readings: one number, or two",
            Mark(around[0].span.to(around[2].span)),
            hint=f"write  {around[0].text}{around[2].text}  or  {around[0].text}.{around[2].text},"
            f"  or  {around[0].text}, {around[2].text}",
        )


def _has_traits(piece: list[Lexeme]) -> bool:
    """`A[n, n] symmetric`: the words end the declaration."""
    last, before = piece[-1], piece[-2] if len(piece) > 1 else piece[-1]
    return last.type == "NAME" and last.text in RESERVED and before.type != "COMMA"


def _is_head(piece: list[Lexeme]) -> bool:
    return bool(piece) and piece[0].type == "NAME" and all(part.type in MARKS for part in piece[1:])


def _declares(piece: list[Lexeme], names: Names) -> bool:
    """`x \\in ℝ^n` or `W[m, n] symmetric`.

    Raises `FormulaSyntaxError` for what may be a declaration or a product.
    """
    if any(part.type == "ELEMENT" for part in piece):
        return True
    start = 0
    while start < len(piece) and piece[start].type in ({"NAME"} if start == 0 else MARKS):
        start += 1
    if not start or start == len(piece) or piece[start].type != "EXTENTS_OPEN":
        return False
    end = next(k for k, part in enumerate(piece) if part.type == "RSQB")
    inside = piece[start + 1 : end]
    if any(part.type != "NAME" for part in piece[end + 1 :]) or len(piece[end + 1 :]) > 9:
        return False
    if {part.type for part in inside} - SIZES or any(p.text in names.variables for p in inside):
        return False
    if len(inside) > 1 and not any(part.type == "COMMA" for part in inside):
        whole = piece[0].span.to(piece[end].span)
        raise FormulaSyntaxError(
            f"{whole.text} has two readings: a declaration, or a product",
            Mark(whole),
            hint=rf"write  {piece[0].text} \in \mathbb{{R}}^{{…}}  or  {piece[0].text} (…)",
        )
    return True


def _plain_brackets(piece: list[Lexeme]) -> list[Lexeme]:
    """Square brackets as round ones."""
    if not any(part.type == "EXTENTS_OPEN" for part in piece):
        return piece
    done: list[Lexeme] = []
    stack: list[bool] = []
    after_head = False
    for part in piece:
        kind = part.type
        if kind in OPENERS:
            stack.append(kind == "EXTENTS_OPEN")
            if stack[-1]:
                kind = "CALL_OPEN" if after_head else "LPAR"
        elif kind in CLOSERS and stack.pop():
            kind = "RPAR"
        after_head = kind == "NAME" or (kind in MARKS and after_head)
        done.append(part._replace(type=kind))
    return done
