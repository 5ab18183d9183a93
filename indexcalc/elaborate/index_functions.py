"""Functions that use indices up: along an index (`softmax`), or of a matrix (`inv`, `det`).

In: what occurs in the arguments. Out: what occurs in the call, with the indices that it uses up
noted for the reading; an `IndexNotationError` where it is not clear along which index it works.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from indexcalc.elaborate.both_readings import Setting, free_and_summed, subscript
from indexcalc.elaborate.occurrences import Occurrences
from indexcalc.elaborate.term import Letters
from indexcalc.elaborate.vocabulary import KEEPS_INDEX
from indexcalc.errors import IndexNotationError, Mark
from indexcalc.syntax import tree


@dataclass(frozen=True, slots=True)
class IndexFunctions:
    """Notes in `used` which indices each call uses up or works along, for each argument."""

    used: dict[tree.Tree, tuple[Letters, ...]]
    is_free: Callable[[str], bool]
    setting: Setting

    def along_named(
        self, node: tree.Apply, name: str, argument: Occurrences, letters: Letters
    ) -> Occurrences:
        """`softmax_i(θ_bi)`: along the named indices, which are bound in the argument."""
        self.used[node] = (letters,)
        for letter in letters:
            if letter not in argument.open:
                raise absent(letter, node.arguments[0], node)
            if name not in KEEPS_INDEX:
                del argument.open[letter]
            argument.repeated.pop(letter, None)
        return argument

    def along(self, node: tree.Apply | tree.Norm, name: str, argument: Occurrences) -> Occurrences:
        """`softmax(θ_i)`: along the one open index, or of a whole tensor if there is none."""
        if not argument.open:
            return argument
        letters = tuple(letter for letter in argument.open if not self.is_free(letter))
        keeps = name in KEEPS_INDEX
        if not letters and keeps and len(argument.open) == 1:
            letters = tuple(argument.open)
        over_all = isinstance(node, tree.Norm) and node.kind == "F" and len(letters) == 2
        if len(letters) != 1 and not over_all:
            raise _no_single_index(node, argument, name)
        self.used[node] = (letters,)
        for letter in letters:
            if letter in argument.hidden:
                place = argument.open[letter].span
                raise free_and_summed(letter, self.setting, argument.hidden[letter][0], place)
            if not keeps:
                argument.hide(letter, node)
        return argument

    def of_matrix(self, node: tree.Apply, arguments: list[Occurrences]) -> Occurrences:
        """`det(X_ki A_kl X_lj)`: the open indices, by appearance, are rows and columns."""
        letters = tuple(tuple(argument.open) for argument in arguments)
        if any(letters):
            self.used[node] = letters
        for own, argument, part in zip(letters, arguments, node.arguments, strict=True):
            free = next((letter for letter in own if self.is_free(letter)), None)
            if free is not None:
                raise _free_in_matrix(free, node, Mark(argument.open[free].span))
            if len(own) > 2:
                raise IndexNotationError(
                    f"{node.head.span.text} takes a matrix, not a tensor with the indices "
                    + ", ".join(own),
                    Mark(part.span),
                )
        total = _closed(arguments[0], node)
        for argument, part in zip(arguments[1:], node.arguments[1:], strict=True):
            total.add_factor(_closed(argument, node, total), node, part, self.setting)
        return total


def absent(letter: str, body: tree.Tree, node: tree.Tree) -> IndexNotationError:
    """The error for `sum_i` over something that has no `i`."""
    hint = f"to count, multiply by a vector of ones:  1_{subscript(letter)}"
    kind = node.kind if isinstance(node, tree.Reduction) else ""
    if kind in {"max", "min"}:
        hint = f"{kind}_{subscript(letter)} goes over an index; an optimum over a variable is not "
        hint += "in the language"
    return IndexNotationError(
        f"index {letter} does not occur in {' '.join(body.span.text.split())}",
        Mark(node.span),
        hint=hint,
    )


def _no_single_index(
    node: tree.Apply | tree.Norm, argument: Occurrences, name: str
) -> IndexNotationError:
    letters = ", ".join(argument.open)
    if isinstance(node, tree.Norm) and len(argument.open) == 1:
        text = node.inner.span.text
        return IndexNotationError(
            f"a norm works along an index, but {letters} is free or summed outside",
            Mark(node.span),
            hint=f"write  abs({text})  for a component; a norm of rows needs a second index",
        )
    if isinstance(node, tree.Norm):
        return IndexNotationError(
            f"this norm is over one index, but {letters} are open",
            Mark(node.span),
            hint=f"write  ‖{node.inner.span.text}‖_F  for the norm over both of two indices",
        )
    last = subscript(list(argument.open)[-1])
    return IndexNotationError(
        f"{name} works along one index; nothing says which of {letters}"
        if len(argument.open) > 1
        else f"{name} works along an index, but {letters} is free here",
        Mark(node.span),
        hint=f"name the index:  {name}_{last}({node.arguments[0].span.text})",
    )


def _free_in_matrix(letter: str, node: tree.Apply, place: Mark) -> IndexNotationError:
    name = node.head.span.text
    return IndexNotationError(
        f"index {letter} is free, but {name} uses it up: rows and columns of its argument have no "
        "index outside",
        place,
        hint=f"put indices on the result, as in  {name}(A)_ij,  and use other letters inside",
    )


def _closed(
    argument: Occurrences, node: tree.Apply, before: Occurrences | None = None
) -> Occurrences:
    for letter in list(argument.open):
        if before is not None and node in before.hidden.get(letter, ()):
            del argument.open[letter]  # solve(A_ij, b_i): the same letter in two arguments
        else:
            argument.hide(letter, node)
    return argument
