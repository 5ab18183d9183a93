"""Random whole programs as texts: definitions in both notations, functions, derivatives.

A program is written by drawing, with no regard for all rules on indices: some are refused, which
the tests that use them pass over. Tensors and sizes are those of `tests.notation.matrix_records`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from indexcalc.notation.names import NameStyle
from indexcalc.notation.spelling import Spelling
from indexcalc.notation.text import formula_text
from tests.notation.matrix_records import DECLARED, PROGRAM, Shape, random_formula

LETTERS = {"m": "abdfopqzEFGHJKLNOP", "n": "ijlnrstwQTUVWXZDIe"}
ENTRYWISE = ("exp", "tanh", "sin", "sigmoid", "softplus", "log", "sqrt", "abs", "relu", "σ", "h")
ALONG = ("max", "logsumexp", "mean", "prod", "sum", "min")
PARAMETERS = {"σ": 1, "h": 1, "g": 2}  # σ and g are unknown, h is defined
FUNCTIONS = "h(z) = z^2/2 - sin(z)"
Axes = tuple[tuple[str, str], ...]  # letters with their extents


# What a tensor or a function may be called, and what an index may: words of the language, too.
NAMES = ("T", "I", "e", "d", "i", "j", "n", "W_out", "W1", "W_2", "loss", "ŷ", "θ", "Σ", "λ", "δ",
         "ε", "π", "sin", "t1", "xs", "Δx", "max", "a_b", "alpha_1", "tr")  # fmt: skip
INDICES = ("batch", "head", "α", "β", "i1", "î", "row")
_NAME = re.compile(r"(?<![^\W_])([ABCSRMxyuvckgh]|σ|Y[0-9])(?![^\W_])")
_SUBSCRIPT = re.compile(r"_(?:([A-Za-z]+)|\{([A-Za-z,]+)\})(?![^\W_])")


@dataclass(frozen=True)
class Written:
    """A program, queries of it, and what was put for the names that it was made with."""

    text: str
    queries: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)

    def renamed(self, seed: int) -> Written:
        """The same with other names for some tensors, functions and indices."""
        source = random.Random(seed)
        old = [*DECLARED, *PARAMETERS]
        names = dict(zip(source.sample(old, 4), source.sample(NAMES, 4), strict=True))
        letters = "".join(LETTERS.values())
        indices = dict(zip(source.sample(letters, 3), source.sample(INDICES, 3), strict=True))

        def spelled(text: str) -> str:
            text = _SUBSCRIPT.sub(lambda found: _subscript(found, indices), text)
            return _NAME.sub(lambda found: names.get(found[1], found[1]), text)

        return Written(spelled(self.text), tuple(map(spelled, self.queries)), names)


def _subscript(found: re.Match[str], indices: Mapping[str, str]) -> str:
    letters = [indices.get(letter, letter) for letter in (found[1] or found[2].replace(",", ""))]
    long = found[2] or any(len(letter) > 1 for letter in letters)
    return "_{" + ",".join(letters) + "}" if long else "_" + "".join(letters)


def written(seed: int, depth: int) -> Written:
    """The program that belongs to a seed."""
    return _Writer(random.Random(seed)).program(depth)


@dataclass
class _Writer:
    source: random.Random
    shapes: dict[str, Shape] = field(default_factory=lambda: dict(DECLARED))
    left: dict[str, list[str]] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def program(self, depth: int) -> Written:
        declared = PROGRAM.replace("S[n, n]", "S[n, n] symmetric") if self.rarely() else PROGRAM
        names = [f"Y{k}" for k in range(self.source.randint(1, 3))]
        for name in names:
            self.lines.append(self.definition(name, depth))
        queries = [self.query(name) for name in names[-2:] for _ in range(2)]
        facts = ["assume sum_i y_i == 1"] if self.rarely() else []
        text = "\n".join([declared, FUNCTIONS, *facts, *self.lines])
        return Written(text, tuple(dict.fromkeys(queries)))

    def rarely(self) -> bool:
        return self.source.random() < 0.2

    def definition(self, name: str, depth: int) -> str:
        if self.rarely():
            formula, shape = random_formula(self.source.randrange(10**6), depth)
            known = Spelling(NameStyle(), frozenset(self.shapes), whole=True)
            self.shapes[name] = tuple(axis for axis in shape if axis)
            return f"{name} = {formula_text(formula, known)}"
        if self.lines and self.source.random() < 0.3:
            return self.slope(name, depth)
        shape = self.source.choice([(), (), ("n",), ("m", "n"), ("n", "n"), ("m",)])
        axes = self.axes(shape)
        text = self.expression(axes, depth)
        self.shapes[name] = shape
        return f"{name}{below(axes)} = {text}"

    def slope(self, name: str, depth: int) -> str:
        """A definition by a derivative of what was defined before, alone or in a product."""
        earlier = self.source.choice([known for known in self.shapes if known.startswith("Y")])
        variable = self.source.choice(self.variables(earlier))
        above = self.axes(self.shapes[earlier])
        by = self.axes(self.shapes[variable], False)
        free = (*above, *by)[:2]
        rest = (*above, *by)[2:]
        text = f"∂{earlier}{below(above)}/∂{variable}{below(by)}"
        factors = [self.atom((axis,), depth - 1) for axis in rest]
        self.shapes[name] = tuple(extent for _, extent in free)
        return f"{name}{below(free)} = {' '.join([text, *factors])}"

    def axes(self, shape: Sequence[str], fresh: bool = True) -> Axes:
        """Letters for axes; `fresh` starts with all letters again."""
        if fresh:
            self.left = {extent: list(letters) for extent, letters in LETTERS.items()}
        return tuple((self.left[extent].pop(0), extent) for extent in shape)

    def query(self, name: str) -> str:
        above = self.axes(self.shapes[name])
        if self.rarely():
            return f"{name}{below(above)}" if not self.rarely() else name
        order = 2 if len(above) < 2 and self.source.random() < 0.4 else 1
        wrt = [self.source.choice(self.variables(name)) for _ in range(order)]
        variables = [f"∂{other}{below(self.axes(self.shapes[other], False))}" for other in wrt]
        text = f"∂{'²' if order > 1 else ''}{name}{below(above)}/{''.join(variables)}"
        if self.rarely():
            weight = self.source.choice(["2", "k", "exp(c)"])
            text = f"{weight} {text} - {self.source.choice(['1', 'c'])}"
        return text

    def variables(self, name: str) -> list[str]:
        """What the definition of the name mentions, directly or not; some input if nothing."""
        found: dict[str, None] = {}
        for line in reversed(self.lines):
            left, _, right = line.partition(" = ")
            if left.partition("_")[0] in {name, *found}:
                found |= dict.fromkeys(
                    n for n in self.shapes if re.search(rf"\b{n}(?![^\W_])", right)
                )
        return list(found) or [self.source.choice(list(DECLARED))]

    # --- expressions in index notation --------------------------------------------------------

    def expression(self, free: Axes, depth: int) -> str:
        """A sum, a product or an atom."""
        if depth > 0 and self.source.random() < 0.35:
            signs = [self.source.choice([" + ", " - "]) for _ in range(self.source.randint(1, 2))]
            first = ("-" if self.rarely() else "") + self.product(free, depth - 1)
            return first + "".join(sign + self.term(free, depth - 1) for sign in signs)
        return self.product(free, depth)

    def term(self, free: Axes, depth: int) -> str:
        """A term of a sum, which may lack letters."""
        return self.product(tuple(axis for axis in free if not self.rarely()), depth)

    def product(self, free: Axes, depth: int) -> str:
        if depth <= 0 or self.source.random() < 0.25:
            return self.atom(free, depth)
        count = self.source.choice([0, 1, 1, 2])
        dummies = self.axes([self.source.choice("mn") for _ in range(count)], False)
        sides: tuple[list[tuple[str, str]], list[tuple[str, str]]] = ([*dummies], [*dummies])
        for axis in free:
            for side in self.source.choice([(0,), (1,), (0,), (1,), (0, 1)]):
                sides[side].append(axis)
        number = self.source.choice(["", "", "", "2 ", "-", "1/2 ", "-3/2 ", "0.3 "])
        factors = " ".join(self.atom(tuple(side), depth - 1) for side in sides)
        ratio = f"/{self.atom((), depth - 1)}" if self.rarely() else ""
        sign = f"sum{bound(dummies)} " if dummies and self.rarely() else ""
        return f"({number}{sign}{factors}{ratio})" if sign else f"{number}{factors}{ratio}"

    def atom(self, free: Axes, depth: int) -> str:
        """Something that may stand as a factor."""
        if depth <= 0 or self.rarely():
            return self.leaf(free)
        inner = self.source.choice([self.bracket, self.call, self.call, self.power, self.along,
                                    self.matrix, self.quotient])  # fmt: skip
        return inner(free, depth)

    def bracket(self, free: Axes, depth: int) -> str:
        return f"({self.expression(free, depth)})"

    def call(self, free: Axes, depth: int) -> str:
        if self.rarely():
            name = self.source.choice(["g", "max", "min"])
            both = ", ".join(self.expression(free, depth - 1) for _ in range(2))
            return f"{name}({both})"
        return f"{self.source.choice(ENTRYWISE)}({self.expression(free, depth - 1)})"

    def power(self, free: Axes, depth: int) -> str:
        exponent = self.source.choice(["2", "2", "3", "-1", "-2", "(1/2)", "(-3/2)", "c"])
        return f"({self.expression(free, depth - 1)})^{exponent}"

    def along(self, free: Axes, depth: int) -> str:
        (axis,) = self.axes([self.source.choice("mn")], False)
        name = self.source.choice(ALONG)
        return f"({name}_{axis[0]} ({self.expression((*free, axis), depth - 1)}))"

    def quotient(self, free: Axes, depth: int) -> str:
        share = tuple(axis for axis in free if self.rarely())
        below_line = self.bracket(share, depth - 1)
        return f"({self.atom(free, depth - 1)}/{below_line})"

    def matrix(self, free: Axes, depth: int) -> str:
        """A formula without indices, with indices put on it."""
        formula, shape = random_formula(self.source.randrange(10**6), min(depth, 2))
        known = Spelling(NameStyle(), frozenset(self.shapes), whole=True)
        text = formula_text(formula, known)
        axes = tuple(extent for extent in shape if extent)
        if sorted(axes) != sorted(extent for _, extent in free):
            return self.leaf(free)
        return f"({text}){below(self.matched(free, axes))}"

    def leaf(self, free: Axes) -> str:
        """A name with these letters; several if none has as many."""
        extents = sorted(extent for _, extent in free)
        fitting = [name for name, shape in self.shapes.items() if sorted(shape) == extents]
        fitting += ["1"] * (len(free) == 1) + ["δ"] * (extents == ["n", "n"])
        if not free and self.rarely():
            return self.source.choice(["2", "(1/3)", "n", "π"])
        if not fitting:
            return f"{self.leaf(free[:1])} {self.leaf(free[1:])}"
        name = self.source.choice(fitting)
        if name in self.shapes:
            return name + below(self.matched(free, self.shapes[name]))
        return name + below(free)

    def matched(self, free: Axes, shape: Sequence[str]) -> Axes:
        """The letters in an order that fits the shape."""
        rest = list(free)
        self.source.shuffle(rest)
        found = []
        for extent in shape:
            axis = next(axis for axis in rest if axis[1] == extent)
            rest.remove(axis)
            found.append(axis)
        return tuple(found)


def below(axes: Axes) -> str:
    return "_" + "".join(letter for letter, _ in axes) if axes else ""


def bound(axes: Axes) -> str:
    return "_{" + ",".join(letter for letter, _ in axes) + "}"
