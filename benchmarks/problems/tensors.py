"""Tensors: a quartic form, softmax, attention.

In: nothing. Out: `TENSORS`.
"""

from __future__ import annotations

from benchmarks import functions
from benchmarks.expert import tensors
from benchmarks.problems.problem import Problem, asked

QUARTIC = Problem(
    "quartic",
    "f = T_ijkl x_i x_j x_k x_l",
    {"T": ("n", "n", "n", "n"), "x": ("n",)},
    {
        "value": asked("value", functions.quartic, "x", tensors.quartic_value, "f"),
        "grad": asked("grad", functions.quartic, "x", tensors.quartic_grad, "∂f/∂x_a"),
        "hess": asked("hess", functions.quartic, "x", tensors.quartic_hess, "∂²f/∂x_a∂x_b"),
        "third": asked("third", functions.quartic, "x", tensors.quartic_third, "∂³f/∂x_a∂x_b∂x_c"),
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
        "value": asked("value", functions.softmax, "θ", tensors.softmax_value, "p"),
        "jac": asked("jac", functions.softmax, "θ", tensors.softmax_jac, "∂p_a/∂θ_b"),
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
        "jac": asked(
            "jac",
            functions.attn,
            "Q",
            tensors.attn_jac,
            "∂O_ia/∂Q_jb",
            closed="attn_jac",
        ),
        "jac3": asked("samples", functions.attn, "Q", tensors.attn_jac3, "J"),
    },
    (({"n": 32, "d": 16}, ("jac", "jac3")), ({"n": 64, "d": 32}, ("jac", "jac3"))),
    {"n": 4, "d": 3},
    {},
)

ATTN_LOSS_GRAD = asked(
    "grad",
    functions.attn_loss,
    "Q K V",
    tensors.attn_loss_grad,
    *("∂f/∂Q_ij", "∂f/∂K_ij", "∂f/∂V_ij"),
)
ATTN_LOSS = Problem(
    "attn_loss",
    "Q[n, d], K[n, d], V[n, d]\nP_ij = softmax_j(Q_ik K_jk / sqrt(d))\nO_ia = P_ij V_ja\n"
    "f = 1/2 O_ia O_ia",
    ATTN.shapes,
    {
        "value": asked("value", functions.attn_loss, "Q", tensors.attn_loss_value, "f"),
        "grad": ATTN_LOSS_GRAD,
        "grad f32": ATTN_LOSS_GRAD.in_single,
    },
    (
        ({"n": 128, "d": 64}, ("value", "grad")),
        ({"n": 512, "d": 64}, ("value", "grad", "grad f32")),
    ),
    {"n": 5, "d": 3},
    {},
)

TENSORS = (QUARTIC, SOFTMAX, ATTN, ATTN_LOSS)
