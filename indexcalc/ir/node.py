"""The typed graph: whole tensors with positional axes, interned.

In: fields that `build` and `contraction` have brought to normal form. Out: immutable nodes, one
object for each value, so that equality is `is`. Do not call the classes; use the builders.

| node | meaning |
|---|---|
| `Variable` | a tensor with a name: an input, or a definition that is not looked into |
| `Number` | an exact scalar that is not zero |
| `Constant` | a tensor with a fixed value: `pi`, `e`, `levi_civita` |
| `Size` | the extent `n`, used as a scalar |
| `Sum` | `c₁ A + c₂ B + …`, same axes; no terms means zero, one term is a multiple |
| `Apply` | a scalar function at each entry of arguments with the same axes |
| `Contraction` | `Σ` over the labels that are not in the output, of a product of factors |
| `Reduce` | `max min prod logsumexp` over the last axes; `cumsum` along the last axis |
| `Call` | a function of a whole tensor: `inv det logdet reshape` |
| `Derivative` | all components of a derivative, not yet worked out |

A `Contraction` is a *view* if it sums nothing and has at most one factor (it transposes,
repeats, broadcasts, embeds on a diagonal: the Kronecker delta has no factor and the output `00`),
else a *core*, whose output labels are distinct, ascending, and each occur in a factor.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from hashlib import blake2b
from typing import TypeVar
from weakref import WeakValueDictionary

from indexcalc.ir.effort import EACH_ARGUMENT, NEW_NODE, spend
from indexcalc.ir.exact import bounded
from indexcalc.ir.extent import Extent, Shape

Labels = tuple[int, ...]
SYMMETRIC = frozenset({"symmetric", "spd", "diagonal"})  # traits


@dataclass(frozen=True, slots=True, eq=False, repr=False, weakref_slot=True)
class _Node:
    """What all nodes have: a shape, and a digest of the whole value for ordering and identity."""

    shape: Shape
    digest: bytes
    arguments: tuple[Node, ...] = field(init=False)  # the nodes directly below

    def __post_init__(self) -> None:
        """Every walk asks each node for its arguments, so they are found once."""
        object.__setattr__(self, "arguments", self._below())

    def _below(self) -> tuple[Node, ...]:
        return ()

    def __repr__(self) -> str:
        """One level only: kind, shape, short digest."""
        shape = ",".join(str(extent) for extent in self.shape)
        return f"<{type(self).__name__}[{shape}] {self.digest.hex()[:8]}>"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Variable(_Node):
    """A named tensor; `traits` of `symmetric spd diagonal positive …` as declared."""

    name: str
    traits: frozenset[str]

    @property
    def symmetric(self) -> bool:
        """Whether `A_ij` and `A_ji` are the same."""
        return not self.traits.isdisjoint(SYMMETRIC)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Number(_Node):
    """An exact scalar, never zero (zero is the empty `Sum`)."""

    value: Fraction


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Constant(_Node):
    """A tensor whose value is fixed by its name."""

    name: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Size(_Node):
    """A symbolic extent as a scalar."""

    extent: Extent


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sum(_Node):
    """Exact coefficients and nodes, ordered by digest."""

    terms: tuple[tuple[Fraction, Node], ...]

    def _below(self) -> tuple[Node, ...]:
        return tuple([node for _, node in self.terms])  # faster than a generator


@dataclass(frozen=True, slots=True)
class Function:
    """A scalar function and how often it is differentiated by each of its arguments.

    `kind` is `builtin` (a row of `primitives.py`), `defined` (by the program) or `abstract`
    (unknown). `parameter` is the exponent of the builtin `power`, else None.
    """

    name: str
    orders: tuple[int, ...] = (0,)
    kind: str = "builtin"
    parameter: Fraction | None = None

    def differentiated(self, position: int) -> Function:
        """The derivative by one more of argument `position`, as a function of the same kind."""
        orders = tuple(n + (k == position) for k, n in enumerate(self.orders))
        return Function(self.name, orders, self.kind, self.parameter)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Apply(_Node):
    """`function` at each entry; all arguments have the node's own shape."""

    function: Function
    args: tuple[Node, ...]

    def _below(self) -> tuple[Node, ...]:
        return self.args


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Contraction(_Node):
    """Factors with their labels, the labels of the output, the extent of each label."""

    factors: tuple[Node, ...]
    labels: tuple[Labels, ...]
    output: Labels
    extents: tuple[Extent, ...]
    is_view: bool = field(init=False)  # only rearranges, repeats or embeds one factor (or none)

    def __post_init__(self) -> None:
        """As in all nodes; rules ask even more often whether a product is a view."""
        object.__setattr__(self, "arguments", self.factors)
        single = len(self.factors) <= 1 and len(set(self.output)) == len(self.extents)
        object.__setattr__(self, "is_view", single)

    @property
    def summed(self) -> Labels:
        """Labels that the output does not have, ascending."""
        return tuple(label for label in range(len(self.extents)) if label not in self.output)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reduce(_Node):
    """`operation` over the last `rank` axes of `argument`; a scan keeps its one axis."""

    operation: str
    argument: Node
    rank: int

    def _below(self) -> tuple[Node, ...]:
        return (self.argument,)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Call(_Node):
    """A function of a whole tensor. `reshape` is row-major, to the node's own shape."""

    operation: str
    argument: Node

    def _below(self) -> tuple[Node, ...]:
        return (self.argument,)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Derivative(_Node):
    """Axes of `numerator`, then those of each variable in order."""

    numerator: Node
    variables: tuple[Variable, ...]

    def _below(self) -> tuple[Node, ...]:
        return (self.numerator,)


Node = Variable | Number | Constant | Size | Sum | Apply | Contraction | Reduce | Call | Derivative

REDUCTIONS = ("max", "min", "prod", "logsumexp")
SCANS = ("cumsum", "reverse_cumsum")

N = TypeVar("N", bound=_Node)
_table: WeakValueDictionary[tuple[object, ...], _Node] = WeakValueDictionary()


def intern(kind: type[N], shape: Shape, *fields: object) -> N:
    """The one node of this kind with these fields.

    Raises `LimitError` if the effort is bounded and used up: as much is spent on a node that is
    there already as on a new one, so that the outcome does not depend on what was done before.
    """
    key = (kind, shape, fields)
    found = _table.get(key)
    if found is None:
        found = kind(shape, _digest(kind, shape, fields), *fields)
        _table[key] = found
    spend(NEW_NODE + EACH_ARGUMENT * len(found.arguments))
    assert isinstance(found, kind)
    return found


@lru_cache(maxsize=4096)
def shape_key(shape: Shape) -> str:
    """A text that determines the shape. Extents never change, so this cannot go stale."""
    return f"[{','.join(map(str, shape))}]"


def _digest(kind: type[_Node], shape: Shape, fields: tuple[object, ...]) -> bytes:
    """A hash of kind, shape, fields, and of the digests (not the objects) of the arguments.

    It is the same in every process.
    """
    text = f"{kind.__name__}{shape_key(shape)}".encode()
    held = _HOLDING_NODES.get(kind, ())
    for place, value in enumerate(fields):
        text += _key(value) if place in held else _plain_key(value)
    return blake2b(text, digest_size=16).digest()


# which fields have nodes in them
_HOLDING_NODES: dict[type, tuple[int, ...]] = {
    Sum: (0,), Apply: (1,), Contraction: (0,), Reduce: (1,), Call: (1,), Derivative: (0, 1)
}  # fmt: skip


def _key(field: object) -> bytes:
    """A text that determines a field, with digests for nodes."""
    parts: list[bytes] = []
    # one loop over an explicit stack: fields are nested tuples of nodes and plain values
    stack = [field]
    while stack:
        item = stack.pop()
        if isinstance(item, tuple):
            parts.append(b"(%d" % len(item))
            stack += item[::-1]
        elif isinstance(item, _Node):
            parts.append(b"\x00" + item.digest)
        elif isinstance(item, frozenset):
            parts.append(b"{" + ",".join(sorted(map(str, item))).encode())
        else:
            if isinstance(item, Fraction):
                bounded(item)
            parts.append(f"|{item}".encode())
    return b"".join(parts)


# labels, extents, names: few different ones, and equal ones have one text
_plain_key = lru_cache(maxsize=4096)(_key)
