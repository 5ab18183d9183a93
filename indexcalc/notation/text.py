"""An arranged formula as text of the language.

In: a `Formula`. Out: one line of text. All that is decided here is spelling, spaces and brackets;
the tokens come from an explicit stack, left to right, so that the work is linear.

>>> from indexcalc.notation.names import NameStyle
>>> x = Symbol(SymbolKind.VARIABLE, "x", ("i",))
>>> half = Product(Fraction(1, 2), (), (), (Raised(x, Fraction(2)),), ())
>>> formula_text(Total((x, half)), Spelling(NameStyle()))
'x_i + 1/2 x_i^2'
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from typing import assert_never
from unicodedata import normalize

from indexcalc.errors import FormulaError
from indexcalc.notation.brackets import (
    HALF,
    Place,
    Token,
    joined_tokens,
    needs_brackets,
    place_of_factors,
    starts_plainly,
    total_tokens,
)
from indexcalc.notation.formula import (
    Applied,
    Compared,
    EntryPower,
    Folded,
    Formula,
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
from indexcalc.notation.spelling import (
    CONSTANTS,
    DELTAS,
    IDENTITIES,
    Spelling,
    unhidden,
    unhidden_function,
)
from indexcalc.notation.whole import as_read

# a run of letters that reads as the name of one Greek letter
_WORDS = """alpha beta gamma delta epsilon zeta eta theta iota kappa lambda omicron rho sigma tau
upsilon phi chi psi omega"""
GREEK_WORDS = frozenset(_WORDS.split())


def formula_text(formula: Formula, spelling: Spelling) -> str:
    """The formula on one line."""
    no_root = "sqrt" in spelling.known
    out: list[str] = []
    stack: list[Token] = [(as_read(formula, spelling), Place.OPEN)]
    while stack:
        token = stack.pop()
        if isinstance(token, str):
            out.append(token)
            continue
        part, place = token
        if isinstance(part, Applied) and not part.orders:
            part = unhidden_function(part, spelling)
        tokens = _tokens(part, spelling)
        is_root = isinstance(part, Raised | EntryPower) and part.exponent == HALF
        if needs_brackets(part, place) or (is_root and no_root and place is Place.TIGHT):
            tokens = ["(", *tokens, ")"]
        stack.extend(reversed(tokens))
    return "".join(out)


def _tokens(part: Formula, spelling: Spelling) -> list[Token]:
    match part:
        case Symbol():
            return [_symbol(part, spelling)]
        case Literal(value=value):
            return [number_text(value)]
        case Product():
            return _product(part)
        case Total(terms=terms):
            return total_tokens(terms)
        case Raised(base=base, exponent=exponent):
            return _raised(base, exponent, "^", "sqrt" in spelling.known)
        case Applied():
            return _applied(part, spelling)
        case Compared():
            return ["[", *_condition(part), "]"]
        case Transposed() | Inverted() | EntryPower() | Joined():
            return _whole(part, spelling)
        case Folded(operation=operation, indices=indices, body=body):
            place = Place.TERM if starts_plainly(body) else Place.TIGHT
            return [f"{operation}{bound(indices)} ", (body, place)]
        case _:
            assert_never(part)


def _whole(part: Transposed | Inverted | EntryPower | Joined, spelling: Spelling) -> list[Token]:
    """What is done with a whole matrix."""
    hidden = "T" in spelling.known
    match part:
        case Transposed(base=Inverted(base=base)) | Inverted(base=Transposed(base=base)):
            return [(base, Place.TIGHT), "⁻ᵀ" if hidden else "^-T"]
        case Transposed(base=base):
            return [(base, Place.TIGHT), "ᵀ" if hidden else "^T"]
        case Inverted(base=base):
            return [(base, Place.TIGHT), "^-1"]
        case EntryPower(base=base, exponent=exponent):
            return _raised(base, exponent, ".^", "sqrt" in spelling.known)
        case Joined(infix=infix, operands=operands):
            return joined_tokens(operands, infix.value)
        case _:
            assert_never(part)


# --- sums and products ------------------------------------------------------------------------


def _product(part: Product) -> list[Token]:
    sign, coefficient = ("-", -part.coefficient) if part.coefficient < 0 else ("", part.coefficient)
    pieces: list[list[Token]] = []
    above = [*part.leading, *part.factors]
    usual = place_of_factors(part)
    top, bottom = number_text(coefficient), ""
    if part.denominators and not above and not part.sums and coefficient.denominator > 1:
        top, bottom = str(coefficient.numerator), str(coefficient.denominator)
    if coefficient != 1 or not (above or part.sums):
        pieces.append([top])
    for position, factor in enumerate(above):
        is_last = position == len(above) - 1 and not part.denominators
        if part.sums and position == len(part.leading):
            pieces.append([f"sum{bound(part.sums)}"])
        last = Place.LAST if usual is Place.FACTOR else usual
        pieces.append([(factor, last if is_last else Place.FACTOR)])
    if part.sums and not part.factors:
        pieces.append([f"sum{bound(part.sums)} 1"])
    tokens: list[Token] = [sign]
    for position, piece in enumerate(pieces):
        apart = position and not (_in_brackets(pieces[position - 1]) and _in_brackets(piece))
        tokens += [" ", *piece] if apart else piece
    return tokens + _below(part.denominators, bottom)


def _in_brackets(piece: Sequence[Token]) -> bool:
    """Whether a factor is printed as `(…)`, so that the next one needs no blank."""
    return isinstance(piece[0], tuple) and needs_brackets(*piece[0])


def _below(denominators: Sequence[Formula], number: str) -> list[Token]:
    if not denominators:
        return []
    if len(denominators) == 1 and not number:
        only = denominators[0]
        if _is_plain_sum(only):  # it binds to the end of the term, which is here
            return ["/", (only, Place.OPEN)]
        simple = isinstance(only, Raised) and not isinstance(only.base, Raised)
        return ["/", (only, Place.FACTOR if simple else Place.TIGHT)]
    tokens: list[Token] = ["/(", number]
    for position, factor in enumerate(denominators):
        tokens += [" "] if position or number else []
        is_last = position == len(denominators) - 1
        tokens.append((factor, Place.LAST if is_last else Place.FACTOR))
    return [*tokens, ")"]


def _raised(base: Formula, exponent: Fraction, sign: str, no_root: bool) -> list[Token]:
    if exponent == HALF and not no_root:
        return ["sqrt(", (base, Place.OPEN), ")"]
    text = number_text(exponent)
    return [(base, Place.TIGHT), f"{sign}({text})" if "/" in text else f"{sign}{text}"]


def _is_plain_sum(part: Formula) -> bool:
    """Whether the part is `sum_k …` without anything before the sign or a quotient behind."""
    if not isinstance(part, Product) or not part.sums:
        return False
    return part.coefficient == 1 and not part.leading and not part.denominators


# --- functions and symbols --------------------------------------------------------------------


def _applied(part: Applied, spelling: Spelling) -> list[Token]:
    along = bound(part.along) if part.along else ""
    several = f"^({','.join(map(str, part.orders))})" if len(part.orders) > 1 else ""
    marks = several if any(part.orders) else ""
    head = spelling.names.spelled(part.name) + (marks or "'" * sum(part.orders)) + along
    tokens: list[Token] = [head, "("]
    for position, argument in enumerate(part.arguments):
        tokens += [", "] if position else []
        if position == 0 and part.name == "where" and isinstance(argument, Compared):
            tokens += _condition(argument)
        else:
            tokens.append((argument, Place.OPEN))
    return [*tokens, ")" + subscript(part.indices, ")", ())]


def _condition(part: Compared) -> list[Token]:
    return [(part.left, Place.OPEN), f" {part.operator} ", (part.right, Place.OPEN)]


def _symbol(symbol: Symbol, spelling: Spelling) -> str:
    match symbol.kind:
        case SymbolKind.VARIABLE:
            name = spelling.names.spelled(symbol.name)
        case SymbolKind.SHARED:
            name = symbol.name
        case SymbolKind.CONSTANT:
            name = unhidden(CONSTANTS[symbol.name], spelling)
        case SymbolKind.SIZE:
            name = unhidden((symbol.name,), spelling)
        case SymbolKind.DELTA:
            name = unhidden(DELTAS if symbol.indices else IDENTITIES, spelling)
        case SymbolKind.ONES:
            name = "1"
        case _:
            assert_never(symbol.kind)
    if symbol.groups:
        return name + _grouped(symbol.indices, symbol.groups)
    return name + subscript(symbol.indices, name, spelling.known)


def _grouped(indices: Sequence[str], groups: Sequence[int]) -> str:
    """`_{(sr)q}`: letters that share an axis in parentheses."""
    if any(len(normalize("NFC", letter)) > 1 and letter.isalpha() for letter in indices):
        raise FormulaError(f"the long index names {', '.join(indices)} cannot share an axis")
    text, start = "", 0
    for count in groups:
        run = "".join(indices[start : start + count])
        text += f"({run})" if count > 1 else run
        start += count
    return "_{" + text + "}"


def subscript(indices: Sequence[str], name: str, known: Collection[str]) -> str:
    """`_ij`, or `_{batch,out}` for names, and where letters would be read as a name.

    >>> subscript(["i", "j"], "W", ()), subscript(["o", "u", "t"], "W", {"W_out"})
    ('_ij', '_{o,u,t}')
    """
    if not indices:
        return ""
    run = "".join(indices)
    plain = all(len(letter) == 1 or not letter.isascii() for letter in indices)
    if plain and f"{name}_{run}" not in known and run not in GREEK_WORDS:
        return f"_{run}"
    return "_{" + ",".join(indices) + "}"


def bound(letters: Sequence[str]) -> str:
    """`_i`, `_{i,j}`: the subscript of a sum sign."""
    braced = len(letters) > 1 or len(letters[0]) > 1
    return "_{" + ",".join(letters) + "}" if braced else f"_{letters[0]}"


def number_text(value: Fraction) -> str:
    """Exact, and the shorter of fraction and decimal form.

    >>> [number_text(Fraction(text)) for text in ("1/2", "1/5", "2", "1/3", "0.044715", "-3/4")]
    ['1/2', '0.2', '2', '1/3', '0.044715', '-3/4']
    """
    plain = str(value)
    twos, fives, rest = 0, 0, value.denominator
    while rest % 2 == 0:
        twos, rest = twos + 1, rest // 2
    while rest % 5 == 0:
        fives, rest = fives + 1, rest // 5
    if rest > 1 or not fives:
        return plain
    places = max(twos, fives)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    decimal = f"{'-' * (value < 0)}{digits[:-places]}.{digits[-places:]}"
    return decimal if len(decimal) <= len(plain) else plain
