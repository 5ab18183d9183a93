"""One run of the command line.

In: the arguments. Out: what the command prints, and an exit code: 0 if all went well (and all
claims hold), 1 if a claim does not hold, 2 if a text or data are wrong. Errors go to standard error
with a caret, never with a traceback.

>>> main(["derive", "f = x_i x_i", "∂f/∂x_j"])
∂f/∂x_j = 2 x_j
0
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from indexcalc.cli.failure import told
from indexcalc.cli.options import parsed
from indexcalc.cli.source import is_file, read
from indexcalc.cli.terminal import terminal
from indexcalc.errors import FormulaError

HOLDS, WRONG, INTERRUPTED = 0, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, and tell how it went; see the module for the exit codes."""
    options = parsed(arguments)
    _take_any_letter()
    try:
        code: int = options.run(read(options.source, options.notation), options)
        sys.stdout.flush()
    except FormulaError as error:
        file = options.source if is_file(options.source) else ""
        return _failed(told(error, terminal(sys.stderr).colours, file))
    except BrokenPipeError:
        _leave_the_pipe()
        return HOLDS
    except OSError as error:
        return _failed(f"cannot read or write {error.filename}: {error.strerror}")
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _failed(message: str) -> int:
    sys.stdout.flush()
    print(message, file=sys.stderr)
    return WRONG


def _take_any_letter() -> None:
    """Let a stream that cannot show a letter show its number."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _leave_the_pipe() -> None:
    """Nobody reads on: keep the interpreter from writing the rest at its end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
