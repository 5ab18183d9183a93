"""A first call is measured from nothing: no cache of an earlier program helps it."""

from __future__ import annotations

import indexcalc as ic
from benchmarks.first import compiled, empty_caches, jax, ours
from benchmarks.peers import jax_forms
from benchmarks.problems import PROBLEMS
from indexcalc.codegen import results
from indexcalc.syntax import parser

QUAD = next(problem for problem in PROBLEMS if problem.name == "quad")
MATFAC = next(problem for problem in PROBLEMS if problem.name == "matfac")


def caches(module: object) -> list[int]:
    return [v.cache_info().currsize for v in vars(module).values() if hasattr(v, "cache_info")]


def test_caches_are_emptied_but_the_grammar_stays() -> None:
    ic.Program("f = x_i x_i").compile("f", "∂f/∂x_i")(x=[1.0])
    assert any(caches(results))
    grammar = caches(parser)
    assert any(grammar)
    empty_caches()
    assert not any(caches(results))
    assert caches(parser) == grammar


def test_both_first_calls_take_their_time() -> None:
    data = QUAD.data(QUAD.small, "grad")
    assert 1e-4 < ours(QUAD, "grad", QUAD.small, data) < 10
    found = jax(QUAD, "grad", data, jax_forms)
    assert found is not None
    assert 1e-4 < found < 60


def test_structured_results_have_no_first_call_in_jax() -> None:
    data = MATFAC.data(MATFAC.small, "hess_compressed")
    assert jax(MATFAC, "hess_compressed", data, jax_forms) is None
    result = compiled(MATFAC, "hess_compressed", MATFAC.small)(**data)
    assert result.dense().shape == (4, 3, 4, 3)
