"""Small groups of values replaced by one that does the same with less.

In: the values that are needed, in order, and the results. Out: the same, rewritten:

| before | after |
|---|---|
| `x · (1/y)`, where `1/y` is used only here | `x / y` |
| `inv(A) b`, where the inverse only meets a few vectors | `solve(A, b)` |
| `det(A)` and `logdet(A)` | both from one factorisation |
| `logdet(K)`, `inv(K)` of a `K` declared positive definite | from its Cholesky factor |

>>> from indexcalc.ir.extent import Extent
>>> from indexcalc.plan.graph import Graph
>>> n = Extent.named("n")
>>> graph = Graph()
>>> x, y = (Term(graph.leaf("input", (n,), name), (0,)) for name in "xy")
>>> root = graph.map("multiply", x, graph.map("reciprocal", y))
>>> fused, _ = fuse(graph.values, [root], {"n": 10}, frozenset())
>>> [value.detail for value in fused]
['x', 'y', 'divide']
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod

from indexcalc.plan.program import Term, Value

MOST_SOLUTIONS = 2  # each factorises the matrix again; three cost as much as the inverse


@dataclass(slots=True)
class _Fusion:
    """New values by old ones, and who uses which old value."""

    users: dict[Value, list[Value]]
    definite: Collection[Value]
    new: dict[Value, Value] = field(default_factory=dict)
    made: list[Value] = field(default_factory=list)
    shared: dict[Value, Value] = field(default_factory=dict)  # factorisation by matrix

    def add(self, value: Value, **changes: object) -> Value:
        """A value with operands renewed, and numbered as the last."""
        if "operands" not in changes:
            changes["operands"] = self.renewed(value.operands)
        renewed = replace(value, number=len(self.made), **changes)  # type: ignore[arg-type]
        self.made.append(renewed)
        return renewed

    def renewed(self, terms: Sequence[Term]) -> tuple[Term, ...]:
        return tuple(
            Term(self.new[t.source], t.labels) if isinstance(t.source, Value) else t for t in terms
        )


def fuse(
    live: Sequence[Value],
    results: Sequence[Term],
    sizes: Mapping[str, int],
    definite: Collection[Value],
) -> tuple[list[Value], dict[Value, Value]]:
    """The needed values after fusion, and the new value for each old one that is still there.

    `definite` are real matrices that are symmetric and positive definite.
    """
    users: dict[Value, list[Value]] = {value: [] for value in live}
    for value in live:
        for source in value.sources:
            users[source].append(value)
    held = {term.source for term in results if isinstance(term.source, Value)}
    fusion = _Fusion(users, definite)
    solved = {v for v in live if v not in held and _is_only_applied(v, users[v], sizes)}
    for value in live:
        if value in solved or _vanishes(value, held, users):
            continue
        fusion.new[value] = (
            _divided(value, held, fusion) or _solved(value, solved, fusion)
            or _by_cholesky(value, fusion) or _factorised(value, fusion) or fusion.add(value)
        )  # fmt: skip
    return fusion.made, fusion.new


# --- x · (1/y) → x / y --------------------------------------------------------------------------


def _is_reciprocal(value: object) -> bool:
    return isinstance(value, Value) and value.kernel == "map" and value.detail == "reciprocal"


def _vanishes(value: Value, held: set[Value], users: Mapping[Value, list[Value]]) -> bool:
    """Whether a reciprocal is used only in one product of entries, which becomes a quotient."""
    if not _is_reciprocal(value) or value in held or len(users[value]) != 1:
        return False
    (user,) = users[value]
    if user.kernel != "map" or user.detail != "multiply":
        return False
    others = [term.source for term in user.operands if term.source is not value]
    # of two reciprocals only the second is turned into a division
    return len(others) == 1 and not (_is_reciprocal(others[0]) and _is_first(value, user))


def _is_first(value: Value, user: Value) -> bool:
    return user.operands[0].source is value


def _divided(value: Value, held: set[Value], fusion: _Fusion) -> Value | None:
    if value.kernel != "map" or value.detail != "multiply":
        return None
    for position in (1, 0):
        source = value.operands[position].source
        if isinstance(source, Value) and _vanishes(source, held, fusion.users):
            (inner,) = source.operands
            outer = dict(zip(source.labels, value.operands[position].labels, strict=True))
            divisor = Term(inner.source, tuple(outer[label] for label in inner.labels))
            operands = fusion.renewed([value.operands[1 - position], divisor])
            return fusion.add(value, operands=operands, detail="divide")
    return None


# --- inv(A) b → solve(A, b) ---------------------------------------------------------------------


def _is_only_applied(value: Value, users: Sequence[Value], sizes: Mapping[str, int]) -> bool:
    """Whether an inverse meets few vectors or narrow matrices, one summed label each."""
    if value.kernel != "matrix" or value.detail != "inv":
        return False
    order = value.shape[0].evaluate(sizes)
    columns = 0
    for user in users:
        inverse, other = _parts(user, value)
        if user.kernel != "product" or inverse is None or other is None:
            return False
        shared = [label for label in inverse.labels if label in other.labels]
        if len(shared) != 1 or shared[0] in user.labels or len(other.labels) > 2:
            return False
        columns += prod(extent.evaluate(sizes) for extent in user.shape) // max(order, 1)
    return len(set(users)) <= MOST_SOLUTIONS and columns <= order


def _parts(user: Value, inverse: Value) -> tuple[Term | None, Term | None]:
    """The inverse and the other operand of a product."""
    mine = [term for term in user.operands if term.source is inverse]
    others = [term for term in user.operands if term.source is not inverse]
    if len(mine) != 1 or len(others) != 1 or not isinstance(others[0].source, Value):
        return None, None
    return mine[0], others[0]


def _solved(value: Value, solved: set[Value], fusion: _Fusion) -> Value | None:
    if value.kernel != "product":
        return None
    inverse = next((v for v in value.sources if v in solved), None)
    if inverse is None:
        return None
    mine, other = _parts(value, inverse)
    assert mine is not None
    assert other is not None
    (matrix,) = inverse.operands
    if matrix.source in fusion.definite:
        factor = _cholesky_factor(inverse, fusion)
        operands = (Term(factor, mine.labels), *fusion.renewed([other]))
        return fusion.add(value, kernel="matrix", operands=operands, detail="solve_of_cholesky")
    own = tuple(mine.labels[1 - axis] for axis in matrix.labels)  # its columns are our rows
    operands = fusion.renewed([Term(matrix.source, own), other])
    return fusion.add(value, kernel="matrix", operands=operands, detail="solve")


# --- Cholesky -----------------------------------------------------------------------------------


def _by_cholesky(value: Value, fusion: _Fusion) -> Value | None:
    if value.kernel != "matrix" or value.detail not in ("logdet", "inv"):
        return None
    (matrix,) = value.operands
    if matrix.source not in fusion.definite:
        return None
    operands = (Term(_cholesky_factor(value, fusion), (0, 1)),)
    return fusion.add(value, operands=operands, detail=f"{value.detail}_of_cholesky")


def _cholesky_factor(value: Value, fusion: _Fusion) -> Value:
    """The factor of the matrix that `value` is a function of; made once."""
    (matrix,) = value.operands
    assert isinstance(matrix.source, Value)
    factor = fusion.shared.get(matrix.source)
    if factor is None:
        shape = matrix.source.shape
        factor = fusion.add(value, detail="cholesky", labels=(0, 1), shape=shape)
        fusion.shared[matrix.source] = factor
    return factor


# --- det and logdet -----------------------------------------------------------------------------


def _factorised(value: Value, fusion: _Fusion) -> Value | None:
    if value.kernel != "matrix" or value.detail not in ("det", "logdet"):
        return None
    (matrix,) = value.operands
    assert isinstance(matrix.source, Value)
    wanted = {
        user.detail
        for user in fusion.users[matrix.source]
        if user.kernel == "matrix" and user.operands == value.operands
    }
    if not {"det", "logdet"} <= wanted:
        return None
    factors = fusion.shared.get(matrix.source)
    if factors is None:
        factors = fusion.shared[matrix.source] = fusion.add(value, detail="slogdet")
    return fusion.add(value, operands=(Term(factors),), detail=f"{value.detail}_of_factors")
