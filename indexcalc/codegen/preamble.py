"""What a generated module defines before its function: only what the function uses.

In: a plan, the dtype of its arrays. Out: lines of code.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.plan.schedule import make_plan
>>> preamble(make_plan([("y", variable("x", ()))]), "float64")
['import numpy as np']
"""

from __future__ import annotations

from indexcalc.plan.program import Plan, Value

LOG_OF_FACTORS = '''
def _log_of_factors(sign, value):
    """The logarithm of a determinant; NaN where that is negative."""
    if np.iscomplexobj(sign):
        return np.log(sign) + value
    return value if sign >= 0 else value * np.nan
'''
LOGDET = '''
def _logdet(A):
    """The logarithm of the determinant of a matrix."""
    return _log_of_factors(*np.linalg.slogdet(A))
'''
LOGDET_OF_CHOLESKY = '''
def _logdet_of_cholesky(L):
    """The logarithm of the determinant of L Lᵀ."""
    return 2.0 * np.log(L.diagonal()).sum()
'''
INV_OF_CHOLESKY = '''
def _inv_of_cholesky(L, size=64):
    """The inverse of L Lᵀ: blocks on the diagonal of L are inverted, then joined two by two."""
    n = len(L)
    X = np.zeros_like(L)
    for a in range(0, n, size):
        X[a : a + size, a : a + size] = np.linalg.inv(L[a : a + size, a : a + size])
    while size < n:
        for a in range(0, n - size, 2 * size):
            b, c = a + size, a + 2 * size
            X[b:c, a:b] = -X[b:c, b:c].dot(L[b:c, a:b].dot(X[a:b, a:b]))
        size *= 2
    return X.T.dot(X)
'''
SOLVE_OF_CHOLESKY = '''
def _solve_of_cholesky(L, b, size=32):
    """The solution x of L Lᵀ x = b, block by block."""
    x, n = b.copy(), len(L)
    for a in range(0, n, size):
        c = a + size
        x[a:c] = np.linalg.solve(L[a:c, a:c], x[a:c] - L[a:c, :a].dot(x[:a]))
    for a in reversed(range(0, n, size)):
        c = a + size
        x[a:c] = np.linalg.solve(L[a:c, a:c].T, x[a:c] - L[c:, a:c].T.dot(x[c:]))
    return x
'''
ERF = '''
def _erf(x):
    """The error function, by rational approximations (W. J. Cody, Math. Comp. 23, 1969)."""
    y = np.minimum(np.abs(x), 6.0)  # 1 to the last place from there on
    s = y * y
    p, q = 1.85777706184603153e-1 * s, s
    for a, b in ((3.16112374387056560, 23.6012909523441209),
                 (113.864154151050156, 244.024637934444173),
                 (377.485237685302021, 1282.61652607737228)):
        p, q = (p + a) * s, (q + b) * s
    near = y * (p + 3209.37758913846947) / (q + 2844.23683343917062)
    p, q = 2.15311535474403846e-8 * y, y
    for a, b in ((0.564188496988670089, 15.7449261107098347),
                 (8.88314979438837594, 117.693950891312499),
                 (66.1191906371416295, 537.181101862009858),
                 (298.635138197400131, 1621.38957456669019),
                 (881.952221241769090, 3290.79923573345963),
                 (1712.04761263407058, 4362.61909014324716),
                 (2051.07837782607147, 3439.36767414372164)):
        p, q = (p + a) * y, (q + b) * y
    rest = np.exp(-s) * (p + 1230.33935479799725) / (q + 1230.33935480374942)
    return np.copysign(np.where(y <= 0.46875, near, 1.0 - rest), x)[()]
'''
LEVI_CIVITA = """
_LEVI_CIVITA = np.zeros((3, 3, 3), np.{dtype})
_LEVI_CIVITA[[0, 1, 2], [1, 2, 0], [2, 0, 1]] = 1.0
_LEVI_CIVITA[[0, 1, 2], [2, 0, 1], [1, 2, 0]] = -1.0
"""
HELPERS = {
    "logdet_of_factors": LOG_OF_FACTORS, "logdet": LOGDET, "erf": ERF,
    "logdet_of_cholesky": LOGDET_OF_CHOLESKY, "inv_of_cholesky": INV_OF_CHOLESKY,
    "solve_of_cholesky": SOLVE_OF_CHOLESKY,
}  # fmt: skip


def preamble(plan: Plan, dtype: str) -> list[str]:
    """Imports, constants and functions that the steps of the plan call."""
    details = {step.value.detail for step in plan.steps}
    sources = [term.source for step in plan.steps for term in step.value.operands]
    sources += [term.source for _, term in plan.results]
    constants = {s.detail for s in sources if isinstance(s, Value) and s.kernel == "constant"}
    lines = ["import numpy as np"]
    if "levi_civita" in constants:
        lines += ["", *LEVI_CIVITA.format(dtype=dtype).strip().split("\n")]
    if "logdet" in details:
        details.add("logdet_of_factors")
    for needed, text in HELPERS.items():
        if needed in details:
            lines += ["", *text.rstrip().split("\n")]
    return lines
