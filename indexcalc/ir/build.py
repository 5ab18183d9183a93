"""Builders: the only way to make nodes.

In: nodes and shapes. Out: nodes in normal form. A rule stands here only if it is local,
never grows the expression and needs no choice; everything else is a pass.

>>> n = Extent.named("n")
>>> x, y = variable("x", (n,)), variable("y", (n,))
>>> subtract(add(x, y), add(y, x)) is zero((n,))
True
>>> multiply(x, reciprocal(x)) is ones((n,))
True
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import gcd, lcm

from indexcalc.errors import DifferentiationError, ShapeError
from indexcalc.ir.contraction import contract, raised
from indexcalc.ir.extent import Extent, Shape, shape_text
from indexcalc.ir.node import (
    Apply,
    Call,
    Constant,
    Contraction,
    Derivative,
    Function,
    Node,
    Number,
    Reduce,
    Size,
    Sum,
    Variable,
    intern,
)
from indexcalc.ir.opening import MOST_ALIKE, only_rearranges

# --- leaves -----------------------------------------------------------------------------------


def variable(name: str, shape: Sequence[Extent], traits: Iterable[str] = ()) -> Variable:
    """A named tensor."""
    return intern(Variable, tuple(shape), name, frozenset(traits))


def number(value: Fraction | int) -> Node:
    """An exact scalar."""
    return intern(Number, (), Fraction(value)) if value else zero(())


def constant(name: str, shape: Sequence[Extent] = ()) -> Node:
    """`pi`, `e`, or `levi_civita` (shape 3×3×3)."""
    return intern(Constant, tuple(shape), name)


def size(extent: Extent) -> Node:
    """An extent as a scalar."""
    known = extent.size
    return number(known) if known is not None else intern(Size, (), extent)


def zero(shape: Sequence[Extent]) -> Node:
    """All zeros."""
    return intern(Sum, tuple(shape), ())


def ones(shape: Sequence[Extent]) -> Node:
    """All ones."""
    return broadcast(number(1), shape, ())


def delta(extent: Extent) -> Node:
    """Kronecker's delta, `extent`×`extent`."""
    return contract([], (0, 0), {0: extent})


def is_zero(node: Node) -> bool:
    """Whether the node is the empty sum."""
    return isinstance(node, Sum) and not node.terms


# --- rearranging ------------------------------------------------------------------------------


def transpose(node: Node, axes: Sequence[int]) -> Node:
    """Axis `k` of the result is axis `axes[k]` of `node`."""
    return contract([(node, range(len(node.shape)))], axes)


def broadcast(node: Node, shape: Sequence[Extent], axes: Sequence[int]) -> Node:
    """Repeat `node`, whose axis `k` becomes axis `axes[k]` of `shape`."""
    return contract([(node, tuple(axes))], range(len(shape)), dict(enumerate(shape)))


# --- sums -------------------------------------------------------------------------------------


def linear(terms: Iterable[tuple[Fraction | int, Node]], shape: Shape) -> Node:
    """`Σ coefficient · node`; every node has `shape` (`ShapeError` otherwise)."""
    total: dict[Node, Fraction] = {}
    for coefficient, node in terms:
        if node.shape != shape:
            raise ShapeError(f"a sum of {shape_text(shape)} and {shape_text(node.shape)}")
        exact = coefficient if isinstance(coefficient, Fraction) else Fraction(coefficient)
        for inner_coefficient, inner in _multiples(exact, node):
            met = inner in total
            total[inner] = total[inner] + inner_coefficient if met else inner_coefficient
    kept = sorted(((c, node) for node, c in total.items() if c), key=lambda t: t[1].digest)
    if not kept:
        return zero(shape)
    if len(kept) == 1:
        return _multiple(*kept[0])
    content = _content([c for c, _ in kept])
    if content == 1:
        return intern(Sum, shape, tuple(kept))
    primitive = intern(Sum, shape, tuple([(c / content, node) for c, node in kept]))
    return _multiple(content, primitive)


def _multiples(coefficient: Fraction, node: Node) -> list[tuple[Fraction, Node]]:
    match node:
        case Number():
            return [(coefficient * node.value, number(1))]
        case Sum(terms=()):
            return []
        case Sum(terms=((inner_coefficient, inner),)):
            return [(coefficient * inner_coefficient, inner)]
        case _:
            return [(coefficient, node)]


def _multiple(coefficient: Fraction, node: Node) -> Node:
    if coefficient == 1:
        return node
    if isinstance(node, Number):
        return number(coefficient * node.value)
    return intern(Sum, node.shape, ((coefficient, node),))


def _content(coefficients: list[Fraction]) -> Fraction:
    """The common factor; its sign makes the first coefficient positive, so `a−b` and `b−a` meet."""
    numerator = gcd(*[c.numerator for c in coefficients])
    denominator = lcm(*[c.denominator for c in coefficients])
    content = Fraction(numerator, denominator)
    return content if coefficients[0] > 0 else -content


def split_multiple(node: Node) -> tuple[Fraction, Node]:
    """`(c, rest)` with `node = c · rest`; zero gives `(0, node)`."""
    match node:
        case Number():
            return node.value, number(1)
        case Sum(terms=()):
            return Fraction(0), node
        case Sum(terms=((coefficient, inner),)):
            return coefficient, inner
        case _:
            return Fraction(1), node


def terms_of(node: Node) -> list[tuple[Fraction, Node]]:
    """The node as a list of multiples; a multiple of a sum is multiplied out one level."""
    coefficient, rest = split_multiple(node)
    if isinstance(rest, Sum):
        return [(coefficient * c, inner) for c, inner in rest.terms]
    return [(coefficient, rest)]


def add(*nodes: Node) -> Node:
    """Sum of nodes with one shape."""
    return linear([(1, node) for node in nodes], nodes[0].shape)


def subtract(left: Node, right: Node) -> Node:
    """`left − right`."""
    return linear([(1, left), (-1, right)], left.shape)


def scale(coefficient: Fraction | int, node: Node) -> Node:
    """`coefficient · node`."""
    return linear([(coefficient, node)], node.shape)


def negate(node: Node) -> Node:
    """`−node`."""
    return scale(-1, node)


# --- products ---------------------------------------------------------------------------------


def multiply(*nodes: Node) -> Node:
    """Product at each entry; scalars go with anything."""
    shape = max((node.shape for node in nodes), key=len)
    axes = range(len(shape))
    return contract([(node, axes if node.shape else ()) for node in nodes], axes)


def reciprocal(node: Node) -> Node:
    """`1 / node` at each entry."""
    return power(node, -1)


def power(node: Node, exponent: Fraction | int) -> Node:
    """`node ^ exponent` at each entry, for a rational exponent.

    A whole exponent is spread over the factors of a product and joined with the power that a
    factor may be; another one is not, since that would change the domain.
    """
    exponent = Fraction(exponent)
    if exponent == 0:
        return ones(node.shape)
    if exponent == 1:
        return node
    if exponent.denominator != 1:
        return apply(Function("power", parameter=exponent), node)
    axes = range(len(node.shape))
    if 1 < exponent <= MOST_ALIKE:  # the short way
        return contract([(node, axes)] * int(exponent), axes)
    return contract([(raised(node, exponent), axes)], axes)


# --- functions --------------------------------------------------------------------------------

_AT_ZERO = {"exp": 1, "sin": 0, "tan": 0, "sinh": 0, "tanh": 0, "cos": 1, "cosh": 1, "expm1": 0,
            "log1p": 0, "asin": 0, "atan": 0, "asinh": 0, "relu": 0, "erf": 0, "abs": 0, "sign": 0,
            "cbrt": 0}  # fmt: skip


def apply(function: Function, *args: Node) -> Node:
    """`function` at each entry of arguments with one shape.

    A function of a repeated or transposed tensor is the repeated or transposed function, so that
    `exp` of a broadcast vector costs a vector.
    """
    shape = args[0].shape if args else ()
    if any(arg.shape != shape for arg in args):
        raise ShapeError(f"{function.name} of {' and '.join(shape_text(a.shape) for a in args)}")
    if len(args) == 1:
        coefficient, rest = split_multiple(args[0])
        if isinstance(rest, Contraction) and rest.is_view and only_rearranges(rest):
            inner = rest.factors[0] if rest.factors else number(1)
            labels = rest.labels[0] if rest.factors else ()
            value = _at_known_point(function, scale(coefficient, inner))
            return contract([(value, labels)], rest.output, dict(enumerate(rest.extents)))
        return _at_known_point(function, args[0])
    return intern(Apply, shape, function, tuple(args))


def _at_known_point(function: Function, arg: Node) -> Node:
    """A function of one argument, evaluated where the argument is 0 or 1 and the value exact."""
    if function.kind == "builtin" and function.name in _AT_ZERO and is_zero(arg):
        return scale(_AT_ZERO[function.name], ones(arg.shape))
    if function == Function("log") and arg is number(1):
        return zero(())
    if function.parameter is not None and is_zero(arg) and function.parameter > 0:
        return zero(arg.shape)
    if function.parameter is not None and arg is number(1):
        return arg
    return intern(Apply, arg.shape, function, (arg,))


def builtin(name: str, *args: Node) -> Node:
    """A function of the table in `primitives.py`, by name."""
    return apply(Function(name, (0,) * len(args)), *args)


def reduce(operation: str, node: Node, rank: int) -> Node:
    """`max min prod logsumexp` over the last `rank` axes, or a scan along the last axis."""
    if rank == 0:
        return node
    if operation in ("cumsum", "reverse_cumsum"):
        return zero(node.shape) if is_zero(node) else intern(Reduce, node.shape, operation, node, 1)
    return intern(Reduce, node.shape[: len(node.shape) - rank], operation, node, rank)


def call(operation: str, node: Node) -> Node:
    """`inv` of a square matrix, its `det` or `logdet` (`ShapeError` if it is not square)."""
    if len(node.shape) != 2 or node.shape[0] != node.shape[1]:
        raise ShapeError(f"{operation} of {shape_text(node.shape)}: the matrix must be square")
    return intern(Call, node.shape if operation == "inv" else (), operation, node)


def reshape(node: Node, shape: Sequence[Extent]) -> Node:
    """The entries in row-major order under another shape (that has as many entries)."""
    if node.shape == tuple(shape):
        return node
    if is_zero(node):
        return zero(shape)
    return intern(Call, tuple(shape), "reshape", node)


def derivative(numerator: Node, variables: Sequence[Variable]) -> Derivative:
    """All components: the numerator's axes, then those of each variable."""
    if not variables:
        raise DifferentiationError("a derivative needs a variable")
    shape = numerator.shape + tuple(e for v in variables for e in v.shape)
    return intern(Derivative, shape, numerator, tuple(variables))


# --- rebuilding -------------------------------------------------------------------------------


def with_arguments(node: Node, arguments: Sequence[Node]) -> Node:  # noqa: C901 - one case a kind
    """The same operation on other arguments, brought to normal form again."""
    if arguments is node.arguments or tuple(arguments) == node.arguments:
        return node
    match node:
        case Variable() | Number() | Constant() | Size():
            return node
        case Sum():
            coefficients = [coefficient for coefficient, _ in node.terms]
            return linear(list(zip(coefficients, arguments, strict=True)), node.shape)
        case Apply():
            if node.function.parameter is not None:
                return power(arguments[0], node.function.parameter)
            return apply(node.function, *arguments)
        case Contraction():
            factors = list(zip(arguments, node.labels, strict=True))
            return contract(factors, node.output, dict(enumerate(node.extents)))
        case Reduce():
            return reduce(node.operation, arguments[0], node.rank)
        case Call():
            if node.operation == "reshape":
                return reshape(arguments[0], node.shape)
            return call(node.operation, arguments[0])
        case Derivative():
            return derivative(arguments[0], node.variables)
