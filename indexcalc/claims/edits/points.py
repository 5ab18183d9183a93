"""A point at which many candidates are valued: the program's definitions and functions with it.

In: a program, sizes and arrays for its inputs. Out: `Values` in which its definitions have values,
and its functions, known or not, with all their derivatives.

>>> from indexcalc.errors import Source
>>> from indexcalc.elaborate.program import elaborate
>>> from indexcalc.syntax.parser import parse_program
>>> program = elaborate(parse_program(Source("σ(z) = z^3; y_i = σ'(x_i) + τ(x_i)")))
>>> opened = opened_definitions(program, ["y"])
>>> here = values_at(program, opened, {"m": 2}, {"x": np.array([1.0, 2.0])})
>>> cubic = here.functions[Function("σ", (2,), "defined")]
>>> cubic(np.array([1.0, 2.0])), here.names["y"].shape
(array([ 6., 12.]), (2,))
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.claims.edits.values import Values
from indexcalc.claims.trials.evaluation import Entrywise
from indexcalc.claims.trials.unknown_functions import Family
from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.errors import FormulaError
from indexcalc.ir.build import derivative
from indexcalc.ir.environment import DefinedFunction, Environment
from indexcalc.ir.node import Function, Node
from indexcalc.pipeline import NO_NAMES, worked_out

Array = NDArray[Any]


Opened = tuple[tuple[str, Node], ...]


def opened_definitions(elaborated: Elaborated, wanted: Container[str]) -> Opened:
    """Those definitions in terms of the program's inputs; without any that is none."""
    environment = elaborated.environment
    chosen = [definition for definition in elaborated.definitions if definition.name in wanted]
    names = [definition.name for definition in chosen]
    variables = [definition.variable for definition in chosen]
    try:
        return tuple(zip(names, worked_out(variables, environment), strict=True))
    except FormulaError:
        found: list[tuple[str, Node]] = []
        for name, own in zip(names, variables, strict=True):
            with contextlib.suppress(FormulaError):
                found.append((name, worked_out([own], environment)[0]))
        return tuple(found)


def values_at(
    elaborated: Elaborated,
    definitions: Opened,
    sizes: Mapping[str, int],
    inputs: Mapping[str, Array],
) -> Values:
    """The point with everything that the program defines; what has no value there is left out."""
    functions = Functions(elaborated.environment.functions)
    values = Values(sizes, dict(inputs), functions)
    names = dict(inputs)
    for name, node in definitions:
        with contextlib.suppress(FormulaError):
            names[name] = values.of(node)
    return Values(sizes, names, functions)


@dataclass(frozen=True, slots=True)
class Functions(Mapping[Function, Entrywise]):
    """The program's functions, those it defines and those it leaves open, made when asked for."""

    defined: Mapping[str, DefinedFunction]
    made: dict[Function, Entrywise] = field(default_factory=dict)

    def __getitem__(self, function: Function) -> Entrywise:
        """The function of arrays; `KeyError` for one of the language."""
        if function.kind == "builtin":
            raise KeyError(function)
        if function not in self.made:
            known = self.defined.get(function.name)
            self.made[function] = _unknown(function) if known is None else _known(known, function)
        return self.made[function]

    def __iter__(self) -> Iterator[Function]:
        """Those that were asked for."""
        return iter(self.made)

    def __len__(self) -> int:
        """How many were asked for."""
        return len(self.made)


def _known(defined: DefinedFunction, function: Function) -> Entrywise:
    body = defined.body
    for parameter, order in zip(defined.parameters, function.orders, strict=True):
        for _ in range(order):
            body = worked_out([derivative(body, [parameter])], NO_NAMES)[0]
    body = worked_out([body], Environment())[0]
    names = [parameter.name for parameter in defined.parameters]

    def value(*arguments: Array) -> Array:
        here = Values({}, dict(zip(names, arguments, strict=True)), {})
        return np.broadcast_arrays(here.of(body), *arguments)[0]

    return value


def _unknown(function: Function) -> Entrywise:
    """A smooth function that its name determines."""
    source = random.Random(function.name)
    family = Family.drawn(source, len(function.orders), np.exp, float)
    return family.derivative(function.orders)
