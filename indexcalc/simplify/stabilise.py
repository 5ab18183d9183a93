"""Rewrite to atoms that neither overflow nor cancel, and whose derivatives do not either.

In: formulas as people write them. Out: the same functions, by `softplus`, `sigmoid`,
`logsumexp`, `log1mexp`, … This runs before differentiation: `softplus' = σ`, `σ' = σ(x) σ(−x)`,
`logsumexp' = softmax`, so that nothing has to be recognised in a derivative and sharing a
subexpression with one cannot spoil a pattern.

>>> from indexcalc.ir.build import add, builtin, number, variable
>>> u = variable("u", ())
>>> stabilise([builtin("log", add(number(1), builtin("exp", u)))])[0] is builtin("softplus", u)
True

| formula | becomes | where |
|---|---|---|
| `log(1 + exp u)`, `log1p(exp u)` | `softplus(u)` | everywhere |
| `log(c + d exp u)` | `log c + softplus(u + log d − log c)` | c, d > 0 |
| `log(exp a + exp b)` | `a + softplus(b − a)`, and so on for up to 8 terms | everywhere |
| `log(exp a − exp b)` | `a + log1mexp(b − a)` | a > b, as the left side |
| `log(1 − exp u)`, `log1p(−exp u)` | `log1mexp(u)` | u < 0, as the left side |
| `log(exp u − 1)` | `u + log1mexp(−u)` | u > 0, as the left side |
| `log Σ exp x` | `logsumexp(x)` along the same axes | everywhere |
| `log(1 + x)` | `log1p(x)` | x > −1, as the left side |
| `exp x − 1` | `expm1(x)` | everywhere |
| `log(exp u)` | `u` | everywhere |
| `exp(c log u)` | `u^c` | u > 0, and beyond for whole c |
| `log(p r)` | `log p + log r`, for p an `exp`, `σ`, `Σ exp` | r > 0, as the left side |
| `(Σ exp x)^−e`, `(c + d exp u)^−e` | `exp(−e log(…))` with that logarithm as above | everywhere |
| `exp(a) exp(b)` | `exp(a + b)` where one has all axes of the other | everywhere |
| `(Σ w exp x) exp(−logsumexp y)` | `Σ w exp(x − logsumexp y)` | everywhere |
| `exp(k u − n softplus u)` | `σ(u)^k σ(−u)^(n−k)`; `1/(1 + exp u)` is `σ(−u)` | whole 0 ≤ k ≤ n |
| `exp(n softplus u)` | `(1 + exp u)^n` | whole n |
| `exp(u) σ(−u)` | `σ(u)` | everywhere |
| `(1 + exp u) σ(−u)` | `1` | everywhere |
| `σ(u)^−n` | `(1 + exp(−u))^n` | everywhere |
| `1 − σ(u)`, `σ(u) + σ(−u)` | `σ(−u)`, `1` | everywhere |
| `log σ(u)`, `log(1 − σ(u))` | `−softplus(−u)`, `−softplus(u)` | everywhere |
| `softplus(u) − u`, `softplus(u) − softplus(−u)` | `softplus(−u)`, `u` | everywhere |
| `exp u − exp(−u)`, `exp u + exp(−u)` | `2 sinh u`, `2 cosh u` | everywhere |
| `sinh(u)/cosh(u)`, `expm1(u) σ(−u)` | `tanh(u)`, `tanh(u/2)` | everywhere |
| `1 + tanh u`, `1 − tanh u` | `2 σ(2u)`, `2 σ(−2u)` | everywhere |
| `log cosh u` | `logcosh(u)` | everywhere |
| `cosh(u)^−2n`, `cosh(u)^−e` | `(4 σ(2u) σ(−2u))^n`, `exp(−e logcosh u)` | everywhere |
| `log(c det A)` | `log c + logdet A` | det A > 0, c > 0, as the left side |

All rules are for real arguments. “As the left side” means that the left side is not a real number
elsewhere either. Tensors that are repeated along an axis are looked through, and sums over
indices may run along any subset of axes.
"""

from __future__ import annotations

from collections.abc import Sequence

from indexcalc.ir.build import with_arguments
from indexcalc.ir.node import Apply, Contraction, Node, Sum
from indexcalc.ir.walk import revise, rewrite
from indexcalc.simplify.stable_functions import sech, stable_function
from indexcalc.simplify.stable_products import stable_product
from indexcalc.simplify.stable_sums import stable_sum

MOST_ROUNDS = 16
MOST_STEPS = 8


def stabilise(roots: Sequence[Node]) -> list[Node]:
    """The same values in stable atoms; nothing is left for a second call to do.

    Each round is linear in the size of the graph; formulas take two or three.
    """
    found = list(roots)
    settled: set[Node] = set()  # what the rules leave alone, they leave alone in every round
    for _ in range(MOST_ROUNDS):
        before = found
        found = revise(found, _rule, settled, kinds=(Sum, Apply, Contraction))
        if found == before:
            found = rewrite(found, _last)
            if found == before:
                break
    return found


def _rule(node: Node, arguments: tuple[Node, ...]) -> Node:
    """Steps at this node, over stable arguments, as far as they go."""
    new = with_arguments(node, arguments)
    for _ in range(MOST_STEPS):
        before = new
        match before:
            case Sum():
                new = stable_sum(before)
            case Apply():
                new = stable_function(before)
            case Contraction():
                new = stable_product(before)
            case _:
                pass
        if new is before:
            break
    return new


def _last(node: Node, arguments: tuple[Node, ...]) -> Node:
    """What must wait until no `sinh` can meet a `1/cosh` any more."""
    new = with_arguments(node, arguments)
    return sech(new) if isinstance(new, Apply) else new
