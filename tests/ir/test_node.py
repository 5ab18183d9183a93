"""One object for each value, the same in every process."""

from __future__ import annotations

import gc
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import get_args

from indexcalc.ir import node as node_module
from indexcalc.ir.build import builtin, constant, number, size, variable
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Function, Node

ROOT = Path(__file__).resolve().parents[2]
n = Extent.named("n")


def test_equal_values_are_one_object() -> None:
    assert variable("x", (n,)) is variable("x", (n,))
    assert variable("x", (n,)) is not variable("x", ())
    assert variable("x", (n,)) is not variable("y", (n,))
    assert variable("x", (), ["positive"]) is not variable("x", ())
    assert number(2) is not variable("2", ())
    assert size(n) is not variable("n", ())
    assert constant("e") is not variable("e", ())
    assert builtin("exp", variable("x", ())) is not variable("exp", ())


def test_nodes_go_when_nobody_holds_them() -> None:
    gc.collect()
    before = len(node_module._table)
    node: Node = variable("held for a moment", ())
    for _ in range(10_000):
        node = builtin("sin", node)
    assert len(node_module._table) >= before + 10_000
    del node
    gc.collect()
    assert len(node_module._table) <= before


def test_functions_count_their_derivatives() -> None:
    f = Function("f", (0, 2), "abstract")
    assert f.differentiated(0) == Function("f", (1, 2), "abstract")


def test_repr_is_one_level() -> None:
    assert repr(builtin("sin", variable("x", (n,)))).startswith("<Apply[n] ")


def test_digests_do_not_depend_on_the_process() -> None:
    program = (
        "from tests.ir.test_node import *\n"
        "from tests.strategies import random_problem\n"
        "for seed in range(30):\n"
        "    print(random_problem('any', seed, 8, {}).root.digest.hex())\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_fields_with_nodes_are_known() -> None:
    """The texts of all other fields are kept, so no node may be among them."""
    for kind in get_args(Node):
        own = [part for part in fields(kind) if part.init and part.name not in ("shape", "digest")]
        held = [k for k, part in enumerate(own) if "Node" in part.type or "Variable" in part.type]
        assert node_module._HOLDING_NODES.get(kind, ()) == tuple(held)
