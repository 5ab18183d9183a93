"""Where statements end.

In: lexemes with paired brackets. Out: the same, with one `END` for each line end that ends a
statement and each `;`. A line goes on if it ends in an operator, or if the next one starts with an
operator other than a minus, which may be a sign. (In brackets no line ends are left to judge.)

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.scanner import scan
>>> [lexeme.type for lexeme in end_statements(scan(Source("a = b\\n  + c\\n- d")))]
['NAME', 'ASSIGN', 'NAME', 'PLUS', 'NAME', 'END', 'MINUS', 'NAME']
"""

from __future__ import annotations

from indexcalc.syntax.lexeme import INFIX, Lexeme

GOES_ON_AFTER = INFIX | {"ROOT"}
GOES_ON_BEFORE = INFIX - {"MINUS"}


def end_statements(lexemes: list[Lexeme]) -> list[Lexeme]:
    """Turn line ends and semicolons into ends of statements, or drop them."""
    done: list[Lexeme] = []
    line_end: Lexeme | None = None
    for lexeme in lexemes:
        if lexeme.type == "NEWLINE":
            line_end = line_end or lexeme
            continue
        if line_end and done and not _goes_on(done[-1], lexeme):
            done.append(line_end._replace(type="END"))
        line_end = None
        done.append(lexeme._replace(type="END") if lexeme.type == "SEMICOLON" else lexeme)
    return done


def _goes_on(last: Lexeme, following: Lexeme) -> bool:
    if last.type == "END":
        return True
    return last.type in GOES_ON_AFTER or following.type in GOES_ON_BEFORE
