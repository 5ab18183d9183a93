"""Where index notation and matrix notation meet, and where they cannot.

In: values that are joined. Out: nothing, or an error that names the two bridges: an index on a
tensor-valued thing, a left-hand side with indices.
"""

from __future__ import annotations

from collections.abc import Sequence

from indexcalc.elaborate.term import Value
from indexcalc.errors import IndexNotationError, Mark, Span, counted

LETTERS = "ijklpqrs"


def matrices_among(values: Sequence[Value]) -> bool:
    """Whether some value is a tensor without indices."""
    return any(value.letters is None and value.shape for value in values)


def refuse_mixture(values: Sequence[Value]) -> None:
    """Raise `IndexNotationError` if some value has open indices and another needs some."""
    bare = next((value for value in values if value.letters is None and value.shape), None)
    lettered = next((value for value in values if value.letters and value.shape), None)
    if bare is None or lettered is None:
        return
    letters = tuple(dict.fromkeys(lettered.letters or ()))
    raise mixture(lettered.term.span, letters, bare.term.span, len(bare.shape))


def mixture(lettered: Span, letters: tuple[str, ...], bare: Span, rank: int) -> IndexNotationError:
    """The error for a tensor with open indices next to one of `rank` axes without any."""
    return IndexNotationError(
        f"{lettered.text} has indices and {bare.text} has none: they cannot be joined",
        Mark(lettered, f"index {', '.join(letters)}"),
        Mark(bare, f"{counted(rank, 'axis', 'axes')}, no index"),
        hint=f"put indices on it, as in  {bare.text}_{LETTERS[:rank]}  or  (W^T x)_i,\n"
        "or define a tensor by its components first, as in  a_i = …",
    )


def as_matrix(value: Value, what: str) -> Value:
    """The value, if it is in matrix notation; `IndexNotationError` if it has open indices."""
    if not value.letters or not value.shape:
        return value
    text = value.term.span.text
    raise IndexNotationError(
        f"{text} is a component and has no {what}",
        Mark(value.term.span),
        hint="exchange the indices for a transpose, as in  W_ji;  write  inv(A)_ij  for a "
        "component of the inverse",
    )
