"""The problems that are measured: the program's text, its data, what is asked, and who answers it.

In: nothing. Out: `PROBLEMS`, one entry for each function, with its tasks and sizes. Values are
drawn from a fixed seed, scaled so that no function saturates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks import reference
from benchmarks.expert import losses, networks, tensors

Array = NDArray[np.float64]
Sizes = dict[str, int]
SIGMOID = "σ(z) = 1/(1 + exp(-z))"


@dataclass(frozen=True)
class Task:
    """One question about a problem: what to compile, and the two other answers to it."""

    queries: tuple[str, ...]
    expert: Callable[..., Any]
    jax: Callable[[dict[str, Any]], Callable[..., Any]]


@dataclass(frozen=True)
class Problem:
    """A function with its arrays: shapes by extent names, and the sizes at which to measure."""

    name: str
    text: str
    shapes: dict[str, tuple[str, ...]]
    tasks: dict[str, Task]
    sizes: tuple[tuple[Sizes, tuple[str, ...]], ...]
    small: Sizes  # unequal, for checking
    domains: dict[str, str]

    def data(self, sizes: Sizes) -> dict[str, Any]:
        """Arrays of these sizes, by name, the same in every run."""
        random = np.random.default_rng(len(self.name) + sum(sizes.values()))
        return {
            name: draw(random, tuple(sizes[e] for e in extents), self.domains.get(name, "any"))
            for name, extents in self.shapes.items()
        }


def draw(random: np.random.Generator, shape: tuple[int, ...], domain: str) -> Any:
    """One array of a domain; entries of matrices shrink with their width."""
    if domain == "sign":
        return np.where(random.random(shape) < 0.5, -1.0, 1.0) if shape else -1.0
    if domain == "mask":
        return (random.random(shape) < 0.5).astype(float)
    if domain == "onehot":
        return np.eye(shape[-1])[random.integers(0, shape[-1], shape[:-1])]
    values = random.standard_normal(shape)
    if domain == "spd":
        return values @ values.T / shape[0] + np.eye(shape[0])
    if domain == "layer":
        return values * 1.5 / sqrt(shape[-1])
    return values / sqrt(prod(shape[1:])) if shape else float(values)


def _task(kind: str, function: Any, names: str, expert: Callable[..., Any], *queries: str) -> Task:
    wanted = tuple(names.split())
    return Task(queries, expert, lambda data: reference.derivative(kind, function, wanted, data))


def _layers(count: int, shape: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {f"W{k}": shape for k in range(1, count + 1)}


LOGREG = Problem(
    "logreg",
    "X[m, n]\nf = sum_i log(1 + exp(-y_i X_ij w_j))",
    {"X": ("m", "n"), "y": ("m",), "w": ("n",)},
    {
        "value": _task("value", reference.logreg, "w", losses.logreg_value, "f"),
        "grad": _task("grad", reference.logreg, "w", losses.logreg_grad, "∂f/∂w_a"),
        "hess": _task("hess", reference.logreg, "w", losses.logreg_hess, "∂²f/∂w_a∂w_b"),
    },
    (
        ({"n": 100, "m": 1000}, ("value", "grad", "hess")),
        ({"n": 500, "m": 5000}, ("value", "grad", "hess")),
        ({"n": 1000, "m": 10000}, ("value", "grad", "hess")),
        ({"n": 1000, "m": 2000}, ("hess",)),
    ),
    {"n": 3, "m": 5},
    {"y": "sign"},
)

MATFAC = Problem(
    "matfac",
    "R_ij = T_ij - U_ik V_jk\nf = R_ij R_ij",
    {"T": ("n", "m"), "U": ("n", "k"), "V": ("m", "k")},
    {
        "value": _task("value", reference.matfac, "U", losses.matfac_value, "f"),
        "grad": _task("grad", reference.matfac, "U", losses.matfac_grad, "∂f/∂U_ab"),
        "hess": _task("hess", reference.matfac, "U", losses.matfac_hess, "∂²f/∂U_ab∂U_cd"),
    },
    (
        ({"n": 100, "m": 100, "k": 5}, ("value", "grad", "hess")),
        ({"n": 200, "m": 200, "k": 5}, ("value", "grad", "hess")),
    ),
    {"n": 4, "m": 5, "k": 3},
    {},
)

MATFAC_MASK = Problem(
    "matfac_mask",
    "R_ij = Ω_ij (T_ij - U_ik V_jk)\nf = R_ij R_ij",
    {"T": ("n", "m"), "U": ("n", "k"), "V": ("m", "k"), "Ω": ("n", "m")},
    {
        "value": _task("value", reference.matfac_mask, "U", losses.matfac_mask_value, "f"),
        "grad": _task("grad", reference.matfac_mask, "U", losses.matfac_mask_grad, "∂f/∂U_ab"),
        "hess": _task(
            "hess", reference.matfac_mask, "U", losses.matfac_mask_hess, "∂²f/∂U_ab∂U_cd"
        ),
    },
    MATFAC.sizes,
    MATFAC.small,
    {"Ω": "mask"},
)

QUAD = Problem(
    "quad",
    "f = x_i A_ij x_j",
    {"A": ("n", "n"), "x": ("n",)},
    {
        "value": _task("value", reference.quad, "x", losses.quad_value, "f"),
        "grad": _task("grad", reference.quad, "x", losses.quad_grad, "∂f/∂x_a"),
        "hess": _task("hess", reference.quad, "x", losses.quad_hess, "∂²f/∂x_a∂x_b"),
    },
    (({"n": 1000}, ("value", "grad", "hess")),),
    {"n": 4},
    {},
)

GP = Problem(
    "gp",
    "K[n, n] spd\nf = logdet(K) + y_i inv(K)_ij y_j",
    {"K": ("n", "n"), "y": ("n",)},
    {
        "value": _task("value", reference.gp, "K", losses.gp_value, "f"),
        "grad": _task("grad", reference.gp, "K", losses.gp_grad, "∂f/∂K_ab"),
    },
    (({"n": 300}, ("value", "grad")), ({"n": 1000}, ("value", "grad"))),
    {"n": 4},
    {"K": "spd"},
)

GP_ENTRIES = Problem(
    "gp_entries",
    "K[n, n]\nf = logdet(K) + y_i inv(K)_ij y_j",
    {"K": ("n", "n"), "y": ("n",)},
    {"hess": _task("hess", reference.gp, "K", losses.gp_hess, "∂²f/∂K_ab∂K_cd")},
    (({"n": 32}, ("hess",)),),
    {"n": 4},
    {"K": "spd"},
)

LSE = Problem(
    "lse",
    "z_i = A_ij x_j\nf = log(sum_i exp(z_i))",
    {"A": ("m", "n"), "x": ("n",)},
    {
        "value": _task("value", reference.lse, "x", losses.lse_value, "f"),
        "grad": _task("grad", reference.lse, "x", losses.lse_grad, "∂f/∂x_a"),
        "hess": _task("hess", reference.lse, "x", losses.lse_hess, "∂²f/∂x_a∂x_b"),
        "third": _task("third", reference.lse, "x", losses.lse_third, "∂³f/∂x_a∂x_b∂x_c"),
    },
    (({"n": 100, "m": 200}, ("value", "grad", "hess", "third")),),
    {"n": 3, "m": 5},
    {},
)

SEED_A = Problem(
    "seed_a",
    f"{SIGMOID}\nz_i = W_ij x_j + b_i\nλ = log(1 + exp(-y w_i σ(z_i)))",
    {"W": ("m", "n"), "x": ("n",), "b": ("m",), "w": ("m",), "y": ()},
    {
        "value": _task("value", reference.seed_a, "W", networks.seed_a_value, "λ"),
        "grad": _task("grad", reference.seed_a, "W", networks.seed_a_grad, "∂λ/∂W_ij"),
        "hess": _task("hess", reference.seed_a, "W", networks.seed_a_hess, "∂²λ/∂W_ij∂W_kl"),
    },
    (
        ({"m": 4, "n": 3}, ("value", "grad", "hess")),
        ({"m": 32, "n": 32}, ("hess",)),
        ({"m": 64, "n": 64}, ("value", "grad", "hess")),
        ({"m": 512, "n": 512}, ("value", "grad")),
    ),
    {"m": 4, "n": 3},
    {"y": "sign"},
)

SEED_B = Problem(
    "seed_b",
    f"{SIGMOID}\n"
    "a_i = x_j W1_ji + b1_i\nh_i = σ(a_i)\nθ_k = h_i W2_ik + b2_k\n"
    "ŷ_k = softmax(θ)_k\nL = -y_k log(ŷ_k)",
    {"x": ("n",), "W1": ("n", "h"), "b1": ("h",), "W2": ("h", "C"), "b2": ("C",), "y": ("C",)},
    {
        "value": _task("value", reference.seed_b, "x", networks.seed_b_value, "L"),
        "grad": _task("grad", reference.seed_b, "x", networks.seed_b_grad, "∂L/∂x_a"),
        "hess": _task("hess", reference.seed_b, "x", networks.seed_b_hess, "∂²L/∂x_a∂x_b"),
    },
    (
        ({"n": 128, "h": 128, "C": 10}, ("value", "grad", "hess")),
        ({"n": 512, "h": 512, "C": 10}, ("value", "grad", "hess")),
    ),
    {"n": 5, "h": 4, "C": 3},
    {"y": "onehot"},
)

SEED_C = Problem(
    "seed_c",
    f"{SIGMOID}\nY_ij = U_ik σ(W_kl X_lj + b_k) + c_i\nJ_abc = ∂Y_ab/∂X_cb",
    {"U": ("r", "m"), "W": ("m", "n"), "X": ("n", "p"), "b": ("m",), "c": ("r",)},
    {
        "value": _task("value", reference.seed_c, "X", networks.seed_c_value, "Y"),
        "jac": _task("jac", reference.seed_c, "X", networks.seed_c_jac, "∂Y_ab/∂X_cd"),
        "jac3": Task(
            ("J",),
            networks.seed_c_jac3,
            lambda _: reference.per_sample(reference.seed_c_column, "X", 1, 1),
        ),
    },
    (({"r": 32, "m": 32, "n": 32, "p": 32}, ("value", "jac", "jac3")),),
    {"r": 2, "m": 3, "n": 4, "p": 5},
    {},
)

NN3 = Problem(
    "nn3",
    "A_bi = tanh(W1_ij X_bj)\nB_bi = tanh(W2_ij A_bj)\nZ_bi = W3_ij B_bj\n"
    "f = -Y_bc logsoftmax_c(Z_bc)",
    {
        "X": ("B", "n"),
        "Y": ("B", "C"),
        "W1": ("h", "n"),
        "W2": ("h", "h"),
        "W3": ("C", "h"),
    },
    {
        "value": _task("value", reference.nn3, "W1", networks.nn3_value, "f"),
        "grad": _task(
            "grad",
            reference.nn3,
            "W1 W2 W3",
            networks.nn3_grad,
            *("∂f/∂W1_ij", "∂f/∂W2_ij", "∂f/∂W3_ij"),
        ),
        "hess": _task("hess", reference.nn3, "W1", networks.nn3_hess, "∂²f/∂W1_ij∂W1_kl"),
    },
    (
        ({"n": 32, "h": 32, "C": 10, "B": 64}, ("value", "grad", "hess")),
        ({"n": 256, "h": 256, "C": 10, "B": 256}, ("value", "grad")),
    ),
    {"n": 3, "h": 4, "C": 2, "B": 5},
    {"Y": "onehot", "W1": "layer", "W2": "layer", "X": "layer"},
)


def _nn10(layers: int = 10) -> Problem:
    lines = ["h1_i = relu(W1_ij x_j)"]
    lines += [f"h{k}_i = relu(W{k}_ij h{k - 1}_j)" for k in range(2, layers + 1)]
    last = f"h{layers}"
    return Problem(
        "nn10",
        "\n".join([*lines, f"f = 1/2 {last}_i {last}_i"]),
        {"x": ("n",)} | _layers(layers, ("n", "n")),
        {
            "value": _task("value", reference.nn10, "W1", networks.nn10_value, "f"),
            "grad": _task("grad", reference.nn10, "W1", networks.nn10_grad, "∂f/∂W1_ij"),
            "hess": _task("hess", reference.nn10, "W1", networks.nn10_hess, "∂²f/∂W1_ij∂W1_kl"),
        },
        (({"n": 32}, ("value", "grad", "hess")),),
        {"n": 6},
        {f"W{k}": "layer" for k in range(1, layers + 1)},
    )


def _deep(layers: int, sizes: tuple[Sizes, ...]) -> Problem:
    lines = ["H1_ib = tanh(W1_ij X_jb)"]
    lines += [f"H{k}_ib = tanh(W{k}_ij H{k - 1}_jb)" for k in range(2, layers + 1)]
    last = f"H{layers}"
    weights = _layers(layers, ("n", "n"))
    queries = tuple(f"∂f/∂{name}_ij" for name in weights)
    return Problem(
        f"deep{layers}",
        "\n".join([*lines, f"f = 1/2 {last}_ib {last}_ib"]),
        {"X": ("n", "B")} | weights,
        {
            "value": _task("value", reference.deep, "W1", networks.deep_value, "f"),
            "grad": _task("grad", reference.deep, " ".join(weights), networks.deep_grad, *queries),
        },
        tuple((entry, ("value", "grad")) for entry in sizes),
        {"n": 4, "B": 3},
        dict.fromkeys(weights, "layer"),
    )


BJAC = Problem(
    "bjac",
    "y_bi = tanh(W_ij x_bj)\nJ_bik = ∂y_bi/∂x_bk",
    {"W": ("n", "k"), "x": ("B", "k")},
    {
        "value": _task("value", reference.bjac, "x", networks.bjac_value, "y"),
        "jac3": Task(
            ("J",), networks.bjac_jac3, lambda _: reference.per_sample(reference.bjac, "x", 0, 0)
        ),
    },
    (
        ({"B": 256, "n": 64, "k": 64}, ("value", "jac3")),
        ({"B": 1024, "n": 64, "k": 64}, ("jac3",)),
    ),
    {"B": 5, "n": 3, "k": 4},
    {},
)

QUARTIC = Problem(
    "quartic",
    "f = T_ijkl x_i x_j x_k x_l",
    {"T": ("n", "n", "n", "n"), "x": ("n",)},
    {
        "value": _task("value", reference.quartic, "x", tensors.quartic_value, "f"),
        "grad": _task("grad", reference.quartic, "x", tensors.quartic_grad, "∂f/∂x_a"),
        "hess": _task("hess", reference.quartic, "x", tensors.quartic_hess, "∂²f/∂x_a∂x_b"),
        "third": _task("third", reference.quartic, "x", tensors.quartic_third, "∂³f/∂x_a∂x_b∂x_c"),
    },
    (({"n": 32}, ("value", "grad", "hess", "third")),),
    {"n": 4},
    {},
)

SOFTMAX = Problem(
    "softmax",
    "θ[n]\np_i = softmax(θ)_i",
    {"θ": ("n",)},
    {
        "value": _task("value", reference.softmax, "θ", tensors.softmax_value, "p"),
        "jac": _task("jac", reference.softmax, "θ", tensors.softmax_jac, "∂p_a/∂θ_b"),
    },
    (({"n": 500}, ("value", "jac")),),
    {"n": 4},
    {},
)

ATTN = Problem(
    "attn",
    "Q[n, d], K[n, d], V[n, d]\nP_ij = softmax_j(Q_ik K_jk / sqrt(d))\nO_ia = P_ij V_ja\n"
    "J_iab = ∂O_ia/∂Q_ib",
    {"Q": ("n", "d"), "K": ("n", "d"), "V": ("n", "d")},
    {
        "jac": _task("jac", reference.attn, "Q", tensors.attn_jac, "∂O_ia/∂Q_jb"),
        "jac3": Task(
            ("J",), tensors.attn_jac3, lambda _: reference.per_sample(reference.attn, "Q", 0, 0)
        ),
    },
    (({"n": 32, "d": 16}, ("jac", "jac3")), ({"n": 64, "d": 32}, ("jac", "jac3"))),
    {"n": 4, "d": 3},
    {},
)

ATTN_LOSS = Problem(
    "attn_loss",
    "Q[n, d], K[n, d], V[n, d]\nP_ij = softmax_j(Q_ik K_jk / sqrt(d))\nO_ia = P_ij V_ja\n"
    "f = 1/2 O_ia O_ia",
    ATTN.shapes,
    {
        "value": _task("value", reference.attn_loss, "Q", tensors.attn_loss_value, "f"),
        "grad": _task(
            "grad",
            reference.attn_loss,
            "Q K V",
            tensors.attn_loss_grad,
            *("∂f/∂Q_ij", "∂f/∂K_ij", "∂f/∂V_ij"),
        ),
    },
    (({"n": 128, "d": 64}, ("value", "grad")), ({"n": 512, "d": 64}, ("value", "grad"))),
    {"n": 5, "d": 3},
    {},
)

PROBLEMS = (
    *(LOGREG, MATFAC, MATFAC_MASK, NN3, _nn10(), QUAD, GP, GP_ENTRIES, SEED_A, SEED_B, SEED_C),
    *(BJAC, QUARTIC, LSE, SOFTMAX, ATTN, ATTN_LOSS),
    _deep(10, ({"n": 32, "B": 32},)),
    _deep(50, ({"n": 32, "B": 32}, {"n": 128, "B": 128})),
)
