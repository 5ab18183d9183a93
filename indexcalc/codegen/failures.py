"""What NumPy's linear algebra refuses, told in terms of the program.

In: NumPy's error and the plan that ran. Out: an `EvaluationError`.

>>> from indexcalc.ir.build import call, variable
>>> from indexcalc.ir.extent import Extent
>>> from indexcalc.plan.schedule import make_plan
>>> n = Extent.named("n")
>>> plan = make_plan([("f", call("logdet", variable("K", (n, n), ["spd"])))])
>>> error = ValueError("Matrix is not positive definite")
>>> print(explained(error, plan).args[0])
K is declared spd and is not positive definite, or not within rounding
"""

from __future__ import annotations

from indexcalc.errors import EvaluationError
from indexcalc.plan.program import Plan


def explained(error: ValueError, plan: Plan | None) -> EvaluationError:
    """The error to raise instead: it names the matrices that were taken to be definite."""
    names = _definite(plan) if plan is not None else []
    if "positive definite" not in str(error) or not names:
        return EvaluationError(f"a matrix function failed: {error}")
    verb = "is" if len(names) == 1 else "are"
    which = "is not" if len(names) == 1 else "one of them is not"
    listed = " and ".join(names)
    return EvaluationError(
        f"{listed} {verb} declared spd and {which} positive definite, or not within rounding",
        hint=f"look at np.linalg.eigvalsh({names[0]}); add to its diagonal if it is nearly "
        "singular, or declare it symmetric",
    )


def _definite(plan: Plan) -> list[str]:
    """The names of matrices that have a Cholesky factor in the plan."""
    found = [
        plan.names.get(source) or str(source.detail if source.kernel == "input" else "a matrix")
        for step in plan.steps
        if step.value.kernel == "matrix" and str(step.value.detail).startswith("cholesky")
        for source in step.value.sources[:1]
    ]
    return list(dict.fromkeys(found))
