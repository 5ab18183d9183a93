"""LaTeX of formulas: what a person would write, well formed, and the same as the text."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from indexcalc.api import Program
from indexcalc.errors import FormulaError
from indexcalc.notation.formula import Formula, Literal, Product, Symbol, SymbolKind, Total
from indexcalc.notation.latex import formula_latex
from indexcalc.notation.latex_names import function_name, named
from indexcalc.notation.names import NameStyle
from indexcalc.notation.spelled_out import function
from indexcalc.notation.spelling import Spelling
from tests.test_published import CASES, NOT_THE_LANGUAGE, derivative, program_text

PLAIN = Spelling(NameStyle())
BRACKETS = re.compile(r"\\left[([]|\\right[)\]]|\\.|[{}()\[\]]")
PARTNER = {"}": "{", ")": "(", "]": "[", r"\right)": r"\left(", r"\right]": r"\left["}
TWO_SCRIPTS = re.compile(r"([_^])(\{[^{}]*\}|\w|\\[A-Za-z]+)\1")


def assert_well_formed(text: str) -> None:
    """Braces and brackets of each kind close what they open; no script stands twice."""
    stack: list[str] = []
    for word in BRACKETS.findall(text):
        if word in PARTNER:
            assert stack[-1:] == [PARTNER[word]], text
            stack.pop()
        elif word in PARTNER.values():
            stack.append(word)
    assert not stack, text
    assert not TWO_SCRIPTS.search(text), text
    assert text.isascii(), text


LAYERS = """
assume sum_k y_k == 1
a_j = x_i W1_ij + b1_j
h_j = σ(a_j)
θ_k = h_j W2_jk + b2_k
ŷ_k = softmax(θ)_k
L = -y_k log(ŷ_k)
"""
LOSS = """
z_i = W_ij x_j + b_i
λ = log(1 + exp(-y w_i σ(z_i)))
"""
MATRICES = """
Z_ij = W_ik X_kj + b_i
Y_ij = U_im σ(Z_mj) + c_i
"""
GOLDENS = [
    (LAYERS, "L", r"-y_k\, \log(\hat{y}_k)"),
    (LAYERS, "∂L/∂x_i", r"(\hat{y}_k - y_k)\, W_{2,jk}\, \sigma'(a_j)\, W_{1,ij}"),
    (LAYERS, "∂ŷ_k/∂θ_l", r"\hat{y}_k\, \delta_{kl} - \hat{y}_k\, \hat{y}_l"),
    (LAYERS, "ŷ_k", r"\operatorname{softmax}(\theta)_k"),
    (LOSS, "λ", r"\log(1 + e^{-y\, w_i\, \sigma(z_i)})"),
    (LOSS, "∂λ/∂W_ij", r"-(1 - e^{-\lambda})\, y\, w_i\, \sigma'(z_i)\, x_j"),
    (MATRICES, "∂Y_ij/∂X_kl", r"U_{im}\, \sigma'(Z_{mj})\, W_{mk}\, \delta_{jl}"),
    ("X[n, n]; f = logdet(X)", "f", r"\log\det(X)"),
    ("X[n, n]; f = logdet(X)", "logdet(X)^2", r"(\log\det(X))^2"),
    ("X[n, n]; f = logdet(X)", "∂f/∂X", r"(X^{-1})_{ji}"),
    ("A[n, n]", "inv(A + A)_ij", r"\operatorname{inv}(2 A_{kl})_{ij}"),
    ("f = 1/n sum_i (X_ij w_j - y_i)^2; X[n, m]", "∂f/∂w_k",
     r"\frac{2}{n} X_{ik}\, (X_{ij}\, w_j - y_i)"),
    ("f = sqrt(x_i x_i)", "∂²f/∂x_k∂x_l",
     r"\frac{\delta_{kl}}{\sqrt{x_i\, x_i}} - \frac{x_k\, x_l}{(x_i\, x_i)^{3/2}}"),
    ("x[n]", "sum_i (x_i/2 + x_j x_j)^3",
     r"\sum_{i} \left( \frac{1}{2} x_i + x_j\, x_j \right)^3"),
    ("x[n]", "[x_i > 0] + [x_i == 1] + [x_i <= 2]", r"[x_i = 1] + [x_i \leq 2] + [x_i > 0]"),
    ("x[n]; y[n]", "max(x_i, y_i) max_k(x_k)", r"\max(x)\, \max(x_i, y_i)"),
    ("x[n]; A[n, n]", "max_k(A_ik x_k)", r"\max_{j} A_{ij}\, x_j"),
    ("x[n]", "prod_i(x_i^2)", r"\prod_{i} x_i^2"),
    ("x[n]", "abs(x_i)^3 + abs(x_i/2)",
     r"\left\lvert \frac{1}{2} x_i \right\rvert + \lvert x_i\rvert^3"),
    ("x[n]", "exp(x_i)^2 + sin(x_i)^2", r"\exp(x_i)^2 + \sin(x_i)^2"),
    ("x[n]; p[]", "exp(x_i/p) + asin(x_i)",
     r"\exp\left( \frac{x_i}{p} \right) + \arcsin(x_i)"),
    ("x[n]; e[]", "e exp(x_i)", r"e\, \exp(x_i)"),
    ("x[n]; π[]", "x_i acos(-1)", r"\arccos(-1)\, x_i"),
    ("loss = W_out_ij v_j u_i; W_out[m, n]", "∂loss/∂v_j", r"W_{\mathrm{out},ij}\, u_i"),
    ("f = g(x_k y_k, c)", "∂f/∂x_i", r"g^{(1,0)}(x_k\, y_k, c)\, y_i"),
    ("f = act(x_i) v_i", "∂f/∂x_i", r"\operatorname{act}'(x_i)\, v_i"),
    ("x[n]; c[n]", "where(x_i > 0, x_i, c_i)", r"\operatorname{where}(x_i > 0, x_i, c_i)"),
    ("S_{head,query} = Q_{head,dim} K_{query,dim}; x[n]", "S_{head,query}",
     r"Q_{\mathit{head},\mathit{dim}}\, K_{\mathit{query},\mathit{dim}}"),
]  # fmt: skip


@pytest.mark.parametrize(("program", "query", "latex"), GOLDENS)
def test_a_formula_reads_as_a_person_writes_it(program: str, query: str, latex: str) -> None:
    made = Program(program)[query].to_latex()
    assert_well_formed(made)
    assert made == latex


PUBLISHED = {
    "wp-axxb": r"x_j\, b_j\, a_i + a_j\, x_j\, b_i",
    "mc-061-aXinvb": r"-a_k\, (X^{-1})_{ki}\, (X^{-1})_{jl}\, b_l",
    "mc-105-tr-kron": r"A_{kk}\, \delta_{ij}",
    "mc-083-affine-quadratic": r"(X_{kl}\, b_l + c_k)(D_{ik} + D_{ki})\, b_j",
    "mc-076-sum-squared": r"2 \cdot 1_i\, 1_j\, \sum_{k,l} X_{kl}",
    "sympy-elementwise-tan": r"(1 + y_i^2)\, \delta_{ij}",
    "hyperelastic-tangent":
        r"\mu\, ((F^{-1})_{jk}\, (F^{-1})_{li} + \delta_{ik}\, \delta_{jl})",
    "mse-3933010-matrix-completion":
        r"2 \Omega_{ik}\, (U_{il}\, V_{kl} - M_{ik})\, V_{kj}",
    "mse-row-jacobian-quotient-wrong":
        r"\frac{M_{ij}}{(\eta + x_k\, u_k)^2} - "
        r"\frac{2 (\eta\, v_i + M_{il}\, x_l)\, u_j}{(\eta + x_k\, u_k)^3}",
    "so-softmax-cost-mean-wrong":
        r"\operatorname{softmax}(z)_i\, \sum_{j} \frac{y_j}{n} - \frac{y_i}{n}",
    "mcu-multinomial": r"\frac{y_j\, x_{ji}}{x_{jk}\, \theta_k}",
    "mcu-gauss-bump": r"f\, (x_{0,j} - x_j)(D_{ij} + D_{ji})",
    "mcu-spring-force":
        "\\begin{aligned}\n"
        r"& \left( 1 - \frac{l_0}{\sqrt{t_{1,k}\, t_{1,k}}} \right)\, \delta_{ij} + "
        r"\frac{l_0\, t_{1,i}\, t_{1,j}}{(t_{1,k}\, t_{1,k})^{3/2}} \\" "\n"
        r"& \text{where } t_{1,j} = q_j - p_j"
        "\n\\end{aligned}",
}  # fmt: skip
IN_INDEX_FORM = [
    case
    for case in CASES
    if case["index"] is not None and (case["id"], "index") not in NOT_THE_LANGUAGE
]


@pytest.mark.parametrize("case", IN_INDEX_FORM, ids=lambda case: str(case["id"]))
def test_published_derivatives(case: dict[str, str]) -> None:
    name = re.match(r"[^\s_=]+", case["index"])
    assert name
    query = derivative(name[0], list(case["wrt"]), "index")
    made = Program(program_text(case, "index"))[query].to_latex()
    assert_well_formed(made)
    assert made == PUBLISHED.get(case["id"], made)


def test_the_published_goldens_exist() -> None:
    assert set(PUBLISHED) <= {case["id"] for case in IN_INDEX_FORM}


@pytest.mark.parametrize(
    ("name", "indices", "latex"),
    [
        ("W", "ij", "W_{ij}"),
        ("W12", "i", "W_{12,i}"),
        ("W1_2", "", "W_{1,2}"),
        ("a_b", "ij", r"a_{\mathrm{b},ij}"),
        ("x1", "", "x_1"),
        ("ŷ2", "α", r"\hat{y}_{2,\alpha}"),
        ("θ̃", "", r"\tilde{\theta}"),
        ("λ", "αi", r"\lambda_{\alpha i}"),
        ("Δx", "", r"\mathrm{\Delta x}"),
        ("loss2", "", r"\mathrm{loss}_2"),
        ("ε", "", r"\varepsilon"),
    ],
)
def test_names(name: str, indices: str, latex: str) -> None:
    assert named(name, list(indices)) == latex


def test_heads_of_calls() -> None:
    heads = [function_name(name) for name in ("σ", "g2", "act")]
    assert heads == [r"\sigma", "g_2", r"\operatorname{act}"]


def test_other_forms() -> None:
    formula = Program("f = x_i x_i")["∂f/∂x_i"]
    assert formula.to_latex(form="matrix") == "2 x"
    with pytest.raises(FormulaError, match="picture"):
        formula.to_latex(form="picture")


def test_what_starts_with_a_fraction_has_a_bracket_behind_a_maximum() -> None:
    latex = Program("A[m, n]; y_j = max_i (A_ij/2); u[n]; z_j = max_i (A_ij/u_j)")
    assert latex["y"].to_latex() == r"\max_{j} \left( \frac{1}{2} A_{ji} \right)"
    assert latex["z"].to_latex() == r"\max_{j} \left( \frac{A_{ji}}{u_i} \right)"


def test_a_hidden_function_is_refused_as_in_text() -> None:
    with pytest.raises(FormulaError, match="hides the function"):
        Program("x[n]; sin[]; f = sum_i cos(x_i)")["∂f/∂x_i"].to_latex()


def test_deep_and_wide_formulas_are_printed() -> None:
    x = Symbol(SymbolKind.VARIABLE, "x", ())
    deep: Formula = x
    for _ in range(20_000):
        deep = function("sin", Total((deep, Literal(Fraction(1)))))
    assert formula_latex(deep, PLAIN).count(r"\sin(") == 20_000
    over: Formula = x
    for _ in range(20_000):
        over = Product(Fraction(1), (), (), (), (over,))
    assert formula_latex(over, PLAIN).count(r"\frac{1}{") == 20_000
    wide = Total(tuple(Product(Fraction(-2), (), (), (x, x), ()) for _ in range(30_000)))
    assert formula_latex(wide, PLAIN).count(r"-") == 30_000
    many = Product(Fraction(1), (), (), (x,) * 30_000, ())
    assert formula_latex(many, PLAIN).count(r"\, ") == 29_999


def test_notebooks_show_every_statement() -> None:
    program = Program(
        "W[m, n], x[n], y[]; assume sum_i p_i == 1; σ(z) = 1/(1 + exp(-z))\n"
        "z_i = W_ij x_j + p_i\nf = y σ(z_i) p_i\n∂²f/∂W_ij∂y\nf == 1"
    )
    bundle = program._repr_mimebundle_()
    assert bundle["text/plain"] == program.text
    assert_well_formed(bundle["text/latex"])
    assert bundle["text/latex"].splitlines()[1:-1] == [
        rf"\displaystyle {row}"
        for row in (
            r"W \in \mathbb{R}^{m \times n} \\",
            r"x \in \mathbb{R}^{n} \\",
            r"y \in \mathbb{R} \\",
            r"\sum_{i} p_i = 1 \\",
            r"\sigma(z) = \frac{1}{1 + e^{-z}} \\",
            r"z_i = W_{ij}\, x_j + p_i \\",
            r"f = y\, \sigma(z_i)\, p_i \\",
            r"\frac{\partial^2 f}{\partial W_{ij}\, \partial y} = \sigma'(z_i)\, p_i\, x_j",
        )
    ]


def test_a_formula_shows_what_was_asked() -> None:
    formula = Program("f = x_i x_i")["∂f/∂x_j"]
    shown = r"$\displaystyle \frac{\partial f}{\partial x_j} = 2 x_j$"
    assert formula._repr_latex_() == shown
    assert formula._repr_mimebundle_() == {
        "text/plain": repr(formula),
        "text/latex": shown,
    }


def test_what_has_no_latex_shows_itself_as_text() -> None:
    formula = Program("x[n]; sin[]; f = sum_i cos(x_i)")["∂f/∂x_i"]
    assert list(formula._repr_mimebundle_()) == ["text/plain"]


def test_norms_have_bars() -> None:
    program = Program("A[m, n], x[n], b[m]; r = ‖A x - b‖; s = r^2 + ‖A‖_F")
    expected = r"\frac{A^\top (A x - b)}{\lVert A x - b\rVert}"
    assert program["∂r/∂x"].to_latex("matrix") == expected
    assert program["r"].to_latex("matrix") == r"\lVert A x - b\rVert"
    assert r"\lVert A\rVert_F" in program["∂s/∂A"].to_latex("matrix")
