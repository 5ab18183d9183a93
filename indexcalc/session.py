"""A program that was read, and what every formula in it is read and printed with.

In: a syntax tree. Out: a `Session`, which turns texts into queries of this program.

>>> from indexcalc.errors import Source
>>> session = Session(parse_program(Source("f = x_i x_i")))
>>> session.query(session.parsed("∂f/∂x_j")).letters
('j',)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from indexcalc.collection import uncollected
from indexcalc.elaborate.elaborated import Elaborated, Query
from indexcalc.elaborate.program import elaborate, elaborate_query
from indexcalc.elaborate.vocabulary import ONE_ARGUMENT
from indexcalc.errors import EvaluationError, Source
from indexcalc.ir.environment import Environment
from indexcalc.notation.names import NameStyle
from indexcalc.presentation import name_style
from indexcalc.syntax import tree
from indexcalc.syntax.latex.detect import Notation, detect
from indexcalc.syntax.parser import parse_program, parse_query


class Session:
    """One program: its tree, what was elaborated, the style it is written in.

    `notation` is that of the texts to come: "text", "latex", or "auto". Raises a `FormulaError`
    that marks the place if the program cannot be read in one way.
    """

    @uncollected()
    def __init__(self, program: tree.Program, notation: Notation = "auto") -> None:
        self.elaborated: Elaborated = elaborate(program)
        self.notation: Notation = notation
        self.style: NameStyle = name_style(self.elaborated)

    @property
    def environment(self) -> Environment:
        """Definitions, functions and assumptions."""
        return self.elaborated.environment

    @property
    def source(self) -> Source:
        """The text of the program."""
        return self.elaborated.tree.span.source

    @property
    def is_latex(self) -> bool:
        """Whether the program is written in LaTeX."""
        return (detect(self.source.text) if self.notation == "auto" else self.notation) == "latex"

    def parsed(self, text: str) -> tree.Tree:
        """The tree of an expression, a definition or a claim in the names of the program."""
        return parse_query(
            Source(text, "query"),
            self.elaborated.symbols,
            notation=self.notation,
            arguments=self.arguments,
        )

    @uncollected()
    def query(self, part: tree.Tree, letters: Sequence[str] | None = None) -> Query:
        """What the tree means in this program."""
        return elaborate_query(self.elaborated, part, letters)

    @cached_property
    def arguments(self) -> Mapping[str, tuple[str, ...]]:
        """Tensors that a LaTeX text defines as `f(x) = …`, with their arguments."""
        if not self.is_latex:
            return {}
        from indexcalc.syntax.latex.arrange import arguments_of  # noqa: PLC0415 - of LaTeX alone

        return arguments_of(self.source)

    def with_functions(self, functions: Mapping[str, str]) -> Session:
        """The program in which abstract functions are the built-in ones of these names.

        Raises `EvaluationError` if there is no built-in function of such a name.
        """
        for name, builtin in functions.items():
            if builtin not in ONE_ARGUMENT:
                known = ", ".join(sorted(ONE_ARGUMENT))
                raise EvaluationError(
                    f"{name}={builtin!r}: there is no built-in function of that name",
                    hint=f"there are {known}",
                )
        lines = [f"{name}(z) = {builtin}(z)" for name, builtin in functions.items()]
        added = parse_program(Source("\n".join(lines), "functions")).statements
        program = self.elaborated.tree
        return Session(tree.Program(program.span, program.statements + added), self.notation)
