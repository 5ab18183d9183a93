"""Amounts of memory as they are written: `50MB`, `1.5 GiB`, `4096`.

>>> size_in_bytes("50MB"), size_in_bytes("1.5 GiB"), size_in_bytes("4096")
(50000000, 1610612736, 4096)
>>> size_in_bytes("much")
Traceback (most recent call last):
  ...
argparse.ArgumentTypeError: 'much' is no amount of memory: write 4096, 50MB or 2GiB
"""

from __future__ import annotations

import re
from argparse import ArgumentTypeError

UNITS = {unit: 1000**power for power, unit in enumerate(("", "k", "m", "g", "t"))}
BINARY = {f"{unit}i": 1024**power for power, unit in enumerate(("", "k", "m", "g", "t")) if unit}
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?i?)b?", re.IGNORECASE)


def size_in_bytes(text: str) -> int:
    """The number of bytes; raises `ArgumentTypeError` if the text is none."""
    found = _AMOUNT.fullmatch(text.strip())
    unit = {**UNITS, **BINARY}.get(found[2].lower()) if found else None
    if found is None or unit is None:
        raise ArgumentTypeError(f"{text!r} is no amount of memory: write 4096, 50MB or 2GiB")
    return int(float(found[1]) * unit)
