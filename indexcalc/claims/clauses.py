"""The text of a claim: the chain itself, and the definitions that stand with it.

In: a text such as `∂f/∂w_k == y_i s_i X_ik, s_i = 1/(1 + exp(u_i))`. Out: statements. A comma
or the word `where` at the top level separates, if a definition or an assumption follows.

>>> split_clauses("f == g(x, y) s, s = 2 where t_i = x_i, n")
'f == g(x, y) s; s = 2 ;     t_i = x_i, n'
"""

from __future__ import annotations

import re

OPENERS, CLOSERS = "([{", ")]}"
SEPARATOR = re.compile(r",|\bwhere\b(?!\s*\()")
DEFINES = re.compile(r"\s*assume\b|\s*[^\W\d_][^\s,;=<>!]*(?:\s*\([^()=]*\))?\s*=(?!=)")


def split_clauses(text: str) -> str:
    """The text with `;` in place of each separator; everything else keeps its place."""
    depth, done, position = 0, list(text), 0
    while position < len(text):
        sign = text[position]
        if sign == "#":
            end = text.find("\n", position)
            position = len(text) if end < 0 else end
            continue
        depth += (sign in OPENERS) - (sign in CLOSERS)
        found = SEPARATOR.match(text, position) if depth <= 0 else None
        if found and (sign == "," or not text[position - 1 : position].isalnum()):
            if DEFINES.match(text, found.end()):
                done[position : found.end()] = ";" + " " * (found.end() - position - 1)
            position = found.end()
        else:
            position += 1
    return "".join(done)
