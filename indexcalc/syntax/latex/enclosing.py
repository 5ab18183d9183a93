"""What encloses: brackets with a size, norms as commands, frames with a remark below.

In: `\\left(`, `\\norm{…}`, `\\underbrace{…}_{…}` at the place. Out: the bracket, the norm, the
content of the frame as one factor.

>>> from indexcalc.syntax.latex.reader import lexemes_of
>>> [lexeme.text for lexeme in lexemes_of(r"\\left(\\norm{x}\\right) \\underbrace{a + b}_{c}")]
['(', '‖', 'x', '‖', ')', '{', 'a', '+', 'b', '}']
"""

from __future__ import annotations

from indexcalc.errors import FormulaSyntaxError, Mark
from indexcalc.syntax.latex.commands import ENCLOSING, SIGNS, SIZES
from indexcalc.syntax.latex.operators import holds_equation
from indexcalc.syntax.latex.state import State, lexeme

BRACKETS = frozenset({"LPAR", "RPAR", "LSQB", "RSQB", "BAR", "DOUBLE_BAR"})
SIGNS_IN_PAIRS = ("NORM_OPEN", "NORM_CLOSE", "BAR_OPEN", "BAR_CLOSE", "ANGLE_OPEN", "ANGLE_CLOSE")


def read_frame(state: State) -> None:
    """`\\underbrace{…}_{…}`: what stands in it, as one factor; what is said below is not read."""
    sign, brace = state.word, state.position + 1
    behind = state.braced.partner[brace] + 1
    last = state.braced.words[behind - 1]
    while state.kind_at(behind) in {"UNDERSCORE", "CARET"}:
        behind = state.braced.partner[behind + 1] + 1
    if holds_equation(state, brace, behind):
        state.open(brace, []).resume = behind
        return
    state.write("GROUP_OPEN", "{", sign, sign)
    state.open(brace, [lexeme("GROUP_CLOSE", "}", last, last)]).resume = behind


def read_enclosed(state: State) -> None:
    """`\\norm{x}`, `\\abs{x}`."""
    sign, brace = state.word, state.position + 1
    opener, closer, text = ENCLOSING[state.command_at(state.position)]
    last = state.braced.words[state.braced.partner[brace]]
    state.write(opener, text, sign, sign)
    state.open(brace, [lexeme(closer, text, last, last)])


def read_size(state: State) -> None:
    """`\\left(`, `\\big|`: the sign behind the command is a bracket."""
    size, sides = state.word, SIZES[state.command_at(state.position)]
    state.position += 1
    kind = state.kind_at(state.position)
    command = state.command_at(state.position)
    kind, text = SIGNS.get(command, (kind, ""))
    if kind == "DOT":
        raise FormulaSyntaxError(
            f"{size.text}. is no bracket",
            Mark(size.span.to(state.word.span)),
            hint="leave both out; a derivative is taken at the variables as they are",
        )
    if state.position >= len(state.braced.words) or kind not in BRACKETS | set(SIGNS_IN_PAIRS):
        raise FormulaSyntaxError(
            f"{size.text} is not followed by a bracket",
            Mark(size.span),
            hint=r"write  \left( … \right)",
        )
    word = state.word
    state.position += 1
    state.write(sides.get(kind, kind), text or word.text, size, word)
