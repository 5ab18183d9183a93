"""Python names for what a formula calls as it likes.

In: names of the language (`W1`, `ŷ`, `lambda`, `np`). Out: legal, distinct Python identifiers, by
these rules, in this order:

1. the name is brought to the normal form that Python itself uses for identifiers (NFKC);
2. characters that an identifier cannot hold are left out, or become `d` (for `∂`) and `_` (for
   `/`); a name that would start with a digit gets `_` in front;
3. a Python keyword, and a name that generated code itself uses (`np`, `math`, `abs`, `max`, `min`,
   `float`, its constants), gets a trailing underscore: `lambda_`, `np_`;
4. a name that is taken already gets trailing underscores until it is free: arguments come first, so
   that `t1` as an argument stays `t1` and a temporary is called something else.

>>> names = Names()
>>> [names.claim(name) for name in ("W1", "ŷ", "lambda", "np", "t1", "∂λ/∂W_ij")]
['W1', 'ŷ', 'lambda_', 'np_', 't1', 'dλ_dW_ij']
>>> names.temporary(), names.claim("W1")
('t2', 'W1_')
"""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Sequence

USED_BY_CODE = frozenset(
    {"np", "math", "abs", "max", "min", "float", "ZERO", "HALF", "ONE", "TWO", "LIMIT"}
)
SPELLED = {"∂": "d", "/": "_", "²": "2", "³": "3", " ": ""}


def identifier(name: str) -> str:
    """The identifier for `name` by rules 1 to 3."""
    spelled = "".join(SPELLED.get(character, character) for character in name)
    normal = unicodedata.normalize("NFKC", spelled)
    kept = "".join(c for c in normal if f"_{c}".isidentifier())
    kept = kept if kept == name else kept.strip("_")
    if not kept:
        return "result"
    if not kept.isidentifier():
        kept = f"_{kept}"
    if keyword.iskeyword(kept) or kept in USED_BY_CODE:
        return f"{kept}_"
    return kept


class Names:
    """The identifiers that are taken in one function."""

    def __init__(self) -> None:
        """Start with what the module itself defines."""
        self.taken: set[str] = set(USED_BY_CODE)
        self._count = 0

    def claim(self, name: str) -> str:
        """An identifier for `name` that nothing else has."""
        found = identifier(name)
        while found in self.taken:
            found += "_"
        self.taken.add(found)
        return found

    def claim_all(self, names: Sequence[str]) -> list[str]:
        """Identifiers for `names`; those that are identifiers already keep them."""
        changed = [identifier(name) != name for name in names]
        found = {
            k: self.claim(names[k]) for k in sorted(range(len(names)), key=changed.__getitem__)
        }
        return [found[k] for k in range(len(names))]

    def temporary(self) -> str:
        """The next free one of `t1`, `t2`, …."""
        while True:
            self._count += 1
            found = f"t{self._count}"
            if found not in self.taken:
                self.taken.add(found)
                return found


def function_name(name: str, orders: tuple[int, ...]) -> str:
    """`σ`, `dσ`, `d2σ`; of several arguments `σ_1_0`."""
    if len(orders) > 1:
        return name if not any(orders) else f"{name}_{'_'.join(map(str, orders))}"
    return name if not orders[0] else f"d{orders[0] if orders[0] > 1 else ''}{name}"


def distinct(names: Sequence[str]) -> list[str]:
    """Identifiers for names, no two of them alike.

    >>> distinct(["∂f/∂x", "y", "y"])
    ['df_dx', 'y', 'y_']
    """
    found: list[str] = []
    for name in names:
        code = identifier(name)
        while code in found:
            code += "_"
        found.append(code)
    return found
