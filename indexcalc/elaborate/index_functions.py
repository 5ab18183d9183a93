"""Functions that use indices up: along an index (`softmax`, `norm`), or of a matrix (`inv`, `det`).

In: what occurs in the arguments. Out: what occurs in the call, with the indices that it uses up noted
for the reading; an `IndexNotationError` where it is not clear along which index it works.
"""

from __future__ import annotations

from collections.abc import Callable

from indexcalc.elaborate.both_readings import summed_and_outside
from indexcalc.elaborate.occurrences import Occurrences
from indexcalc.elaborate.vocabulary import KEEPS_INDEX
from indexcalc.errors import IndexNotationError, Mark
from indexcalc.syntax import tree
from indexcalc.syntax.tree import Tree

Letters = tuple[str, ...]
Used = dict[Tree, tuple[Letters, ...]]
IsFree = Callable[[str], bool]


def along_index(
    node: tree.Apply, name: str | None, argument: Occurrences, letters: Letters, used: Used
) -> Occurrences:
    """`softmax_i(θ_bi)`: along the named indices, which are bound in the argument."""
    used[node] = (letters,)
    for letter in letters:
        if name not in KEEPS_INDEX:
            del argument.open[letter]
        argument.repeated.pop(letter, None)
    return argument


def along(
    node: Tree, argument: Occurrences, used: Used, is_free: IsFree, *, name: str | None = "norm",
    every: bool = False,
) -> Occurrences:  # fmt: skip
    """`softmax(θ_i)`: along the one open index, or of a whole tensor if there is none."""
    if not argument.open:
        return argument
    letters = tuple(letter for letter in argument.open if not is_free(letter))
    keeps = name in KEEPS_INDEX
    if not letters and keeps and len(argument.open) == 1:
        letters = tuple(argument.open)
    if len(letters) != 1 and not (every and len(letters) == len(argument.open)):
        raise _no_single_index(node, argument, name)
    used[node] = (letters,)
    for letter in letters:
        if letter in argument.hidden:
            place = argument.open[letter].span
            raise summed_and_outside(letter, node, argument.hidden[letter], place, once=False)
        if not keeps:
            argument.hide(letter, node)
    return argument


def _no_single_index(node: Tree, argument: Occurrences, name: str | None) -> IndexNotationError:
    letters = ", ".join(argument.open)
    if isinstance(node, tree.Norm):
        hint = f"write  ‖{node.inner.span.text}‖_F  for the norm over all indices"
        return IndexNotationError(f"the norm is over one index, not {letters}", Mark(node.span),
                                  hint=hint)  # fmt: skip
    text = node.arguments[0].span.text if isinstance(node, tree.Apply) else node.span.text
    last = list(argument.open)[-1]
    sign = f"{name}_{last}" if len(last) == 1 else f"{name}_{{{last}}}"
    return IndexNotationError(
        f"{name} works along one index, but it is open which of {letters}"
        if len(argument.open) > 1
        else f"{name} works along an index, but {letters} is free here",
        Mark(node.span),
        hint=f"name the index:  {sign}({text})",
    )


def of_matrix(
    node: tree.Apply, arguments: list[Occurrences], used: Used, is_free: IsFree, *, bare: bool
) -> Occurrences:
    """`det(X_ki A_kl X_lj)`: the open indices, by appearance, are rows and columns."""
    letters = tuple(tuple(argument.open) for argument in arguments)
    if any(letters):
        used[node] = letters
    for own, argument, part in zip(letters, arguments, node.arguments, strict=True):
        for letter in own:
            if is_free(letter):
                raise IndexNotationError(
                    f"index {letter} is free, but {node.head.span.text} uses it up",
                    Mark(argument.open[letter].span),
                    Mark(node.span, "rows and columns of this matrix have no index outside"),
                    hint=f"put the index on the result:  {node.head.span.text}(A)_ij",
                )
        if len(own) > 2:
            raise IndexNotationError(
                f"{node.head.span.text} takes a matrix, not a tensor with the indices "
                + ", ".join(own),
                Mark(part.span),
            )
    total = _closed(arguments[0], node)
    for argument, part in zip(arguments[1:], node.arguments[1:], strict=True):
        total.add_factor(_closed(argument, node, total), node, part, bare=bare)
    return total


def _closed(
    argument: Occurrences, node: tree.Apply, before: Occurrences | None = None
) -> Occurrences:
    for letter in list(argument.open):
        if before is not None and letter in before.hidden and node in before.hidden[letter]:
            del argument.open[letter]  # solve(A_ij, b_i): the same letter in two arguments
        else:
            argument.hide(letter, node)
    return argument
