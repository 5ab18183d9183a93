"""What a formula is printed as, through the interface: forms, layouts, derivations, pictures."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest

import indexcalc as ic

NETWORK = """
    U[k, m], W[m, n], X[n, p], b[m], c[k]
    Z = W X + b 1^T
    Y = U σ(Z) + c 1^T
"""
LAYER = "A[m, n], x[n], b[m]; r = A x - b; f = r^T r"


def test_a_gradient_by_a_vector_is_a_column() -> None:
    g = ic.Program(LAYER)["∂f/∂x"]
    assert g.to_index() == "2 r_j A_ji"
    assert g.to_matrix() == g.to_matrix(layout="denominator") == g.to_vec() == "2 A^T r"
    assert g.to_latex("matrix") == r"2 A^\top r"
    assert [g.layout(form) for form in ("index", "matrix", "vec")] == ["", "", ""]


def test_a_jacobian_has_a_layout() -> None:
    j = ic.Program(LAYER)["∂r/∂x"]
    assert (j.to_matrix(), j.to_matrix(layout="denominator")) == ("A", "A^T")
    assert j.layout() == "axes i of r, then j of x"
    assert j.layout("matrix") == "rows r, columns x, numerator layout"
    assert j.layout("matrix", "denominator") == "rows x, columns r, denominator layout"


def test_a_gradient_by_a_matrix_has_its_shape() -> None:
    g = ic.Program(LAYER)["∂f/∂A"]
    assert g.to_matrix() == "2 r x^T"
    assert g.to_vec() == "2 x ⊗ r"
    assert g.layout("matrix") == "the shape of A"
    assert g.layout("vec") == "columns stacked"
    with pytest.raises(ic.FormulaError, match="denominator layout is of a vector by a vector"):
        g.to_matrix(layout="denominator")


def test_a_jacobian_by_a_matrix_is_stacked() -> None:
    j = ic.Program(NETWORK)["∂Y/∂X"]
    assert j.to_vec() == "(I ⊗ U) Diag(vec(σ'(Z))) (I ⊗ W)"
    assert j.layout("vec") == "rows vec(Y), columns vec(X), columns stacked"
    assert r"\otimes" in j.to_latex("vec")
    with pytest.raises(ic.FormulaError, match="the result has four axes, and a matrix has two"):
        j.to_matrix()


def test_a_jacobian_of_stacked_matrices_is_a_matrix() -> None:
    j = ic.Program(NETWORK)["∂vec(Y)/∂vec(X)"]
    assert j.to_matrix() == j.to_vec() == "(I ⊗ U) Diag(vec(σ'(Z))) (I ⊗ W)"


def test_what_is_no_matrix_has_no_layout_of_one() -> None:
    program = ic.Program(LAYER + "; Y = r r^T")
    for query in ("∂²r/∂x∂x", "∂Y/∂x", "∂²Y/∂x∂A"):
        assert program[query].layout("matrix") == ""


@pytest.mark.parametrize("form", ["matrix", "vec"])
def test_why_there_is_no_such_form(form: str) -> None:
    third = ic.Program("T[n, n, n], x[n]; f = T_ijk x_i x_j x_k")["∂³f/∂x∂x∂x"]
    with pytest.raises(ic.FormulaError) as caught:
        third.to_latex(form)
    assert "T_ijk + " in str(caught.value)


def test_unknown_forms_and_layouts_are_told() -> None:
    g = ic.Program(LAYER)["∂f/∂x"]
    with pytest.raises(ic.FormulaError, match="there are: index, matrix, vec"):
        g.to_latex("tensor")
    with pytest.raises(ic.FormulaError, match="there are: numerator, denominator"):
        g.to_matrix(layout="row")
    with pytest.raises(ic.FormulaError, match="there are: index, matrix"):
        g.steps(form="vec")


@pytest.mark.parametrize("query", ["∂Y/∂X", "∂Y/∂W", "∂Y/∂U", "∂Y/∂b", "Y"])
def test_the_vec_form_has_the_value_of_the_stacked_tensor(query: str) -> None:
    program = ic.Program(NETWORK)
    rng = np.random.default_rng(2)
    shapes = {"U": (2, 3), "W": (3, 4), "X": (4, 5), "b": (3,), "c": (2,)}
    arrays = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    formula = program[query]
    assert formula.to_vec()
    dense = np.asarray(formula(**arrays, σ="tanh"))
    stacked = dense.reshape(10, -1, order="F")
    if query != "Y" and dense.ndim == 4:
        # rows and columns are stacked apart, each by columns
        stacked = dense.transpose(1, 0, 3, 2).reshape(10, -1)
    read = np.asarray(program[formula.to_vec()](**arrays, σ="tanh"))
    np.testing.assert_allclose(read.reshape(stacked.shape), stacked, rtol=1e-12)


def test_a_derivation_ends_with_the_formula() -> None:
    g = ic.Program(LAYER)["∂f/∂x"]
    for form, printed in (("index", g.to_index()), ("matrix", g.to_matrix())):
        steps = g.steps(form)
        assert printed in str(steps).splitlines()[-1]
        assert steps.to_latex().startswith(r"\begin{aligned}")
        assert len(list(steps)) == len(steps) > 2


def test_a_picture_is_svg() -> None:
    picture = str(ic.Program(LAYER)["∂f/∂A"].draw())
    root = ET.fromstring(picture)
    assert root.tag.endswith("svg")
    assert "2 r_i x_j" in (root.findtext("{http://www.w3.org/2000/svg}title") or "")


def test_claims_are_judged() -> None:
    program = ic.Program(LAYER)
    assert program.check("∂f/∂x == 2 A^T r").status == "proved"
    verdict = program.check("∂f/∂x == A^T r")
    assert verdict.status == "differs"
    assert not verdict
    assert verdict.max_error is not None
    assert verdict.max_error > 0
    assert program.check("∂f/∂x == 2 A r").status == "ill-shaped"
    with pytest.raises(ic.FormulaSyntaxError, match="this claims nothing"):
        program.check("∂f/∂x")


def test_a_condition_is_told_apart_from_what_is_right_without_it() -> None:
    verdict = ic.Program("x[n], p[n]; y = softmax(x); L = -p^T log(y)").check("∂L/∂x == y - p")
    assert verdict.edit == "true if the entries of p sum to 1"
    assert verdict.correction == "sum(p) y - p"
    assert "it is true if" in verdict.report()


def test_a_verdict_shows_itself_in_notebooks() -> None:
    verdict = ic.Program(LAYER).check("∂f/∂x == 2 A^T r")
    shown = verdict._repr_mimebundle_()
    assert shown["text/plain"] == str(verdict) == verdict.report()
    assert shown["text/html"].startswith("<pre>∂f/∂x == 2 A^T r")
