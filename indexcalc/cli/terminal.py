"""What the stream that is written to can show.

In: a stream, and the environment. Out: whether to colour (on a terminal only, unless the
environment says otherwise), and how wide a line may be (None: as wide as it is).

>>> import io
>>> terminal(io.StringIO())
Terminal(colours=False, width=None)
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TextIO

NARROWEST = 20


@dataclass(frozen=True, slots=True)
class Terminal:
    """Whether colours are shown, and the number of columns."""

    colours: bool
    width: int | None


def terminal(stream: TextIO) -> Terminal:
    """What `stream` shows: `NO_COLOR` forbids colours, `FORCE_COLOR` demands them."""
    shown = stream.isatty()
    width = max(shutil.get_terminal_size().columns, NARROWEST) if shown else None
    return Terminal(_colours(shown), width)


def _colours(shown: bool) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") != "0":
        return True
    return shown and os.environ.get("TERM", "") != "dumb"
