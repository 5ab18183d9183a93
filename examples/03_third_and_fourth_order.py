"""Tour 3: a matrix by a matrix is a tensor of order four, and nothing is wrong with that.

The Jacobian of `Y = Uσ(WX + b1ᵀ) + c1ᵀ` by `X` is block diagonal: column j of Y depends on column j
of X only. The derivative says so with `δ_jl`, and the code computes the core of order three and
writes it into zeros. With a left-hand side, `J_ikj = ∂Y_ij/∂X_kj` takes the core alone: j is
free there, so it is not summed.
"""

import numpy as np

import indexcalc as ic

program = ic.Program("""
    W[m, n], X[n, p], b[m], U[r, m], c[r]
    S_kj = σ(W_kl X_lj + b_k)
    Y_ij = U_ik S_kj + c_i
""")

for query in ("∂Y_ij/∂X_kl", "J_ikj = ∂Y_ij/∂X_kj", "∂Y_ij/∂W_kl", "∂²Y_ij/∂X_kl∂X_pq"):
    formula = program[query]
    print(f"{query.split('=')[0].strip()} = {formula}    axes {', '.join(formula.free)}")

rng = np.random.default_rng(2)
arrays = {
    "W": rng.normal(size=(4, 3)),
    "X": rng.normal(size=(3, 2)),
    "b": rng.normal(size=4),
    "U": rng.normal(size=(5, 4)),
    "c": rng.normal(size=5),
}
jacobian, core = program.compile("∂Y_ij/∂X_kl", "J_ikj = ∂Y_ij/∂X_kj")(**arrays, σ="tanh")
print("Jacobian:", jacobian.shape, "with", np.count_nonzero(jacobian), "entries that are not zero")
print("core:", core.shape, "with", core.size)
print("the core is its diagonal:", np.allclose(np.einsum("ijkj->ikj", jacobian), core))
