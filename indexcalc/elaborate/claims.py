"""Claims: both sides of `a == b` under one set of free indices.

In: a program that was read, and the tree of a claim. Out: for each side its node, or why its shapes
do not conform. What a claim says of itself (is it true?) is not asked here.

>>> from indexcalc.elaborate.program import elaborate
>>> from indexcalc.errors import Source
>>> from indexcalc.ir.extent import shape_text
>>> from indexcalc.syntax.parser import parse_program, parse_query
>>> program = elaborate(parse_program(Source("A[m, n], x[n]; f = A_ij x_j A_ik x_k")))
>>> claim = parse_query(Source("∂f/∂x_k == 2 A_ik A_ij x_j == 2 A^T A x == x x"))
>>> sides = read_claim(program, claim)
>>> [shape_text(side.shape) if side.problem is None else "?" for side in sides.sides]
['n', 'n', 'n', '?']
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace

from indexcalc.elaborate.differentials import (
    Names,
    enter_differentials,
    uses_without_differentials,
)
from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.elaborate.expression import ExpressionReader, plain_letters
from indexcalc.elaborate.extent_names import name_extents, name_shapes
from indexcalc.elaborate.functions import FunctionTable
from indexcalc.elaborate.indexed import letters_of
from indexcalc.elaborate.lower import Lowering
from indexcalc.elaborate.query import refuse_unknown_variables, with_functions
from indexcalc.elaborate.ranges import enter_ranges
from indexcalc.elaborate.ranks import DIFFERENTIAL, enter_new, uses_of_statements
from indexcalc.elaborate.symbols import Symbol, SymbolTable
from indexcalc.elaborate.term import Letters, Value
from indexcalc.elaborate.uses import Use, long_names_in, uses_in
from indexcalc.elaborate.vocabulary import CONSTANTS, FUNCTIONS, SPECIAL_RANK, TO_VALUE
from indexcalc.errors import (
    FormulaError,
    IndexNotationError,
    Mark,
    ShapeError,
    UnknownNameError,
)
from indexcalc.ir.build import variable
from indexcalc.ir.environment import Environment
from indexcalc.ir.extent import Extent, Shape
from indexcalc.ir.node import Node
from indexcalc.syntax import tree
from indexcalc.syntax.tree import Tree


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a claim.

    `node` is None, and `problem` says why, if shapes in it do not conform. `indexed` tells whether
    it was written with indices, `row` whether it is a row vector, `turnable` whether it may be
    taken for one; `lacks` are the free indices of the claim that it has not, so that it is the same
    for all their values.
    """

    tree: Tree
    node: Node | None
    indexed: bool
    row: bool
    lacks: Letters = ()
    problem: ShapeError | IndexNotationError | None = None
    turnable: bool = False

    @property
    def text(self) -> str:
        """The side as it was written."""
        return self.tree.span.text

    @property
    def shape(self) -> Shape:
        """The axes of the side; none if it is ill-shaped."""
        return self.node.shape if self.node is not None else ()


@dataclass(frozen=True, slots=True)
class ClaimSides:
    """A claim that was read.

    `letters` name the axes of all sides in order, `differentials` tells what the differentials of
    the claim are of, `symbols` are the names that the claim brings along.
    """

    sides: tuple[Side, ...]
    letters: Letters
    differentials: Names
    brought: Mapping[str, Symbol]
    environment: Environment


def read_claim(
    elaborated: Elaborated, claim: tree.Claim, spoken: Container[str] | None = None
) -> ClaimSides:
    """Read all sides of a claim; the program is not changed.

    `spoken` are the names that occur outside of claims, if the claim is one of the program's own.

    The first side with indices gives the free ones. A side whose shapes do not conform is told in
    its `problem`; raises a `FormulaError` that marks the place of anything else that is wrong, such
    as a name that nothing else has.
    """
    return read_sides(elaborated, claim.sides, spoken)


def names_outside_claims(elaborated: Elaborated) -> frozenset[str]:
    """The names that a program has anywhere but in claims."""
    others = [s for s in elaborated.tree.statements if not isinstance(s, tree.Claim)]
    return frozenset(use.name for use in uses_of_statements(others, elaborated.table.known))


def read_sides(
    elaborated: Elaborated, trees: Sequence[Tree], spoken: Container[str] | None = None
) -> ClaimSides:
    """As `read_claim`, for sides that do not stand in one text."""
    table = elaborated.table.extended()
    for side in trees:
        table.known.words |= long_names_in(side)
    uses = uses_without_differentials(trees, table)
    refuse_unknown_variables(trees, uses, table, "does not occur in the program")
    refuse_lonely_names(trees, uses, table.symbols if spoken is None else spoken, table)
    enter_ranges(trees, uses, table)
    enter_new(table, uses)
    differentials = enter_differentials(trees, table)
    functions = FunctionTable(
        table.extents,
        elaborated.function_table.formulas,
        dict(elaborated.function_table.builtin_derived),
    )
    reading = _Reading(ExpressionReader(table, functions), tuple(trees))
    values = reading.all_sides()
    table.extents.settle()
    name_extents(table)
    name_shapes(table, [v.value.shape for v in values if isinstance(v, _Placed)])
    lowering = Lowering(table.symbols, table.extents)
    names = {name: lowering.variable(inner) for name, inner in differentials.items()}
    if DIFFERENTIAL in table.own:
        names[DIFFERENTIAL] = variable(DIFFERENTIAL, ())
    brought = {
        name: replace(symbol, shape=lowering.shape(symbol.shape or (), symbol.span))
        for name, symbol in table.own.items()
        if name not in names
    }
    sides = tuple(
        _lowered(side, value, lowering) for side, value in zip(trees, values, strict=True)
    )
    rank = max((len(side.shape) for side in sides), default=0)
    letters = reading.letters or plain_letters(rank)
    environment = with_functions(elaborated.environment, functions)
    return ClaimSides(sides, letters, names, brought, environment)


def refuse_lonely_names(
    trees: Sequence[Tree], uses: Sequence[Use], spoken: Container[str], table: SymbolTable
) -> None:
    """Refuse a name that one side has alone: it is a slip, or a definition is missing.

    Raises `UnknownNameError`.
    """
    places: dict[str, set[int]] = {}
    first: dict[str, Use] = {}
    for use in uses:
        side = next(k for k, one in enumerate(trees) if _within(use, one))
        places.setdefault(use.name, set()).add(side)
        first.setdefault(use.name, use)
    for name, where in places.items():
        if len(where) == 1 < len(trees) and name not in spoken and not _is_meant(name, table):
            raise UnknownNameError(
                f"{name} occurs neither in the program nor on another side of the claim",
                Mark(first[name].span),
                hint=f"define it:  {name} = …",
            )


def _within(use: Use, side: Tree) -> bool:
    span = side.span
    return use.span.source is span.source and span.start <= use.span.start < span.end


def _is_meant(name: str, table: SymbolTable) -> bool:
    """Whether the language, a shape, or the definition of a function gives the name a meaning."""
    known = table.known
    own = (CONSTANTS, FUNCTIONS, SPECIAL_RANK, TO_VALUE, known.extents, known.functions)
    return any(name in names for names in own)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A side with the axes of the claim, and the letters that it had not."""

    value: Value
    lacks: Letters = ()


Read = _Placed | ShapeError | IndexNotationError


@dataclass(slots=True)
class _Reading:
    """Reads the sides; `letters` are the free indices once they are known."""

    reader: ExpressionReader
    trees: tuple[Tree, ...]
    letters: Letters | None = None
    extents: dict[str, Extent] = field(default_factory=dict)
    shape: Shape | None = None

    @property
    def table(self) -> SymbolTable:
        return self.reader.table

    def all_sides(self) -> list[Read]:
        self.decide()
        self.shape = None
        return [self.side(part) for part in self.trees]

    def decide(self) -> None:
        """Find the free indices: those of the first side that has any, or is a scalar."""
        for part in self.trees:
            before = self.table.extents.copy()
            try:
                value = self.reader.read(part)
            except ShapeError:
                self.table.extents.restore(before)
                continue
            except IndexNotationError:
                self.table.extents.restore(before)
                if self.shape is None:
                    raise
                continue
            self.table.extents.restore(before)
            if value.letters is None:
                self.shape = value.shape if self.shape is None else self.shape
            elif value.letters or (self.shape is None and _has_names(part, self.table)):
                self.letters = value.letters
                return

    def side(self, part: Tree) -> Read:
        """One side, with the axes of the claim where it can have them."""
        before = self.table.extents.copy()
        try:
            value = self.reader.read(part, self.letters)
            self.table.extents.settle()
            placed = self.placed(value, part)
            self.table.extents.settle()
            return placed
        except ShapeError as error:
            self.table.extents.restore(before)
            return error
        except IndexNotationError as error:
            self.table.extents.restore(before)
            return self.other_letters(part, error)

    def placed(self, value: Value, part: Tree) -> _Placed:
        if value.letters is None:
            self.refuse_unclear_order(value, part)
            self.unify(value.shape, part)
            return _Placed(value)
        free = self.letters or ()
        if not free:
            return _Placed(value)
        if not self.extents:
            missing = [letter for letter in free if letter not in letters_of(value)]
            known = dict(zip(letters_of(value), value.shape, strict=True))
            self.extents = known | {letter: self.table.extents.fresh() for letter in missing}
            self.unify(tuple(self.extents[letter] for letter in free), part)
        lacks = tuple(letter for letter in free if letter not in letters_of(value))
        return _Placed(self.reader.spread(value, free, self.extents, part.span), lacks)

    def refuse_unclear_order(self, value: Value, part: Tree) -> None:
        """Refuse `B^T == B_ji`: is the first axis of the left side `j`, or `i`?"""
        letters = self.letters or ()
        if len(value.shape) < 2 or list(letters) == sorted(letters):
            return
        text = part.span.text
        whole = text if text.isidentifier() else f"({text})"
        orders = [whole + _subscript(order) for order in (sorted(letters), letters)]
        raise FormulaError(
            f"{text} has no indices, and which of {', '.join(letters)} is its first is not clear",
            Mark(part.span),
            hint=f"write  {orders[0]}  or  {orders[1]}",
        )

    def unify(self, shape: Shape, part: Tree) -> None:
        """Let sides without indices tell each other's extents, if they can be equal."""
        if not shape:
            return
        if self.shape is None or len(self.shape) != len(shape):
            self.shape = shape if self.shape is None else self.shape
            return
        table, before = self.table.extents, self.table.extents.copy()
        try:
            for left, right in zip(self.shape, shape, strict=True):
                table.unify(left, right, self.trees[0].span, part.span, "an axis")
        except ShapeError:
            table.restore(before)

    def other_letters(self, part: Tree, error: IndexNotationError) -> Read:
        """A side that has other free indices than the claim; any other error is raised."""
        before = self.table.extents.copy()
        try:
            value = self.reader.read(part)
        except ShapeError:
            raise error from None
        except IndexNotationError:
            raise error from None
        finally:
            self.table.extents.restore(before)
        more = [letter for letter in value.letters or () if letter not in (self.letters or ())]
        if not more:
            raise error
        have = f"the claim has {_listed(self.letters or ())}"
        return IndexNotationError(
            f"{part.span.text} has the free index {', '.join(more)}; {have}",
            *error.marks,
            hint=error.hint,
        )


def _subscript(letters: Sequence[str]) -> str:
    plain = all(len(letter) == 1 for letter in letters)
    return f"_{''.join(letters)}" if plain else f"_{{{','.join(letters)}}}"


def _listed(letters: Letters) -> str:
    return f"the free indices {', '.join(letters)}" if letters else "none"


def _has_names(part: Tree, table: SymbolTable) -> bool:
    return bool(uses_in(part, table.known))


def _lowered(part: Tree, read: Read, lowering: Lowering) -> Side:
    if not isinstance(read, _Placed):
        return Side(part, None, False, False, problem=read)
    value = read.value
    try:
        node = lowering.lower(value.term)
    except ShapeError as error:
        return Side(part, None, False, False, problem=error)
    turnable = _is_derivative(part) and len(node.shape) == 1
    return Side(
        part, node, value.letters is not None and bool(node.shape), value.row, read.lacks,
        turnable=turnable,
    )  # fmt: skip


def _is_derivative(part: Tree) -> bool:
    """Whether this is a derivative and nothing else: its layout is the reader's choice."""
    while isinstance(part, tree.Bracket | tree.Negative):
        part = part.inner
    return isinstance(part, tree.Derivative)
