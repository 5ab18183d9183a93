"""`indexcalc derive`: queries with their derivatives worked out, in every notation.

In: a program and options. Out: a line for each query, `∂f/∂x_i = 2 x_i`, with the layout of its
axes as a remark; with `--steps` the derivation; with `--form all` every form that there is.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence

from indexcalc.api import Program
from indexcalc.cli import paint
from indexcalc.cli.lines import Row, broken, columns, laid_out, with_remark
from indexcalc.cli.source import asked_of
from indexcalc.cli.terminal import Terminal, terminal
from indexcalc.errors import FormulaError
from indexcalc.formula import FORMS as TEXT_FORMS
from indexcalc.formula import Formula

FORMS = (*TEXT_FORMS, "latex", "all")
REMARK = "  # "


def run(program: Program, options: argparse.Namespace) -> int:
    """Print the queries in one form, or in all."""
    alone = options.explain and not options.query and not program.queries
    queries = [] if alone else asked_of(program, options.query)
    formulas = [(" ".join(query.split()), program[query]) for query in queries]
    shown = terminal(sys.stdout)
    blocks: list[Sequence[str]] = []
    if options.explain:
        blocks.append([_painted(line, shown) for line in program.explain().split("\n")])
    if options.steps:
        blocks += [_derivation(formula, options.form, shown) for _, formula in formulas]
    elif options.form == "all":
        blocks += [_every_form(text, formula, options.layout, shown) for text, formula in formulas]
    elif options.form == "latex":
        blocks.append([formula.to_latex() for _, formula in formulas])
    elif formulas:
        rows = [_row(text, formula, options.form, options.layout) for text, formula in formulas]
        blocks.append(_lines(laid_out(rows, shown.width), shown))
    print("\n\n".join("\n".join(block) for block in blocks))
    return 0


def _row(text: str, formula: Formula, form: str, layout: str) -> Row:
    written = {
        "index": formula.to_index,
        "matrix": lambda: formula.to_matrix(layout),
        "vec": formula.to_vec,
    }[form]()
    return Row(text, written, formula.layout(form, layout))


def _every_form(text: str, formula: Formula, layout: str, shown: Terminal) -> list[str]:
    """A query above its forms; a form that it has not says why."""
    rows = []
    for form in TEXT_FORMS:
        try:
            row = _row(f"  {form}", formula, form, layout)
        except FormulaError as error:
            row = Row(f"  {form}", "", error.message)
        rows.append(row)
    latex = formula.to_latex().split("\n")
    rows.append(Row("  latex", "\n".join(latex)))
    head = paint.coloured(text, paint.BOLD) if shown.colours else text
    lines = laid_out(rows[:-1], shown.width, "  ")
    last = laid_out(rows, None, "  ")[-len(latex) :]
    return [head, *_lines(lines, shown), *last]


def _derivation(formula: Formula, form: str, shown: Terminal) -> list[str]:
    """The steps; a line that is too long goes on below its right side."""
    if form == "latex":
        return formula.steps().to_latex().split("\n")
    steps = str(formula.steps("matrix" if form == "matrix" else "index"))
    return _lines((part for line in steps.split("\n") for part in _fitted(line, shown)), shown)


def _fitted(line: str, shown: Terminal) -> list[str]:
    width = shown.width
    if width is None or columns(line) <= width:
        return [line]
    body, _, remark = line.partition(REMARK)
    left, equals, right = body.rstrip().partition(" = ")
    lines = laid_out([Row(left, right)], width, equals) if equals else broken(left, width)
    return with_remark(lines, remark, width, (0, "  ", " " * columns(left + equals)))


def _lines(lines: Iterable[str], shown: Terminal) -> list[str]:
    return [_painted(line, shown) for line in lines]


def _painted(line: str, shown: Terminal) -> str:
    return paint.formula(line) if shown.colours else line
