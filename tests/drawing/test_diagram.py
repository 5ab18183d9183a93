"""A picture means what the formula means."""

from __future__ import annotations

from indexcalc.drawing.diagram import diagram
from indexcalc.drawing.naming import with_names
from indexcalc.drawing.network import Line
from indexcalc.errors import FormulaError
from indexcalc.interpret import interpret
from indexcalc.ir.node import Node
from indexcalc.notation.component import arrangement
from indexcalc.notation.names import NameStyle
from tests.drawing.reading import Reader, UnknownSizeError
from tests.strategies import random_problem
import numpy as np
import sys
def lines_of(node: Node, letters, style: NameStyle) -> list[Line]:
    made = arrangement(node, letters, style)
    used = {line.name for line in made.where} | made.spelling.known
    return with_names(diagram(made, letters), style.fresh_names("t", used))
from collections import Counter
C=Counter(); bad=[]
for seed in range(int(sys.argv[1]),int(sys.argv[2])):
    pr=random_problem("any",seed,4+seed%6,{"m":[1,2,3][seed%3],"n":[2,3,1][seed%3],"o":[3,1,2][seed%3]})
    L=["ijklmnpqrs"[k] for k in range(len(pr.root.shape))]
    try: lines=lines_of(pr.root,L,NameStyle())
    except FormulaError as e: C["refused "+str(e)[:60]]+=1; continue
    vals=pr.values()
    try: w=interpret(pr.root,vals,pr.sizes)
    except Exception as e: C["interp"]+=1; continue
    try:
        g=Reader(lines,{**vals,**pr.sizes}).value(w.shape)
        ok=np.allclose(g,w,rtol=1e-7,atol=1e-8,equal_nan=True)
        C["ok" if ok else "WRONG"]+=1
        if not ok: bad.append(seed)
    except UnknownSizeError: C["size"]+=1
    except Exception as e: C["ERR "+repr(e)[:70]]+=1; bad.append((seed,repr(e)[:50]))
print(C); print(bad[:15])
