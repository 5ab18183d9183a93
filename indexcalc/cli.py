"""The command line: `indexcalc derive | code | eval`.

In: a program (a file, `-` for standard input, or the text itself) and queries. Out: derivatives,
generated code or arrays on standard output. Errors go to standard error with a caret and exit
code 2, never with a traceback.
"""

from __future__ import annotations

import argparse
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from indexcalc.api import Program
from indexcalc.errors import EvaluationError, FormulaError
from indexcalc.syntax.latex.detect import NOTATIONS
from indexcalc.version import __version__

LONGEST_FILE_NAME = 255


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 if it worked, 2 if the text or the data is wrong."""
    options = _options(arguments)
    try:
        program = Program(_read(options.source), options.notation)
        queries = options.query or [formula.text for formula in program.queries]
        if not queries:
            raise EvaluationError(
                "there is nothing to do: the program has no query and none was given",
                hint="add one, for example  indexcalc derive PROGRAM '∂λ/∂W_ij'",
            )
        options.run(program, queries, options)
    except FormulaError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0
    except OSError as error:
        print(f"cannot read or write {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
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
        description="Derivatives and fast NumPy code from formulas in index or matrix notation.",
        epilog="SOURCE is a file, '-' for standard input, or the program text itself. Without a "
        "QUERY the queries of the program are used.",
    )
    parser.add_argument("--version", action="version", version=f"indexcalc {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="derive | code | eval")
    for name, run, about in (
        ("derive", _derive, "print queries in component form"),
        ("code", _code, "print the NumPy module that computes the queries together"),
        ("eval", _evaluate, "compute the queries for arrays from an .npz file"),
    ):
        command = commands.add_parser(name, help=about, description=about)
        command.add_argument("source", metavar="SOURCE", help="file, '-' or program text")
        command.add_argument("query", metavar="QUERY", nargs="*", help="an expression: '∂f/∂x_i'")
        command.set_defaults(run=run)
        command.add_argument(
            "--notation", choices=NOTATIONS, default="auto", help="what SOURCE and QUERY are in"
        )
        if name == "derive":
            command.add_argument("--form", choices=["index", "latex"], default="index")
            command.add_argument(
                "--explain", action="store_true", help="show the program as it was read, too"
            )
        if name == "code":
            command.add_argument("--backend", choices=["numpy"], default="numpy")
        if name == "eval":
            command.add_argument("--data", required=True, metavar="IN.npz", type=Path)
        if name != "derive":
            command.add_argument("-o", "--output", metavar="FILE", type=Path)
    return parser


def _read(source: str) -> str:
    """The program text: standard input, a file of that name, or the argument itself."""
    if source == "-":
        return sys.stdin.read()
    looks_like_a_name = "\n" not in source and len(source) <= LONGEST_FILE_NAME
    if looks_like_a_name and (source.endswith(".ic") or Path(source).is_file()):
        try:
            return Path(source).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise EvaluationError(f"{source} is not UTF-8 text") from None
    return source


def _derive(program: Program, queries: Sequence[str], options: argparse.Namespace) -> None:
    if options.explain:
        print(program.explain(), end="\n\n")
    for query in queries:
        formula = program[query]
        if options.form == "latex":
            print(formula.to_latex())
            continue
        axes = f"    # axes {', '.join(formula.free)}" if len(formula.free) > 1 else ""
        print(f"{query} = {formula}{axes}")


def _code(program: Program, queries: Sequence[str], options: argparse.Namespace) -> None:
    source = program.compile(*queries, backend=options.backend).source
    if options.output:
        options.output.write_text(source, encoding="utf-8")
    else:
        print(source, end="")


def _evaluate(program: Program, queries: Sequence[str], options: argparse.Namespace) -> None:
    arrays = _load(options.data)
    for query in queries:
        program[query]  # errors of a query speak of that query, before anything is computed
    function = program.compile(*queries)
    wanted = {name: arrays[name] for name in function.signature if name in arrays}
    results = function(**wanted)
    values = (results,) if len(queries) == 1 else tuple(results)
    if options.output:
        np.savez(options.output, **dict(zip(function.results, values, strict=True)))
    else:
        for query, value in zip(queries, values, strict=True):
            print(f"{query} =\n{value}")


def _load(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (ValueError, zipfile.BadZipFile, EOFError, AttributeError, TypeError):
        raise EvaluationError(f"{path} is not an .npz file of plain arrays") from None


if __name__ == "__main__":
    sys.exit(main())
