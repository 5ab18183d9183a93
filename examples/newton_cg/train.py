"""Train a classifier of handwritten digits by Newton's method, from its formula.

The loss is a text in index notation. `Program.objective` gives SciPy's optimisers the value, the
gradient and the product of the Hessian with a vector on one flat vector; the Hessian itself, a
tensor of four axes, is never built. The data are the 1,797 digits of 8×8 pixels that scikit-learn
ships. Prints what each method needs, and draws how it converges. Run it with `make train`, or

    python examples/newton_cg/train.py --model network --output network.png
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from scipy.optimize import minimize
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits

import indexcalc as ic

REGRESSION = """
    X[s, n], Y[s, c], W[n, c], b[c], μ[]        # samples, pixels, classes; weight decay
    Z_ij = X_ik W_kj + b_j
    L = mean_i(logsumexp_j(Z_ij)) - Y_ij Z_ij / s + μ (W_kj W_kj + b_j b_j)
"""
NETWORK = """
    X[s, n], Y[s, c], W[n, h], b[h], V[h, c], a[c], μ[]
    H_ij = tanh(X_ik W_kj + b_j)
    Z_ij = H_ik V_kj + a_j
    L = mean_i(logsumexp_j(Z_ij)) - Y_ij Z_ij / s + μ (W_kj W_kj + V_kj V_kj)
"""
DECAY = 1e-3
HIDDEN = 24
REPEATS = 3  # all alike; the fastest is shown, the others had to share the machine
METHODS = {  # with the sign and the colour that each has in the picture
    "Newton-CG": ("o", "#0072B2"),
    "trust-ncg": ("s", "#D55E00"),
    "L-BFGS-B": ("^", "#009E73"),
}
OPTIONS: dict[str, dict[str, float]] = {
    "Newton-CG": {"xtol": 1e-10, "maxiter": 100},
    "trust-ncg": {"gtol": 1e-9, "maxiter": 200},
    "L-BFGS-B": {"gtol": 1e-9, "ftol": 1e-16, "maxiter": 2000, "maxfun": 4000},
}
Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Digits:
    """Pixels from 0 to 1, and one-hot classes: s×64 and s×10."""

    pixels: Array
    classes: Array


@dataclass(frozen=True)
class Course:
    """How one method went: seconds and point after each of its iterations, from the start on."""

    method: str
    seconds: list[float]
    points: list[Array]
    losses: list[float]
    slopes: list[float]  # norms of the gradient
    products: int  # Hessian-vector products


def digits(samples: int) -> tuple[Digits, Digits]:
    """The first digits, three quarters of them for training, the others for a test."""
    pixels, numbers = load_digits(return_X_y=True)
    chosen = np.random.default_rng(0).permutation(len(pixels))[:samples]
    found = Digits(pixels[chosen] / 16.0, np.eye(10)[numbers[chosen]])
    cut = 3 * len(chosen) // 4
    first, last = slice(None, cut), slice(cut, None)
    return (
        Digits(found.pixels[first], found.classes[first]),
        Digits(found.pixels[last], found.classes[last]),
    )


def problem(model: str, data: Digits) -> tuple[ic.Program, Any, Array]:
    """The program, its objective with these data, and where to start."""
    rng = np.random.default_rng(1)
    if model == "regression":
        program = ic.Program(REGRESSION)
        first = {"W": np.zeros((64, 10)), "b": np.zeros(10)}
    else:
        program = ic.Program(NETWORK)
        first = {
            "W": rng.normal(size=(64, HIDDEN)) / 8,
            "b": np.zeros(HIDDEN),
            "V": rng.normal(size=(HIDDEN, 10)) / HIDDEN**0.5,
            "a": np.zeros(10),
        }
    objective = program.objective("L", list(first), X=data.pixels, Y=data.classes, μ=DECAY)
    return program, objective, objective.pack(**first)


def run(method: str, objective: Any, start: Array) -> Course:
    """Minimise, and look at each iteration afterwards, so that looking costs no time."""
    products = 0

    def hessp(point: Array, direction: Array) -> Array:
        nonlocal products
        products += 1
        return np.asarray(objective.hessp(point, direction))

    seconds, points = [0.0], [start]

    def note(point: Array) -> None:
        seconds.append(time.perf_counter() - begin)
        points.append(point.copy())

    begin = time.perf_counter()
    minimize(
        objective.fun, start, method=method, jac=objective.jac, callback=note,
        hessp=None if method == "L-BFGS-B" else hessp, options=OPTIONS[method],
    )  # fmt: skip
    looks = [objective.fun_and_jac(point) for point in points]
    losses = [value for value, _ in looks]
    return Course(
        method, seconds, points, losses, [float(np.linalg.norm(g)) for _, g in looks], products
    )


def polished(objective: Any, point: Array) -> float:
    """The loss after a few whole Newton steps from a point close to the minimum."""
    for _ in range(3):
        point = point - np.linalg.solve(objective.hess(point), objective.jac(point))
    return float(objective.fun(point))


def accuracy(program: ic.Program, objective: Any, point: Array, data: Digits) -> float:
    """The part of the digits that is told right."""
    scores = program["Z_ij"](X=data.pixels, **objective.unpack(point))
    return float((scores.argmax(1) == data.classes.argmax(1)).mean())


def median_time(call: Callable[[Array], object], points: list[Array]) -> float:
    """Seconds for one call."""
    times = []
    for point in points:
        begin = time.perf_counter()
        call(point)
        times.append(time.perf_counter() - begin)
    return float(np.median(times))


def report_products(objective: Any, start: Array) -> None:
    """What a product with the Hessian costs, compared to a gradient."""
    rng = np.random.default_rng(2)
    points = [start + 0.01 * rng.normal(size=start.size) for _ in range(60)]
    objective.fun_and_jac(points[0])
    objective.hessp(points[0], start)
    gradient = median_time(objective.fun_and_jac, points[1:])
    product = median_time(lambda v: objective.hessp(v, points[0]), points[1:])
    print(f"{start.size} parameters; value and gradient {1e6 * gradient:.0f} µs, ", end="")
    print(f"Hessian times vector {1e6 * product:.0f} µs: {product / gradient:.1f} gradients")


def draw(courses: list[Course], best: float, title: str, path: Path) -> None:
    """Distance from the minimum and norm of the gradient, by iterations and by time."""
    mpl.rcParams.update({"font.size": 10, "axes.spines.top": False, "axes.spines.right": False})
    figure = Figure(figsize=(8.6, 6.2), layout="constrained")
    axes = figure.subplots(2, 2, sharey="row", sharex="col")
    for course in courses:
        sign, colour = METHODS[course.method]
        milliseconds = 1e3 * np.array(course.seconds)
        gaps = np.array(course.losses) - best
        gaps[gaps < 1e-16] = np.nan  # below the rounding of the loss
        for row, values in enumerate((gaps, course.slopes)):
            for column, by in enumerate((range(len(course.losses)), milliseconds)):
                axes[row, column].plot(
                    by, values, color=colour, linewidth=1.6, marker=sign, markersize=5,
                    markevery=max(1, len(course.losses) // 12), label=course.method,
                )  # fmt: skip
    axes[0, 0].set_ylabel("loss − minimum")
    axes[1, 0].set_ylabel("norm of the gradient")
    axes[1, 0].set_xlabel("iterations")
    axes[1, 1].set_xlabel("time in milliseconds")
    for each in axes.flat:
        each.set_yscale("log")
        each.grid(visible=True, color="0.9", linewidth=0.8)
    most = max(len(course.points) for course in courses)
    axes[1, 0].set_xscale("symlog", linthresh=1)  # the start, 0, has a place, too
    axes[1, 0].set_xlim(-0.1, 1.2 * most)
    ticks = [0, *(10**power for power in range(len(str(most))))]
    axes[1, 0].set_xticks(ticks, [str(tick) for tick in ticks])
    axes[0, 0].legend(frameon=False, loc="lower left")
    figure.suptitle(title)
    figure.savefig(path, dpi=130)


def main() -> None:
    """Train, report, draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--model", choices=("regression", "network"), default="regression")
    parser.add_argument("--samples", type=int, default=1797, help="how many digits")
    parser.add_argument("--output", type=Path, default=Path("newton-cg.png"), help="the picture")
    options = parser.parse_args()
    # NumPy and SciPy bring a BLAS each, whose threads get in each other's way in small products
    with threadpool_limits(1, user_api="blas"):
        train(options.model, options.samples, options.output)


def train(model: str, samples: int, output: Path) -> None:
    """All of it for one model."""
    training, test = digits(samples)
    program, objective, start = problem(model, training)
    report_products(objective, start)
    repeats = range(REPEATS)
    courses = [
        min((run(method, objective, start) for _ in repeats), key=lambda course: course.seconds[-1])
        for method in METHODS
    ]
    best = min(min(course.losses) for course in courses)
    if model == "regression":  # convex: there is one minimum
        closest = min(courses, key=lambda course: course.slopes[-1])
        best = min(best, polished(objective, closest.points[-1]))
    for course in courses:
        told = accuracy(program, objective, course.points[-1], test)
        print(
            f"{course.method:9}  {len(course.points) - 1:4} iterations  {course.products:5} "
            f"products  {course.seconds[-1]:6.2f} s  loss {course.losses[-1]:.8f}  "
            f"gradient {course.slopes[-1]:.0e}  test accuracy {100 * told:.1f} %"
        )
    names = {"regression": "Softmax regression", "network": "A tanh network"}
    title = f"{names[model]} on {len(training.pixels):,} digits: {start.size:,} parameters"
    draw(courses, best, title, output)
    print(f"picture: {output}")


if __name__ == "__main__":
    main()
