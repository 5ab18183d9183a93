"""The predicates see what is not in normal form."""

from __future__ import annotations

from fractions import Fraction

import pytest

from indexcalc.ir.build import add, builtin, delta, number, ones, power, scale, transpose, variable
from indexcalc.ir.check import first_fault, is_well_formed
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import (
    Apply,
    Call,
    Constant,
    Contraction,
    Derivative,
    Function,
    Node,
    Number,
    Reduce,
    Size,
    Sum,
    Variable,
    intern,
)

m, n = Extent.named("m"), Extent.named("n")
x, y, A = variable("x", (n,)), variable("y", (n,)), variable("A", (n, n))
B = variable("B", (m, n))
one, two, half = Fraction(1), Fraction(2), Fraction(1, 2)
low, high = sorted((x, y), key=lambda node: node.digest)


def product(factors: tuple[Node, ...], labels: tuple[tuple[int, ...], ...], output: tuple[int, ...],
            *extents: Extent) -> Node:  # fmt: skip
    shape = tuple(extents[label] for label in output)
    return intern(Contraction, shape, factors, labels, output, extents)


def raised(base: Node, exponent: Fraction) -> Node:
    return intern(Apply, base.shape, Function("power", parameter=exponent), (base,))


WRONG: list[tuple[Node, str]] = [
    (intern(Variable, (n,), "", frozenset[str]()), "without a name"),
    (intern(Variable, (n,), "S", frozenset(["spd"])), "not square"),
    (intern(Variable, (m, n), "S", frozenset(["symmetric"])), "not square"),
    (intern(Number, (n,), one), "with axes"),
    (intern(Number, (), Fraction(0)), "a zero"),
    (intern(Constant, (n,), "pi"), "constant"),
    (intern(Constant, (), "tau"), "constant"),
    (intern(Size, (), Extent.fixed(3)), "a number"),
    (intern(Sum, (n,), ((one, x),)), "coefficient 1"),
    (intern(Sum, (n,), ((one, high), (one, low))), "out of order"),
    (intern(Sum, (n,), ((one, x), (one, x))), "out of order, or twice"),
    (intern(Sum, (n,), ((one, low), (Fraction(0), high))), "coefficient 0"),
    (intern(Sum, (n,), ((two, low), (two, high))), "common factor"),
    (intern(Sum, (n,), ((-one, low), (one, high))), "common factor"),
    (intern(Sum, (n,), ((two, scale(2, x)),)), "multiple inside"),
    (intern(Sum, (), ((two, number(1)),)), "multiple of a number"),
    (intern(Sum, (), ((two, number(3)),)), "a number that is not 1"),
    (intern(Sum, (n,), ((two, A),)), "different shapes"),
    (intern(Apply, (n,), Function("exp"), (x, y)), "number of arguments"),
    (intern(Apply, (n,), Function("pow", (0, 0)), (x, A)), "different shapes"),
    (intern(Apply, (n,), Function("exp", kind="vague"), (x,)), "unknown kind"),
    (intern(Apply, (n,), Function("exp", (1,)), (x,)), "differentiated"),
    (intern(Apply, (n,), Function("mystery"), (x,)), "not in the table"),
    (intern(Apply, (n,), Function("exp"), (ones((n,)),)), "repeated or transposed"),
    (raised(x, two), "a power that is a product"),
    (raised(power(x, half), two), "a power that is a product"),
    (raised(power(x, 9), Fraction(-1)), "a power that is a product"),
    (intern(Reduce, (), "median", x, 1), "unknown reduction"),
    (intern(Reduce, (n,), "max", x, 0), "number of reduced axes"),
    (intern(Reduce, (n,), "max", x, 1), "shape of a reduction"),
    (intern(Reduce, (n, n), "cumsum", A, 2), "several axes"),
    (intern(Call, (n, n), "inv", B), "not square"),
    (intern(Call, (n, n), "det", A), "shape of a call"),
    (intern(Call, (n, n), "adjugate", A), "unknown function"),
    (intern(Call, (n,), "reshape", A), "another number of entries"),
    (intern(Call, (n, n), "reshape", A), "the same shape"),
    (intern(Derivative, (), number(1), ()), "by nothing"),
    (intern(Derivative, (n,), x, (x,)), "the axes"),
    (product((A,), ((0,),), (0,), n), "as many labels as axes"),
    (product((B,), ((0, 1),), (0, 1), n, n), "two extents"),
    (product((A,), ((0, 2),), (0, 2), n, n, n), "not 0, 1, 2"),
    (product((A,), ((1, 0),), (0,), n, n), "by appearance"),
    (product((number(2), x), ((), (0,)), (0,), n), "a number as a factor"),
    (product((scale(2, x), y), ((0,), (0,)), (0,), n), "multiple inside"),
    (product((transpose(A, (1, 0)), x), ((0, 1), (1,)), (0,), n, n), "not absorbed"),
    (product((power(x, 3), y), ((0,), (0,)), (0,), n), "not absorbed"),
    (product((x, power(x, -1)), ((0,), (0,)), (0,), n), "not collected"),
    (product((x,) * 9, ((0,),) * 9, (0,), n), "not collected"),
    (product((), (), ()), "without axes"),
    (product((x,), ((0,),), (0,), n), "changes nothing"),
    (product((), (), (0,), n, n), "not 0, 1, 2"),
    (product((high, low), ((0,), (1,)), (0, 1), n, n), "canonical order"),
    (product((low, high), ((0,), (1,)), (1, 0), n, n), "out of order"),
    (product((low, high), ((0,), (0,)), (0, 0), n), "out of order"),
    (product((low, high), ((0,), (0,)), (0, 1), n, n), "in no factor"),
]


@pytest.mark.parametrize(
    ("node", "reason"), WRONG, ids=[f"{r} {k}" for k, (_, r) in enumerate(WRONG)]
)
def test_broken_rules_are_named(node: Node, reason: str) -> None:
    found = is_well_formed(node)
    assert found is not None
    assert reason in found


def test_what_the_builders_make_is_well_formed() -> None:
    nodes = [x, A, add(x, y), scale(2, x), delta(n), ones((n,)), number(3), power(x, -2),
             builtin("exp", add(x, y)), contract([(A, "ij"), (x, "j")], "i"),
             contract([(A, "ij"), (x, "j")], "iki", {"k": m})]  # fmt: skip
    assert first_fault(nodes) is None
    inside = intern(Apply, (n,), Function("sin"), (intern(Sum, (n,), ((one, x),)),))
    fault = first_fault([inside])
    assert fault is not None
    assert fault.startswith("<Sum[n] ")
