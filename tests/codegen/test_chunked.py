"""Computed in chunks is computed right, within the memory that was allowed, whatever is cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import indexcalc as ic
from indexcalc.codegen.chunked import Called, emit_chunked
from indexcalc.interpret import interpret
from indexcalc.ir.extent import Extent
from indexcalc.ir.node import Contraction, Node, Variable
from indexcalc.ir.walk import postorder
from indexcalc.plan.chunks import Chunked, Task
from indexcalc.plan.nest import nest
from indexcalc.plan.schedule import make_plan
from indexcalc.plan.segments import segments
from indexcalc.plan.slicing import sliced
from tests.codegen.test_agreement import inner_nodes
from tests.program_texts import written
from tests.strategies import Problem, problems

Arrays = dict[str, NDArray[Any]]
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
RNG = np.random.default_rng(5)


LOGREG = "X[m,n], y[m], w[n]; f = Σ_i log(1+exp(-y_i X_ij w_j))"
NORMALISED = """
    X[m,n], g[n]
    μ_j  = Σ_i X_ij/m
    v_j  = Σ_i (X_ij - μ_j)^2/m
    Z_ij = g_j (X_ij - μ_j)/sqrt(v_j + 1)
    f    = Σ_ij tanh(Z_ij)
"""


def normal(*shape: int) -> NDArray[Any]:
    return np.asarray(RNG.normal(size=shape))


# --- any graph, any index, chunks of any length ---------------------------------------------------


def cut(roots: Sequence[Node], sizes: dict[str, int], extent: Extent, large: int) -> Any:
    """What is made in loops over chunks of the extent, as segments; None if nothing can be."""
    nested = nest(roots, extent)
    slicing = sliced(nested, extent, sizes, large)
    results = [(f"y{k}", root) for k, root in enumerate(nested)]
    if slicing is None:
        return None
    return results, tuple(segments(slicing, results, Extent.named("chunk")))


def source(
    results: Sequence[tuple[str, Node]], sizes: dict[str, int], extent: Extent, parts: Any, k: int
) -> str:
    """The module with chunks of `k` entries."""
    plans = tuple(make_plan(part.results, {**sizes, "chunk": k}, part.names) for part in parts)
    found = Chunked(Task(results, sizes), extent, "chunk", k, parts, plans)
    assert found.count * k >= found.total
    assert found.cost.numbers.peak_bytes == found.peak_bytes >= 0
    arguments = [(v.name, v.shape) for v in variables([node for _, node in results])]
    return emit_chunked(found, arguments, Called("evaluate", {}, hints=sizes)).module.text


def variables(roots: Sequence[Node]) -> list[Variable]:
    found = {node.name: node for node in postorder(roots) if isinstance(node, Variable)}
    return list(found.values())


def check_all_ways(roots: Sequence[Node], problem: Problem) -> None:
    values, sizes = problem.values(), problem.sizes
    want = [interpret(root, values, sizes) for root in roots]
    extents: dict[Extent, None] = {}
    for node in postorder(roots):
        inner = node.extents if isinstance(node, Contraction) else ()
        extents.update(dict.fromkeys((*node.shape, *inner)))
    for extent in extents:
        for large in (0, 4):
            made = cut(roots, sizes, extent, large)
            if made is None:
                continue
            for length in (1, 2, 7):
                text = source(made[0], sizes, extent, made[1], length)
                namespace: dict[str, Any] = {}
                exec(text, namespace)
                before = {name: value.copy() for name, value in values.items()}
                given_ = [values[v.name] for v in variables([node for _, node in made[0]])]
                got = namespace["evaluate"](*given_)
                for a, b in zip([got] if len(roots) == 1 else got, want, strict=True):
                    assert np.shape(a) == b.shape
                    np.testing.assert_allclose(a, b, rtol=1e-8, atol=1e-8, err_msg=text)
                for name, value in values.items():  # nothing is written into an argument
                    np.testing.assert_array_equal(value, before[name], err_msg=text)


@given(problems())
def test_every_index_of_every_graph_can_be_cut_or_is_left_alone(problem: Problem) -> None:
    check_all_ways([problem.root], problem)


@given(problems())
def test_results_that_share_work_are_cut_together(problem: Problem) -> None:
    check_all_ways(inner_nodes(problem.root), problem)


class Orders(dict[Any, Any]):
    """All derivatives of sin(x + 2y + …)."""

    def get(self, key: Any, default: Any = None) -> Callable[..., Any]:
        orders = (key,) if isinstance(key, int) else key
        scale = float(np.prod([(k + 1) ** order for k, order in enumerate(orders)]))
        shift = sum(orders) * np.pi / 2
        return lambda *a: scale * np.sin(sum((k + 1) * x for k, x in enumerate(a)) + shift)


@given(st.integers(0, 10**6), st.integers(0, 3))
@settings(max_examples=40)
def test_random_programs_agree_at_tiny_limits(seed: int, quarters: int) -> None:
    program, f, arguments = random_function(seed)
    try:
        want = as_tuple(f(**arguments))
    except ic.FormulaError:
        assume(False)
    least = sum(result.nbytes for result in want)
    limit = least + (f.cost.numbers.peak_bytes - least) * quarters // 4
    g = program.compile(*f.queries, memory_limit=limit)
    try:
        got = as_tuple(g(**arguments))
    except ic.LimitError:
        return
    except ic.EvaluationError as error:
        if "a matrix function failed" not in str(error):  # one that only rounding makes regular
            raise
        return
    for a, b in zip(got, want, strict=True):
        assert a.dtype == b.dtype
        finite = np.abs(b[np.isfinite(b)]).max(initial=1.0)
        np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-8 * finite, err_msg=g.source)


class _Whole:
    """A function without a limit, and what was asked."""

    def __init__(self, function: Any, queries: Sequence[str]) -> None:
        self.function, self.queries = function, queries

    def __call__(self, **arguments: Any) -> Any:
        return self.function(**arguments)

    @property
    def cost(self) -> Any:
        return self.function.cost


def random_function(seed: int) -> tuple[ic.Program, _Whole, dict[str, Any]]:
    text = written(seed, 3)
    source_ = np.random.default_rng(seed)
    sizes = {"m": int(source_.integers(2, 6)), "n": int(source_.integers(2, 7))}
    try:
        program = ic.Program(text.text)
        f = program.compile(*text.queries, memory_limit=10**13, sizes=sizes)
    except ic.FormulaError:
        assume(False)
    arguments: dict[str, Any] = {}
    for name in f.signature:
        if name not in f.arrays:
            arguments[name] = Orders({0: None})
            continue
        about = program.variables[name]
        shape = tuple(sizes[e] if isinstance(e, str) else e for e in about.shape)
        array = source_.uniform(0.5, 1.5, size=shape)
        arguments[name] = array + array.T if "symmetric" in about.domain else array
    return program, _Whole(f, text.queries), arguments


def as_tuple(results: Any) -> tuple[NDArray[Any], ...]:
    return results if isinstance(results, tuple) else (results,)


# --- shapes ---------------------------------------------------------------------------------------


def test_other_shapes_get_chunks_of_their_own() -> None:
    program = ic.Program(LOGREG)
    f = program.compile("f", "∂f/∂w_j", memory_limit=4_000)
    whole = program.compile("f", "∂f/∂w_j")
    for m in (5, 1_000, 0, 1, 997, 1_000):
        arguments = {"X": normal(m, 3), "y": normal(m), "w": normal(3)}
        for a, b in zip(f(**arguments), whole(**arguments), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_the_module_in_chunks_is_right_for_all_sizes_and_needs_only_numpy() -> None:
    program = ic.Program(NORMALISED)
    queries = ("f", "∂f/∂g_j", "∂f/∂X_ij")
    sizes = {"m": 1_000, "n": 10}
    text = program.compile(*queries, sizes=sizes, memory_limit=130_000).source
    assert "for start in progress(range(0, m, CHUNK)):" in text
    assert "indexcalc" not in text
    namespace: dict[str, Any] = {}
    exec(text, namespace)
    whole = program.compile(*queries)
    for m, n in ((1, 4), (namespace["CHUNK"] + 1, 1), (1_000, 10), (0, 3)):
        X, g = normal(m, n), normal(n)
        for a, b in zip(namespace["evaluate"](X, g), whole(X=X, g=g), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_both_indices_of_one_extent_are_told_apart() -> None:
    program = ic.Program("x[n]; E_ij = exp(-(x_i - x_j)^2); r_i = Σ_j E_ij x_j; t = Σ_i E_ii x_i")
    x = normal(300)
    want = program.compile("r", "t", "∂r_i/∂x_k x_k")(x=x)
    f = program.compile("r", "t", "∂r_i/∂x_k x_k", memory_limit=80_000)
    for a, b in zip(f(x=x), want, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9)
    assert "is cut" in f.explain()


def test_a_delta_between_two_axes_of_a_result_is_written_block_by_block() -> None:
    program = ic.Program("W[n,n], x[B,n]; y_bi = tanh(W_ij x_bj)")
    arguments = {"W": normal(6, 6), "x": normal(200, 6)}
    want = program.compile("∂y_bi/∂x_ck")(**arguments)
    f = program.compile("∂y_bi/∂x_ck", memory_limit=want.nbytes + 30_000)
    np.testing.assert_allclose(f(**arguments), want, rtol=1e-12)
    assert "is cut" in f.explain()
    assert "_diagonal[here] = _chunk(" in f.source


def test_abstract_functions_reach_the_right_place() -> None:
    program = ic.Program("x[m], y[m]; f = Σ_i h(g(x_i) y_i) + Σ_i g(h(y_i))")
    g, h = {0: np.tanh, 1: lambda v: 1 - np.tanh(v) ** 2}, {0: np.sin, 1: np.cos}
    x, y = normal(3_000), normal(3_000)
    want = program.compile("f", "∂f/∂x_i", "∂f/∂y_i")(x=x, y=y, g=g, h=h)
    f = program.compile("f", "∂f/∂x_i", "∂f/∂y_i", memory_limit=60_000)
    for a, b in zip(f(x=x, y=y, g=g, h=h), want, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9)
    assert "is cut" in f.explain()
    special = program.compile("f", memory_limit=30_000)(x=x, y=y, g="tanh", h="sin")
    np.testing.assert_allclose(special, want[0], rtol=1e-9)


@pytest.mark.parametrize("query", ["∂f/∂x_k", "∂²f/∂x_k∂x_l"])
def test_what_is_compared_is_computed_once(query: str) -> None:
    """The slope of a maximum is where entries equal it; sums in two orders are not quite equal."""
    program = ic.Program(
        "A[k,m], x[k]; z_i = A_ki x_k; f = exp(max_i z_i) + Σ_ij tanh(z_i z_j) + max_i (z_i^2)"
    )
    source_ = np.random.default_rng(0)
    arguments = {"A": source_.normal(size=(37, 301)) / 6, "x": source_.normal(size=37)}
    want = program.compile(query)(**arguments)
    cut = 0
    for limit in (20_000, 60_000, 100_000, 150_000):
        f = program.compile(query, memory_limit=limit)
        try:
            np.testing.assert_allclose(f(**arguments), want, rtol=1e-9, atol=1e-9)
        except ic.LimitError:
            continue
        cut += "is cut" in f.explain()
    assert cut > 2


def test_names_that_the_loop_uses_are_free_for_tensors() -> None:
    program = ic.Program(
        "start[m, n], here[n], progress[m]; s = Σ_ij exp(start_ij here_j progress_i)"
    )
    arguments = {"start": normal(400, 20), "here": normal(20), "progress": normal(400)}
    seen: list[int] = []

    def watched(chunks: Any) -> Any:
        for chunk in chunks:
            seen.append(chunk)
            yield chunk

    f = program.compile("s", memory_limit=20_000, progress=watched)
    np.testing.assert_allclose(f(**arguments), program["s"](**arguments), rtol=1e-12)
    assert len(seen) > 2


# --- what cannot be -------------------------------------------------------------------------------


def test_results_beyond_the_limit_are_refused_with_the_figure() -> None:
    f = ic.Program("x[m], y[n]; A_ij = exp(x_i y_j)").compile("A", memory_limit=10_000)
    with pytest.raises(ic.LimitError, match=r"80,000 bytes are needed.*results alone take 80,000"):
        f(x=normal(100), y=normal(100))


def test_the_least_that_chunks_could_reach_is_told() -> None:
    program = ic.Program("A[n,n], B[n,n]; f = Σ_ij tanh(A_ik B_kj)")
    arguments = {"A": normal(200, 200), "B": normal(200, 200)}
    with pytest.raises(ic.LimitError) as caught:
        program.compile("f", memory_limit=1_000)(**arguments)
    text = str(caught.value)
    assert "320,008 bytes are needed, and the limit is 1,000" in text
    assert "with n = 200 cut into chunks of 1 it takes 1,6" in text
    least = int(text.partition("raise memory_limit to ")[2].partition(" ")[0].replace(",", ""))
    f = program.compile("f", memory_limit=least)
    np.testing.assert_allclose(f(**arguments), np.tanh(arguments["A"] @ arguments["B"]).sum())
    assert f.cost.numbers.peak_bytes == least


def test_what_has_no_index_to_cut_is_refused() -> None:
    program = ic.Program("A[n,n], b[n]; f = b^T A^{-1} A^{-1} b")
    f = program.compile("f", memory_limit=1_000)
    with pytest.raises(ic.LimitError, match=r"bytes are needed, and the limit is 1,000"):
        f(A=normal(50, 50), b=normal(50))


# --- what is shown --------------------------------------------------------------------------------


def test_costs_and_explanations_tell_what_is_cut() -> None:
    X, y, w = normal(10_000, 8), normal(10_000), normal(8)
    f = ic.Program(LOGREG).compile("f", "∂f/∂w_j", memory_limit=100_000)
    f(X=X, y=y, w=w)
    first = f.explain().split("\n")[0]
    assert first.startswith("m = 10,000 is cut into chunks of ")
    assert " bytes at the peak, " in first
    assert "_chunk, for each chunk:" in f.explain()
    assert {"chunk", "chunks"} <= f.cost.flops.names
    assert 50_000 < f.cost.numbers.peak_bytes <= 100_000
    assert f.cost.numbers.flops >= 4 * 10_000 * 8


def test_what_the_hints_tell_shows_before_the_first_call() -> None:
    sizes = {"m": 10_000, "n": 8}
    f = ic.Program(LOGREG).compile("f", memory_limit=100_000, sizes=sizes)
    assert "CHUNK = " in f.source
    assert "CHUNK" not in ic.Program(LOGREG).compile("f", memory_limit=100_000).source
    tight = ic.Program(LOGREG).compile("f", memory_limit=10, sizes=sizes)
    assert "CHUNK" not in tight.source  # a call will tell


# --- progress -------------------------------------------------------------------------------------


def test_a_function_that_wraps_chunks_is_called_only_for_chunks() -> None:
    calls: list[range] = []

    def watched(chunks: range) -> range:
        calls.append(chunks)
        return chunks

    program = ic.Program(LOGREG)
    f = program.compile("f", memory_limit=50_000, progress=watched)
    f(X=normal(20, 3), y=normal(20), w=normal(3))
    assert not calls
    f(X=normal(5_000, 3), y=normal(5_000), w=normal(3))
    assert [len(chunks) for chunks in calls] == [-(-5_000 // calls[0].step)]


def test_a_bar_is_tqdms(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tqdm")
    made: list[dict[str, Any]] = []

    def bar(chunks: range, **options: Any) -> range:
        made.append(options)
        return chunks

    monkeypatch.setattr("tqdm.auto.tqdm", bar)
    f = ic.Program(LOGREG).compile("f", memory_limit=50_000, progress=True)
    f(X=normal(5_000, 3), y=normal(5_000), w=normal(3))
    assert made[0]["unit"] == "chunk"


def test_a_bar_without_tqdm_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "tqdm.auto", None)
    with pytest.raises(ic.EvaluationError, match="pip install"):
        ic.Program(LOGREG).compile("f", progress=True)
    ic.Program(LOGREG).compile("f", progress=False)
    with pytest.raises(ic.EvaluationError, match="function of an iterable"):
        ic.Program(LOGREG).compile("f", progress="yes")  # type: ignore[call-overload]
