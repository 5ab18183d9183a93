"""Fenced code blocks of a Markdown file, with the lines they start at."""

from __future__ import annotations

import re
from dataclasses import dataclass

FENCE = re.compile(
    r"^(?P<indent> *)```(?P<info>[^`\n]*)\n(?P<body>.*?)^(?P=indent)```", re.M | re.S
)


@dataclass(frozen=True)
class Block:
    """One fenced block: what stands behind the fence, its text, and its first line's number."""

    info: str
    text: str
    line: int
    follows: bool  # only blank lines stand between the block before and this one


def blocks(markdown: str) -> list[Block]:
    found: list[Block] = []
    end = -1
    for match in FENCE.finditer(markdown):
        width = len(match["indent"])
        text = "".join(line[width:] or "\n" for line in match["body"].splitlines(keepends=True))
        line = markdown.count("\n", 0, match.start("body")) + 1
        adjacent = end >= 0 and not markdown[end : match.start()].strip()
        found.append(Block(match["info"].strip(), text, line, adjacent))
        end = match.end()
    return found
