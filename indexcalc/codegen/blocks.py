"""A result as a loop over blocks of one axis: symmetric ones, long chains, sums.

In: an `orbit` value, what it and its operands are called, names that are free. Out: lines: the
loop, in it the steps for one block, and the block written at each of its places. A block has all
entries where the index of the loop is the least of those that may be exchanged. Where the index is
summed over, blocks are added up.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import replace

from indexcalc.codegen.expressions import Scope, expression
from indexcalc.codegen.formula import formula
from indexcalc.codegen.naming import Names
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Labels
from indexcalc.plan.graph import extents_of
from indexcalc.plan.orbit import REST, WIDTH
from indexcalc.plan.program import Blocks, Value


def loop(
    value: Value, name: str, scope: Scope, names: Names, of_size: MutableMapping[str, str]
) -> list[str]:
    """The lines that fill, or add to, the array `name`; `of_size` learns the names of lengths."""
    blocks = value.detail
    assert isinstance(blocks, Blocks)
    start, stop = names.claim("start"), names.claim("stop")
    length = scope.extent(extents_of(value.operands)[blocks.along])
    lengths = {WIDTH.name: f"{stop} - {start}", REST.name: f"{length} - {start}"}
    cuts = dict.fromkeys(blocks.axes, f"{start}:") | {blocks.along: f"{start}:{stop}"}
    shown: dict[Value, str] = {}
    called: dict[Value, str] = {}
    for made, term in zip(blocks.inputs, value.operands, strict=True):
        assert isinstance(term.source, Value)
        shown[made] = scope.name_of(term.source)
        called[made] = _cut(shown[made], term.labels, cuts)
    lines = [f"for {start} in range(0, {length}, {blocks.size}):",
             f"    {stop} = min({start} + {blocks.size}, {length})"]  # fmt: skip
    told: set[str] = set()

    def extent(asked: Extent) -> str:
        for part in sorted(asked.names & lengths.keys()):
            if part not in told:
                told.add(part)
                of_size[part] = names.claim(part.strip("·"))
                lines.append(f"    {of_size[part]} = {lengths[part]}")
        return scope.extent(asked)

    sizes = {**scope.sizes, **dict.fromkeys(WIDTH.names, blocks.size)}
    inner = replace(scope, name_of=called.__getitem__, extent=extent, sizes=sizes)
    last = blocks.steps[-1].value
    added = last if blocks.along not in value.labels else None
    for step in blocks.steps:
        made = step.value
        shown[made] = called[made] = name if made is added else names.temporary()
        code = expression(made, inner, step.into)
        comment = " ".join(formula(made, shown[made], shown.__getitem__).split())
        line = f"{shown[made]} = {code}  # {comment}"
        lines.append(f"    {line.replace(' = ', ' += ') if made is added else line}")
    return [*lines, *(f"    {line}" for line in _written(value, name, called[last], cuts))]


def _written(value: Value, name: str, block: str, cuts: Mapping[int, str]) -> list[str]:
    """The block at its places: its first axis changes places with each of the others.

    Where blocks are added up there is nothing to write.
    """
    blocks = value.detail
    assert isinstance(blocks, Blocks)
    if blocks.along not in value.labels:
        return []
    along = value.labels.index(blocks.along)
    lines = []
    for axis, label in enumerate(value.labels):
        if label not in blocks.axes:
            continue
        swapped = list(value.labels)
        swapped[along], swapped[axis] = label, blocks.along
        target = _cut(name, tuple(swapped), cuts)
        code = block if axis == along else f"{block}.swapaxes({along}, {axis})"
        lines.append(f"{target} = {code}")
    return lines


def _cut(name: str, labels: Labels, cuts: Mapping[int, str]) -> str:
    """The array with its symmetric axes cut to the block."""
    index = [cuts.get(label, ":") for label in labels]
    while index and index[-1] == ":":
        index.pop()
    return f"{name}[{', '.join(index)}]" if index else name
