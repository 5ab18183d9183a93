"""Names that a text introduces, found before it is read.

In: the words of a text, and the names that are known already. Out: which runs of letters are one
name (`xy` is `x y` unless it is declared), which letters are variables, indices or extents, which
names have a number, and what functions are functions of.

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.latex.braces import enclose
>>> from indexcalc.syntax.limits import SyntaxLimits
>>> from indexcalc.syntax.scanner import scan
>>> from indexcalc.syntax.tables import LATEX
>>> text = r"W_1 \\in \\mathbb{R}^{m \\times n}; f(x) &= W_1 x"
>>> names = introduced(enclose(scan(Source(text), files=LATEX), SyntaxLimits()), ())
>>> sorted(names.variables), sorted(names.extents), sorted(names.numbered), names.arguments
(['W1', 'f'], ['m', 'n'], ['W1'], {'f': ('x',)})
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from indexcalc.syntax.latex.braces import Braced
from indexcalc.syntax.latex.commands import (
    ACCENTS,
    LETTER_FONTS,
    SIGNS,
    SWITCHES,
    WORD_FONTS,
    command_of,
    letter,
)
from indexcalc.syntax.latex.pieces import pieces

SEPARATING = frozenset({"NEWLINE", "ROW", "SEMICOLON", "COMMA", "ALIGN", "DOLLARS", "ENVIRONMENT",
                        "MATH_OPEN", "MATH_CLOSE", "IMPLIES"})  # fmt: skip
LONGEST_DECLARATION = 200
PRIME = "ʹ"  # a letter to Unicode and to Python
FONTS = LETTER_FONTS | WORD_FONTS | set(ACCENTS)


@dataclass(frozen=True, slots=True)
class Names:
    """What is known of names before a text is read.

    `variables` are declared, defined or known; `primed` have a prime in their name.
    """

    variables: set[str] = field(default_factory=set)
    primed: set[str] = field(default_factory=set)
    numbered: set[str] = field(default_factory=set)
    extents: set[str] = field(default_factory=set)
    indices: set[str] = field(default_factory=set)
    raised: set[str] = field(default_factory=set)  # letters that are exponents, or upper indices
    arguments: dict[str, tuple[str, ...]] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)  # variables of several letters


def introduced(braced: Braced, known: Collection[str]) -> Names:
    """Look through the starts of statements, and through all subscripts."""
    names = Names(set(known))
    names.numbered.update(name for name in known if name[-1:].isdigit())
    names.primed.update(name.rstrip(PRIME) for name in known if name[-1:] == PRIME)
    words = braced.words
    for position, word in enumerate(words):
        if word.type == "UNDERSCORE" and not _is_below_operator(braced, position):
            _look_at_subscript(braced, position, names)
        elif word.type == "CARET":
            _look_at_label(braced, position, names)
        if word.type not in SEPARATING and _starts(braced, position):
            _look_at_start(braced, position, names)
    names.words.update(name for name in names.variables if sum(map(str.isalpha, name)) > 1)
    return names


def _is_below_operator(braced: Braced, position: int) -> bool:
    """Whether a subscript stands at ∇ or ∂, perhaps behind their order: it is a variable."""
    position -= 1
    if kind_of(braced, position) == "RBRACE":
        position = braced.partner[position] - 1
        position -= kind_of(braced, position) == "CARET"
    if position < 0:
        return False
    word = braced.words[position]
    return word.type in {"NABLA", "PARTIAL"} or command_of(word) in {"nabla", "partial"}


def _starts(braced: Braced, position: int) -> bool:
    """Whether a statement may start here."""
    before = kind_of(braced, position - 1)
    rows = before == "LBRACE" and position > 1
    return before in SEPARATING or (rows and braced.words[position - 2].text == "\\eqalign")


def kind_of(braced: Braced, position: int) -> str:
    """The kind of a word, a command that is a sign taken for this sign."""
    if not 0 <= position < len(braced.words):
        return "NEWLINE"
    word = braced.words[position]
    return SIGNS.get(command_of(word), (word.type, ""))[0]


def head_at(braced: Braced, position: int) -> tuple[str, int]:
    """The name that starts at a place, and the place behind it; an empty name if there is none."""
    word = braced.words[position]
    command = command_of(word)
    named = letter(command) if command else None
    if named is not None:
        return named, position + 1
    if command in FONTS or (word.type == "LBRACE" and _is_name(braced, position)):
        opener = position if word.type == "LBRACE" else position + 1
        end = braced.partner[opener] + 1
        found = pieces(braced, position, end) if end - position < 30 else []
        plain = all(piece.type in {"LETTER", "WORD", "DIGIT"} for piece in found)
        return ("".join(piece.text for piece in found) if plain else ""), end
    end = position
    while end < len(braced.words) and braced.words[end].type == "LETTER":
        if end > position and braced.words[end].spaced:
            break
        end += 1
    return "".join(part.text for part in braced.words[position:end]), end


def _is_name(braced: Braced, position: int) -> bool:
    """Whether a group starts like `{\\bf A}` or `{x`."""
    following = braced.words[position + 1]
    return following.type == "LETTER" or command_of(following) in FONTS | set(SWITCHES)


def _look_at_start(braced: Braced, position: int, names: Names) -> None:
    name, after = head_at(braced, position)
    if not name:
        return
    primes, longer = False, name
    while kind_of(braced, after) in {"UNDERSCORE", "CARET", "PRIME", "DIGIT"}:
        script = kind_of(braced, after) in {"UNDERSCORE", "CARET"}
        longer += _word_below(braced, after)
        primes = primes or kind_of(braced, after) == "PRIME"
        after = braced.partner[after + 1] + 1 if script else after + 1
    if kind_of(braced, after) == "LPAR":
        after = _look_at_arguments(braced, name, after, names)
    if kind_of(braced, after) == "ALIGN":
        after += 1
    kind = kind_of(braced, after)
    if kind not in {"ELEMENT", "LSQB", "ASSIGN"}:
        return
    bare = braced.words[position].type == "LETTER" and sum(map(str.isalpha, name)) > 1
    if kind == "ASSIGN" and bare:
        return  # `xy = yx` says that two products are equal
    numbered = longer[len(name) : len(name) + 1].isdigit()
    (names.primed if primes else names.variables).add(longer if numbered else name)
    if kind == "ASSIGN":
        return
    _look_at_extents(braced, after, names)
    names.variables.add(longer)
    before = position - 1
    while kind_of(braced, before) == "COMMA":  # the others of  x, y \in
        before -= 1
        if kind_of(braced, before) == "LETTER":
            names.variables.add(braced.words[before].text)
            before -= 1


def _word_below(braced: Braced, position: int) -> str:
    """`_out` for the subscript of `W_{out}`, `1` for that of `W_1`."""
    if kind_of(braced, position) != "UNDERSCORE":
        return ""
    found = pieces(braced, position + 2, min(braced.partner[position + 1], position + 80))
    text = "".join(piece.text for piece in found)
    if text.isdigit():
        return text
    return f"_{text}" if all(piece.type in {"LETTER", "WORD"} for piece in found) else ""


def _look_at_arguments(braced: Braced, name: str, position: int, names: Names) -> int:
    """`f(x, y) =`: what `f` is a function of; the place behind the bracket, or before it."""
    arguments: list[str] = []
    primed: set[str] = set()
    after = position
    while kind_of(braced, after) in {"LPAR", "COMMA"} and after + 1 < len(braced.words):
        argument, after = head_at(braced, after + 1)
        if not argument:
            return position
        primes = 0
        while kind_of(braced, after) == "PRIME":
            primes, after = primes + len(braced.words[after].text), after + 1
            primed.add(argument)
        arguments.append(argument + PRIME * primes)
    if kind_of(braced, after) != "RPAR":
        return position
    follows = after + 2 if kind_of(braced, after + 1) == "ALIGN" else after + 1
    if kind_of(braced, follows) != "ASSIGN":
        return position
    names.arguments[name] = tuple(arguments)
    names.primed.update(primed)
    return after + 1


def _look_at_extents(braced: Braced, position: int, names: Names) -> None:
    """Letters between `\\in` or `[` and the end of the statement or the bracket."""
    words = braced.words
    bracket = words[position].type == "LSQB"
    for word in words[position + 1 : position + LONGEST_DECLARATION]:
        if word.type in {"NEWLINE", "ROW", "SEMICOLON"} or (bracket and word.type == "RSQB"):
            return
        name = word.text if word.type == "LETTER" else letter(command_of(word))
        names.extents.update({name} - {"R", "ℝ"} if name else ())


def _look_at_subscript(braced: Braced, position: int, names: Names) -> None:
    end = braced.partner[position + 1]
    found = pieces(braced, position + 2, min(end, position + 80))
    names.indices.update(piece.text for piece in found if piece.type == "LETTER")
    digits = ""
    for piece in found:
        if piece.type != "DIGIT":
            break
        digits += piece.text
    base = _name_before(braced, position)
    if digits and base:
        names.numbered.add(base + digits)


def _look_at_label(braced: Braced, position: int, names: Names) -> None:
    end = braced.partner[position + 1]
    found = pieces(braced, position + 2, min(end, position + 20))
    kinds = [piece.type for piece in found]
    if set(kinds) == {"LETTER"}:
        names.raised.update(piece.text for piece in found)
    base = _name_before(braced, position)
    if base and "COMMA" not in kinds and kinds[:2] in (["LPAR", "DIGIT"], ["LSQB", "DIGIT"]):
        digits = found[1 : kinds.count("DIGIT") + 1]
        names.numbered.add(base + "".join(piece.text for piece in digits))


def _name_before(braced: Braced, position: int) -> str:
    """The letter that a script hangs on."""
    position -= 1
    while kind_of(braced, position) in {"RBRACE", "PRIME"}:
        position -= 1
    if position < 0:
        return ""
    word = braced.words[position]
    return word.text if word.type == "LETTER" else letter(command_of(word)) or ""
