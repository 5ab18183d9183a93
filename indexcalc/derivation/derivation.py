r"""A derivation: its steps, and how they are laid out on a page.

In: steps. Out: an aligned block of text, or LaTeX. The left side of a chain stands on its first
line only; definitions have their differentials beside them.

>>> from indexcalc.derivation.step import Equation, Spelled, Step, words
>>> def same(text): return Spelled(text, text)
>>> chain = [Step(Equation(same("df"), same(right)), words(reason))
...          for right, reason in [("2 u du", "differential"), ("4 x u dx", "substitute du")]]
>>> first = Step(Equation(same("du"), same("2 x dx")), same(""), Equation(same("u"), same("x^2")))
>>> print(Derivation((Section(same("x varies"), (first, *chain)),)))
x varies
u  = x^2  ⟹  du = 2 x dx
df = 2 u du    # differential
   = 4 x u dx  # substitute du
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import overload
from unicodedata import combining

from indexcalc.derivation.step import DEFINITION, IMPLIES, Equation, Spelled, Step

WIDEST = 72  # a line that is longer is not what others are aligned to


@dataclass(frozen=True, slots=True)
class Section:
    """Steps in which one variable moves; `heading` says which, and what is held fixed."""

    heading: Spelled | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Derivation(Sequence[Step]):
    """The steps in order; as text, as LaTeX, or one by one."""

    sections: tuple[Section, ...]

    def __len__(self) -> int:
        """The number of steps."""
        return sum(len(section.steps) for section in self.sections)

    def __iter__(self) -> Iterator[Step]:
        """The steps in order."""
        return chain.from_iterable(section.steps for section in self.sections)

    @overload
    def __getitem__(self, index: int) -> Step: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Step, ...]: ...
    def __getitem__(self, index: int | slice) -> Step | tuple[Step, ...]:
        """One step, or some of them."""
        return tuple(self)[index]

    def __str__(self) -> str:
        """An aligned block of text."""
        return "\n".join(chain.from_iterable(map(_text_lines, self.sections)))

    def __repr__(self) -> str:
        """The block: what a person wants to see who asks for the steps."""
        return str(self)

    def to_latex(self) -> str:
        r"""The block as an `aligned` environment, for math mode."""
        rows = chain.from_iterable(map(_latex_rows, self.sections))
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        """The block, for notebooks."""
        return f"$\\displaystyle {self.to_latex()}$"


# --- text ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Row:
    """A printed line: a left side or nothing, a right side, and what stands beside them."""

    left: str
    right: str
    beside: str

    @property
    def is_definition(self) -> bool:
        """Whether a differential stands beside a definition."""
        return self.beside.startswith(IMPLIES)


def _text_lines(section: Section) -> Iterator[str]:
    if section.heading:
        yield section.heading.text
    rows = list(_rows(section.steps))
    first = max((_width(row.left) for row in rows), default=0)
    second = {kind: _second_column(rows, kind, WIDEST - first) for kind in (True, False)}
    for row, step in zip(rows, section.steps, strict=True):
        equation = f"{_padded(row.left, first)} = {row.right}"
        column = first + 3 + second[row.is_definition]
        yield f"{_padded(equation, column)}  {row.beside}" if row.beside else equation
        yield from (f"{' ' * first}   where {line}" for line in step.where)


def _second_column(rows: Sequence[_Row], definitions: bool, most: int) -> int:
    """How wide the right sides are that have something beside them."""
    kind = [row for row in rows if row.beside and row.is_definition is definitions]
    return max((width for row in kind if (width := _width(row.right)) <= most), default=0)


def _rows(steps: Sequence[Step]) -> Iterator[_Row]:
    before = ""
    inner = max((_width(step.equation.left.text) for step in steps if step.premise), default=0)
    for step in steps:
        shown = step.premise or step.equation
        left = "" if shown.left.text == before else shown.left.text
        before = shown.left.text
        beside = "" if step.because is DEFINITION else f"# {step.reason}"
        if step.premise:
            implied = f"{_padded(step.equation.left.text, inner)} = {step.equation.right.text}"
            beside = f"{IMPLIES}  {implied}"
        yield _Row(left, shown.right.text, beside)


def _width(text: str) -> int:
    return sum(not combining(character) for character in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


# --- LaTeX --------------------------------------------------------------------------------------


def _latex_rows(section: Section) -> Iterator[str]:
    if section.heading:
        yield f"& {section.heading.latex}"
    before = ""
    for step in section.steps:
        shown = step.premise or step.equation
        left = "" if shown.left.latex == before else shown.left.latex
        before = shown.left.latex
        row = f"{left} &= {shown.right.latex}".lstrip()
        if step.premise:
            row += rf" && \implies & {step.equation.left.latex} &= {step.equation.right.latex}"
        elif step.because is not DEFINITION:
            row += f" && {step.because.latex}"
        yield row
        equations = (*(step.premise.where if step.premise else ()), *step.equation.where)
        yield from (_latex_where(line) for line in equations)


def _latex_where(line: Equation) -> str:
    return rf"& \quad \text{{where }} {line.latex}"
