"""How long a call of a NumPy kernel takes, by a model that is fitted to measured calls.

In: the kernel, and what it does: multiplications and additions, entries read and written, loops
that it starts. Out: seconds.

A call takes a time of its own, and a time for each of these; entries that do not fit into the
core's cache (`CACHE`) or that of all cores (`SHARED`) cost more, and so do results that are too
large for memory to be used again: the system hands out zeroed pages one by one. The figures for
each kernel are in `rates.py`; `python -m benchmarks.kernels --write` measures them. They are of one
machine: it is ratios that decide between two ways to compute the same, and those carry over better
than times.

>>> seconds(dot(1000, 1000, 1)) < seconds(dot(1000, 1000, 1000)) / 10
True
>>> seconds(gram(1000, 5000)) < seconds(dot(1000, 5000, 1000))
True
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from indexcalc.plan.rates import RATES

Kernel = Literal[
    "gemv",  # a matrix times a vector, summed along its rows
    "gemv_columns",  # summed down its columns
    "gemm",  # two matrices
    "gram",  # a matrix, transposed, times itself
    "matmul",  # a stack of matrices times another
    "matvec",  # a stack of matrices times a stack of vectors
    "middle",  # a matrix or vector times each matrix of a stack
    "einsum",  # products of entries, summed along the last axis
    "outer",  # an outer product, by `einsum`
    "light",  # multiply, add, …: operands alike
    "broadcast",  # the same where one operand is repeated
    "spread",  # the same where both are: an outer product
    "rows",  # `broadcast` with a short buffer, or none: operands are not copied
    "spread_rows",  # `spread` likewise
    "buffer",  # NumPy's buffer is made short, and as it was
    "strided",  # the same where an operand lies in another order
    "divide",
    "sqrt",
    "exp",
    "log",
    "tanh",
    "sine",
    "power",
    "sum_last",  # along trailing axes
    "sum_first",  # along leading axes
    "sum_middle",
    "copy",  # into another order of axes
    "stack",  # several arrays, one after the other in a new one
    "scatter",  # zeros, with entries written where axes agree
    "view",
    "inv",
    "cholesky",
    "solve",
    "function",  # by the caller
]

CACHE = 1 << 17  # entries: one megabyte of doubles, the cache of one core
SHARED = 1 << 22  # entries: 32 megabytes, the cache of all cores
FEATURES = ("call", "loop", "flop", "read", "write", "far", "farther", "fresh")


@dataclass(frozen=True, slots=True)
class Call:
    """One call: `flops` are multiplications, each with its addition, or calls of a function."""

    kernel: Kernel
    flops: float = 0
    read: float = 0
    written: float = 0
    loops: float = 0

    @property
    def features(self) -> tuple[float, ...]:
        """What the time depends on, in the order of `FEATURES`."""
        touched = self.read + self.written
        far, farther = max(0, touched - CACHE), max(0, touched - SHARED)
        fresh = max(0, self.written - SHARED)
        return (1.0, self.loops, self.flops, self.read, self.written, far, farther, fresh)


def seconds(call: Call) -> float:
    """The time of a call."""
    rates = RATES[call.kernel]
    return 1e-9 * sum(rate * amount for rate, amount in zip(rates, call.features, strict=True))


# --- calls --------------------------------------------------------------------------------------


def dot(rows: float, inner: float, columns: float, *, down: bool = False) -> Call:
    """`rows × inner` times `inner × columns`; `down` sums along the columns of the larger one."""
    if rows == 1 or columns == 1:
        longer = rows * columns
        loops = inner if down else longer
        kernel: Kernel = "gemv_columns" if down else "gemv"
        return Call(kernel, longer * inner, longer * inner + inner, longer, loops)
    read = rows * inner + inner * columns
    return Call("gemm", rows * inner * columns, read, rows * columns)


def gram(columns: float, inner: float) -> Call:
    """`inner × columns`, transposed, times itself."""
    return Call("gram", columns * inner * columns, inner * columns, columns * columns)


def matmul(batch: float, rows: float, inner: float, columns: float) -> Call:
    """A stack of `rows × inner` times a stack of `inner × columns`."""
    read = batch * (rows * inner + inner * columns)
    kernel: Kernel = "matvec" if rows == 1 or columns == 1 else "matmul"
    return Call(kernel, batch * rows * inner * columns, read, batch * rows * columns, batch)


def middle(rows: float, before: float, inner: float, after: float) -> Call:
    """`rows × inner` times each of `before` matrices `inner × after`."""
    read = rows * inner + before * inner * after
    flops = before * rows * inner * after
    return Call("middle", flops, read, before * rows * after, before)


def einsum(results: float, inner: float) -> Call:
    """Products of entries, summed along `inner`."""
    return Call("einsum", results * inner, 2 * results * inner, results, results)


def outer(entries: float, run: float, read: float) -> Call:
    """An outer product with runs of `run` entries, written by `einsum`."""
    return Call("outer", entries, read, entries, entries / max(run, 1))


def entrywise(kernel: Kernel, entries: float, read: float, run: float = 0) -> Call:
    """A function at each of `entries`; `run` entries lie together where operands are repeated."""
    return Call(kernel, entries, read, entries, entries / max(run, 1) if run else 0)


def total(kernel: Kernel, kept: float, summed: float, loops: float) -> Call:
    """A sum of `kept · summed` entries."""
    return Call(kernel, kept * summed, kept * summed, kept, loops)


def copy(entries: float, run: float) -> Call:
    """Into another order of axes; `run` entries lie together in both."""
    return Call("copy", 0, entries, entries, entries / max(run, 1))


def stack(entries: float) -> Call:
    """Arrays with so many entries in all, one after the other."""
    return Call("stack", 0, entries, entries, 0)


def scatter(entries: float, written: float) -> Call:
    """Zeros of `entries`, of which `written` are set."""
    return Call("scatter", written, written, entries, 0)


def matrix(kernel: Kernel, order: float, columns: float = 0) -> Call:
    """A function of a whole matrix, with right-hand sides where it has any."""
    return Call(kernel, order**3 + order * order * columns, order * order, order * order, order)
