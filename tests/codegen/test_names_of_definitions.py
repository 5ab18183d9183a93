"""What the program names keeps its name in generated code."""

from __future__ import annotations

import numpy as np

import indexcalc as ic

LAYERS = [f"H{k}_ij = tanh(W{k}_ik H{k - 1}_kj)" for k in range(1, 6)]


def test_definitions_keep_their_names_where_products_read_them_transposed() -> None:
    program = ic.Program("\n".join(["H0[n, b]", *LAYERS, "f = H5_ij H5_ij"]))
    source = program.compile("f").source
    assert [f"    H{k} = np.tanh(" in source for k in range(1, 6)] == [True] * 5


def test_a_name_is_of_the_tensor_as_it_was_defined() -> None:
    program = ic.Program("B_ij = tanh(A_ji)\nC_ij = exp(B_ik D_kj)\nf = C_ij E_ji")
    function = program.compile("f", "B", "C")
    random = np.random.default_rng(0)
    shapes = {"A": (2, 3), "D": (2, 4), "E": (4, 3)}
    arrays = {name: random.normal(size=shape) for name, shape in shapes.items()}
    _, B, C = function(**arrays)
    np.testing.assert_allclose(B, np.tanh(arrays["A"].T))
    np.testing.assert_allclose(C, np.exp(B @ arrays["D"]))
