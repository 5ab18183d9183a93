"""One expression of a program, from its tree to its value.

In: a tree, the symbol table, the free indices of a left-hand side (None without any). Out: a value,
with its letters in order. The steps: calls are told from products, indices are planned, the tree is
read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indexcalc.elaborate.calls import separate
from indexcalc.elaborate.functions import FunctionTable
from indexcalc.elaborate.indexed import align, distinct, extents_of
from indexcalc.elaborate.mixing import LETTERS
from indexcalc.elaborate.names import canonical, is_plain_letter, marked_name
from indexcalc.elaborate.reading import Reader
from indexcalc.elaborate.summation import plan_indices
from indexcalc.elaborate.symbols import SymbolTable
from indexcalc.elaborate.term import Letters, Value
from indexcalc.elaborate.uses import Known, everything_in, is_transposition, letters_in, uses_in
from indexcalc.elaborate.vocabulary import CONSTANTS
from indexcalc.errors import IndexNotationError, LimitError, Mark, Span
from indexcalc.ir.extent import Extent
from indexcalc.syntax import tree
from indexcalc.syntax.latex.detect import detect
from indexcalc.syntax.tree import ProductOperator, Tree

MOST_AXES = 32  # as many as every version of NumPy has


@dataclass(slots=True)
class ExpressionReader:
    """Reads expressions with the names of one program."""

    table: SymbolTable
    functions: FunctionTable

    def read(
        self,
        root: Tree,
        free: Sequence[str] | None = None,
        target: str = "",
        parameters: Mapping[str, Value] | None = None,
    ) -> Value:
        """The value of an expression; with free indices, in their order as far as it has them.

        `target` is the left-hand side, for errors; `parameters` are those of a function.
        """
        check_upper_indices(root, self.table.known, parameters or {}, free or ())
        names = parameters or {}

        def is_call(call: tree.Apply) -> bool:
            return uses_in(call.head, self.table.known)[0].name not in names and (
                self.table.is_call(call)
            )

        separated = separate(root, is_call)
        plan = plan_indices(separated, self.table, free, target)
        value = Reader(self.table, self.functions, plan, names).read(separated)
        if len(value.shape) > MOST_AXES:
            raise LimitError(
                f"the result has {len(value.shape)} axes; the limit is {MOST_AXES}",
                Mark(root.span),
                hint="contract it with the tensors that it meets, in the same expression",
            )
        if value.letters is None:
            return value
        value = distinct(value, self.table.extents)
        return self.in_order(value, plan.free)

    def in_order(self, value: Value, free: Letters) -> Value:
        """The value with its axes in the order of `free`, without those it lacks."""
        own = value.letters or ()
        letters = tuple(letter for letter in free if letter in own)
        return align(value, letters, extents_of([value], self.table.extents))

    def spread(
        self, value: Value, letters: Letters, extents: Mapping[str, Extent], place: Span
    ) -> Value:
        """The value with exactly the axes of a left-hand side."""
        if value.letters is None:
            raise _has_no_indices(value, letters, place)
        table = self.table.extents
        for letter, extent in zip(value.letters, value.shape, strict=True):
            table.unify(extents[letter], extent, place, value.term.span, f"index {letter}")
        return align(value, letters, {letter: extents[letter] for letter in letters})


def _has_no_indices(value: Value, letters: Letters, place: Span) -> IndexNotationError:
    text = " ".join(value.term.span.text.split())
    name = place.text.split("_")[0]
    own, others = letters[: len(value.shape)], letters[len(value.shape) :]
    indexed = " ".join([f"({text})_{''.join(own)}", *(f"1_{letter}" for letter in others)])
    with_indices = f"{place.text} = {indexed}\nor  " if len(value.shape) <= len(letters) else ""
    return IndexNotationError(
        "the left-hand side has indices, the right-hand side has none",
        Mark(place, f"index {', '.join(letters)}"),
        Mark(value.term.span, "no index"),
        hint=f"write  {with_indices}{name} = {text}",
    )


def check_upper_indices(
    root: Tree, known: Known, parameters: Mapping[str, Value], free: Sequence[str]
) -> None:
    """Refuse `T^i_j`: `^` is a power, and upper and lower indices do not differ.

    An exponent of one letter that nobody declared is taken for an index if it is one elsewhere, or
    if it carries an index itself and the base has none.
    """
    used: set[str] | None = None
    for node in everything_in(root):
        base = node.base if isinstance(node, tree.Subscripted) else node
        if not isinstance(base, tree.Power):
            continue
        names = [name for name in _upper_letters(base, known) if name not in known]
        if not names or any(name in parameters for name in names):
            continue
        marked = marked_name(base.base)
        bare_base = marked is not None and not marked.subscripts
        if base is not node and bare_base:  # `T^i_j` as LaTeX reads it
            raise _upper_index(node, base, names)
        exponent = marked_name(base.exponent)
        own = exponent is not None and bool(exponent.subscripts)
        if own and bare_base and _is_exponential(base, known):
            continue
        used = {*letters_in(root), *free} if used is None else used
        if used.intersection(names) or (own and bare_base):
            raise _upper_index(node, base, names)


def _upper_letters(power: tree.Power, known: Known) -> list[str]:
    """The letters of an exponent that could be indices: `i`, or `i j` without an operator."""
    exponent = power.exponent
    if is_transposition(exponent, known):
        return []
    parts: tuple[Tree, ...] = (exponent,)
    if isinstance(exponent, tree.Product):
        plain = set(exponent.operators) == {ProductOperator.JUXTAPOSED}
        parts = exponent.factors if plain else ()
    marked = [marked_name(part) for part in parts]
    names = [canonical(name.text) for name in marked if name is not None]
    return names if len(names) == len(parts) and all(map(is_plain_letter, names)) else []


def _is_exponential(power: tree.Power, known: Known) -> bool:
    """`e^{z_i}`, or an exponent in braces: `a^{z_i}`; nobody writes `T^i_j` so."""
    base = marked_name(power.base)
    before = power.span.source.text[power.base.span.end : power.exponent.span.start]
    is_e = base is not None and canonical(base.text) in CONSTANTS and not base.labels
    return "{" in before or (is_e and base is not None and canonical(base.text) not in known)


def _upper_index(node: Tree, power: tree.Power, names: Sequence[str]) -> IndexNotationError:
    base = power.base.span.text
    shape = "n" if "_" in power.exponent.span.text else ""
    letters = "".join(names)
    for part in (power.exponent, node):
        if isinstance(part, tree.Subscripted):
            letters += "".join(item for subscript in part.subscripts for item in subscript.items)
    latex = detect(node.span.source.text) == "latex" and len(letters) > 1
    letters = f"{{{letters}}}" if latex else letters
    return IndexNotationError(
        f"{node.span.text} has an upper index; ^ is a power",
        Mark(node.span),
        hint=f"write all indices below:  {base}{'' if '_' in base else '_'}{letters}\n"
        f"(if {names[0]} is a variable, declare it:  {names[0]}[{shape}])",
    )


def plain_letters(rank: int, taken: Sequence[str] = ()) -> Letters:
    """Letters for the axes of a tensor that was written without any.

    >>> plain_letters(2), plain_letters(10)[-2:]
    (('i', 'j'), ('i1', 'j1'))
    """
    found: list[str] = []
    round_ = 0
    while len(found) < rank:
        names = (f"{letter}{round_ or ''}" for letter in LETTERS)
        found += [name for name in names if name not in taken]
        round_ += 1
    return tuple(found[:rank])
