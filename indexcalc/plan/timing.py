"""The kernel calls behind a value, and the time they take.

In: a value, or two operands with labels, and sizes. Out: calls of `machine`, or seconds. What is
copied on the way because an operand's axes do not lie as the kernel reads them counts as a call.

>>> n = Extent.named("n")
>>> A = Value("input", (), (0, 1), (n, n), "A", 0)
>>> product = Value("product", (Term(A, (0, 1)), Term(A, (1, 2))), (0, 2), (n, n), "", 1)
>>> [call.kernel for call in calls_of(product, {"n": 100})]
['gemm']
>>> transposed = Value("map", (Term(A, (0, 1)), Term(A, (1, 0))), (0, 1), (n, n), "add", 2)
>>> [call.kernel for call in calls_of(transposed, {"n": 100})]
['strided']
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from math import prod

from indexcalc.ir.extent import Extent, entry_count
from indexcalc.ir.node import Labels
from indexcalc.plan import machine
from indexcalc.plan.kernels import Reading, Recipe, recipe
from indexcalc.plan.machine import Call
from indexcalc.plan.program import LEAVES, VIEWS, Blocks, Part, Term, Value, dense_base
from indexcalc.plan.rows import walk

__all__ = [
    "Extent",
    "Term",
    "calls_of",
    "is_copied",
    "map_calls",
    "outers_calls",
    "product_calls",
    "seconds_of",
    "way",
]

Lengths = Mapping[int, int]
MAPS: Mapping[str, machine.Kernel] = {
    **dict.fromkeys(("divide", "reciprocal"), "divide"),
    **dict.fromkeys(("exp", "quiet_exp", "expm1"), "exp"),
    **dict.fromkeys(("log", "log1p"), "log"),
    **dict.fromkeys(("tanh", "sinh", "cosh", "erf", "sigmoid"), "tanh"),
    **dict.fromkeys(("sin", "cos", "tan", "arcsin", "arccos", "arctan", "asin", "acos"), "sine"),
    "sqrt": "sqrt",
    "power": "power",
}
CHEAP = ("multiply", "add", "subtract", "divide", "maximum", "minimum")
MATRICES: Mapping[str, machine.Kernel] = {
    "cholesky": "cholesky", "solve": "solve", "solve_of_cholesky": "solve",
    "logdet_of_cholesky": "view", "det_of_cholesky": "view", "cholesky_with": "cholesky",
    "cholesky_with_several": "cholesky", "backward": "solve", "backward_several": "solve",
    "solve_several": "solve",
}  # fmt: skip


def seconds_of(value: Value, sizes: Mapping[str, int]) -> float:
    """All calls of one value."""
    return sum(map(machine.seconds, calls_of(value, sizes)))


def calls_of(value: Value, sizes: Mapping[str, int]) -> tuple[Call, ...]:
    """The calls that compute one value whose operands are there.

    What is computed on one orbit counts as if it was computed whole.
    """
    if isinstance(value.detail, Blocks):
        return tuple(call for part in value.detail.whole for call in _calls(part, sizes))
    return _calls(value, sizes)


def _calls(value: Value, sizes: Mapping[str, int]) -> tuple[Call, ...]:
    if value.kernel == "item":  # of a step with several results, whose axes are not its own
        return (Call("view"),)
    lengths = {
        label: extent.evaluate(sizes)
        for term in value.operands
        if isinstance(term.source, Value)
        for label, extent in zip(term.labels, term.source.shape, strict=True)
    }
    match value.kernel:
        case "product":
            left, right = value.operands
            return product_calls(recipe(left, right, value.labels), lengths)
        case "outers":
            rows, columns = (entries(value.operands[k].labels, lengths) for k in (0, 1))
            return outers_calls(rows, len(value.operands) // 2, columns)
        case "map":
            operands = [term.labels for term in value.operands]
            return map_calls(str(value.detail), operands, value.labels, lengths)
        case "total" | "reduce":
            return (_sum(value.operands[0].labels, value.labels, lengths),)
        case "embed":
            return _embed(value, sizes)
        case "matrix":
            return (_matrix(value, sizes),)
        case "function":
            return (machine.entrywise("function", prod(lengths.values()), 0),)
        case _:
            assert value.kernel in (*LEAVES, *VIEWS)
            return () if value.kernel in LEAVES else (Call("view"),)


# --- products -----------------------------------------------------------------------------------


def product_calls(found: Recipe, lengths: Lengths) -> tuple[Call, ...]:
    """Copies of operands that cannot be read as they lie, then the product."""
    batch, rows, columns = (
        entries(labels, lengths) for labels in (found.batch, found.rows, found.columns)
    )
    inner = entries(found.inner, lengths)
    if found.call == "einsum":
        return (machine.einsum(batch, inner),)
    copies = [
        copy for side in (found.left, found.right) if (copy := _copied(side, lengths)) is not None
    ]
    match found.call:
        case "middle":
            call = machine.middle(rows, batch, inner, columns)
        case "matmul":
            call = machine.matmul(batch, rows, inner, columns)
        case _ if _is_gram(found):
            call = machine.gram(rows, inner)
        case _:
            call = machine.dot(rows, inner, columns, down=_is_down(found))
    return (*copies, call)


def _is_gram(found: Recipe) -> bool:
    """Whether the same matrix is on both sides, once transposed."""
    left, right = found.left.term, found.right.term
    return (
        left.source is right.source
        and isinstance(left.source, Value)
        and len(left.labels) == len(right.labels)
        and bool(found.rows)
        and all(a == b or a in found.rows for a, b in zip(left.labels, right.labels, strict=True))
    )


def _is_down(found: Recipe) -> bool:
    """Whether the larger operand has the summed axes first."""
    larger = found.left.term if found.rows else found.right.term
    return bool(found.inner) and larger.labels[0] in found.inner


def _copied(reading: Reading, lengths: Lengths) -> Call | None:
    """The copy that merging axes needs: those of a group have to lie together."""
    labels = reading.term.labels
    inside = len(reading.groups) > 2 and labels[-1:] == reading.groups[0][-1:]  # the batch
    if not is_copied(reading) and not inside:
        return None
    pairs = zip(reversed(labels), reversed(reading.labels), strict=True)
    run = entries((a for a, _ in takewhile(lambda pair: pair[0] == pair[1], pairs)), lengths)
    return machine.copy(entries(labels, lengths), run)


def is_copied(reading: Reading) -> bool:
    """Whether an operand is read through a copy, since its axes do not lie as they are merged."""
    labels = reading.term.labels
    return not all(_lies_together(group, labels) for group in reading.groups)


def _lies_together(group: Labels, labels: Labels) -> bool:
    if len(group) < 2:
        return True
    start = labels.index(group[0])
    return labels[start : start + len(group)] == group


def outers_calls(left: int, terms: int, right: int) -> tuple[Call, ...]:
    """A sum of outer products as the product of two matrices, which are put together for it."""
    stacks = (machine.stack(left * terms), machine.stack(right * terms))
    return (*stacks, machine.dot(left, terms, right))


# --- entries ------------------------------------------------------------------------------------


def map_calls(
    name: str, operands: Sequence[Labels], result: Labels, lengths: Mapping[int, int]
) -> tuple[Call, ...]:
    """A function at each entry of arrays, by how these lie to the result and each other."""
    arrays = [labels for labels in operands if labels]
    count = entries(result, lengths)
    read = sum(entries(labels, lengths) for labels in arrays)
    if any(not _in_order(labels, result) for labels in arrays):
        return (machine.entrywise("strided", count, read),)
    if name not in MAPS and any(len(labels) < len(result) for labels in arrays):
        return walk(arrays, result, lengths)
    return (machine.entrywise(MAPS.get(name, "light"), count, read),)


def way(
    name: str, operands: Sequence[Labels], result: Labels, lengths: Lengths, size: float
) -> machine.Kernel:
    """How a function of two arrays is best called: "buffer" is with a short buffer.

    `size` is that of an entry, in doubles. Other functions than `CHEAP` ones take longer than the
    copies into a buffer. NumPy walks through axes as an operand that has all of them lies.
    """
    order = next((labels for labels in operands if len(labels) == len(result)), result)
    if not all(_in_order(labels, order) for labels in operands):
        return "strided"
    if name not in CHEAP or all(len(labels) == len(result) for labels in operands):
        return MAPS.get(name, "light")
    return walk(operands, order, lengths, size)[0].kernel


def _in_order(labels: Labels, target: Labels) -> bool:
    places = [target.index(label) for label in labels]
    return places == sorted(places)


def _sum(labels: Labels, kept: Labels, lengths: Lengths) -> Call:
    """A sum over leading, trailing or other axes."""
    remaining, summed = entries(kept, lengths), entries(set(labels) - set(kept), lengths)
    if not kept or (labels[0] in kept and labels[-1] not in kept):
        return machine.total("sum_last", remaining, summed, remaining)
    run = entries(takewhile(lambda label: label in kept, reversed(labels)), lengths)
    loops = remaining * summed // max(run, 1)
    return machine.total(
        "sum_middle" if labels[0] in kept else "sum_first", remaining, summed, loops
    )


def _matrix(value: Value, sizes: Mapping[str, int]) -> Call:
    """A function of a whole matrix; a solution has as many columns as its size tells."""
    shape = [extent.evaluate(sizes) for extent in value.sources[0].shape]
    kernel = MATRICES.get(str(value.detail), "inv")
    order = shape[0] if shape else 1
    count = entry_count(value.shape, sizes)
    return machine.matrix(kernel, order, count / max(order, 1) if kernel == "solve" else 0)


def _embed(value: Value, sizes: Mapping[str, int]) -> tuple[Call, ...]:
    """Zeros with diagonals written, or dense parts one onto the other."""
    total = entry_count(value.shape, sizes)
    parts = [part for part in value.detail if isinstance(part, Part)]  # type: ignore[union-attr]
    written = 0
    dense = len(dense_base(value))
    for part in parts:
        shape = dict(zip(part.pattern, value.shape, strict=True))
        if len(shape) < len(part.pattern):
            written += entry_count(shape.values(), sizes)
        else:
            dense += 1
    bent = machine.scatter(total if not dense else 0, written)
    return (*[machine.entrywise("light", total, total)] * min(dense, len(parts)), bent)


def entries(labels: Iterable[int], lengths: Lengths) -> int:
    """How many entries an array with these labels has."""
    return prod(lengths[label] for label in labels)
