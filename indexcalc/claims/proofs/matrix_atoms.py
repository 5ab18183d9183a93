"""Inverses and determinants of products, and functions that go through a sum.

In: a function of a whole tensor, of multiplied-out arguments. Out: the same value by those of the
factors: `inv(A B) = inv(B) inv(A)`, `det(A B) = det(A) det(B)`, `inv(A Diag(d)) = Diag(1/d) inv(A)`
for square factors. What inverts a product inverts its factors too.

>>> from indexcalc.ir.build import variable
>>> n = Extent.named("n")
>>> A, B = variable("A", (n, n)), variable("B", (n, n))
>>> product = contract([(A, "ij"), (B, "jk")], "ik")
>>> of_factors(call("inv", product)) is contract(
...     [(call("inv", B), "ij"), (call("inv", A), "jk")], "ik")
True
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from indexcalc.claims.proofs.separable import of_kronecker, of_multiple
from indexcalc.ir.build import call, linear, multiply, power, reduce, reshape, scale
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Call, Node, Reduce, Sum
from indexcalc.simplify.matrices import call_rules
from indexcalc.simplify.product import Product, product_of


def of_factors(node: Call) -> Node:
    """The function by those of the factors or terms of its argument, or as it is."""
    argument = node.argument
    if node.operation == "reshape":
        if isinstance(argument, Sum):
            terms = [(c, reshape(term, node.shape)) for c, term in argument.terms]
            return linear(terms, node.shape)
        return call_rules(node)
    separated = of_multiple(node) or of_kronecker(node)
    if separated is not None:
        return separated
    product = product_of(argument)
    if not _is_chain(product):
        return call_rules(node)
    match node.operation:
        case "inv":
            return _inverse(product)
        case "det":
            return _determinant(product) or node
        case _:
            return _logarithm(product) or node


def of_terms(node: Reduce) -> Node:
    """A running sum of a sum, term by term."""
    if node.operation in ("cumsum", "reverse_cumsum") and isinstance(node.argument, Sum):
        terms = [(c, reduce(node.operation, term, 1)) for c, term in node.argument.terms]
        return linear(terms, node.shape)
    return node


def _is_chain(product: Product) -> bool:
    """Whether the factors are square matrices in a row, with vectors along diagonals, scalars."""
    matrices = [(f, own) for f, own in product.factors if len(own) == 2]
    if len(product.output) != 2 or product.joined() or len(matrices) < 1:
        return False
    if len(product.factors) < 2 or any(len(own) > 2 for _, own in product.factors):
        return False
    extent = product.extents[product.output[0]]
    ends = Counter(label for _, own in matrices for label in own)
    path = set(ends)
    if any(len(set(own)) < 2 for _, own in matrices) or len(path) != len(matrices) + 1:
        return False
    if any(ends[label] != (1 if label in product.output else 2) for label in path):
        return False
    inside = {label for _, own in product.factors for label in own}
    return inside <= path and all(product.extents[label] == extent for label in path)


def _sizes(product: Product) -> dict[int, Extent]:
    return dict(enumerate(product.extents))


def _inverse(product: Product) -> Node:
    factors = [
        (call("inv", factor), own[::-1]) if len(own) == 2 else (power(factor, -1), own)
        for factor, own in product.factors
    ]
    inverse = contract(factors, product.output[::-1], _sizes(product))
    return scale(1 / product.coefficient, inverse)


def _determinant(product: Product) -> Node | None:
    parts: list[Node] = []
    size = product.extents[product.output[0]].size
    if (product.coefficient != 1 or any(not own for _, own in product.factors)) and size is None:
        return None
    for factor, own in product.factors:
        match len(own):
            case 2:
                parts.append(call("det", factor))
            case 1:
                parts.append(reduce("prod", factor, 1))
            case _:
                parts.append(power(factor, size or 1))
    return scale(product.coefficient ** (size or 1), multiply(*parts))


def _logarithm(product: Product) -> Node | None:
    if product.coefficient != 1 or any(len(own) < 2 for _, own in product.factors):
        return None
    return linear([(Fraction(1), call("logdet", factor)) for factor, _ in product.factors], ())
