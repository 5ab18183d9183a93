"""Networks: one hidden layer three ways, dense layers with cross-entropy, deep chains.

In: nothing. Out: `NETWORKS`.
"""

from __future__ import annotations

from benchmarks import functions
from benchmarks.expert import joint, networks
from benchmarks.problems.problem import Problem, Sizes, asked

SIGMOID = "σ(z) = 1/(1 + exp(-z))"


def _layers(count: int, shape: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {f"W{k}": shape for k in range(1, count + 1)}


SEED_A_HESS = asked(
    "hess",
    functions.seed_a,
    "W",
    networks.seed_a_hess,
    "∂²λ/∂W_ij∂W_kl",
    closed="seed_a_hess",
)
SEED_A = Problem(
    "seed_a",
    f"{SIGMOID}\nz_i = W_ij x_j + b_i\nλ = log(1 + exp(-y w_i σ(z_i)))",
    {"W": ("m", "n"), "x": ("n",), "b": ("m",), "w": ("m",), "y": ()},
    {
        "value": asked("value", functions.seed_a, "W", networks.seed_a_value, "λ"),
        "grad": asked("grad", functions.seed_a, "W", networks.seed_a_grad, "∂λ/∂W_ij"),
        "hess": SEED_A_HESS,
        "hess f32": SEED_A_HESS.in_single,
        "joint": asked(
            "joint",
            functions.seed_a,
            "W",
            joint.seed_a,
            "λ",
            "∂λ/∂W_ij",
            "∂²λ/∂W_ij∂W_kl",
        ),
    },
    (
        ({"m": 4, "n": 3}, ("value", "grad", "hess", "joint")),
        ({"m": 32, "n": 32}, ("hess", "joint")),
        ({"m": 64, "n": 64}, ("value", "grad", "hess", "hess f32")),
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
        "value": asked("value", functions.seed_b, "x", networks.seed_b_value, "L"),
        "grad": asked("grad", functions.seed_b, "x", networks.seed_b_grad, "∂L/∂x_a"),
        "hess": asked("hess", functions.seed_b, "x", networks.seed_b_hess, "∂²L/∂x_a∂x_b"),
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
        "value": asked("value", functions.seed_c, "X", networks.seed_c_value, "Y"),
        "jac": asked(
            "jac",
            functions.seed_c,
            "X",
            networks.seed_c_jac,
            "∂Y_ab/∂X_cd",
            closed="seed_c_jac",
        ),
        "jac3": asked(
            "samples", functions.seed_c_column, "X", networks.seed_c_jac3, "J", axes=(1, 1)
        ),
    },
    (({"r": 32, "m": 32, "n": 32, "p": 32}, ("value", "jac", "jac3")),),
    {"r": 2, "m": 3, "n": 4, "p": 5},
    {},
)

NN3_GRAD = asked(
    "grad",
    functions.nn3,
    "W1 W2 W3",
    networks.nn3_grad,
    *("∂f/∂W1_ij", "∂f/∂W2_ij", "∂f/∂W3_ij"),
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
        "value": asked("value", functions.nn3, "W1", networks.nn3_value, "f"),
        "grad": NN3_GRAD,
        "grad f32": NN3_GRAD.in_single,
        "hess": asked("hess", functions.nn3, "W1", networks.nn3_hess, "∂²f/∂W1_ij∂W1_kl"),
    },
    (
        ({"n": 32, "h": 32, "C": 10, "B": 64}, ("value", "grad", "hess")),
        ({"n": 256, "h": 256, "C": 10, "B": 256}, ("value", "grad", "grad f32")),
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
            "value": asked("value", functions.nn10, "W1", networks.nn10_value, "f"),
            "grad": asked("grad", functions.nn10, "W1", networks.nn10_grad, "∂f/∂W1_ij"),
            "hess": asked("hess", functions.nn10, "W1", networks.nn10_hess, "∂²f/∂W1_ij∂W1_kl"),
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
            "value": asked("value", functions.deep, "W1", networks.deep_value, "f"),
            "grad": asked("grad", functions.deep, " ".join(weights), networks.deep_grad, *queries),
        },
        tuple((entry, ("value", "grad")) for entry in sizes),
        {"n": 4, "B": 3},
        dict.fromkeys(weights, "layer"),
    )


BJAC_JAC3 = asked("samples", functions.bjac, "x", networks.bjac_jac3, "J", closed="bjac_jac3")
BJAC = Problem(
    "bjac",
    "y_bi = tanh(W_ij x_bj)\nJ_bik = ∂y_bi/∂x_bk",
    {"W": ("n", "k"), "x": ("B", "k")},
    {
        "value": asked("value", functions.bjac, "x", networks.bjac_value, "y"),
        "jac3": BJAC_JAC3,
        "jac3 f32": BJAC_JAC3.in_single,
    },
    (
        ({"B": 256, "n": 64, "k": 64}, ("value", "jac3")),
        ({"B": 1024, "n": 64, "k": 64}, ("jac3", "jac3 f32")),
    ),
    {"B": 5, "n": 3, "k": 4},
    {},
)

NETWORKS = (
    *(SEED_A, SEED_B, SEED_C, NN3, _nn10(), BJAC),
    _deep(10, ({"n": 32, "B": 32},)),
    _deep(50, ({"n": 32, "B": 32}, {"n": 128, "B": 128})),
    _deep(200, ({"n": 32, "B": 32},)),
)
