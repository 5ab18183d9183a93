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
from typing import assert_never

from indexcalc.elaborate.elaborated import Definition, Elaborated, Query
from indexcalc.elaborate.names import marked_name, refer
from indexcalc.elaborate.term import Contract, Letters, Named, postorder
from indexcalc.errors import FormulaError
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Node
from indexcalc.notation.latex import formula_latex, to_latex
from indexcalc.notation.latex_names import function_name, named
from indexcalc.notation.names import NameStyle
from indexcalc.notation.operation import size_formula
from indexcalc.notation.spelling import Spelling
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
        rows=frozenset(name for name, symbol in elaborated.symbols.items() if symbol.row),
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


# --- LaTeX of statements ------------------------------------------------------------------------


def statement_rows(
    elaborated: Elaborated, style: NameStyle, displayed: Callable[[Node], Node]
) -> list[str]:
    """Each declaration, definition, assumption and query in LaTeX, in source order.

    `displayed` works out derivatives. Claims are not judged here, and have no row.
    """
    answers: dict[int, Definition | Query] = {id(d.tree): d for d in elaborated.definitions}
    answers |= {id(query.tree): query for query in elaborated.queries}
    facts = iter(zip(elaborated.assumptions, elaborated.environment.assumptions, strict=True))
    rows: list[str] = []
    for statement in elaborated.tree.statements:
        match statement:
            case tree.Declaration(names=names):
                rows += [_declaration_row(elaborated, declared.name) for declared in names]
            case tree.FunctionDefinition(name=name):
                rows.append(_function_row(elaborated, style, name))
            case tree.Assumption():
                assumption, (left, right) = next(facts)
                shown = to_latex(displayed(left), assumption.letters, style)
                rows.append(to_latex(displayed(right), assumption.letters, style, shown))
            case tree.Definition() | tree.Query():
                rows.append(_row(answers[id(statement)], style, displayed))
            case _:
                pass
    return rows


def asked(query: Query) -> str:
    """The query itself in LaTeX, if it is a name or a derivative of names; else empty."""
    part = query.tree.value if isinstance(query.tree, tree.Query) else query.tree
    if isinstance(part, tree.Definition):
        part = part.target
    if not isinstance(part, tree.Derivative):
        return _name_latex(part, query.symbols)
    names = [_name_latex(name, query.symbols) for name in (part.numerator, *part.variables)]
    if not all(names):
        return ""
    order = f"^{len(names) - 1}" if len(names) > 2 else ""
    below = r"\, ".join(rf"\partial {name}" for name in names[1:])
    return rf"\frac{{\partial{order} {names[0]}}}{{{below}}}"


def shown_in_notebook(plain: str, latex: Callable[[], str]) -> dict[str, str]:
    """Text, and LaTeX if there is any (a name of the program may hide what it needs)."""
    try:
        return {"text/plain": plain, "text/latex": latex()}
    except FormulaError:
        return {"text/plain": plain}


def _name_latex(part: tree.Tree, known: Container[str]) -> str:
    marked = marked_name(part)
    if marked is None:
        return ""
    reference = refer(marked, known, ())
    return named(reference.name, reference.letters)


def _row(statement: Definition | Query, style: NameStyle, displayed: Callable[[Node], Node]) -> str:
    letters = statement.letters
    match statement:
        case Definition(name=name, node=node):
            return to_latex(displayed(node), letters, style, named(name, letters))
        case Query(node=node):
            return to_latex(displayed(node), letters, style, asked(statement))
        case _:
            assert_never(statement)


def _declaration_row(elaborated: Elaborated, part: tree.Tree) -> str:
    name = _plain_name(part, elaborated.symbols) or ""
    sizes = [
        formula_latex(size_formula(extent), Spelling(NameStyle()))
        for extent in elaborated.symbols[name].shape or ()
    ]
    power = "^{" + r" \times ".join(sizes) + "}" if sizes else ""
    return rf"{named(name)} \in \mathbb{{R}}{power}"


def _function_row(elaborated: Elaborated, style: NameStyle, part: tree.Tree) -> str:
    formula = elaborated.environment.functions[_plain_name(part, elaborated.symbols) or ""]
    parameters = ", ".join(named(variable.name) for variable in formula.parameters)
    return to_latex(formula.body, (), style, f"{function_name(formula.name)}({parameters})")
