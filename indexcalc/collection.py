"""No search for cyclic garbage while a formula is worked out.

In: a block that builds many records. Out: the same block, during which Python does not look for
cycles among all that the process holds: nodes have none, and the search would take a fifth of the
time, several times as much where another large library is loaded. Reference counts free what is no
longer needed, as always.

>>> with uncollected():
...     gc.isenabled()
False
>>> gc.isenabled()
True
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Hold the collector of cycles for the block, if it is running; whatever happens inside."""
    was_running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_running:
            gc.enable()
