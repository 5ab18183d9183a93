"""The form in which equal formulas are one node: sums of products of few atoms.

In: nodes in terms of inputs, without derivatives. Out: the same values, multiplied out, with
functions written by the atoms of `exposure` and facts put in. It is for comparing, not for
computing: it may be long, and nothing in it is stable.

>>> from indexcalc.ir.build import add, builtin, multiply, variable
>>> u, v = variable("u", ()), variable("v", ())
>>> one, other = builtin("exp", add(u, v)), multiply(builtin("exp", v), builtin("exp", u))
>>> one is other, normal([one], ()) == normal([other], ())
(False, True)
"""

from __future__ import annotations

from collections.abc import Sequence

from indexcalc.claims.proofs.expansion import multiplied_out
from indexcalc.claims.proofs.exposure import exponential, exposed, logarithm
from indexcalc.claims.proofs.matrix_atoms import of_factors, of_terms
from indexcalc.claims.proofs.orientation import of_diagonal_pattern, oriented
from indexcalc.ir.build import linear, terms_of, with_arguments
from indexcalc.ir.contraction import contract
from indexcalc.ir.node import Apply, Call, Contraction, Node, Reduce, Sum
from indexcalc.ir.walk import rewrite
from indexcalc.simplify.facts import Fact, facts
from indexcalc.simplify.kronecker import kronecker
from indexcalc.simplify.matrices import cancel_inverses
from indexcalc.simplify.symmetry import symmetric

MOST_ROUNDS = 6


def normal(roots: Sequence[Node], known: Sequence[Fact]) -> list[Node]:
    """Nodes in normal form; `known` are facts in normal form. Raises `LimitError`."""
    found = list(roots)
    for _ in range(MOST_ROUNDS):
        before = found
        found = symmetric(facts(rewrite(kronecker(found), _rule), known))
        if found == before:
            break
    return found


def _rule(node: Node, arguments: tuple[Node, ...]) -> Node:
    new = with_arguments(node, arguments)
    match new:
        case Apply():
            new = exposed(new)
            new = of_diagonal_pattern(new) if isinstance(new, Apply) else new
            new = oriented(new) if isinstance(new, Apply) else new
        case Call():
            new = of_factors(new)
        case Reduce(operation="logsumexp"):
            new = _log_of_sum(new)
        case Reduce():
            new = of_terms(new)
            new = oriented(new) if isinstance(new, Reduce) else new
        case _:
            pass
    if not isinstance(new, Sum | Contraction):
        return new
    return _without_inverses(multiplied_out(new))


def _log_of_sum(node: Reduce) -> Node:
    rank = len(node.argument.shape)
    total = contract([(exponential(node.argument), range(rank))], range(rank - node.rank))
    return logarithm(multiplied_out(total))


def _without_inverses(node: Node) -> Node:
    """`A inv(A)` is the identity in every term."""
    terms = terms_of(node)
    shorter = [
        (c, cancel_inverses(term) if isinstance(term, Contraction) else term) for c, term in terms
    ]
    if shorter == terms:
        return node
    return multiplied_out(linear(shorter, node.shape))
