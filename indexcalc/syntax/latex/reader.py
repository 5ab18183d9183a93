"""LaTeX to the lexemes of the grammar.

In: the words of a LaTeX text, in braces. Out: lexemes as a text gives them, with the places of the
LaTeX: braces, fonts, accents, commands and fractions are resolved. A command that is not known is
an error.

>>> [lexeme.text for lexeme in lexemes_of(r"\\mathbf{a} = \\mathbf{x}\\mathbf{W}_{1}")]
['a', '=', 'x', 'W', '_{1}']
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from indexcalc.errors import FormulaSyntaxError, LimitError, Mark, Source
from indexcalc.syntax.latex import cases
from indexcalc.syntax.latex.braces import enclose
from indexcalc.syntax.latex.commands import (
    ACCENTS,
    COMMANDED,
    DERIVATIVE_MACROS,
    ENCLOSING,
    ENVIRONMENTS,
    FRACTIONS,
    FRAMES,
    FUNCTION_MACROS,
    LETTER_FONTS,
    NO_TABLE,
    OTHER_SPELLINGS,
    REAL_NUMBERS,
    SIGNS,
    SIZES,
    SUMS,
    SWITCHES,
    WORD_FONTS,
    letter,
    unknown,
)
from indexcalc.syntax.latex.detect import NONE_GIVEN
from indexcalc.syntax.latex.enclosing import read_enclosed, read_frame, read_size
from indexcalc.syntax.latex.fractions import (
    read_derivative_macro,
    read_fraction,
    read_over,
    read_root,
)
from indexcalc.syntax.latex.letters import (
    check_fonts,
    read_accent,
    read_letters,
    read_number,
    read_word,
    write_letter,
)
from indexcalc.syntax.latex.names import Names, introduced
from indexcalc.syntax.latex.operators import read_nabla, read_partial
from indexcalc.syntax.latex.scripts import read_subscript, read_superscript
from indexcalc.syntax.latex.state import MARKING, State, lexeme
from indexcalc.syntax.latex.sums import read_sum
from indexcalc.syntax.latex.words import counted
from indexcalc.syntax.lexeme import CLOSERS, ENDS_OPERAND, MARKS, OPENERS, RAISED, Lexeme
from indexcalc.syntax.limits import DEFAULT_LIMITS, SyntaxLimits

MOST_MARKED = 50  # groups with marks behind them, one in another
LONGEST_MARKED = 64
DELIMITERS = frozenset({"DOLLARS", "MATH_OPEN", "MATH_CLOSE", "ENVIRONMENT"})
OPENED = frozenset(OPENERS) | {"LSQB"}
SIMPLE = frozenset({"NAME", "NUMBER", "FUNCTION"})


def lexemes_of(text: str) -> list[Lexeme]:
    """The lexemes of a LaTeX text alone."""
    return read(Source(text))[0]


def read(
    source: Source,
    known: Collection[str] = (),
    limits: SyntaxLimits = DEFAULT_LIMITS,
    arguments: Mapping[str, tuple[str, ...]] = NONE_GIVEN,
) -> tuple[list[Lexeme], Names]:
    """The lexemes of `source`, and the names that it introduces.

    Raises `FormulaSyntaxError` for what is no LaTeX of the language, `LimitError` beyond `limits`.
    """
    braced = enclose(counted(source, limits), limits)
    state = State(braced, introduced(braced, known))
    state.names.arguments.update(arguments)
    state.delimited = any(_delimits(word) for word in braced.words)
    overs = _overs(state)
    while state.position < len(braced.words):
        if state.position in state.frames:
            _close(state)
        elif state.position in overs:
            read_over(state, overs[state.position])
        else:
            READERS.get(state.word.type, _copy)(state)
    check_fonts(state)
    return state.out, state.names


def _overs(state: State) -> dict[int, int]:
    """Groups that hold `\\over`, with its place."""
    found: dict[int, int] = {}
    stack: list[int] = []
    for position, word in enumerate(state.braced.words):
        if word.type == "LBRACE":
            stack.append(position)
        elif word.type == "RBRACE":
            stack.pop()
        elif word.text == "\\over":
            if not stack or stack[-1] in found:
                raise FormulaSyntaxError(
                    "\\over stands once in braces", Mark(word.span), hint=r"write  \frac{a}{b}"
                )
            found[stack[-1]] = position
    return found


# --- braces -----------------------------------------------------------------------------------


def _group(state: State) -> None:
    """A group: what stands in it is read as if the braces were not there.

    Behind the name of a function it is the argument.
    """
    if not state.out or state.out[-1].type != "FUNCTION":
        _open(state, state.position)
        return
    first, last = state.word, state.braced.words[state.braced.partner[state.position]]
    state.write("LPAR", "{", first, first)
    state.open(state.position, [lexeme("RPAR", "}", last, last)])


def _open(state: State, brace: int, font: str | None = None) -> None:
    marked = state.kind_at(state.braced.partner[brace] + 1) in MARKING
    frame = state.open(brace, [])
    state.font = font or state.font
    if marked:
        frame.start = len(state.out)
        state.marked += 1
        if state.marked > MOST_MARKED:
            raise LimitError(
                f"more than {MOST_MARKED} groups with marks stand in one another",
                Mark(state.braced.words[brace].span),
            )


def _close(state: State) -> None:
    closer = state.word
    frame = state.close()
    state.signs = frame.signs if frame.resume is None else state.signs
    if frame.start is not None:
        state.marked -= 1
        _check_marked(state, frame.start, closer)
    if frame.twice is not None:
        closing = state.out.pop()
        state.out += [*state.out[frame.twice :], closing]
    if frame.rows:
        state.math -= 1
    if frame.resume is not None:
        state.position = frame.resume


def _check_marked(state: State, start: int, closer: Lexeme) -> None:
    """`{a b}^2` is seen as `a b^2`."""
    content = state.out[start:]
    if content and content[0].type in OPENED and content[-1].type in CLOSERS and _is_one(content):
        return
    while len(content) > 1 and content[0].type == "DIFFERENTIAL":
        content = content[1:]
    marks = {part.type for part in content[1:LONGEST_MARKED]}
    if content and content[0].type in SIMPLE and marks <= MARKS | RAISED:
        return
    if not content:
        raise FormulaSyntaxError(
            "the braces before this mark are empty",
            Mark(closer.span),
            hint=r"write the mark behind what it belongs to, as in  A^\top",
        )
    span = content[0].span.to(closer.span)
    raise FormulaSyntaxError(
        "a mark on braces has two readings: they are not seen on the page",
        Mark(span),
        hint=r"write  \left( … \right)  for the whole, or put the mark on its last factor",
    )


def _is_one(content: list[Lexeme]) -> bool:
    """Whether the first bracket closes with the last sign."""
    depth = 0
    for position, part in enumerate(content):
        depth += (part.type in OPENED) - (part.type in CLOSERS)
        if depth == 0:
            return position == len(content) - 1
    return False


# --- commands ---------------------------------------------------------------------------------


def _command(state: State) -> None:
    word, command = state.word, state.command_at(state.position)
    special = COMMANDS.get(command)
    named = letter(command)
    if special is not None:
        special(state)
    elif named is not None:
        state.position += 1
        write_letter(state, word, named)
    elif command in SIGNS:
        _sign(state, *SIGNS[command])
    elif command in COMMANDED or command in FUNCTION_MACROS:
        state.position += 1
        state.write("FUNCTION", OTHER_SPELLINGS.get(command, command), word, word)
    elif command in SUMS:
        state.position += 1
        read_sum(state, word, SUMS[command])
    elif command in WORD_FONTS and read_word(state):
        return
    elif command in LETTER_FONTS or command in WORD_FONTS:
        _open(state, state.position + 1, command)
    else:
        raise unknown(word)


def _sign(state: State, kind: str, text: str) -> None:
    if kind == "PARTIAL":
        read_partial(state)
        return
    word = state.word
    state.position += 1
    if kind == "IMPLIES":
        state.write("SEMICOLON", word.text, word, word)
    elif kind == "ASSIGN":
        state.write("EQUALS", "=", word, word)
    else:
        state.write(kind, text, word, word)


def _real_numbers(state: State) -> None:
    word = state.word
    state.position += 1
    state.write("NAME", "ℝ", word, word)


def _switch(state: State) -> None:
    """`\\bf`, `\\rm`: to the end of the group."""
    state.font = SWITCHES[state.command_at(state.position)]
    state.position += 1


def _rows(state: State) -> None:
    """`\\eqalign{…}`."""
    sign, brace = state.word, state.position + 1
    closer = state.braced.words[state.braced.partner[brace]]
    state.write("SEMICOLON", sign.text, sign, sign)
    frame = state.open(
        brace, [Lexeme("SEMICOLON", "}", sign.source, closer.start, closer.end, False)]
    )
    frame.rows = True
    state.math += 1


# --- words that are no commands ---------------------------------------------------------------


def _copy(state: State) -> None:
    word = state.word
    state.position += 1
    state.out.append(word)


def _skip(state: State) -> None:
    state.position += 1


def _environment(word: Lexeme) -> str:
    """The name of the environment that begins or ends here."""
    return word.text.partition("{")[2].partition("}")[0].rstrip("*")


def _delimits(word: Lexeme) -> bool:
    """Whether a word tells formulas from what stands between them."""
    return word.type in DELIMITERS and _environment(word) not in cases.ENVIRONMENTS


def _delimiter(state: State) -> None:
    """`$`, `\\[`, `\\begin{align*}`: what stands before ends here."""
    word = state.word
    name = _environment(word)
    if name in cases.ENVIRONMENTS:
        cases.read_environment(state)
        return
    state.position += 1
    state.write("SEMICOLON", word.text, word, word)
    match word.type:
        case "MATH_OPEN":
            state.math += 1
        case "MATH_CLOSE":
            state.math -= 1
        case "DOLLARS":
            state.dollars = not state.dollars
        case _:
            if name not in ENVIRONMENTS:
                raise FormulaSyntaxError(
                    f"the environment {name} is not read", Mark(word.span), hint=NO_TABLE
                )
            state.math += 1 if word.text.startswith("\\begin") else -1


def _align(state: State) -> None:
    if state.cases:
        cases.read_separator(state)
    else:
        _copy(state)


def _row(state: State) -> None:
    if state.cases:
        cases.read_separator(state)
        return
    word = state.word
    state.position += 1
    state.write("NEWLINE", word.text, word, word)


def _scientific(state: State) -> None:
    word = state.word
    figures, exponent = word.text.lower().split("e")
    raise FormulaSyntaxError(
        f"{word.text} has two readings: a number, or a product with e",
        Mark(word.span),
        hint=rf"write  {figures} \cdot 10^{{{exponent}}}",
    )


def _big(state: State) -> None:
    """`∑_{i=1}^n`, typed as one sign."""
    word = state.word
    state.position += 1
    read_sum(state, word, word.text)


def _lowered(state: State) -> None:
    word = state.word
    state.position += 1
    state.write("SUBSCRIPT", word.text, word, word)


def _sign_word(state: State) -> None:
    _sign(state, state.word.type, state.word.text)


def _dot(state: State) -> None:
    if state.kind_at(state.position + 1) == "DIGIT" and not _ends_operand(state):
        read_number(state)
        return
    word = state.word
    state.position += 1
    state.write("DOT", word.text, word, word)


def _ends_operand(state: State) -> bool:
    return bool(state.out) and state.out[-1].type in ENDS_OPERAND


READERS: dict[str, Callable[[State], None]] = {
    "COMMAND": _command, "LETTER": read_letters, "DIGIT": read_number, "LBRACE": _group,
    "ALIGN": _align,
    "RBRACE": _skip, "UNDERSCORE": read_subscript, "CARET": read_superscript, "ROW": _row,
    "DOLLARS": _delimiter, "MATH_OPEN": _delimiter, "MATH_CLOSE": _delimiter,
    "ENVIRONMENT": _delimiter, "PARTIAL": _sign_word, "NABLA": read_nabla, "IMPLIES": _sign_word,
    "SCIENTIFIC": _scientific, "LOWERED": _lowered, "DOT": _dot,
    "ASSIGN": _sign_word, "BIG": _big,
}  # fmt: skip
COMMANDS: Mapping[str, Callable[[State], None]] = (
    dict.fromkeys(FRACTIONS, read_fraction)
    | dict.fromkeys(ACCENTS, read_accent)
    | dict.fromkeys(SIZES, read_size)
    | dict.fromkeys(FRAMES, read_frame)
    | dict.fromkeys(ENCLOSING, read_enclosed)
    | dict.fromkeys(REAL_NUMBERS, _real_numbers)
    | dict.fromkeys(DERIVATIVE_MACROS, read_derivative_macro)
    | dict.fromkeys(SWITCHES, _switch)
    | {"sqrt": read_root, "nabla": read_nabla, "eqalign": _rows}
)
