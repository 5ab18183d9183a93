"""The commutation matrix, and Kronecker products of several factors and with numbers."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import indexcalc as ic

PROGRAM = "A[m, n], B[p, q], x[n], c[]"
SIZES = {"m": 2, "n": 3, "p": 4, "q": 1}


def value(query: str, program: str = PROGRAM) -> NDArray[np.float64]:
    source = np.random.default_rng(0)
    read = ic.Program(program)
    arrays = {
        name: source.normal(size=[SIZES[str(extent)] for extent in variable.shape])
        for name, variable in read.variables.items()
    }
    used = {name: arrays[name] for name in read[query].inputs}
    return np.asarray(read[query](**used))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("commutation(m, n) vec(A)", "vec(A^T)"),
        ("commutation(n, m) vec(A^T)", "vec(A)"),
        ("commutation(p, m) (A ⊗ B) commutation(n, q)", "B ⊗ A"),
        ("vec(A)^T commutation(n, m)", "vec(A^T)^T"),
        ("A ⊗ B ⊗ x", "(A ⊗ B) ⊗ x"),
        ("A ⊗ B ⊗ x", "A ⊗ (B ⊗ x)"),
        ("1/2 A ⊗ B", "(A ⊗ B)/2"),
        ("c A ⊗ B", "c (A ⊗ B)"),
        ("A ⊗ B c", "c (A ⊗ B)"),
        ("-2 c A ⊗ B ⊗ A", "(-2 c) (A ⊗ (B ⊗ A))"),
    ],
)
def test_laws(left: str, right: str) -> None:
    np.testing.assert_allclose(value(left), value(right), rtol=1e-12)


def test_the_matrix_itself() -> None:
    matrix = ic.Program("A[2, 3]")["commutation(2, 3)"]()
    assert matrix.shape == (6, 6)
    for i in range(2):
        for j in range(3):
            assert matrix[j + 3 * i, i + 2 * j] == 1
    assert matrix.sum() == 6


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("commutation(m)", "commutation does not take 1 argument"),
        ("commutation(A, m)", "A is not a size"),
        ("commutation", "needs brackets around its argument"),
    ],
)
def test_wrong_arguments_are_refused(query: str, message: str) -> None:
    with pytest.raises(ic.FormulaError, match=message):
        ic.Program(PROGRAM)[query]


def test_a_variable_may_have_the_name() -> None:
    program = ic.Program("commutation[n, n], x[n]; y = commutation x")
    assert str(program["y"]) == "commutation_ij x_j"


def test_latex_writes_it_as_k_with_sizes() -> None:
    program = ic.Program(r"A \in \mathbb{R}^{m \times n}")
    text, latex = "commutation(m, n) vec(A)", r"K^{(m, n)} \operatorname{vec}(A)"
    assert program[latex]._node is ic.Program("A[m, n]")[text]._node


def test_a_tensor_called_k_keeps_its_name_in_latex() -> None:
    program = ic.Program(r"K \in \mathbb{R}^{m \times n}")
    with pytest.raises(ic.FormulaError):
        program[r"K^{(m, n)} \operatorname{vec}(K)"]
