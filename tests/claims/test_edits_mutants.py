"""A part of the mutation test: right claims made wrong, judged, mended."""

from __future__ import annotations

from functools import cache

import pytest

from benchmarks.claims import Row, in_matrices, published, tried
from benchmarks.mutations import MUTATIONS

CLAIMS = {claim.name: claim for claim in [*published(), *in_matrices()]}
SOME = [
    "matrices-0", "matrices-1", "matrices-6", "matrices-10", "wp-axxb-index",
    "mcu-multinomial-index", "sympy-square-bilinear-matrix", "im-axat-fourth-order-index",
]  # fmt: skip


@cache
def mutated(name: str) -> tuple[str, dict[str, Row]]:
    rows: dict[str, Row] = {}
    return tried(CLAIMS[name], rows), rows


@pytest.mark.parametrize("name", SOME)
def test_mutants_are_found_wrong_and_mended(name: str) -> None:
    verdict, rows = mutated(name)
    assert verdict in {"proved", "agrees"}
    assert not [text for row in rows.values() for text in row.passed]
    bad = sum(row.wrong + row.ill for row in rows.values())
    assert bad >= 5
    assert sum(row.single for row in rows.values()) >= 0.9 * bad


def test_every_kind_of_mistake_is_made() -> None:
    assert {kind for name in SOME for kind in mutated(name)[1]} == set(MUTATIONS)


def test_a_claim_that_lacks_a_condition_is_not_called_right() -> None:
    verdict, rows = mutated("softmax-regression-batch-index")
    assert verdict == "true if the rows of Y sum to 1"
    assert not rows
