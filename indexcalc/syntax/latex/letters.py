"""Letters to names.

In: the letters, figures and accents at a place. Out: `NAME` and `NUMBER` lexemes. A run of letters
is a product of one-letter names unless it is declared, set upright, or the name of a function;
`d` before a name becomes `DIFFERENTIAL`. What is read in two ways is refused.

>>> from indexcalc.syntax.latex.reader import lexemes_of
>>> [lexeme.text for lexeme in lexemes_of(r"AXB \\mathrm{Diag}(x) \\hat y_1 \\alpha")]
['A', 'X', 'B', 'Diag', '(', 'x', ')', 'ŷ', '_{1}', 'α']
>>> [(lexeme.type, lexeme.text) for lexeme in lexemes_of("x^T dx")[-2:]]
[('DIFFERENTIAL', 'd'), ('NAME', 'x')]
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise

from indexcalc.errors import FormulaSyntaxError, Mark
from indexcalc.syntax.latex.cases import reads_word
from indexcalc.syntax.latex.commands import (
    ACCENTS,
    COMMANDED,
    DISTINCT,
    FUNCTION_WORDS,
    LETTER_FONTS,
    OTHER_SPELLINGS,
    RESERVED,
    SEPARATORS,
    SHORTEST_BARE,
    SIZES,
    SWITCHES,
    VALUE_WORDS,
    WORD_FONTS,
    command_of,
)
from indexcalc.syntax.latex.commands import letter as letter_of
from indexcalc.syntax.latex.names import kind_of
from indexcalc.syntax.latex.pieces import pieces
from indexcalc.syntax.latex.state import State, lexeme
from indexcalc.syntax.lexeme import Lexeme

LONG_FUNCTIONS = sorted(word for word in FUNCTION_WORDS if len(word) >= SHORTEST_BARE)
PROSE = frozenset({"is", "for", "if", "otherwise", "all", "of", "to"})
NOT_THERE = frozenset({"argmin", "argmax", "rank", "Var", "Cov", "Pr"})
LONGEST_ACCENTED = 12
OPENS = frozenset({"LPAR", "LSQB", "LBRACE", "BAR", "DOUBLE_BAR"})
TEXT_FONTS = frozenset({"text", "textrm", "textbf", "textit", "textsf", "texttt", "textup", "mbox",
                        "hbox", "textnormal"})  # fmt: skip


def read_letters(state: State) -> None:
    """Read the run of letters at the place."""
    run = _with_font(state, _run(state))
    text = unicodedata.normalize("NFC", "".join(letter.text for letter in run))
    state.position += len(run)
    if state.font in WORD_FONTS:
        _upright(state, run, text)
    elif len(run) == 1:
        write_letter(state, run[0])
    elif text in state.names.words or text in RESERVED | VALUE_WORDS:
        state.write("NAME", text, run[0], run[-1])
    elif text in SEPARATORS and (state.between or text == "where") and not _opens(state):
        state.write("SEMICOLON", text, run[0], run[-1])
    elif _is_function(state, text):
        state.write("FUNCTION", OTHER_SPELLINGS.get(text, text), run[0], run[-1])
    else:
        _check_run(state, run, text)
        for letter in run:
            write_letter(state, letter)
    _read_label(state)


def _run(state: State) -> list[Lexeme]:
    words, end = state.braced.words, state.position + 1
    joined = {"LETTER", "DIGIT"} if state.font in WORD_FONTS else {"LETTER"}
    while end < len(words) and words[end].type in joined and not words[end].spaced:
        end += 1
    return words[state.position : end]


def _with_font(state: State, run: list[Lexeme]) -> list[Lexeme]:
    """The letters of a group, where they are all of it, with the places of braces and font."""
    words, start, end = state.braced.words, state.position, state.position + len(run)
    command = state.command_at(start - 1)
    opener = start - 2 if command in SWITCHES else start - 1
    if state.kind_at(opener) != "LBRACE" or state.kind_at(end) != "RBRACE":
        return run
    named = state.command_at(opener - 1) in LETTER_FONTS | WORD_FONTS
    if not named and opener == start - 1:
        return run
    first = words[opener - named]
    whole = list(run)
    whole[0] = whole[0]._replace(start=first.start)
    whole[-1] = whole[-1]._replace(end=words[end].end)
    return whole


def _is_function(state: State, text: str) -> bool:
    if text not in FUNCTION_WORDS and text not in OTHER_SPELLINGS:
        return False
    return _opens(state) or len(text) >= SHORTEST_BARE


def _opens(state: State) -> bool:
    """Whether a bracket follows; the braces of a font that close first are passed over."""
    position = state.position
    while state.kind_at(position) == "RBRACE":
        position += 1
    command = state.command_at(position)
    return state.kind_at(position) in OPENS or command in SIZES or command == "{"


def read_word(state: State) -> bool:
    """A word with Greek letters or accents in it, `\\mathrm{\\Delta x}`; whether this is one."""
    start, end = state.group(state.position + 1)
    run = state.braced.words[start:end]
    if not any(map(command_of, run)) or not all(map(_may_be_in_word, run)):
        return False
    for before, word in pairwise(run):  # a blank behind a command only ends it
        if word.spaced and before.type != "COMMAND":
            return False
    signs = [word for word in run if word.type in {"LETTER", "DIGIT"} or _is_letter(word)]
    found = pieces(state.braced, state.position, end)
    if len(found) != 1 or len(signs) == 1:
        return False
    state.position = end + 1
    _upright(state, run, found[0].text)
    _read_label(state)
    return True


def _may_be_in_word(word: Lexeme) -> bool:
    if word.type == "COMMAND":
        return command_of(word) in ACCENTS or _is_letter(word)
    return word.type in {"LETTER", "DIGIT", "LBRACE", "RBRACE"}


def _is_letter(word: Lexeme) -> bool:
    return letter_of(command_of(word)) is not None


def _upright(state: State, run: list[Lexeme], text: str) -> None:
    """A word: a function, a separator, a name, or the `d` of a differential."""
    if reads_word(state, run, text):
        return
    if state.font in TEXT_FONTS and state.kind_at(state.position) in {"LETTER", "DIGIT", "COMMA"}:
        raise prose(run[0])
    if text in NOT_THERE and text not in state.names.words:
        raise FormulaSyntaxError(
            f"there is no {text} in this language",
            Mark(run[0].span.to(run[-1].span)),
            hint="write the function alone, and ask for its derivative",
        )
    opens = _opens(state)
    if text in state.names.words or text in VALUE_WORDS:
        state.write("NAME", text, run[0], run[-1])
    elif text.lower() in SEPARATORS and not opens:
        state.write("SEMICOLON", text, run[0], run[-1])
    elif text in FUNCTION_WORDS or text in OTHER_SPELLINGS:
        state.write("FUNCTION", OTHER_SPELLINGS.get(text, text), run[0], run[-1])
    elif text in {"d", "D"} and text not in state.names.variables:
        kind, sign = ("PARTIAL", "∂") if state.signs else ("DIFFERENTIAL", "d")
        state.write(kind, sign, run[0], run[-1])
    elif len(run) == 1:
        write_letter(state, run[0])
    elif state.font in TEXT_FONTS and _is_prose(state, run, text):
        raise prose(run[0])
    else:
        state.write("NAME", text, run[0], run[-1])


def _is_prose(state: State, run: list[Lexeme], text: str) -> bool:
    """Whether a word set as text is none of the formula: it is one of these, or blanks are set."""
    position = state.position
    blank = run[0].spaced or (state.kind_at(position) == "RBRACE" and state.word.spaced)
    marked = kind_of(state.braced, position + 1) in {"UNDERSCORE", "CARET", "ASSIGN"}
    return text in PROSE or (blank and not marked and text not in RESERVED)


def prose(word: Lexeme) -> FormulaSyntaxError:
    """The error for words between formulas."""
    return FormulaSyntaxError(
        "words between formulas are not read",
        Mark(word.span),
        hint="leave them out, or start the line with  %",
    )


def write_letter(state: State, letter: Lexeme, text: str | None = None) -> None:
    """Write one letter: a name, or the `d` of a differential."""
    text = text or unicodedata.normalize("NFC", letter.text).replace("∆", "Δ")
    if text == "d" and state.font not in DISTINCT and "d" not in state.names.variables:
        kind = "PARTIAL" if state.signs else "DIFFERENTIAL"
        state.write(kind, "∂" if state.signs else "d", letter, letter)
        return
    note_font(state, letter, text)
    blackboard = state.font in {"mathbb", "Bbb"}
    if blackboard and text in {"E", "P", "V"}:
        raise FormulaSyntaxError(
            f"{text} stands for an expectation or a probability, which are not in the language",
            Mark(letter.span),
            hint=r"write the mean over an index, as in  \operatorname{mean}_i(x_i)",
        )
    if blackboard and text == "R":
        text = "ℝ"
    state.write("NAME", text, letter, letter)


def note_font(state: State, word: Lexeme, text: str) -> None:
    """Remember in which kind of font a letter stands (a vector's components have no arrow)."""
    font = DISTINCT.get(state.font, "")
    component = not font and state.kind_at(state.position) == "UNDERSCORE"
    state.letters.setdefault(text, {}).setdefault("component" if component else font, word)


def check_fonts(state: State) -> None:
    """Refuse `\\mathcal{L}` and `L`, `\\vec{r}` and `r`, in one text: are they one name?

    Raises `FormulaSyntaxError`.
    """
    for text, fonts in state.letters.items():
        special = [font for font in fonts if font in DISTINCT.values()]
        if not special or (text, special) == ("R", ["mathbb"]):
            continue
        others = [fonts[font] for font in fonts if font != special[0]]
        if special[0] == "vec":
            others = [fonts[font] for font in fonts if font not in {"vec", "component"}]
        if others:
            raise FormulaSyntaxError(
                f"{text} in two fonts has two readings: one name, or two",
                Mark(fonts[special[0]].span, f"set in \\{special[0]}"),
                Mark(others[0].span, "and here not"),
                hint="write it in one font everywhere, or take another letter",
            )


def _check_run(state: State, run: list[Lexeme], text: str) -> None:
    """Refuse a product of letters that hides a function or a declared name, and prose."""
    if state.between:
        raise prose(run[0])
    hidden = [word for word in sorted(state.names.words) if word in text]
    hidden += [word for word in LONG_FUNCTIONS if text.endswith(word)]
    if not hidden:
        return
    word = max(hidden, key=len)
    before, after = text.split(word, 1)
    named = rf"\{word}" if word in COMMANDED else rf"\mathrm{{{word}}}"
    apart = " ".join(part for part in (before, named, after) if part)
    raise FormulaSyntaxError(
        f"{text} has two readings: a product with {word} in it, or one of single letters",
        Mark(run[0].span.to(run[-1].span)),
        hint=f"write  {apart}  or  {' '.join(text)}",
    )


def _read_label(state: State) -> None:
    """`W1` is `W_1` where there is such a name, else `W` times 1 (as in `y1^T`)."""
    if not state.out or state.out[-1].type != "NAME" or state.kind_at(state.position) != "DIGIT":
        return
    if state.word.spaced:
        return
    end = state.position
    while state.kind_at(end) == "DIGIT" and not state.braced.words[end].spaced:
        end += 1
    figures = state.braced.words[state.position : end]
    digits = "".join(figure.text for figure in figures)
    name = state.out[-1]
    if name.text + digits not in state.names.numbered:
        return
    if name.text in state.names.variables:
        raise FormulaSyntaxError(
            f"{name.text}{digits} has two readings: the name {name.text}_{digits}, or "
            f"{name.text} times {digits}",
            Mark(name.span.to(figures[-1].span)),
            hint=rf"write  {name.text}_{{{digits}}}  or  {name.text} \cdot {digits}",
        )
    state.position = end
    state.write("SUBSCRIPT", f"_{{{digits}}}", figures[0], figures[-1])


def read_number(state: State) -> None:
    """Read the figures at the place."""
    words, start = state.braced.words, state.position
    end = _figures(state, start)
    if state.kind_at(end) == "DOT" and state.kind_at(end + 1) == "DIGIT":
        end = _figures(state, end + 1)
    state.position = end
    text = "".join(word.text for word in words[start:end])
    state.write("NUMBER", text, words[start], words[end - 1])


def _figures(state: State, position: int) -> int:
    end = position
    while state.kind_at(end) == "DIGIT" and (end == position or not state.braced.words[end].spaced):
        end += 1
    return end


def read_accent(state: State) -> None:
    """`\\hat{\\mathbf{y}}`: one letter and its accents; `\\hat{y_i}` is `\\hat{y}_i`."""
    command, brace = state.word, state.position + 1
    closer = state.braced.partner[brace]
    end = _subscript_within(state, brace, closer)
    last = state.braced.words[end - 1 if end < closer else closer]
    found = pieces(state.braced, state.position, end)
    if len(found) != 1 or found[0].type not in {"LETTER", "WORD"}:
        raise FormulaSyntaxError(
            f"{command.text} stands over more than one letter",
            Mark(command.span.to(state.braced.words[closer].span)),
            hint=f"write it over one letter, as in  {command.text}{{y}}_{{1}}",
        )
    if end < closer:
        state.open(brace, []).accent = True
        state.position = end
    else:
        state.position = closer + 1
    write_letter(state, lexeme("LETTER", found[0].text, command, last), found[0].text)


def _subscript_within(state: State, brace: int, closer: int) -> int:
    """The place of the one subscript that ends with the group; the end if there is none."""
    for position in range(brace + 1, min(closer, brace + LONGEST_ACCENTED)):
        if state.kind_at(position) == "UNDERSCORE":
            ends = state.braced.partner[position + 1] + 1 == closer
            return position if ends else closer
    return closer
