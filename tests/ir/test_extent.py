"""Extents: one object for each value, so that equality is `is`."""

from __future__ import annotations

import gc

from indexcalc.ir import extent as module
from indexcalc.ir.extent import Extent

m, n = Extent.named("m"), Extent.named("n")


def test_equal_extents_are_one_object() -> None:
    assert Extent.named("m") is m
    assert Extent.fixed(3) + Extent.fixed(-3) is Extent.fixed(0)
    assert m * n is n * m
    assert (m + n) * (m + n) is m * m + Extent.fixed(2) * m * n + n * n
    assert (m * n).substitute({"n": Extent.fixed(2)}) is m + m


def test_only_a_lone_name_is_one() -> None:
    assert (m.name, m.names) == ("m", frozenset("m"))
    for extent in (m * m, m + m, m + Extent.fixed(1), m * n, Extent.fixed(4), Extent(())):
        assert extent.name is None
    assert (m * n + Extent.fixed(1)).names == frozenset("mn")


def test_extents_that_nobody_holds_are_forgotten() -> None:
    terms = ((("of_this_test_alone",), 7),)
    extent = Extent(terms)
    assert terms in module._table
    del extent
    gc.collect()
    assert terms not in module._table
