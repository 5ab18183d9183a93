"""Tour 6: matrix notation, and what happens when a formula is wrong.

Names without indices are matrices and column vectors as in a textbook; MATLAB's spelling is read as
well. Shapes must conform exactly, and an index on any tensor-valued expression leads back to
index notation.
"""

import numpy as np

import indexcalc as ic

program = ic.Program("""
    A[m, n], b[m], x[n]; K[m, m] spd
    r = A x - b
    f = 1/2 r^T inv(K) r + logdet(K)
""")
for query in ("∂f/∂x", "∂²f/∂x∂x", "∂f/∂A", "∂f/∂K", "(∂f/∂x)_i x_i"):
    print(f"{query} = {program[query]}")

rng = np.random.default_rng(5)
A, b, x = rng.normal(size=(4, 3)), rng.normal(size=4), rng.normal(size=3)
K = A @ A.T + np.eye(4)
gradient = program["∂f/∂x"](A=A, b=b, x=x, K=K)
print("as by hand:", np.allclose(gradient, A.T @ np.linalg.solve(K, A @ x - b)))
print("in one line:", np.isclose(ic.evaluate("x'*A'*A*x", A=A, x=x), np.dot(A @ x, A @ x)))

for wrong in ("A b", "A x + K", "f = A_ij x_j b_k", "y_i = A_ij x_j c_i + A_jk"):
    try:
        program[wrong]
    except ic.FormulaError as error:
        print(f"\n{type(error).__name__}: {error}")
