"""One array, or a named tuple of several.

>>> result_type("evaluate", ("λ", "dλ_dW"))((1.0, 2.0))
evaluate(λ=1.0, dλ_dW=2.0)
>>> result_type("evaluate", ("λ",))(1.0)
1.0
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any


@lru_cache(maxsize=256)
def result_type(name: str, fields: tuple[str, ...]) -> Callable[[Any], Any]:
    """What turns a function's return value into what the user gets."""
    if len(fields) == 1:
        return _alone
    made: Any = namedtuple(name, _public(fields))  # type: ignore[misc]
    return partial(tuple.__new__, made)


def _alone(value: Any) -> Any:
    return value


def _public(fields: Sequence[str]) -> list[str]:
    """Fields of a named tuple must not start with an underscore."""
    return [f"result{field}" if field.startswith("_") else field for field in fields]
