"""Left-hand sides: what a definition defines, and with which indices.

In: the target and the value of a definition. Out: the canonical name and the indices. A subscript
of three letters or more, none of which the right-hand side has as an index, belongs to the name:
`W_out = A B` defines `W_out`, `x_new_i = x_i - g_i` defines `x_new`, and `T_ijk = A_ij b_k` `T`.

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_query
>>> definition = parse_query(Source("L_total = a + b"))
>>> target_name(definition, {})
'L_total'
"""

from __future__ import annotations

from collections.abc import Container

from indexcalc.elaborate.names import (
    Marked,
    canonical,
    declared_name,
    marked_name,
    refer,
    split_letters,
)
from indexcalc.elaborate.uses import letters_in
from indexcalc.syntax import tree

SHORTEST_WORD = 3


def target_name(definition: tree.Definition, declared: Container[str]) -> str:
    """The name that a definition defines, without its indices."""
    marked = marked_name(definition.target)
    assert marked is not None  # the parser lets nothing else be defined
    name = refer(marked, (), ()).name
    whole = declared_name(definition.target)
    if whole in declared:
        return whole
    if name not in declared and (word := _word(definition, marked)):
        return f"{name}_{word}"
    return refer(marked, declared, ()).name


def _word(definition: tree.Definition, marked: Marked) -> str:
    """The subscript that belongs to the name, empty if there is none: `new` in `x_new_i`."""
    subscripts = [s for s in marked.subscripts if any(not item.isdigit() for item in s.items)]
    if not subscripts or len(subscripts) > 2:
        return ""
    words = [item for item in subscripts[0].items if not item.isdigit()]
    if len(words) != 1 or len(words[0]) < SHORTEST_WORD or "(" in words[0]:
        return ""
    word, used = canonical(words[0]), letters_in(definition.value)
    return "" if word in used or used & set(split_letters(words[0])) else word
