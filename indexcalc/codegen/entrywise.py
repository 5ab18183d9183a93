"""A function at each entry as one NumPy expression.

In: a `map` value, what its operands look like in code, the array to write into. Out: code.

>>> code("add", ["a", "b"], Place(is_scalar=False, is_complex=False, dtype="float64"), None)
'a + b'
>>> code("exp", ["a"], Place(is_scalar=False, is_complex=False, dtype="float64"), "a")
'np.exp(a, a)'
>>> code("add", ["a", "b[:, None]"], Place(False, False, "float64", by_rows=True), "a")
'_by_rows(np.add, a, b[:, None], a)'
>>> code("maximum", ["a", "0.0"], Place(is_scalar=True, is_complex=False, dtype="float64"), None)
'max(a, np.float64(0.0))'
"""

from __future__ import annotations

from dataclasses import dataclass

INFIX = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "gt": ">", "lt": "<",
         "ge": ">=", "le": "<=", "eq": "==", "ne": "!="}  # fmt: skip
UFUNCS = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh",
          "acosh": "arccosh", "atanh": "arctanh", "atan2": "arctan2", "pow": "power",
          "quiet_exp": "exp"}  # fmt: skip
LARGEST = {"float32": "3.4028234663852886e+38", "complex64": "3.4028234663852886e+38"}
LARGEST_DOUBLE = "1.7976931348623157e+308"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the code stands: for a scalar or an array, of which dtype.

    `by_rows`: an array is repeated, and its rows are long enough to be read as they lie.
    """

    is_scalar: bool
    is_complex: bool
    dtype: str
    by_rows: bool = False

    @property
    def real(self) -> str:
        """The dtype of real numbers: a Python number would refuse to be divided by zero."""
        return {"complex64": "float32", "complex128": "float64"}.get(self.dtype, self.dtype)


def code(name: str, operands: list[str], place: Place, into: str | None) -> str:
    """The expression; `into` is overwritten with the result if it is not None."""
    if name == "bounded":
        name, operands = "minimum", [operands[0], "LIMIT"]
    special = _special(name, operands, place)
    if special is not None:
        return special
    if place.by_rows:
        called = [f"np.{name}", *operands, *([] if into is None else [into])]
        return f"_by_rows({', '.join(called)})"
    if into is None and (name in INFIX or name in ("negative", "reciprocal")):
        return _by_operator(name, operands)
    out = []
    if into is not None:  # the extrema want the keyword; for others it would cost time
        out = [f"{'out=' if name in ('maximum', 'minimum') else ''}{into}"]
    return f"np.{UFUNCS.get(name, name)}({', '.join([*operands, *out])})"


def _by_operator(name: str, operands: list[str]) -> str:
    if name == "negative":
        return f"-{operands[0]}"
    if name == "reciprocal":
        return f"1.0 / {operands[0]}"
    return f"{operands[0]} {INFIX[name]} {operands[1]}"


def _special(name: str, operands: list[str], place: Place) -> str | None:
    """What is no ufunc, and scalars by built-in functions where these do the same."""
    plain = place.is_scalar and not place.is_complex
    match name:
        case "number":
            if place.is_scalar:
                return f"np.{place.real}({operands[0]})"
            return f"{operands[0]}.astype(np.{place.dtype})"
        case "finite":
            return _finite(operands[0], LARGEST.get(place.dtype, LARGEST_DOUBLE), plain=plain)
        case "erf":
            return f"_erf({operands[0]})"
        case "abs" if plain:
            return f"abs({operands[0]})"
        case "maximum" if plain and operands[1] == "0.0":
            return f"max({operands[0]}, np.{place.real}(0.0))"  # a NaN in front stays
    return None


def _finite(operand: str, largest: str, *, plain: bool) -> str:
    """Infinite entries replaced by the largest finite number of their sign; NaN stays."""
    if plain:
        return f"min(max({operand}, -{largest}), {largest})"
    return f"np.maximum(np.minimum({operand}, {largest}), -{largest})"
