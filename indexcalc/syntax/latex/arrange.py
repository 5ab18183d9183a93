"""LaTeX to the lexemes that the parser takes.

In: a LaTeX text. Out: lexemes with the terminals of the grammar. The steps are those of a text
(brackets, ends of statements, keywords, ∂), with LaTeX's own between them.

>>> [lexeme.type for lexeme in arrange(Source(r"\\sum_i \\frac{x_i}{2}"))][:4]
['REDUCER', 'SUBSCRIPT', 'LPAR', 'LPAR']
"""

from __future__ import annotations

from collections.abc import Collection

from indexcalc.errors import Source
from indexcalc.syntax.brackets import pair
from indexcalc.syntax.keywords import mark_keywords
from indexcalc.syntax.latex.applied import apply
from indexcalc.syntax.latex.functions import close_over_arguments
from indexcalc.syntax.latex.joined import join
from indexcalc.syntax.latex.reader import read
from indexcalc.syntax.latex.rows import end_rows
from indexcalc.syntax.lexeme import Lexeme
from indexcalc.syntax.limits import DEFAULT_LIMITS, SyntaxLimits
from indexcalc.syntax.partials import mark_partials

ROUND = {"GROUP_OPEN": "LPAR", "GROUP_CLOSE": "RPAR"}
ALWAYS = frozenset({"Σ"})  # \Sigma is a letter, \sum the sum sign


def arrange(
    source: Source, known: Collection[str] = (), limits: SyntaxLimits = DEFAULT_LIMITS
) -> list[Lexeme]:
    """The lexemes of `source` as the grammar wants them; `known` names are variables.

    Raises `FormulaSyntaxError`, or `LimitError` beyond `limits`.
    """
    found, names = read(source, known, limits)
    lexemes = apply(pair(join(found, names), limits), names)
    lexemes = [part._replace(type=ROUND.get(part.type, part.type)) for part in lexemes]
    lexemes = close_over_arguments(end_rows(lexemes, names), names)
    variables = {*known, *names.variables, *ALWAYS}
    return mark_partials(mark_keywords(lexemes, variables), limits)
