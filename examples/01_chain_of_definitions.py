"""Tour 1: a classifier as a chain of definitions, and its gradient in the same names.

The page that this comes from writes row vectors: `a = x W_1 + b_1`. With indices that is
`a_j = x_i W1_ij + b1_j`, and no question about transposes is left. `∂L/∂x_i` is total through
all definitions; by a defined name, as in `∂L/∂θ_k`, what defines it is cut off.
"""

import numpy as np

import indexcalc as ic

program = ic.Program("""
    σ(z) = 1/(1 + exp(-z))
    a_j  = x_i W1_ij + b1_j
    h_j  = σ(a_j)
    θ_k  = h_j W2_jk + b2_k
    ŷ_k  = softmax(θ)_k
    L    = -y_k log(ŷ_k)
    assume sum_k y_k == 1        # y is a distribution: without this, the factor Σ_k y_k stays
""")

for query in ("∂L/∂θ_k", "∂L/∂x_i", "∂L/∂W1_ij", "∂²L/∂θ_k∂θ_l"):
    print(f"{query} = {program[query]}")

rng = np.random.default_rng(0)
arrays = {
    "x": rng.normal(size=5),
    "W1": rng.normal(size=(5, 3)),
    "b1": rng.normal(size=3),
    "W2": rng.normal(size=(3, 4)),
    "b2": rng.normal(size=4),
    "y": np.array([0.0, 1.0, 0.0, 0.0]),
}
gradient = program["∂L/∂x_i"](**arrays)

# The answer on the page, in its own notation: ((ŷ − y) W₂ᵀ ∘ (h − h∘h)) W₁ᵀ
h = 1 / (1 + np.exp(-(arrays["x"] @ arrays["W1"] + arrays["b1"])))
e = np.exp(h @ arrays["W2"] + arrays["b2"])
published = ((e / e.sum() - arrays["y"]) @ arrays["W2"].T * (h - h * h)) @ arrays["W1"].T
print("agrees with the published answer:", np.allclose(gradient, published, rtol=1e-12))
