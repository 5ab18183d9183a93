"""The matrix between stacked indices as a formula.

In: a block, and the formulas of nodes. Out: a `Formula`. Tensors are written by `Forms`; so are
products and sums of blocks, for which letters stand meanwhile: signs, numbers and the order of
terms are as in any other formula.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.notation.spelling import Spelling
>>> from indexcalc.notation.text import formula_text
>>> m, n = Extent.named("m"), Extent.named("n")
>>> z = Plain(variable("z", (n,)), row=True)
>>> formula_text(BlockForms(Forms({}, {})).formula(Kronecker((z, Identity(m)))), Spelling(PLAIN))
'z^T ⊗ eye(m)'
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import assert_never

from indexcalc.ir.build import linear, scale, terms_of, variable
from indexcalc.ir.contraction import contract
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Node
from indexcalc.notation.brackets import starts_negative
from indexcalc.notation.component import PLAIN
from indexcalc.notation.formula import (
    Applied,
    Formula,
    Infix,
    Joined,
    Literal,
    Product,
    Symbol,
    SymbolKind,
    Transposed,
)
from indexcalc.notation.matrix.forms import Forms
from indexcalc.notation.matrix.vec.block import (
    AllOnes,
    Block,
    Chain,
    Commutation,
    Diagonal,
    Identity,
    Kronecker,
    Ones,
    Plain,
    Plus,
    Stacked,
    bottom_up,
    lies,
    sides,
)
from indexcalc.notation.matrix.vec.sizes import untold
from indexcalc.notation.matrix.wholes import IDENTITY_SYMBOL
from indexcalc.notation.operation import size_formula
from indexcalc.notation.whole import inside, rebuilt

__all__ = ["PLAIN", "BlockForms"]

ONE = Fraction(1)
LETTER = "\1"  # begins the name that stands for a block, which no program has
IDENTITY = Symbol(SymbolKind.DELTA, "", ())
FIRST = -(1 << 30)
UNIT = Extent.fixed(1)


class BlockForms:
    """Formulas of blocks; what is written below them is written by `forms`.

    `meaning` tells what letters stand for that are in the blocks already.
    """

    def __init__(self, forms: Forms, meaning: dict[str, Formula] | None = None) -> None:
        self.forms = forms
        self.order = dict(forms.order)
        forms.order = self.order
        self.letters: dict[Block, Node] = {}
        self.meaning = {} if meaning is None else meaning
        self.sized: Collection[Extent] = ()

    def formula(self, root: Block) -> Formula:
        """The formula of a block. Raises `FormulaError` if a tensor in it has no matrix form."""
        root = self.signed(root)
        self.sized = untold(root)
        made: dict[Block, Formula] = {}
        for block in bottom_up(root):
            if block not in made:
                made[block] = self.made(block, made)
        return made[root]

    def signed(self, root: Block) -> Block:
        """The block without a minus sign in front, if a sum inside can take it in."""
        if not isinstance(root, Chain):
            return root
        scalars = [(node, ()) for node in root.scalars]
        front = self.forms.form(scale(root.coefficient, contract(scalars, ())))
        if not starts_negative(front.plain.formula):
            return root
        for position, part in enumerate(root.parts):
            other = _negated(part)
            if other is not None:
                parts = (*root.parts[:position], other, *root.parts[position + 1 :])
                return replace(root, parts=parts, coefficient=-root.coefficient)
        return root

    def made(self, block: Block, made: Mapping[Block, Formula]) -> Formula:
        """The formula of a block from those of the blocks inside."""
        match block:
            case Plain() | Stacked() | Diagonal():
                return self.tensor(block)
            case Kronecker():
                return _kronecker([(made[part], lies(part)) for part in block.parts])
            case Chain() | Plus():
                return self.written(self.node(block, made), lies(block) == ROW)
            case Identity(extent=extent) if extent not in (*self.sized, UNIT):
                return IDENTITY
            case _:
                return _sized(block)

    def tensor(self, block: Plain | Stacked | Diagonal) -> Formula:
        """A tensor, or what is made of it."""
        both = self.forms.form(block.node)
        if isinstance(block, Plain):
            written = both.turned if block.row else both.plain
            return put_in(written.formula, self.meaning)
        plain = put_in(both.plain.formula, self.meaning)
        if plain is IDENTITY_SYMBOL:  # nothing tells the size of what is stacked
            plain = _sized(Identity(block.node.shape[0]))
        stacked = Applied("vec", (), (), (plain,), ())
        if isinstance(block, Diagonal):
            return Applied("Diag", (), (), (stacked,), ())
        return Transposed(stacked) if block.row else stacked

    # --- products and sums ----------------------------------------------------------------------

    def node(self, block: Chain | Plus, made: Mapping[Block, Formula]) -> Node:
        """The block as a node, in which a variable stands for each block inside."""
        if isinstance(block, Chain):
            return self.product(block, made)
        terms: list[tuple[int, Node]] = []
        for term in block.terms:
            inner = term if isinstance(term, Chain) else Chain((term,))
            terms.append((1, self.product(inner, made)))
        return linear(terms, terms[0][1].shape)

    def product(self, chain: Chain, made: Mapping[Block, Formula]) -> Node:
        """A product as a node."""
        factors: list[tuple[Node, Sequence[int]]] = [(node, ()) for node in chain.scalars]
        output: list[int] = []
        for place, part in enumerate(chain.parts):
            node = self.letter(part, made[part])
            axes = [place + k for k, has in enumerate(lies(part)) if has]
            factors.append((node, axes))
        rows, columns = lies(chain)
        output += [0] if rows else []
        output += [len(chain.parts)] if columns else []
        return scale(chain.coefficient, contract(factors, output))

    def letter(self, block: Block, formula: Formula) -> Node:
        """The variable that stands for a block."""
        if block not in self.letters:
            name = f"{LETTER}{len(self.letters)}"
            self.order[name] = (FIRST, len(self.letters), name)
            has = lies(block)
            shape = [side for side, there in zip(sides(block), has, strict=True) if there]
            self.letters[block] = variable(name, shape)
            # a variable with one axis is a column
            self.meaning[name] = transposed(formula) if has == ROW else formula
        return self.letters[block]

    def written(self, node: Node, row: bool) -> Formula:
        """The formula of a node, with the blocks put in."""
        both = self.forms.form(node)
        return put_in((both.turned if row else both.plain).formula, self.meaning)


def _negated(block: Block) -> Block | None:
    """The block with the other sign, if that is a sum with a minus sign in it."""
    match block:
        case Kronecker(parts=parts):
            for position, part in enumerate(parts):
                if isinstance(part, Plain) and _has_minus(part.node):
                    other = replace(part, node=scale(-1, part.node))
                    return Kronecker((*parts[:position], other, *parts[position + 1 :]))
            return None
        case Plain(node=node) | Stacked(node=node) | Diagonal(node=node) if _has_minus(node):
            return replace(block, node=scale(-1, node))
        case _:
            return None


def _has_minus(node: Node) -> bool:
    terms = terms_of(node)
    return len(terms) > 1 and any(coefficient < 0 for coefficient, _ in terms)


def _sized(block: Identity | Ones | AllOnes | Commutation) -> Formula:
    """A constant matrix with its size."""
    match block:
        case Identity(extent=extent):
            return _called("eye", size_formula(extent))
        case Ones(extent=extent, row=row):
            return _vector_of_ones(extent, row)
        case AllOnes(rows=rows, columns=columns):
            if UNIT in (rows, columns):
                parts = _vector_of_ones(rows, False), _vector_of_ones(columns, True)
                return Product(ONE, (), (), parts, ())
            return _called("ones", size_formula(rows), size_formula(columns))
        case Commutation(rows=rows, columns=columns):
            return _called("commutation", size_formula(rows), size_formula(columns))
        case _:
            assert_never(block)


def _vector_of_ones(extent: Extent, row: bool) -> Formula:
    """`ones(n,1)` is read as a column, `ones(1,n)` as a row, `ones(1,1)` as a column."""
    if row and extent != UNIT:
        return _called("ones", Literal(ONE), size_formula(extent))
    column = _called("ones", size_formula(extent), Literal(ONE))
    return Transposed(column) if row else column


def _called(name: str, *sizes: Formula) -> Formula:
    return Applied(name, (), (), sizes, ())


def put_in(root: Formula, meaning: Mapping[str, Formula]) -> Formula:
    """The formula with what letters mean in their place."""
    order: list[Formula] = []
    stack = [root]
    while stack:
        part = stack.pop()
        order.append(part)
        stack.extend(inside(part))
    made: dict[Formula, Formula] = {}
    for part in reversed(order):
        if part in made:
            continue
        if isinstance(part, Symbol) and part.name in meaning:
            made[part] = meaning[part.name]
        elif isinstance(part, Transposed) and isinstance(made[part.base], Transposed):
            made[part] = transposed(made[part.base])
        else:
            made[part] = _flat(rebuilt(part, made))
    return made[root]


def transposed(formula: Formula) -> Formula:
    """The transpose; that of a transpose is what it is of."""
    return formula.base if isinstance(formula, Transposed) else Transposed(formula)


def _flat(formula: Formula) -> Formula:
    """A product with the factors of products in it among its own."""
    if not isinstance(formula, Product):
        return formula
    factors: list[Formula] = []
    for factor in formula.factors:
        plain = isinstance(factor, Product) and factor.coefficient == 1
        if isinstance(factor, Product) and plain and not (factor.leading or factor.denominators):
            factors += factor.factors
        else:
            factors.append(factor)
    return replace(formula, factors=tuple(factors))


def _kronecker(parts: Sequence[tuple[Formula, tuple[bool, bool]]]) -> Formula:
    """The Kronecker product; a column beside a row is their matrix product."""
    operands: list[tuple[Formula, tuple[bool, bool]]] = []
    for formula, has in _runs(parts):
        last = operands[-1] if operands else None
        if last is not None and {last[1], has} == {COLUMN, ROW}:
            pair = (last[0], formula) if has == ROW else (formula, last[0])
            operands[-1] = Product(ONE, (), (), pair, ()), (True, True)
        else:
            operands.append((formula, has))
    if len(operands) == 1:
        return operands[0][0]
    return Joined(Infix.KRONECKER, tuple(formula for formula, _ in operands))


COLUMN, ROW = (True, False), (False, True)


def _runs(
    parts: Sequence[tuple[Formula, tuple[bool, bool]]],
) -> list[tuple[Formula, tuple[bool, bool]]]:
    """Columns that follow one another as one column, and rows as one row, `(x ⊗ y)^T`."""
    if all(has in (COLUMN, ROW) for _, has in parts) and len({has for _, has in parts}) == 2:
        columns = [formula for formula, has in parts if has == COLUMN]
        rows = [transposed(formula) for formula, has in parts if has == ROW]
        return [(_product(columns), COLUMN), (transposed(_product(rows)), ROW)]
    return list(parts)


def _product(operands: Sequence[Formula]) -> Formula:
    return operands[0] if len(operands) == 1 else Joined(Infix.KRONECKER, tuple(operands))
