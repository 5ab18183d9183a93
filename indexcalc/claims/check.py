"""Claims judged: link by link, by canonical form, and by numbers.

In: a program that was read, and a claim. Out: a `Verdict`.

>>> from indexcalc.elaborate.program import elaborate
>>> from indexcalc.syntax.parser import parse_program
>>> program = elaborate(parse_program(Source("A[n, n], x[n]; f = x^T A x")))
>>> check(program, "∂f/∂x == (A + A^T) x").status
'proved'
>>> check(program, "∂f/∂x == 2 A x").status
'differs'
>>> check(program, "∂f/∂x == 2 A x; assume A == A^T").status
'proved'
>>> check(program, "∂f/∂x_i == s_i + A_ij x_j, s_i = A_ji x_j").status
'proved'
>>> check(program, "∂f/∂x == x A").status
'ill-shaped'
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from indexcalc.claims.clauses import split_clauses
from indexcalc.claims.judgement import judge_link
from indexcalc.claims.links import Link, Status
from indexcalc.claims.repair import repair_of
from indexcalc.claims.verdict import Verdict
from indexcalc.elaborate.claims import names_outside_claims, read_claim, read_sides
from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.elaborate.names import marked_name, refer
from indexcalc.elaborate.program import elaborate
from indexcalc.errors import FormulaSyntaxError, Mark, Source, Span
from indexcalc.syntax import tree
from indexcalc.syntax.latex.detect import NONE_GIVEN, Notation, detect
from indexcalc.syntax.parser import parse_program, parse_query
from indexcalc.syntax.tree import Tree

__all__ = ["check", "judge", "judge_all", "judge_link", "sides_equal"]


def check(
    elaborated: Elaborated,
    text: str,
    notation: Notation = "auto",
    arguments: Mapping[str, tuple[str, ...]] = NONE_GIVEN,
) -> Verdict:
    """Judge a claim, or a chain of claims, in the context of a program.

    Definitions may stand with it (`f == g s, s = …`, or in lines of their own) and assumptions; one
    of a name that the program defines is judged like a claim. `arguments` are those of tensors
    that a LaTeX program defined as `f(x) = …`. Raises a `FormulaError` if there is no claim, if
    the text cannot be read, or if it has a name that nothing else has.
    """
    latex = (detect(text) if notation == "auto" else notation) == "latex"
    source = Source(text if latex else split_clauses(text), "claim")
    parsed = parse_program(source, elaborated.symbols, notation=notation, arguments=arguments)
    claims, more = _sorted(parsed, elaborated)
    if not claims:
        raise FormulaSyntaxError(
            "a claim is expected here",
            Mark(parsed.span if parsed.statements else Span(source, 0, 0)),
            hint="write  left == right",
        )
    known = _extended(elaborated, more) if more else elaborated
    parts = [judge(known, claim) for claim in claims]
    broken = next((part.seek for part in parts if part.first_break is not None), None)
    return Verdict(text, tuple(link for part in parts for link in part.links), broken)


def judge(
    elaborated: Elaborated, claim: tree.Claim, spoken: Container[str] | None = None
) -> Verdict:
    """Judge a claim that was parsed; `spoken` are the names that a program has outside of claims,
    if this is one of its own. Raises as `check` does.
    """
    sides = read_claim(elaborated, claim, spoken)
    pairs = zip(sides.sides, sides.sides[1:], strict=False)
    links = tuple(judge_link(sides, *pair) for pair in pairs)
    broken = next((k for k, link in enumerate(links) if link.breaks), 0)
    return Verdict(claim.span.text, links, lambda: repair_of(elaborated, claim, broken))


def judge_all(elaborated: Elaborated) -> tuple[Verdict, ...]:
    """Judge the claims of a program, in source order. Raises as `check` does."""
    spoken = names_outside_claims(elaborated)
    return tuple(judge(elaborated, claim.tree, spoken) for claim in elaborated.claims)


def sides_equal(elaborated: Elaborated, left: str | Tree, right: str | Tree) -> Status:
    """How two expressions compare; raises a `FormulaError` for a text that cannot be read."""
    trees = [_expression(elaborated, side) for side in (left, right)]
    sides = read_sides(elaborated, trees)
    link: Link = judge_link(sides, *sides.sides)
    return link.status


def _expression(elaborated: Elaborated, side: str | Tree) -> Tree:
    if isinstance(side, str):
        side = parse_query(Source(side, "claim"), elaborated.symbols)
    return side.value if isinstance(side, tree.Query) else side


def _sorted(
    parsed: tree.Program, elaborated: Elaborated
) -> tuple[list[tree.Claim], list[tree.Tree]]:
    """The claims, and the statements that belong to the program."""
    claims: list[tree.Claim] = []
    more: list[tree.Tree] = []
    defined = {definition.name for definition in elaborated.definitions}
    for statement in parsed.statements:
        match statement:
            case tree.Claim():
                claims.append(statement)
            case tree.Definition() if _target(statement, elaborated) in defined:
                claims.append(tree.Claim(statement.span, (statement.target, statement.value)))
            case tree.Query():
                raise FormulaSyntaxError(
                    "this claims nothing", Mark(statement.span), hint="write  left == right"
                )
            case _:
                more.append(statement)
    return claims, more


def _target(definition: tree.Definition, elaborated: Elaborated) -> str:
    marked = marked_name(definition.target)
    assert marked is not None  # the parser lets nothing else be defined
    return refer(marked, elaborated.table.known, ()).name


def _extended(elaborated: Elaborated, more: Sequence[tree.Tree]) -> Elaborated:
    """The program with more statements."""
    program = elaborated.tree
    return elaborate(tree.Program(program.span, (*program.statements, *more)))
