"""Products of one tensor with small factors share partial products, and have the right values."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

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
from indexcalc.plan.partials import MOST_MET, MOST_TARGETS, chains

N = Extent.named("n")
LETTERS = "ijklmp"
VECTORS = {name: variable(name, (N,)) for name in "xvu"}
MATRIX = variable("A", (N, N))


def form(degree: int) -> str:
    """A form of some degree as text, with vectors for products with its derivatives."""
    labels = LETTERS[:degree]
    factors = " ".join(f"x_{label}" for label in labels)
    return f"T[{', '.join('n' * degree)}], x[n], v[n], u[n]; f = T_{labels} {factors}"


def passes(degree: int, met: str, n: int) -> int:
    """How often the tensor itself is read for all terms of a derivative times vectors."""
    tensor = variable("T", (N,) * degree)
    labels = LETTERS[:degree]
    terms = []
    for free, *places in permutations(range(degree), 1 + len(met)):
        names = dict.fromkeys(range(degree), "x") | dict(zip(places, met, strict=True))
        factors = [(VECTORS[names[k]], labels[k]) for k in range(degree) if k != free]
        terms.append(contract([(tensor, labels), *factors], labels[free]))
    terms = list(dict.fromkeys(terms))
    found = chains(terms, {"n": n})
    assert found.keys() == set(terms)
    first = set()
    for node, chain in found.items():
        assert isinstance(node, Contraction)
        axes = {label: axis for axis, label in enumerate(node.labels[chain.tensor])}
        met_once = sorted([chain.tensor, *(k for step in chain.steps for k in step)])
        assert met_once == list(range(len(node.factors)))
        first.add(frozenset((node.factors[k], axes[node.labels[k][0]]) for k in chain.steps[0]))
    return len(first)


@pytest.mark.parametrize("n", [16, 30])
@pytest.mark.parametrize(
    ("degree", "met", "most"),
    [(3, "", 3), (3, "v", 4), (4, "", 2), (4, "v", 3), (4, "vu", 4), (4, "vv", 4), (5, "", 2)],
)
def test_the_tensor_is_read_few_times(degree: int, met: str, most: int, n: int) -> None:
    assert passes(degree, met, n) <= most


def test_the_tensor_of_a_quintic_form_is_read_few_times() -> None:
    assert passes(5, "v", 16) <= 3


@pytest.mark.parametrize(
    ("degree", "query", "most"),
    [
        (3, "∂²f/∂x_a∂x_b v_b", 7.5),
        (4, "∂²f/∂x_a∂x_b v_b", 7.5),
        (4, "v_a ∂²f/∂x_a∂x_b v_b", 5),
        (4, "∂³f/∂x_a∂x_b∂x_c v_b v_c", 9.5),
        (4, "∂³f/∂x_a∂x_b∂x_c v_b u_c", 11),
        (5, "∂²f/∂x_a∂x_b v_b", 7.5),
        (5, "∂³f/∂x_a∂x_b∂x_c v_b u_c", 17),
    ],
)
def test_products_with_vectors_cost_little(degree: int, query: str, most: float) -> None:
    n = {3: 30, 4: 16, 5: 12}[degree]
    function = ic.Program(form(degree)).compile(query, sizes={"n": n})
    assert function.cost.at({"n": n}).flops <= most * n**degree


@pytest.mark.parametrize("planned", [2, 16])
@pytest.mark.parametrize("n", [1, 4])
@pytest.mark.parametrize("degree", [3, 4, 5])
def test_products_with_derivatives_of_forms(degree: int, n: int, planned: int) -> None:
    random = np.random.default_rng(degree)
    T = random.standard_normal((n,) * degree)
    x, v, u = random.standard_normal((3, n))
    program = ic.Program(form(degree))
    labels = LETTERS[:degree]
    for query, met in [
        ("∂²f/∂x_a∂x_b v_b", [v]),
        ("∂³f/∂x_a∂x_b∂x_c v_b u_c", [v, u]),
        ("∂³f/∂x_a∂x_b∂x_c v_b v_c", [v, v]),
    ]:
        expected = np.zeros(n)
        for free, *places in permutations(range(degree), 1 + len(met)):
            vectors = [x] * degree
            for place, vector in zip(places, met, strict=True):
                vectors[place] = vector
            factors = [vector for k, vector in enumerate(vectors) if k != free]
            rest = ",".join(label for k, label in enumerate(labels) if k != free)
            expected += np.einsum(f"{labels},{rest}->{labels[free]}", T, *factors)
        function = program.compile(query, sizes={"n": planned})
        found = function(T=T, x=x, v=v) if "u" not in query else function(T=T, x=x, v=v, u=u)
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), degree=st.integers(3, 5), planned=st.sampled_from([2, 9, 24]))
def test_any_family_of_products(data: st.DataObject, degree: int, planned: int) -> None:
    """Each with one axis left or none, met by vectors or, two axes at once, by a matrix."""
    tensor = variable("T", (N,) * degree)
    terms, formulas = [], []
    for _ in range(data.draw(st.integers(2, 6))):
        left = LETTERS[: data.draw(st.integers(0, 1))]
        order = data.draw(st.permutations(LETTERS[:degree]))
        waiting = [label for label in order if label not in left]
        factors: list[tuple[Node, str]] = [(tensor, LETTERS[:degree])]
        while waiting:
            if len(waiting) > 1 and data.draw(st.booleans()):
                factors.append((MATRIX, waiting.pop() + waiting.pop()))
            else:
                name = data.draw(st.sampled_from("xvu"))
                factors.append((VECTORS[name], waiting.pop()))
        terms.append(contract(factors, left))
        formulas.append((factors, left))
    names = {"T": tensor.shape, "A": MATRIX.shape, **{k: v.shape for k, v in VECTORS.items()}}
    roots = [(f"f{k}", term) for k, term in enumerate(terms)]
    function = Function(roots, list(names.items()), sizes={"n": planned})
    for n in (1, 3):
        random = np.random.default_rng(n)
        arrays = {name: random.standard_normal((n,) * len(s)) for name, s in names.items()}
        found = function._compiled({"n": planned}, "float64").body(*arrays.values())
        for value, (factors, left) in zip(found, formulas, strict=True):
            subscripts = ",".join(labels for _, labels in factors) + "->" + left
            operands = [arrays[node.name] for node, _ in factors]  # type: ignore[union-attr]
            np.testing.assert_allclose(value, np.einsum(subscripts, *operands), atol=1e-10)


MIXED = """
T[n, m, k], x[n], y[m], z[k], p[n], q[m], r[k]
f   = T_ijk x_i y_j z_k
h_a = ∂²f/∂x_a∂y_b q_b + ∂²f/∂x_a∂z_b r_b
w_a = ∂²f/∂y_a∂x_b p_b + ∂²f/∂y_a∂z_b r_b
s_a = ∂²f/∂z_a∂x_b p_b + ∂²f/∂z_a∂y_b q_b
"""


@pytest.mark.parametrize("shape", [(4, 3, 2), (1, 5, 1), (2, 0, 3)])
def test_bilinear_mixtures(shape: tuple[int, int, int]) -> None:
    n, m, k = shape
    random = np.random.default_rng(7)
    T = random.standard_normal(shape)
    x, p = random.standard_normal((2, n))
    y, q = random.standard_normal((2, m))
    z, r = random.standard_normal((2, k))
    program = ic.Program(MIXED)
    found = program.compile("h", "w", "s", sizes={"n": 30, "m": 20, "k": 40})(
        T=T, x=x, y=y, z=z, p=p, q=q, r=r
    )
    for value, (subscripts, pairs) in zip(
        found,
        [
            ("ijk,j,k->i", [(q, z), (y, r)]),
            ("ijk,i,k->j", [(p, z), (x, r)]),
            ("ijk,i,j->k", [(p, y), (x, q)]),
        ],
        strict=True,
    ):
        expected = sum(np.einsum(subscripts, T, *pair) for pair in pairs)
        np.testing.assert_allclose(value, expected, atol=1e-12)


def test_all_products_of_a_bilinear_mixture_read_the_tensor_few_times() -> None:
    sizes = {"n": 30, "m": 20, "k": 40}
    flops = ic.Program(MIXED).compile("h", "w", "s", sizes=sizes).cost.at(sizes).flops
    assert flops <= 4.5 * 2 * 30 * 20 * 40  # of six terms


def products(degree: int, count: int) -> Sequence[Node]:
    """Products of a tensor with vectors along all axes but one, each with vectors of its own."""
    tensor = variable("T", (Extent.fixed(2),) * degree)
    short = Extent.fixed(2)
    labels = [chr(ord("a") + k) for k in range(degree)]
    return [
        contract(
            [
                (tensor, labels),
                *((variable(f"x{k}", (short,)), [x]) for x in labels if x != labels[k % degree]),
            ],
            [labels[k % degree]],
        )
        for k in range(count)
    ]


def test_what_is_too_much_is_not_searched() -> None:
    nodes = products(5, 3 * MOST_TARGETS)
    assert chains(nodes, {}).keys() == set(nodes)
    assert chains(products(MOST_MET + 1, 3), {})
    assert not chains(products(MOST_MET + 2, 3), {})


def test_what_only_one_slot_needs_is_one_product() -> None:
    """All terms have the same axis left: the tensor meets the sum of their outer products."""
    sizes = {"m": 16, "n": 16}
    program = ic.Program("T[m, n, n, n], x[n], v[n], y[m]; f = T_aijk x_i x_j x_k y_a")
    function = program.compile("∂²f/∂y_a∂x_b v_b", sizes=sizes)
    assert function.cost.at(sizes).flops <= 2.5 * 16**4
