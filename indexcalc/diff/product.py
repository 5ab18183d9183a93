"""Products multiplied out, as far as something inside has to be reached.

In: factors with labels. Out: a list of products with the same sum, in which factors that were sums
or contractions have been opened. What is opened is the caller's choice; the number of products
and of factors is bounded, and what lies beyond the bound stays closed, which is always right.

>>> from indexcalc.ir.build import add, variable
>>> n = Extent.named("n")
>>> A, B, x = variable("A", (n, n)), variable("B", (n, n)), variable("x", (n,))
>>> factors = ((add(A, B), (0, 1)), (x, (1,)))
>>> opened = multiply_out(factors, [n, n], lambda node, labels: isinstance(node, Sum))
>>> sorted(node.name for product in opened for node, _ in product.factors)
['A', 'B', 'x', 'x']
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from indexcalc.ir.build import delta, linear, ones
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Contraction, Labels, Node, Sum

MOST_PRODUCTS = 64
MOST_FACTORS = 64

Factor = tuple[Node, Labels]
Opens = Callable[[Node, Labels], bool]


@dataclass(frozen=True, slots=True)
class Product:
    """A coefficient and factors with labels."""

    coefficient: Fraction
    factors: tuple[Factor, ...]


def multiply_out(factors: Sequence[Factor], extents: list[Extent], opens: Opens) -> list[Product]:
    """Open every factor for which `opens(node, labels)` holds, and what appears, while it holds.

    `extents` gives each label's extent; new labels are appended to it.
    """
    done: list[Product] = []
    todo = [Product(Fraction(1), tuple(factors))]
    while todo:
        product = todo.pop()
        room = MOST_PRODUCTS - len(done) - len(todo)
        position = _first_to_open(product, room, opens)
        if position is None:
            done.append(product)
        else:
            todo.extend(reversed(_opened(product, position, extents)))
    return done


def contract_traces(factors: Sequence[Factor], output: Labels, extents: Sequence[Extent]) -> Node:
    """`contract`, with the trace or diagonal of a sum or product taken inside it.

    `Σ_i (A B)_ii` becomes `Σ_ij A_ij B_ji`: the whole product is not needed.
    """
    grown = list(extents)

    def opens(node: Node, labels: Labels) -> bool:
        return len(set(labels)) < len(labels)

    products = multiply_out(factors, grown, opens)
    known = dict(enumerate(grown))
    terms = [(p.coefficient, contract(p.factors, output, known)) for p in products]
    return linear(terms, tuple(extents[label] for label in output))


def _first_to_open(product: Product, room: int, opens: Opens) -> int | None:
    for position, (node, labels) in enumerate(product.factors):
        match node:
            case Sum():
                fits = len(node.terms) <= max(1, room)
            case Contraction():
                fits = len(node.factors) + len(product.factors) <= MOST_FACTORS
            case _:
                fits = False
        if fits and opens(node, labels):
            return position
    return None


def _opened(product: Product, position: int, extents: list[Extent]) -> list[Product]:
    node, labels = product.factors[position]
    before, after = product.factors[:position], product.factors[position + 1 :]
    if isinstance(node, Sum):
        return [
            Product(product.coefficient * coefficient, (*before, (term, labels), *after))
            for coefficient, term in node.terms
        ]
    assert isinstance(node, Contraction)
    return [Product(product.coefficient, (*before, *_inlined(node, labels, extents), *after))]


def _inlined(node: Contraction, labels: Labels, extents: list[Extent]) -> list[Factor]:
    """The factors of a contraction under the labels that its axes have outside."""
    outer: dict[int, int] = {}
    factors: list[Factor] = []
    for inner, label in zip(node.output, labels, strict=True):
        if outer.setdefault(inner, label) != label:
            factors.append((delta(extents[label]), (outer[inner], label)))
    for inner, extent in enumerate(node.extents):
        if inner not in outer:
            outer[inner] = len(extents)
            extents.append(extent)
    for factor, own in zip(node.factors, node.labels, strict=True):
        factors.append((factor, tuple(outer[label] for label in own)))
    covered = {label for _, own in factors for label in own}
    # an axis along which nothing changes still has its length
    factors += [(ones((extents[k],)), (k,)) for k in dict.fromkeys(labels) if k not in covered]
    return factors
