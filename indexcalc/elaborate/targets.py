"""Left-hand sides: what a definition defines, and with which indices.

In: the target and the value of a definition. Out: the canonical name and the indices. A subscript
of three letters or more, none of which the right-hand side has as an index, belongs to the name:
`W_out = A B` defines `W_out`, `T_ijk = A_ij b_k` defines `T`.

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_query
>>> definition = parse_query(Source("L_total = a + b"))
>>> target_name(definition, {})
'L_total'
"""

from __future__ import annotations

from collections.abc import Container

from indexcalc.elaborate.names import canonical, declared_name, marked_name, refer, split_letters
from indexcalc.elaborate.uses import letters_in
from indexcalc.syntax import tree

SHORTEST_WORD = 3


def target_name(definition: tree.Definition, declared: Container[str]) -> str:
    """The name that a definition defines, without its indices."""
    marked = marked_name(definition.target)
    assert marked is not None  # the parser lets nothing else be defined
    name = refer(marked, (), ()).name
    whole = declared_name(definition.target)
    if whole in declared or (name not in declared and _is_word(definition, name)):
        return whole
    return refer(marked, declared, ()).name


def _is_word(definition: tree.Definition, name: str) -> bool:
    marked = marked_name(definition.target)
    assert marked is not None
    words = [item for s in marked.subscripts for item in s.items if not item.isdigit()]
    if len(words) != 1 or len(words[0]) < SHORTEST_WORD or "(" in words[0]:
        return False
    used = letters_in(definition.value)
    return canonical(words[0]) not in used and not used & set(split_letters(words[0]))
