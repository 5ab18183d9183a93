"""The summation convention: which indices are free and which are summed, and where.

In: an expression, and the free indices of its left-hand side (None for an expression that stands
alone). Out: an `IndexPlan`: for each term the indices that it sums, for each function along an
index or of a matrix the indices that it uses up. All errors of index notation are raised here.

The rules are those of the language's section on indices; `scopes` says what a term is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from indexcalc.elaborate.both_readings import (
    Setting,
    different_indices,
    free_and_summed,
    inside_derivative,
    occurs_once,
    product_start,
    third_occurrence,
)
from indexcalc.elaborate.index_functions import IndexFunctions, absent
from indexcalc.elaborate.leibniz import refuse_quotient
from indexcalc.elaborate.mixing import mixture
from indexcalc.elaborate.names import Reference, index_list, marked_name
from indexcalc.elaborate.occurrences import Occurrences
from indexcalc.elaborate.scopes import is_leaf, is_transparent, parts
from indexcalc.elaborate.symbols import SymbolTable
from indexcalc.elaborate.vocabulary import ALONG, OF_MATRICES
from indexcalc.errors import IndexNotationError, Mark
from indexcalc.syntax import tree
from indexcalc.syntax.tree import Tree

Letters = tuple[str, ...]


@dataclass(slots=True)
class IndexPlan:
    """What is done with the indices of one expression.

    `free` are its free indices in order; `summed` the indices that each term sums; `used` those
    that a function uses up or works along, for each argument; `bound` those of a sum sign;
    `references` the names with their indices.
    """

    free: Letters = ()
    summed: dict[Tree, Letters] = field(default_factory=dict)
    used: dict[Tree, tuple[Letters, ...]] = field(default_factory=dict)
    bound: dict[Tree, Letters] = field(default_factory=dict)
    references: dict[Tree, Reference] = field(default_factory=dict)


def plan_indices(
    root: Tree, table: SymbolTable, free: Sequence[str] | None, target: str = ""
) -> IndexPlan:
    """Apply the summation convention to `root`.

    `target` is a left-hand side to suggest in errors. Raises `IndexNotationError` if the text has
    two readings or an index that nothing binds.
    """
    setting = Setting(root, target, free is None)
    planner = _Planner(table, frozenset(free or ()), setting)
    occurrences = planner.run(root)
    if free is None:
        for letter, place in occurrences.open.items():
            if letter in occurrences.hidden:
                raise free_and_summed(letter, setting, occurrences.hidden[letter][0], place.span)
        planner.plan.free = tuple(occurrences.open)
    else:
        lone = {x: place.span for x, place in occurrences.open.items() if x not in free}
        if lone:
            raise occurs_once(setting, lone, planner.terms_with(root, lone))
        planner.plan.free = tuple(free)
    return planner.plan


class _Planner:
    def __init__(self, table: SymbolTable, free: frozenset[str], setting: Setting) -> None:
        self.table, self.free, self.setting = table, free, setting
        self.bound: Counter[str] = Counter()
        self.plan = IndexPlan()
        self.functions = IndexFunctions(self.plan.used, self.is_free, setting)
        self.found: dict[Tree, Occurrences] = {}
        self.carried: dict[Tree, list[tuple[Tree, Letters]]] = {}

    def run(self, root: Tree) -> Occurrences:
        stack: list[tuple[Tree, bool, bool]] = [(root, True, False)]
        while stack:
            node, is_term, ready = stack.pop()
            if not ready:
                self.enter(node)
                stack.append((node, is_term, True))
                inside = parts(node, is_term, self.table.known)
                stack.extend((part, term, False) for part, term in reversed(inside))
                continue
            occurrences = self.leave(node)
            if is_term:
                self.close(node, occurrences)
            self.found[node] = occurrences
        return self.found[root]

    def terms_with(self, root: Tree, letters: Collection[str]) -> list[tuple[Tree, Letters]]:
        """The terms of a sum, or the whole, with those of `letters` that each carries."""
        terms = self.carried.get(root, [(root, tuple(letters))])
        return [(term, tuple(x for x in own if x in letters)) for term, own in terms]

    def is_free(self, letter: str) -> bool:
        return letter in self.free or self.bound[letter] > 0

    # --- binding ------------------------------------------------------------------------------

    def enter(self, node: Tree) -> None:
        letters: Letters = ()
        if isinstance(node, tree.Reduction):
            indices = index_list(node.indices, self.table.known.words)
            letters = tuple(letter for index in indices for letter in index)
        elif isinstance(node, tree.Apply) and self.table.called(node) in ALONG:
            letters = self.head_letters(node)
        if letters:
            repeated = next((x for k, x in enumerate(letters) if x in letters[:k]), None)
            if repeated is not None:
                raise IndexNotationError(
                    f"index {repeated} is named twice", Mark(node.span), hint="name it once"
                )
            self.plan.bound[node] = letters
            self.bound.update(letters)

    def head_letters(self, call: tree.Apply) -> Letters:
        marked = marked_name(call.head)
        return self.table.known.refer(marked).letters if marked is not None else ()

    # --- what occurs in each kind of expression -------------------------------------------------

    def leave(self, node: Tree) -> Occurrences:
        if is_leaf(node):
            return self.leaf(node)
        letters = self.plan.bound.get(node, ())
        self.bound.subtract(letters)
        match node:
            case tree.Sum():
                return self.sum(node)
            case tree.Subscripted():
                return self.subscripted(node)
            case tree.Reduction():
                return self.reduction(node, letters)
            case tree.Apply():
                return self.call(node, letters)
            case tree.Norm():
                return self.functions.along(node, "norm", self.found[node.inner])
            case tree.Derivative():
                return self.derivative(node)
            case _:
                return self.combined(node)

    def leaf(self, node: Tree) -> Occurrences:
        occurrences = Occurrences()
        marked = marked_name(node)
        if marked is not None:
            reference = self.table.known.refer(marked)
            self.plan.references[node] = reference
            occurrences.add_letters(reference.letters, node.span)
        return occurrences

    def combined(self, node: Tree) -> Occurrences:
        """Factors of a product, arguments of a function: they occur in one term."""
        inside = parts(node, True, self.table.known)
        if isinstance(node, tree.Product):
            refuse_quotient(node, self.table)
            self.refuse_mixture(node)
        total = self.found[inside[0][0]]
        for part, _ in inside[1:]:
            total.add_factor(self.found[part], node, part, self.setting)
        if not (is_transparent(node) or isinstance(node, tree.Product | tree.Derivative)):
            for place in total.open.values():
                place.count = 1  # `max(a_i, b_i)` is one occurrence
        return total

    def refuse_mixture(self, product: tree.Product) -> None:
        """Refuse a tensor without indices next to one with indices, before its letters count."""
        lettered = next((part for part in product.factors if self.found[part].open), None)
        bare = next((part for part in product.factors if self.is_bare_tensor(part)), None)
        if lettered is not None and bare is not None:
            reference = self.plan.references[_inmost(bare)]
            rank = len(self.table.symbols[reference.name].shape or ())
            letters = tuple(self.found[lettered].open)
            raise mixture(lettered.span, letters, bare.span, rank)

    def is_bare_tensor(self, part: Tree) -> bool:
        reference = self.plan.references.get(_inmost(part))
        symbol = self.table.symbols.get(reference.name) if reference is not None else None
        return (
            reference is not None
            and reference.indices is None
            and symbol is not None
            and bool(symbol.shape)
        )

    def subscripted(self, node: tree.Subscripted) -> Occurrences:
        indices = index_list(node.subscripts, self.table.known.words)
        letters = tuple(letter for index in indices for letter in index)
        self.plan.references[node] = Reference("", indices)
        own = Occurrences()
        own.add_letters(letters, node.span)
        if isinstance(node.base, tree.Number):
            return own
        inner = self.found[node.base]
        if inner.open:
            letter, place = next(iter(inner.open.items()))
            raise IndexNotationError(
                f"{node.base.span.text} has the index {letter} already",
                Mark(place.span, f"index {letter}"),
                Mark(node.span, "more indices are put on it here"),
                hint="put indices on a tensor without any, as in  (W^T x)_i",
            )
        used = self.plan.used.get(node.base)
        if used is not None and tuple(x for argument in used for x in argument) == letters:
            for letter in letters:  # `inv(A_ij)_ij`: rows and columns keep their letters
                inner.hidden.pop(letter, None)
        inner.add_factor(own, node, node, self.setting)
        return inner

    def reduction(self, node: tree.Reduction, letters: Letters) -> Occurrences:
        body = self.found[node.body]
        for letter in letters:
            if body.open.pop(letter, None) is None:
                raise absent(letter, node.body, node)
            body.repeated.pop(letter, None)
        return body

    def call(self, node: tree.Apply, letters: Letters) -> Occurrences:
        name = self.table.called(node) or ""
        if name in OF_MATRICES:
            return self.functions.of_matrix(node, [self.found[part] for part in node.arguments])
        if name in ALONG and len(node.arguments) == 1:
            argument = self.found[node.arguments[0]]
            if letters:
                return self.functions.along_named(node, name, argument, letters)
            return self.functions.along(node, name, argument)
        return self.combined(node)

    def derivative(self, node: tree.Derivative) -> Occurrences:
        numerator = self.found[node.numerator]
        for variable in node.variables:
            reference = self.plan.references.get(variable)
            for letter in reference.letters if reference is not None else ():
                terms = numerator.hidden.get(letter) or numerator.repeated.get(letter)
                if terms:
                    start = product_start(terms[0])
                    raise inside_derivative(
                        letter, self.setting, terms[0].span, variable.span, start
                    )
        return self.combined(node)

    def sum(self, node: tree.Sum) -> Occurrences:
        terms = [(term, tuple(self.found[term].open)) for term in node.terms]
        self.carried[node] = terms
        total = self.found[node.terms[0]]
        for term in node.terms[1:]:
            total.add_term(self.found[term])
        letters = set(total.open)
        carried = any(len(own) == len(letters) for _, own in terms)
        if not carried and not all(self.is_free(letter) for letter in letters):
            raise different_indices(_incomparable(terms))
        return total

    # --- closing a term -------------------------------------------------------------------------

    def close(self, term: Tree, occurrences: Occurrences) -> None:
        """Sum the indices that repeat in a term and are not free."""
        summed: list[str] = []
        for letter, place in occurrences.open.items():
            if place.count > 1 and self.is_free(letter):
                occurrences.repeated.setdefault(letter, [term])
            elif place.count > 2 and self.setting.bare:
                raise third_occurrence(letter, self.setting, term, place.count)
            elif place.count > 1:
                summed.append(letter)
            place.count = 1
        for letter in summed:
            occurrences.hide(letter, term)
        if summed:
            self.plan.summed[term] = tuple(summed)


def _inmost(part: Tree) -> Tree:
    """The name below transposes and primes."""
    while isinstance(part, tree.Primed | tree.Transpose) or (
        isinstance(part, tree.Power) and isinstance(part.exponent, tree.Name)
    ):
        part = part.base
    return part


def _incomparable(terms: list[tuple[Tree, Letters]]) -> list[tuple[Tree, Letters]]:
    """Two terms of which neither carries all the other's indices."""
    largest = max(terms, key=lambda term: len(term[1]))
    for other in terms:
        if not set(other[1]) <= set(largest[1]):
            return (
                [largest, other] if terms.index(largest) < terms.index(other) else [other, largest]
            )
    raise AssertionError("one term carries all indices")
