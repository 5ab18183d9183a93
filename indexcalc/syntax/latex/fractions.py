"""Fractions, roots, and derivatives in the form of fractions.

In: `\\frac`, `\\sqrt`, `{a \\over b}` at the place. Out: a quotient in braces, a root, or the signs
of a derivative: `\\frac{\\partial f}{\\partial x}` becomes ∂(f)/(∂x), and without `f` the operator
∂/(∂x).

>>> from indexcalc.syntax.latex.reader import lexemes_of
>>> [lexeme.text for lexeme in lexemes_of(r"\\frac{a}{b}")]
['{', '{', 'a', '}', '/', '{', 'b', '}', '}']
>>> [lexeme.text for lexeme in lexemes_of(r"\\frac{\\partial^2 f}{\\partial x\\partial y}")]
['{', '∂^2', '{', 'f', '}', '/', '{', '∂', 'x', '∂', 'y', '}', '}']
"""

from __future__ import annotations

from indexcalc.errors import FormulaSyntaxError, Mark
from indexcalc.syntax.latex.commands import SWITCHES, WORD_FONTS
from indexcalc.syntax.latex.pieces import pieces
from indexcalc.syntax.latex.state import Frame, State, lexeme
from indexcalc.syntax.lexeme import Lexeme

ROUND, PLAIN = "∂", "d"
LONGEST_ORDER = 12


def read_fraction(state: State) -> None:
    """`\\frac{…}{…}` at the place."""
    above = state.position + 1
    below = state.braced.partner[above] + 1
    _read_quotient(state, state.word, (above, state.braced.partner[above]),
                   (below, state.braced.partner[below]))  # fmt: skip


def read_over(state: State, over: int) -> None:
    """`{… \\over …}` at the place; `over` is the place of the command."""
    brace = state.position
    _read_quotient(state, state.word, (brace, over), (over, state.braced.partner[brace]))


def _read_quotient(
    state: State, sign: Lexeme, above: tuple[int, int], below: tuple[int, int]
) -> None:
    """Write the signs around both parts, and go into the numerator."""
    words = state.braced.words
    numerator, denominator = (_differential(state, part[0] + 1) for part in (above, below))
    first, third = words[above[0]], words[above[1]]
    second, end = words[below[0]], words[below[1]]
    _check_variation(state, sign, above, below)
    derives = numerator is not None and denominator is not None and numerator[0] == denominator[0]
    if derives and numerator is not None:
        _read_derivative(state, sign, above, below, numerator[1])
        return
    state.write("GROUP_OPEN", "{", sign, sign)
    state.write("GROUP_OPEN", "{", first, first)
    frame = _enter(state, above)
    frame.closing = [
        lexeme("GROUP_CLOSE", "}", third, third),
        lexeme("DIVIDE", "/", second, second),
        lexeme("GROUP_OPEN", "{", second, second),
    ]
    frame.resume = below[0] + 1
    state.frames[below[1]] = Frame(
        state.font, state.signs,
        [lexeme("GROUP_CLOSE", "}", end, end), lexeme("GROUP_CLOSE", "}", end, end)],
    )  # fmt: skip


def _check_variation(
    state: State, sign: Lexeme, above: tuple[int, int], below: tuple[int, int]
) -> None:
    """`\\frac{\\delta L}{\\delta x}` is seldom a quotient in which δ is cancelled."""
    commands = [state.command_at(part[0] + 1) for part in (above, below)]
    letters = [state.kind_at(part[0] + 2) in {"LETTER", "COMMAND"} for part in (above, below)]
    if commands[0] != commands[1] or commands[0] not in {"delta", "Delta"} or not all(letters):
        return
    end = state.braced.words[below[1]]
    raise FormulaSyntaxError(
        f"a quotient of two \\{commands[0]} has two readings: a derivative, or a quotient",
        Mark(sign.span.to(end.span)),
        hint=rf"write  \frac{{\partial f}}{{\partial x}}  or  \{commands[0]} \cdot …",
    )


def _enter(state: State, part: tuple[int, int]) -> Frame:
    """Go into a part of a fraction, which ends at a brace or at `\\over`."""
    frame = Frame(state.font, state.signs, [])
    state.frames[part[1]] = frame
    state.position = part[0] + 1
    return frame


# --- derivatives ------------------------------------------------------------------------------


def _differential(state: State, position: int) -> tuple[str, int] | None:
    """The ∂ or d that stands at a place, and the place behind it."""
    words = state.braced.words
    while state.kind_at(position) == "LBRACE" and not _is_upright_d(state, position):
        position += 1
    command = state.command_at(position)
    if state.kind_at(position) == "PARTIAL" or command == "partial":
        return ROUND, position + 1
    if command in WORD_FONTS:
        position += 1
    if _is_upright_d(state, position):
        return PLAIN, state.braced.partner[position] + 1
    if state.kind_at(position) != "LETTER" or words[position].text != "d":
        return None
    return None if "d" in state.names.variables else (PLAIN, position + 1)


def _is_upright_d(state: State, position: int) -> bool:
    """Whether `{d}` or `{\\rm d}` opens at a place."""
    if state.kind_at(position) != "LBRACE":
        return False
    start, end = state.group(position)
    if SWITCHES.get(state.command_at(start)) in WORD_FONTS:
        start += 1
    return end == start + 1 and state.braced.words[start].text == "d"


def _read_derivative(
    state: State, sign: Lexeme, above: tuple[int, int], below: tuple[int, int], start: int
) -> None:
    """Write ∂(…)/(∂…); `start` is the place behind the sign in the numerator."""
    words = state.braced.words
    plain = _differential(state, above[0] + 1) != (ROUND, start)
    order, start = read_order(state, start)
    first, last = words[above[0]], words[above[1]]
    opens, end = words[below[0]], words[below[1]]
    empty = all(
        words[k].type in {"LBRACE", "RBRACE"} for k in range(start, min(above[1], start + 9))
    )
    head = [lexeme("PARTIAL", ROUND + order, sign if empty else first, words[start - 1])]
    between = [lexeme("DIVIDE", "/", opens, opens), lexeme("LPAR", "{", opens, opens)]
    closing = [lexeme("RPAR", "}", end, end)]
    if not empty:
        state.write("GROUP_OPEN", "{", sign, sign)
        head.append(lexeme("GROUP_OPEN", "{", first, first))
        between.insert(0, lexeme("GROUP_CLOSE", "}", last, last))
        closing.append(lexeme("GROUP_CLOSE", "}", end, end))
    state.out += head
    frame = _enter(state, above)
    frame.closing, frame.resume, frame.below = between, below[0] + 1, int(order[1:] or 1)
    state.position = above[1] if empty else start
    _close_between(state, above[0] + 1, start)
    state.frames[below[1]] = Frame(state.font, state.signs, closing)
    frame.signs = plain


def read_derivative_macro(state: State) -> None:
    """`\\pdv{f}{x}` and `\\dv{f}{x}`: the same without the signs."""
    words, above = state.braced.words, state.position + 1
    below = state.braced.partner[above] + 1
    parts = (above, state.braced.partner[above]), (below, state.braced.partner[below])
    sign, (first, third), (second, end) = state.word, parts[0], parts[1]
    state.write("GROUP_OPEN", "{", sign, sign)
    state.write("PARTIAL", ROUND, sign, sign)
    state.write("GROUP_OPEN", "{", words[first], words[first])
    frame = _enter(state, parts[0])
    frame.closing = [
        lexeme("GROUP_CLOSE", "}", words[third], words[third]),
        lexeme("DIVIDE", "/", words[second], words[second]),
        lexeme("LPAR", "{", words[second], words[second]),
        lexeme("PARTIAL", ROUND, words[second], words[second]),
    ]
    frame.resume = second + 1
    closing = [("RPAR", "}"), ("GROUP_CLOSE", "}")]
    state.frames[end] = Frame(
        state.font, state.signs, [lexeme(kind, text, words[end], words[end])
                                  for kind, text in closing]
    )  # fmt: skip


def _close_between(state: State, start: int, end: int) -> None:
    """Braces that opened before the sign and close behind it are passed over."""
    for position in range(start, min(end, start + 40)):
        partner = state.braced.partner.get(position, -1)
        if state.kind_at(position) == "LBRACE" and partner >= end:
            state.frames[partner] = Frame(state.font, state.signs, [])


def read_order(state: State, position: int) -> tuple[str, int]:
    """`^2` behind ∂, and the place behind it."""
    if state.kind_at(position) != "CARET":
        return "", position
    start, end = state.group(position + 1)
    text = "".join(
        part.text for part in pieces(state.braced, start, min(end, start + LONGEST_ORDER))
    )
    if not text.isdigit() or not text.isascii():
        raise FormulaSyntaxError(
            "the order of a derivative is a whole number",
            Mark(state.braced.words[position].span.to(state.braced.words[end].span)),
            hint=r"write  \frac{\partial^2 f}{\partial x_i \partial x_j}",
        )
    return f"^{text}", end + 1


# --- roots ------------------------------------------------------------------------------------


def read_root(state: State) -> None:
    """`\\sqrt{x}` and `\\sqrt[3]{x}`, which is a power."""
    sign = state.word
    brace = state.position + 1
    figures = ""
    if state.kind_at(brace) == "LSQB":
        end = brace
        while state.kind_at(end) != "RSQB":
            end += 1
        figures = "".join(word.text for word in state.braced.words[brace + 1 : end])
        brace = end + 1
    opener, closer = state.braced.words[brace], state.braced.words[state.braced.partner[brace]]
    if not figures:
        state.write("FUNCTION", "sqrt", sign, sign)
        state.write("LPAR", "{", opener, opener)
        state.open(brace, [lexeme("RPAR", "}", closer, closer)])
        return
    power = [("GROUP_CLOSE", "}"), ("CARET", "^"), ("LBRACE", "{"), ("NUMBER", "1"),
             ("DIVIDE", "/"), ("NUMBER", figures), ("RBRACE", "}")]  # fmt: skip
    state.write("GROUP_OPEN", "{", sign, sign)
    closing = [lexeme(kind, text, closer, closer) for kind, text in power]
    state.open(brace, closing)
