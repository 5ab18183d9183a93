r"""An arranged formula as LaTeX that a person would write.

In: a `Formula`, as for text. Out: LaTeX for a formula in math mode. Quotients are fractions, `exp`
of something short is a power of e, brackets grow only around what is tall. Everything else about
the formula was decided before; precedence is that of the text.

>>> from indexcalc.notation.names import NameStyle
>>> x = Symbol(SymbolKind.VARIABLE, "x", ("i",))
>>> half = Product(Fraction(1, 2), (), (), (Raised(x, Fraction(2)),), ())
>>> print(formula_latex(Total((x, half)), Spelling(NameStyle())))
x_i + \frac{1}{2} x_i^2
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import assert_never

from indexcalc.ir.node import Node
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
from indexcalc.notation.component import PLAIN, Arrangement, arrangement
from indexcalc.notation.formula import (
    Applied,
    Compared,
    EntryPower,
    Folded,
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
from indexcalc.notation.latex_measure import (
    Measures,
    is_fraction,
    measured,
    stands_apart,
    starts_with_fraction,
)
from indexcalc.notation.latex_names import bound, function_name, joined, named, number, subscript
from indexcalc.notation.names import NameStyle
from indexcalc.notation.spelling import CONSTANTS, DELTAS, IDENTITIES, Spelling, unhidden
from indexcalc.notation.text import number_text
from indexcalc.notation.whole import as_read

COMMANDS = {
    "exp": r"\exp", "log": r"\log", "sin": r"\sin", "cos": r"\cos", "tan": r"\tan",
    "sinh": r"\sinh", "cosh": r"\cosh", "tanh": r"\tanh", "asin": r"\arcsin",
    "acos": r"\arccos", "atan": r"\arctan", "max": r"\max", "min": r"\min", "det": r"\det",
    "logdet": r"\log\det", "prod": r"\prod", "sum": r"\sum",
}  # fmt: skip
SPECIAL = {"π": r"\pi", "acos(-1)": r"\arccos(-1)", "e": "e", "exp(1)": r"\exp(1)",
           "ε": r"\varepsilon", "δ": r"\delta", "I": "I",
           "eye": r"\operatorname{eye}"}  # fmt: skip
SIGNS = {"<": "<", ">": ">", "<=": r"\leq", ">=": r"\geq", "==": "=", "!=": r"\neq"}
INFIXES = {Infix.HADAMARD: r"\odot", Infix.RATIO: r"\oslash", Infix.KRONECKER: r"\otimes",
           Infix.FROBENIUS: ":"}  # fmt: skip
NORMS = {"norm": "", "norm1": "_1", "norm2": "_2", "normF": "_F", "normInf": r"_\infty"}
SIGNS_OF_SUMS = frozenset({"sum", "prod"})
THIN = r"\, "
ONE = Fraction(1)


def to_latex(node: Node, letters: Sequence[str], names: NameStyle = PLAIN, left: str = "") -> str:
    r"""The node under `letters` in LaTeX, behind `left =` if there is a left side.

    What would be printed again and again has lines of its own, in an `aligned` environment. Raises
    as `to_component`, which says the same in text.

    >>> from indexcalc.ir.build import variable
    >>> print(to_latex(variable("λ", ()), [], left=r"\alpha"))
    \alpha = \lambda
    """
    return arrangement_latex(arrangement(node, letters, names), left)


def arrangement_latex(made: Arrangement, left: str = "") -> str:
    """What was arranged, in whatever form, behind `left =` if there is a left side."""
    equals = f"{left} = " if left else ""
    first = equals + formula_latex(made.formula, made.spelling)
    if not made.where:
        return first
    rows = [f"& {first}"]
    for line in made.where:
        formula = formula_latex(line.formula, made.spelling)
        rows.append(rf"& \text{{where }} {named(line.name, line.letters)} = {formula}")
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def formula_latex(formula: Formula, spelling: Spelling) -> str:
    """The formula in LaTeX, without dollar signs.

    Raises `FormulaError` if a name of the program hides what is to be printed.
    """
    formula = as_read(formula, spelling)
    printer = _Printer(measured(formula, spelling), spelling)
    out: list[str] = []
    stack: list[Token] = [(formula, Place.OPEN)]
    while stack:
        token = stack.pop()
        if isinstance(token, str):
            out.append(token)
            continue
        part, place = token
        part = printer.measures.shown(part)
        tokens = printer.tokens(part, place)
        if printer.needs_brackets(part, place):
            tokens = printer.enclosed("(", tokens, ")", [part])
        stack.extend(reversed(tokens))
    return joined(out)


class _Printer:
    def __init__(self, measures: Measures, spelling: Spelling) -> None:
        self.measures, self.spelling = measures, spelling

    def needs_brackets(self, part: Formula, place: Place) -> bool:
        """As in a text, but a fraction holds together, and `\\log\\det` is two words."""
        part = self.measures.shown(part)
        if isinstance(part, Product) and is_fraction(part, self.measures):
            return place is Place.TIGHT
        if isinstance(part, Applied) and part.name == "logdet" and not part.orders:
            return place in (Place.TIGHT, Place.FACTOR)  # its argument ends with the product
        if isinstance(part, Applied) and part.name == "commutation":
            return place is Place.TIGHT
        if isinstance(part, Raised | EntryPower) and part.exponent == HALF and self.no_root:
            return place is Place.TIGHT
        return needs_brackets(part, place)

    @property
    def no_root(self) -> bool:
        return "sqrt" in self.spelling.known

    def enclosed(
        self, left: str, tokens: Sequence[Token], right: str, parts: Iterable[Formula]
    ) -> list[Token]:
        """Brackets, which grow if one of the parts is tall."""
        if any(self.measures.of(part).tall for part in parts):
            left, right = rf"\left{left.rstrip()} ", rf" \right{right}"
        return [left, *tokens, right]

    def tokens(self, part: Formula, place: Place) -> list[Token]:
        match part:
            case Symbol():
                return [self.symbol(part)]
            case Literal(value=value):
                return [_number(value)]
            case Product():
                return self.product(part)
            case Total(terms=terms):
                return total_tokens(terms)
            case Raised(base=base, exponent=exponent):
                return _raised(base, exponent, "", self.no_root)
            case Applied():
                return self.applied(part, place)
            case Compared():
                return self.enclosed("[", _condition(part), "]", [part])
            case Transposed() | Inverted() | EntryPower() | Joined():
                return self.whole(part)
            case Folded(operation=operation, indices=indices, body=body):
                plain = starts_plainly(body) and not starts_with_fraction(body)
                inside = Place.TERM if plain else Place.TIGHT
                head = COMMANDS.get(operation) or function_name(operation)
                return [f"{head}{bound(indices)} ", (body, inside)]
            case _:
                assert_never(part)

    def whole(self, part: Transposed | Inverted | EntryPower | Joined) -> list[Token]:
        """What is done with a whole matrix."""
        match part:
            case Transposed(base=Inverted(base=base)) | Inverted(base=Transposed(base=base)):
                return [(base, Place.TIGHT), r"^{-\top}"]
            case Transposed(base=base):
                return [(base, Place.TIGHT), r"^\top"]
            case Inverted(base=base):
                return [(base, Place.TIGHT), "^{-1}"]
            case EntryPower(base=base, exponent=exponent):
                return _raised(base, exponent, r"\circ ", self.no_root)
            case Joined(infix=infix, operands=operands):
                return joined_tokens(operands, INFIXES[infix])
            case _:
                assert_never(part)

    # --- sums and products --------------------------------------------------------------------

    def product(self, part: Product) -> list[Token]:
        size = abs(part.coefficient)
        if part.sums:
            pieces: list[list[Token]] = [[_number(size)]] if size != 1 else []
            pieces += [[(factor, Place.FACTOR)] for factor in part.leading]
            pieces.append([rf"\sum{bound(part.sums)} "])
            inner = Product(ONE, (), (), part.factors, part.denominators)
            pieces += self.quotient(inner, self.measures.of(part).weight)
        else:
            pieces = self.quotient(part, self.measures.of(part).weight)
        return ["-" if part.coefficient < 0 else "", *self.side_by_side(pieces)]

    def quotient(self, part: Product, weight: int) -> list[list[Token]]:
        """The number, a fraction, and the factors that stand behind it."""
        size, above = abs(part.coefficient), (*part.leading, *part.factors)
        if not part.denominators:
            first: list[list[Token]] = [] if size == 1 and above else [[_number(size)]]
            return first + _factors(above, place_of_factors(part))
        top, bottom = number_text(size), ""
        if "/" in top:
            top, bottom = str(size.numerator), str(size.denominator)
        apart = stands_apart(part, self.measures)
        inside = () if apart else above
        numerator: list[list[Token]] = [[top]] if top != "1" or not inside else []
        denominator: list[list[Token]] = [[bottom]] if bottom else []
        fraction: list[Token] = [
            r"\frac{",
            *self.group(numerator, inside),
            "}{",
            *self.group(denominator, part.denominators),
            "}",
        ]
        return [fraction, *(_factors(above) if apart else [])]

    def group(self, pieces: list[list[Token]], factors: Sequence[Formula]) -> list[Token]:
        """A product between braces; one factor alone needs no brackets there."""
        if not pieces and len(factors) == 1:
            return [(factors[0], Place.OPEN)]
        return self.side_by_side(pieces + _factors(factors))

    def side_by_side(self, pieces: Sequence[list[Token]]) -> list[Token]:
        tokens: list[Token] = []
        for position, piece in enumerate(pieces):
            if position:
                tokens.append(self.between(pieces[position - 1], piece))
            tokens += piece
        return tokens

    def between(self, left: list[Token], right: list[Token]) -> str:
        """A thin space between factors, unless brackets or a sign keep them apart already."""
        first, second = left[0], right[0]
        if isinstance(first, str):
            digits = first[0].isdigit() and self.starts_with_digit(second)
            return r" \cdot " if digits else "" if first.endswith(" ") else " "
        if not isinstance(second, str) and self.in_brackets(first) and self.in_brackets(second):
            return ""
        return " " if self.spelling.whole else THIN

    def in_brackets(self, token: tuple[Formula, Place]) -> bool:
        return self.needs_brackets(*token)

    def starts_with_digit(self, token: Token) -> bool:
        if isinstance(token, str):
            return token[:1].isdigit()
        part = token[0].base if isinstance(token[0], Raised) else token[0]
        ones = isinstance(part, Symbol) and part.kind is SymbolKind.ONES and part.indices
        return isinstance(part, Literal) or bool(ones)

    # --- functions and symbols ----------------------------------------------------------------

    def applied(self, part: Applied, place: Place) -> list[Token]:
        argument = part.arguments[0]
        if part.orders:
            several = f"^{{({','.join(map(str, part.orders))})}}" if any(part.orders) else ""
            marks = several if len(part.orders) > 1 else "'" * sum(part.orders)
            return self.call(function_name(self.spelling.names.spelled(part.name)) + marks, part)
        if part.name == "exp" and place is not Place.TIGHT and self.measures.of(part).exponential:
            return ["e^{", (argument, Place.OPEN), "}"]
        if part.name == "abs" and not self.spelling.whole:
            return self.enclosed(r"\lvert ", [(argument, Place.OPEN)], r"\rvert", part.arguments)
        if part.name in NORMS:
            inside: list[Token] = [(argument, Place.OPEN)]
            norm = self.enclosed(r"\lVert ", inside, r"\rVert", part.arguments)
            return [*norm, NORMS[part.name]]
        if part.name == "inv" and _is_whole(argument):
            inverse = "^{-1}"
            if isinstance(argument, Transposed):
                argument, inverse = argument.base, r"^{-\top}"
            return ["(", (argument, Place.TIGHT), f"{inverse}){subscript(part.indices)}"]
        if part.name == "eye" and isinstance(argument, Symbol) and self.has_size(argument.name):
            return [f"I{subscript([argument.name])}"]
        if part.name == "commutation" and "K" not in self.spelling.known:
            rows, columns = part.arguments
            if not (isinstance(rows, Literal) and isinstance(columns, Literal)):
                return ["K^{(", (rows, Place.OPEN), ", ", (columns, Place.OPEN), ")}"]
        command = None if part.name in SIGNS_OF_SUMS else COMMANDS.get(part.name)
        return self.call(command or function_name(part.name), part)

    def has_size(self, name: str) -> bool:
        """Whether `I_n` is read as the identity matrix of this size."""
        return len(name) == 1 and not {"I", f"I{name}", f"I_{name}"} & self.spelling.known

    def call(self, head: str, part: Applied) -> list[Token]:
        tokens: list[Token] = []
        for position, argument in enumerate(part.arguments):
            tokens += [", "] if position else []
            if position == 0 and part.name == "where" and isinstance(argument, Compared):
                tokens += _condition(argument)
            else:
                tokens.append((argument, Place.OPEN))
        along = subscript(part.along)
        enclosed = self.enclosed("(", tokens, ")", part.arguments)
        return [head + along, *enclosed, subscript(part.indices)]

    def symbol(self, symbol: Symbol) -> str:
        match symbol.kind:
            case SymbolKind.VARIABLE:
                name = self.spelling.names.spelled(symbol.name)
            case SymbolKind.SHARED:
                name = symbol.name
            case SymbolKind.SIZE:
                name = unhidden((symbol.name,), self.spelling)
            case SymbolKind.CONSTANT:
                return self.special(CONSTANTS[symbol.name], symbol)
            case SymbolKind.DELTA:
                return self.special(DELTAS if symbol.indices else IDENTITIES, symbol)
            case SymbolKind.ONES:
                return f"1{subscript(symbol.indices)}" if symbol.indices else r"\mathbf{1}"
            case _:
                assert_never(symbol.kind)
        return named(name, symbol.indices, symbol.groups)

    def special(self, spellings: Sequence[str], symbol: Symbol) -> str:
        head = SPECIAL[unhidden(spellings, self.spelling)]
        return head + subscript(symbol.indices, symbol.groups)


def _factors(factors: Sequence[Formula], usual: Place = Place.FACTOR) -> list[list[Token]]:
    last, end = len(factors) - 1, Place.LAST if usual is Place.FACTOR else usual
    return [
        [(factor, end if position == last else Place.FACTOR)]
        for position, factor in enumerate(factors)
    ]


def _number(value: Fraction) -> str:
    return number(value, number_text(value))


def _raised(base: Formula, exponent: Fraction, sign: str, no_root: bool) -> list[Token]:
    if exponent == HALF and not no_root:
        return [r"\sqrt{", (base, Place.OPEN), "}"]
    text = sign + (str(exponent) if exponent.denominator > 1 else number_text(exponent))
    return [(base, Place.TIGHT), f"^{text}" if len(text) == 1 else f"^{{{text}}}"]


def _condition(part: Compared) -> list[Token]:
    return [(part.left, Place.OPEN), f" {SIGNS[part.operator]} ", (part.right, Place.OPEN)]


def _is_whole(argument: Formula) -> bool:
    """Whether a matrix has no indices, so that a power of it is one of matrices."""
    inner = argument.base if isinstance(argument, Transposed) else argument
    return isinstance(inner, Symbol) and not inner.indices
