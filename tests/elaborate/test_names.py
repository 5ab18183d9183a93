"""Names: spellings of one name, labels, underscores, indices."""

from __future__ import annotations

import pytest

from indexcalc.elaborate.names import GREEK, Marked, canonical, marked_name, split_letters
from indexcalc.elaborate.ranks import householder_rank
from indexcalc.elaborate.uses import Known
from indexcalc.errors import FormulaError, IndexNotationError, Source, Span, UnknownNameError
from indexcalc.syntax import tree
from indexcalc.syntax.parser import parse_query
from tests.elaborate.reading import ask, error_of, marked, read, shapes

HERE = Span(Source("W_ij"), 0, 4)


def name_in(text: str) -> Marked:
    query = parse_query(Source(text))
    assert isinstance(query, tree.Query)
    found = marked_name(query.value)
    assert found is not None
    return found


def read_name(text: str, known: Known | None = None) -> str:
    """The name and its indices, as `W(i,j)`; a group as `(s.r)`."""
    reference = (known or Known()).refer(name_in(text))
    if reference.indices is None:
        return reference.name
    return f"{reference.name}({','.join('.'.join(index) for index in reference.indices)})"


@pytest.mark.parametrize("text", ["W_1", "W_{1}", "W1", "W^(1)", "W^{(1)}", "W₁"])
def test_a_number_belongs_to_the_name_in_every_spelling(text: str) -> None:
    assert read_name(text) == "W1"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("W_{1,ij}", "W1(i,j)"),
        ("W1_ij", "W1(i,j)"),
        ("W_1_ij", "W1(i,j)"),
        ("W^{(1)}_{ij}", "W1(i,j)"),
        ("W^(1)_ij", "W1(i,j)"),
        ("W₁ᵢⱼ", "W1(i,j)"),
        ("W1_2", "W1_2"),
        ("W_ij", "W(i,j)"),
        ("W_{ij}", "W(i,j)"),
        ("W_{i,j}", "W(i,j)"),
        ("Q_{head,dim}", "Q(head,dim)"),
        ("Q_{1,head,dim}", "Q1(head,dim)"),
        ("X_{(sr)q}", "X(s.r,q)"),
        ("x_{i1}", "x(i1)"),
        ("W_out", "W(o,u,t)"),
        ("x_α", "x(α)"),
        ("x_alpha", "x(α)"),
        ("T_{alpha,beta}", "T(α,β)"),
        ("A_pi", "A(p,i)"),
        ("A_mu", "A(m,u)"),
        ("T_{mu,nu}", "T(μ,ν)"),
        ("lambda_i", "λ(i)"),
        ("theta2_i", "θ2(i)"),
        ("Sigma_ij", "Σ(i,j)"),
    ],
)
def test_names_and_indices(text: str, name: str) -> None:
    assert read_name(text) == name


def test_an_underscore_belongs_to_the_name_if_that_is_known() -> None:
    known = Known(tensors={"W_out": HERE, "λ_max": HERE})
    assert read_name("W_out", known) == "W_out"
    assert read_name("W_{out}", known) == "W_out"
    assert read_name("W_out_ij", known) == "W_out(i,j)"
    assert read_name("lambda_max", known) == "λ_max"
    assert read_name("V_out", known) == "V(o,u,t)"


def test_a_word_in_braces_is_one_index_if_it_is_one_elsewhere() -> None:
    assert read_name("x_{batch}") == "x(b,a,t,c,h)"
    assert read_name("x_{batch}", Known(words={"batch"})) == "x(batch)"


def test_a_declared_rank_tells_greek_from_latin() -> None:
    assert read_name("T_rho", Known(ranks={"T": 3})) == "T(r,h,o)"
    assert read_name("T_rho") == "T(ρ)"
    assert read_name("x_mu", Known(ranks={"x": 1})) == "x(μ)"


@pytest.mark.parametrize("text", ["W_1i", "W_i1", "W_{i,1}", "x_i_2"])
def test_numbers_among_indices_are_refused(text: str) -> None:
    error = error_of(f"f = {text} y_i")
    assert isinstance(error, IndexNotationError)
    assert "stands before the indices" in error.hint


def test_greek_by_name_is_the_letter() -> None:
    assert GREEK["lambda"] == "λ"
    assert GREEK["Omega"] == "Ω"
    assert canonical("epsilon") == "ε"
    assert canonical("lambdas") == "lambdas"
    assert canonical("y\u0302") == "ŷ"
    assert split_letters("iθ\u0302") == ["i", "θ\u0302"]
    assert shapes("lambda = alpha x_i x_i\nf = λ + α") == {
        "λ": "scalar", "α": "scalar", "x": "m", "f": "scalar",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second"), [("𝐱", "x"), ("ϵ", "ε"), ("µ", "μ"), ("ℓ", "l"), ("ﬁ", "fi")]
)
def test_names_that_python_cannot_tell_apart_are_refused(first: str, second: str) -> None:
    error = error_of(f"f = {first} + {second}")
    assert isinstance(error, UnknownNameError)
    assert marked(error) == [first, second]


@pytest.mark.parametrize(
    ("name", "rank"), [("W", 2), ("W1", 2), ("x", 1), ("ŷ", 1), ("λ", 0), ("Σ", 0)]
)
def test_householder_ranks(name: str, rank: int) -> None:
    assert householder_rank(name) == rank


def test_householder_notation_gives_shapes() -> None:
    text = "notation: householder\nz = W x + b\nλ = log(1 + e^(-γ w^T σ(z)))"
    assert shapes(text) == {
        "z": "m", "W": "m×n", "x": "n", "b": "m", "λ": "scalar", "γ": "scalar", "w": "m",
    }  # fmt: skip


# --- what a name is -----------------------------------------------------------------------------


def test_a_call_or_a_product_is_told_by_what_the_name_is() -> None:
    assert read("b (x_i + 1)").symbols["b"].role == "function"
    assert read("b[]\nb (x_i + 1)").symbols["b"].role == "input"
    assert read("b (x_i + 1) + b y_i").symbols["b"].role == "input"
    product = read("b[], x[n]\nb (x_i)^2").queries[0].node
    assert product is read("b[], x[n]\nb x_i^2").queries[0].node
    assert read("f = e (1 + x)").symbols.keys() == {"f", "x"}


def test_a_declared_name_wins_over_a_builtin_meaning() -> None:
    assert shapes("I[d]\nf = I_k I_k")["I"] == "d"
    assert shapes("e[n]; f = e_i e_i")["e"] == "n"
    assert read("δ[n]; f = δ_i δ_i").symbols["δ"].role == "input"
    assert shapes("f = δ_i w_i")["δ"] == "m"
    assert read("σ[n]; f_i = σ_i").symbols["σ"].role == "input"
    assert read("exp(z) = 1 + z\nf = exp(x)").symbols["exp"].role == "function"
    assert shapes("T[n, n], W[n, n]\nf = tr(W T)")["T"] == "n×n"


def test_different_numbers_of_indices_are_refused_with_both_places() -> None:
    error = error_of("f = x_ij y_ij + x_i z_i")
    assert isinstance(error, IndexNotationError)
    assert marked(error) == ["x_ij", "x_i"]
    error = error_of("y_i = x_i\nf = y_ij w_ij")
    assert marked(error) == ["y_ij", "y_i"]


def test_indices_on_a_transpose_or_an_inverse_tell_the_rank() -> None:
    assert shapes("f = W^T_ij A^-1_ij") == {"f": "scalar", "W": "m×m", "A": "m×m"}
    assert shapes("f = W'_ij V_ij") == {"f": "scalar", "W": "m×n", "V": "n×m"}


def test_names_are_defined_once_and_not_in_circles() -> None:
    error = error_of("f = x_i x_i\nf = y_i y_i")
    assert error.message == "f is defined twice"
    assert [mark.span.line for mark in error.marks] == [1, 2]
    error = error_of("a = b + 1\nb = c\nc = a")
    assert error.message == "definitions go in a circle: a → b → c → a"
    assert marked(error) == ["a", "b", "c"]
    assert error_of("a = a + 1").message == "a is defined by itself"
    assert "defined by itself" in error_of("σ(z) = σ(z) + 1").message


def test_order_of_statements_does_not_matter() -> None:
    lines = ["x[n]", "y_i = W_ij x_j", "f = y_i y_i", "W[m, n]"]
    nodes = {d.name: d.node for d in read("\n".join(lines)).definitions}
    turned = {d.name: d.node for d in read("\n".join(lines[::-1])).definitions}
    assert nodes == turned


@pytest.mark.parametrize(
    "text",
    ["x[n]; x[m]", "x[n]; x(z) = z", "A[n] symmetric", "A[n, m, k] spd", "A[n] wide", "x[-3]",
     "x[n^2]", "x[1/2]", "notation: other", "A[2, 3] symmetric", "A[n, m] spd"],
)  # fmt: skip
def test_wrong_declarations_are_refused(text: str) -> None:
    error = error_of(text)
    assert isinstance(error, FormulaError)
    assert error.marks


def test_a_symmetric_matrix_is_square() -> None:
    error = error_of("A[n, m] symmetric")
    assert marked(error) == ["n", "m"]
    assert error.message == "A, declared a square matrix, has two extents: n and m"


# --- queries ------------------------------------------------------------------------------------


def test_a_query_brings_its_own_inputs_and_leaves_the_program_alone() -> None:
    program = "λ = log(1 + exp(w_i W_ij x_j))"
    query = ask(program, "∂²λ/∂W_ij∂W_kl v_kl")
    assert query.inputs == ("w", "W", "x", "v")
    assert query.symbols["v"].shape == query.symbols["W"].shape
    assert "v" not in read(program).symbols


def test_a_derivative_by_a_name_that_nothing_has_is_refused() -> None:
    error = error_of("λ = W_ij W_ij", "∂λ/∂V_ij")
    assert isinstance(error, UnknownNameError)
    assert error.hint == "the names are  λ, W"
