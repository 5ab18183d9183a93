"""Text to syntax tree.

In: a source text. Out: its tree, or a `FormulaError` that marks the place and says what to write:
never another exception, whatever the text. The way: scanner, brackets, line ends, keywords, ∂,
then Lark's LALR parser, which calls `TreeBuilder` for each rule.

>>> source = Source("y_i = W_ij x_j")
>>> parse_program(source).statements
(<Definition 'y_i = W_ij x_j'>,)
>>> parse_query(Source("∂y_i/∂W_jk"))
<Query '∂y_i/∂W_jk'>
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache

import lark

from indexcalc.collection import uncollected
from indexcalc.errors import FormulaSyntaxError, Mark, Source, Span
from indexcalc.syntax import tree
from indexcalc.syntax.brackets import pair
from indexcalc.syntax.build import TreeBuilder
from indexcalc.syntax.grammar import parser
from indexcalc.syntax.keywords import mark_keywords
from indexcalc.syntax.latex.detect import NONE_GIVEN, Notation, detect
from indexcalc.syntax.lexeme import Lexeme
from indexcalc.syntax.limits import DEFAULT_LIMITS, SyntaxLimits
from indexcalc.syntax.lines import end_statements
from indexcalc.syntax.mistakes import explain
from indexcalc.syntax.partials import mark_partials
from indexcalc.syntax.scanner import check_lengths, scan
from indexcalc.syntax.tables import LATEX


@uncollected()
def parse_program(
    source: Source,
    known: Collection[str] = (),
    limits: SyntaxLimits = DEFAULT_LIMITS,
    notation: Notation = "text",
    arguments: Mapping[str, tuple[str, ...]] = NONE_GIVEN,
) -> tree.Program:
    """The statements of `source`, in order; a text without one is an empty program.

    `notation` is "text", "latex", or "auto" for LaTeX where the text has signs that only LaTeX has;
    `arguments` are those of tensors that LaTeX defined as `f(x) = …` (`latex.arrange` finds them).
    `known` are names that are variables although the text does not declare or define them: `Σ`
    among them makes `Σ_ij` a component of a matrix, not a sum sign.

    Raises `FormulaSyntaxError`, or `LimitError` beyond `limits`.
    """
    latex = (detect(source.text) if notation == "auto" else notation) == "latex"
    if latex:
        statements = _latex_statements(source, known, limits, arguments)
    else:
        statements = _statements(arrange(source, known, limits), latex=False)
    if not statements:
        return tree.Program(Span(source, 0, 0), ())
    return tree.Program(statements[0].span.to(statements[-1].span), statements)


def _latex_statements(
    source: Source,
    known: Collection[str],
    limits: SyntaxLimits,
    arguments: Mapping[str, tuple[str, ...]],
) -> tuple[tree.Tree, ...]:
    from indexcalc.syntax.latex.arrange import arrange as arrange_latex  # noqa: PLC0415
    from indexcalc.syntax.latex.hints import with_latex  # noqa: PLC0415 - by those who write it

    try:
        return _statements(arrange_latex(source, known, limits, arguments), latex=True)
    except FormulaSyntaxError as error:
        raise with_latex(error) from error


def parse_query(
    source: Source,
    known: Collection[str] = (),
    limits: SyntaxLimits = DEFAULT_LIMITS,
    notation: Notation = "text",
    arguments: Mapping[str, tuple[str, ...]] = NONE_GIVEN,
) -> tree.Tree:
    """The one statement of `source`: an expression, a claim or a definition.

    Raises as `parse_program` does, and `FormulaSyntaxError` if there are several statements.
    """
    statements = parse_program(source, known, limits, notation, arguments).statements
    if not statements:
        raise FormulaSyntaxError(
            "the text holds no expression", Mark(Span(source, 0, 0)), hint="write  ∂f/∂x_i"
        )
    if len(statements) > 1:
        raise FormulaSyntaxError(
            "one expression is expected here, not several statements",
            Mark(statements[1].span, "the second statement"),
        )
    return statements[0]


def arrange(source: Source, known: Collection[str], limits: SyntaxLimits) -> list[Lexeme]:
    """The lexemes of `source` as the grammar wants them."""
    lexemes = end_statements(pair(check_lengths(scan(source, limits), limits), limits))
    return mark_partials(mark_keywords(lexemes, known), limits)


@cache
def _lark(*, latex: bool) -> lark.Lark:
    if latex:
        from indexcalc.syntax.latex.build import LatexBuilder  # noqa: PLC0415 - as above

        return parser(LatexBuilder(), LATEX)
    return parser(TreeBuilder())


def _statements(lexemes: list[Lexeme], *, latex: bool) -> tuple[tree.Tree, ...]:
    reader = _lark(latex=latex).parse_interactive()
    position = 0
    try:
        for position, lexeme in enumerate(lexemes):  # noqa: B007
            reader.feed_token(lexeme)  # type: ignore[arg-type]  # Lark reads `type` alone
        position = len(lexemes)
        statements: tuple[tree.Tree, ...] = reader.feed_eof()  # type: ignore[no-untyped-call]
    except lark.UnexpectedToken as error:
        raise explain(lexemes, position) from error
    return statements
