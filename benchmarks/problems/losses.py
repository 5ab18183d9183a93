"""Losses and classical functions: logistic regression, factorisation, quadratic, Gaussian process.

In: nothing. Out: `LOSSES`.
"""

from __future__ import annotations

from dataclasses import replace

from benchmarks import functions
from benchmarks.expert import joint, losses
from benchmarks.problems.problem import Problem, asked

LOGREG_GRAD = asked("grad", functions.logreg, "w", losses.logreg_grad, "∂f/∂w_a")
LOGREG_HESS = asked(
    "hess",
    functions.logreg,
    "w",
    losses.logreg_hess,
    "∂²f/∂w_a∂w_b",
    closed="logreg_hess",
)
LOGREG = Problem(
    "logreg",
    "X[m, n]\nf = sum_i log(1 + exp(-y_i X_ij w_j))",
    {"X": ("m", "n"), "y": ("m",), "w": ("n",)},
    {
        "value": asked("value", functions.logreg, "w", losses.logreg_value, "f"),
        "grad": LOGREG_GRAD,
        "hess": LOGREG_HESS,
        "joint": asked(
            "joint", functions.logreg, "w", joint.logreg, "f", "∂f/∂w_a", "∂²f/∂w_a∂w_b"
        ),
        "grad f32": LOGREG_GRAD.in_single,
        "hess f32": LOGREG_HESS.in_single,
    },
    (
        ({"n": 100, "m": 1000}, ("value", "grad", "hess", "joint")),
        ({"n": 500, "m": 5000}, ("value", "grad", "grad f32", "hess", "hess f32", "joint")),
        ({"n": 1000, "m": 10000}, ("value", "grad", "hess")),
        ({"n": 1000, "m": 2000}, ("hess",)),
    ),
    {"n": 3, "m": 5},
    {"y": "sign"},
)

MATFAC_HESS = asked(
    "hess",
    functions.matfac,
    "U",
    losses.matfac_hess,
    "∂²f/∂U_ab∂U_cd",
    closed="matfac_hess",
)
MATFAC = Problem(
    "matfac",
    "R_ij = T_ij - U_ik V_jk\nf = R_ij R_ij",
    {"T": ("n", "m"), "U": ("n", "k"), "V": ("m", "k")},
    {
        "value": asked("value", functions.matfac, "U", losses.matfac_value, "f"),
        "grad": asked("grad", functions.matfac, "U", losses.matfac_grad, "∂f/∂U_ab"),
        "hess": MATFAC_HESS,
        "hess_compressed": replace(
            MATFAC_HESS, expert=losses.matfac_core, whole=losses.matfac_hess
        ),
    },
    (
        ({"n": 100, "m": 100, "k": 5}, ("value", "grad", "hess")),
        ({"n": 200, "m": 200, "k": 5}, ("value", "grad", "hess", "hess_compressed")),
    ),
    {"n": 4, "m": 5, "k": 3},
    {},
)

MATFAC_MASK = Problem(
    "matfac_mask",
    "R_ij = Ω_ij (T_ij - U_ik V_jk)\nf = R_ij R_ij",
    {"T": ("n", "m"), "U": ("n", "k"), "V": ("m", "k"), "Ω": ("n", "m")},
    {
        "value": asked("value", functions.matfac_mask, "U", losses.matfac_mask_value, "f"),
        "grad": asked("grad", functions.matfac_mask, "U", losses.matfac_mask_grad, "∂f/∂U_ab"),
        "hess": asked(
            "hess", functions.matfac_mask, "U", losses.matfac_mask_hess, "∂²f/∂U_ab∂U_cd"
        ),
    },
    (
        ({"n": 100, "m": 100, "k": 5}, ("value", "grad", "hess")),
        ({"n": 200, "m": 200, "k": 5}, ("value", "grad", "hess")),
    ),
    MATFAC.small,
    {"Ω": "mask"},
)

QUAD = Problem(
    "quad",
    "f = x_i A_ij x_j",
    {"A": ("n", "n"), "x": ("n",)},
    {
        "value": asked("value", functions.quad, "x", losses.quad_value, "f"),
        "grad": asked("grad", functions.quad, "x", losses.quad_grad, "∂f/∂x_a"),
        "hess": asked("hess", functions.quad, "x", losses.quad_hess, "∂²f/∂x_a∂x_b"),
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
        "value": asked("value", functions.gp, "K", losses.gp_value, "f"),
        "grad": asked("grad", functions.gp, "K", losses.gp_grad, "∂f/∂K_ab"),
    },
    (({"n": 300}, ("value", "grad")), ({"n": 1000}, ("value", "grad"))),
    {"n": 4},
    {"K": "spd"},
)

GP_ENTRIES = Problem(
    "gp_entries",
    "K[n, n]\nf = logdet(K) + y_i inv(K)_ij y_j",
    {"K": ("n", "n"), "y": ("n",)},
    {"hess": asked("hess", functions.gp, "K", losses.gp_hess, "∂²f/∂K_ab∂K_cd")},
    (({"n": 32}, ("hess",)),),
    {"n": 4},
    {"K": "spd"},
)

LSE = Problem(
    "lse",
    "z_i = A_ij x_j\nf = log(sum_i exp(z_i))",
    {"A": ("m", "n"), "x": ("n",)},
    {
        "value": asked("value", functions.lse, "x", losses.lse_value, "f"),
        "grad": asked("grad", functions.lse, "x", losses.lse_grad, "∂f/∂x_a"),
        "hess": asked("hess", functions.lse, "x", losses.lse_hess, "∂²f/∂x_a∂x_b"),
        "third": asked(
            "third",
            functions.lse,
            "x",
            losses.lse_third,
            "∂³f/∂x_a∂x_b∂x_c",
            closed="lse_third",
        ),
        "joint": asked("joint", functions.lse, "x", joint.lse, "f", "∂f/∂x_a", "∂²f/∂x_a∂x_b"),
    },
    (({"n": 100, "m": 200}, ("value", "grad", "hess", "third", "joint")),),
    {"n": 3, "m": 5},
    {},
)

LOSSES = (LOGREG, MATFAC, MATFAC_MASK, QUAD, GP, GP_ENTRIES, LSE)
