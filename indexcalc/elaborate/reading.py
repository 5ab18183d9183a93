"""An expression read to a term: the rule for each kind of tree.

In: a tree, its `IndexPlan`, the symbol table. Out: a `Value`. Index notation and matrix notation
meet here: a tensor without indices and one with indices cannot be joined, except through an index
that is put on the former.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from indexcalc.elaborate import along, indexed, matrix
from indexcalc.elaborate.derivatives import read_derivative
from indexcalc.elaborate.functions import FunctionTable
from indexcalc.elaborate.mixing import as_matrix, matrices_among, refuse_mixture
from indexcalc.elaborate.ranges import bound_range
from indexcalc.elaborate.read_calls import CallReader
from indexcalc.elaborate.read_names import ones, read_name, refuse_undeclared, with_indices
from indexcalc.elaborate.scopes import is_leaf, parts
from indexcalc.elaborate.summation import IndexPlan
from indexcalc.elaborate.symbols import SymbolTable
from indexcalc.elaborate.term import Letters, Total, Value
from indexcalc.elaborate.uses import is_transposition
from indexcalc.elaborate.vocabulary import COMPARISONS
from indexcalc.errors import IndexNotationError, Mark, UnknownNameError
from indexcalc.syntax import tree
from indexcalc.syntax.factors import DIVISIONS
from indexcalc.syntax.tree import ProductOperator, Tree

PLAIN = frozenset(
    {
        ProductOperator.JUXTAPOSED,
        ProductOperator.TIMES,
        ProductOperator.DOT,
        ProductOperator.DIVIDE,
    }
)


@dataclass(slots=True)
class Reader:
    """Reads one expression; `parameters` are those of a function whose body it is."""

    table: SymbolTable
    functions: FunctionTable
    plan: IndexPlan
    parameters: Mapping[str, Value] = field(default_factory=dict)
    values: dict[Tree, Value] = field(default_factory=dict)

    def read(self, root: Tree) -> Value:
        """The value of `root`."""
        stack: list[tuple[Tree, bool, bool]] = [(root, True, False)]
        while stack:
            node, is_term, ready = stack.pop()
            if ready:
                self.values[node] = self.close(node, self.value(node))
                continue
            stack.append((node, is_term, True))
            inside = parts(node, is_term, self.table.known)
            if isinstance(node, tree.Derivative):
                inside = inside[:1]  # a variable is a name here, not a value
            stack.extend((part, term, False) for part, term in reversed(inside))
        return self.values[root]

    def close(self, node: Tree, value: Value) -> Value:
        """Sum what the term sums, if the rule for its kind has not done so."""
        summed = self.plan.summed.get(node)
        if not summed or value.letters is None or not set(summed) & set(value.letters):
            return value
        kept = [letter for letter in dict.fromkeys(value.letters) if letter not in summed]
        return indexed.contract([value], self.ordered(kept), node.span, self.table.extents)

    def ordered(self, letters: Sequence[str]) -> Letters:
        """Letters in the order of the left-hand side, if that has all of them."""
        if set(letters) <= set(self.plan.free):
            return tuple(letter for letter in self.plan.free if letter in letters)
        return tuple(letters)

    # --- one kind of tree after the other -----------------------------------------------------

    def value(self, node: Tree) -> Value:
        """The value of a tree whose parts have values."""
        if is_leaf(node):
            return self.leaf(node)
        match node:
            case tree.Product():
                return self.product(node)
            case tree.Sum():
                return self.sum(node)
            case tree.Bracket():
                return self.values[node.inner]
            case tree.Negative():
                inner = self.values[node.inner]
                negated = Total(node.span, inner.shape, (inner.term,), (-1,))
                return Value(negated, inner.letters, inner.row)
            case tree.Apply():
                return CallReader(self.table, self.functions, self.plan).read(
                    node, [self.values[argument] for argument in node.arguments]
                )
            case tree.Derivative():
                return read_derivative(node, self.values[node.numerator], self.table, self.plan)
            case _:
                return self.marked(node)

    def leaf(self, node: Tree) -> Value:
        """A number or a name."""
        if isinstance(node, tree.Number):
            return indexed.number(node.value, node.span)
        reference = self.plan.references[node]
        parameter = self.parameters.get(reference.name)
        if parameter is None:
            return read_name(reference, node.span, self.table)
        if reference.indices is not None:
            raise IndexNotationError(
                f"{reference.name} is a parameter, a scalar, and has no indices", Mark(node.span)
            )
        return parameter

    def marked(self, node: Tree) -> Value:
        """Something with a power, an index, a prime, or in brackets of a special kind."""
        match node:
            case tree.Power():
                return self.power(node)
            case tree.Subscripted():
                return self.subscripted(node)
            case tree.Primed():
                _refuse_orders(node)
                inner = self.values[node.base]
                return self.transposed(inner, node) if node.count % 2 else inner
            case tree.Transpose():
                return self.transposed(self.values[node.base], node)
            case tree.Norm():
                return self.norm(node)
            case tree.Absolute():
                return self.absolute(node)
            case tree.Iverson():
                return self.values[node.condition]
            case tree.Comparison():
                return self.comparison(node)
            case tree.Reduction():
                return self.reduction(node)
            case _:
                raise UnknownNameError(f"{node.span.text} is no expression", Mark(node.span))

    # --- products and sums --------------------------------------------------------------------

    def product(self, node: tree.Product) -> Value:
        """Factors with letters, or of matrix notation."""
        values = [self.values[factor] for factor in node.factors]
        table = self.table.extents
        if matrices_among(values):
            refuse_mixture(values)
            return matrix.product(values, node.operators, node.span, table)
        self.check_operators(node, values)
        factors = [values[0]]
        for value, operator in zip(values[1:], node.operators, strict=True):
            divided = operator in DIVISIONS
            factors.append(indexed.reciprocal(value, table) if divided else value)
        summed = set(self.plan.summed.get(node, ()))
        letters = dict.fromkeys(letter for v in factors for letter in indexed.letters_of(v))
        output = self.ordered([letter for letter in letters if letter not in summed])
        return indexed.contract(factors, output, node.span, table)

    def check_operators(self, node: tree.Product, values: Sequence[Value]) -> None:
        """Refuse `⊙` and its like where indices are summed over: that is read in two ways."""
        summed = set(self.plan.summed.get(node, ()))
        for operator, left, right in zip(node.operators, values, values[1:], strict=False):
            if operator in PLAIN or not (left.shape and right.shape):
                continue
            shared = set(left.letters or ()) & set(right.letters or ()) & summed
            if shared or operator in (ProductOperator.KRONECKER, ProductOperator.FROBENIUS):
                a, b = left.term.span.text, right.term.span.text
                raise IndexNotationError(
                    f"{operator.value} joins tensors without indices; with indices the letters "
                    "say what is summed",
                    Mark(left.term.span.to(right.term.span)),
                    hint=f"write  {a} {b}",
                )

    def sum(self, node: tree.Sum) -> Value:
        """Terms with letters, or of matrix notation."""
        values = [self.values[term] for term in node.terms]
        if matrices_among(values):
            refuse_mixture(values)
            return matrix.total(values, node.signs, node.span, self.table.extents)
        return indexed.total(values, node.signs, node.span, self.table.extents, self.plan.free)

    # --- powers, transposes, indices ------------------------------------------------------------

    def power(self, node: tree.Power) -> Value:
        """A transpose, a power of a matrix, or a power at each entry."""
        base, table = self.values[node.base], self.table.extents
        if is_transposition(node.exponent, self.table.known):
            if isinstance(node.exponent, tree.Negative):
                base = matrix.inverse(as_matrix(base, "inverse"), node.span, table)
            return self.transposed(base, node)
        values = [base, self.values[node.exponent]]
        if matrices_among(values):
            refuse_mixture(values)
            return matrix.power(base, values[1], node.span, table, node.elementwise)
        return indexed.power(base, values[1], node.span, table)

    def transposed(self, value: Value, node: Tree) -> Value:
        """A transpose in matrix notation."""
        refuse_undeclared(value, "transpose", self.table)
        return matrix.transpose(as_matrix(value, "transpose"), node.span, self.table.extents)

    def subscripted(self, node: tree.Subscripted) -> Value:
        """Indices on a tensor-valued thing, or on 1."""
        reference, table = self.plan.references[node], self.table.extents
        indices = reference.indices or ()
        if not isinstance(node.base, tree.Number):
            value = self.values[node.base]
            firsts = [index[0] for index in indices]
            matrix.index(value, firsts, node.span, table)  # refuses a wrong number of indices
            return with_indices(value.term, indices, node.base.span, node.span, table)
        if node.base.value != 1:
            raise IndexNotationError(
                f"a number has no index, except 1 as a vector of ones: {node.span.text}",
                Mark(node.span),
                hint=f"write  {node.base.span.text} 1_{''.join(reference.letters)}",
            )
        return ones(reference.letters, node.span, table)

    # --- brackets of a special kind, sum signs ----------------------------------------------------

    def norm(self, node: tree.Norm) -> Value:
        """A norm along an index or of a whole vector."""
        value, table = self.values[node.inner], self.table.extents
        refuse_undeclared(value, "norm", self.table)
        if value.letters is None or not value.shape:
            return matrix.norm(value, node.kind, node.span, table)
        (letters,) = self.plan.used[node]
        return along.norm(value, node.kind, letters, node.span, table)

    def absolute(self, node: tree.Absolute) -> Value:
        """The absolute value of a scalar or of components."""
        value, text = self.values[node.inner], node.inner.span.text
        if value.letters is None:
            readings = f"det({text})  or  abs({text})" if len(value.shape) == 2 else f"‖{text}‖"
            raise IndexNotationError(
                f"|{text}| of a tensor has more than one reading",
                Mark(node.span),
                hint=f"write  {readings}  or  abs({text})"
                if len(value.shape) != 2
                else f"write  {readings}",
            )
        return indexed.pointwise("abs", [value], node.span, self.table.extents)

    def comparison(self, node: tree.Comparison) -> Value:
        """One where a comparison holds, else zero."""
        reader = CallReader(self.table, self.functions, self.plan)
        sides = [self.values[node.left], self.values[node.right]]
        return reader.elementwise(COMPARISONS[node.operator], sides, node.span)

    def reduction(self, node: tree.Reduction) -> Value:
        """A sum sign, `max_i`, …"""
        body = self.values[node.body]
        if body.letters is None:
            raise IndexNotationError(
                f"{node.body.span.text} has no indices to work along",
                Mark(node.span),
                hint=f"write  {node.kind}({node.body.span.text})  for all entries",
            )
        letters = self.plan.bound[node]
        bound_range(node, body, letters, self.table)
        return along.fold(node.kind, body, letters, node.span, self.table.extents)


def _refuse_orders(node: tree.Primed) -> None:
    if node.orders:
        raise IndexNotationError(
            f"{node.span.text} counts derivatives by each argument, and no arguments follow",
            Mark(node.span),
            hint=f"write  {node.span.text}(x, y)  for a derivative of a function",
        )
