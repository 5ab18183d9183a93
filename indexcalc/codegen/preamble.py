"""What a generated module defines before its function: only what the function uses.

In: a plan, the dtype of its arrays. Out: lines of code.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.plan.schedule import make_plan
>>> preamble(make_plan([("y", variable("x", ()))]), "float64")
['import numpy as np']
"""

from __future__ import annotations

from collections.abc import Sequence

from indexcalc.codegen.entrywise import LARGEST, LARGEST_DOUBLE
from indexcalc.codegen.scalars import constants
from indexcalc.plan.program import Plan, Value, every_step
from indexcalc.plan.rows import SHORT

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
CHOLESKY = '''
def _cholesky(K):
    """The factor L of K = L Lᵀ. LAPACK reads columns: K.T lies as it wants K.

    Multiples of 64 rows lie badly in caches.
    """
    n = len(K)
    return np.linalg.cholesky(K.T) if n % 64 else _cholesky_with(K, np.zeros(n))[0]
'''
CHOLESKY_WITH = '''
def _cholesky_with(K, b):
    """The factor L of K = L Lᵀ, and L⁻¹ b: b is a column beside K, factorised along with it.

    The pivot of that column is infinite, so that nothing else comes of it.
    """
    n = len(K)
    m = n + 4 - n % 4 + 4 * (n % 64 > 59)  # multiples of 64 rows lie badly in caches
    A = np.empty((m, m), K.dtype)
    A[:n, :n] = K
    A[:, n:] = 0.0
    A[:n, n] = b
    A.reshape(-1)[n * (m + 1) :: m + 1] = np.inf
    try:
        L = np.linalg.cholesky(A.T)
    except np.linalg.LinAlgError:  # NaN or overflow in b, if the next line passes
        L = np.linalg.cholesky(K)
        return L, np.linalg.solve(L, b)
    return L[:n, :n], L[n, :n]
'''
CHOLESKY_WITH_SEVERAL = '''
def _cholesky_with_several(K, *sides):
    """The factor L of K = L Lᵀ, and L⁻¹ b for each b."""
    n = len(K)
    B = np.column_stack(sides)
    m = n + B.shape[1]
    m += -m % 4
    m += 4 * (m % 64 == 0)
    A = np.empty((m, m), K.dtype)
    A[:n, :n] = K
    A[:, n:] = 0.0
    A[:n, n : n + B.shape[1]] = B
    A.reshape(-1)[n * (m + 1) :: m + 1] = np.inf
    try:
        L = np.linalg.cholesky(A.T)
    except np.linalg.LinAlgError:  # NaN or overflow in a side, if the next line passes
        L = np.linalg.cholesky(K)
        return [L, *_apart(np.linalg.solve(L, B), sides)]
    return [L[:n, :n], *_apart(L[n:, :n].T, sides)]
'''
LOGDET_OF_CHOLESKY = '''
def _logdet_of_cholesky(L):
    """The logarithm of the determinant of L Lᵀ."""
    return 2.0 * np.log(L.diagonal()).sum()
'''
DET_OF_CHOLESKY = '''
def _det_of_cholesky(L):
    """The determinant of L Lᵀ."""
    return np.square(L.diagonal()).prod()
'''
INV_OF_CHOLESKY = '''
def _inv_of_cholesky(L):
    """The inverse X of L Lᵀ, from X L = L⁻ᵀ: blocks of columns, the last one first."""
    n = len(L)
    size = 32 + n // 16
    X = np.empty((n, n), L.dtype)
    for a in range(0, n, size)[::-1]:
        b = a + size
        D = np.linalg.inv(L[a:b, a:b])
        P = L[b:, a:b].dot(D)
        Q = X[b:, b:].dot(P)
        D = D.T.dot(D) + P.T.dot(Q)
        X[a:b, a:b] = 0.5 * (D + D.T)
        X[b:, a:b] = np.negative(Q, Q)
        X[a:b, b:] = Q.T
    return X
'''
BACKWARD = '''
def _backward(L, z):
    """The solution x of Lᵀ x = z, block by block."""
    n = len(L)
    size = 32 + n // 16
    x = z.copy()
    for a in range(0, n, size)[::-1]:
        b = a + size
        x[a:b] = np.linalg.solve(L[a:b, a:b].T, x[a:b])
        x[:a] -= L[a:b, :a].T.dot(x[a:b])
    return x
'''
SOLVE_OF_CHOLESKY = '''
def _solve_of_cholesky(L, b):
    """The solution x of L Lᵀ x = b, block by block."""
    n = len(L)
    size = 32 + n // 16
    x = b.copy()
    for a in range(0, n, size):
        c = a + size
        x[a:c] = np.linalg.solve(L[a:c, a:c], x[a:c])
        x[c:] -= L[c:, a:c].dot(x[a:c])
    return _backward(L, x)
'''
APART = '''
def _apart(X, sides):
    """The columns of X, as many as each of the sides has."""
    ends = np.cumsum([0, *(1 if b.ndim == 1 else b.shape[1] for b in sides)])
    return [X[:, a] if b.ndim == 1 else X[:, a:c] for a, c, b in zip(ends, ends[1:], sides)]
'''
SOLVE_SEVERAL = '''
def _solve_several(A, *sides):
    """The solutions of A x = b for each b."""
    return _apart(np.linalg.solve(A, np.column_stack(sides)), sides)
'''
BACKWARD_SEVERAL = '''
def _backward_several(L, *sides):
    """The solutions of Lᵀ x = z for each z."""
    return _apart(_backward(L, np.column_stack(sides)), sides)
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
TOP = '''
def _top(x):
    """The largest entry as a finite number: exp(x - _top(x)) is right for infinite entries, too."""
    top = x.item(x.argmax()) if x.size else -np.inf
    return top if abs(top) <= LARGEST else min(max(top, -LARGEST), LARGEST)
'''
BY_ROWS = '''
def _by_rows(ufunc, a, b, out=None):
    """The ufunc where an array is repeated: with a short buffer, rows are read as they lie."""
    size = np.setbufsize(SHORT)
    try:
        return ufunc(a, b, out=out)
    finally:
        np.setbufsize(size)
'''.replace("SHORT", str(SHORT))
LEVI_CIVITA = """
_LEVI_CIVITA = np.zeros((3, 3, 3), np.{dtype})
_LEVI_CIVITA[[0, 1, 2], [1, 2, 0], [2, 0, 1]] = 1.0
_LEVI_CIVITA[[0, 1, 2], [2, 0, 1], [1, 2, 0]] = -1.0
"""
FUNCTIONS = {
    "by_rows": BY_ROWS,
    "top": TOP, "log_of_factors": LOG_OF_FACTORS, "logdet": LOGDET, "erf": ERF,
    "cholesky": CHOLESKY,
    "cholesky_with": CHOLESKY_WITH, "apart": APART,
    "cholesky_with_several": CHOLESKY_WITH_SEVERAL, "logdet_of_cholesky": LOGDET_OF_CHOLESKY,
    "det_of_cholesky": DET_OF_CHOLESKY, "inv_of_cholesky": INV_OF_CHOLESKY, "backward": BACKWARD,
    "solve_of_cholesky": SOLVE_OF_CHOLESKY, "solve_several": SOLVE_SEVERAL,
    "backward_several": BACKWARD_SEVERAL,
}  # fmt: skip
NEEDS = {
    "logdet": ("log_of_factors",), "logdet_of_factors": ("log_of_factors",),
    "cholesky": ("cholesky_with",), "cholesky_with_several": ("apart",),
    "solve_of_cholesky": ("backward",), "solve_several": ("apart",),
    "backward_several": ("apart", "backward"),
}  # fmt: skip


def preamble(plan: Plan, dtype: str, code: Sequence[str] = ()) -> list[str]:
    """Imports, constants and functions that the steps of the plan, and the lines of `code`, use."""
    details = {step.value.detail for step in every_step(plan)}
    sources = [term.source for step in plan.steps for term in step.value.operands]
    sources += [term.source for _, term in plan.results]
    named = {s.detail for s in sources if isinstance(s, Value) and s.kernel == "constant"}
    uses_math = any("math." in line.partition("  # ")[0] for line in code)
    lines = [*(["import math", ""] if uses_math else []), "import numpy as np"]
    lines += constants(code, dtype)
    if "levi_civita" in named:
        lines += ["", *LEVI_CIVITA.format(dtype=dtype).strip().split("\n")]
    wanted = details | {other for detail in details for other in NEEDS.get(str(detail), ())}
    if any("_by_rows(" in line for line in code):
        wanted.add("by_rows")
    for name, text in FUNCTIONS.items():
        if name in wanted:
            filled = text.replace("LARGEST", LARGEST.get(dtype, LARGEST_DOUBLE))
            lines += ["", *filled.rstrip().split("\n")]
    return lines
