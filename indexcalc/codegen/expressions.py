"""One value as one NumPy expression.

In: a value, and a `Scope` that knows what its operands and the sizes are called. Out: code.

>>> from indexcalc.plan.graph import Graph
>>> from indexcalc.ir.extent import Extent
>>> graph, n = Graph(), Extent.named("n")
>>> W, x = graph.leaf("input", (n, n), "W"), graph.leaf("input", (n,), "x")
>>> names = {W: "W", x: "x"}
>>> scope = Scope(names.__getitem__, str, str, "float64", {"n": 3})
>>> expression(graph.product(Term(W, (1, 0)), Term(x, (1,)), {0}).source, scope, None)
'x.dot(W)'
>>> expression(graph.map("multiply", Term(W, (1, 0)), Term(x, (1,))).source, scope, None)
'W * x[:, None]'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod

from indexcalc.codegen import entrywise
from indexcalc.codegen.entrywise import Place
from indexcalc.codegen.scalars import Scalars, constant
from indexcalc.errors import LimitError
from indexcalc.ir.extent import ONE, Extent
from indexcalc.ir.node import Labels
from indexcalc.plan.graph import extents_of
from indexcalc.plan.kernels import Reading, recipe
from indexcalc.plan.machine import Kernel
from indexcalc.plan.program import Term, Value, in_reading_order
from indexcalc.plan.timing import way

LARGE_OUTER = 30_000  # entries
SMALL_OUTER = 50_000  # entries; above, rows that are multiples of a page may be slow
SMALL = 2_000  # entries; above, what a Python number costs a ufunc does not matter
LONG_ROW = 2_000  # entries of the last axis
DOUBLES = {"float32": 0.5, "complex128": 2.0}  # in an entry
LETTERS = "ijklmnopqrstuvwxyzabcdefghIJKLMNOPQRSTUVWXYZABCDEFGH"


@dataclass(frozen=True, slots=True)
class Scope:
    """What things are called, for which dtype the code is, and for which sizes it is tuned."""

    name_of: Callable[[Value], str]
    extent: Callable[[Extent], str]
    function: Callable[[Value], str]
    dtype: str
    sizes: Mapping[str, int]
    scalars: Scalars = field(default_factory=Scalars)

    @property
    def is_complex(self) -> bool:
        """Whether numbers are complex."""
        return self.dtype.startswith("complex")

    def operand(self, term: Term, labels: Sequence[int]) -> str:
        """The term as code, its axes lined up with `labels`."""
        if isinstance(term.source, Fraction):
            return number_code(term.source)
        return aligned(self.name_of(term.source), term.labels, labels)


def number_code(value: Fraction) -> str:
    """A float literal, or a quotient where that is not exact."""
    try:
        nearest = float(value)
    except OverflowError:
        raise LimitError("a number is too large for floating point (above 1.8e308)") from None
    if value.denominator in (1, 2, 4, 8, 5, 10, 16, 20, 25, 40, 50, 100, 1000):
        return repr(nearest)
    return (
        f"({value.numerator} / {value.denominator})"
        if abs(value.numerator) < 10**15
        else repr(nearest)
    )


def permuted(name: str, labels: Labels, order: Sequence[int]) -> str:
    """The array with its axes in another order: a view."""
    if tuple(labels) == tuple(order):
        return name
    axes = [labels.index(label) for label in order]
    if axes == list(range(len(axes)))[::-1]:
        return f"{name}.T"
    return f"{name}.transpose({', '.join(map(str, axes))})"


def aligned(name: str, labels: Labels, target: Sequence[int]) -> str:
    """A view with one axis for each label of `target` from the first that is present on."""
    present = [label for label in target if label in labels]
    code = permuted(name, labels, present)
    if not present:
        return code
    start = list(target).index(present[0])
    index = [":" if label in labels else "None" for label in target[start:]]
    if "None" not in index:
        return code
    while index[-1] == ":":
        index.pop()
    return f"{code}[{', '.join(index)}]"


def expression(value: Value, scope: Scope, into: Value | None) -> str:
    """The right-hand side for every kernel but `embed`."""
    match value.kernel:
        case "map":
            return _map(value, scope, into)
        case "product":
            return scope.scalars.as_float(value, _product(value, scope))
        case "outers":
            return _outers(value, scope)
        case "total" | "reduce":
            code = _reduction(value, scope)
            return code if value.detail == "top" else scope.scalars.as_float(value, code)
        case "diagonal":
            (term,) = value.operands
            letters = letters_of(term.labels)
            before, after = _subscripts(term.labels, letters), _subscripts(value.labels, letters)
            return f'np.einsum("{before}->{after}", {scope.operand(term, term.labels)})'
        case "reshape":
            (term,) = value.operands
            lengths = ", ".join(map(scope.extent, value.shape))
            return f"{scope.operand(term, sorted(term.labels))}.reshape({lengths})"
        case "matrix":
            return _matrix(value, scope)
        case "item":
            (source,) = value.sources
            return permuted(f"{scope.name_of(source)}[{value.detail}]", _axes(value), value.labels)
        case "function":
            operands = ", ".join(_passed(t, value, scope) for t in value.operands)
            return f"{scope.function(value)}({operands})"
        case _:
            raise AssertionError(value.kernel)


def _passed(term: Term, value: Value, scope: Scope) -> str:
    """An argument of a caller's function, which may count on NumPy's scalars."""
    code = scope.operand(term, value.labels)
    if isinstance(term.source, Value) and term.source in scope.scalars.plain:
        return f"np.{Place(True, scope.is_complex, scope.dtype).real}({code})"
    return code


def _axes(value: Value) -> Labels:
    """The axes of an item as they lie: its labels tell which of them each of its own axes is."""
    return tuple(range(len(value.labels)))


# --- functions at each entry --------------------------------------------------------------------


def _map(value: Value, scope: Scope, into: Value | None) -> str:
    if into is None and _is_small_outer(value, scope):
        return _column_times_row(value, scope)
    if into is None and _is_large_outer(value, scope):
        return _einsum(value, scope)
    terms = in_reading_order(value)
    operands = [scope.operand(term, value.labels) for term in terms]
    by_rows = _way(value, scope) == "buffer"
    place = Place(value.is_scalar, scope.is_complex, scope.dtype, by_rows)
    plain = [_is_plain(term) for term in terms]
    if value.is_scalar and not scope.is_complex and not all(plain):
        code = scope.scalars.code(value, terms, operands)
        if code is not None:
            return code
    if not value.is_scalar and not scope.is_complex and _entries(value, scope) <= SMALL:
        operands = [constant(t.source, code) for t, code in zip(terms, operands, strict=True)]
    if all(plain[1:] if value.detail == "where" else plain):  # a condition has no dtype to give
        pairs = zip(operands, plain, strict=True)
        operands = [f"np.{place.real}({code})" if bare else code for code, bare in pairs]
    out = None if into is None else scope.name_of(into)
    return entrywise.code(str(value.detail), operands, place, out)


def _way(value: Value, scope: Scope) -> Kernel:
    """How arrays of which one is repeated are multiplied, added, …; truth values are converted."""
    sources = [t.source for t in value.operands if isinstance(t.source, Value) and t.labels]
    if len(sources) < 2 or len(sources) < len(value.operands) or any(s.is_boolean for s in sources):
        return "light"
    lengths = [extent.evaluate(scope.sizes) for extent in value.shape]
    return way(
        str(value.detail),
        [term.labels for term in value.operands],
        value.labels,
        dict(zip(value.labels, lengths, strict=True)),
        DOUBLES.get(scope.dtype, 1.0),
    )


def _is_plain(term: Term) -> bool:
    """Whether the term is a Python number: it has no dtype and refuses to be divided by zero."""
    if isinstance(term.source, Fraction):
        return True
    return term.source.kernel in ("size", "constant") and term.source.is_scalar


def _is_large_outer(value: Value, scope: Scope) -> bool:
    """Whether this is an outer product that `einsum` writes faster than broadcasting does."""
    if value.detail != "multiply" or any(
        isinstance(term.source, Fraction) or len(term.labels) in (0, len(value.labels))
        for term in value.operands
    ):
        return False
    return (
        _entries(value, scope) >= LARGE_OUTER
        and value.shape[-1].evaluate(scope.sizes) < LONG_ROW
        and _way(value, scope) not in ("buffer", "spread_rows")
    )


def _is_small_outer(value: Value, scope: Scope) -> bool:
    """Whether this is a small outer product of two vectors: that of two thin matrices is faster."""
    if value.detail != "multiply" or len(value.labels) != 2:
        return False
    sources = [term.source for term in value.operands if len(term.labels) == 1]
    return (
        len(sources) == 2
        and not any(isinstance(s, Value) and s.is_boolean for s in sources)
        and _entries(value, scope) <= SMALL_OUTER
    )


def _column_times_row(value: Value, scope: Scope) -> str:
    terms = in_reading_order(value)
    column, row = (scope.operand(term, term.labels) for term in terms)
    return f"{column}[:, None].dot({row}[None])"


def _entries(value: Value, scope: Scope) -> int:
    return prod(extent.evaluate(scope.sizes) for extent in value.shape)


# --- products and sums --------------------------------------------------------------------------


def _product(value: Value, scope: Scope) -> str:
    first, second = value.operands
    found = recipe(first, second, value.labels)
    if found.call == "einsum":
        return _einsum(value, scope)
    extents = extents_of(value.operands)
    left, right = _read(found.left, extents, scope), _read(found.right, extents, scope)
    if found.call == "dot":
        code = f"{left}.dot({right})"
        if not found.columns and left.endswith(".T") and not found.left.merges:
            code = f"{right}.dot({left.removesuffix('.T')})"  # saves the view
    elif found.call == "middle":
        code = f"np.matmul({left}, {right})"
        if any(len(group) != 1 for group in (found.batch, found.columns)) or len(found.rows) > 1:
            code += f".reshape({', '.join(map(scope.extent, value.shape))})"
        return code
    else:
        left = left if found.rows else f"{left}[..., None, :]"
        right = right if found.columns else f"{right}[..., None]"
        code = f"np.matmul({left}, {right})"
        code += "" if found.rows else "[..., 0, :]"
        code += "" if found.columns else "[..., 0]"
    if len(found.rows) > 1 or len(found.columns) > 1:
        code += f".reshape({', '.join(map(scope.extent, value.shape))})"
    return code


def _outers(value: Value, scope: Scope) -> str:
    """Left operands as columns of a matrix, times the right ones as rows, maybe in blocks."""
    rows = []
    for terms in (value.operands[::2], value.operands[1::2]):
        order = [label for label in value.labels if label in terms[0].labels]
        rows.append(", ".join(scope.operand(term, order) for term in terms))
    count = len(value.operands) // 2
    left = f"np.stack(({rows[0]})).reshape({count}, -1).T"
    shape = ", ".join(map(scope.extent, value.shape))
    if value.labels[0] in value.operands[0].labels:  # all left axes, then all right ones
        return f"{left}.dot(np.stack(({rows[1]})).reshape({count}, -1)).reshape({shape})"
    return f"np.matmul({left}, np.stack(({rows[1]}), -2)).reshape({shape})"


def _read(reading: Reading, extents: dict[int, Extent], scope: Scope) -> str:
    term = reading.term
    assert isinstance(term.source, Value)
    name = scope.name_of(term.source)
    if not reading.merges:
        return permuted(name, term.labels, reading.labels)
    lengths = [_length(group, extents) for group in reading.groups]
    if len(reading.groups) == 2 and term.labels == reading.groups[1] + reading.groups[0]:
        return f"{name}.reshape({', '.join(map(scope.extent, lengths[::-1]))}).T"
    if len(reading.groups) == 1:
        return f"{permuted(name, term.labels, reading.labels)}.ravel()"
    return (
        f"{permuted(name, term.labels, reading.labels)}"
        f".reshape({', '.join(map(scope.extent, lengths))})"
    )


def _length(group: Labels, extents: dict[int, Extent]) -> Extent:
    length = ONE
    for label in group:
        length = length * extents[label]
    return length


def _einsum(value: Value, scope: Scope) -> str:
    letters = letters_of([x for term in value.operands for x in term.labels])
    before = ",".join(_subscripts(term.labels, letters) for term in value.operands)
    operands = ", ".join(scope.operand(term, term.labels) for term in value.operands)
    return f'np.einsum("{before}->{_subscripts(value.labels, letters)}", {operands})'


def letters_of(labels: Sequence[int]) -> dict[int, str]:
    """A letter for each label; `LimitError` if there are more labels than `einsum` has letters."""
    once = dict.fromkeys(labels)
    if len(once) > len(LETTERS):
        raise LimitError(f"{len(once)} indices meet in one step; einsum has {len(LETTERS)} letters")
    return dict(zip(once, LETTERS, strict=False))


def _subscripts(labels: Labels, letters: dict[int, str]) -> str:
    return "".join(letters[label] for label in labels)


def _reduction(value: Value, scope: Scope) -> str:
    (term,) = value.operands
    assert isinstance(term.source, Value)
    name = scope.name_of(term.source)
    if isinstance(value.detail, tuple):
        return _scan(value, name, term)
    if value.detail == "top":
        scope.scalars.plain[value] = None
        return f"_top({name})"
    axes = [k for k, label in enumerate(term.labels) if label not in value.labels]
    where = (
        []
        if len(axes) == len(term.labels)
        else [str(tuple(axes)) if len(axes) > 1 else str(axes[0])]
    )
    match value.detail:
        case "max":
            call, extra = "max", ["initial=-np.inf"]
        case "min":
            call, extra = "min", ["initial=np.inf"]
        case "prod":
            call, extra = "prod", []
        case _:
            call, extra = "sum", []
    kept = tuple(label for label in term.labels if label in value.labels)
    return permuted(f"{name}.{call}({', '.join([*where, *extra])})", kept, value.labels)


def _scan(value: Value, name: str, term: Term) -> str:
    assert isinstance(value.detail, tuple)
    code = permuted(name, term.labels, value.labels)
    if value.detail[0] == "cumsum":
        return f"{code}.cumsum(-1)"
    return f"{code}[..., ::-1].cumsum(-1)[..., ::-1]"


NUMPY_CALLS = ("inv", "det", "slogdet")  # the other functions are in the preamble
SOLUTIONS = {"solve": "np.linalg.solve", "solve_of_cholesky": "_solve_of_cholesky",
             "backward": "_backward"}  # fmt: skip


def _matrix(value: Value, scope: Scope) -> str:
    if value.detail in SOLUTIONS:
        return _solution(value, scope)
    if str(value.detail).endswith("_of_factors"):
        assert isinstance(value.operands[0].source, Value)
        factors = scope.name_of(value.operands[0].source)
        if value.detail == "det_of_factors":
            return f"{factors}[0] * np.exp({factors}[1])"
        return f"_log_of_factors(*{factors})"
    operands = ", ".join(scope.operand(term, sorted(term.labels)) for term in value.operands)
    call = f"np.linalg.{value.detail}" if value.detail in NUMPY_CALLS else f"_{value.detail}"
    return f"{call}({operands})"


def _solution(value: Value, scope: Scope) -> str:
    """`solve(A, b)`: the axes of the result are `A`'s columns, then the others of `b`."""
    matrix, other = value.operands
    row = next(label for label in matrix.labels if label in other.labels)
    column = next(label for label in matrix.labels if label not in other.labels)
    rest = tuple(label for label in other.labels if label != row)
    # the factor of a symmetric matrix is read as it lies
    read = (row, column) if value.detail == "solve" else matrix.labels
    call, factor = SOLUTIONS[str(value.detail)], scope.operand(matrix, read)
    return permuted(
        f"{call}({factor}, {scope.operand(other, (row, *rest))})", (column, *rest), value.labels
    )
