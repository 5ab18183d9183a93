"""A scalar graph, applied at each entry of tensors.

In: the body of an elementwise function, and tensors of one shape for its parameters. Out: the
body's graph over these tensors. What does not depend on a parameter stays as it is, and is
repeated along the new axes only where it meets something that has them.

>>> from indexcalc.ir.build import add, builtin, multiply, number, variable
>>> from indexcalc.ir.extent import Extent
>>> z, x = variable("z", ()), variable("x", (Extent.named("n"),))
>>> lift(multiply(z, builtin("exp", z)), {z: x}) is multiply(x, builtin("exp", x))
True
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from indexcalc.errors import DifferentiationError
from indexcalc.ir.build import apply, broadcast, linear, power, reduce, reshape, with_arguments
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Shape
from indexcalc.ir.node import (
    Apply,
    Call,
    Constant,
    Contraction,
    Derivative,
    Node,
    Number,
    Reduce,
    Size,
    Sum,
    Variable,
)
from indexcalc.ir.walk import rewrite


def lift(body: Node, values: Mapping[Variable, Node]) -> Node:
    """`body` with each variable of `values` (scalars) replaced by a tensor; new axes come first.

    All tensors of `values` have one shape, the result has that shape followed by `body.shape`.
    Raises `DifferentiationError` for a matrix function or an open derivative of a parameter.
    """
    batch = next((value.shape for value in values.values()), ())

    def rule(node: Node, arguments: tuple[Node, ...]) -> Node:
        pairs = zip(arguments, node.arguments, strict=True)
        lifted = [len(new.shape) > len(old.shape) for new, old in pairs]
        return _over(batch, node, arguments, lifted) if any(lifted) else _again(node, arguments)

    known: dict[Node, Node] = {}
    known.update(values.items())
    (result,) = rewrite([body], rule, known)
    return result if result.shape == batch + body.shape else _repeated(result, batch)


def _again(node: Node, arguments: tuple[Node, ...]) -> Node:
    if isinstance(node, Derivative) and arguments != node.arguments:
        raise DifferentiationError("a derivative inside a function depends on its parameter")
    return with_arguments(node, arguments)


def _repeated(node: Node, batch: Shape) -> Node:
    axes = range(len(batch), len(batch) + len(node.shape))
    return broadcast(node, batch + node.shape, list(axes))


def _over(batch: Shape, node: Node, arguments: tuple[Node, ...], lifted: list[bool]) -> Node:
    """The same operation for each entry of `batch`; `lifted` tells which arguments have it."""
    if isinstance(node, Contraction):
        return _contraction(batch, node, arguments, lifted)
    pairs = zip(arguments, lifted, strict=True)
    full = [argument if has else _repeated(argument, batch) for argument, has in pairs]
    shape = batch + node.shape
    match node:
        case Sum():
            coefficients = [coefficient for coefficient, _ in node.terms]
            return linear(zip(coefficients, full, strict=True), shape)
        case Apply():
            if node.function.parameter is not None:
                return power(full[0], node.function.parameter)
            return apply(node.function, *full)
        case Reduce():
            return reduce(node.operation, full[0], node.rank)
        case Call(operation="reshape"):
            return reshape(full[0], shape)
        case Call():
            raise DifferentiationError(f"{node.operation} of a function's parameter")
        case Derivative():
            raise DifferentiationError("a derivative inside a function depends on its parameter")
        case Variable() | Number() | Constant() | Size():
            return node
        case _:
            assert_never(node)


def _contraction(
    batch: Shape, node: Contraction, arguments: tuple[Node, ...], lifted: list[bool]
) -> Node:
    new = tuple(range(len(node.extents), len(node.extents) + len(batch)))
    triples = zip(arguments, node.labels, lifted, strict=True)
    factors = [(argument, new + labels if has else labels) for argument, labels, has in triples]
    return contract(factors, new + node.output, dict(enumerate(node.extents + batch)))
