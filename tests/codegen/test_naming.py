"""No name breaks generated code, or gets into it as anything but a name."""

from __future__ import annotations

import ast
import keyword

import numpy as np
import pytest

from indexcalc.codegen.naming import Names, identifier
from indexcalc.codegen.run import Function
from indexcalc.ir.build import add, builtin, scale, variable
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent

N = Extent.named("n")
HOSTILE = ["np", "lambda", "if", "out", "ŷ", "math", "float", "max", "t1", "t2", "n", "evaluate",
           "None", "call", "_call", "dtype", "ﬁ", "fi", "µ", "μ", "x̂", "self", "shape", "_rest",
           "import os", "a\nb", 'x"""', "x'", "\\", "a#b", "__import__('os')", "1x", "λ", "e",
           "del", "match", "print", "sum", "y0", "W1", "W₁"]  # fmt: skip


@pytest.mark.parametrize("name", [*HOSTILE, *keyword.kwlist])
def test_every_name_becomes_a_legal_identifier(name: str) -> None:
    found = identifier(name)
    assert found.isidentifier()
    assert not keyword.iskeyword(found)
    assert found not in {"np", "max", "min", "abs", "float"}


def test_claimed_names_differ_even_where_python_would_merge_them() -> None:
    names = Names()
    claimed = names.claim_all(HOSTILE)
    assert len(set(claimed)) == len(HOSTILE)
    tree = ast.parse(f"def f({', '.join(claimed)}): pass")
    assert isinstance(tree.body[0], ast.FunctionDef)
    parsed = [argument.arg for argument in tree.body[0].args.args]
    assert len(set(parsed)) == len(HOSTILE)


def test_a_name_that_is_legal_keeps_itself_whatever_else_there_is() -> None:
    assert Names().claim_all(["lambda", "lambda_", "lambda__"])[1:] == ["lambda_", "lambda__"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_argument_name_computes(name: str) -> None:
    x, y = variable(name, (N,)), variable("other", (N,))
    inner = builtin("tanh", add(x, contract([(y, "i"), (y, "i"), (x, "i")], "i")))
    root = scale(2, add(builtin("abs", inner), builtin("maximum", inner, x)))
    f = Function([(name, root)], [(name, x.shape), ("other", y.shape)])
    a, b = np.array([0.5, -0.25]), np.array([1.0, 2.0])
    inside = np.tanh(a + b * b * a)
    want = 2 * (np.abs(inside) + np.maximum(inside, a))
    np.testing.assert_allclose(f(a, b), want)
    np.testing.assert_allclose(f(**{name: a, "other": b}), want)
    np.testing.assert_allclose(f(a, b), want)  # by the fast path


def test_hostile_names_all_together() -> None:
    variables = [variable(name, (N,)) for name in HOSTILE]
    root = builtin("exp", scale(-1, add(*variables)))
    names = {root: "np", variables[0]: "t3"}
    f = Function(
        [("lambda", root), ("np", add(root, root))], [(v.name, v.shape) for v in variables],
        names=names, formulas={"lambda": 'no """ escape \\ here\nnor # here'},
    )  # fmt: skip
    arrays = [np.full(3, 0.01 * k) for k in range(len(HOSTILE))]
    want = np.exp(-sum(arrays))
    first, second = f(*arrays)
    np.testing.assert_allclose(first, want)
    np.testing.assert_allclose(second, 2 * want)
    assert f(*arrays)._fields == ("lambda_", "np_")


def test_arguments_may_be_spelled_in_ascii() -> None:
    x = variable("λ", (N,))
    f = Function([("y", scale(3, x))], [("λ", x.shape)])
    np.testing.assert_array_equal(f(**{"lambda": np.ones(2)}), [3.0, 3.0])
    np.testing.assert_array_equal(f(λ=np.ones(2)), [3.0, 3.0])
