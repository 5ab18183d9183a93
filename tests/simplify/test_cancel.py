"""Factors that cancel inside a sum."""

from __future__ import annotations

import pytest

import indexcalc as ic
from indexcalc.ir.build import add, multiply, power, reciprocal, subtract, variable
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.simplify.cancel import cancel

m, n = Extent.named("m"), Extent.named("n")
f, s, t = (variable(name, (m, n)) for name in "fst")


def test_a_factor_cancels_entry_by_entry() -> None:
    product = multiply(f, subtract(s, multiply(t, reciprocal(f))))
    assert cancel([product]) == [subtract(multiply(f, s), t)]


def test_a_denominator_cancels_too() -> None:
    product = multiply(power(f, -2), add(multiply(f, s), t))
    assert cancel([product]) == [add(multiply(reciprocal(f), s), multiply(power(f, -2), t))]


def test_nothing_cancels_under_other_indices() -> None:
    square = variable("g", (n, n))
    turned = contract([(reciprocal(square), "ji")], "ij")
    product = multiply(square, add(turned, variable("h", (n, n))))
    assert cancel([product]) == [product]


def test_a_sum_that_would_only_grow_stays() -> None:
    more = add(s, t, multiply(s, t), reciprocal(f))
    assert cancel([multiply(f, more)]) == [multiply(f, more)]


@pytest.mark.parametrize(
    ("program", "query", "expected"),
    [
        ("θ[n]; p_i = softmax(θ)_i; L = -sum_i t_i log(p_i)", "∂L/∂θ_j", "p_j sum_i t_i - t_j"),
        ("p_bi = softmax_i(θ_bi); L = -t_bi log(p_bi)", "∂L/∂θ_bi", "p_bi sum_j t_bj - t_bi"),
    ],
)
def test_the_gradient_of_the_cross_entropy_has_no_quotient(
    program: str, query: str, expected: str
) -> None:
    assert str(ic.Program(program)[query]) == expected
