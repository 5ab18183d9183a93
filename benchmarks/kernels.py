"""Measure NumPy's kernels, and fit the cost model of the planner to what they take.

In: options on the command line. Out: for each kernel how far the model is off (median and 90 % of
the ratio predicted/measured), and with `--write` the table `indexcalc/plan/rates.py`.

Each kernel is called over a grid of sizes; a sample is the lower quartile of several timings, as
other processes only add. The model is linear in the features of a call, with coefficients that are
not negative; they minimise the sum of the errors relative to the time measured, large ones capped
(weights are lowered step by step), so that a microsecond counts as much as a millisecond.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from math import exp, log
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from indexcalc.plan import machine
from indexcalc.plan.machine import FEATURES, Call
from indexcalc.plan.rows import BUFFER, FEWEST_ROWS, SHORT

Array = NDArray[np.float64]
Case = tuple[Call, Callable[..., Any], tuple[Any, ...]]
TABLE = Path(__file__).resolve().parents[1] / "indexcalc" / "plan" / "rates.py"
TUNING = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
LARGEST = 8_000_000  # entries of one array
LONGEST = 3e8  # multiplications of one call
ROUNDS = 11
SHORTEST = 1e-4  # seconds of one timing
PASSES = 12  # of reweighting


@dataclass(frozen=True)
class Sample:
    """A call and the seconds it took."""

    call: Call
    taken: float


# --- what is called -----------------------------------------------------------------------------


def array(*shape: int) -> Array:
    """Positive entries: every function is defined."""
    return np.random.default_rng(0).random(shape) + 0.5


LADDER = (4, 32, 200, 1000, 4000)
EDGE = (5, 32, 100, 320, 1000)


def products() -> Iterator[Case]:
    """Two operands by BLAS."""
    for m, n in (*product((1, *LADDER), LADDER), (32768, 32), (1024, 1024), (32, 32768)):
        if m * n <= LARGEST:
            A = array(m, n)
            yield machine.dot(m, n, 1), A.dot, (array(n),)
            yield machine.dot(n, m, 1, down=True), A.T.dot, (array(m),)
    for m, k, n in product(EDGE, (2, 10, 32, 100, 320, 1000), (5, 32, 320, 1000)):
        if m * k * n <= LONGEST:
            yield machine.dot(m, k, n), array(m, k).dot, (array(k, n),)
    for m, n in product((100, 500, 2000, 5000), (5, 32, 100, 200, 320, 500)):
        X = array(m, n)
        yield machine.gram(n, m), np.matmul, (X.T, X)


def stacks() -> Iterator[Case]:
    """Stacks of matrices."""
    for b, m, k, n in product((16, 128, 1000), (4, 16, 64), (4, 16, 64), (4, 16, 64)):
        A = array(b, m, k)
        yield machine.matmul(b, m, k, n), np.matmul, (A, array(b, k, n))
        if n == m:
            yield machine.matmul(b, m, k, 1), np.matmul, (A, array(b, k, 1))
    for r, b, k, a in product((1, 4, 32), (4, 32, 1024), (8, 32, 128), (8, 32, 256, 1024)):
        left = array(k) if r == 1 else array(r, k)
        yield machine.middle(r, b, k, a), np.matmul, (left, array(b, k, a))


def loops() -> Iterator[Case]:
    """Entries multiplied, summed, copied."""
    for m, n in product((*LADDER, 30_000), (*LADDER, 30_000)):
        if m * n > LARGEST:
            continue
        count, A, B, x, y = m * n, array(m, n), array(n, m), array(n), array(m)
        yield machine.einsum(m, n), np.einsum, ("ij,ij->i", A, A)
        yield machine.outer(count, n, m + n), np.einsum, ("i,j->ij", y, x)
        yield machine.entrywise("strided", count, 2 * count), np.add, (A, B.T)
        yield machine.total("sum_last", m, n, m), A.sum, (1,)
        yield machine.total("sum_first", n, m, m), A.sum, (0,)
        if m % 4 == 0:
            yield machine.total("sum_middle", 4 * n, m // 4, m), A.reshape(4, m // 4, n).sum, (1,)
        yield machine.copy(count, 1), A.T.reshape, (-1,)
    for n in (10, 100, 1000, 10_000, 100_000, 1_000_000):
        yield machine.stack(2 * n), np.stack, ((array(n), array(n)),)
    for a, b, c in product((4, 32, 200), (4, 32, 200), (4, 32, 200)):
        yield machine.copy(a * b * c, c), array(a, b, c).transpose(1, 0, 2).reshape, (-1,)


Way = tuple[machine.Kernel, machine.Kernel, int, tuple[Array, ...], int]
ROWS = (4, 32, 100, 150, 200, 300, 512, 1000, 2000, 4000, 10_000, 50_000)
COUNTS = (2000, 10_000, 40_000, 120_000, 300_000, 1_000_000, 8_000_000)


def repeated() -> Iterator[Case]:
    """Entries multiplied where one operand is repeated, or both are."""
    yield Call("buffer"), with_short_buffer, (int,)
    for n, entries in product(ROWS, COUNTS):
        m = entries // n
        if m < 2:
            continue
        count, A, x, y = m * n, array(m, n), array(n), array(m, 1)
        ways: tuple[Way, ...] = (
            ("spread_rows", "spread", m + n, (y, x), FEWEST_ROWS[2]),
            ("rows", "broadcast", count + n, (A, x), FEWEST_ROWS[1]),
            ("rows", "broadcast", count + m, (A, y), FEWEST_ROWS[1]),
        )
        for short, own, read, operands, fewest in ways:
            if n * fewest > SHORT:
                yield machine.entrywise(short, count, read, n), np.multiply, operands
            if n * fewest <= BUFFER:
                yield machine.entrywise(own, count, read, n), np.multiply, operands


def with_short_buffer(call: Callable[..., Any], *operands: Any) -> Any:
    """What generated code does where rows are to be read as they lie."""
    size = np.setbufsize(SHORT)
    try:
        return call(*operands)
    finally:
        np.setbufsize(size)


FUNCTIONS: dict[machine.Kernel, tuple[np.ufunc, ...]] = {
    "light": (np.multiply, np.add), "divide": (np.divide,), "sqrt": (np.sqrt,),
    "exp": (np.exp, np.expm1), "log": (np.log, np.log1p), "tanh": (np.tanh,),
    "sine": (np.sin, np.cos), "power": (np.power,),
}  # fmt: skip


def functions() -> Iterator[Case]:
    """A function at each entry, operands alike."""
    for n in (1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 4_000_000):
        x, y = array(n), array(n)
        for kernel, calls in FUNCTIONS.items():
            for call in calls:
                yield machine.entrywise(kernel, n, n * call.nin), call, (x, y)[: call.nin]


def diagonals(shape: tuple[int, int, int], core: Array) -> Array:
    """What generated code does for a δ in the result."""
    result = np.zeros(shape)
    np.einsum("iji->ij", result)[...] = core
    return result


def matrices() -> Iterator[Case]:
    """Functions of whole matrices, and entries written along diagonals."""
    for n in (4, 16, 50, 100, 200, 400, 800):
        A = array(n, n)
        A = A @ A.T + np.eye(n)
        yield machine.matrix("inv", n), np.linalg.inv, (A,)
        yield machine.matrix("cholesky", n), np.linalg.cholesky, (A,)
        yield machine.matrix("solve", n, 1), np.linalg.solve, (A, array(n))
        yield machine.matrix("solve", n, n), np.linalg.solve, (A, A)
    for n, k in product((4, 16, 64, 128, 400), (1, 16, 100)):
        yield machine.scatter(n * k * n, n * k), diagonals, ((n, k, n), array(n, k))


# --- measuring and fitting ----------------------------------------------------------------------


def taken(call: Callable[..., Any], operands: tuple[Any, ...]) -> float:
    """Seconds of one call: the lower quartile of several timings."""
    call(*operands)
    start = perf_counter()
    call(*operands)
    repeats = max(1, min(1000, int(SHORTEST / max(perf_counter() - start, 1e-8))))
    times = []
    for _ in range(ROUNDS):
        start = perf_counter()
        for _ in range(repeats):
            call(*operands)
        times.append((perf_counter() - start) / repeats)
    return quantiles(times, n=4)[0]


def measured(call: Call, run: Callable[..., Any], operands: tuple[Any, ...]) -> Sample:
    """The sample of a call, with a short buffer where the kernel says so."""
    if call.kernel in ("rows", "spread_rows"):
        return Sample(call, with_short_buffer(taken, run, operands))
    return Sample(call, taken(run, operands))


def fitted(samples: Sequence[Sample]) -> list[float]:
    """Nanoseconds for each feature, none negative."""
    rows = np.array([sample.call.features for sample in samples])
    times = np.array([1e9 * sample.taken for sample in samples])
    rates = np.zeros(len(FEATURES))
    weights = 1 / times
    for _ in range(PASSES):
        scale = np.maximum(np.max(np.abs(rows * weights[:, None]), axis=0), 1e-30)
        found, _ = nnls(rows * weights[:, None] / scale, times * weights)
        rates = found / scale
        error = np.abs(np.log(np.maximum(rows @ rates, 1) / times))
        # relative to the geometric middle of both, as a logarithm is; outliers count less
        weights = 1 / np.sqrt(times * np.maximum(rows @ rates, 1)) / np.sqrt(np.maximum(error, 0.1))
    return [float(f"{rate:.3g}") for rate in rates]


def errors(samples: Sequence[Sample], rates: Sequence[float]) -> list[float]:
    """Predicted over measured, as logarithms."""
    return [
        log(1e-9 * sum(r * f for r, f in zip(rates, s.call.features, strict=True)) / s.taken)
        for s in samples
    ]


def summary(found: Sequence[float]) -> str:
    """The middle, and the factor within which nine of ten lie."""
    widths = sorted(abs(error) for error in found)
    ninety = quantiles(widths, n=10)[-1] if len(widths) > 1 else widths[0]
    return (
        f"median ratio {exp(median(found)):.2f}, half within {exp(median(widths)):.2f}x, "
        f"90 % within {exp(ninety):.2f}x"
    )


# --- the table ----------------------------------------------------------------------------------

HEAD = '''"""What NumPy's kernels cost, measured: nanoseconds for each feature of a call, by kernel.

In: nothing. Out: `RATES`. Written by `python -m benchmarks.kernels --write`; not edited by hand.

Measured on {machine}, {date}.
Predicted over measured: {errors}.

>>> len(RATES["gemm"]) == len(FEATURES)
True
"""

from __future__ import annotations

from collections.abc import Mapping

FEATURES = {features}

RATES: Mapping[str, tuple[float, ...]] = {{
{rows}
}}
'''


def table(rates: dict[str, list[float]], overall: str) -> str:
    """The module with the table."""
    rates = dict(rates, view=[300.0, *[0.0] * 7], function=[1000.0, 0.0, 20.0, *[0.0] * 5])
    rows = "\n".join(f'    "{name}": ({", ".join(map(str, row))}),' for name, row in rates.items())
    return HEAD.format(
        machine=f"{processor()}, {os.cpu_count()} cores, NumPy {np.__version__}",
        date=datetime.now(UTC).date().isoformat(),
        errors=overall,
        features="(" + ", ".join(f'"{name}"' for name in FEATURES) + ")",
        rows=rows,
    )


def renewed(text: str, rates: dict[str, list[float]]) -> str:
    """The module with other rows for some kernels; new kernels come last."""
    for name, row in rates.items():
        start = f'    "{name}": '
        line = f"{start}({', '.join(map(str, row))}),\n"
        head, found, rest = text.partition(start)
        text = head + line + rest.partition("\n")[2] if found else f"{text[:-2]}{line}}}\n"
    return text


def processor() -> str:
    """The processor's name, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def main() -> None:
    """Measure, fit, print, and write if asked."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.kernels")
    parser.add_argument("--write", action="store_true", help=f"write {TABLE.name}")
    parser.add_argument("--only", nargs="+", metavar="KERNEL", help="keep the rows of all others")
    parser.add_argument("--worst", type=int, default=0, help="show so many of the worst samples")
    options = parser.parse_args()
    if any(name in os.environ for name in TUNING):
        kept = {key: value for key, value in os.environ.items() if key not in TUNING}
        os.execve(sys.executable, [sys.executable, "-m", "benchmarks.kernels", *sys.argv[1:]], kept)
    samples: dict[str, list[Sample]] = {}
    for cases in (products, stacks, loops, repeated, functions, matrices):
        for call, run, operands in cases():
            if not options.only or call.kernel in options.only:
                samples.setdefault(call.kernel, []).append(measured(call, run, operands))
    rates = {kernel: fitted(group) for kernel, group in samples.items()}
    everything: list[float] = []
    for kernel, group in samples.items():
        found = errors(group, rates[kernel])
        everything += found
        print(f"{kernel:13} {len(group):4} samples: {summary(found)}   {rates[kernel]}")
        ranked = sorted(zip(found, group, strict=True), key=lambda item: -abs(item[0]))
        for error, sample in ranked[: options.worst]:
            print(f"      {exp(error):.2f} of {1e6 * sample.taken:.1f} µs  {sample.call}")
    print(f"all           {len(everything):4} samples: {summary(everything)}")
    if options.write:
        text = table(rates, summary(everything))
        if options.only:
            text = renewed(TABLE.read_text(encoding="utf-8"), rates)
        TABLE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
