"""The component formula that stands behind each line of code.

In: a value and the names of its operands. Out: `t3_i = W_ij x_j`.

>>> from indexcalc.plan.graph import Graph
>>> from indexcalc.ir.extent import Extent
>>> graph, n = Graph(), Extent.named("n")
>>> W, x = graph.leaf("input", (n, n), "W"), graph.leaf("input", (n,), "x")
>>> term = graph.product(Term(W, (0, 1)), Term(x, (1,)), {0})
>>> formula(term.source, "z", lambda source: source.detail)
'z_i = W_ij x_j'
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from indexcalc.ir.node import Labels
from indexcalc.plan.program import Blocks, Part, Term, Value, in_reading_order

LETTERS = "ijklpqrsuvabcdefghmnotwxyz"
INFIX = {"add": "+", "subtract": "-", "divide": "/", "gt": ">", "lt": "<",
         "ge": ">=", "le": "<=", "eq": "==", "ne": "!="}  # fmt: skip
SHORTER = {"quiet_exp": "exp", "number": "", "top": "max"}
NameOf = Callable[[Value], str]


def formula(value: Value, name: str, name_of: NameOf) -> str:
    """What the value is, entry by entry."""
    if value.kernel == "embed":
        return _embedding(value, name, name_of)
    letters = _letters(value)
    left = name + subscript(value.labels, letters)
    if isinstance(value.detail, Blocks):
        if value.detail.along not in value.labels:
            return f"{left}, a sum by blocks of {_indices(value.detail.axes, letters)}"
        if len(value.detail.axes) == 1:
            return f"{left}, by blocks of {_indices(value.detail.axes, letters)}"
        same = "".join(sorted(_indices(value.detail.axes, letters)))
        return f"{left}, the same for all orders of {same}"
    factors = [_component(term, letters, name_of) for term in in_reading_order(value)]
    return f"{left} = {_right(value, factors, letters)}"


def _right(value: Value, factors: list[str], letters: dict[int, str]) -> str:
    match value.kernel:
        case "map":
            return _entrywise(str(value.detail), factors)
        case "product":
            return " ".join(factors)
        case "outers":
            return " + ".join(map(" ".join, zip(factors[::2], factors[1::2], strict=True)))
        case "total" | "reduce":
            gone = [x for x in value.operands[0].labels if x not in value.labels]
            operation = (
                value.detail[0] if isinstance(value.detail, tuple) else value.detail or "sum"
            )
            operation = SHORTER.get(str(operation), operation)
            over = f"_{_indices(gone, letters)} {factors[0]}" if gone else f"({factors[0]})"
            return f"{operation}{over}"
        case "matrix":
            return f"{str(value.detail).partition('_')[0]}({', '.join(factors)})"
        case "item":
            return f"{factors[0].partition('_')[0]}[{value.detail}]"
        case "function":
            assert isinstance(value.detail, tuple)
            return f"{called(*value.detail)}({', '.join(factors)})"
        case _:
            return ", ".join(factors)


def _entrywise(name: str, factors: list[str]) -> str:
    if name == "reciprocal":
        return f"1/{factors[0]}"
    if name == "negative":
        return f"-{factors[0]}"
    if name == "multiply":
        return f"{factors[0]}^2" if factors[0] == factors[1] else " ".join(factors)
    if name == "bounded":
        return f"minimum({factors[0]}, LIMIT)"
    if name in INFIX:
        return f" {INFIX[name]} ".join(factors)
    shown = SHORTER.get(name, name)
    return f"{shown}({', '.join(factors)})" if shown else factors[0]


def called(name: str, orders: tuple[int, ...]) -> str:
    """`σ`, `σ'`, `σ''`; of several arguments `σ^(1,0)`."""
    if len(orders) == 1:
        return name + "'" * orders[0]
    return name if not any(orders) else f"{name}^({','.join(map(str, orders))})"


def _embedding(value: Value, name: str, name_of: NameOf) -> str:
    assert isinstance(value.detail, tuple)
    pieces: list[str] = []
    width = len(value.shape)
    letters = {k: _letter(k) for k in range(width)}
    for part in value.detail:
        assert isinstance(part, Part)
        pieces.append(_delta_term(part, value.operands[part.position], letters, name_of))
    right = " ".join(pieces).removeprefix("+ ") if pieces else "0"
    return f"{name}{subscript(range_labels(width), letters)} = {right}"


def range_labels(width: int) -> Labels:
    """The labels 0, 1, …."""
    return tuple(range(width))


def _delta_term(part: Part, term: Term, letters: dict[int, str], name_of: NameOf) -> str:
    """`± δ_ip x_j`: the first axis of each label names it, the others are tied to it by deltas."""
    first: dict[int, int] = {}
    deltas = []
    for axis, label in enumerate(part.pattern):
        if label in first:
            deltas.append(f"δ_{letters[first[label]]}{letters[axis]}")
        else:
            first[label] = axis
    shown = Term(term.source, tuple(first[label] for label in term.labels))
    sign = "-" if part.sign < 0 else "+"
    return " ".join([sign, *deltas, _component(shown, letters, name_of)])


def _letters(value: Value) -> dict[int, str]:
    """Letters for labels: the value's own axes first."""
    labels = dict.fromkeys([*value.labels, *(x for t in value.operands for x in t.labels)])
    return {label: _letter(k) for k, label in enumerate(labels)}


def _letter(k: int) -> str:
    return LETTERS[k] if k < len(LETTERS) else f"i{k}"


def _component(term: Term, letters: dict[int, str], name_of: NameOf) -> str:
    if isinstance(term.source, Fraction):
        return number_text(term.source)
    return name_of(term.source) + subscript(term.labels, letters)


def number_text(value: Fraction) -> str:
    """`2`, `1/3`."""
    return str(value)


def subscript(labels: Labels | list[int], letters: dict[int, str]) -> str:
    """`_ij`, or nothing."""
    return f"_{_indices(labels, letters)}" if labels else ""


def _indices(labels: Labels | list[int], letters: dict[int, str]) -> str:
    chosen = [letters[label] for label in labels]
    if all(len(letter) == 1 for letter in chosen):
        return "".join(chosen)
    return f"{{{','.join(chosen)}}}"
