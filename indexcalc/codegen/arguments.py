"""What a caller passes, brought to arrays that fit.

In: positional and named arguments, and what is expected. Out: arrays of one dtype, the sizes that
they give, callables; or an error in the words of the formula.

>>> from indexcalc.ir.extent import Extent
>>> n = Extent.named("n")
>>> expected = Expected((("W", (Extent.named("m"), n)), ("x", (n,))))
>>> expected.bind(expected.by_name(([[1, 2], [3, 4]],), {"x": [5.0, 6.0]})).sizes
{'m': 2, 'n': 2}
>>> expected.bind({"W": [[1, 2], [3, 4]], "x": [5.0]})
Traceback (most recent call last):
  ...
indexcalc.errors.ShapeError: x has the shape (1,), expected (2,)
  axis 1 of x is n, and n = 2 is axis 2 of W
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Number
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexcalc.codegen.naming import identifier
from indexcalc.codegen.sizes import Derivation, Named, derivations
from indexcalc.errors import EvaluationError, ShapeError
from indexcalc.ir.extent import Shape, shape_text

FunctionKey = tuple[str, tuple[int, ...]]
Array = NDArray[Any]
KEPT = ("float32", "float64", "complex64", "complex128")


@dataclass(frozen=True, slots=True)
class Bound:
    """Arguments that fit: arrays in order (scalars as NumPy scalars), callables in order."""

    arrays: tuple[Any, ...]
    callables: tuple[Callable[..., Any], ...]
    sizes: dict[str, int]
    dtype: np.dtype[Any]


@dataclass(frozen=True, slots=True)
class Expected:
    """The parameters: arrays with symbolic shapes, and functions with the orders that are used.

    `hints` are sizes for extents that no argument determines; `unused` are names that may be
    passed and are not looked at.
    """

    arrays: tuple[Named, ...]
    functions: tuple[FunctionKey, ...] = ()
    hints: Mapping[str, int] = field(default_factory=dict)
    unused: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        """All parameters in order."""
        return (*(name for name, _ in self.arrays), *self.called)

    @property
    def called(self) -> tuple[str, ...]:
        """The names of the functions."""
        return tuple(dict.fromkeys(name for name, _ in self.functions))

    def bind(self, given: Mapping[str, object]) -> Bound:
        """Arrays that fit, from one argument for each name (`EvaluationError`, `ShapeError`)."""
        raw = [as_numbers(name, given[name]) for name, _ in self.arrays]
        dtype = joint_dtype(
            [(given[name], array) for (name, _), array in zip(self.arrays, raw, strict=True)]
        )
        sizes = self.sizes([array.shape for array in raw])
        arrays = tuple(
            np.asarray(array, dtype) if array.ndim else dtype.type(array) for array in raw
        )
        callables = tuple(_callable(key, given[key[0]], dtype) for key in self.functions)
        return Bound(arrays, callables, sizes, dtype)

    def by_name(self, args: Sequence[object], named: Mapping[str, object]) -> dict[str, object]:
        """Each parameter's argument; other spellings of a name are accepted."""
        names = self.names
        if len(args) > len(names):
            raise EvaluationError(f"{len(args)} arguments given, {self.told()}")
        given = dict(zip(names, args, strict=False))
        spelled = {spelling: name for name in reversed(names) for spelling in spellings(name)}
        unused = {spelling for name in self.unused for spelling in (name, *spellings(name))}
        unknown = []
        for key, value in named.items():
            name = key if key in names else spelled.get(key)
            if name is None and key in unused:
                continue
            if name is None:
                unknown.append(key)
            elif name in given:
                raise EvaluationError(f"{name} is given twice; {self.told()}")
            else:
                given[name] = value
        missing = [name for name in names if name not in given]
        if unknown or missing:
            problems = [f"{', '.join(unknown)} not expected"] if unknown else []
            problems += [f"{', '.join(missing)} missing"] if missing else []
            raise EvaluationError(f"{' and '.join(problems)}; {self.told()}")
        return given

    def told(self) -> str:
        """What is expected, for messages."""
        shown = [f"{name} ({shape_text(shape)})" for name, shape in self.arrays]
        shown += [f"{name} (a function)" for name in self.names[len(self.arrays) :]]
        return f"expected: {', '.join(shown)}" if shown else "no arguments are expected"

    def sizes(self, shapes: Sequence[tuple[int, ...]]) -> dict[str, int]:
        """The size of each name, from the first axis that gives it; all others must agree."""
        for (name, shape), found in zip(self.arrays, shapes, strict=True):
            if len(shape) != len(found):
                axes = f"{len(shape)} axes ({shape_text(shape)})" if shape else "no axes (a scalar)"
                raise ShapeError(f"{name} must have {axes}, the array has the shape {found}")
        known = dict(self.hints)
        origin = {name: f"{name} = {size} was given as a size" for name, size in known.items()}
        for rule in derivations(self.arrays):
            length = shapes[rule.position][rule.axis]
            value = rule.value(length, known)
            if value is None or value < 0:
                raise ShapeError(self._impossible(rule, length, known))
            known[rule.name] = value
            origin[rule.name] = self._origin(rule, value)
        for (name, shape), found in zip(self.arrays, shapes, strict=True):
            self._compare(name, shape, found, known, origin)
        return known

    def _origin(self, rule: Derivation, value: int) -> str:
        name, shape = self.arrays[rule.position]
        extent = shape[rule.axis]
        via = "" if extent.name == rule.name else f", which is {extent}"
        return f"{rule.name} = {value} is axis {rule.axis + 1} of {name}{via}"

    def _impossible(self, rule: Derivation, length: int, known: Mapping[str, int]) -> str:
        name, shape = self.arrays[rule.position]
        extent = shape[rule.axis]
        used = ", ".join(f"{n} = {known[n]}" for n in sorted(extent.names) if n in known)
        given = f" with {used}" if used and used != rule.name else ""
        return (
            f"axis {rule.axis + 1} of {name} has {length} entries, which cannot be {extent}{given}"
        )

    def _compare(
        self,
        name: str,
        shape: Shape,
        found: tuple[int, ...],
        known: Mapping[str, int],
        origin: Mapping[str, str],
    ) -> None:
        """Raise `ShapeError` that tells where the expectation came from."""
        unknown = sorted({n for e in shape for n in e.names} - known.keys())
        if unknown:
            raise ShapeError(
                f"the shapes do not tell {', '.join(unknown)}, "
                f"which the shape {shape_text(shape)} of {name} needs",
                hint=f"give it as a size:  sizes={{'{unknown[0]}': …}}",
            )
        wanted = tuple(extent.evaluate(known) for extent in shape)
        if wanted == found:
            return
        axis = next(k for k, (a, b) in enumerate(zip(wanted, found, strict=True)) if a != b)
        extent = shape[axis]
        reasons = [origin[n] for n in sorted(extent.names)] or ["that is its declared size"]
        raise ShapeError(
            f"{name} has the shape {found}, expected {wanted}",
            hint=f"axis {axis + 1} of {name} is {extent}, and {', '.join(reasons)}",
        )


# --- names --------------------------------------------------------------------------------------


def spellings(name: str) -> list[str]:
    """Other ways to write a parameter: as in the code, and with Greek letters by name."""
    code = identifier(name)
    ascii_name = "".join(_ascii(character) for character in name)
    return [code, ascii_name, identifier(ascii_name)]


def _ascii(character: str) -> str:
    official = unicodedata.name(character, "")
    for prefix, cased in (("GREEK SMALL LETTER ", str.lower), ("GREEK CAPITAL LETTER ", str.title)):
        if official.startswith(prefix):
            letter = official.removeprefix(prefix).removeprefix("FINAL ")
            return cased("LAMBDA" if letter == "LAMDA" else letter)
    return character


# --- kinds --------------------------------------------------------------------------------------


def as_numbers(name: str, value: object) -> Array:
    """The argument as an array of numbers, of whichever dtype."""
    if callable(value) and not hasattr(value, "__array__"):
        raise EvaluationError(f"{name} is a tensor, but a function was given")
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O":
            if not all(isinstance(entry, Number) for entry in array.flat):
                raise EvaluationError(f"{name} must hold numbers")
            array = array.astype(np.complex128 if _has_complex(array) else np.float64)
    except (ValueError, TypeError, OverflowError) as error:
        raise EvaluationError(f"{name} cannot be read as an array of numbers: {error}") from None
    if array.dtype.kind not in "biufc":
        raise EvaluationError(f"{name} must hold numbers, not entries of the dtype {array.dtype}")
    return array


def _has_complex(array: Array) -> bool:
    return any(isinstance(entry, complex) for entry in array.flat)


def joint_dtype(pairs: Sequence[tuple[object, Array]]) -> np.dtype[Any]:
    """The one dtype to compute in. A Python number takes the precision of the arrays."""
    strong = [
        _kept(array.dtype) for value, array in pairs if not isinstance(value, int | float | complex)
    ]
    is_complex = any(array.dtype.kind == "c" for _, array in pairs)
    joint = np.result_type(*strong) if strong else np.dtype(np.float64)
    return np.result_type(joint, np.complex64) if is_complex else joint


def _kept(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """`float32`, `float64`, `complex64`, `complex128` as they are; others the nearest above."""
    if dtype.name in KEPT:
        return np.dtype(dtype.name)  # the one object for this dtype, in native byte order
    if dtype.kind == "c":
        return np.dtype(np.complex128)
    return np.dtype(np.float32 if dtype.name == "float16" else np.float64)


def _callable(key: FunctionKey, value: object, dtype: np.dtype[Any]) -> Callable[..., Any]:
    """The function for one order, checked at each call for what it gives back."""
    name, orders = key
    order: object = orders[0] if len(orders) == 1 else orders
    table = (
        value
        if isinstance(value, Mapping)
        else {0 if len(orders) == 1 else (0,) * len(orders): value}
    )
    function = table.get(order, table.get(orders))
    wanted = f"{name} differentiated {order} times" if any(orders) else name
    if function is None:
        raise EvaluationError(
            f"{wanted} is needed, and not given",
            hint=f"pass  {identifier(name)}={{{order}: …}}  with the function for each order used",
        )
    if not callable(function):
        raise EvaluationError(
            f"{wanted} must be a function of arrays, not {type(function).__name__}"
        )
    return _Checked(wanted, function, dtype)


@dataclass(frozen=True, slots=True)
class _Checked:
    """A caller's function, held to one entry out for each entry in."""

    name: str
    function: Callable[..., Any]
    dtype: np.dtype[Any]

    def __call__(self, *operands: Any) -> Any:
        shape = np.broadcast_shapes(*(np.shape(operand) for operand in operands))
        result = as_numbers(self.name, self.function(*(_copied(x) for x in operands)))
        if result.shape != shape:
            raise ShapeError(f"{self.name} gave the shape {result.shape} for arguments of {shape}")
        if result.dtype.kind == "c" and self.dtype.kind != "c":
            raise EvaluationError(f"{self.name} gave complex numbers for real ones")
        return (
            np.array(np.broadcast_to(result, shape), self.dtype)
            if shape
            else self.dtype.type(result)
        )


def _copied(operand: Any) -> Any:
    """A copy, so that a function which writes into its argument does no harm."""
    return operand.copy() if isinstance(operand, np.ndarray) else operand
