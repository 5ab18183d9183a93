"""Tour 5: the code is the product, so read it.

Several queries compiled together share all common work. The module needs numpy only; each
line ends with the formula that it computes. `cost` counts operations and bytes in terms of the
extents, and `explain` shows the plan.
"""

import numpy as np

import indexcalc as ic

program = ic.Program("f = sum_i log(1 + exp(-y_i X_ij w_j))")
function = program.compile("f", "∂f/∂w_j", "∂²f/∂w_j∂w_k")

print(function.source)
print(function.explain())

rng = np.random.default_rng(4)
X, y, w = rng.normal(size=(50, 3)), np.sign(rng.normal(size=50)), np.zeros(3)
for _ in range(20):  # Newton's method
    value, gradient, hessian = function(y=y, X=X, w=w)
    w = w - np.linalg.solve(hessian, gradient)
print(f"minimum {value:.6f}, gradient {np.abs(gradient).max():.0e}")

# The module stands alone: run it without indexcalc.
namespace: dict[str, object] = {}
exec(function.source, namespace)
alone = namespace["evaluate"]
print("the module alone gives the same:", alone(y, X, w)[0] == function(y=y, X=X, w=w).f)  # type: ignore[operator]
