"""The claims of the published cases: those that are right hold, those that are wrong do not.

A claim that holds only under a condition that the case states in words is judged with the condition
as an assumption.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.claims.programs import judged

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "data" / "cases" / "cases.json").read_text(encoding="utf-8")
)
TRAITS = {"symmetric", "spd", "positive", "invertible", "diagonal"}
NOT_THE_LANGUAGE = {
    ("softmax-regression-batch", "matrix"): "`softmax_rows` is not a function of the language",
    ("mse-3117845-diagonal-factor-wrong", "matrix"): "nor is `colsums`",
}
# Labels are +1 or −1, rows of Y sum to one, X and B are symmetric where the derivative is taken.
CONDITIONS = {
    "logistic-third-derivative": "assume y_i^2 == 1",
    "softmax-regression-batch": "assume sum_k Y_ik == 1",
    "mse-3927579-xbx-vec": "assume X == X^T; assume B == B^T",
}
WHERE = re.compile(r",\s+(?=\w+(?:_\w+)?\s*=[^=])")
EQUATION = re.compile(r"(?<!=)=(?!=)")


def text_of(case: dict[str, Any], form: str) -> str:
    lines = []
    for name, variable in case["variables"].items():
        domain = variable["domain"] if variable["domain"] in TRAITS else ""
        trait = "" if case["id"] in CONDITIONS else domain
        shape = ", ".join(extent.removesuffix("_") for extent in variable["shape"])
        lines.append(f"{name}[{shape}] {trait}")
    return "\n".join([*lines, case[form]])


def claim_of(case: dict[str, Any], form: str) -> str:
    first, *clauses = WHERE.split(case["claim"][form])
    if "∂" in first and EQUATION.search(first):
        claim = " == ".join(side.strip() for side in EQUATION.split(first, maxsplit=1))
    else:
        match = re.match(r"[^\s_=]+", case[form])
        assert match
        order = f"^{len(case['wrt'])}" if len(case["wrt"]) > 1 else ""
        below = "".join(f"∂{name}" for name in case["wrt"])
        claim = f"∂{order}{match[0]}/{below} == {first}"
    condition = CONDITIONS.get(case["id"], "")
    return "\n".join([", ".join([claim, *clauses]), condition])


CLAIMS = [
    pytest.param(case, form, id=f"{case['id']}-{form}")
    for case in CASES
    for form in ("index", "matrix")
    if case[form] is not None
    and case["claim"][form] is not None
    and (case["id"], form) not in NOT_THE_LANGUAGE
]


@pytest.mark.parametrize(("case", "form"), CLAIMS)
def test_published_claim(case: dict[str, Any], form: str) -> None:
    verdict = judged(text_of(case, form), claim_of(case, form))
    if case["claim"]["correct"]:
        assert verdict.status == "proved", verdict.report()
    elif case["claim"]["failure"] == "shape":
        assert verdict.status == "ill-shaped", verdict.report()
    else:
        assert verdict.status == "differs", verdict.report()


def test_there_are_claims_of_each_kind() -> None:
    kinds = [case.values[0]["claim"] for case in CLAIMS if isinstance(case.values[0], dict)]
    assert sum(claim["correct"] for claim in kinds) >= 30
    assert {claim["failure"] for claim in kinds if not claim["correct"]} == {"shape", "value"}


@pytest.mark.parametrize("identifier", sorted(CONDITIONS))
def test_without_its_condition_a_claim_differs(identifier: str) -> None:
    case = next(case for case in CASES if case["id"] == identifier)
    form = "index" if case["claim"]["index"] else "matrix"
    claim = claim_of(case, form).replace(CONDITIONS[identifier], "")
    assert judged(text_of(case, form), claim).status == "differs"
