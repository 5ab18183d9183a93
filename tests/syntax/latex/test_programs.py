"""LaTeX that people published: it says the same as the index and the matrix form."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import indexcalc as ic
from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.elaborate.program import elaborate, elaborate_query
from indexcalc.errors import FormulaError, Source
from indexcalc.ir.node import Node
from indexcalc.syntax import tree
from indexcalc.syntax.latex.detect import Notation
from indexcalc.syntax.parser import parse_program, parse_query
from tests.syntax.tree_dump import dump

DATA = Path(__file__).resolve().parents[2] / "data" / "cases" / "cases.json"
CASES: dict[str, dict[str, Any]] = {
    case["id"]: case for case in json.loads(DATA.read_text(encoding="utf-8"))
}
FUNCTIONS = (
    "mc-054-det-xtax", "mc-061-aXinvb", "mc-076-sum-squared", "mc-083-affine-quadratic",
    "mc-105-tr-kron", "mc-119-residual-trace", "mc-126-tr-ratio", "sympy-elementwise-tan",
    "wp-axxb", "cubic-form-third", "im-quartic-gradient", "mse-row-jacobian-quotient-wrong",
)  # fmt: skip
# The LaTeX is a derivative by the case's variable.
DERIVATIVES = ("mse-4291445-xAx-by-A-wrong", "mse-549161-double-inverse")
# The LaTeX cannot be read, and what is said.
REFUSED = {
    "mse-3933010-matrix-completion": "not a whole axis",
}
# The LaTeX is something else than the case's function, or has other names and shapes.
OTHERWISE = {
    "wp-logdet-second-by-scalar": "query ([∂2 (ln@([absolute U])) by x, x])",
    "softmax-regression-batch": "define L = -{({(1) / (N)}) [sum_{i} [sum_{k} {Y_{ik} "
    "log@(({([e ^ f_{ik}]) / ([sum_{l} [e ^ f_{il}]])}))}]]}",
    "weighted-dot-three": "claim sum@({h ⊙ r ⊙ t}) == [sum_{i} {h_{i} r_{i} t_{i}}]",
    "mse-3927579-xbx-vec": "query [∂1 vec@(F) by vec@(X')]\ndefine F = {X B X}",
    "im-axat-fourth-order": "define y = {A ⊗ A x}",
    "mse-2847017-rayleigh-general-wrong": "declare v[d]\ndeclare A[d, d]",
    "mse-2152983-tr-log-wrong": "query ([∂1 (tr@(log@({[transpose X] B X}))) by X])",
    "pf-three-layer-net-wrong": "define y = ψ@({W 3 * ψ@({W 2 * ψ@({W 1 * I})})})",
    "mse-2178394-kron-vec": "query ([∂1 (({({a ⊗ eye@(n)}) X b})) by X])",
}


def declared(case: dict[str, Any]) -> Elaborated:
    names = ", ".join(
        f"{name}[{', '.join(extent.removesuffix('_') for extent in variable['shape'])}]"
        for name, variable in case["variables"].items()
    )
    return elaborate(parse_program(Source(names)))


def node_of(program: Elaborated, text: str, notation: Notation) -> Node:
    query = parse_query(Source(text), program.symbols, notation=notation)
    return elaborate_query(program, query).node


def forms(case: dict[str, Any], program: Elaborated) -> list[Node]:
    """The nodes of the case's index form, and of its matrix form without the left side."""
    texts = [case["index"]] if case["index"] else []
    if case["matrix"]:
        texts.append(case["matrix"].partition("=")[2])
    return [node_of(program, text, "text") for text in texts]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_latex_of_a_case_is_its_function(name: str) -> None:
    program = declared(CASES[name])
    assert node_of(program, CASES[name]["latex"], "latex") in forms(CASES[name], program)


@pytest.mark.parametrize("name", DERIVATIVES)
def test_the_latex_of_a_case_is_the_derivative_of_its_function(name: str) -> None:
    case = CASES[name]
    program = declared(case)
    matrix = f"diff(({case['matrix'].partition('=')[2]}), {', '.join(case['wrt'])})"
    assert node_of(program, case["latex"], "latex") is node_of(program, matrix, "text")


@pytest.mark.parametrize("name", OTHERWISE)
def test_latex_of_another_kind_is_read_as_what_it_is(name: str) -> None:
    program = parse_program(Source(CASES[name]["latex"]), notation="latex")
    assert dump(program) == OTHERWISE[name]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_in_the_language_is_refused(name: str) -> None:
    for text in (CASES[name]["latex"], CASES[name]["claim"]["latex"]):
        with pytest.raises(FormulaError, match=REFUSED[name]):
            parse_program(Source(text), notation="latex")


def test_all_latex_of_the_cases_is_in_one_of_the_lists() -> None:
    with_latex = {name for name, case in CASES.items() if case["latex"]}
    assert with_latex == {*FUNCTIONS, *DERIVATIVES, *REFUSED, *OTHERWISE}


@pytest.mark.parametrize(
    "name", [name for name, case in CASES.items() if case["claim"]["latex"] and name not in REFUSED]
)
def test_the_latex_of_a_claim_is_read(name: str) -> None:
    text = CASES[name]["claim"]["latex"]
    if re.search(r"array|\\nabla h", text):
        with pytest.raises(FormulaError, match=r"is not read|by which variable"):
            parse_program(Source(text), notation="latex")
    else:
        assert parse_program(Source(text), CASES[name]["variables"], notation="latex").statements


# --- three pages ------------------------------------------------------------------------------

LAYERS = r"""
$W_1 \in \mathbb{R}^{5\times 3}, b_1 \in \mathbb{R}^3, W_2 \in \mathbb{R}^{3\times 5}$
$b_2 \in \mathbb{R}^5, x \in \mathbb{R}^5, p \in \mathbb{R}^5, \hat{y} \in \mathbb{R}^5$
$$\eqalign{ a &= W_1^Tx + b_1 &\implies da = W_1^Tdx \cr
h &= \sigma(a) &\implies dh = (H-H^2)\,da,\,\,\,\,&H={\rm Diag}(h) \cr
\theta &= W_2^Th + b_2 &\implies d\theta = W_2^Tdh \cr
y &= {\rm softmax}(\theta) &\implies dy = (Y-yy^T)\,d\theta,\,\,\,\,&Y={\rm Diag}(y) \cr
L &= -p:\log y &\implies (p,y) \doteq (y,{\hat y}) \cr }$$
$$\eqalign{ dL &= -p:Y^{-1}dy \cr &= -p:Y^{-1}(Y-yy^T)d\theta \cr
&= -p:(I-1y^T)d\theta \cr &= (y1^T-I)p:d\theta \cr
\frac{\partial L}{\partial x} &= W_1(H-H^2)W_2(y-p) \cr }$$
"""
NEURON = r"""
$W \in \mathbb{R}^{m\times d}$, $x \in \mathbb{R}^d$, $b, {\rm w} \in \mathbb{R}^m$
$$\eqalign{ \gamma &= y \\ z &= Wx+b \quad&\implies dz = dW\,x \\ s &= \sigma(z) \\
s' &= \sigma'(z) &\implies ds = S'\,dz \\
\beta &= -\gamma{\rm w}^Ts &\implies d\beta = -\gamma{\rm w}^Tds \\
\alpha &= e^\beta &\implies d\alpha = \alpha\,d\beta \\ }$$
$$\eqalign{ \lambda &= \log(1+\alpha) \\ d\lambda &= e^{-\lambda}\,d\alpha \\
&= e^{-\lambda}\alpha\,d\beta \\ \frac{\partial\lambda}{\partial W} &=
-e^{-\lambda}\alpha\gamma\;\big(x{\rm w}^TS'\big)^T \\ }$$
where $S' = {\rm Diag}(s')$
"""
COLUMNS = r"""
$W \in \mathbb{R}^{m \times n}$, $U \in \mathbb{R}^{(m-1) \times m}$, $X \in R^{n\ \textrm{x}\ p}$
$b \in \mathbb{R}^m$ and $c \in \mathbb{R}^{m-1}$
$$\eqalign{ S &= \sigma\big(WX+b{\tt1}^T\big) \\ S' &= \sigma'\big(WX+b{\tt1}^T\big) \\
D &= {\rm Diag}\Big({\rm vec}(US')\Big) \\ }$$
$$\eqalign{ Y &= US + c{\tt1}^T \\ dY &= (US') \odot (W\,dX) \\ }$$
"""


def test_a_page_of_two_layers() -> None:
    program = ic.Program(LAYERS)
    assert set(program.definitions) == {"a", "h", "H", "θ", "y", "Y", "L"}
    written = ic.Program(
        "W1[5, 3], b1[3], W2[3, 5], b2[5], x[5], p[5]; a = W1^T x + b1; h = σ(a);"
        "θ = W2^T h + b2; y = softmax(θ); L = -p : log(y)"
    )
    assert str(program[r"\frac{\partial L}{\partial x}"]) == str(written["∂L/∂x"])
    assert len(program.claims) == 8


def test_a_page_of_one_neuron() -> None:
    program = ic.Program(NEURON)
    written = ic.Program(
        "W[m, d], x[d], b[m], w[m]; γ = y; z = W x + b; s = σ(z); β = -γ w^T s; α = exp(β);"
        "λ = log(1 + α)"
    )
    gradient = str(written["∂λ/∂W_ij"]).replace("σ'(z_i)", "sʹ_i")
    for query in (r"\frac{\partial\lambda}{\partial W_{ij}}", "∂λ/∂W_ij"):
        assert str(program[query]) == gradient
    assert program.variables["sʹ"].role == "definition"


def test_a_page_of_columns() -> None:
    program = ic.Program(COLUMNS)
    written = ic.Program(
        "W[m, n], U[m-1, m], X[n, p], b[m], c[m-1]; S = σ(W X + b 1^T); Sʹ = σ'(W X + b 1^T);"
        "Y = U S + c 1^T"
    )
    assert str(program["∂Y/∂X"]) == str(written["∂Y/∂X"])
    assert program.variables["Sʹ"].shape == ("m", "p")


def test_a_function_of_a_tensor_is_a_tensor() -> None:
    program = ic.Program(
        r"A \in \mathbb{R}^{n\times n}, x \in \mathbb{R}^n; f(x) = x^\top A x; \nabla f"
    )
    assert str(program.queries[0]) == str(program["∂f/∂x"]) == str(program[r"\nabla_x f(x)"])


@pytest.mark.parametrize("notation", ["text", "latex"])
def test_the_notation_can_be_said(notation: Any) -> None:
    assert ic.Program("f = x_i x_i", notation="text").variables["x"].shape
    program = ic.Program("ab = c d", notation="latex")
    assert isinstance(program._session.elaborated.tree.statements[0], tree.Claim)
    with pytest.raises(FormulaError, match="no notation"):
        ic.Program("f = x", notation="tex")  # type: ignore[arg-type]
