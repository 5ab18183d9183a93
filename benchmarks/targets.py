"""What a row has to reach, which rows miss it, and the reasons that are known.

In: a row; `benchmarks/reasons.toml`. Out: what it misses, each with its reason.

A reason is a short name with a text, so that rows which miss for one reason share it. It is shown
where the row misses in the run that is reported; a miss without a reason is "unexplained".
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Row

FILE = Path(__file__).resolve().parent / "reasons.toml"
MOST_OVER_EXPERT = {True: 1.25, False: 1.3}  # rows of 20 µs and more, and shorter ones
MOST_MEAN = 1.10  # geometric, of ours/expert
MOST_FIRST = 0.2  # of JAX's first call
MOST_OVERHEAD = 2.0  # µs for each call
TARGETS = ("expert", "peer", "first")
UNEXPLAINED = "unexplained"


@dataclass(frozen=True)
class Reasons:
    """Texts by name, and the names by case, task and target."""

    texts: Mapping[str, str]
    rows: Mapping[str, Mapping[str, Mapping[str, str]]]

    def of(self, row: Row, target: str) -> str:
        """The name of the reason why a row misses a target."""
        return self.rows.get(row.case, {}).get(row.task, {}).get(target, UNEXPLAINED)


def read_reasons() -> Reasons:
    """The reasons on file."""
    with FILE.open("rb") as file:
        content = tomllib.load(file)
    return Reasons(content.get("reasons", {}), content.get("rows", {}))


def meets(row: Row, target: str) -> bool | None:
    """Whether a row reaches a target; None where the target does not concern it."""
    if target == "expert":
        ratio = row.ratio("ours", "expert")
        return None if ratio is None else ratio <= MOST_OVER_EXPERT[row.long]
    if target == "peer":
        if not row.long or row.best_peer is None or "ours" not in row.seconds:
            return None
        return row.seconds["ours"] < row.seconds[row.best_peer]
    return None if row.first_ratio is None else row.first_ratio <= MOST_FIRST


def missed(row: Row) -> tuple[str, ...]:
    """The targets that a row misses."""
    return tuple(target for target in TARGETS if meets(row, target) is False)
