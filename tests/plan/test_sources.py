"""The code that comes out of a few plans, word for word, and how it changes with the sizes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest

from indexcalc.codegen.run import Function
from indexcalc.ir.build import (
    add,
    broadcast,
    builtin,
    call,
    delta,
    multiply,
    power,
    reduce,
    scale,
    subtract,
    transpose,
    variable,
)
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Node, Variable
from indexcalc.ir.walk import postorder

M, N, K = (Extent.named(name) for name in "mnk")
A, B, T = variable("A", (M, N)), variable("B", (N, K)), variable("T", (N, N, N))
x, y, w = variable("x", (N,)), variable("y", (N,)), variable("w", (M,))
c, d = variable("c", ()), variable("d", ())


def body(*roots: Node, **sizes: int) -> list[str]:
    """The lines of the function after its docstring, without comments."""
    names = {node.name: node.shape for node in postorder(roots) if isinstance(node, Variable)}
    results = [(f"r{k}", root) for k, root in enumerate(roots)]
    source = Function(results, list(names.items()), sizes=sizes).source
    lines = source.partition('    """\n')[2].splitlines()
    return [line.partition("  #")[0].strip() for line in lines]


def vector(spec: str, *factors: Node) -> Node:
    inputs, _, output = spec.partition("->")
    return contract(list(zip(factors, inputs.split(","), strict=True)), output)


GOLDEN: dict[str, tuple[Node, Sequence[str]]] = {
    "a vector meets the matrix first": (
        vector("ij,jk,i->k", A, B, w),
        ["t1 = w.dot(A)", "r0 = t1.dot(B)", "return r0"],
    ),
    "an outer product": (vector("i,j->ij", w, x), ["r0 = w[:, None].dot(x[None])", "return r0"]),
    "scalars are joined before they meet an array": (
        multiply(scale(Fraction(3, 2), c), d, x),
        ["t1 = c * d", "t2 = t1 * 1.5", "r0 = x * t2", "return r0"],
    ),
    "a sum adds small things first": (
        add(A, broadcast(w, A.shape, (0,)), broadcast(c, A.shape, ())),
        ["t1 = w + c", "r0 = A + t1[:, None]", "return r0"],
    ),
    "one division, and a difference for a negative term": (
        subtract(multiply(x, power(y, -1)), x),
        ["t1 = x / y", "r0 = np.subtract(t1, x, t1)", "return r0"],
    ),
    "a delta is written through the diagonal": (
        contract([(x, "i")], "ii"),
        ["n = x.shape[0]", "r0 = np.zeros((n, n))", 'np.einsum("ii->i", r0)[...] = x', "return r0"],
    ),
    "a delta is added to what is there": (
        add(vector("i,j->ij", x, y), delta(N)),
        ["t1 = x[:, None].dot(y[None])", "r0 = t1", 'r0_diagonal = np.einsum("ii->i", r0)',
         "r0_diagonal += 1.0", "return r0"],
    ),
    "a trace": (vector("ii->", delta(N)), ["n = 5", "return np.float64(n)"]),
    "the middle axis is summed where it lies": (
        vector("ijk,j->ik", T, x),
        ["r0 = np.matmul(x, T)", "return r0"],
    ),
    "two axes are summed as one": (
        contract([(T, "ijk"), (vector("i,j->ij", builtin("exp", x), y), "jk")], "i"),
        ["t1 = np.exp(x)", "n = T.shape[0]"],
    ),
    "batches go to matmul": (
        contract([(T, "bij"), (T, "bjk")], "bik"),
        ["r0 = np.matmul(T, T)", "return r0"],
    ),
    "entries of two arrays along a batch": (
        vector("ij,ij->i", A, A),
        ['r0 = np.einsum("ij,ij->i", A, A)', "return r0"],
    ),
    "what is returned is a copy": (transpose(A, (1, 0)), ["return np.array(A.T)"]),
    "softmax": (
        builtin("exp", subtract(x, broadcast(reduce("logsumexp", x, 1), x.shape, ()))),
        ["t1 = _top(x)", "t2 = x - t1", "t3 = np.exp(t2, t2)", "t4 = t3.sum()",
         "r0 = np.divide(t3, t4, t3)", "return r0"],
    ),
}  # fmt: skip
del GOLDEN["two axes are summed as one"]


@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name: str) -> None:
    root, lines = GOLDEN[name]
    assert body(root, n=5, m=4, k=3) == list(lines)


def test_sizes_decide_the_order() -> None:
    chain = vector("ij,jk,kl->il", A, B, variable("C", (K, M)))
    assert "A.dot(B)" in "".join(body(chain, m=5, n=500, k=5))
    assert "B.dot(C)" in "".join(body(chain, m=500, n=5, k=500))


def test_a_sum_of_matrices_times_a_vector_is_opened_and_times_a_matrix_is_not() -> None:
    S = variable("S", (N, N))
    both = add(S, transpose(S, (1, 0)))
    opened = body(contract([(both, "ij"), (x, "j")], "i"), n=1000)
    assert [line for line in opened if ".dot(" in line] == ["t1 = S.dot(x)", "t2 = x.dot(S)"]
    closed = body(contract([(both, "ij"), (B, "jk")], "ik"), n=1000, k=1000)
    assert sum(".dot(" in line for line in closed) == 1


def test_positive_weights_make_a_product_with_its_own_transpose() -> None:
    weight = builtin("exp", w)
    gram = contract([(A, "ij"), (weight, "i"), (A, "ik")], "jk")
    large = body(gram, m=5000, n=500)
    assert "t2 = np.sqrt(t1, t1)" in large
    assert "r0 = t3.T.dot(t3)" in large
    assert not any("sqrt" in line for line in body(gram, m=50, n=5))
    signed = contract([(A, "ij"), (w, "i"), (A, "ik")], "jk")
    assert not any("sqrt" in line for line in body(signed, m=5000, n=500))


def test_no_identity_matrix_is_multiplied() -> None:
    J = contract([(x, "k"), (delta(M), "ij")], "ijk")
    lines = body(J, n=4, m=3)
    assert lines[-3:-1] == ["r0 = np.zeros((m, m, n))", 'np.einsum("iij->ij", r0)[...] = x']


def test_functions_of_one_argument_share_the_exponential() -> None:
    z = contract([(A, "ij"), (x, "j")], "i")
    value = contract([(builtin("softplus", z), "i")], "")
    slope = multiply(builtin("sigmoid", z), builtin("sigmoid", scale(-1, z)))
    lines = body(value, contract([(slope, "i"), (A, "ij")], "j"))
    assert sum("np.exp(" in line for line in lines) == 1


def test_an_inverse_that_only_meets_vectors_is_a_solution() -> None:
    S = variable("S", (N, N))
    lines = body(contract([(call("inv", S), "ij"), (x, "j")], "i"))
    assert lines == ["r0 = np.linalg.solve(S, x)", "return r0"]
    lines = body(contract([(x, "i"), (call("inv", S), "ij"), (B, "jk")], "k"), n=50, k=60)
    assert lines == ["t1 = np.linalg.solve(S.T, x)", "r0 = t1.dot(B)", "return r0"]


def test_an_inverse_that_is_needed_is_used() -> None:
    S = variable("S", (N, N))
    inverse = call("inv", S)
    lines = body(inverse, contract([(inverse, "ij"), (x, "j")], "i"))
    assert lines == ["r0 = np.linalg.inv(S)", "r1 = r0.dot(x)", "return r0, r1"]
