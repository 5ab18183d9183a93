"""Products of a tensor with small factors are seen down to the tensor, wherever they are used."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import indexcalc as ic
from indexcalc.codegen.run import Function
from indexcalc.ir.build import variable
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Contraction, Node
from indexcalc.plan.reopen import reopened

N = Extent.named("n")
SIZES = {"n": 16}
T = variable("T", (N,) * 4)
VECTORS = [variable(name, (N,)) for name in "xvu"]
x, v, _ = VECTORS


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("f = T_ijkl x_i x_j x_k x_l", "∂²f/∂x_a∂x_b v_b + ∂f/∂x_a"),
        ("f = exp(T_ijkl x_i x_j x_k x_l)", "∂²f/∂x_a∂x_b v_b"),
        ("g = T_ijkl x_i x_j x_k x_l; s = x_i x_i; f = g / s^2", "∂²f/∂x_a∂x_b v_b"),
        ("g = T_ijkl x_i x_j x_k x_l; f = g^2 + log(g)", "∂²f/∂x_a∂x_b v_b"),
    ],
)
def test_functions_of_forms_read_the_tensor_as_often_as_the_form(text: str, query: str) -> None:
    program = ic.Program(f"T[n, n, n, n], x[n], v[n]; {text}")
    assert program.compile(query, sizes=SIZES).cost.at(SIZES).flops <= 7.6 * 16**4


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_value_stays(data: st.DataObject) -> None:
    """Of products of one tensor, of products of these, and of what is no such product."""
    made: list[Node] = [T]
    for _ in range(data.draw(st.integers(2, 6))):
        inner = data.draw(st.sampled_from([node for node in made if node.shape]))
        labels = list(data.draw(st.permutations("abcd"[: len(inner.shape)])))
        met = data.draw(st.sampled_from(labels))
        factors: list[tuple[Node, list[str]]] = [(inner, labels)]
        factors.append((data.draw(st.sampled_from(VECTORS)), [met]))
        if data.draw(st.booleans()):
            factors.append((data.draw(st.sampled_from(made)), ["e", "f", "g", "h"]))
            factors[-1] = (factors[-1][0], factors[-1][1][: len(factors[-1][0].shape)])
        left = [label for label in labels if label != met or data.draw(st.integers(0, 3)) == 0]
        made.append(contract(factors, left))
    names = [(node.name, node.shape) for node in (T, *VECTORS)]
    roots = [(f"f{k}", node) for k, node in enumerate(made[1:])]
    random = np.random.default_rng(0)
    arrays = [random.standard_normal((3,) * len(shape)) for _, shape in names]
    small = Function(roots, names, sizes={"n": 3})
    found = small._compiled({"n": 3}, "float64").body(*arrays)
    again = [(f"f{k}", node) for k, node in enumerate(reopened(made[1:], SIZES))]
    other = Function(again, names, sizes=SIZES)
    for a, b in zip(found, other._compiled(SIZES, "float64").body(*arrays), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)


def test_what_meets_other_factors_stays() -> None:
    inner = contract([(T, "ijkl"), (x, "l")], "ijk")
    A = variable("A", (N, N))
    kept: list[Node] = [
        contract([(inner, "ijk"), (A, "kl")], "ijl"),  # a matrix with an axis of its own
        contract([(inner, "ijk"), (inner, "ijk")], ""),  # the tensor twice
        contract([(inner, "ijk"), (v, "k")], "ijk"),  # entry by entry
    ]
    assert reopened(kept, SIZES) == kept
    (found,) = reopened([contract([(inner, "ijk"), (A, "jk"), (x, "i")], "")], SIZES)
    assert isinstance(found, Contraction)
    assert T in found.factors
