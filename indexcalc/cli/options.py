"""What can be written behind `indexcalc`.

In: the arguments. Out: the options of one command, with the function that runs it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

from indexcalc.api import Program
from indexcalc.cli import check, code, derive, draw, evaluate
from indexcalc.cli.amount import size_in_bytes
from indexcalc.layout import LAYOUTS
from indexcalc.syntax.latex.detect import NOTATIONS
from indexcalc.version import __version__

Run = Callable[[Program, argparse.Namespace], int]


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Options and queries in any order: argparse alone takes no query behind an option."""
    parser = _parser()
    options, others = parser.parse_known_args(arguments)
    if any(other.startswith("-") for other in others):
        parser.error(f"unrecognized arguments: {' '.join(others)}")
    options.query += others
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="indexcalc",
        description="Derivatives, checked claims and fast NumPy code from formulas in index or "
        "matrix notation, or LaTeX.",
        epilog="SOURCE is a file, '-' for standard input, or the program text itself. Without a "
        "QUERY (or CLAIM) those of the program are used. Behind -- stands a QUERY that starts "
        "with a minus. Exit codes: 0, 1 if a claim does not hold, 2 if a text or data are wrong.",
    )
    parser.add_argument("--version", action="version", version=f"indexcalc {__version__}")
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="derive | check | code | eval | draw"
    )
    _derive(commands)
    _check(commands)
    _code(commands)
    _evaluate(commands)
    _draw(commands)
    return parser


Commands = argparse._SubParsersAction  # argparse has no public name for it


def _command(
    commands: Commands[argparse.ArgumentParser],
    name: str,
    run: Run,
    about: str,
    asked: str = "QUERY",
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=about, description=about, allow_abbrev=False)
    command.add_argument("source", metavar="SOURCE", help="file, '-' or program text")
    example = "an equation: '∂f/∂x == 2 A x'" if asked == "CLAIM" else "an expression: '∂f/∂x_i'"
    command.add_argument("query", metavar=asked, nargs="*", help=example)
    command.add_argument(
        "--notation",
        choices=NOTATIONS,
        default="auto",
        help=f"what SOURCE and {asked} are in (default: found out)",
    )
    command.set_defaults(run=run)
    return command


def _derive(commands: Commands[argparse.ArgumentParser]) -> None:
    command = _command(commands, "derive", derive.run, "print queries, with derivatives worked out")
    command.add_argument("--form", choices=derive.FORMS, default="index", help="the notation")
    command.add_argument(
        "--layout", choices=LAYOUTS, default=LAYOUTS[0], help="of a vector by a vector, as a matrix"
    )
    command.add_argument(
        "--steps", action="store_true", help="the derivation, line by line, by differentials"
    )
    command.add_argument(
        "--explain", action="store_true", help="show the program as it was read, too"
    )


def _check(commands: Commands[argparse.ArgumentParser]) -> None:
    about = "judge claims: is left == right for all sizes and values?"
    command = _command(commands, "check", check.run, about, "CLAIM")
    command.add_argument("--json", action="store_true", help="for programs to read")


def _code(commands: Commands[argparse.ArgumentParser]) -> None:
    about = "print the NumPy module that computes the queries together"
    command = _command(commands, "code", code.run, about)
    command.add_argument("--backend", choices=["numpy"], default="numpy")
    command.add_argument("-o", "--output", metavar="FILE", type=Path)


def _evaluate(commands: Commands[argparse.ArgumentParser]) -> None:
    about = "compute the queries for arrays from an .npz file"
    command = _command(commands, "eval", evaluate.run, about)
    command.add_argument("--data", required=True, metavar="IN.npz", type=Path)
    command.add_argument("-o", "--output", metavar="OUT.npz", type=Path)
    command.add_argument(
        "--memory-limit",
        metavar="BYTES",
        type=size_in_bytes,
        help="as 50MB or 2GB; what would need more is computed in chunks (default: all there is)",
    )
    command.add_argument(
        "--progress", action="store_true", help="a bar while chunks are computed (needs tqdm)"
    )


def _draw(commands: Commands[argparse.ArgumentParser]) -> None:
    about = "draw the contraction graph of one query as an SVG picture"
    command = _command(commands, "draw", draw.run, about)
    command.add_argument("-o", "--output", metavar="PICTURE.svg", type=Path)
