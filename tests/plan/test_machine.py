"""The cost model: complete, never negative, and of use: what it chooses between is right."""

from __future__ import annotations

from itertools import permutations
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import indexcalc as ic
from indexcalc.plan import machine
from indexcalc.plan.machine import FEATURES, Call, Kernel, seconds
from indexcalc.plan.rates import FEATURES as MEASURED
from indexcalc.plan.rates import RATES

Array = NDArray[np.float64]
rng = np.random.default_rng(11)


# --- the table ----------------------------------------------------------------------------------


def test_every_kernel_was_measured() -> None:
    assert MEASURED == FEATURES
    assert set(RATES) == set(get_args(Kernel))
    for rates in RATES.values():
        assert len(rates) == len(FEATURES)
        assert min(rates) >= 0
        assert rates[0] > 0  # no call is for free


amounts = st.floats(0, 1e9)


@given(st.sampled_from(get_args(Kernel)), *[amounts] * 4, st.floats(0, 1e6))
def test_more_work_never_takes_less(
    kernel: Kernel, flops: float, read: float, written: float, loops: float, more: float
) -> None:
    time = seconds(Call(kernel, flops, read, written, loops))
    assert time > 0
    for larger in (
        Call(kernel, flops + more, read, written, loops),
        Call(kernel, flops, read + more, written, loops),
        Call(kernel, flops, read, written + more, loops),
        Call(kernel, flops, read, written, loops + more),
    ):
        assert seconds(larger) >= time


def test_what_everybody_knows() -> None:
    assert seconds(machine.gram(1000, 5000)) < 0.9 * seconds(machine.dot(1000, 5000, 1000))
    assert seconds(machine.dot(2000, 2000, 1)) < seconds(machine.dot(2000, 2000, 2000)) / 50
    assert seconds(machine.middle(1, 10_000, 8, 8)) > seconds(machine.dot(10_000, 64, 1))
    assert seconds(machine.copy(10**6, 1)) > seconds(machine.copy(10**6, 1000))
    light, heavy = (machine.entrywise(kernel, 10**5, 10**5) for kernel in ("light", "tanh"))
    assert seconds(heavy) > 3 * seconds(light)


# --- layouts ------------------------------------------------------------------------------------

LETTERS = "ijklm"


@st.composite
def two_operands(draw: st.DrawFn) -> tuple[str, str, str]:
    """Indices of two tensors, and of their product."""
    left, right = (
        "".join(draw(st.permutations(LETTERS))[: draw(st.integers(1, 4))]) for _ in range(2)
    )
    present = sorted(set(left + right))
    order = draw(st.permutations(present))
    return left, right, "".join(order[: draw(st.integers(0, len(order)))])


@settings(max_examples=80)
@given(
    two_operands(),
    st.lists(st.sampled_from([1, 2, 3, 200]), min_size=5, max_size=5),
    st.lists(st.sampled_from([0, 1, 2, 3]), min_size=5, max_size=5),
)
def test_a_product_is_right_whatever_sizes_it_was_planned_for(
    indices: tuple[str, str, str], planned: list[int], used: list[int]
) -> None:
    left, right, result = indices
    text = f"A[{', '.join(f'n{x}' for x in left)}], B[{', '.join(f'n{x}' for x in right)}]\n"
    summed = "".join(x for x in dict.fromkeys(left + right) if x not in result)
    sums = "".join(f"sum_{x} " for x in summed)
    name = f"R_{result}" if result else "R"
    text += f"{name} = {sums}(A_{left} B_{right})"
    hints = {f"n{x}": size for x, size in zip(LETTERS, planned, strict=True)}
    lengths = dict(zip(LETTERS, used, strict=True))
    A, B = (rng.normal(size=[lengths[x] for x in own]) for own in (left, right))
    found = ic.Program(text).compile("R", sizes=hints)(A=A, B=B)
    np.testing.assert_allclose(found, np.einsum(f"{left},{right}->{result}", A, B), atol=1e-12)


# --- families of products -----------------------------------------------------------------------

FORMS = ("xxxx", "xyxy", "xxy", "xxx", "xyz", "xxxxx")


def form(factors: str) -> str:
    """`T_ijk x_i x_j y_k`."""
    vectors = " ".join(f"{name}_{index}" for name, index in zip(factors, LETTERS, strict=False))
    return f"f = T_{LETTERS[: len(factors)]} {vectors}"


def expected(factors: str, data: dict[str, Array], order: int) -> Array:
    """Derivatives by `x`: the sum over all choices of its slots, one after the other."""
    mine = [k for k, name in enumerate(factors) if name == "x"]
    total: float | Array = 0.0
    for free in permutations(mine, order):
        others = [k for k in range(len(factors)) if k not in free]
        text = ",".join([LETTERS[: len(factors)], *(LETTERS[k] for k in others)])
        text += "->" + "".join(LETTERS[k] for k in free)
        total = total + np.einsum(text, data["T"], *(data[factors[k]] for k in others))
    return np.asarray(total)


@pytest.mark.parametrize("factors", FORMS)
@pytest.mark.parametrize("size", [1, 4])
def test_polynomial_forms_and_all_their_derivatives(factors: str, size: int) -> None:
    program = ic.Program(form(factors))
    queries = ["f", "∂f/∂x_a", "∂²f/∂x_a∂x_b"]
    data = {name: rng.normal(size=size) for name in sorted(set(factors))}
    data["T"] = rng.normal(size=(size,) * len(factors))
    together = program.compile(*queries)(**data)
    for order, query in enumerate(queries):
        alone = program.compile(query, sizes={"m": 30, "n": 30})(**data)
        for result in (together[order], alone):
            np.testing.assert_allclose(result, expected(factors, data, order), atol=1e-11)


def passes(source: str) -> int:
    """How often the tensor is read."""
    return sum(line.count("T.reshape") + line.count("T)") for line in source.splitlines())


@pytest.mark.parametrize(
    ("query", "most"), [("f", 1), ("∂f/∂x_a", 2), ("∂²f/∂x_a∂x_b", 3), ("∂³f/∂x_a∂x_b∂x_c", 4)]
)
def test_a_large_tensor_is_read_seldom(query: str, most: int) -> None:
    """Nothing but the sizes that it is called with tells that the tensor is large."""
    function = ic.Program(form("xxxx")).compile(query)
    function(T=rng.normal(size=(20,) * 4), x=rng.normal(size=20))
    assert 1 <= passes(function.source) <= most
