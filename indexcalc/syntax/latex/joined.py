"""Names of several signs put together.

In: lexemes. Out: `d` and the name behind it as one differential; a prime that belongs to a name
(`S'` where the text says `S' = …`); an identity matrix or a vector of ones with its size, `I_n`; a
commutation matrix with its sizes, `K^{(m,n)}`.

>>> from indexcalc.syntax.latex.reader import lexemes_of
>>> [part.text for part in join(lexemes_of(r"d\\theta + dW_{ij}"), Names())]
['dθ', '+', 'dW', '_{ij}']
>>> [part.text for part in join(lexemes_of("I_n"), Names())]
['eye', '(', 'n', ')']
>>> [part.text for part in join(lexemes_of("K^{(m,n)}"), Names())]
['commutation', '(', 'm', ',', 'n', ')']
"""

from __future__ import annotations

from indexcalc.errors import FormulaSyntaxError, Mark
from indexcalc.syntax.latex.names import PRIME, Names
from indexcalc.syntax.latex.state import lexeme
from indexcalc.syntax.lexeme import Lexeme

POWERS = frozenset({"POWER_NUMBER", "CARET", "SUPERSCRIPT"})
# What `d` applies to although no bracket stands behind it: `d \\operatorname{tr}(A)`.
DIFFERENTIATED = frozenset({"FUNCTION", "ROOT", "GROUP_OPEN", "NORM_OPEN", "DOUBLE_BAR"})


def join(lexemes: list[Lexeme], names: Names) -> list[Lexeme]:
    """Put names together.

    Raises `FormulaSyntaxError` for `dd`.
    """
    lexemes = _commutations(lexemes, names)
    called = _called_with_primes(lexemes)
    primed = {name for name in names.primed if name not in called}
    primed -= _derivatives(lexemes, primed)
    done: list[Lexeme] = []
    position = 0
    while position < len(lexemes):
        part = lexemes[position]
        following = lexemes[position + 1] if position + 1 < len(lexemes) else None
        position += 1
        if part.type == "DIFFERENTIAL":
            _check_sign(part, following, names)
            position += _differential(done, part, following)
            _check_power(lexemes, position, done[-1])
            continue
        if following is not None and following.type == "PRIME" and part.text in primed:
            part = lexeme("NAME", part.text + PRIME * len(following.text), part, following)
            position += 1
        elif following is not None and following.type == "SUBSCRIPT":
            sized = _sized(part, following, names)
            if sized:
                done += sized
                position += 1
                continue
        done.append(part)
    return done


def _called_with_primes(lexemes: list[Lexeme]) -> set[str]:
    """Names that are functions: a bracket stands behind them, perhaps after primes."""
    found: set[str] = set()
    for name, mark, bracket in zip(lexemes, lexemes[1:], lexemes[2:], strict=False):
        if name.type == "NAME" and "LPAR" in {
            mark.type,
            bracket.type if mark.type == "PRIME" else "",
        }:
            found.add(name.text)
    return found


def _derivatives(lexemes: list[Lexeme], primed: set[str]) -> set[str]:
    """Names whose primed form is defined by the name itself: `\\sigma' = \\sigma - \\sigma^2`."""
    found: set[str] = set()
    defined = ""
    for position, part in enumerate(lexemes):
        following = lexemes[position + 1].type if position + 1 < len(lexemes) else ""
        if part.type in {"SEMICOLON", "NEWLINE"}:
            defined = ""
        elif part.type == "EQUALS":
            before = [other.type for other in lexemes[max(position - 2, 0) : position]]
            defined = lexemes[position - 2].text if before == ["NAME", "PRIME"] else defined
        elif part.type == "NAME" and part.text == defined and following != "PRIME":
            found.add(defined)
    return found & primed


def _check_sign(sign: Lexeme, following: Lexeme | None, names: Names) -> None:
    """`\\partial(A B)` is a differential, which is written `d(A B)`: `d` may not be a variable."""
    if "d" in names.variables and (following is None or following.type != "NAME"):
        raise FormulaSyntaxError(
            "∂ is the sign of a differential here, and d is a variable",
            Mark(sign.span),
            hint="give the variable d another name",
        )


def _differential(done: list[Lexeme], sign: Lexeme, following: Lexeme | None) -> int:
    """Write `d` with what follows; how many lexemes of it are used up."""
    if following is not None and following.type == "DIFFERENTIAL":
        raise FormulaSyntaxError(
            "dd has two readings: a second differential, or a product",
            Mark(sign.span.to(following.span)),
            hint=r"write  d \cdot d  for the product",
        )
    if following is None or following.type != "NAME":
        applied = following is not None and following.type in DIFFERENTIATED
        done.append(sign._replace(type="FUNCTION" if applied else "NAME"))
        return 0
    done.append(lexeme("NAME", "d" + following.text, sign, following))
    return 1


def _check_power(lexemes: list[Lexeme], position: int, name: Lexeme) -> None:
    """`dA^{-1}`: of the inverse, or the inverse of `dA`? (A transpose may come first or last.)"""
    while position < len(lexemes) and lexemes[position].type in {"SUBSCRIPT", "LABEL"}:
        position += 1
    if name.text == "d" or position == len(lexemes):
        return
    power = lexemes[position]
    if power.type in POWERS or (power.type == "POWER_T" and "-" in power.text):
        raise FormulaSyntaxError(
            f"a power behind {name.text} has two readings",
            Mark(name.span.to(power.span)),
            hint=f"write  d({name.text[1:]}^{{…}})  or  ({name.text})^{{…}}",
        )


def _sized(part: Lexeme, script: Lexeme, names: Names) -> list[Lexeme]:
    """`I_n` as `eye(n)`, `1_n` as `ones(n, 1)`; nothing if the script is an index."""
    size = script.text[2:-1] if script.text.startswith("_{") else ""
    kind = "NUMBER" if size.isdigit() else "NAME"
    if not size or (kind == "NAME" and len(size) > 1):
        return []
    identity = part.type == "NAME" and part.text == "I" and "I" not in names.variables
    if identity and "I" + size not in names.variables:
        written = [("NAME", "eye"), ("LPAR", "("), (kind, size), ("RPAR", ")")]
    elif part.type == "NUMBER" and part.text == "1" and size in names.extents:
        written = [("NAME", "ones"), ("LPAR", "("), (kind, size), ("COMMA", ","), ("NUMBER", "1"),
                   ("RPAR", ")")]  # fmt: skip
    else:
        return []
    first = lexeme(*written[0], part, part)
    return [first, *(lexeme(kind, text, script, script) for kind, text in written[1:])]


def _commutations(lexemes: list[Lexeme], names: Names) -> list[Lexeme]:
    """`K^{(m,n)}` as `commutation(m,n)`, unless `K` is a tensor of the text."""
    if "K" in names.variables:
        return lexemes
    done: list[Lexeme] = []
    position = 0
    while position < len(lexemes):
        part = lexemes[position]
        end = _end_of_sizes(lexemes, position + 1) if part.text == "K" else 0
        if end and part.type == "NAME":
            done += [part._replace(text="commutation"), *lexemes[position + 3 : end - 1]]
            position = end
        else:
            done.append(part)
            position += 1
    return done


def _end_of_sizes(lexemes: list[Lexeme], start: int) -> int:
    """Where `^{(m,n)}` ends that starts at a place; 0 if there is something else."""
    if [part.type for part in lexemes[start : start + 3]] != ["CARET", "LBRACE", "LPAR"]:
        return 0
    depth, commas = 0, 0
    for position in range(start + 1, len(lexemes)):
        kind = lexemes[position].type
        depth += (kind in {"LBRACE", "LPAR"}) - (kind in {"RBRACE", "RPAR"})
        commas += kind == "COMMA" and depth == 2
        if depth == 1 and kind == "RPAR":
            closes = position + 1 < len(lexemes) and lexemes[position + 1].type == "RBRACE"
            return position + 2 if closes and commas == 1 else 0
    return 0
