"""A plan as the text of a Python module that needs nothing but NumPy.

In: a plan, what to call the function, the formulas for its docstring. Out: a `Module`: the text,
and the names of arguments and results in it.

>>> from indexcalc.ir.build import contract, variable
>>> from indexcalc.ir.extent import Extent
>>> from indexcalc.plan.schedule import make_plan
>>> m, n = Extent.named("m"), Extent.named("n")
>>> W, x = variable("W", (m, n)), variable("x", (n,))
>>> plan = make_plan([("y", contract([(W, "ij"), (x, "j")], "i"))])
>>> print(emit(plan, [("W", W.shape), ("x", x.shape)], formulas={"y": "y_i = W_ij x_j"}).text)
\"\"\"Generated NumPy code; it needs nothing else.\"\"\"
<BLANKLINE>
import numpy as np
<BLANKLINE>
<BLANKLINE>
def evaluate(W, x):
    \"\"\"Compute
        y_i = W_ij x_j
    from
        W  m×n
        x  n
    and give
        y  m
    \"\"\"
    y = W.dot(x)  # y_i = W_ij x_j
    return y
<BLANKLINE>
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from indexcalc.codegen.blocks import loop
from indexcalc.codegen.document import document
from indexcalc.codegen.expressions import (
    Scope,
    aligned,
    expression,
    letters_of,
    number_code,
    permuted,
)
from indexcalc.codegen.formula import called, formula
from indexcalc.codegen.naming import Names, distinct, function_name
from indexcalc.codegen.preamble import preamble
from indexcalc.codegen.scalars import Scalars, wanted
from indexcalc.codegen.sizes import Named, extent_code, found_sizes
from indexcalc.ir.extent import Extent, Shape, shape_text
from indexcalc.plan.orbit import ASSUMED
from indexcalc.plan.program import OWNERS, Blocks, Part, Plan, Step, Term, Value, every_step

FunctionKey = tuple[str, tuple[int, ...]]
TITLE = '"""Generated NumPy code; it needs nothing else."""'


@dataclass(frozen=True, slots=True)
class Module:
    """The text, the function's name, its parameters and results as they are called in it.

    `parameters` are arrays, then functions that the caller passes, then the `sizes`.
    `lines` has the code and the formula of each step. The text is the `preamble` (imports,
    constants and functions that are used) and the `definition` of the function.
    """

    text: str
    function: str
    parameters: tuple[str, ...]
    functions: tuple[FunctionKey, ...]
    results: tuple[str, ...]
    lines: tuple[tuple[str, str], ...]
    sizes: tuple[str, ...] = ()
    preamble: tuple[str, ...] = ()
    definition: tuple[str, ...] = ()


@dataclass(slots=True)
class _Writer:
    plan: Plan
    arguments: Sequence[Named]
    dtype: str
    hints: Mapping[str, int]
    passed: Collection[str] = ()
    names: Names = field(default_factory=Names)
    of_value: dict[Value, str] = field(default_factory=dict)
    held: dict[Value, tuple[str, ...]] = field(default_factory=dict)  # names of its array and views
    of_function: dict[FunctionKey, str] = field(default_factory=dict)
    of_size: dict[str, str] = field(default_factory=dict)
    used_sizes: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)
    table: list[tuple[str, str]] = field(default_factory=list)
    fixed: set[Value] = field(default_factory=set)
    parameters: list[str] = field(default_factory=list)
    scalars: Scalars = field(default_factory=Scalars)

    # --- names ----------------------------------------------------------------------------------

    def claim_names(self) -> None:
        sources = [v for step in self.plan.steps for v in step.value.sources]
        self.fixed.update(v for v in sources if v.kernel in ("size", "constant"))
        by_name = {value.detail: value for value in self.plan.inputs}
        self.parameters = self.names.claim_all([name for name, _ in self.arguments])
        for (name, _), parameter in zip(self.arguments, self.parameters, strict=True):
            if name in by_name:
                self.of_value[by_name[name]] = parameter
        for key in _functions(self.plan):
            self.of_function[key] = self.names.claim(function_name(*key))
        for value, name in self.plan.names.items():
            self.of_value.setdefault(value, self.names.claim(name))
        for name, term in self.plan.results:
            source = term.source
            if isinstance(source, Value) and source.kernel not in ("constant", "size"):
                self.of_value[source] = self.of_value.get(source) or self.names.claim(name)
        for name in sorted(self.plan.sizes):
            self.of_size[name] = self.names.claim(name)
        if not self.dtype.startswith("complex"):
            given = {value: None for value in self.plan.inputs if value.is_scalar}
            self.scalars = Scalars(self.dtype, wanted(self.plan), given)

    def name_of(self, value: Value) -> str:
        if value.kernel == "size":
            assert isinstance(value.detail, Extent)
            return _bracketed(self.extent(value.detail))
        if value.kernel == "constant":
            return {"pi": "np.pi", "e": "np.e"}.get(str(value.detail), "_LEVI_CIVITA")
        return self.of_value[value]

    def function_of(self, value: Value) -> str:
        """The parameter that holds the function which the value is computed by."""
        assert isinstance(value.detail, tuple)
        return self.of_function[value.detail]  # type: ignore[index]

    def shown(self, value: Value) -> str:
        """What a value is called in a formula."""
        if value.kernel == "constant":
            return {"levi_civita": "ε"}.get(str(value.detail), str(value.detail))
        return self.name_of(value)

    def extent(self, extent: Extent) -> str:
        self.used_sizes |= extent.names
        return extent_code(extent, self.of_size)

    # --- steps ----------------------------------------------------------------------------------

    def write(self, step: Step) -> None:
        value = step.value
        name = self.of_value.get(value)
        if name is None:
            name = self.of_value[value] = self.names.temporary()
        comment = " ".join(formula(value, name, self.shown).split())
        start = len(self.lines)
        if value.kernel == "embed":
            self.embed(value, step.into, name, comment)
        elif value.kernel == "orbit":
            self.lines.append(f"{name} = {self.room(value)}  # {comment}")
            self.lines += loop(value, name, self.scope(), self.names, self.of_size)
        else:
            code = expression(value, self.scope(), step.into)
            if value.is_scalar and value.kernel == "map" and self.is_fixed(value):
                code = self.typed(code)
            self.lines.append(f"{name} = {code}  # {comment}")
        code, _, _ = self.lines[start].partition("  # ")
        self.table.append((code, comment))
        before = () if step.into is None else self.held[step.into]
        self.held[value] = (*before, name, *self.held.get(value, ()))
        if step.forget:
            names = [held for dead in step.forget for held in self.held[dead]]
            self.lines.append(f"del {', '.join(names)}")

    def is_fixed(self, value: Value) -> bool:
        """Whether a value comes from numbers and sizes alone; remembers the answer."""
        if value.kernel not in ("size", "constant") and all(v in self.fixed for v in value.sources):
            self.fixed.add(value)
        return value in self.fixed

    def typed(self, code: str) -> str:
        """A scalar of the dtype in use: NumPy makes doubles of Python's numbers."""
        real = {"float32": "float32", "complex64": "float32"}.get(self.dtype)
        return code if real is None else f"np.{real}({code})"

    def scope(self) -> Scope:
        sizes = {**ASSUMED, **self.plan.sizes}
        return Scope(self.name_of, self.extent, self.function_of, self.dtype, sizes, self.scalars)

    def embed(self, value: Value, into: Value | None, name: str, comment: str) -> None:
        """Zeros or a dense part first, then the others through views of the diagonals."""
        assert isinstance(value.detail, tuple)
        parts = [part for part in value.detail if isinstance(part, Part)]
        axes = tuple(range(len(value.shape)))
        first = parts[0] if parts else None
        if into is not None:
            code = permuted(self.name_of(into), value.operands[0].labels, axes)
            self.lines.append(f"{name} = {code}  # {comment}")
            parts = parts[1:]
        elif first is not None and len(set(first.pattern)) == len(axes):
            self.fill(value, name, value.operands[first.position], first, comment)
            parts = parts[1:]
        else:
            self.lines.append(f"{name} = np.zeros({self.shape_code(value.shape)})  # {comment}")
        for k, part in enumerate(parts):
            operator = {1: "+=", -1: "-="}[part.sign]
            fresh = k == 0 and (first is part) and part.sign > 0
            self.put(value, name, part, "=" if fresh else operator)

    def fill(self, value: Value, name: str, term: Term, part: Part, comment: str) -> None:
        order = tuple(dict.fromkeys(part.pattern))
        if isinstance(term.source, Value) and len(term.labels) == len(order):
            code = permuted(self.name_of(term.source), term.labels, order)
            self.lines.append(f"{name} = {code}.copy()  # {comment}")
            return
        self.lines.append(f"{name} = np.empty({self.shape_code(value.shape)})  # {comment}")
        sign = "-" if part.sign < 0 else ""
        self.lines.append(f"{name}[...] = {sign}{self.scope().operand(term, order)}")

    def put(self, value: Value, name: str, part: Part, operator: str) -> None:
        order = tuple(dict.fromkeys(part.pattern))
        letters = letters_of(order)
        code = self.scope().operand(value.operands[part.position], order)
        if len(order) == len(part.pattern):
            self.lines.append(
                f"{name} {operator} {code}" if operator != "=" else f"{name}[...] = {code}"
            )
            return
        before = "".join(letters[label] for label in part.pattern)
        after = "".join(letters[label] for label in order)
        view = f'np.einsum("{before}->{after}", {name})'
        if operator == "=":
            self.lines.append(f"{view}[...] = {code}")
            return
        diagonal = self.names.claim(f"{name}_diagonal")
        self.held[value] = (*self.held.get(value, ()), diagonal)
        self.lines += [f"{diagonal} = {view}", f"{diagonal} {operator} {code}"]

    def room(self, value: Value) -> str:
        """What a loop starts from: an array that it fills, or zeros that it adds to."""
        assert isinstance(value.detail, Blocks)
        if value.is_scalar:
            return f"np.{self.dtype}(0.0)"
        make = "empty" if value.detail.along in value.labels else "zeros"
        return f"np.{make}({self.shape_code(value.shape)})"

    def shape_code(self, shape: Shape) -> str:
        lengths = ", ".join(map(self.extent, shape))
        dtype = "" if self.dtype == "float64" else f", np.{self.dtype}"
        return f"({lengths}{',' if len(shape) == 1 else ''}){dtype}"

    # --- results --------------------------------------------------------------------------------

    def result(self, term: Term, seen: set[Value]) -> str:
        """The array that is handed out: in order, and nobody else's."""
        source = term.source
        if isinstance(source, Fraction):
            return f"np.{self.dtype}({number_code(source)})"
        name = self.name_of(source)
        if source.is_scalar:
            return name if source.kernel in ("product", "total") else f"np.{self.dtype}({name})"
        code = aligned(name, term.labels, tuple(range(len(term.labels))))
        base = _base(source)
        shared = base in seen or base.kernel not in OWNERS
        seen.add(base)
        return f"np.array({code})" if shared else code

    def sizes(self) -> list[str]:
        """Lines that find the sizes which the code uses."""
        pairs = list(zip(self.arguments, self.parameters, strict=True))
        needed = self.used_sizes - ASSUMED.keys()
        found = found_sizes(needed, pairs, self.of_size, self.hints, self.passed)
        self.passed = found.passed
        return list(found.lines)


def emit(
    plan: Plan,
    arguments: Sequence[Named],
    formulas: Mapping[str, str] | None = None,
    name: str = "evaluate",
    dtype: str = "float64",
    *,
    hints: Mapping[str, int] | None = None,
    passed: Collection[str] = (),
) -> Module:
    """The module for a plan.

    `arguments` are the names and shapes of the function's parameters in order; functions that the
    caller passes follow them. `formulas` are shown in the docstring, by result. A size that no
    argument tells is a parameter if it is in `passed`, and else taken from `hints` (`ShapeError`
    if it is not there either).
    """
    writer = _Writer(plan, arguments, dtype, hints or {}, passed)
    function = writer.names.claim(name)
    writer.claim_names()
    for step in plan.steps:
        writer.write(step)
    seen: set[Value] = set()
    returned = [writer.result(term, seen) for _, term in plan.results]
    body = [*writer.sizes(), *writer.lines, f"return {', '.join(returned)}"]
    sizes = [writer.of_size[size] for size in writer.passed]
    parameters = (*writer.parameters, *writer.of_function.values(), *sizes)
    header = f"def {function}({', '.join(parameters)}):"
    document = _document(plan, writer, formulas or {})
    definition = [*_decorators(plan), header, *indented([*document, *body])]
    above = preamble(plan, dtype, body)
    return Module(
        "\n".join([TITLE, "", *above, "", "", *definition, ""]),
        function,
        parameters,
        tuple(writer.of_function),
        tuple(distinct([result for result, _ in plan.results])),
        tuple(writer.table),
        tuple(writer.passed),
        tuple(above),
        tuple(definition),
    )


def indented(lines: Sequence[str]) -> list[str]:
    """The lines as the body of a block."""
    return [f"    {line}".rstrip() for line in lines]


def _decorators(plan: Plan) -> list[str]:
    if all(step.value.detail != "quiet_exp" for step in every_step(plan)):
        return []
    return ['@np.errstate(over="ignore")  # 1/(1 + exp(-x)) is right where exp overflows']


def _document(plan: Plan, writer: _Writer, formulas: Mapping[str, str]) -> list[str]:
    rows = [
        f"{parameter}  {shape_text(shape)}"
        for parameter, (_, shape) in zip(writer.parameters, writer.arguments, strict=True)
    ]
    rows += [f"{name}  function, {called(*key)}" for key, name in writer.of_function.items()]
    rows += [f"{writer.of_size[name]}  size" for name in writer.passed]
    results = [
        f"{name}  {shape_text(shape)}"
        for (name, _), shape in zip(plan.results, plan.shapes, strict=True)
    ]
    return document([formulas.get(name, name) for name, _ in plan.results], rows, results)


def _functions(plan: Plan) -> list[FunctionKey]:
    keys = [
        step.value.detail
        for step in plan.steps
        if step.value.kernel == "function" and isinstance(step.value.detail, tuple)
    ]
    return list(dict.fromkeys(keys))  # type: ignore[arg-type]


def _base(value: Value) -> Value:
    while value.kernel in ("diagonal", "reshape"):
        value = value.sources[0]
    return value


def _bracketed(code: str) -> str:
    return code if code.isidentifier() or code.isdigit() else f"({code})"
