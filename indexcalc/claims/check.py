"""Claims judged: link by link, by canonical form, and by numbers.

In: a program that was read, and a claim. Out: a `Verdict`.

>>> from indexcalc.elaborate.program import elaborate
>>> from indexcalc.syntax.parser import parse_program
>>> program = elaborate(parse_program(Source("A[n, n], x[n]; f = x^T A x")))
>>> check(program, "∂f/∂x == (A + A^T) x").status
'proved'
>>> check(program, "∂f/∂x == 2 A x").status
'differs'
>>> check(program, "∂f/∂x == x A").status
'ill-shaped'
"""

from __future__ import annotations

from collections.abc import Sequence

from indexcalc.claims.proof import is_proved, opened_facts
from indexcalc.claims.trial import Difference, try_out
from indexcalc.claims.verdict import Counterexample, Link, Status, Verdict
from indexcalc.elaborate.claims import ClaimSides, Side, read_claim, read_sides
from indexcalc.elaborate.differentials import spoken_of, total
from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.errors import FormulaSyntaxError, Mark, Source
from indexcalc.ir.extent import shape_text
from indexcalc.ir.node import Node, Variable
from indexcalc.pipeline import worked_out
from indexcalc.syntax import tree
from indexcalc.syntax.latex.detect import Notation
from indexcalc.syntax.parser import parse_query
from indexcalc.syntax.tree import Tree


def check(elaborated: Elaborated, text: str, notation: Notation = "auto") -> Verdict:
    """Judge a claim, or a chain of claims, in the context of a program.

    Raises a `FormulaError` if the text is no claim, or has a name that nothing else has.
    """
    parsed = parse_query(Source(text, "claim"), elaborated.symbols, notation=notation)
    if not isinstance(parsed, tree.Claim):
        raise FormulaSyntaxError(
            "a claim is expected here", Mark(parsed.span), hint="write  left == right"
        )
    return judge(elaborated, parsed)


def judge(elaborated: Elaborated, claim: tree.Claim) -> Verdict:
    """Judge a claim that was parsed. Raises as `check` does."""
    sides = read_claim(elaborated, claim)
    pairs = zip(sides.sides, sides.sides[1:], strict=False)
    return Verdict(claim.span.text, tuple(judge_link(sides, *pair) for pair in pairs))


def sides_equal(elaborated: Elaborated, left: str | Tree, right: str | Tree) -> Status:
    """How two expressions compare; raises a `FormulaError` for a text that cannot be read."""
    trees = [_expression(elaborated, side) for side in (left, right)]
    sides = read_sides(elaborated, trees)
    return judge_link(sides, *sides.sides).status


def _expression(elaborated: Elaborated, side: str | Tree) -> Tree:
    parsed = (
        parse_query(Source(side, "claim"), elaborated.symbols) if isinstance(side, str) else side
    )
    return parsed.value if isinstance(parsed, tree.Query) else parsed


def judge_link(claim: ClaimSides, left: Side, right: Side) -> Link:
    """Judge one link."""
    for side in (left, right):
        if side.problem is not None:
            return Link(left.text, right.text, "ill-shaped", side.problem.message)
    assert left.node is not None
    assert right.node is not None
    if left.node.shape != right.node.shape:
        shapes = f"left is {shape_text(left.shape)}, right is {shape_text(right.shape)}"
        return Link(left.text, right.text, "ill-shaped", shapes)
    written, constants = differentiated(claim, [left.node, right.node])
    first, second = worked_out(written, claim.environment)
    facts = opened_facts(claim.environment)
    if is_proved(first, second, facts):
        return Link(left.text, right.text, "proved", constants=constants)
    trial = try_out(first, second, facts)
    found = None
    if trial.difference is not None:
        found = _counterexample(trial.difference, claim)
    return Link(
        left.text, right.text, trial.status, counterexample=found, constants=constants,
        points=trial.points,
    )  # fmt: skip


def _counterexample(difference: Difference, claim: ClaimSides) -> Counterexample:
    entry = dict(zip(claim.letters, difference.entry, strict=False))
    return Counterexample(
        difference.size, entry, difference.left, difference.right, difference.sizes,
        difference.values,
    )  # fmt: skip


def differentiated(
    claim: ClaimSides, nodes: Sequence[Node]
) -> tuple[Sequence[Node], tuple[str, ...]]:
    """The sides of a link with their differentials written out, and what these hold constant."""
    names = claim.differentials
    spoken = [spoken_of([node], names, claim.environment) for node in nodes]
    if not any(spoken):
        return nodes, ()
    reach = [{v for one in side for v in one.inputs} for side in spoken]
    everything = dict.fromkeys(v for side in spoken for one in side for v in one.inputs)
    moving = reach[0] & reach[1] if all(spoken) else reach[0] | reach[1]
    moving |= {v for side in spoken for one in side if one.plain for v in one.inputs}
    for one in (one for side in spoken for one in side):
        if not moving.intersection(one.inputs):
            moving |= set(one.inputs)
    constants = tuple(v.name for v in _by_name(everything) if v not in moving)
    return total(nodes, names, moving, claim.environment), constants


def _by_name(variables: dict[Variable, None]) -> list[Variable]:
    return sorted(variables, key=lambda v: v.name)
