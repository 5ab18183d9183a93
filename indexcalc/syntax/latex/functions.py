"""`f(x) = …`: a function of numbers, or a tensor that is said to depend on `x`.

In: lexemes in statements. Out: the same, where each `f(x)` of the second kind is the name `f`.
`σ(z) = 1/(1 + e^{-z})` has nothing but its parameter, used entry by entry, and stays a function;
`f(x) = x^T A x` is a tensor, and so is `f(x)_i = …`.

>>> from indexcalc.syntax.latex.arrange import arrange
>>> from indexcalc.errors import Source
>>> text = r"f(x) = x^T A x; \\nabla_x f(x); \\sigma(z) = 1/(1 + e^{-z})"
>>> [part.text for part in arrange(Source(text)) if part.type == "CALL_OPEN"]
['(']
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from indexcalc.errors import FormulaSyntaxError, Mark
from indexcalc.syntax.latex.commands import FUNCTION_WORDS
from indexcalc.syntax.latex.detect import NONE_GIVEN
from indexcalc.syntax.latex.names import Names
from indexcalc.syntax.latex.state import lexeme
from indexcalc.syntax.lexeme import Lexeme

CONSTANTS = frozenset({"e", "π"})
OF_TENSORS = frozenset({"tr", "Tr", "trace", "det", "logdet", "inv", "diag", "Diag", "vec", "kron",
                        "norm", "sum", "mean", "softmax", "logsumexp", "T", "solve"})  # fmt: skip
TENSOR_SIGNS = frozenset({"TRANSPOSE", "POWER_T", "NORM_OPEN", "SUBSCRIPT", "ANGLE_OPEN"})
MOST_ARGUMENTS = 8


def close_over_arguments(
    lexemes: list[Lexeme], names: Names, given: Mapping[str, tuple[str, ...]] = NONE_GIVEN
) -> list[Lexeme]:
    """Drop the arguments of tensors that are written as functions; some may be known from before.

    Raises `FormulaSyntaxError` where such a tensor stands with another argument.
    """
    tensors = {**given, **tensors_with_arguments(lexemes, names)}
    return _without(_multiplied(lexemes, tensors), tensors) if tensors else lexemes


def _multiplied(lexemes: list[Lexeme], tensors: Mapping[str, tuple[str, ...]]) -> list[Lexeme]:
    """In `L(x, λ) = x^T A x - λ (x^T x - 1)` the argument λ is no function."""
    variables = {name for arguments in tensors.values() for name in arguments} - set(tensors)
    done: list[Lexeme] = []
    variable = False
    for part in lexemes:
        called = variable and part.type == "CALL_OPEN"
        done.append(part._replace(type="LPAR") if called else part)
        variable = part.type == "NAME" and part.text in variables
    return done


def tensors_with_arguments(lexemes: list[Lexeme], names: Names) -> dict[str, tuple[str, ...]]:
    """The tensors that the text defines as `f(x) = …`, with their arguments."""
    tensors: dict[str, tuple[str, ...]] = {}
    for start, end in _statements(lexemes):
        call = _call(lexemes, start)
        if call is None or lexemes[start].text in FUNCTION_WORDS:
            continue
        behind = call[1]
        indexed = _is(lexemes, behind, "SUBSCRIPT")
        behind += indexed
        if behind >= end or lexemes[behind].type != "EQUALS":
            continue
        if indexed or _is_tensor(lexemes[behind + 1 : end], call[0], names):
            tensors[lexemes[start].text] = call[0]
    return tensors


def _statements(lexemes: list[Lexeme]) -> Iterator[tuple[int, int]]:
    start = 0
    for position in range(len(lexemes) + 1):
        if position == len(lexemes) or lexemes[position].type == "END":
            yield start, position
            start = position + 1


def _call(lexemes: list[Lexeme], position: int) -> tuple[tuple[str, ...], int] | None:
    """The names in `f(x, y)` at a place, and the place behind it."""
    if not _is(lexemes, position, "NAME") or not _is(lexemes, position + 1, "CALL_OPEN"):
        return None
    arguments: list[str] = []
    position += 2
    while _is(lexemes, position, "NAME") and len(arguments) < MOST_ARGUMENTS:
        arguments.append(lexemes[position].text)
        if _is(lexemes, position + 1, "RPAR"):
            return tuple(arguments), position + 2
        if not _is(lexemes, position + 1, "COMMA"):
            return None
        position += 2
    return None


def _is(lexemes: list[Lexeme], position: int, kind: str) -> bool:
    return position < len(lexemes) and lexemes[position].type == kind


def _is_tensor(body: list[Lexeme], parameters: tuple[str, ...], names: Names) -> bool:
    """Whether the body is more than a formula in its parameters, number by number."""
    known = set(parameters) | FUNCTION_WORDS | CONSTANTS
    for position, part in enumerate(body):
        if part.type in TENSOR_SIGNS:
            return True
        if part.type != "NAME":
            continue
        variable = part.text in names.variables and part.text not in names.arguments
        called = _is(body, position + 1, "CALL_OPEN") and not variable
        if part.text in OF_TENSORS or not (part.text in known or called):
            return True
    return False


def _without(lexemes: list[Lexeme], tensors: dict[str, tuple[str, ...]]) -> list[Lexeme]:
    done: list[Lexeme] = []
    position = 0
    while position < len(lexemes):
        part = lexemes[position]
        called = part.type == "NAME" and part.text in tensors
        if not called or not _is(lexemes, position + 1, "CALL_OPEN"):
            done.append(part)
            position += 1
            continue
        call = _call(lexemes, position)
        if call is None or call[0] != tensors[part.text]:
            expected = ", ".join(tensors[part.text])
            raise FormulaSyntaxError(
                f"{part.text} is defined as a tensor that depends on {expected}, not as a function",
                Mark(part.span.to(lexemes[position + 1].span)),
                hint=rf"write  {part.text}({expected}),  or  {part.text} \cdot (…)  for a product",
            )
        done.append(lexeme("NAME", part.text, part, lexemes[call[1] - 1]))
        position = call[1]
    return done
