"""Tensor networks: values and all derivatives agree with other code, for thrice the work."""

from __future__ import annotations

import numpy as np
import opt_einsum
import pytest
from numpy.typing import NDArray

import indexcalc as ic
from indexcalc.ir.build import variable
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.walk import postorder
from indexcalc.plan.network import networks

Array = NDArray[np.float64]
Bonds = dict[str, tuple[str, ...]]
rng = np.random.default_rng(3)


def grid(rows: int, columns: int) -> Bonds:
    """The bonds of each tensor of a grid: `h…` along a row, `v…` along a column."""
    sites: dict[str, list[str]] = {}
    for row in range(rows):
        for column in range(columns):
            own = sites.setdefault(f"T{row}{column}", [])
            own += [f"h{row}{column}"] if column < columns - 1 else []
            own += [f"v{row}{column}"] if row < rows - 1 else []
            own += [f"h{row}{column - 1}"] if column else []
            own += [f"v{row - 1}{column}"] if row else []
    return {name: tuple(own) for name, own in sites.items()}


def ring(count: int) -> Bonds:
    """Matrices in a circle, each with an axis for a vector of its own."""
    matrices = {f"M{k}": (f"i{k}", f"i{(k + 1) % count}", f"j{k}") for k in range(count)}
    return {**matrices, **{f"x{k}": (f"j{k}",) for k in range(count)}}


def program_text(bonds: Bonds) -> str:
    return "f = " + " ".join(f"{name}_{{{','.join(own)}}}" for name, own in bonds.items())


def gradients(bonds: Bonds) -> list[str]:
    letters = "pqrs"
    return [f"∂f/∂{name}_{{{','.join(letters[: len(own)])}}}" for name, own in bonds.items()]


def arrays(bonds: Bonds, lengths: dict[str, int]) -> dict[str, Array]:
    return {
        name: rng.normal(size=[lengths[bond[0]] for bond in own]) for name, own in bonds.items()
    }


def contracted(bonds: Bonds, data: dict[str, Array], left_out: str = "") -> Array:
    """The network, or all of it but one tensor, by opt_einsum."""
    names = list(dict.fromkeys(bond for own in bonds.values() for bond in own))
    letters = {name: opt_einsum.get_symbol(k) for k, name in enumerate(names)}
    texts = {name: "".join(letters[bond] for bond in own) for name, own in bonds.items()}
    inputs = [texts[name] for name in bonds if name != left_out]
    operands = [data[name] for name in bonds if name != left_out]
    text = f"{','.join(inputs)}->{texts.get(left_out, '')}"
    result: Array = opt_einsum.contract(text, *operands)
    return result


@pytest.mark.parametrize(
    ("bonds", "lengths"),
    [
        (grid(2, 3), {"h": 3, "v": 2}),
        (grid(3, 3), {"h": 1, "v": 4}),
        (grid(4, 4), {"h": 2, "v": 3}),
        (ring(5), {"i": 3, "j": 4}),
        (ring(3), {"i": 1, "j": 1}),
    ],
)
def test_value_and_all_derivatives(bonds: Bonds, lengths: dict[str, int]) -> None:
    program = ic.Program(program_text(bonds))
    data = arrays(bonds, lengths)
    value, by_each = contracted(bonds, data), [contracted(bonds, data, name) for name in bonds]
    together = program.compile("f", *gradients(bonds))(**data)
    alone = program.compile(*gradients(bonds))(**data)
    np.testing.assert_allclose(together[0], value, rtol=1e-10)
    for given in (together[1:], alone):
        for ours, theirs in zip(given, by_each, strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize(("rows", "columns"), [(4, 5), (6, 6)])
def test_all_derivatives_cost_thrice_the_value(rows: int, columns: int) -> None:
    bonds = grid(rows, columns)
    program = ic.Program(program_text(bonds))
    data = arrays(bonds, {"h": 4, "v": 4})
    value, gradient = program.compile("f"), program.compile(*gradients(bonds))
    value(**data), gradient(**data)
    assert gradient.cost.numbers.flops <= 3.05 * value.cost.numbers.flops


def test_the_plan_is_right_for_other_sizes() -> None:
    bonds = grid(3, 3)
    function = ic.Program(program_text(bonds)).compile(*gradients(bonds))
    for lengths in ({"h": 2, "v": 5}, {"h": 5, "v": 2}, {"h": 0, "v": 3}):
        data = arrays(bonds, lengths)
        for ours, name in zip(function(**data), bonds, strict=True):
            theirs = contracted(bonds, data, name)
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-11)


def test_a_family_that_is_joined_in_another_way_is_computed_as_it_says() -> None:
    """Products of the same tensors that do not come from one network."""
    text = (
        "a_il = A_ij B_jk C_kl\nb_il = D_ij B_jk C_kl\nc_kl = A_ij D_ij B_kl\nd_ij = A_ij C_kl D_lk"
    )
    data = {name: rng.normal(size=(3, 3)) for name in "ABCD"}
    given = ic.Program(text).compile("a", "b", "c", "d")(**data)
    A, B, C, D = data.values()
    wanted = (A @ B @ C, D @ B @ C, (A * D).sum() * B, A * np.trace(C @ D))
    for ours, theirs in zip(given, wanted, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_too_few_products_are_no_network() -> None:
    n = Extent.named("n")
    A, B, C, D = (variable(name, (n, n)) for name in "ABCD")
    pair = [
        contract([(A, "ij"), (B, "jk"), (C, "kl")], "il"),
        contract([(D, "ij"), (B, "jk"), (C, "kl")], "il"),
    ]
    assert networks(postorder(pair)) == {}
