"""Numbers as they are written.

In: the text of a number, of a raised one (`²`, `^{-1}`), or of an order (`∂²`). Out: its exact
value.

>>> exact("0.5"), exact("1e-3"), raised("^{-1}"), raised("⁻²"), number_in("∂^{3}")
(Fraction(1, 2), Fraction(1, 1000), Fraction(-1, 1), Fraction(-2, 1), 3)
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

from indexcalc.errors import LimitError, Mark
from indexcalc.syntax.lexeme import Lexeme
from indexcalc.syntax.limits import SyntaxLimits

MOST_DIGITS = 4_000  # Python turns no longer text into a number


def figures(text: str) -> str:
    """The figures of a label or an extent, in `^{(12)}`, `⁽¹²⁾`, `ℝ^12`, `ℝ¹²`."""
    return "".join(re.findall(r"\d", unicodedata.normalize("NFKC", text)))


def orders_in(text: str) -> tuple[int, ...]:
    """Derivatives by each argument in `^(1,0)`; nothing for a label `^(1)`."""
    return tuple(map(int, re.findall(r"\d+", text))) if "," in text else ()


def exact(text: str) -> Fraction:
    """The value of `2`, `0.5`, `1e-3`."""
    return Fraction(int(text)) if text.isdigit() else Fraction(text)


def raised(text: str) -> Fraction:
    """The value of `^2`, `^{-0.5}`, `.^ 2`, `⁻¹`, with its sign."""
    plain = unicodedata.normalize("NFKC", text).replace("−", "-")
    return exact(re.sub(r"\.\^|[\s^*{}()]", "", plain).lstrip("+"))


def number_in(text: str) -> int:
    """The order written in `∂²`, `^{2}`; 1 if there is none.

    Nine figures are read: any limit stops what is larger.
    """
    figures = re.search(r"\d{1,9}", unicodedata.normalize("NFKC", text))
    return int(figures.group()) if figures else 1


def check_digits(lexeme: Lexeme, limits: SyntaxLimits) -> None:
    """Raise `LimitError` if the number would have more digits than `limits` allow."""
    mantissa, _, exponent = lexeme.text.lower().partition("e")
    digits = len(mantissa) + (number_in(exponent) if exponent else 0)
    most = min(limits.digits, MOST_DIGITS)
    if digits > most:
        raise LimitError(
            f"the number has {digits} digits; the limit is {most}",
            Mark(lexeme.span),
            hint="raise the limit  digits  of SyntaxLimits if this is meant",
        )
