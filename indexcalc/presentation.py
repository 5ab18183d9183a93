"""How the program's own writing shows in results: letters, spellings, names of results.

In: a program that was read. Out: the `NameStyle` that printers follow, and a name for each result
of a compiled function.

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_query
>>> result_names([parse_query(Source("∂²λ/∂W_ij∂W_kl")), parse_query(Source("x_i y_i"))])
['d2λ_dW_dW', 'result']
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence

from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.elaborate.names import marked_name, refer
from indexcalc.elaborate.term import Contract, Letters, Named, postorder
from indexcalc.ir.extent import Extent
from indexcalc.notation.names import NameStyle
from indexcalc.syntax import tree


def name_style(elaborated: Elaborated) -> NameStyle:
    """The names of each statement as they stand there, and the letters that axes have."""
    statements: list[tuple[str, ...]] = []
    axes: dict[str, Letters] = {}
    letters: dict[Extent, list[str]] = {}
    extents = elaborated.table.extents
    roots = [(d.name, d.letters, d.term) for d in elaborated.definitions]
    roots += [("", q.letters, q.term) for q in elaborated.queries]
    for name, own, term in roots:
        parts = postorder(term)
        named = sorted((part.span.start, part.name) for part in parts if isinstance(part, Named))
        statements.append(tuple(dict.fromkeys([name, *(n for _, n in named)])))
        axes.setdefault(name, own)
        for part in parts:
            if isinstance(part, Contract):
                _note_letters(part, axes, letters, extents.solve)
    return NameStyle(
        statements=statements,
        axes=axes,
        letters=letters,
        taken=tuple(elaborated.symbols),
    )


def _note_letters(
    term: Contract,
    axes: dict[str, Letters],
    letters: dict[Extent, list[str]],
    solve: Callable[[Extent], Extent],
) -> None:
    """Remember with which letters a name and an extent are written, first use first."""
    for factor, own in zip(term.factors, term.letters, strict=True):
        if isinstance(factor, Named) and own and len(set(own)) == len(own) and _written(own):
            axes.setdefault(factor.name, own)
    for letter, (extent,) in term.extents.items():
        known = letters.setdefault(solve(extent), [])
        if letter not in known and _written([letter]):
            known.append(letter)


def _written(letters: Sequence[str]) -> bool:
    """Whether these are letters that a person wrote: matrix notation numbers its axes."""
    return all(letter[0].isalpha() for letter in letters)


def result_names(queries: Sequence[tree.Tree], known: Container[str] = ()) -> list[str]:
    """A name for each result: `λ`, `dλ_dW`, `d2λ_dW_dW`, or what stands on the left of `=`.

    Anything else is `result`; names that occur twice are numbered. `known` are the program's names
    (`W_out` is one name if it is among them).
    """
    found: list[str] = []
    for query in queries:
        name = _result_name(query, known)
        unique, number = name, 2
        while unique in found:
            unique, number = f"{name}_{number}", number + 1
        found.append(unique)
    return found


def _result_name(query: tree.Tree, known: Container[str]) -> str:
    if isinstance(query, tree.Definition):
        return _plain_name(query.target, known) or "result"
    value = query.value if isinstance(query, tree.Query) else query
    if not isinstance(value, tree.Derivative):
        return _plain_name(value, known) or "result"
    numerator = _plain_name(value.numerator, known) or ""
    variables = [_plain_name(variable, known) for variable in value.variables]
    order = str(len(variables)) if len(variables) > 1 else ""
    return f"d{order}{numerator}" + "".join(f"_d{name}" for name in variables)


def _plain_name(part: tree.Tree, known: Container[str]) -> str | None:
    """The canonical name without its indices, if the part is a name."""
    marked = marked_name(part)
    return None if marked is None else refer(marked, known, ()).name
