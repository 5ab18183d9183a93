"""Formulas without indices in text: what is printed, and that it reads back with the same value."""

from __future__ import annotations

from fractions import Fraction

import pytest

from indexcalc.notation.formula import (
    Applied,
    EntryPower,
    Formula,
    Infix,
    Inverted,
    Joined,
    Literal,
    Product,
    Raised,
    Symbol,
    SymbolKind,
    Total,
    Transposed,
)
from indexcalc.notation.names import NameStyle
from indexcalc.notation.spelling import Spelling
from indexcalc.notation.text import formula_text

HALF, ONE = Fraction(1, 2), Fraction(1)


def name(text: str) -> Symbol:
    return Symbol(SymbolKind.VARIABLE, text, ())


def times(*factors: Formula, number: int | Fraction = 1, leading: tuple[Formula, ...] = (),
          below: tuple[Formula, ...] = ()) -> Product:  # fmt: skip
    return Product(Fraction(number), leading, (), factors, below)


def call(function: str, *arguments: Formula) -> Applied:
    return Applied(function, (), (), arguments, ())


def hadamard(*operands: Formula) -> Joined:
    return Joined(Infix.HADAMARD, operands)


A, B, S, R, x, y, u, c, k = (name(letter) for letter in "ABSRxyuck")
ones, eye = Symbol(SymbolKind.ONES, "", ()), Symbol(SymbolKind.DELTA, "", ())
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
    (Joined(Infix.RATIO, (ones, x)), "1 ./ x"),
    (Joined(Infix.FROBENIUS, (S, times(R, S))), "S : (R S)"),
    (times(x, leading=(Joined(Infix.FROBENIUS, (S, R)),)), "(S : R) x"),
    (Joined(Infix.KRONECKER, (S, R, S)), "S ⊗ R ⊗ S"),
    (Joined(Infix.KRONECKER, (S, ones)), "S ⊗ vector(1)"),
    (times(A, ones), "A 1"),
    (times(ones, T(x), number=2), "2 1 x^T"),
    (T(times(A, ones)), "(A 1)^T"),
    (times(T(ones), x), "1^T x"),
    (times(A, ones, below=(c,)), "(A 1)/c"),
    (times(ones, leading=(c,)), "c vector(1)"),
    (call("Diag", ones), "Diag(vector(1))"),
    (ones, "vector(1)"),
    (Total((ones, times(x, number=-1))), "1 - x"),
    (Total((x, times(ones, number=-1))), "x - 1"),
    (Total((x, times(ones, number=-2, leading=(c,)))), "x - 2 c"),
    (Total((ones, times(ones, leading=(c,)))), "vector(1) + c vector(1)"),
    (hadamard(ones, ones), "vector(1) ⊙ vector(1)"),
    (Total((S, times(eye, leading=(c,)))), "S + c I"),
    (call("tr", times(S, R)), "tr(S R)"),
    (T(call("vec", A)), "vec(A)^T"),
]


@pytest.mark.parametrize(("formula", "text"), PRINTED, ids=[text for _, text in PRINTED])
def test_what_is_printed(formula: Formula, text: str) -> None:
    assert formula_text(formula, Spelling(NameStyle(), whole=True)) == text
