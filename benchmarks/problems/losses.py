"""Losses and classical functions: logistic regression, factorisation, quadratic, Gaussian process.

In: nothing. Out: `LOSSES`.
"""

from __future__ import annotations

from benchmarks import reference
from benchmarks.expert import losses
from benchmarks.problems.problem import Problem, asked

LOGREG = Problem(
    "logreg",
    "X[m, n]\nf = sum_i log(1 + exp(-y_i X_ij w_j))",
    {"X": ("m", "n"), "y": ("m",), "w": ("n",)},
    {
        "value": asked("value", reference.logreg, "w", losses.logreg_value, "f"),
        "grad": asked("grad", reference.logreg, "w", losses.logreg_grad, "∂f/∂w_a"),
        "hess": asked("hess", reference.logreg, "w", losses.logreg_hess, "∂²f/∂w_a∂w_b"),
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
        "value": asked("value", reference.matfac, "U", losses.matfac_value, "f"),
        "grad": asked("grad", reference.matfac, "U", losses.matfac_grad, "∂f/∂U_ab"),
        "hess": asked("hess", reference.matfac, "U", losses.matfac_hess, "∂²f/∂U_ab∂U_cd"),
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
        "value": asked("value", reference.matfac_mask, "U", losses.matfac_mask_value, "f"),
        "grad": asked("grad", reference.matfac_mask, "U", losses.matfac_mask_grad, "∂f/∂U_ab"),
        "hess": asked(
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
        "value": asked("value", reference.quad, "x", losses.quad_value, "f"),
        "grad": asked("grad", reference.quad, "x", losses.quad_grad, "∂f/∂x_a"),
        "hess": asked("hess", reference.quad, "x", losses.quad_hess, "∂²f/∂x_a∂x_b"),
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
        "value": asked("value", reference.gp, "K", losses.gp_value, "f"),
        "grad": asked("grad", reference.gp, "K", losses.gp_grad, "∂f/∂K_ab"),
    },
    (({"n": 300}, ("value", "grad")), ({"n": 1000}, ("value", "grad"))),
    {"n": 4},
    {"K": "spd"},
)

GP_ENTRIES = Problem(
    "gp_entries",
    "K[n, n]\nf = logdet(K) + y_i inv(K)_ij y_j",
    {"K": ("n", "n"), "y": ("n",)},
    {"hess": asked("hess", reference.gp, "K", losses.gp_hess, "∂²f/∂K_ab∂K_cd")},
    (({"n": 32}, ("hess",)),),
    {"n": 4},
    {"K": "spd"},
)

LSE = Problem(
    "lse",
    "z_i = A_ij x_j\nf = log(sum_i exp(z_i))",
    {"A": ("m", "n"), "x": ("n",)},
    {
        "value": asked("value", reference.lse, "x", losses.lse_value, "f"),
        "grad": asked("grad", reference.lse, "x", losses.lse_grad, "∂f/∂x_a"),
        "hess": asked("hess", reference.lse, "x", losses.lse_hess, "∂²f/∂x_a∂x_b"),
        "third": asked("third", reference.lse, "x", losses.lse_third, "∂³f/∂x_a∂x_b∂x_c"),
    },
    (({"n": 100, "m": 200}, ("value", "grad", "hess", "third")),),
    {"n": 3, "m": 5},
    {},
)

LOSSES = (LOGREG, MATFAC, MATFAC_MASK, QUAD, GP, GP_ENTRIES, LSE)
