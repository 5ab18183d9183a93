"""`\\begin{cases} … \\end{cases}`: values with their conditions.

In: the environment, its `&` and `\\\\` at the place. Out: lexemes of their own; the builder makes
`where(condition, value, …)` of them.

>>> from indexcalc.syntax.latex.reader import lexemes_of
>>> text = r"\\begin{cases} x, & \\text{if } x > 0 \\\\ 0, & \\text{otherwise.} \\end{cases}"
>>> [lexeme.type for lexeme in lexemes_of(text)]
... # doctest: +NORMALIZE_WHITESPACE
['CASES_OPEN', 'NAME', 'CASE_AT', 'NAME', 'COMPARE', 'NUMBER', 'CASE_END', 'NUMBER', 'CASE_AT',
 'OTHERWISE', 'CASES_CLOSE']
"""

from __future__ import annotations

from collections.abc import Sequence

from indexcalc.errors import FormulaSyntaxError, Mark, Span
from indexcalc.syntax import tree
from indexcalc.syntax.latex.state import State
from indexcalc.syntax.lexeme import Lexeme
from indexcalc.syntax.tree import Tree

ENVIRONMENTS = frozenset({"cases", "dcases"})
CONDITIONS = frozenset({"if", "for", "when"})
OTHERWISE = frozenset({"otherwise", "else"})
PUNCTUATION = frozenset({"COMMA", "DOT"})
# Conditions that between them leave nothing out.
COMPLETE = (
    {">", "<="}, {">=", "<"}, {"==", "!="}, {">", "==", "<"},
)  # fmt: skip
TURNED = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}

Case = tuple[Tree, Tree | None]


# --- reading ------------------------------------------------------------------------------------


def read_environment(state: State) -> None:
    """The begin or the end of the environment at the place."""
    word = state.word
    state.position += 1
    if word.text.startswith("\\begin"):
        state.cases += 1
        state.write("CASES_OPEN", word.text, word, word)
        return
    state.cases -= 1
    _drop(state, PUNCTUATION | {"CASE_END"})
    state.write("CASES_CLOSE", word.text, word, word)


def read_separator(state: State) -> None:
    """`&` or `\\\\\\\\` in the environment."""
    word = state.word
    state.position += 1
    _drop(state, PUNCTUATION)
    state.write("CASE_AT" if word.type == "ALIGN" else "CASE_END", word.text, word, word)


def reads_word(state: State, run: list[Lexeme], text: str) -> bool:
    """Read `if` or `otherwise`; whether it is one of these."""
    if not state.cases or text not in CONDITIONS | OTHERWISE:
        return False
    if text in OTHERWISE:
        state.write("OTHERWISE", text, run[0], run[-1])
    return True


def _drop(state: State, kinds: frozenset[str]) -> None:
    while state.out and state.out[-1].type in kinds:
        state.out.pop()


# --- building -----------------------------------------------------------------------------------


def chosen(cases: Sequence[Case], span: Span) -> Tree:
    """Nested `where(condition, value, otherwise)`.

    Raises `FormulaSyntaxError` if the cases do not say what holds otherwise.
    """
    *first, (last, condition) = cases
    for value, asked in first:
        if asked is None:
            raise FormulaSyntaxError(
                "otherwise stands in the last case", Mark(value.span), hint="put it last"
            )
    for _, asked in cases:
        _refuse_indices(asked)
    if condition is not None and not _is_complete([asked for _, asked in cases]):
        raise FormulaSyntaxError(
            "the cases do not say what holds otherwise",
            Mark(span),
            hint=r"write  \text{otherwise}  for the condition of the last one",
        )
    chosen_ = last
    for value, asked in reversed(first):
        assert asked is not None
        chosen_ = tree.Apply(span, tree.Name(span, "where"), (asked, value, chosen_))
    return chosen_


def _is_complete(conditions: Sequence[Tree | None]) -> bool:
    """`x > 0` and `x <= 0`, in any order and either way round."""
    sides: set[tuple[str, str]] = set()
    operators: set[str] = set()
    for condition in conditions:
        if not isinstance(condition, tree.Comparison):
            return False
        left, right = (
            "".join(side.span.text.split()) for side in (condition.left, condition.right)
        )
        turned = (right, left) in sides
        sides.add((right, left) if turned else (left, right))
        operators.add(TURNED[condition.operator] if turned else condition.operator)
    return len(sides) == 1 and operators in COMPLETE


def _refuse_indices(condition: Tree | None) -> None:
    """`i = j` compares indices, which is Kronecker's delta."""
    if not isinstance(condition, tree.Comparison) or condition.operator not in {"==", "!="}:
        return
    names = [side.text for side in (condition.left, condition.right) if isinstance(side, tree.Name)]
    if len(names) == 2:
        raise FormulaSyntaxError(
            f"{condition.span.text} has two readings: of indices, or of numbers",
            Mark(condition.span),
            hint=rf"write  \delta_{{{''.join(names)}}}  for indices,  {names[0]} - {names[1]} = 0  "
            "for numbers",
        )
