"""A wrapper around generated code that lets arrays through which are like the last ones.

In: the code's parameters, arguments that fitted, what to do with others. Out: a function
that checks type, dtype and shape of each argument and calls the code, at a cost far below that of
one NumPy call each.

>>> lines = wrapper_text(("W", "y"), (True, False), (), single=True).splitlines()
>>> lines[0]
'def _call(W=_missing, y=_missing, *_rest, **_others):'
>>> lines[2]
'        return _body(W, y if type(y) is float else _scalar(y))'
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from indexcalc.codegen.naming import Names, identifier

MISSING = object()
MANY = 24  # parameters; to find each by name takes time that grows with the square of their number
INNER = ("array", "dtype", "scalar", "scalars", "body", "finish", "missing", "otherwise", "shapes",
         "rest", "others", "call")  # fmt: skip


def fast_path(
    parameters: Sequence[str],
    arrays: Sequence[Any],
    unused: Sequence[str],
    body: Callable[..., Any],
    finish: Callable[[Any], Any] | None,
    otherwise: Callable[..., Any],
) -> Callable[..., Any]:
    """The wrapper for arguments like `arrays` (scalars as NumPy scalars).

    `unused` names may be passed too. `finish` makes the result of what `body` returns, if that is
    more than one array; `otherwise` gets the arguments (`MISSING` for those not given) when
    one is not as expected.
    """
    is_array = [bool(array.ndim) for array in arrays]
    if len(parameters) > MANY and all(is_array):
        return _of_many(parameters, arrays, unused, body, finish, otherwise)
    first = arrays[is_array.index(True)] if True in is_array else arrays[0] if arrays else None
    scalar = type(None) if first is None else first.dtype.type
    values: dict[str, Any] = {
        "array": type(first), "dtype": getattr(first, "dtype", None), "scalar": scalar,
        "scalars": frozenset([float, int, scalar]), "body": body, "finish": finish,
        "missing": MISSING, "otherwise": otherwise,
        "shapes": tuple(array.shape for array in arrays),
    }  # fmt: skip
    inner = _inner_names(parameters)
    namespace = {inner[key]: value for key, value in values.items()}
    floats = scalar.__name__ in ("float32", "float64")
    text = wrapper_text(parameters, is_array, unused, single=finish is None, floats=floats)
    exec(text, namespace)
    call: Callable[..., Any] = namespace[inner["call"]]
    return call


def _of_many(
    parameters: Sequence[str],
    arrays: Sequence[Any],
    unused: Sequence[str],
    body: Callable[..., Any],
    finish: Callable[[Any], Any] | None,
    otherwise: Callable[..., Any],
) -> Callable[..., Any]:
    """The same for a long row of arrays, which are looked at together."""
    count, known = len(parameters), frozenset([*parameters, *unused])
    types, dtypes = [type(array) for array in arrays], [array.dtype for array in arrays]
    shapes = [array.shape for array in arrays]

    def call(*given: Any, **named: Any) -> Any:
        values = given if not named else ()
        if not given and (len(named) == count or known.issuperset(named)):
            values = tuple(map(named.get, parameters))
        if (
            [type(array) for array in values] == types
            and [array.shape for array in values] == shapes
            and [array.dtype for array in values] == dtypes
        ):
            result = body(*values)
            return result if finish is None else finish(result)
        return otherwise(*given, *[MISSING] * (count - len(given)), **named)

    return call


def wrapper_text(
    parameters: Sequence[str],
    is_array: Sequence[bool],
    unused: Sequence[str],
    *,
    single: bool,
    floats: bool = True,
) -> str:
    """The source of the wrapper; `floats` says that Python's may stay as they are."""
    inner = _inner_names(parameters)
    tests, shapes, passed = ["not {rest}", "not {others}"], [], []
    for position, (parameter, array) in enumerate(zip(parameters, is_array, strict=True)):
        if array:
            tests.append(f"type({parameter}) is {{array}} and {parameter}.dtype is {{dtype}}")
            shapes.append(f"{parameter}.shape == {{shapes}}[{position}]")
            passed.append(parameter)
        else:
            tests.append(f"type({parameter}) in {{scalars}}")
            kept = f"{parameter} if type({parameter}) is float else " if floats else ""
            passed.append(f"{kept}{{scalar}}({parameter})")
    called = f"{{body}}({', '.join(passed)})"
    given = [f"{parameter}={{missing}}" for parameter in parameters]
    ignored = [f"{name}=None" for name in unused if _is_plain(name) and name not in parameters]
    accepted = ", ".join([*given, "*{rest}", *ignored, "**{others}"])
    lines = [
        f"def {{call}}({accepted}):",
        f"    if {' and '.join([*tests, *shapes])}:",
        f"        return {called if single else f'{{finish}}({called})'}",
        f"    return {{otherwise}}({', '.join([*parameters, '*{rest}', '**{others}'])})",
    ]
    return "\n".join(lines).format(**inner)


def _is_plain(name: str) -> bool:
    return name.isidentifier() and identifier(name) == name


def _inner_names(parameters: Sequence[str]) -> dict[str, str]:
    """What the wrapper's own names are called, so that none is a parameter."""
    names = Names()
    names.taken.update(parameters)
    return {key: names.claim(f"_{key}") for key in INNER}
