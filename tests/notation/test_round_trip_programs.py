"""Whole programs: what is printed in each form and notation reads back with the same values."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from indexcalc.api import Program
from indexcalc.elaborate.names import canonical
from indexcalc.errors import DifferentiationError, FormulaError, LimitError
from indexcalc.formula import Formula
from indexcalc.syntax.latex.detect import Notation
from tests.notation.matrix_records import SIZES
from tests.notation.matrix_records import arrays as random_arrays
from tests.program_texts import Written, written
from tests.reading_back import Form, assert_reads_back
from tests.strategies import seeds
from tests.test_published import CASES, NOT_THE_LANGUAGE, arrays, derivative, program_text

FORMS: tuple[Form, ...] = ("index", "matrix", "vec")
NOTATIONS: tuple[Notation, ...] = ("text", "latex")
WAYS = list(itertools.product(FORMS, NOTATIONS))
NO_FORM = ("there is no", "nothing tells which", "hides", "is no component")
NOT_TOLD = "nothing determines"  # ones beside nothing that has their size
LONGEST = 1500


def canonical_name(name: str) -> str:
    """The name as values are given by it: `W2` for `W_2`."""
    return canonical(re.sub(r"_(\d+)$", r"\1", name))


def assert_all_forms_read_back(
    formula: Formula, values: Mapping[str, Any], sizes: Mapping[str, int]
) -> int:
    """Try each form that there is, in each notation; how many there are."""
    count = 0
    for form, notation in WAYS:
        try:
            if len(formula.to_index()) > LONGEST:
                break
            assert_reads_back(formula, form, notation, values, sizes)
        except (LimitError, DifferentiationError):
            break
        except FormulaError as error:
            if any(words in error.message for words in (*NO_FORM, NOT_TOLD)):
                continue
            raise
        count += 1
    return count


# --- random programs ----------------------------------------------------------------------------


def formulas(program: Written) -> list[Formula]:
    """The queries, as far as they are in the language."""
    try:
        read = Program(program.text)
        return [read[query] for query in program.queries]
    except FormulaError:  # drawn with no regard for the rules on indices
        return []


def values_of(program: Written, seed: int) -> dict[str, Any]:
    values = random_arrays(seed)
    if "assume" in program.text:
        values["y"] = values["y"] / values["y"].sum()
    if "symmetric" in program.text:
        values["S"] = values["S"] + values["S"].T
    return {canonical_name(program.names.get(name, name)): v for name, v in values.items()}


@settings(max_examples=40, deadline=None)
@given(seeds())
def test_random_programs(seed: int) -> None:
    program = written(seed, 2)
    for formula in formulas(program):
        assert_all_forms_read_back(formula, values_of(program, seed), SIZES)


@settings(max_examples=40, deadline=None)
@given(seeds())
def test_random_programs_with_names_of_all_kinds(seed: int) -> None:
    program = written(seed, 2).renamed(seed)
    for formula in formulas(program):
        assert_all_forms_read_back(formula, values_of(program, seed), SIZES)


def test_most_random_programs_are_in_the_language() -> None:
    found = [len(formulas(written(seed, 2))) for seed in range(100)]
    assert sum(map(bool, found)) > 70


# --- published formulas -------------------------------------------------------------------------


PUBLISHED = [
    pytest.param(case, form, id=f"{case['id']}-{form}")
    for case in CASES
    for form in ("index", "matrix")
    if case[form] is not None and (case["id"], form) not in NOT_THE_LANGUAGE
]


@pytest.mark.parametrize(("case", "written_in"), PUBLISHED)
def test_published_derivatives(case: dict[str, Any], written_in: str) -> None:
    program = Program(program_text(case, written_in))
    name = case[written_in].split("=")[0].split("_")[0].strip()
    formula = program[derivative(name, case["wrt"], written_in)]
    values = {canonical_name(name): array for name, array in arrays(case).items()}
    sizes: dict[str, int] = {}
    for name, variable in case["variables"].items():
        for extent, size in zip(variable["shape"], values[canonical_name(name)].shape, strict=True):
            known, _, last = extent.removesuffix("_").rpartition("*")
            sizes.setdefault(last, size // sizes.get(known, 1))
    assert assert_all_forms_read_back(formula, values, sizes)


SEEDS = {
    "one neuron": (
        "W[m, n], x[n], b[m], w[m], y[]; σ(z) = 1/(1 + exp(-z))\n"
        "z_i = W_ij x_j + b_i; α = y w_i σ(z_i); λ = log(1 + exp(-α))",
        ["∂λ/∂W_ij", "∂λ/∂b_i", "∂²λ/∂W_ij∂W_kl", "∂²λ/∂b_i∂b_k", "∂²λ/∂W_ij∂b_k"],
    ),
    "two layers": (
        "x[m], W1[m, n], b1[n], W2[n, p], b2[p], y[p]; σ(z) = 1/(1 + exp(-z))\n"
        "a_i = x_j W1_ji + b1_i; h_i = σ(a_i); θ_k = h_i W2_ik + b2_k\n"
        "ŷ_k = softmax(θ)_k; L = -y_k log(ŷ_k)",
        ["∂L/∂W1_ij", "∂L/∂b1_i", "∂L/∂W2_ij", "∂L/∂θ_k", "∂²L/∂θ_k∂θ_l", "∂²L/∂b1_i∂b1_j"],
    ),
    "layers of columns": (
        "W[m, n], X[n, p], U[q, m], b[m], c[q]; S = σ(W X + b 1^T); Y = U S + c 1^T",
        ["∂Y/∂X", "∂Y/∂W", "∂Y/∂U", "∂Y/∂b", "∂Y/∂c"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "query"),
    [pytest.param(text, q, id=q) for text, queries in SEEDS.values() for q in queries],
)
def test_questions_that_people_asked(text: str, query: str) -> None:
    formula = Program(text)[query]
    sizes = {"m": 2, "n": 3, "p": 4, "q": 5}
    source = np.random.default_rng(0)
    values = {
        name: source.uniform(-1, 1, [extent.evaluate(sizes) for extent in symbol.shape or ()])
        for name, symbol in formula._session.elaborated.symbols.items()
        if symbol.role == "input"
    }
    assert assert_all_forms_read_back(formula, values, sizes) >= 2
