"""Tour 4: a derivative in a product is never built.

Repeated indices contract derivatives as they contract anything: a Hessian times a vector, a vector
times a Jacobian, a divergence, a Laplacian. The compiler pushes the factor through as a seed, so
that the cost is that of a gradient.
"""

import numpy as np

import indexcalc as ic

program = ic.Program("""
    X[m, n], y[m], w[n], v[n]
    f   = sum_i log(1 + exp(-y_i X_ij w_j))
    g_i = tanh(A_ij w_j)
    A[n, n], u[n]
""")

questions = {
    "Hessian times vector": "∂²f/∂w_i∂w_j v_j",
    "quadratic form of the Hessian": "v_i ∂²f/∂w_i∂w_j v_j",
    "vector times Jacobian": "u_i ∂g_i/∂w_j",
    "divergence": "∂g_i/∂w_i",
    "Laplacian": "∂²f/∂w_i∂w_i",
    "diagonal of the Jacobian": "d_i = ∂g_i/∂w_i",
}
for title, query in questions.items():
    print(f"{title}: {program[query]}")

rng = np.random.default_rng(3)
m, n = 2000, 300
arrays = {
    "X": rng.normal(size=(m, n)) / n,
    "y": np.sign(rng.normal(size=m)),
    "w": rng.normal(size=n),
    "v": rng.normal(size=n),
}
product = program.compile("∂²f/∂w_i∂w_j v_j")
hessian = program.compile("∂²f/∂w_i∂w_j")
direct = product(**arrays)
through = hessian(**arrays) @ arrays["v"]
print("same as with the Hessian built:", np.allclose(direct, through, rtol=1e-10))
ratio = hessian.cost.at({"m": m, "n": n}).flops / product.cost.at({"m": m, "n": n}).flops
print(f"operations saved: {ratio:.0f} times")
