"""The summation convention: which indices are free and which are summed, and where.

In: an expression, and the free indices of its left-hand side (None for an expression that stands
alone). Out: an `IndexPlan`: for each term the indices that it sums, for each function along an index
or of a matrix the indices that it uses up. All errors of index notation are raised here.

The rules are those of the language's section on indices; `scopes` says what a term is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from indexcalc.elaborate.both_readings import (
    different_indices,
    free_and_summed,
    occurs_once,
    third_occurrence,
)
from indexcalc.elaborate.index_functions import along, along_index, of_matrix
from indexcalc.elaborate.names import Reference, index_list, marked_name
from indexcalc.elaborate.occurrences import Occurrences
from indexcalc.elaborate.scopes import is_leaf, parts
from indexcalc.elaborate.symbols import SymbolTable
from indexcalc.elaborate.vocabulary import ALONG, OF_MATRICES
from indexcalc.errors import IndexNotationError, Mark, Span
from indexcalc.syntax import tree
from indexcalc.syntax.tree import Tree

Letters = tuple[str, ...]


@dataclass(slots=True)
class IndexPlan:
    """What is done with the indices of one expression.

    `free` are its free indices in order; `summed` the indices that each term sums; `used` those that
    a function uses up or works along, for each argument; `bound` those of a sum sign; `references`
    the names with their indices.
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
    planner = _Planner(table, frozenset(free or ()), free is None)
    occurrences = planner.run(root)
    if free is None:
        for letter, place in occurrences.open.items():
            if letter in occurrences.hidden:
                raise free_and_summed(letter, occurrences.hidden[letter][0], place.span)
        planner.plan.free = tuple(occurrences.open)
    else:
        for letter, place in occurrences.open.items():
            if letter not in free:
                raise occurs_once(letter, _term_around(root, place.span), place.span, target)
        planner.plan.free = tuple(free)
    return planner.plan


def _term_around(root: Tree, place: Span) -> Tree:
    """The term of a sum at the top that contains a place, or the whole."""
    if isinstance(root, tree.Sum):
        for term in root.terms:
            if term.span.start <= place.start and place.end <= term.span.end:
                return term
    return root


class _Planner:
    def __init__(self, table: SymbolTable, free: frozenset[str], bare: bool) -> None:
        self.table, self.free, self.bare = table, free, bare
        self.bound: Counter[str] = Counter()
        self.plan = IndexPlan()
        self.found: dict[Tree, Occurrences] = {}

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
                raise IndexNotationError(f"index {repeated} is named twice", Mark(node.span))
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
                return along(node, self.found.pop(node.inner), self.plan.used, self.is_free,
                             every=node.kind == "F")  # fmt: skip
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
        total = self.found.pop(inside[0][0])
        for part, _ in inside[1:]:
            total.add_factor(self.found.pop(part), node, part, bare=self.bare)
        if not isinstance(node, tree.Product | tree.Negative | tree.Derivative):
            for place in total.open.values():
                place.count = 1  # `max(a_i, b_i)` is one occurrence
        return total

    def subscripted(self, node: tree.Subscripted) -> Occurrences:
        indices = index_list(node.subscripts, self.table.known.words)
        letters = tuple(letter for index in indices for letter in index)
        self.plan.references[node] = Reference("", indices)
        own = Occurrences()
        own.add_letters(letters, node.span)
        if isinstance(node.base, tree.Number):
            return own
        inner = self.found.pop(node.base)
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
        inner.add_factor(own, node, node, bare=self.bare)
        return inner

    def reduction(self, node: tree.Reduction, letters: Letters) -> Occurrences:
        body = self.found.pop(node.body)
        for letter in letters:
            if body.open.pop(letter, None) is None:
                raise _absent(letter, node.body.span, node.span)
            body.repeated.pop(letter, None)
        return body

    def call(self, node: tree.Apply, letters: Letters) -> Occurrences:
        name = self.table.called(node)
        if name in OF_MATRICES:
            return of_matrix(node, [self.found.pop(a) for a in node.arguments], self.plan.used,
                             self.is_free, bare=self.bare)  # fmt: skip
        if name in ALONG and len(node.arguments) == 1:
            argument = self.found.pop(node.arguments[0])
            if letters:
                absent = next((letter for letter in letters if letter not in argument.open), None)
                if absent is not None:
                    raise _absent(absent, node.arguments[0].span, node.span)
                return along_index(node, name, argument, letters, self.plan.used)
            return along(node, argument, self.plan.used, self.is_free, name=name)
        return self.combined(node)

    def derivative(self, node: tree.Derivative) -> Occurrences:
        numerator = self.found[node.numerator]
        repeated = dict(numerator.repeated)
        total = self.combined(node)
        for variable in node.variables:
            reference = self.plan.references.get(variable)
            for letter in reference.letters if reference is not None else ():
                if letter in repeated:
                    raise IndexNotationError(
                        f"index {letter} has two readings: it repeats in what is differentiated "
                        "and names a component of the variable",
                        Mark(repeated[letter], f"{letter} repeats here"),
                        Mark(variable.span, f"and {letter} occurs here"),
                        hint="use another letter inside what is differentiated",
                    )
        return total

    def sum(self, node: tree.Sum) -> Occurrences:
        terms = [(term, tuple(self.found[term].open)) for term in node.terms]
        total = self.found.pop(node.terms[0])
        for term in node.terms[1:]:
            total.add_term(self.found.pop(term))
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
                occurrences.repeated.setdefault(letter, term.span)
            elif place.count > 2 and self.bare:
                raise third_occurrence(letter, term, place.count)
            elif place.count > 1:
                summed.append(letter)
            place.count = 1
        for letter in summed:
            occurrences.hide(letter, term)
        if summed:
            self.plan.summed[term] = tuple(summed)


def _absent(letter: str, body: Span, place: Span) -> IndexNotationError:
    return IndexNotationError(
        f"index {letter} does not occur in {' '.join(body.text.split())}",
        Mark(place),
        hint=f"to count, multiply by a vector of ones:  1_{letter}",
    )


def _incomparable(terms: list[tuple[Tree, Letters]]) -> list[tuple[Tree, Letters]]:
    """Two terms of which neither carries all the other's indices."""
    largest = max(terms, key=lambda term: len(term[1]))
    for other in terms:
        if not set(other[1]) <= set(largest[1]):
            return (
                [largest, other] if terms.index(largest) < terms.index(other) else [other, largest]
            )
    raise AssertionError("one term carries all indices")
