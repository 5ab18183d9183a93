"""LaTeX to the lexemes that the parser takes.

In: a LaTeX text. Out: lexemes with the terminals of the grammar. The steps are those of a text
(brackets, ends of statements, keywords, ∂), with LaTeX's own between them.

>>> [lexeme.type for lexeme in arrange(Source(r"\\sum_i \\frac{x_i}{2}"))][:4]
['REDUCER', 'SUBSCRIPT', 'GROUP_OPEN', 'GROUP_OPEN']
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from indexcalc.errors import Source
from indexcalc.syntax.brackets import pair
from indexcalc.syntax.keywords import mark_keywords
from indexcalc.syntax.latex.applied import apply
from indexcalc.syntax.latex.detect import NONE_GIVEN
from indexcalc.syntax.latex.functions import (
    close_over_arguments,
    tensors_with_arguments,
)
from indexcalc.syntax.latex.joined import join
from indexcalc.syntax.latex.names import Names
from indexcalc.syntax.latex.reader import read
from indexcalc.syntax.latex.rows import end_rows
from indexcalc.syntax.lexeme import Lexeme
from indexcalc.syntax.limits import DEFAULT_LIMITS, SyntaxLimits
from indexcalc.syntax.partials import mark_partials
from indexcalc.syntax.scanner import check_lengths

ALWAYS = frozenset({"Σ"})  # \Sigma is a letter, \sum the sum sign


def arrange(
    source: Source,
    known: Collection[str] = (),
    limits: SyntaxLimits = DEFAULT_LIMITS,
    arguments: Mapping[str, tuple[str, ...]] = NONE_GIVEN,
) -> list[Lexeme]:
    """The lexemes of `source` as the grammar wants them; `known` names are variables.

    `arguments` are those of tensors that were defined as `f(x) = …` before: `f(x)` is then `f`.
    Raises `FormulaSyntaxError`, or `LimitError` beyond `limits`.
    """
    lexemes, names = _in_statements(source, known, limits, arguments)
    lexemes = close_over_arguments(lexemes, names, arguments)
    variables = {*known, *names.variables, *ALWAYS}
    return mark_partials(mark_keywords(lexemes, variables), limits)


def arguments_of(
    source: Source, known: Collection[str] = (), limits: SyntaxLimits = DEFAULT_LIMITS
) -> dict[str, tuple[str, ...]]:
    """The tensors that `source` defines as functions, with their arguments.

    >>> arguments_of(Source(r"f(x) = x^\\top A x; \\sigma(z) = e^{-z}"))
    {'f': ('x',)}
    """
    return tensors_with_arguments(*_in_statements(source, known, limits, NONE_GIVEN))


def _in_statements(
    source: Source,
    known: Collection[str],
    limits: SyntaxLimits,
    arguments: Mapping[str, tuple[str, ...]],
) -> tuple[list[Lexeme], Names]:
    found, names = read(source, known, limits, arguments)
    joined = join(_commas(check_lengths(found, limits)), names)
    lexemes = apply(pair(joined, limits), names)
    return end_rows(lexemes, names), names


def _commas(lexemes: list[Lexeme]) -> list[Lexeme]:
    """`f(x; w)` is `f(x, w)`."""
    done: list[Lexeme] = []
    depth = 0
    for part in lexemes:
        depth += (part.type == "LPAR") - (part.type == "RPAR")
        inside = depth > 0 and part.type == "SEMICOLON" and part.text == ";"
        done.append(part._replace(type="COMMA") if inside else part)
    return done
