"""Matrices that meet in a function of entries lie alike; what comes out is the same."""

from __future__ import annotations

import numpy as np
import pytest

import indexcalc as ic

rng = np.random.default_rng(29)


def code(source: str) -> list[str]:
    body = source.rsplit('"""', maxsplit=1)[-1].splitlines()
    return [line.strip().split("  # ")[0] for line in body if line.strip()]


TEXTS = [
    ("H_bi = tanh(W_ij X_bj)\nG_ki = tanh(U_ij H_kj)\nf = G_bi Y_bi G_bi", "∂f/∂W_ij"),
    ("P_ik = exp(Q_ia K_ka)\nO_ia = P_ik V_ka\nf = O_ia O_ia", "∂f/∂Q_ij"),
    ("M_ji = tanh(A_ik B_kj) + C_ij", "M"),
    ("M_ij = A_ik B_kj\nN_ji = M_ij C_ij", "N"),
    ("M_ij = A_ik B_kj\nN_ij = M_ij M_ji + C_ij", "N"),
    ("M_ij = A_ik B_kj\nN_ij = M_ij + δ_ij u_i", "N"),
    ("M_ij = A_ik B_kj\nN_i = max_j (M_ij C_ji)", "N"),
    ("M_ij = A_ik B_kj\nN_ij = inv(M_kl + M_lk + C_kl)_ij", "N"),
]


@pytest.mark.parametrize(("text", "query"), TEXTS)
def test_results_stay(text: str, query: str) -> None:
    program = ic.Program(text)
    small = program.compile(query, sizes=dict.fromkeys("mnpqrs", 2))
    extents = {n for _, s in small._spec.expected.arrays for e in s for n in e.names}
    sizes = {name: 3 + k for k, name in enumerate(sorted(extents))}
    planned = program.compile(query, sizes=dict.fromkeys("mnpqrs", 200))
    namespace: dict[str, object] = {}
    exec(planned.source, namespace)
    given = {
        name: rng.normal(size=[extent.evaluate(sizes) for extent in shape])
        for name, shape in small._spec.expected.arrays
    }
    found = namespace["evaluate"](**given)  # type: ignore[operator]
    np.testing.assert_allclose(found, small(**given), rtol=1e-8, atol=1e-10)


def test_operands_of_one_operation_lie_alike() -> None:
    program = ic.Program(TEXTS[0][0])
    function = program.compile("∂f/∂W_ij", "∂f/∂U_ij", sizes=dict.fromkeys("mnpqrs", 200))
    entrywise = [
        line for line in code(function.source) if "np.multiply(" in line or "np.subtract(" in line
    ]
    assert entrywise
    assert not [line for line in entrywise if ".T" in line]


def test_what_has_a_name_lies_as_the_formula_says_or_goes_by_another() -> None:
    program = ic.Program("M_ij = A_ik B_kj\nN_ji = tanh(M_ij) C_ji")
    function = program.compile("N", sizes=dict.fromkeys("mnpqrs", 200))
    assert not [line for line in code(function.source) if line.startswith("M = B.T")]
