"""Products without matrices: with the Hessian and the Jacobian, and parts of them, as contractions.

In: nothing. Out: `PRODUCTS`. Some are further questions about functions of other families: these
have the same names there, so that the gradient's row is found beside theirs.
"""

from __future__ import annotations

from benchmarks import functions
from benchmarks.expert import products
from benchmarks.problems.problem import Problem, asked

LOGREG = Problem(
    "logreg",
    "X[m, n]\nf = sum_i log(1 + exp(-y_i X_ij w_j))\nD_a = ∂²f/∂w_a∂w_a",
    {"X": ("m", "n"), "y": ("m",), "w": ("n",), "v": ("n",)},
    {
        "hvp": asked(
            "hvp", functions.logreg, "w", products.logreg_hvp, "∂²f/∂w_a∂w_b v_b", along=("v",)
        ),
        "diagonal": asked(
            "diagonal",
            functions.logreg,
            "w",
            products.logreg_diagonal,
            "D",
            closed="logreg_diagonal",
        ),
        "trace": asked(
            "trace",
            functions.logreg,
            "w",
            products.logreg_trace,
            "∂²f/∂w_a∂w_a",
            closed="logreg_trace",
        ),
    },
    (
        ({"n": 100, "m": 1000}, ("hvp", "diagonal", "trace")),
        ({"n": 500, "m": 5000}, ("hvp", "diagonal", "trace")),
    ),
    {"n": 3, "m": 5},
    {"y": "sign"},
    ("v",),
)

SEED_A = Problem(
    "seed_a",
    "σ(z) = 1/(1 + exp(-z))\nz_i = W_ij x_j + b_i\nλ = log(1 + exp(-y w_i σ(z_i)))",
    {"W": ("m", "n"), "x": ("n",), "b": ("m",), "w": ("m",), "y": (), "V": ("m", "n")},
    {
        "hvp": asked(
            "hvp",
            functions.seed_a,
            "W",
            products.seed_a_hvp,
            "∂²λ/∂W_ij∂W_kl V_kl",
            along=("V",),
        ),
    },
    (({"m": 64, "n": 64}, ("hvp",)), ({"m": 512, "n": 512}, ("hvp",))),
    {"m": 4, "n": 3},
    {"y": "sign"},
    ("V",),
)

BY_WEIGHTS = "W1 W2"
ALONG_WEIGHTS = ("V1", "V2")
NETWORK_TASKS = ("grad", "hvp", "jvp", "vjp", "gauss_newton", "diagonal")

NETWORK = Problem(
    "network",
    "A_bi = tanh(W1_ij X_bj)\nZ_bi = W2_ij A_bj\nf = -Y_bc logsoftmax_c(Z_bc)\n"
    "g = ∂f/∂W1_ij V1_ij + ∂f/∂W2_ij V2_ij\n"
    "P_bi = ∂Z_bi/∂W1_kl V1_kl + ∂Z_bi/∂W2_kl V2_kl\n"
    "D_ij = ∂²f/∂W1_ij∂W1_ij",
    {
        "X": ("B", "n"),
        "Y": ("B", "C"),
        "W1": ("h", "n"),
        "W2": ("C", "h"),
        "V1": ("h", "n"),
        "V2": ("C", "h"),
        "R": ("B", "C"),
    },
    {
        "grad": asked(
            "grad",
            functions.network,
            BY_WEIGHTS,
            products.network_grad,
            *("∂f/∂W1_ij", "∂f/∂W2_ij"),
        ),
        "hvp": asked(
            "hvp",
            functions.network,
            BY_WEIGHTS,
            products.network_hvp,
            *("∂g/∂W1_ij", "∂g/∂W2_ij"),
            along=ALONG_WEIGHTS,
        ),
        "jvp": asked(
            "jvp", functions.outputs, BY_WEIGHTS, products.network_jvp, "P", along=ALONG_WEIGHTS
        ),
        "vjp": asked(
            "vjp",
            functions.outputs,
            BY_WEIGHTS,
            products.network_vjp,
            *("R_bi ∂Z_bi/∂W1_kl", "R_bi ∂Z_bi/∂W2_kl"),
            along=("R",),
        ),
        "gauss_newton": asked(
            "gauss_newton",
            functions.outputs,
            BY_WEIGHTS,
            products.network_gauss_newton,
            *("P_bi ∂Z_bi/∂W1_kl", "P_bi ∂Z_bi/∂W2_kl"),
            along=ALONG_WEIGHTS,
        ),
        "diagonal": asked(
            "by hand",
            functions.network,
            "W1",
            products.network_diagonal,
            "D",
            closed="network_diagonal",
        ),
    },
    (
        ({"n": 64, "h": 64, "C": 10, "B": 128}, NETWORK_TASKS),
        ({"n": 256, "h": 256, "C": 10, "B": 512}, NETWORK_TASKS),
    ),
    {"n": 3, "h": 4, "C": 2, "B": 5},
    {"Y": "onehot", "W1": "layer"},
    (*ALONG_WEIGHTS, "R"),
)

FIELD = Problem(
    "field",
    "u_b = w_i tanh(W_ij x_bj + c_i)\nG_bj = ∂u_b/∂x_bj\nL_b = ∂²u_b/∂x_bj∂x_bj",
    {"W": ("h", "n"), "x": ("B", "n"), "c": ("h",), "w": ("h",)},
    {
        "grad": asked("grad", functions.field_sum, "x", products.field_grad, "G"),
        "laplacian": asked(
            "laplacian",
            functions.field,
            "x",
            products.field_laplacian,
            "L",
            closed="field_laplacian",
        ),
    },
    (
        ({"n": 16, "h": 128, "B": 128}, ("grad", "laplacian")),
        ({"n": 64, "h": 256, "B": 512}, ("grad", "laplacian")),
    ),
    {"n": 3, "h": 4, "B": 5},
    {"W": "layer"},
)

PRODUCTS = (LOGREG, SEED_A, NETWORK, FIELD)
