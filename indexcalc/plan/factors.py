"""Functions of one matrix computed from one factorisation of it.

In: the values that are needed, in order, and the results. Out: the same, rewritten. `b` and `c` are
vectors or narrow matrices.

| wanted | how |
|---|---|
| `inv(A) b`, where the inverse only meets a few such `b` | `solve(A, b)`, for all `b` in one call |
| `det(A)` and `logdet(A)` | both from one factorisation |
| of a positive definite `K`: `logdet(K)`, `det(K)`, `inv(K)` | from its factor `L` in `K = L Lᵀ` |
| `cᵀ inv(K) b` | `(L⁻¹ c)ᵀ (L⁻¹ b)`: columns that are factorised along with `K` |
| `inv(K) b` | `L⁻ᵀ (L⁻¹ b)`, or `solve(K, b)` where that is as fast |

Which of these it is depends on the sizes that are assumed; each is right for all sizes.

>>> from indexcalc.ir.extent import Extent
>>> from indexcalc.plan.graph import Graph
>>> graph, n = Graph(), Extent.named("n")
>>> K, y = graph.leaf("input", (n, n), "K"), graph.leaf("input", (n,), "y")
>>> inverse = graph.matrix("inv", (Term(K, (0, 1)),), (0, 1), (n, n))
>>> solved = graph.product(Term(inverse, (0, 1)), Term(y, (1,)), {0})
>>> root = graph.product(solved, Term(y, solved.labels), ())
>>> found, _ = factorised(graph.values, [root], {"n": 300}, {K})
>>> [value.detail for value in found]
['K', 'y', 'cholesky_with', 1, '']
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod

from indexcalc.plan.applied import Applied, applied, is_side, side_of, side_shape
from indexcalc.plan.program import Term, Value
from indexcalc.plan.renumber import renumbered

MOST_SOLUTIONS = 2  # each factorises the matrix again; three cost as much as the inverse
ROWS_FOR_A_SOLUTION = 100  # of a factor: with more rows, more solutions are cheaper than inversion
SMALL = 100  # rows; below, `solve` is faster than substitution in blocks
SOLVED_ALONE = 200  # rows; below, `solve` is as fast as a factor that nothing else needs


def factorised(
    live: Sequence[Value],
    results: Sequence[Term],
    sizes: Mapping[str, int],
    definite: Collection[Value],
) -> tuple[list[Value], dict[Value, Value]]:
    """The needed values after the rewriting, and the new value for each old one that is left.

    `definite` are real matrices that are symmetric and positive definite.
    """
    functions = _functions(live)
    if not functions:
        return list(live), {value: value for value in live}
    held = {term.source for term in results if isinstance(term.source, Value)}
    factors = _Factors(_users(live), held, sizes, _levels(live))
    for matrix, values in functions.items():
        if matrix in definite:
            factors.definite(matrix, values)
        else:
            factors.general(matrix, values)
    return renumbered(live, results, factors.instead)


def _functions(live: Sequence[Value]) -> dict[Value, list[Value]]:
    """The functions of each matrix."""
    found: dict[Value, list[Value]] = {}
    for value in live:
        if value.kernel == "matrix":
            found.setdefault(value.sources[0], []).append(value)
    return found


def _users(live: Sequence[Value]) -> dict[Value, list[Value]]:
    users: dict[Value, list[Value]] = {value: [] for value in live}
    for value in live:
        for source in dict.fromkeys(value.sources):
            users[source].append(value)
    return users


def _levels(live: Sequence[Value]) -> dict[Value, int]:
    """The number of the last matrix of which a function is needed for the value; -1 for none.

    A side may be factorised along with a matrix if its level is below the matrix's number: of two
    matrices, each could otherwise wait for the other.
    """
    levels: dict[Value, int] = {}
    for value in live:
        level = max((levels[source] for source in value.sources), default=-1)
        own = value.sources[0].number if value.kernel == "matrix" else -1
        levels[value] = max(level, own)
    return levels


Form = tuple[Applied, Value]  # a product with an inverse, and another product that it stands in


@dataclass(slots=True)
class _Factors:
    """What stands in the place of old values; operands of new ones may be old."""

    users: Mapping[Value, Sequence[Value]]
    held: Collection[Value]
    sizes: Mapping[str, int]
    levels: Mapping[Value, int]
    instead: dict[Value, Value] = field(default_factory=dict)

    # --- matrices of which nothing is known -----------------------------------------------------

    def general(self, matrix: Value, functions: Sequence[Value]) -> None:
        """Solutions instead of products with the inverse, one factorisation for determinants."""
        for inverse in functions:
            uses = self.uses(inverse) or []
            early = [use for use in uses if self.is_early(use.other, matrix)]
            late = [use for use in uses if use not in early]
            if len({use.is_transposed for use in early}) + len(late) <= MOST_SOLUTIONS:
                for side in (False, True):
                    self.solve([use for use in early if use.is_transposed is side])
                for use in late:
                    self.solve([use])
        wanted = [value for value in functions if value.detail in ("det", "logdet")]
        if len({value.detail for value in wanted}) == 2:
            factors = replace(wanted[0], detail="slogdet")
            for value in wanted:
                detail = f"{value.detail}_of_factors"
                self.instead[value] = replace(value, operands=(Term(factors),), detail=detail)

    def solve(self, uses: Sequence[Applied]) -> None:
        """Products of one inverse as solutions from one call."""
        sides = list(dict.fromkeys(use.side for use in uses))
        if len(sides) > 1:
            first = uses[0].matrix
            own = tuple(int(label != uses[0].row) for label in first.labels)
            self.several("solve_several", Term(first.source, own), sides, uses)
            return
        for use in uses:
            operands = (use.matrix, use.other)
            self.instead[use.product] = replace(
                use.product, kernel="matrix", operands=operands, detail="solve"
            )

    def several(
        self, detail: str, matrix: Term, sides: Sequence[Term], uses: Sequence[Applied]
    ) -> None:
        """Solutions for all sides as the items of one value."""
        assert isinstance(matrix.source, Value)
        every = _joint(detail, matrix, sides)
        places = {side: place for place, side in enumerate(dict.fromkeys(u.side for u in uses))}
        for use in uses:
            self.instead[use.product] = Value(
                "item", (Term(every, (0, 1)),), use.order, use.product.shape, places[use.side], -1
            )

    # --- positive definite ones -----------------------------------------------------------------

    def definite(self, matrix: Value, functions: Sequence[Value]) -> None:
        """Everything from one factor, and what the inverse is multiplied by along with it."""
        order = matrix.shape[0].evaluate(self.sizes)
        details = {value.detail for value in functions}
        uses = self.all_uses(matrix, functions)
        early = [use for use in uses if self.is_early(use.other, matrix)]
        late = [use for use in uses if use not in early]
        halves = [use for use in early if self.is_halved(use, matrix)]
        full = [use for use in early if use not in halves]
        once = not halves and len(late) + bool(full) == 1
        alone = once and details == {"inv"} and order < SOLVED_ALONE
        if uses and (order < SMALL or alone):
            self.solve(full)
            for use in late:
                self.solve([use])
            full, late = [], []
        forms = [(use, user) for use in halves for user in self.users[use.product]]
        forms = forms if uses else self.quadratic(matrix, functions)
        factor, half_of = self.factor(matrix, forms, full)
        self.joined(forms, half_of)
        self.finished(full, factor, half_of)
        for use in late:
            operands = (Term(factor, use.mine.labels), use.other)
            self.instead[use.product] = replace(
                use.product, kernel="matrix", operands=operands, detail="solve_of_cholesky"
            )
        for value in functions:
            detail = f"{value.detail}_of_cholesky"
            self.instead[value] = replace(value, operands=(Term(factor, (0, 1)),), detail=detail)

    def all_uses(self, matrix: Value, functions: Sequence[Value]) -> list[Applied]:
        """The products with the inverse, if it is not needed as it is."""
        uses: list[Applied] = []
        for inverse in functions:
            found = self.uses(inverse) if inverse.detail == "inv" else []
            if found is None:
                return []
            uses += found
        early = [use for use in uses if self.is_early(use.other, matrix)]
        calls = len(uses) - len(early) + any(not self.is_halved(use, matrix) for use in early)
        order = matrix.shape[0].evaluate(self.sizes)
        return uses if calls <= max(MOST_SOLUTIONS, order // ROWS_FOR_A_SOLUTION) else []

    def factor(
        self, matrix: Value, forms: Sequence[Form], full: Sequence[Applied]
    ) -> tuple[Value, dict[Term, Value]]:
        """`L`, and `L⁻¹ b` for each side `b`."""
        found = [use.side for use in full]
        for use, user in forms:
            found += [use.side, self.partner(use, user)]
        sides = list(dict.fromkeys(found))
        own = Term(matrix, (0, 1))
        if not sides:
            return Value("matrix", (own,), (0, 1), matrix.shape, "cholesky", -1), {}
        detail = (
            "cholesky_with" if len(sides) == len(sides[0].labels) == 1 else "cholesky_with_several"
        )
        both = Term(_joint(detail, own, sides), (0, 1))
        half_of = {
            side: Value("item", (both,), tuple(range(len(side.labels))), side_shape(side), k, -1)
            for k, side in enumerate(sides, start=1)
        }
        return Value("item", (both,), (0, 1), matrix.shape, 0, -1), half_of

    def joined(self, forms: Sequence[Form], half_of: Mapping[Term, Value]) -> None:
        """`cᵀ inv(K) b` as the product of two halves."""
        for use, user in forms:
            mine, other = _mine_first(user, use.product)
            outer = dict(zip(use.product.labels, mine.labels, strict=True))
            row = outer[use.column]
            left = Term(half_of[use.side], tuple(outer[label] for label in use.natural))
            rest = tuple(label for label in other.labels if label != row)
            right = Term(half_of[side_of(other, row)], (row, *rest))
            self.instead[user] = replace(user, operands=(left, right))

    def quadratic(self, matrix: Value, functions: Sequence[Value]) -> list[Form]:
        """`bᵀ inv(K) b` where the inverse is made: its halves are as precise as can be.

        Through the inverse the error is relative to the norms of its factors, which may be large.
        """
        users = [user for inverse in functions for user in self.users[inverse]]
        inverses = [inverse for inverse in functions if inverse.detail == "inv"]
        uses = [use for i in inverses for user in users if (use := applied(user, i)) is not None]
        return [
            (use, user)
            for use in uses
            if len(use.side.labels) == 1
            for user in self.users[use.product]
            if user.is_scalar and self.is_half(use, user, matrix)
            if self.is_early(use.other, matrix) and self.partner(use, user) == use.side
        ]

    def finished(
        self, full: Sequence[Applied], factor: Value, half_of: Mapping[Term, Value]
    ) -> None:
        """`inv(K) b` from `L⁻¹ b`, for all sides in one call."""
        sides = list(dict.fromkeys(use.side for use in full))
        if len(sides) > 1:
            halves = [Term(half_of[side], tuple(range(len(side.labels)))) for side in sides]
            self.several("backward_several", Term(factor, (0, 1)), halves, full)
            return
        for use in full:
            half = Term(half_of[use.side], (use.row, *use.natural[1:]))
            operands = (Term(factor, (use.row, use.column)), half)
            self.instead[use.product] = replace(
                use.product, kernel="matrix", operands=operands, detail="backward"
            )

    # --- uses of an inverse ---------------------------------------------------------------------

    def uses(self, inverse: Value) -> list[Applied] | None:
        """The products of an inverse with narrow arrays; None if it is needed as it is."""
        if inverse.detail != "inv" or inverse in self.held:
            return None
        users = self.users[inverse]
        found = [use for user in users if (use := applied(user, inverse)) is not None]
        order = inverse.shape[0].evaluate(self.sizes)
        width = sum(self.width(use.other, order) for use in found)
        return found if len(found) == len(users) and width <= order else None

    def width(self, side: Term, order: int) -> int:
        """How many columns a side has."""
        assert isinstance(side.source, Value)
        return prod(extent.evaluate(self.sizes) for extent in side.source.shape) // max(order, 1)

    def is_early(self, side: Term, matrix: Value) -> bool:
        """Whether a side is known before anything is made of the matrix."""
        assert isinstance(side.source, Value)
        return self.levels[side.source] < matrix.number

    def is_halved(self, use: Applied, matrix: Value) -> bool:
        """Whether the product with the inverse only meets narrow arrays that are known early."""
        users = self.users[use.product]
        if use.product in self.held or not all(self.is_half(use, u, matrix) for u in users):
            return False
        order = matrix.shape[0].evaluate(self.sizes)
        sides = {use.side, *(self.partner(use, user) for user in users)}
        return sum(self.width(side, order) for side in sides) <= max(order // 2, 2)

    def is_half(self, use: Applied, user: Value, matrix: Value) -> bool:
        """Whether a product with `inv(K) b` only needs `L⁻¹ b`, times another half."""
        mine, other = _mine_first(user, use.product)
        row = dict(zip(use.product.labels, mine.labels, strict=True))[use.column]
        if user.kernel != "product" or not is_side(other) or row not in other.labels:
            return False
        return row not in user.labels and self.is_early(other, matrix)

    def partner(self, use: Applied, user: Value) -> Term:
        """What a product with an inverse is multiplied by, as a side."""
        mine, other = _mine_first(user, use.product)
        outer = dict(zip(use.product.labels, mine.labels, strict=True))
        return side_of(other, outer[use.column])


def _mine_first(user: Value, mine: Value) -> tuple[Term, Term]:
    """The operand that is a value, and the other one, which may be the same."""
    left, right = user.operands[0], user.operands[-1]
    return (left, right) if left.source is mine else (right, left)


def _joint(detail: str, matrix: Term, sides: Sequence[Term]) -> Value:
    """A step that has several results; each side's columns have a label of their own."""
    assert isinstance(matrix.source, Value)
    operands = [
        Term(side.source, tuple(label and position for label in side.labels))
        for position, side in enumerate(sides, start=2)
    ]
    return Value("matrix", (matrix, *operands), (0, 1), matrix.source.shape, detail, -1)
