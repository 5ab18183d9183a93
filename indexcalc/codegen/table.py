"""The plan as a table: each step, its formula, the call that runs it, what it costs.

In: a plan and its module. Out: text with aligned columns.
"""

from __future__ import annotations

from indexcalc.codegen.numpy_source import Module
from indexcalc.plan.cost import cost_of, flops_of
from indexcalc.plan.program import Plan

WIDEST = 70


def table(plan: Plan, module: Module) -> str:
    """One row a step, then the totals."""
    rows = [("formula", "code", "flops")]
    for step, (code, comment) in zip(plan.steps, module.lines, strict=True):
        rows.append((_short(comment), _short(code), str(flops_of(step.value))))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    sizes = ", ".join(f"{name} = {size}" for name, size in plan.sizes.items())
    numbers = cost_of(plan).numbers
    total = (
        f"{numbers.flops:,} flops, {numbers.bytes_moved:,} bytes moved, "
        f"{numbers.peak_bytes:,} bytes at the peak"
    )
    return "\n".join([*lines, "", str(cost_of(plan)), f"with {sizes}: {total}" if sizes else total])


def _short(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
