"""Random programs in index notation: what is read is explained by a text that reads back."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from indexcalc.elaborate.explain import explain
from indexcalc.errors import FormulaError
from indexcalc.interpret import interpret
from indexcalc.ir.node import Derivative, Node
from indexcalc.ir.walk import postorder
from tests.elaborate.test_explain import read

RANKS = {"A": 2, "B": 2, "T": 3, "x": 1, "y": 1, "c": 0}
DECLARATIONS = "; ".join(f"{name}[{', '.join('n' * rank)}]" for name, rank in RANKS.items())
FUNCTIONS = ["exp", "f'", "inv", "det", "softmax", "max", "Σ_k", "max_k", "sum_{i,k}", "cumsum_i"]
LETTERS = st.sampled_from("ijkl")


@st.composite
def factors(draw: st.DrawFn, depth: int) -> str:
    if depth == 0 or draw(st.integers(0, 2)):
        return draw(leaves())
    kind = draw(st.sampled_from(["bracket", "power", "call", "two", "divide", "derivative"]))
    inner = draw(sums(depth - 1))
    match kind:
        case "bracket":
            return f"({inner})"
        case "power":
            return f"({inner}){draw(st.sampled_from(['^2', '^-1', '^(1/2)']))}"
        case "call":
            name = draw(st.sampled_from(FUNCTIONS))
            index = "_ij" if name == "inv" else ""
            return f"({name} ({inner}))" if name[-2:-1] == "_" else f"{name}({inner}){index}"
        case "two":
            return f"max({inner}, {draw(leaves())})"
        case "divide":
            return f"1/({inner})"
        case _:
            return f"∂({inner})/∂{draw(leaves())}"


@st.composite
def leaves(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from([*RANKS, "δ", "1", "2", "1/2", "x", "y", "A"]))
    rank = {"δ": 2, "1": 1}.get(name, RANKS.get(name, 0))
    letters = "".join(draw(LETTERS) for _ in range(rank))
    return f"{name}_{letters}" if letters else name


@st.composite
def sums(draw: st.DrawFn, depth: int) -> str:
    terms = [
        " ".join(draw(st.lists(factors(depth), min_size=1, max_size=3)))
        for _ in range(draw(st.integers(1, 2)))
    ]
    return draw(st.sampled_from([" + ", " - "])).join(terms)


RNG = np.random.default_rng(1)
ARRAYS = {name: RNG.integers(1, 9, (3,) * rank) for name, rank in RANKS.items()}


def assert_same(one: Node, other: Node, text: str) -> None:
    """The same node; or equal in fractions, since `AᵀA` and its transpose are two nodes."""
    if one is other:
        return
    assert not any(isinstance(part, Derivative) for part in postorder([one, other])), text
    left, right = (interpret(node, ARRAYS, {"n": 3}, exact=True) for node in (one, other))
    assert np.array_equal(left, right), text


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(sums(2), st.sampled_from(["", "R = ", "R_i = ", "R_ij = ", "R_ji = ", "R_kij = "]))
def test_random_programs(expression: str, target: str) -> None:
    try:
        program = read(f"{DECLARATIONS}; {target}{expression}")
    except FormulaError:
        assume(False)
    text = explain(program)
    again = read(text)
    for one, other in zip(program.definitions, again.definitions, strict=True):
        assert_same(one.node, other.node, text)
    for first, second in zip(program.queries, again.queries, strict=True):
        assert first.letters == second.letters, text
        assert_same(first.node, second.node, text)
