"""The plan as a table: each step, its formula, the call that runs it, what it costs.

In: a plan and its module. Out: text with aligned columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indexcalc.codegen.numpy_source import Module
from indexcalc.plan.chunks import Chunked
from indexcalc.plan.cost import Cost, cost_of, flops_of
from indexcalc.plan.memory import most_entries
from indexcalc.plan.program import Plan

WIDEST = 70


def table(plan: Plan, module: Module) -> str:
    """One row a step, then the totals."""
    return "\n".join([*_rows(plan, module), "", *_totals(cost_of(plan), plan.sizes)])


def table_of_chunks(found: Chunked, modules: Sequence[Module], whole: Plan) -> str:
    """What is cut into chunks, the steps of each function, then the totals.

    `whole` is the plan without chunks.
    """
    unsliced = most_entries(whole, found.task.sizes) * found.task.item_bytes
    lines = [
        f"{found.extent} = {found.total:,} is cut into chunks of {found.length:,}, "
        f"{found.count:,} of them: {found.peak_bytes:,} bytes at the peak, {unsliced:,} without"
    ]
    for segment, plan, module in zip(found.segments, found.plans, modules, strict=True):
        often = "for each chunk" if segment.writes else "once"
        lines += ["", f"{module.function}, {often}:", *_rows(plan, module)]
    return "\n".join([*lines, "", *_totals(found.cost, found.sizes)])


def _rows(plan: Plan, module: Module) -> list[str]:
    rows = [("formula", "code", "flops")]
    for step, (code, comment) in zip(plan.steps, module.lines, strict=True):
        rows.append((_short(comment), _short(code), str(flops_of(step.value))))
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return lines


def _totals(cost: Cost, sizes: Mapping[str, int]) -> list[str]:
    at = ", ".join(f"{name} = {size}" for name, size in sizes.items())
    numbers = cost.numbers
    total = (
        f"{numbers.flops:,} flops, {numbers.bytes_moved:,} bytes moved, "
        f"{numbers.peak_bytes:,} bytes at the peak"
    )
    return [str(cost), f"with {at}: {total}" if at else total]


def _short(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
