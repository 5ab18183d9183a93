"""."""
from __future__ import annotations
from indexcalc.errors import FormulaSyntaxError, Mark
def explain(lexemes, position):
    return FormulaSyntaxError("bad", Mark(lexemes[min(position, len(lexemes)-1)].span))
