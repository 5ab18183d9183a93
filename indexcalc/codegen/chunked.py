"""A plan in chunks as the text of a module: a function for each segment, and one with the loops.

In: a `Chunked` plan, arguments, formulas. Out: a `ChunkedModule`. The text needs nothing but NumPy;
its function takes an iterator's wrapper, such as `tqdm`, as the keyword `progress`.

>>> from indexcalc.ir.build import builtin, variable
>>> from indexcalc.ir.contraction import contract
>>> from indexcalc.plan.chunks import Task, chunked
>>> from indexcalc.plan.schedule import make_plan
>>> m, n = Extent.named("m"), Extent.named("n")
>>> X, w = variable("X", (m, n)), variable("w", (n,))
>>> f = contract([(builtin("tanh", contract([(X, "ij"), (w, "j")], "i")), "i")], "")
>>> task = Task([("f", f)], {"m": 10**6, "n": 10})
>>> found = chunked(task, 10**5, make_plan(task.results, task.sizes))
>>> made = emit_chunked(found, [("X", X.shape), ("w", w.shape)], Called("evaluate", {}))
>>> print("\\n".join(made.module.definition[-5:]))
    f = np.float64(0.0)
    for start in progress(range(0, m, CHUNK)):
        here = slice(start, min(start + CHUNK, m))
        f += _chunk(X[here], w)
    return f
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from indexcalc.codegen.document import document
from indexcalc.codegen.expressions import aligned, letters_of
from indexcalc.codegen.formula import called as prime
from indexcalc.codegen.naming import Names, distinct, function_name
from indexcalc.codegen.numpy_source import TITLE, FunctionKey, Module, emit, indented
from indexcalc.codegen.preamble import preamble
from indexcalc.codegen.sizes import Named, extent_code, found_sizes
from indexcalc.ir.extent import Extent, shape_text
from indexcalc.ir.node import Node, Variable
from indexcalc.plan.chunks import Chunked
from indexcalc.plan.lifetimes import always_real
from indexcalc.plan.program import Plan
from indexcalc.plan.restrict import Restricted
from indexcalc.plan.segments import Segment, Write

STARTS = {"add": "0.0", "multiply": "1.0", "maximum": "-np.inf", "minimum": "np.inf",
          "logaddexp": "-np.inf"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Called:
    """What the function is called, and what its results are: formulas by name of the result.

    `functions` are those that the caller passes, in order; `hints` sizes that no argument tells.
    """

    name: str
    formulas: Mapping[str, str]
    functions: Sequence[FunctionKey] = ()
    dtype: str = "float64"
    hints: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChunkedModule:
    """The module, the keyword of its function for `progress`, the modules of the segments."""

    module: Module
    progress: str
    modules: tuple[Module, ...]


@dataclass(slots=True)
class _Writer:
    found: Chunked
    arguments: Sequence[Named]
    called: Called
    names: Names = field(default_factory=Names)
    of_input: dict[str, str] = field(default_factory=dict)
    of_whole: dict[Node, str] = field(default_factory=dict)
    of_function: dict[FunctionKey, str] = field(default_factory=dict)
    of_size: dict[str, str] = field(default_factory=dict)
    used_sizes: set[str] = field(default_factory=set)
    modules: list[Module] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    real: set[Node] = field(default_factory=set)
    progress: str = "progress"
    first: str = "start"
    here: str = "here"

    def claim_names(self) -> str:
        """Names for everything that the main function speaks of; its own."""
        self.names.taken.update(("slice", "range", "CHUNK"))
        main = self.names.claim(self.called.name)
        names = [name for name, _ in self.arguments]
        self.of_input = dict(zip(names, self.names.claim_all(names), strict=True))
        for key in self.called.functions:
            self.of_function[key] = self.names.claim(function_name(*key))
        for name, node in self.found.task.results:
            if not isinstance(node, Variable):
                self.of_whole.setdefault(node, self.names.claim(name))
        for name in sorted(self.found.task.sizes):
            self.of_size[name] = self.names.claim(name)
        self.progress = self.names.claim("progress")
        self.first, self.here = self.names.claim("start"), self.names.claim("here")
        return main

    def extent(self, extent: Extent) -> str:
        self.used_sizes |= extent.names
        return extent_code(extent, self.of_size)

    # --- segments -------------------------------------------------------------------------------

    def segment(self, position: int) -> None:
        """The function of a segment, and the lines that call it."""
        part = self.found.segments[position]
        last = position == len(self.found.segments) - 1
        title = "_chunk" if part.writes else "_after" if last and position else "_before"
        order = {name: k for k, name in enumerate(self.of_input)}
        inputs = sorted(part.inputs, key=lambda item: order.get(item[0].name, len(order)))
        about = "what one chunk gives of {}" if part.writes else "{}"
        module = emit(
            self.found.plans[position],
            [(v.name, v.shape) for v, _ in inputs],
            {name: about.format(name) for name, _ in part.results},
            self.names.claim(title),
            self.called.dtype,
            hints=self.called.hints,
            passed=[*self.of_size, self.found.chunk],
        )
        self.modules.append(module)
        passed = [self.argument(what) for _, what in inputs]
        passed += [self.of_function[key] for key in module.functions]
        passed += [self.size(name) for name in module.sizes]
        call = f"{module.function}({', '.join(passed)})"
        self.know_real(part, self.found.plans[position])
        if part.writes:
            self.loop(part, call)
        else:
            made = [self.whole(node) for node in part.targets]
            self.lines.append(f"{', '.join(made)} = {call}")
        gone = [self.of_whole[n] for n in self.found.gone[position] if n in self.of_whole]
        if gone and not last:
            self.lines.append(f"del {', '.join(gone)}")

    def argument(self, part: Restricted) -> str:
        """An input, or what was made before; of restricted axes the entries of the chunk."""
        node = part.node
        name = self.of_input[node.name] if isinstance(node, Variable) else self.whole(node)
        if not part.axes:
            return name
        index = [self.here if k in part.axes else ":" for k in range(max(part.axes) + 1)]
        return f"{name}[{', '.join(index)}]"

    def size(self, name: str) -> str:
        if name == self.found.chunk:
            return f"{self.here}.stop - {self.here}.start"
        return self.extent(Extent.named(name))

    def whole(self, node: Node) -> str:
        if node not in self.of_whole:
            made = next(part for part in self.found.segments if node in part.targets)
            self.of_whole[node] = self.names.claim(made.called(node))
        return self.of_whole[node]

    # --- loops ----------------------------------------------------------------------------------

    def loop(self, part: Segment, call: str) -> None:
        """Start values, then the chunks one after the other."""
        self.lines += [self.start(part, target) for target in part.targets]
        views = [self.view(part, write) for write in part.writes]
        total = self.extent(self.found.extent)
        self.lines += [
            f"for {self.first} in {self.progress}(range(0, {total}, CHUNK)):",
            f"    {self.here} = slice({self.first}, min({self.first} + CHUNK, {total}))",
        ]
        if len(part.writes) == 1:
            self.lines.append(f"    {self.written(part, part.writes[0], views[0], call)}")
            return
        values = [self.names.claim(f"{self.of_whole[w.target]}_part") for w in part.writes]
        self.lines.append(f"    {', '.join(values)} = {call}")
        for write, view, value in zip(part.writes, views, values, strict=True):
            self.lines.append(f"    {self.written(part, write, view, value)}")
        self.lines.append(f"    del {', '.join(values)}")

    def start(self, part: Segment, target: Node) -> str:
        """What the tensor is before the first chunk."""
        name = self.whole(target)
        write = next(write for write in part.writes if write.target is target)
        start = part.initials.get(target)
        if start is not None:
            code = self.argument(Restricted(start))
            if not target.shape:
                return f"{name} = np.{self.called.dtype}({code})"
            return f"{name} = {code}{'' if self.found.is_taken_over(start) else '.copy()'}"
        value = STARTS[write.operation]
        if not target.shape:
            return f"{name} = np.{self.real_dtype}({value})"
        shape = self.shape(target)
        if write.operation != "add":
            return f"{name} = np.full({shape[0]}, {value}{shape[1]})"
        is_filled = part.is_alone(write) and write.along is not None
        repeats = len(set(write.pattern)) < len(write.pattern)
        return f"{name} = np.{'empty' if is_filled and not repeats else 'zeros'}({''.join(shape)})"

    def shape(self, target: Node) -> tuple[str, str]:
        """The shape, and the dtype as an argument after it."""
        lengths = ", ".join(map(self.extent, target.shape))
        dtype = self.real_dtype if target in self.real else self.called.dtype
        told = "" if dtype == "float64" else f", np.{dtype}"
        return f"({lengths}{',' if len(target.shape) == 1 else ''})", told

    @property
    def real_dtype(self) -> str:
        """That of real numbers as precise as those of the arrays."""
        dtype = self.called.dtype
        return {"complex64": "float32", "complex128": "float64"}.get(dtype, dtype)

    def know_real(self, part: Segment, plan: Plan) -> None:
        """Which tensors are real even if the inputs are complex: it shows in their dtype."""
        nodes = {v.name: what.node for v, what in part.inputs}
        inputs = [value for value in plan.inputs if nodes[str(value.detail)] in self.real]
        real = always_real([step.value for step in plan.steps], inputs)
        sources = [term.source for _, term in plan.results]
        made = [source in real or source in inputs for source in sources]
        targets = [write.target for write in part.writes] or part.targets
        starts = {node for node, start in part.initials.items() if start not in self.real}
        self.real.update(targets)
        self.real -= {target for target, real in zip(targets, made, strict=True) if not real}
        self.real -= starts

    def view(self, part: Segment, write: Write) -> str:
        """The entries of the tensor that a chunk may write to."""
        name = self.of_whole[write.target]
        unique = tuple(dict.fromkeys(write.pattern))
        if len(unique) < len(write.pattern):
            letters = letters_of(unique)
            before, after = ("".join(letters[x] for x in axes) for axes in (write.pattern, unique))
            diagonal = self.names.claim(f"{name}_diagonal")
            self.lines.append(f'{diagonal} = np.einsum("{before}->{after}", {name})')
            name = diagonal
        if write.along is None:
            return name
        index = [":"] * unique.index(write.along) + [self.here]
        return f"{name}[{', '.join(index)}]"

    def written(self, part: Segment, write: Write, view: str, value: str) -> str:
        """The line that puts a chunk's result where it goes."""
        value = aligned(value, write.labels, tuple(dict.fromkeys(write.pattern)))
        if write.operation != "add":
            out = f", out={view}" if write.target.shape else ""
            left = "" if out else f"{view} = "
            return f"{left}np.{write.operation}({view}, {value}{out})"
        if write.along is not None and part.is_alone(write):
            return f"{view} = {value}"
        return f"{view} += {value}"

    # --- results --------------------------------------------------------------------------------

    def returned(self) -> str:
        """The results, each an array of its own."""
        seen: set[Node] = set()
        found = []
        for _, node in self.found.task.results:
            is_input = isinstance(node, Variable)
            name = self.of_input[node.name] if isinstance(node, Variable) else self.of_whole[node]
            if is_input and not node.shape:
                name = f"np.{self.called.dtype}({name})"
            elif (is_input or node in seen) and node.shape:
                name = f"np.array({name})"
            seen.add(node)
            found.append(name)
        return f"return {', '.join(found)}"


def emit_chunked(found: Chunked, arguments: Sequence[Named], called: Called) -> ChunkedModule:
    """The module of a plan in chunks.

    `arguments` are names and shapes of the parameters in order. Raises `ShapeError` if a size is
    neither told by an argument nor in the hints.
    """
    writer = _Writer(found, arguments, called)
    main = writer.claim_names()
    for position in range(len(found.segments)):
        writer.segment(position)
    pairs = [(argument, writer.of_input[argument[0]]) for argument in arguments]
    sizes = found_sizes(writer.used_sizes, pairs, writer.of_size, called.hints)
    body = [*sizes.lines, *writer.lines, writer.returned()]
    parameters = (*writer.of_input.values(), *writer.of_function.values())
    header = f"def {main}({', '.join([*parameters, '*', f'{writer.progress}=iter'])}):"
    definition = (header, *indented([*_document(writer), *body]))
    functions = [line for module in writer.modules for line in ["", "", *module.definition]]
    above = _above(found, called.dtype, [*functions, *body])
    module = Module(
        "\n".join([TITLE, "", *above, *functions, "", "", *definition, ""]),
        main,
        parameters,
        tuple(called.functions),
        tuple(distinct([name for name, _ in found.task.results])),
        tuple(line for module in writer.modules for line in module.lines),
        (),
        tuple(above),
        definition,
    )
    return ChunkedModule(module, writer.progress, tuple(writer.modules))


def _above(found: Chunked, dtype: str, code: Sequence[str]) -> list[str]:
    """What stands above the functions."""
    joint = replace(
        found.plans[0],
        steps=tuple(step for plan in found.plans for step in plan.steps),
        results=tuple(result for plan in found.plans for result in plan.results),
    )
    at = ", ".join(f"{name} = {size}" for name, size in sorted(found.task.sizes.items()))
    told = f"of {found.extent}: {found.peak_bytes:,} bytes at the peak with {at}"
    return [*preamble(joint, dtype, code), "", f"CHUNK = {found.length}  # {told}"]


def _document(writer: _Writer) -> list[str]:
    task = writer.found.task
    shown = [writer.called.formulas.get(name, name) for name, _ in task.results]
    rows = [f"{writer.of_input[name]}  {shape_text(shape)}" for name, shape in writer.arguments]
    rows += [f"{name}  function, {prime(*key)}" for key, name in writer.of_function.items()]
    results = [f"{name}  {shape_text(node.shape)}" for name, node in task.results]
    return document(shown, rows, results, how=f"in chunks of {writer.found.extent}")
