"""The differential of a value, line after line, from the outside in.

In: the differential in the names that the value uses directly, and the differentials of these. Out:
the lines, each equal to the one before, until only the variable moves.

>>> from indexcalc.ir.build import builtin, multiply, variable
>>> x, y, dx, dy = (variable(name, ()) for name in ("x", "y", "dx", "dy"))
>>> tidy = Tidy(Environment(), ())
>>> lines = chain(multiply(x, dy), dx, [(dy, builtin("sin", x))], tidy)
>>> [line.reason for line in lines], lines[-1].replaced is dy
(['differential', 'substitute'], True)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from indexcalc.derivation.differential import applied, occurrences, substituted, whole_derivative
from indexcalc.ir.build import linear, terms_of
from indexcalc.ir.environment import Environment
from indexcalc.ir.node import Node, Variable
from indexcalc.ir.walk import postorder
from indexcalc.simplify.flatten import flatten
from indexcalc.simplify.passes import simplify_for_display

MOST_RULED = 4  # terms of a differential that is written out before it is collected
Fact = tuple[Node, Node]
Part = tuple[Variable, Node]


@dataclass(frozen=True, slots=True)
class Link:
    """One line, and why it follows: a differential was put in, or assumptions were used.

    `parts` are the differentials in the line, each with the derivative that it is multiplied by;
    none if the line is not collected.
    """

    node: Node
    parts: tuple[Part, ...]
    reason: str = ""
    replaced: Variable | None = None
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Tidy:
    """Lines as a person leaves them, in the names of `known`; facts wait until they are used."""

    known: Environment
    facts: tuple[Fact, ...]
    done: dict[tuple[Node, tuple[Fact, ...]], Node] = field(default_factory=dict)

    def shown(self, node: Node, facts: tuple[Fact, ...] = ()) -> Node:
        """The node as it is displayed, if these facts hold."""
        if (node, facts) not in self.done:
            known = replace(self.known, assumptions=facts)
            self.done[node, facts] = simplify_for_display([node], known)[0]
        return self.done[node, facts]

    def link(self, node: Node, moves: Sequence[Variable], facts: tuple[Fact, ...] = ()) -> Link:
        """The node, linear in `moves`, with each of them as rarely as possible, and then short."""
        plain = self.shown(node, facts)
        live = [move for move in moves if move in postorder([plain])]
        parts = [(m, self.shown(whole_derivative(plain, m), facts)) for m in live]
        terms = [(1, applied(part, move)) for move, part in parts]
        collected = flatten([linear(terms, plain.shape)])[0]
        best = min(plain, collected, key=lambda found: occurrences(found, set(live)))
        return Link(best, tuple(parts))

    def used(self, node: Node) -> tuple[Fact, ...]:
        """The facts that change the node."""
        plain = self.shown(node)
        if not self.facts or self.shown(node, self.facts) is plain:
            return ()
        alone = tuple(fact for fact in self.facts if self.shown(node, (fact,)) is not plain)
        return alone or self.facts


def chain(
    first: Node, by: Variable, others: Iterable[tuple[Variable, Node]], tidy: Tidy
) -> list[Link]:
    """The lines; `others` are differentials and their values, in the order of replacement."""
    others = list(others)
    moves = [by, *(move for move, _ in others)]
    links = _first_lines(first, moves, tidy)
    for move, value in others:
        links += _with_facts(links[-1], moves, tidy)
        line = links[-1].node
        if move in postorder([line]):
            link = tidy.link(substituted(line, move, value), moves)
            links.append(replace(link, reason="substitute", replaced=move))
    return links + _with_facts(links[-1], moves, tidy)


def _first_lines(first: Node, moves: Sequence[Variable], tidy: Tidy) -> list[Link]:
    """The differential as the rules give it, if that is short, and collected."""
    link = tidy.link(first, moves)
    merged = [m for m in moves if occurrences(first, {m})[0] > occurrences(link.node, {m})[0]]
    if not merged or len(terms_of(first)) > MOST_RULED:
        return [replace(link, reason="differential")]
    which = merged[0] if len(merged) == 1 else None
    return [Link(first, (), "differential"), replace(link, reason="collect", replaced=which)]


def _with_facts(link: Link, moves: Sequence[Variable], tidy: Tidy) -> list[Link]:
    """A further line, if an assumption makes it shorter."""
    facts = tidy.used(link.node)
    if not facts:
        return []
    shorter = tidy.link(link.node, moves, facts)
    return [] if shorter.node is link.node else [replace(shorter, reason="using", facts=facts)]
