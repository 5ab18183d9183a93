"""Tour 2: a scalar through a function that nobody defined, its gradient and its Hessian.

`σ` is nowhere a tensor and nowhere defined, so it is an unknown elementwise function: derivatives
say `σ'` and `σ''`. To evaluate, pass the name of a built-in function, which brings its derivatives,
or callables for the orders that are used.
"""

import numpy as np

import indexcalc as ic

program = ic.Program("""
    z_i = W_ij x_j + b_i
    λ   = log(1 + exp(-y w_i σ(z_i)))
""")

for query in ("∂λ/∂W_ij", "∂²λ/∂W_ij∂W_kl", "∂²λ/∂W_ij∂b_k"):
    print(f"{query} = {program[query]}")

rng = np.random.default_rng(1)
arrays = {
    "W": rng.normal(size=(4, 3)),
    "x": rng.normal(size=3),
    "b": rng.normal(size=4),
    "w": rng.normal(size=4),
    "y": -1.0,
}
gradient = program["∂λ/∂W_ij"]
by_name = gradient(**arrays, σ="tanh")
by_callables = gradient(**arrays, σ={0: np.tanh, 1: lambda z: 1 - np.tanh(z) ** 2})
print("by name and by callables agree:", np.allclose(by_name, by_callables, rtol=1e-12))

# Values stay right where log(1 + exp(…)) overflows if it is computed as it is written.
far = program.compile("λ", "∂λ/∂w_i")(**{**arrays, "y": -1e4}, σ="tanh")
print("finite at a score of 10⁴:", bool(np.isfinite(far.λ) and np.isfinite(far.dλ_dw).all()))
