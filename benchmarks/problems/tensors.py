"""Tensors: a quartic form, softmax, attention.

In: nothing. Out: `TENSORS`.
"""

from __future__ import annotations

from benchmarks import reference
from benchmarks.expert import tensors
from benchmarks.problems.problem import Problem, Task, asked

QUARTIC = Problem(
    "quartic",
    "f = T_ijkl x_i x_j x_k x_l",
    {"T": ("n", "n", "n", "n"), "x": ("n",)},
    {
        "value": asked("value", reference.quartic, "x", tensors.quartic_value, "f"),
        "grad": asked("grad", reference.quartic, "x", tensors.quartic_grad, "∂f/∂x_a"),
        "hess": asked("hess", reference.quartic, "x", tensors.quartic_hess, "∂²f/∂x_a∂x_b"),
        "third": asked("third", reference.quartic, "x", tensors.quartic_third, "∂³f/∂x_a∂x_b∂x_c"),
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
        "value": asked("value", reference.softmax, "θ", tensors.softmax_value, "p"),
        "jac": asked("jac", reference.softmax, "θ", tensors.softmax_jac, "∂p_a/∂θ_b"),
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
        "jac": asked("jac", reference.attn, "Q", tensors.attn_jac, "∂O_ia/∂Q_jb"),
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
        "value": asked("value", reference.attn_loss, "Q", tensors.attn_loss_value, "f"),
        "grad": asked(
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

TENSORS = (QUARTIC, SOFTMAX, ATTN, ATTN_LOSS)
