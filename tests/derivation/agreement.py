"""Every line of a derivation, evaluated on both sides.

In: a program, a query, and what the steps say. Out: nothing, or an `AssertionError` that names the
line. What a differential stands for is found without the package's differentiation: a definition is
evaluated by the oracle a little to both sides of the point.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import indexcalc as ic
from indexcalc.derivation.derivation import Derivation
from indexcalc.derivation.step import Equation, Step
from indexcalc.derivation.steps import derive
from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.errors import Source
from indexcalc.interpret import interpret
from indexcalc.ir.environment import Environment
from indexcalc.ir.node import Variable
from indexcalc.pipeline import worked_out
from indexcalc.session import Session
from indexcalc.syntax.parser import parse_program, parse_query

Array = Any
Values = dict[str, Array]
NAME = re.compile(r"[^\W\d_][^\W_]*(?:[̀-ͯ]|_[a-z]{2,}\d*(?=\b))*")
TOLERANCE = 1e-6
SIZES = (2, 3, 4, 5, 1, 6, 7)


def steps(program: str, query: str, form: str = "index") -> Derivation:
    session = Session(parse_program(Source(program)))
    return derive(session.query(session.parsed(query)), session.style, form)


def assert_true(
    program: str,
    query: str,
    form: str = "index",
    *,
    prepare: Callable[[Values], None] = lambda values: None,
    functions: str = "",
    sizes: Mapping[str, int] | None = None,
    latex: bool = False,
) -> Derivation:
    """The derivation, every line of which has been evaluated; `functions` defines abstract ones.

    With `latex` the right sides are read from LaTeX as well.
    """
    made = steps(program, query, form)
    scene = _Scene(f"{program}\n{functions}", made, form, prepare, sizes or {})
    scene.reads_latex = latex
    for section in made.sections:
        if section.heading is not None:
            scene.start(section.heading.text)
        for step in section.steps:
            scene.judge(step)
    return made


class _Scene:
    """Values of all names at a random point, and how they move."""

    def __init__(
        self,
        program: str,
        made: Derivation,
        form: str,
        prepare: Callable[[Values], None],
        sizes: Mapping[str, int],
    ) -> None:
        self.form = form
        self.rng = np.random.default_rng(0)
        known = set(ic.Program(program).variables)
        # as it explains itself, every shape is declared
        self.text = ic.Program("\n".join([program, *_new_definitions(made, known)])).explain()
        self.session = Session(parse_program(Source(self.text)))
        self.elaborated: Elaborated = self.session.elaborated
        self.environment: Environment = self.elaborated.environment
        names = sorted(
            {
                name
                for symbol in self.elaborated.symbols.values()
                for extent in symbol.shape or ()
                for name in extent.names
            }
        )
        self.sizes = {name: SIZES[k % len(SIZES)] for k, name in enumerate(names)} | dict(sizes)
        self.inputs: Values = {
            symbol.name: self.value(symbol.name)
            for symbol in self.elaborated.symbols.values()
            if symbol.role == "input"
        }
        prepare(self.inputs)
        self.moves: Values = {}
        self.declared = ""
        self.moving = self.session  # with the differentials
        self.reads_latex = False

    def value(self, name: str) -> Array:
        symbol = self.elaborated.symbols[name]
        shape = tuple(extent.evaluate(self.sizes) for extent in symbol.shape or ())
        value = self.rng.uniform(0.4, 1.3, shape)
        if len(shape) == 2 and shape[0] == shape[1]:
            value = value + 2 * np.eye(shape[0])
        return directed(value, symbol.traits)

    # --- what moves ------------------------------------------------------------------------------

    def start(self, heading: str) -> None:
        """A random direction of the variable that varies, and those that follow from it."""
        by = heading.partition(" ")[0]
        sign = "Δ" if f"Δ{by} " in heading else "d"
        symbols = self.elaborated.symbols
        definitions = {v: body for v, body in self.environment.definitions.items() if v.name != by}
        environment = Environment(definitions, self.environment.functions)
        at = {**self.inputs, by: self.evaluate(by, self.environment, self.inputs)}
        direction = self.value(by) - 0.7
        direction = directed(direction, symbols[by].traits)
        self.moves = {f"{sign}{by}": direction}
        for variable in definitions:
            self.moves[f"d{variable.name}"] = self.slope(variable, environment, at, by, direction)
        self.declared = "\n".join(
            f"{name}[{', '.join(map(str, symbols[name[1:]].shape or ()))}]"
            for name in self.moves
            if name not in symbols
        )
        self.moving = Session(parse_program(Source(f"{self.text}\n{self.declared}")))

    def slope(
        self, variable: Variable, environment: Environment, at: Values, by: str, direction: Array
    ) -> Array:
        """Differences to both sides, extrapolated to none."""

        def difference(step: float) -> Array:
            sides = [
                self.evaluate(variable.name, environment, {**at, by: at[by] + s * step * direction})
                for s in (1, -1)
            ]
            return (sides[0] - sides[1]) / (2 * step)

        return (4 * difference(1e-4) - difference(2e-4)) / 3

    def evaluate(self, name: str, environment: Environment, values: Values) -> Array:
        if name in values:
            return np.asarray(values[name])
        symbol = self.elaborated.symbols[name]
        found = next(v for v in environment.definitions if v.name == symbol.name)
        (node,) = worked_out([found], environment)
        return interpret(node, values, self.sizes, environment=environment)

    # --- lines ---------------------------------------------------------------------------------

    def judge(self, step: Step) -> None:
        for equation in (step.premise, step.equation):
            if equation is not None:
                self.equal(equation, step)

    def equal(self, equation: Equation, step: Step) -> None:
        left = self.left(equation.left.text)
        right = self.right(equation)
        assert left.shape == right.shape, f"{step}: {left.shape} and {right.shape}"
        scale = max(1.0, float(np.max(np.abs(left), initial=0.0)))
        gap = float(np.max(np.abs(left - right), initial=0.0))
        assert gap <= TOLERANCE * scale, f"{step} is wrong by {gap}\n{left}\n{right}"

        if self.reads_latex and not equation.where and equation.right.text != "0":
            read = self.from_latex(equation)
            assert read is None or np.allclose(read, right, atol=1e-9 * scale), step.latex

    def from_latex(self, equation: Equation) -> Array | None:
        """The value of the right side as LaTeX says it; None if only the left side tells sizes."""
        session = self.moving
        names = session.elaborated.symbols
        letters = self.letters(equation.left.text)
        result = r"\mathrm{result}" + (f"_{{{','.join(letters)}}}" if letters else "")
        source = Source(f"{result} = {equation.right.latex}")
        try:
            query = session.query(parse_query(source, names, notation="latex"))
        except ic.ShapeError as error:
            if "nothing determines" not in error.message:
                raise
            return None
        (node,) = worked_out([query.node], query.environment)
        values = {**self.inputs, **self.moves}
        return interpret(node, values, self.sizes, environment=query.environment)

    def letters(self, left: str) -> list[str]:
        """The indices on a left side, in order."""
        if self.form == "index" and not left.startswith(("d", "Δ", "∂")):
            return list(self.session.query(self.session.parsed(left)).letters)
        return _letters(left)

    def left(self, text: str) -> Array:
        whole = next((move for move in self.moves if text.startswith(move)), None)
        if whole is not None and re.fullmatch(re.escape(whole) + r"(_\S+)?", text):
            return np.asarray(self.moves[whole])
        if text.startswith("vec(d"):
            return np.asarray(self.moves[text[4:-1]]).T.ravel()
        return self.query(self.session, text, {})

    def right(self, equation: Equation) -> Array:
        where = [line.text for line in equation.where]
        text = "\n".join([self.text, self.declared, *where])
        try:
            program = Session(parse_program(Source(text))) if where else self.moving
        except ic.ShapeError as error:  # of t1_ij = 1_i alone, whose size only its use tells
            if not where or "nothing determines" not in error.message:
                raise
            return self.left(equation.left.text)
        if equation.right.text == "0":
            return np.zeros(self.left(equation.left.text).shape)
        left = equation.left.text
        letters = self.letters(left)
        result = "result" + (f"_{{{','.join(letters)}}}" if letters else "")
        try:
            return self.query(program, f"{result} = {equation.right.text}", self.moves)
        except ic.ShapeError:  # of δ_ij alone, whose size the left side tells
            return self.query(program, f"{result} = {equation.right.text} + 0 ({left})", self.moves)

    def query(self, session: Session, text: str, moves: Values) -> Array:
        query = session.query(session.parsed(text))
        (node,) = worked_out([query.node], query.environment)
        return interpret(node, {**self.inputs, **moves}, self.sizes, environment=query.environment)


def directed(value: Array, traits: frozenset[str]) -> Array:
    if traits & {"symmetric", "spd"}:
        return (value + value.T) / 2
    if "diagonal" in traits:
        return np.diag(np.diag(value))
    return value


def _new_definitions(made: Derivation, known: set[str]) -> list[str]:
    """Definitions in the derivation of names that the program does not have."""
    lines = []
    for step in made:
        equation = step.premise or step.equation
        name = equation.left.text.partition("_")[0]
        fresh = name not in known and not name.startswith(("∂", "d", "Δ", "vec"))
        if fresh and " " not in equation.left.text:
            known.add(name)
            lines.append(equation.text)
    return lines


def _letters(left: str) -> list[str]:
    """The indices on a left side, in order."""
    if left.startswith("∂") or " " not in left:
        runs = re.findall(r"_(?:\{([^}]*)\}|([^\s∂/{]+))", left)
        return [letter for braced, run in runs for letter in (braced.split(",") if braced else run)]
    return []
