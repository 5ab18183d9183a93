"""One link of a claim judged: shapes, then canonical form, then numbers.

In: two sides that were read under one set of indices. Out: a `Link` with its status.

>>> from indexcalc.elaborate.claims import read_claim
>>> from indexcalc.elaborate.program import elaborate
>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_program, parse_query
>>> program = elaborate(parse_program(Source("A[m, n], x[n]; y = A x")))
>>> claim = read_claim(program, parse_query(Source("∂y/∂x == A^T")))
>>> link = judge_link(claim, *claim.sides)
>>> link.status, link.reason
('ill-shaped', 'left is m×n, right is n×m')
>>> print(*link.notes)
right in the other layout: the left side is the transpose of the right
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from indexcalc.claims.links import Counterexample, Link
from indexcalc.claims.proofs.proof import is_proved, opened_facts
from indexcalc.claims.trials.kinks import is_at_kink
from indexcalc.claims.trials.trial import POINTS, Difference, try_out
from indexcalc.elaborate.claims import ClaimSides, Side
from indexcalc.elaborate.differentials import Spoken, in_terms_of, spoken_of, total
from indexcalc.errors import EvaluationError, LimitError
from indexcalc.ir.build import broadcast, is_zero, transpose
from indexcalc.ir.contraction import contract
from indexcalc.ir.environment import Environment
from indexcalc.ir.extent import ONE, Shape, shape_text
from indexcalc.ir.node import Node, Variable
from indexcalc.pipeline import worked_out
from indexcalc.simplify.facts import Fact

CROSS_CHECK = 2  # points at which what is proved is tried out nevertheless
LAYOUT = "right in the other layout: the left side is the transpose of the right"
MOST_SHOWN = 6  # entries of an array in a note
KINK = "they differ at a kink, where the derivative is a convention"
RARE = "both sides agree at random points of ordinary size: what differs is rare, as a tie is"
NO_POINT = "no point was found at which both sides are numbers"
NO_POINT_WITH_FACTS = NO_POINT + " and what is assumed holds"


def judge_link(claim: ClaimSides, left: Side, right: Side) -> Link:
    """Judge `left == right`. Raises a `FormulaError` where a derivative does not exist."""
    for side in (left, right):
        if side.problem is not None:
            return Link(
                left.text, right.text, "ill-shaped", side.problem.message, problem=side.problem
            )
    notes = tuple(_note_of_lacking(side) for side in (left, right) if side.lacks)
    facts = opened_facts(claim.environment)
    try:
        nodes = conforming(left, right)
        if nodes is None:
            reason = f"left is {_shape_of(left)}, right is {_shape_of(right)}"
            return Link(
                left.text, right.text, "ill-shaped", reason,
                notes=notes + _layout(claim, left, right, facts),
            )  # fmt: skip
        found = _compared(claim, left, right, nodes, facts)
    except LimitError as error:
        return Link(left.text, right.text, "undecided", error.message, notes=notes)
    if found.status == "differs" and len(nodes[0].shape) == 2:
        notes += _layout(claim, left, right, facts)
    return Link(
        found.left, found.right, found.status, found.reason, found.counterexample,
        found.constants, notes + found.notes, found.points,
    )  # fmt: skip


def _compared(
    claim: ClaimSides, left: Side, right: Side, nodes: tuple[Node, Node], facts: Sequence[Fact]
) -> Link:
    texts = left.text, right.text
    if is_proved_by_chain_rule(claim, nodes, facts):
        return Link(*texts, "proved", constants=constants_of(claim, nodes))
    written, constants = differentiated(claim, nodes)
    first, second = worked_out(written, claim.environment)

    @cache
    def as_written() -> list[Node]:
        return worked_out(written, claim.environment, real=False)

    proved = is_proved(first, second, facts)
    if proved and first is second and not facts:
        return Link(*texts, "proved", constants=constants)
    try:
        points = CROSS_CHECK if proved else POINTS
        trial = try_out(first, second, facts, points, as_written)
    except EvaluationError as error:
        return Link(*texts, "proved" if proved else "undecided", error.message)
    if trial.difference is not None:
        clear = [one for one in trial.differences if not _is_of_slope(one, written, first, second)]
        if not clear:
            note = _at_kink(_counterexample(trial.difference, claim))
            return Link(*texts, "agrees", notes=(note,), constants=constants, points=trial.points)
        example = _counterexample(max(clear, key=lambda one: one.size), claim)
        rare = () if trial.difference.kind == "ordinary" else (RARE,)
        return Link(*texts, "differs", "", example, constants, rare, trial.points)
    if proved and (trial.points or not facts or _proved_without_facts(claim, written)):
        return Link(*texts, "proved", constants=constants, points=trial.points)
    reason = "" if trial.points else NO_POINT_WITH_FACTS if facts else NO_POINT
    return Link(*texts, trial.status, reason, constants=constants, points=trial.points)


def _proved_without_facts(claim: ClaimSides, written: Sequence[Node]) -> bool:
    """Whether nothing that is assumed is needed, as facts that contradict each other prove all."""
    plain = Environment(claim.environment.definitions, claim.environment.functions)
    first, second = worked_out(written, plain)
    return is_proved(first, second)


def _is_of_slope(difference: Difference, written: Sequence[Node], *opened: Node) -> bool:
    """Whether it is one of what a derivative is taken to be at a kink."""
    return difference.kind == "tie" and is_at_kink(
        written, opened, difference.sizes, difference.values
    )


def _at_kink(example: Counterexample) -> str:
    point = ", ".join(
        f"{name} = {' '.join(str(array.tolist()).split())}"
        for name, array in sorted(example.values.items())
        if array.size <= MOST_SHOWN
    )
    return f"{KINK}: left {example.left:.6g}, right {example.right:.6g} at {point or 'a tie'}"


def _counterexample(difference: Difference, claim: ClaimSides) -> Counterexample:
    entry = dict(zip(claim.letters, difference.entry, strict=False))
    return Counterexample(
        difference.size, entry, difference.left, difference.right, difference.sizes,
        difference.values, difference.functions,
    )  # fmt: skip


def _note_of_lacking(side: Side) -> str:
    letters = ", ".join(side.lacks)
    return f"{side.text} has no index {letters}: it is taken to be the same for all values of it"


# --- shapes -------------------------------------------------------------------------------------


def conforming(left: Side, right: Side) -> tuple[Node, Node] | None:
    """Both nodes in one shape, or None if the sides have different ones.

    Sides without indices are compared as matrices if one of them is: a vector is a column, or a
    row if it was transposed. The derivative of a scalar by a vector is either. `0` has every shape.
    """
    assert left.node is not None
    assert right.node is not None
    for side, other in ((left, right), (right, left)):
        if side.node is not None and is_zero(side.node) and not side.shape:
            zeros = broadcast(side.node, other.shape, ())
            assert other.node is not None
            return (zeros, other.node) if side is left else (other.node, zeros)
    if left.shape == right.shape and (left.indexed or right.indexed or not _is_turned(left, right)):
        return left.node, right.node
    if left.indexed or right.indexed or len(left.shape) == len(right.shape):
        return None
    pair = as_matrix(left), as_matrix(right)
    return pair if pair[0].shape == pair[1].shape else None


def _is_turned(left: Side, right: Side) -> bool:
    """Whether one is a row and the other a column."""
    turnable = left.turnable or right.turnable
    return len(left.shape) == 1 and left.row != right.row and not turnable


def as_matrix(side: Side) -> Node:
    """A scalar or a vector as a matrix; anything else as it is."""
    node = side.node
    assert node is not None
    match len(node.shape):
        case 0:
            return broadcast(node, (ONE, ONE), ())
        case 1:
            axes = (1, 0) if side.row else (0, 1)
            return contract([(node, (0,))], axes, {0: node.shape[0], 1: ONE})
        case _:
            return node


def _shape_of(side: Side) -> str:
    if len(side.shape) != 1 or side.indexed:
        return shape_text(side.shape)
    return f"a row of {side.shape[0]}" if side.row else f"a column of {side.shape[0]}"


def _layout(claim: ClaimSides, left: Side, right: Side, facts: Sequence[Fact]) -> tuple[str, ...]:
    """A note if the sides are equal but for a transpose."""
    if left.indexed and right.indexed:
        return ()
    first, second = as_matrix(left), as_matrix(right)
    if not _is_reversed(first.shape, second.shape):
        return ()
    written, _ = differentiated(claim, (first, transpose(second, (1, 0))))
    ends = worked_out(written, claim.environment)
    equal = (
        is_proved(ends[0], ends[1], facts) or try_out(ends[0], ends[1], facts).status == "agrees"
    )
    return (LAYOUT,) if equal else ()


def _is_reversed(shape: Shape, other: Shape) -> bool:
    return len(shape) == 2 and shape == other[::-1]


# --- differentials --------------------------------------------------------------------------------


def differentiated(claim: ClaimSides, nodes: Sequence[Node]) -> tuple[list[Node], tuple[str, ...]]:
    """The sides of a link with their differentials written out, and what these hold constant.

    What both sides can be about varies: the inputs whose differentials are written, and those
    on which both sides' differentials depend. So `dz == dW x` holds for `z = W x + b`, with `x` and
    `b` constant. No differential that is written is made zero by this.
    """
    names = claim.differentials
    spoken = [spoken_of([node], names, claim.environment) for node in nodes]
    if not any(spoken):
        return list(nodes), ()
    everything = {v for side in spoken for one in side for v in one.inputs}
    moving = moving_inputs(spoken)
    constants = sorted(v.name for v in everything if v not in moving)
    return total(nodes, names, moving, claim.environment), tuple(constants)


def constants_of(claim: ClaimSides, nodes: Sequence[Node]) -> tuple[str, ...]:
    """The inputs that the differentials of a link hold constant."""
    spoken = [spoken_of([node], claim.differentials, claim.environment) for node in nodes]
    moving = moving_inputs(spoken)
    everything = {v for side in spoken for one in side for v in one.inputs}
    return tuple(sorted(v.name for v in everything if v not in moving))


def is_proved_by_chain_rule(
    claim: ClaimSides, nodes: Sequence[Node], facts: Sequence[Fact]
) -> bool:
    """Whether one side follows from the other with the differentials of the latter as they stand.

    So a line about `dy` does not go down to what `y` is made of.
    """
    names, environment = claim.differentials, claim.environment
    spoken = [spoken_of([node], names, environment) for node in nodes]
    if not all(spoken):
        return False
    moving = moving_inputs(spoken)
    for side in (0, 1):
        by = [names[one.text] for one in spoken[side] if one.text in names]
        if len(by) < len(spoken[side]) or not any(v in environment.definitions for v in by):
            continue
        other = in_terms_of([nodes[1 - side]], names, by, moving, environment)
        if other is None:
            continue
        first, second = worked_out([nodes[side], *other], environment)
        if is_proved(first, second, facts) and not _is_refuted(first, second, facts):
            return True
    return False


def _is_refuted(first: Node, second: Node, facts: Sequence[Fact]) -> bool:
    """Whether numbers speak against a proof, which would be a fault of the proof."""
    return first is not second and try_out(first, second, facts, CROSS_CHECK).status == "differs"


def moving_inputs(spoken: Sequence[Sequence[Spoken]]) -> set[Variable]:
    """The inputs that vary in a link with these differentials on its two sides."""
    reach = [{v for one in side for v in one.inputs} for side in spoken]
    moving = reach[0] & reach[1] if all(spoken) else reach[0] | reach[1]
    moving |= {v for side in spoken for one in side if one.plain for v in one.inputs}
    for one in (one for side in spoken for one in side):
        if not moving.intersection(one.inputs):
            moving |= set(one.inputs)
    return moving
