"""Formulas without indices in text: what is printed, and that it reads back with the same value."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexcalc.api import Program
from indexcalc.errors import FormulaError, ShapeError, Source
from indexcalc.interpret import interpret
from indexcalc.notation.formula import (
    EntryPower,
    Formula,
    Infix,
    Inverted,
    Joined,
    Literal,
    Raised,
    Total,
    Transposed,
)
from indexcalc.notation.latex import formula_latex
from indexcalc.notation.names import NameStyle
from indexcalc.notation.spelling import Spelling
from indexcalc.notation.text import formula_text
from indexcalc.session import Session
from indexcalc.syntax.latex.detect import Notation
from indexcalc.syntax.parser import parse_program, parse_query
from tests.notation.matrix_records import (
    DECLARED,
    PROGRAM,
    SIZES,
    Array,
    Shape,
    arrays,
    call,
    identity,
    name,
    ones,
    random_formula,
    times,
    value,
)
from tests.strategies import seeds

HALF, ONE = Fraction(1, 2), Fraction(1)
WHOLE = Spelling(NameStyle(), frozenset(DECLARED), whole=True)
TAKEN = [*"TIedtNσ", "sqrt", "sigmoid", "cbrt", "Diag", "diag", "eye"]
NOT_TOLD = "nothing determines"  # ones beside nothing that has their size


def session(*taken: str) -> Session:
    """A program with the names of the records, and more scalars that take words of the language."""
    return Session(parse_program(Source(PROGRAM + "".join(f"\n{name}[]" for name in taken))))


def hadamard(*operands: Formula) -> Joined:
    return Joined(Infix.HADAMARD, operands)


A, B, S, R, x, y, u, c, k = (name(letter) for letter in "ABSRxyuck")
one, eye = ones(), identity()
T = Transposed

PRINTED = [
    (times(A, x), "A x"),
    (times(S, x, T(y)), "S x y^T"),
    (times(A, x, number=-2, leading=(c,)), "-2 c A x"),
    (times(x, leading=(times(T(x), y),)), "(x^T y) x"),
    (times(x, below=(times(T(x), x),)), "x/(x^T x)"),
    (times(below=(times(T(x), x),)), "1/(x^T x)"),
    (times(S, x, number=HALF, below=(c,)), "1/2 S x/c"),
    (T(Total((S, R))), "(S + R)^T"),
    (T(times(A, S)), "(A S)^T"),
    (T(T(x)), "(x^T)^T"),
    (Inverted(S), "S^-1"),
    (T(Inverted(S)), "S^-T"),
    (Inverted(T(S)), "S^-T"),
    (Inverted(Total((S, eye))), "(S + I)^-1"),
    (times(Inverted(S), Inverted(R), x), "S^-1 R^-1 x"),
    (T(Raised(S, Fraction(2))), "(S^2)^T"),
    (EntryPower(x, Fraction(2)), "x.^2"),
    (EntryPower(x, Fraction(-1)), "x.^-1"),
    (EntryPower(Total((x, y)), Fraction(-3, 2)), "(x + y).^(-3/2)"),
    (EntryPower(x, HALF), "sqrt(x)"),
    (T(EntryPower(x, Fraction(2))), "(x.^2)^T"),
    (EntryPower(T(x), Fraction(2)), "(x^T).^2"),
    (hadamard(x, y, x), "x ⊙ y ⊙ x"),
    (hadamard(times(S, R), times(R, S)), "(S R) ⊙ (R S)"),
    (times(hadamard(x, y), T(x)), "(x ⊙ y) x^T"),
    (times(hadamard(x, y), number=-2, leading=(c,)), "-2 c x ⊙ y"),
    (times(hadamard(x, y), below=(c,)), "(x ⊙ y)/c"),
    (Joined(Infix.RATIO, (hadamard(x, y), x)), "(x ⊙ y) ./ x"),
    (Joined(Infix.RATIO, (Literal(ONE), x)), "1 ./ x"),
    (Joined(Infix.RATIO, (one, x)), "1 ./ x"),
    (Joined(Infix.FROBENIUS, (S, times(R, S))), "S : (R S)"),
    (times(x, leading=(Joined(Infix.FROBENIUS, (S, R)),)), "(S : R) x"),
    (Joined(Infix.KRONECKER, (S, R, S)), "S ⊗ R ⊗ S"),
    (Joined(Infix.KRONECKER, (S, one)), "S ⊗ vector(1)"),
    (times(A, one), "A 1"),
    (times(one, T(x), number=2), "2 1 x^T"),
    (T(times(A, one)), "(A 1)^T"),
    (times(T(one), x), "1^T x"),
    (times(A, one, below=(c,)), "(A 1)/c"),
    (times(one, leading=(c,)), "c vector(1)"),
    (call("Diag", one), "Diag(vector(1))"),
    (one, "vector(1)"),
    (Total((one, times(x, number=-1))), "1 - x"),
    (Total((x, times(one, number=-1))), "x - 1"),
    (Total((x, times(one, number=-2, leading=(c,)))), "x - 2 c"),
    (Total((one, times(one, leading=(c,)))), "vector(1) + c vector(1)"),
    (hadamard(one, one), "vector(1) ⊙ vector(1)"),
    (Total((S, times(eye, leading=(c,)))), "S + c I"),
    (call("tr", times(S, R)), "tr(S R)"),
    (T(call("vec", A)), "vec(A)^T"),
]


@pytest.mark.parametrize(("formula", "text"), PRINTED, ids=[text for _, text in PRINTED])
def test_what_is_printed(formula: Formula, text: str) -> None:
    assert formula_text(formula, WHOLE) == text


def read_value(text: str, notation: Notation, program: Session, values: dict[str, Array]) -> Array:
    names = program.elaborated.symbols
    query = program.query(parse_query(Source(text), names, notation=notation))
    with np.errstate(all="ignore"):
        return np.asarray(interpret(query.node, values, SIZES), float)


def assert_reads_back(formula: Formula, shape: Shape, program: Session, seed: int) -> None:
    spelling = Spelling(NameStyle(), frozenset(program.elaborated.symbols), whole=True)
    values = arrays(seed)
    with np.errstate(all="ignore"):
        expected = value(formula, shape, values)
    try:
        texts: list[tuple[Notation, str]] = [
            ("text", formula_text(formula, spelling)),
            ("latex", formula_latex(formula, spelling)),
        ]
    except FormulaError as error:
        if "hides" in error.message:
            return
        raise
    for notation, text in texts:
        try:
            found = read_value(text, notation, program, values)
        except ShapeError as error:
            if NOT_TOLD in error.message:
                continue
            raise
        found = np.broadcast_to(found.reshape(expected.shape) if found.shape else found,
                                expected.shape)  # fmt: skip
        finite = np.isfinite(expected)
        np.testing.assert_allclose(
            found[finite], expected[finite], rtol=1e-6, atol=1e-9, err_msg=text
        )


@settings(max_examples=200, deadline=None)
@given(seeds())
def test_random_formulas_read_back(seed: int) -> None:
    assert_reads_back(*random_formula(seed, 1 + seed % 4), session(), seed)


@settings(max_examples=100, deadline=None)
@given(seeds(), st.sets(st.sampled_from(TAKEN)))
def test_random_formulas_read_back_where_names_are_taken(seed: int, taken: set[str]) -> None:
    assert_reads_back(*random_formula(seed, 1 + seed % 3), session(*sorted(taken)), seed)


def test_names_that_a_program_took_are_avoided() -> None:
    def printed(formula: Formula, *taken: str) -> str:
        return formula_text(formula, Spelling(NameStyle(), frozenset(taken), whole=True))

    assert printed(times(T(x), S, x), "T") == "xᵀ S x"
    assert printed(T(Inverted(S)), "T") == "S⁻ᵀ"
    assert printed(Total((S, eye)), "I") == "S + eye"
    assert printed(call("Diag", x), "Diag") == "diag(x)"
    assert printed(call("sigmoid", x), "sigmoid") == "1 ./ (1 + exp(-x))"
    assert printed(T(call("cbrt", x)), "cbrt") == "(x.^(1/3))^T"
    assert printed(EntryPower(x, HALF), "sqrt") == "x.^(1/2)"
    assert printed(T(EntryPower(x, HALF)), "sqrt") == "(x.^(1/2))^T"


def test_a_name_that_was_defined_as_a_row_is_transposed() -> None:
    def printed(formula: Formula) -> str:
        return formula_text(formula, Spelling(NameStyle(rows={"y"}), whole=True))

    assert printed(y) == "y^T"
    assert printed(times(T(y), x)) == "y x"
    assert printed(times(x, T(Total((x, y))))) == "x (x + y^T)^T"
    program = Program("S[n, n], x[n]; y = exp(x^T S); f = y x; z_i = f S_ij y_j")
    assert program["∂f/∂x"].to_matrix() == "y^T + S (y^T ⊙ x)"
    assert program["z"].to_matrix() == "f S y^T"


@pytest.mark.parametrize(
    ("formula", "taken"),
    [
        (call("tr", S), "tr"),
        (call("vec", S), "vec"),
        (one, "vector"),
        (eye, "I eye"),
        (call("Diag", x), "Diag diag"),
    ],
)
def test_what_a_name_hides_is_refused(formula: Formula, taken: str) -> None:
    names = taken.split()
    with pytest.raises(FormulaError, match=f"^{names[0]} is a name of the program"):
        formula_text(formula, Spelling(NameStyle(), frozenset(names), whole=True))


def test_a_vector_of_one_number_is_a_row_where_it_is_turned() -> None:
    program = Program("u[m], v[m]; f = u_a max(1_a, 1_a); g_ij = u_i max(1_j, 1_j) + u_i v_j")
    assert program["f"].to_matrix() == "u^T vector(max(1, 1))"
    assert program["g"].to_matrix() == "u (v + vector(max(1, 1)))^T"
