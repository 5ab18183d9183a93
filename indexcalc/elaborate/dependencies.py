"""The order in which definitions can be read: what is used before what uses it.

In: names with the names that each uses. Out: the names in order, or an error that shows the places
of a circle.

>>> ordered({"λ": ["z"], "z": [], "g": ["λ", "z"]}, {})
['z', 'λ', 'g']
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from indexcalc.errors import FormulaError, Mark, Span

MOST_SHOWN = 6


def ordered(needs: Mapping[str, Sequence[str]], places: Mapping[str, Span]) -> list[str]:
    """Names so that each comes after all it needs, otherwise in the given order.

    Raises `FormulaError` for a circle; `places` tells where each name is defined.
    """
    done: dict[str, None] = {}
    open_names: dict[str, None] = {}
    for root in needs:
        stack = [(root, False)]
        while stack:
            name, ready = stack.pop()
            if ready:
                del open_names[name]
                done[name] = None
            elif name not in done:
                if name in open_names:
                    raise _circle(list(open_names), name, places)
                open_names[name] = None
                stack.append((name, True))
                stack.extend((other, False) for other in reversed(needs[name]) if other in needs)
    return list(done)


def _circle(path: list[str], name: str, places: Mapping[str, Span]) -> FormulaError:
    names = path[path.index(name) :]
    text = " → ".join([*names[:MOST_SHOWN], *(["…"] if len(names) > MOST_SHOWN else []), name])
    if len(names) == 1:
        return FormulaError(
            f"{name} is defined by itself",
            Mark(places[name]),
            hint="a definition may use other names only",
        )
    return FormulaError(
        f"definitions go in a circle: {text}",
        *(Mark(places[each], f"{each} is defined here") for each in names[:MOST_SHOWN]),
        hint="a definition may use only names that do not depend on it",
    )
