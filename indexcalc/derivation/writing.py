"""From nodes to lines: which equations stand in a derivation, with what reason.

In: a `Result`. Out: a `Derivation` in index or matrix notation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, repeat

from indexcalc.derivation.chain import Fact, Link
from indexcalc.derivation.derivation import Derivation, Section
from indexcalc.derivation.matrices import MatrixWriter
from indexcalc.derivation.order import extended
from indexcalc.derivation.result import Result, Sweep
from indexcalc.derivation.spelling import Writer
from indexcalc.derivation.stage import Stage
from indexcalc.derivation.step import DEFINITION, Equation, Spelled, Step, words
from indexcalc.ir.node import Contraction, Node, Variable
from indexcalc.ir.walk import postorder

MOST_FIXED = 8
Letters = tuple[str, ...]


def written(result: Result, form: str) -> Derivation:
    """The derivation in one notation."""
    author = _Author(result, form)
    sections = [author.section(sweep) for sweep in result.sweeps]
    if result.asked is not None:
        sections.append(Section(None, tuple(author.answer(result.asked))))
    return Derivation(tuple(sections))


class _Author:
    """Writes section after section, and remembers what has been said."""

    def __init__(self, result: Result, form: str) -> None:
        self.result = result
        style = extended(result.style, result.new, result.moves)
        moves = {
            move.name: (move.name.removesuffix(name.name), name.name)
            for name, move in result.moves.items()
        }
        kind = MatrixWriter if form == "matrix" else Writer
        self.writer = kind(style, moves)
        self.printer = kind(result.style, {}, has_left=False)
        self.last = result.last_sweeps()
        self.defined: set[Variable] = set()
        self.said: set[Equation] = set()
        self.headings: set[str] = set()
        # the derivative that a name was given to: numerator and variables
        self.meaning: dict[Variable, tuple[Variable, tuple[Variable, ...]]] = {}

    # --- a sweep --------------------------------------------------------------------------------

    def section(self, sweep: Sweep) -> Section:
        """The lines of one derivative by one variable."""
        stage = sweep.stage
        lines = [*self.definitions(stage), *self.chain(sweep), *self.read_off(sweep)]
        before = [None, *(step.equation for step in lines)]
        steps = [s for s, other in zip(lines, before, strict=False) if s.equation != other]
        heading = self.heading(sweep)
        said = heading.text in self.headings
        self.headings.add(heading.text)
        return Section(None if said else heading, tuple(steps))

    def definitions(self, stage: Stage) -> Iterable[Step]:
        """What lies between, with differentials; what was said before is not said again."""
        writer = self.writer
        for name, body in stage.definitions.items():
            letters = writer.letters(name)
            premise = None
            if name not in self.defined:
                self.defined.add(name)
                premise = writer.equation(writer.symbol(name.name, letters), body, letters)
            if name is stage.value:
                if premise is not None:
                    yield Step(premise, DEFINITION)
                continue
            left = writer.symbol(self.result.moves[name].name, letters)
            equation = writer.equation(left, stage.differentials[name], letters)
            if equation not in self.said:
                self.said.add(equation)
                yield Step(equation, words("differential"), premise)

    def chain(self, sweep: Sweep) -> Iterable[Step]:
        """The differential of the value, line after line."""
        stage = sweep.stage
        letters = self.value_letters(sweep)
        move = self.result.moves
        left = self.writer.symbol(move[stage.value].name, letters)
        collect = words("collect", self.writer.symbol(move[stage.by].name))
        for position, link in enumerate(stage.links):
            ends = position == 0, position == len(stage.links) - 1
            reasons = chain([self.reason(link)], repeat(collect))
            lines = self.writer.lines(left, link, letters, *ends)
            self.said.update(lines)
            yield from (Step(line, why) for line, why in zip(lines, reasons, strict=False))
        stacked = self.writer.mapped(move[stage.value], move[stage.by], stage.raw)
        if stacked is not None:
            yield Step(stacked, words("columns stacked"))

    def reason(self, link: Link) -> Spelled:
        """Why a line follows from the one before."""
        symbols = [self.writer.symbol(link.replaced.name)] if link.replaced else []
        return words(link.reason, *symbols, *self.facts(link.facts))

    def facts(self, facts: Iterable[Fact]) -> list[Spelled]:
        """Assumptions as equations."""
        found = []
        for left, right in facts:
            letters = self.writer.letters(Variable(left.shape, b"", "", frozenset()))
            above = self.writer.equation(Spelled("", ""), left, letters).right
            equation = self.writer.equation(above, right, letters)
            found.append(Spelled(equation.text, equation.latex))
        return found

    # --- the derivative ---------------------------------------------------------------------------

    def value_letters(self, sweep: Sweep) -> Letters:
        """Letters of what is differentiated: the query's own if they are written there."""
        value, query = sweep.stage.value, self.result.query
        if sweep in self.last and (query.indexed or len(self.last) > 1):
            return query.letters[: len(value.shape)]
        return self.writer.letters(value)

    def read_off(self, sweep: Sweep) -> Iterable[Step]:
        """The derivative: named if it is used further, else in the program's own names."""
        stage, writer = sweep.stage, self.writer
        first = self.value_letters(sweep)
        if sweep in self.last:
            letters = self.result.query.letters[: len(stage.derivative.shape)]
        else:
            letters = first + writer.letters(stage.by, first)
        above, variables = self.taken_together(sweep)
        left = self.quotient(above, variables, letters)
        because = self.reading(stage)
        if sweep.result is None:
            yield from self.in_own_names(left, stage, letters, because)
            return
        self.meaning[sweep.result] = (above, variables)
        self.defined.add(sweep.result)
        name = writer.symbol(sweep.result.name, letters)
        yield Step(Equation(name, left), words("name it"))
        yield Step(self.writer.read(name, stage.derivative, letters, len(first)), because)
        if sweep.restated is not stage.derivative:
            yield Step(writer.read(name, sweep.restated, letters, len(first)), words("simplified"))

    def taken_together(self, sweep: Sweep) -> tuple[Variable, tuple[Variable, ...]]:
        """Numerator and variables: `∂²λ/∂W∂W` for the derivative of a derivative.

        Not so by different variables of which one is a defined name: it moves along or stands
        still, depending on the order.
        """
        stage = sweep.stage
        above, variables = self.meaning.get(stage.value, (stage.value, ()))
        together = (*variables, stage.by)
        defined = self.result.query.environment.definitions
        if self.writer.mapped(stage.value, stage.by, stage.raw) is not None:
            return stage.value, (stage.by,)
        if len(set(together)) > 1 and any(name in defined for name in together):
            return stage.value, (stage.by,)
        return above, together

    def reading(self, stage: Stage) -> Spelled:
        """How the derivative is read off, if not all of it stands in front of `dX`."""
        writer, by = self.writer, stage.by
        if stage.raw is not stage.derivative:
            part = "diagonal" if "diagonal" in by.traits else "symmetric"
            return words(f"read off, {part} like", writer.symbol(by.name))
        appears = _has_delta(stage.derivative) and not _has_delta(stage.links[-1].node)
        unit = writer.unit(by) if appears else None
        return words("read off with", unit) if unit else words("read off")

    def in_own_names(
        self, left: Spelled, stage: Stage, letters: Letters, because: Spelled
    ) -> Iterable[Step]:
        """The last derivative, and once more as the query prints it, if that differs."""
        rank = len(stage.value.shape)
        own = self.writer.read(left, stage.derivative, letters, rank)
        printed = self.printer.read(left, self.result.printed, letters, rank)
        if stage.derivative is self.result.printed or own == printed:
            yield Step(printed, because)
            return
        yield Step(own, because)
        yield Step(printed, self.last_reason(stage))

    def last_reason(self, stage: Stage) -> Spelled:
        facts = self.result.query.environment.assumptions
        if facts and not any(link.facts for link in stage.links):
            return words("using", *self.facts(facts))
        known = self.result.query.environment.definitions
        own = any(name not in known for name in stage.definitions)
        return words("in the program's names" if own else "simplified")

    def quotient(self, above: Variable, variables: Sequence[Variable], letters: Letters) -> Spelled:
        """`∂²λ/∂W_ij∂W_kl`: the letters go to the numerator first, then to each variable."""
        axes = len(above.shape) + sum(len(part.shape) for part in variables)
        end = len(above.shape)
        top = self.writer.stacked(above, letters[:end], axes)
        below = []
        for part in variables:
            start, end = end, end + len(part.shape)
            below.append(self.writer.stacked(part, letters[start:end], axes))
        return self.writer.quotient(top, below)

    def answer(self, asked: Node) -> Iterable[Step]:
        """What was asked, in terms of the derivatives before, and as it is printed."""
        letters = self.result.query.letters
        left = self.writer.equation(Spelled("", ""), asked, letters).right
        yield Step(self.printer.equation(left, self.result.printed, letters), words("put in"))

    # --- what moves ------------------------------------------------------------------------------

    def heading(self, sweep: Sweep) -> Spelled:
        """Which variable moves, and what is held fixed."""
        stage, writer = sweep.stage, self.writer
        moving = {stage.by, *stage.definitions}
        seen = [
            node
            for body in stage.definitions.values()
            for node in postorder([body])
            if isinstance(node, Variable) and node not in moving
        ]
        fixed = sorted(dict.fromkeys(seen), key=lambda node: writer.place(node.name))
        return self.sentence(sweep, [writer.symbol(node.name) for node in fixed])

    def sentence(self, sweep: Sweep, fixed: Sequence[Spelled]) -> Spelled:
        by = self.writer.symbol(sweep.stage.by.name)
        how = " varies, whatever defines it" if sweep.cut else " varies"
        traits = sweep.stage.by.traits & {"symmetric", "spd", "diagonal"}
        if traits:
            how += f" among {'diagonal' if 'diagonal' in traits else 'symmetric'} matrices"
        found = Spelled(f"{by.text}{how}", rf"{by.latex} \text{{{how}}}")
        if len(fixed) > MOST_FIXED:
            found = _joined(found, words("the rest is held fixed"))
        elif fixed:
            verb = words(" is held fixed" if len(fixed) == 1 else " are held fixed")
            names = Spelled(
                ", ".join(name.text for name in fixed), ", ".join(name.latex for name in fixed)
            )
            found = _joined(found, Spelled(names.text + verb.text, names.latex + verb.latex))
        for name, move in self.unusual(sweep.stage):
            said = words(" is the differential of", name)
            found = _joined(found, Spelled(move.text + said.text, move.latex + said.latex))
        return found

    def unusual(self, stage: Stage) -> Iterable[tuple[Spelled, Spelled]]:
        """Names whose differential has another sign than d, since that is a name already."""
        for name in (stage.by, *stage.definitions):
            move = self.result.moves[name].name
            if not move.startswith("d"):
                yield self.writer.symbol(name.name), self.writer.symbol(move)


def _has_delta(node: Node) -> bool:
    """Whether two axes of the node are the same."""
    parts = [part for part in postorder([node]) if isinstance(part, Contraction)]
    return any(len(set(part.output)) < len(part.output) for part in parts)


def _joined(first: Spelled, second: Spelled) -> Spelled:
    return Spelled(f"{first.text}; {second.text}", rf"{first.latex} \text{{; }} {second.latex}")
