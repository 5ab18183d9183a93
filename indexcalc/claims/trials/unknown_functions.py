"""Values for functions that nobody defined: smooth ones drawn at random, with exact derivatives.

In: the abstract functions of some nodes, with how often each is differentiated. Out: callables of
arrays. A function is `c + l·x + Σ a tanh(b·x + s)`; a derivative of `tanh` is a polynomial in it,
so all orders are exact and consistent.

>>> import numpy as np
>>> source = random.Random(1)
>>> family = Family.drawn(source, arguments=1, exponential=np.exp, number=float)
>>> f, slope = family.derivative((0,)), family.derivative((1,))
>>> step = 1e-6
>>> bool(abs((f(1 + step) - f(1 - step)) / (2 * step) - slope(1.0)) < 1e-8)
True
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from indexcalc.claims.trials.evaluation import Arithmetic, Entrywise
from indexcalc.ir.node import Apply, Function, Node
from indexcalc.ir.walk import postorder

WAVES = 3
Wave = tuple[Fraction, tuple[Fraction, ...], Fraction]  # a, b, s of  a tanh(b·x + s)


@dataclass(frozen=True, slots=True)
class Shape:
    """The numbers that make one function: exact, so that every arithmetic has the same function."""

    constant: Fraction
    slopes: tuple[Fraction, ...]
    waves: tuple[Wave, ...]

    @staticmethod
    def drawn(source: random.Random, arguments: int) -> Shape:
        """A function of so many arguments; of one in four the values are positive mostly."""

        def small() -> Fraction:
            return Fraction(source.choice((-1, 1)) * source.randint(20, 110), 64)

        waves = tuple(
            (small(), tuple(small() for _ in range(arguments)), small()) for _ in range(WAVES)
        )
        lift = 6 if source.random() < 0.25 else 0
        return Shape(small() + lift, tuple(small() / 4 for _ in range(arguments)), waves)

    def lifted(self, height: int) -> Shape:
        """The same with a larger constant, so that values are far from zero."""
        return replace(self, constant=self.constant + height)

    @property
    def text(self) -> str:
        """The formula, in `z` or `z1`, `z2`, …"""
        names = [f"z{k}" if len(self.slopes) > 1 else "z" for k in range(1, len(self.slopes) + 1)]
        terms = [_decimal(self.constant), *_products(self.slopes, names)]
        for height, steps, shift in self.waves:
            inside = " + ".join([*_products(steps, names), _decimal(shift)])
            terms.append(f"{_decimal(height)} tanh({inside})")
        return " + ".join(terms).replace("+ -", "- ")


def _decimal(value: Fraction) -> str:
    return f"{float(value):.8g}"


def _products(factors: Sequence[Fraction], names: Sequence[str]) -> list[str]:
    return [f"{_decimal(factor)} {name}" for factor, name in zip(factors, names, strict=True)]


@dataclass(frozen=True, slots=True)
class Family:
    """A function with all of its derivatives, in one arithmetic."""

    shape: Shape
    exponential: Callable[[Any], Any]
    number: Callable[[Fraction], Any]

    @staticmethod
    def drawn(
        source: random.Random,
        arguments: int,
        exponential: Callable[[Any], Any],
        number: Callable[[Fraction], Any],
    ) -> Family:
        """A function of so many arguments."""
        return Family(Shape.drawn(source, arguments), exponential, number)

    def derivative(self, orders: Sequence[int]) -> Entrywise:
        """The function differentiated so many times by each argument."""
        polynomial = _slopes_of_tanh(sum(orders))

        def value(*args: Any) -> Any:
            result = args[0] * self.number(Fraction(0)) + self.number(self.affine(orders))
            if not any(orders):
                for slope, argument in zip(self.shape.slopes, args, strict=True):
                    result = result + self.number(slope) * argument
            for height, steps, shift in self.shape.waves:
                inside = self.number(shift)
                for step, argument in zip(steps, args, strict=True):
                    inside = inside + self.number(step) * argument
                factor = height
                for step, order in zip(steps, orders, strict=True):
                    factor *= step**order
                wave = self.tanh(inside)
                power, total = wave * 0 + 1, wave * 0
                for coefficient in polynomial:
                    total = total + power * self.number(Fraction(coefficient))
                    power = power * wave
                result = result + self.number(factor) * total
            return result

        return value

    def affine(self, orders: Sequence[int]) -> Fraction:
        """What the part without waves gives, less what goes with the arguments."""
        if not any(orders):
            return self.shape.constant
        return self.shape.slopes[list(orders).index(1)] if sum(orders) == 1 else Fraction(0)

    def tanh(self, x: Any) -> Any:
        """By the exponential alone, of an argument that is never large."""
        twice = self.exponential(x + x)
        return (twice - self.number(Fraction(1))) / (twice + self.number(Fraction(1)))


def _slopes_of_tanh(order: int) -> list[int]:
    """The coefficients of the derivative of that order as a polynomial in `tanh`."""
    polynomial = [0, 1]
    for _ in range(order):
        slope = [k * c for k, c in enumerate(polynomial)][1:]
        polynomial = [0] * (len(slope) + 2)
        for k, c in enumerate(slope):
            polynomial[k] += c
            polynomial[k + 2] -= c
    return polynomial


def unknown_functions(nodes: Sequence[Node]) -> tuple[Function, ...]:
    """The functions in nodes that have no definition, each order of derivative for itself."""
    found: dict[Function, None] = {}
    for node in postorder(nodes):
        if isinstance(node, Apply) and node.function.kind != "builtin":
            found[node.function] = None
    return tuple(sorted(found, key=lambda function: (function.name, function.orders)))


def draw(functions: Sequence[Function], source: random.Random) -> dict[str, Shape]:
    """One random function for each name."""
    arguments = {function.name: len(function.orders) for function in functions}
    return {name: Shape.drawn(source, count) for name, count in arguments.items()}


def callables(
    functions: Sequence[Function], shapes: dict[str, Shape], arithmetic: Arithmetic
) -> dict[Function, Entrywise]:
    """The callables of functions in an arithmetic."""
    exponential = arithmetic.function(Function("exp"))
    assert exponential is not None
    return {
        function: Family(shapes[function.name], exponential, arithmetic.number).derivative(
            function.orders
        )
        for function in functions
    }
