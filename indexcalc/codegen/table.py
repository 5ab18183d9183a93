"""The plan as a table: each step, its formula, the call that runs it, what it costs.

In: a plan and its module. Out: text with aligned columns: operations in terms of the extents; for
the sizes of the plan the kernels of `plan/machine.py`, the bytes that they read and write, and the
time that they take by the model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indexcalc.codegen.numpy_source import Module
from indexcalc.plan.chunks import Chunked
from indexcalc.plan.cost import Cost, bytes_moved_of, cost_of, flops_of
from indexcalc.plan.machine import seconds
from indexcalc.plan.memory import most_bytes
from indexcalc.plan.program import Plan
from indexcalc.plan.timing import calls_of, seconds_of

WIDEST = 70
HEADER = ("formula", "code", "flops", "kernel", "bytes", "time")


def table(plan: Plan, module: Module) -> str:
    """One row a step, then the totals."""
    return "\n".join([*_rows(plan, module), "", *_totals(cost_of(plan), plan.sizes, time_of(plan))])


def table_of_chunks(found: Chunked, modules: Sequence[Module], whole: Plan) -> str:
    """What is cut into chunks, the steps of each function, then the totals.

    `whole` is the plan without chunks.
    """
    unsliced = most_bytes(whole, found.task.sizes, found.task.item_bytes)
    lines = [
        f"{found.extent} = {found.total:,} is cut into chunks of {found.length:,}, "
        f"{found.count:,} of them: {found.peak_bytes:,} bytes at the peak, {unsliced:,} without"
    ]
    time = 0.0
    for segment, plan, module in zip(found.segments, found.plans, modules, strict=True):
        time += time_of(plan) * (found.count if segment.writes else 1)
        often = "for each chunk" if segment.writes else "once"
        lines += ["", f"{module.function}, {often}:", *_rows(plan, module)]
    return "\n".join([*lines, "", *_totals(found.cost, found.sizes, time)])


def _rows(plan: Plan, module: Module) -> list[str]:
    rows = [HEADER]
    for step, (code, comment) in zip(plan.steps, module.lines, strict=True):
        calls = calls_of(step.value, plan.sizes)
        moved = bytes_moved_of(step.value).evaluate(plan.sizes)
        rows.append(
            (
                _short(comment),
                _short(code),
                str(flops_of(step.value)),
                " + ".join(dict.fromkeys(call.kernel for call in calls)),
                f"{moved:,}",
                duration(sum(map(seconds, calls))),
            )
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return lines


def time_of(plan: Plan) -> float:
    """Seconds that all steps take, by the model."""
    return sum(seconds_of(step.value, plan.sizes) for step in plan.steps)


def duration(time: float) -> str:
    """Seconds with a unit and two digits.

    >>> duration(0), duration(1.234e-6), duration(0.0567), duration(89)
    ('0 µs', '1.2 µs', '57 ms', '89 s')
    """
    for unit, factor in (("µs", 1e6), ("ms", 1e3)):
        if time * factor < 1000:
            return f"{float(f'{time * factor:.2g}'):g} {unit}"
    return f"{float(f'{time:.2g}'):g} s"


def _totals(cost: Cost, sizes: Mapping[str, int], time: float) -> list[str]:
    at = ", ".join(f"{name} = {size}" for name, size in sizes.items())
    numbers = cost.numbers
    total = (
        f"{numbers.flops:,} flops, {numbers.bytes_moved:,} bytes moved, "
        f"{numbers.peak_bytes:,} bytes at the peak, about {duration(time)}"
    )
    return [str(cost), f"with {at}: {total}" if at else total]


def _short(text: str) -> str:
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
