"""∇ and ∂ in a line: operators with their variable below, and differentials.

In: `\\nabla_x`, `\\partial_{x_i}`, `\\partial X` at the place. Out: the operator ∂/(∂x) for the
first two. A ∂ without variable and without quotient is a differential where its statement is an
equation: `\\partial(X^{-1}) = -X^{-1} (\\partial X) X^{-1}`.

>>> from indexcalc.syntax.latex.reader import lexemes_of
>>> [lexeme.text for lexeme in lexemes_of(r"\\nabla_x f + \\partial_{y_i} g")]
['∇', '/', '(', '∂', 'x', ')', 'f', '+', '∇', '/', '(', '∂', 'y', '_{i}', ')', 'g']
>>> [lexeme.text for lexeme in lexemes_of(r"\\partial f = a")]
['d', 'f', '=', 'a']
"""

from __future__ import annotations

from bisect import bisect_left

from indexcalc.errors import FormulaSyntaxError, Mark
from indexcalc.syntax.latex.braces import Braced
from indexcalc.syntax.latex.commands import command_of
from indexcalc.syntax.latex.fractions import ROUND, read_order
from indexcalc.syntax.latex.names import SEPARATING, kind_of
from indexcalc.syntax.latex.pieces import pieces
from indexcalc.syntax.latex.state import State, lexeme
from indexcalc.syntax.lexeme import Lexeme

ENDS = SEPARATING - {"COMMA", "ALIGN"}
LONGEST_VARIABLES = 9


# --- operators --------------------------------------------------------------------------------


def read_nabla(state: State) -> None:
    """`\\nabla_x`, `\\nabla^2_x`, `\\nabla f` where `f(x) = …` is defined, `\\nabla f(x)`."""
    sign, order, variable = _scripts(state)
    if variable < 0:
        _open_operator(state, sign, order)
        _write_argument(state, sign, 2 if order == "^2" else 1)
    else:
        _write_variable(state, sign, order, variable)


def _scripts(state: State) -> tuple[Lexeme, str, int]:
    """The sign, its order, and the brace of its variable."""
    sign, order, variable = state.word, "", -1
    state.position += 1
    while state.kind_at(state.position) in {"UNDERSCORE", "CARET"}:
        if state.word.type == "CARET":
            order, state.position = read_order(state, state.position)
        else:
            variable = state.position + 1
            state.position = state.braced.partner[variable] + 1
    if order not in {"", "^1", "^2"}:
        raise FormulaSyntaxError(
            f"{sign.text} with a variable below has the order 1 or 2",
            Mark(sign.span),
            hint=r"write  \nabla_x^2 f  or  \frac{\partial^3 f}{\partial x \partial y \partial z}",
        )
    return sign, order, variable


def _open_operator(state: State, sign: Lexeme, order: str) -> None:
    state.write("PARTIAL", f"∇{order}", sign, sign)
    state.write("DIVIDE", "/", sign, sign)
    state.write("LPAR", "(", sign, sign)


def _write_variable(state: State, sign: Lexeme, order: str, variable: int) -> None:
    behind = state.position
    closer = state.braced.words[state.braced.partner[variable]]
    _open_operator(state, sign, order)
    state.write("PARTIAL", ROUND, sign, sign)
    frame = state.open(variable, [])
    frame.resume, frame.closing = behind, [lexeme("RPAR", ")", closer, closer)]
    frame.twice = len(state.out) - 1 if order == "^2" else None


def _write_argument(state: State, sign: Lexeme, times: int) -> None:
    """The variable of `\\nabla f`: what `f(x) = …` names, or what stands in `f(x)`."""
    named = state.kind_at(state.position) == "LETTER"
    arguments = state.names.arguments.get(state.word.text, ()) if named else ()
    if len(arguments) != 1:
        arguments = _called_with(state)
    if len(arguments) != 1:
        raise FormulaSyntaxError(
            r"\nabla does not say by which variable",
            Mark(sign.span),
            hint=r"write  \nabla_x f,  or define  f(x) = …",
        )
    for _ in range(times):
        state.write("PARTIAL", ROUND, sign, sign)
        state.write("NAME", arguments[0], sign, sign)
    state.write("RPAR", ")", sign, sign)


def _called_with(state: State) -> tuple[str, ...]:
    """`x` where `f(x)` stands at the place."""
    words, start = state.braced.words, state.position
    end = start
    while end < min(start + LONGEST_VARIABLES, len(words)) and kind_of(state.braced, end) != "LPAR":
        end += 1
    closer = end
    while closer < min(end + LONGEST_VARIABLES, len(words)):
        if kind_of(state.braced, closer) == "RPAR":
            break
        closer += 1
    function, inside = pieces(state.braced, start, end), pieces(state.braced, end + 1, closer)
    plain = [part.type for part in function] == [part.type for part in inside] == ["LETTER"]
    return (inside[0].text,) if plain else ()


# --- ∂ ----------------------------------------------------------------------------------------


def read_partial(state: State) -> None:
    """∂ in a line: with its order, with a variable below, or as a differential."""
    sign, order, last = state.word, "", state.word
    behind = state.position + 1
    if state.kind_at(behind) == "CARET":
        start, end = state.group(behind + 1)
        if all(figure.type == "DIGIT" for figure in state.braced.words[start:end]):
            order, behind = read_order(state, behind)
            last = state.braced.words[end]
    if state.kind_at(behind) == "UNDERSCORE":
        _read_operator(state)
        return
    state.position = behind
    if not order and not state.below and _is_differential(state, behind - 1):
        state.write("DIFFERENTIAL", "d", sign, last)
    else:
        state.write("PARTIAL", ROUND + order, sign, last)


def _read_operator(state: State) -> None:
    """`\\partial_x f`, `\\partial_{x_i} f`; `\\partial_{xy} f` has several variables."""
    sign, order, variable = _scripts(state)
    start, end = state.group(variable)
    found = pieces(state.braced, start, min(end, start + LONGEST_VARIABLES))
    if {part.type for part in found} != {"LETTER"}:
        _write_variable(state, sign, order, variable)
        return
    _check_variables(state, sign, found, state.braced.words[end])
    if len(found) > 1 and order:
        raise FormulaSyntaxError(
            "the order of ∂ with several variables below is their number",
            Mark(sign.span.to(state.braced.words[end].span)),
            hint=r"write  \partial_{xy} f",
        )
    times = 2 if order == "^2" else 1
    _open_operator(state, sign, order or (f"^{len(found)}" if len(found) > 1 else ""))
    for part in found * times:
        state.write("PARTIAL", ROUND, sign, sign)
        state.write("NAME", part.text, part, part)
    state.write("RPAR", ")", sign, sign)


def _check_variables(state: State, sign: Lexeme, found: list[Lexeme], last: Lexeme) -> None:
    """Refuse `\\partial_i`, which tells the component, but not of what."""
    names = state.names
    for part in found:
        if part.text in names.indices | names.raised and part.text not in names.variables:
            raise FormulaSyntaxError(
                f"{part.text} is an index, so this does not say by which variable",
                Mark(sign.span.to(last.span)),
                hint=rf"write  \partial_{{x_{{{part.text}}}}} f",
            )


def _is_differential(state: State, position: int) -> bool:
    """Whether ∂ stands in an equation without a quotient such as `\\partial f / \\partial x`."""
    ends, quotients, equations = _known_statements(state)
    end = bisect_left(ends, position)
    first = ends[end - 1] if end else -1
    after = ends[end] if end < len(ends) else len(state.braced.words)
    return _between(equations, first, after) and not _between(quotients, first, after)


def holds_equation(state: State, first: int, after: int) -> bool:
    """Whether an equals sign stands between two places."""
    return _between(_known_statements(state)[2], first, after)


def _known_statements(state: State) -> tuple[list[int], list[int], list[int]]:
    if state.statements is None:
        state.statements = _statements(state.braced)
    return state.statements


def _between(places: list[int], first: int, after: int) -> bool:
    found = bisect_left(places, first)
    return found < len(places) and places[found] < after


def _statements(braced: Braced) -> tuple[list[int], list[int], list[int]]:
    """The places of ends of statements, of `/∂`, and of `=`."""
    ends: list[int] = []
    quotients: list[int] = []
    equations: list[int] = []
    divided = False
    for position, word in enumerate(braced.words):
        kind = kind_of(braced, position)
        if kind in ENDS:
            ends.append(position)
        elif kind == "ASSIGN" or word.type == "EQUALS":
            equations.append(position)
        elif divided and (kind == "PARTIAL" or command_of(word) == "partial"):
            quotients.append(position)
        divided = kind == "DIVIDE" or (divided and kind in {"LPAR", "LBRACE"})
    return ends, quotients, equations
