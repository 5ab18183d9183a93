"""Compiled functions: what `compile` gives back.

In: results as graph nodes, parameters. Out: a `Function`, which plans and writes code for
the shapes it meets, keeps it, and calls it with next to nothing in between.

>>> from indexcalc.ir.build import variable
>>> from indexcalc.ir.contraction import contract
>>> from indexcalc.ir.extent import Extent
>>> m, n = Extent.named("m"), Extent.named("n")
>>> W, x = variable("W", (m, n)), variable("x", (n,))
>>> f = Function([("y", contract([(W, "ij"), (x, "j")], "i"))], [("W", W.shape), ("x", x.shape)])
>>> f(W=[[1.0, 2.0], [3.0, 4.0]], x=[5, 6])
array([17., 39.])
>>> f.signature
('W', 'x')
"""

from __future__ import annotations

import linecache
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

import numpy as np

from indexcalc.codegen.arguments import Bound, Expected
from indexcalc.codegen.chunked import Called, emit_chunked
from indexcalc.codegen.failures import explained
from indexcalc.codegen.fast_path import MISSING, fast_path
from indexcalc.codegen.numpy_source import FunctionKey, Module, emit
from indexcalc.codegen.progress import Progress, wrapper
from indexcalc.codegen.results import result_type
from indexcalc.codegen.sizes import Named
from indexcalc.codegen.table import table, table_of_chunks
from indexcalc.collection import uncollected
from indexcalc.errors import EvaluationError, FormulaError, LimitError
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Apply, Node
from indexcalc.ir.primitives import PRIMITIVES
from indexcalc.ir.walk import postorder
from indexcalc.plan.chunks import Chunked, Task, chunked
from indexcalc.plan.cost import Cost, cost_of
from indexcalc.plan.memory import moments
from indexcalc.plan.program import Plan
from indexcalc.plan.schedule import make_plan

MOST_AXES = 64 if int(np.__version__.partition(".")[0]) >= 2 else 32
_serial = count(1)
MOST_SHAPES = 32  # that code in chunks is kept for
ShapeClass = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """Code that was loaded; with `chunks`, `modules` are those of its segments."""

    plan: Plan
    module: Module
    body: Callable[..., Any]
    moments: Sequence[Extent] = ()  # bytes alive, one of which is the most
    chunks: Chunked | None = None
    modules: tuple[Module, ...] = ()

    def most_bytes(self, sizes: Mapping[str, int]) -> int:
        """Bytes at the peak."""
        return max((moment.evaluate(sizes) for moment in self.moments), default=0)

    def passed(self, bound: Bound, functions: Sequence[FunctionKey]) -> tuple[Any, ...]:
        """The arguments in the order of the code."""
        of_function = dict(zip(functions, bound.callables, strict=True))
        return (*bound.arrays, *(of_function[key] for key in self.module.functions))


@dataclass(frozen=True, slots=True)
class _Spec:
    """What a function is made of; see `Function`."""

    results: tuple[tuple[str, Node], ...]
    expected: Expected
    names: Mapping[Node, str]
    formulas: Mapping[str, str]
    sizes: Mapping[str, int]
    memory_limit: int
    name: str
    differentiated: bool
    specialise: Callable[[Mapping[str, str]], Function] | None
    complex_nodes: Callable[[], Sequence[Node]] | None
    progress: Progress | None
    definite: Collection[Node]
    compiled: dict[tuple[ShapeClass, str], _Compiled] = field(default_factory=dict)
    in_chunks: dict[tuple[ShapeClass, str], _Compiled] = field(default_factory=dict)
    plans: dict[tuple[ShapeClass, bool], Plan] = field(default_factory=dict)
    for_complex: list[tuple[str, Node]] = field(default_factory=list)

    def nodes(self, is_complex: bool) -> Sequence[tuple[str, Node]]:
        """The results for real or for complex arrays; the latter are made when first needed."""
        if not is_complex or self.complex_nodes is None:
            return self.results
        if not self.for_complex:
            names = [name for name, _ in self.results]
            self.for_complex.extend(zip(names, self.complex_nodes(), strict=True))
        return self.for_complex


class Function:
    """A compiled function of arrays, for one or several results."""

    def __init__(  # noqa: PLR0913 - one place that calls it, by keyword
        self,
        results: Sequence[tuple[str, Node]],
        arguments: Sequence[Named],
        *,
        names: Mapping[Node, str] | None = None,
        formulas: Mapping[str, str] | None = None,
        sizes: Mapping[str, int] | None = None,
        memory_limit: int | None = None,
        name: str = "evaluate",
        differentiated: bool = False,
        unused: Sequence[str] = (),
        specialise: Callable[[Mapping[str, str]], Function] | None = None,
        complex_nodes: Callable[[], Sequence[Node]] | None = None,
        progress: bool | Progress | None = None,
        definite: Collection[Node] = (),
    ) -> None:
        """Keep the parts; planning waits for sizes.

        `results` are named nodes free of derivatives and definitions, `arguments` names and
        shapes in the order of the signature, `names` the nodes that have a name to be used in the
        code, `formulas` a text for each result, `sizes` hints for the order of contractions,
        `memory_limit` bytes (by default those of the machine), `differentiated` whether derivatives
        were taken, `unused` names that may be passed and are not looked at; `specialise` makes the
        function in which abstract functions are the built-in ones of these names, `complex_nodes`
        the results for complex arrays, where they differ (`log(exp(u))` is `u` for reals only).
        What needs more memory than there may be is computed in chunks of one index; `progress` asks
        for a bar while that goes on, or is a function such as `tqdm` that wraps an iterable;
        `definite` are nodes that are declared symmetric and positive definite.
        Raises `LimitError` if a result has more axes than NumPy has, `EvaluationError` if there is
        no `tqdm` for a bar.
        """
        for result, node in results:
            check_rank(result, len(node.shape))
        functions = _abstract_functions([node for _, node in results])
        self._spec = _Spec(
            tuple(results),
            Expected(tuple(arguments), functions, dict(sizes or {}), frozenset(unused)),
            dict(names or {}),
            dict(formulas or {}),
            dict(sizes or {}),
            machine_memory() if memory_limit is None else memory_limit,
            name,
            differentiated,
            specialise,
            complex_nodes,
            wrapper(progress),
            frozenset(definite),
        )
        self._special: dict[tuple[tuple[str, str], ...], Function] = {}
        self._latest: _Compiled | None = None
        self._call: Callable[..., Any] = self._prepare

    # --- calling --------------------------------------------------------------------------------

    def __call__(self, /, *args: Any, **arrays: Any) -> Any:
        """The result, or a named tuple of them.

        Arrays go by name or in the order of `signature`. Raises `EvaluationError` for wrong names
        or kinds, `ShapeError` for wrong shapes, `LimitError` for want of memory.
        """
        try:
            return self._call(*args, **arrays)
        except FormulaError:
            raise
        except TypeError:  # wrong arguments, or a function that has no such numbers
            return self._explained(args, arrays)
        except np.linalg.LinAlgError as error:
            plan = self._latest.plan if self._latest is not None else None
            raise explained(error, plan) from None
        except ZeroDivisionError:
            raise EvaluationError("a division by a size that is 0") from None
        except MemoryError as error:
            raise LimitError(f"out of memory: {error}") from None

    def _prepare(self, /, *args: Any, **named_arrays: Any) -> Any:
        """Bind with all checks, find or make the code, and make the next such call fast."""
        spec = self._spec
        given = spec.expected.by_name(args, named_arrays)
        named = {n: f for n, f in given.items() if isinstance(f, str) and n in spec.expected.called}
        if named and spec.specialise is not None:
            return self._specialised(named)(**{n: a for n, a in given.items() if n not in named})
        bound = spec.expected.bind(given)
        self._check_kind(bound.dtype)
        compiled = self._compiled(bound.sizes, bound.dtype.name)
        sizes = {**compiled.plan.sizes, **bound.sizes}
        if compiled.most_bytes(sizes) > spec.memory_limit:
            compiled = self._in_chunks(compiled.plan, sizes, bound.dtype.name)
        finish = result_type(spec.name, compiled.module.results)
        arrays_given = any(isinstance(array, np.ndarray) for array in bound.arrays)
        if not spec.expected.functions and (arrays_given or bound.dtype == np.float64):
            single = len(compiled.module.results) == 1
            self._call = fast_path(
                compiled.module.parameters,
                bound.arrays,
                sorted(spec.expected.unused),
                compiled.body,
                None if single else finish,
                self._by_name,
            )
        return finish(compiled.body(*compiled.passed(bound, spec.expected.functions)))

    def _explained(self, args: Sequence[Any], arrays: Mapping[str, Any]) -> Any:
        """Call with all checks; what NumPy refuses is told as an error of ours."""
        try:
            return self._prepare(*args, **arrays)
        except TypeError as error:
            raise EvaluationError(f"NumPy cannot evaluate this: {error}") from None

    def _specialised(self, named: Mapping[str, str]) -> Function:
        """The function in which some abstract functions are built-in ones; made once."""
        key = tuple(sorted(named.items()))
        if key not in self._special:
            assert self._spec.specialise is not None
            self._special[key] = self._spec.specialise(named)
        return self._special[key]

    def _by_name(self, /, *args: Any, **others: Any) -> Any:
        """Hand on what the fast path could not take, as the caller wrote it."""
        names = self.signature
        if len(args) > len(names):
            return self._prepare(*args, **others)
        given = {n: a for n, a in zip(names, args, strict=True) if a is not MISSING}
        twice = given.keys() & others.keys()
        if twice:
            raise EvaluationError(f"{', '.join(sorted(twice))} given twice")
        return self._prepare(**given, **others)

    def _check_kind(self, dtype: np.dtype[Any]) -> None:
        if dtype.kind != "c" or not self._spec.differentiated:
            return
        for node in postorder([node for _, node in self._spec.nodes(is_complex=True)]):
            row = PRIMITIVES.get(node.function.name) if isinstance(node, Apply) else None
            if row is not None and not row.holomorphic:
                what = "a comparison" if row.numpy.startswith("({0}") else row.name
                raise EvaluationError(
                    f"{what} has no complex derivative, so this holds for real arrays only",
                    hint="relu, abs, max, min, where and norms of complex numbers have none",
                )

    @uncollected()
    def _compiled(self, sizes: Mapping[str, int], dtype: str) -> _Compiled:
        spec = self._spec
        shape_class = tuple(sorted((name, size.bit_length()) for name, size in sizes.items()))
        found = spec.compiled.get((shape_class, dtype))
        if found is None:
            is_complex = dtype.startswith("complex")
            plan = spec.plans.get((shape_class, is_complex))
            if plan is None:
                results = spec.nodes(is_complex)
                plan = make_plan(
                    results, sizes, spec.names, is_complex=is_complex, definite=spec.definite
                )
                for step in plan.steps:
                    check_rank("an intermediate", len(step.value.shape))
                spec.plans[shape_class, is_complex] = plan
            module = emit(
                plan, spec.expected.arrays, spec.formulas, spec.name, dtype, hints=spec.sizes
            )
            at_each = moments(plan, np.dtype(dtype).itemsize)
            found = _Compiled(plan, module, _load(module), at_each)
            spec.compiled[shape_class, dtype] = found
        self._latest = found
        return found

    def _in_chunks(self, plan: Plan, sizes: Mapping[str, int], dtype: str) -> _Compiled:
        """Code that keeps within the memory for exactly these sizes. `LimitError` if none can."""
        spec = self._spec
        key = tuple(sorted(sizes.items())), dtype
        found = spec.in_chunks.pop(key, None)
        if found is None:
            is_complex = dtype.startswith("complex")
            results, item = spec.nodes(is_complex), np.dtype(dtype).itemsize
            task = Task(results, sizes, item, is_complex=is_complex, names=spec.names)
            chunks = chunked(task, spec.memory_limit, plan)
            for step in (step for part in chunks.plans for step in part.steps):
                check_rank("an intermediate", len(step.value.shape))
            called = Called(
                spec.name, spec.formulas, spec.expected.functions, dtype, hints=spec.sizes
            )
            made = emit_chunked(chunks, spec.expected.arrays, called)
            body = _load(made.module)
            if spec.progress is not None:
                body = partial(body, **{made.progress: spec.progress})
            found = _Compiled(plan, made.module, body, (), chunks, made.modules)
        spec.in_chunks[key] = found  # the last one used is kept longest
        while len(spec.in_chunks) > MOST_SHAPES:
            del spec.in_chunks[next(iter(spec.in_chunks))]
        self._latest = found
        return found

    # --- looking --------------------------------------------------------------------------------

    def _current(self) -> _Compiled:
        """The code last used, or that for the hints: in chunks where these tell all sizes."""
        if self._latest is not None:
            return self._latest
        spec = self._spec
        found = self._compiled(spec.sizes, "float64")
        needed = found.most_bytes(found.plan.sizes)
        if needed > spec.memory_limit and found.plan.sizes.keys() <= spec.sizes.keys():
            try:
                return self._in_chunks(found.plan, found.plan.sizes, "float64")
            except LimitError:
                pass  # a call tells; what would have to be computed can be looked at
        return found

    @property
    def signature(self) -> tuple[str, ...]:
        """The names of the arguments in order."""
        return self._spec.expected.names

    @property
    def arrays(self) -> tuple[str, ...]:
        """The names of those arguments that are arrays, in order."""
        return tuple(name for name, _ in self._spec.expected.arrays)

    @property
    def results(self) -> tuple[str, ...]:
        """The names of the results in order."""
        return tuple(name for name, _ in self._spec.results)

    @property
    def source(self) -> str:
        """The module: numpy only, readable, right for all shapes, planned for the last ones."""
        return self._current().module.text

    @property
    def cost(self) -> Cost:
        """Operations, bytes moved, bytes at the peak: in terms of the extents, and as numbers."""
        compiled = self._current()
        return compiled.chunks.cost if compiled.chunks else cost_of(compiled.plan)

    def explain(self) -> str:
        """The plan as a table: each step, its formula, the call that runs it, its cost."""
        compiled = self._current()
        if compiled.chunks is not None:
            return table_of_chunks(compiled.chunks, compiled.modules, compiled.plan)
        return table(compiled.plan, compiled.module)

    def __repr__(self) -> str:
        """The arguments and the results."""
        results = ", ".join(name for name, _ in self._spec.results)
        return f"<Function ({', '.join(self.signature)}) -> {results}>"


def check_rank(name: str, axes: int) -> None:
    """`LimitError` if an array would have more axes than NumPy allows."""
    if axes > MOST_AXES:
        raise LimitError(f"{name} has {axes} axes; NumPy allows {MOST_AXES}")


def machine_memory() -> int:
    """Bytes of memory that the machine has; 16 GiB where it does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 1 << 34


def _abstract_functions(roots: Sequence[Node]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    keys = {
        (node.function.name, node.function.orders): None
        for node in postorder(roots)
        if isinstance(node, Apply) and node.function.kind != "builtin"
    }
    return tuple(keys)


def _load(module: Module) -> Callable[..., Any]:
    """Run the module in a namespace of its own; tracebacks can show its lines."""
    filename = f"<indexcalc {module.function} {next(_serial)}>"
    lines = module.text.splitlines(keepends=True)
    linecache.cache[filename] = (len(module.text), None, lines, filename)
    namespace: dict[str, Any] = {"__name__": f"indexcalc_{module.function}"}
    exec(compile(module.text, filename, "exec"), namespace)
    body: Callable[..., Any] = namespace[module.function]
    return body
