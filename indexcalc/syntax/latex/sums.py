"""Sum signs and their ranges.

In: `\\sum_{i=1}^n` at the place. Out: the sign with its indices, and before it the upper end of the
range, which is an extent. A range that is part of an axis is refused.

>>> from indexcalc.syntax.latex.reader import lexemes_of
>>> [lexeme.text for lexeme in lexemes_of(r"\\sum_{i=1}^{n} x_i")]
['{', 'n', '}', '∑', '_{i}', 'x', '_{i}']
"""

from __future__ import annotations

from itertools import pairwise

from indexcalc.errors import FormulaSyntaxError, Mark
from indexcalc.syntax.latex.pieces import pieces
from indexcalc.syntax.latex.scripts import check_items
from indexcalc.syntax.latex.state import State, lexeme
from indexcalc.syntax.lexeme import Lexeme

FIGURE_FIRST = {("COMMA", "DIGIT")}  # an index may end in a figure, `i1`


def read_sum(state: State, sign: Lexeme, text: str) -> None:
    """A sum sign with its scripts: `_{i=1}^n`, `_i`, `_{i,j}`; the upper end goes first."""
    lower = upper = None
    while state.kind_at(state.position) in {"UNDERSCORE", "CARET"}:
        brace = state.position + 1
        if state.word.type == "UNDERSCORE" and lower is None:
            lower = brace
        elif state.word.type == "CARET" and upper is None:
            upper = brace
        else:
            break
        state.position = state.braced.partner[brace] + 1
    if upper is not None and state.braced.partner[upper] == upper + 1:
        upper = None  # `\\sum_{k}^{}`
    if lower is None:
        raise FormulaSyntaxError(
            f"{sign.text} has no index", Mark(sign.span), hint=rf"write  {sign.text}_{{i}} x_{{i}}"
        )
    script, first = _range(state, lower, upper)
    written = [lexeme("BIG", text, sign, sign), script]
    if upper is None:
        state.out += written
        return
    _open_range(state, upper, [] if first != "0" else ["PLUS", "NUMBER"], written)


def _open_range(state: State, brace: int, added: list[str], written: list[Lexeme]) -> None:
    """Go into the upper end; from zero there is one more than it says."""
    behind = state.position
    first, last = state.braced.words[brace], state.braced.words[state.braced.partner[brace]]
    signs = {"PLUS": "+", "NUMBER": "1"}
    closing = [lexeme(kind, signs[kind], last, last) for kind in added]
    state.write("RANGE_OPEN", "{", first, first)
    frame = state.open(brace, [*closing, lexeme("RANGE_CLOSE", "}", last, last), *written])
    frame.resume = behind


def _range(state: State, lower: int, upper: int | None) -> tuple[Lexeme, str]:
    """The indices of a range as a subscript, and where it starts: at 1 or 0, if that is said."""
    words = state.braced.words
    start, end = state.group(lower)
    script, last = words[lower - 1], words[end]
    found = pieces(state.braced, start, end)
    equals = next((k for k, part in enumerate(found) if part.text == "="), len(found))
    first = "".join(part.text for part in found[equals + 1 :])
    whole = first == "1" or (first == "0" and upper is not None)
    kinds = [part.type for part in found[:equals]]
    figures_first = any(pair in FIGURE_FIRST for pair in pairwise(["COMMA", *kinds]))
    letters_alone = set(kinds) <= {"LETTER", "WORD", "COMMA", "DIGIT"} and not figures_first
    if not letters_alone or (equals < len(found) and not whole):
        other = words[state.braced.partner[upper]] if upper else last
        place = script.span.to(max(other, last, key=lambda word: word.end).span)
        raise _no_range(place.text, Mark(place))
    check_items(script, found[:equals])
    letters = "".join(part.text for part in found[:equals])
    return lexeme("SUBSCRIPT", f"_{{{letters}}}", script, last), first


def _no_range(text: str, mark: Mark) -> FormulaSyntaxError:
    return FormulaSyntaxError(
        f"the range {text} is not a whole axis",
        mark,
        hint=r"write  \sum_{i}  or  \sum_{i=1}^{n}; for part of the range multiply by a mask, "
        r"as in  \sum_{i} m_{i} x_{i}",
    )
