"""Logarithms in terms of stable atoms, for sums and products that hold exponentials.

In: a tensor. Out: its logarithm by `softplus`, `logsumexp`, `log1mexp`, … which neither overflow
nor cancel, or None if the tensor is not of that form.

>>> from indexcalc.ir.build import add, builtin, ones, variable
>>> u = variable("u", ())
>>> logarithm_of_sum(add(ones(()), builtin("exp", u))) is builtin("softplus", u)
True

All rules hold for real arguments; each says where.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import permutations

from indexcalc.ir.build import (
    add,
    broadcast,
    builtin,
    linear,
    negate,
    number,
    reduce,
    scale,
    subtract,
    terms_of,
    zero,
)
from indexcalc.ir.contraction import base_and_exponent, contract
from indexcalc.ir.node import Apply, Contraction, Node, Reduce, Size
from indexcalc.ir.opening import only_rearranges
from indexcalc.simplify.views import argument_of, is_ones

MOST_TERMS = 8


def logarithm_of_atom(node: Node) -> Node | None:
    """`log` of an atom that is positive wherever it is defined; None for anything else."""
    if isinstance(node, Contraction) and node.summed:
        return logarithm_of_contraction(node)
    return _logarithm_of_single(node)


def _logarithm_of_single(node: Node) -> Node | None:
    """As `logarithm_of_atom`, without looking into sums over indices."""
    base, exponent = base_and_exponent(node)
    if isinstance(base, Size):
        return scale(exponent, builtin("log", base))
    if exponent == 1 and isinstance(node, Apply) and node.function.kind == "builtin":
        return _logarithm_of_function(node.function.name, node.args[0])
    return zero(node.shape) if is_ones(node) else None


def _logarithm_of_function(name: str, argument: Node) -> Node | None:
    match name:
        case "exp":
            return argument
        case "sigmoid":
            return negate(builtin("softplus", negate(argument)))
        case "cosh":
            return builtin("logcosh", argument)
        case _:
            return None


def logarithm_of_contraction(node: Contraction) -> Node | None:
    """`log` of a product of atoms, where a sum may run over one exponential: `logsumexp`."""
    if not only_rearranges(node):
        return None
    summed = set(node.summed)
    parts: list[Node] = []
    inside: list[tuple[Node, tuple[int, ...]]] = []
    extents = dict(enumerate(node.extents))
    for factor, labels in zip(node.factors, node.labels, strict=True):
        if summed.intersection(labels):
            inside.append((factor, labels))
            continue
        part = _logarithm_of_single(factor)
        if part is None:
            return None
        parts.append(contract([(part, labels)], node.output, extents))
    if summed:
        total = _logsumexp(inside, node)
        if total is None:
            return None
        parts.append(total)
    return add(*parts) if parts else None


def _logsumexp(inside: list[tuple[Node, tuple[int, ...]]], node: Contraction) -> Node | None:
    """`log Σ exp(x)` over the summed labels, in the shape of `node`."""
    if len(inside) != 1:
        return None
    factor, labels = inside[0]
    argument = argument_of(factor, "exp")
    if argument is None or len(set(labels)) != len(labels) or not set(node.summed) <= set(labels):
        return None
    kept = [label for label in labels if label not in node.summed]
    turned = contract([(argument, labels)], [*kept, *node.summed])
    total = reduce("logsumexp", turned, len(node.summed))
    return contract([(total, kept)], node.output, dict(enumerate(node.extents)))


def logarithm_of_sum(node: Node) -> Node | None:
    """`log(Σ cₖ exp(aₖ))`, by `softplus(a − b)` of two at a time; with one minus, `log1mexp`.

    The terms must be products of atoms, one of them unbounded. With negative terms, this is
    defined where the sum is positive, as the logarithm is.
    """
    terms = terms_of(node)
    if not 2 <= len(terms) <= MOST_TERMS or not any(is_unbounded(term) for _, term in terms):
        return None
    logarithms: list[tuple[bool, Node]] = []
    for coefficient, term in sorted(terms, key=lambda t: not is_ones(t[1])):
        part = logarithm_of_term(abs(coefficient), term)
        if part is None:
            return None
        logarithms.append((coefficient > 0, part))
    above = [part for positive, part in logarithms if positive]
    below = [part for positive, part in logarithms if not positive]
    if not above:
        return None
    total = _folded(above)
    if not below:
        return total
    return add(total, builtin("log1mexp", subtract(_folded(below), total)))


def _folded(parts: Sequence[Node]) -> Node:
    total = parts[0]
    for part in parts[1:]:
        total = add(total, builtin("softplus", subtract(part, total)))
    return total


def logarithm_of_term(coefficient: Fraction, term: Node) -> Node | None:
    """`log(c · term)` for `c > 0`, if the term is a product of positive atoms."""
    part = (
        logarithm_of_contraction(term)
        if isinstance(term, Contraction) and term.factors
        else logarithm_of_atom(term)
    )
    if part is None or coefficient == 1:
        return part
    constant = broadcast(builtin("log", number(coefficient)), term.shape, ())
    return add(part, constant)


def is_unbounded(term: Node) -> bool:
    """Whether the term holds an exponential that can overflow: not that of a log-softmax."""
    factors = term.factors if isinstance(term, Contraction) else (term,)
    for factor in factors:
        atom = factor
        if isinstance(atom, Contraction) and atom.summed and len(atom.factors) == 1:
            atom = atom.factors[0]
        argument = argument_of(atom, "exp")
        if argument is not None and not is_log_softmax(argument):
            return True
        if argument_of(atom, "cosh") is not None:
            return True
    return False


def is_log_softmax(argument: Node) -> bool:
    """Whether this is `x − logsumexp(x)`, so that its exponential is at most 1."""
    terms = terms_of(argument)
    for position, (coefficient, term) in enumerate(terms):
        found = _logsumexp_view(term)
        if coefficient != -1 or found is None:
            continue
        rest = linear(terms[:position] + terms[position + 1 :], argument.shape)
        if _reduces(found[0], found[1], rest):
            return True
    return False


def _logsumexp_view(term: Node) -> tuple[Reduce, tuple[int, ...]] | None:
    """A `logsumexp`, and at which axis of `term` each of its axes stands."""
    if isinstance(term, Reduce) and term.operation == "logsumexp":
        return term, tuple(range(len(term.shape)))
    if isinstance(term, Contraction) and term.is_view and term.factors and only_rearranges(term):
        inner = term.factors[0]
        if isinstance(inner, Reduce) and inner.operation == "logsumexp":
            return inner, tuple(term.output.index(label) for label in term.labels[0])
    return None


def _reduces(total: Reduce, axes: tuple[int, ...], rest: Node) -> bool:
    """Whether `total` is the `logsumexp` of `rest` over its axes that are not among `axes`."""
    gone = [axis for axis in range(len(rest.shape)) if axis not in axes]
    if len(gone) != total.rank or len(gone) > 3:
        return False
    every = range(len(rest.shape))
    return any(
        contract([(rest, every)], [*axes, *order]) is total.argument for order in permutations(gone)
    )
