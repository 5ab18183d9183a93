"""Sizes from shapes: which axis of which argument tells how long an index runs.

In: the arguments' symbolic shapes. Out: for each name of an extent, an argument's axis and how to
solve for the name: an axis of extent `n` gives `n`, one of `m-1` gives `m`, and one of `p*n` gives
`p` once `n` is known.

>>> m, n, p = (Extent.named(name) for name in "mnp")
>>> for rule in derivations([("U", (m + Extent.fixed(-1),)), ("V", (p * n,)), ("x", (n,))]):
...     print(rule.text({}, lambda position: ("U", "V", "x")[position]))
n = x.shape[0]
m = U.shape[0] + 1
p = V.shape[0] // n
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from indexcalc.errors import ShapeError
from indexcalc.ir.extent import ONE, Extent, Shape

Named = tuple[str, Shape]


@dataclass(frozen=True, slots=True)
class Derivation:
    """`name = (length of axis `axis` of argument `position` − rest) / factor`."""

    name: str
    position: int
    axis: int
    rest: Extent
    factor: Extent

    def value(self, length: int, known: Mapping[str, int]) -> int | None:
        """The size, or None if the length does not allow one."""
        rest, factor = self.rest.evaluate(known), self.factor.evaluate(known)
        if factor == 0 or (length - rest) % factor:
            return None
        return (length - rest) // factor

    def text(self, renamed: Mapping[str, str], argument: Callable[[int], str]) -> str:
        """The same as a line of Python."""
        code = f"{argument(self.position)}.shape[{self.axis}]"
        rest = extent_code(self.rest * Extent.fixed(-1), renamed)
        if self.rest.terms:
            code += f" - {rest[1:]}" if rest.startswith("-") else f" + {rest}"
        if self.factor != ONE:
            divided = f"({code})" if self.rest.terms else code
            factor = extent_code(self.factor, renamed)
            code = f"{divided} // {factor if factor.isalnum() else f'({factor})'}"
        return f"{renamed.get(self.name, self.name)} = {code}"


def derivations(arguments: Sequence[Named]) -> list[Derivation]:
    """How to find every size that the arguments determine, in an order that is possible."""
    axes = [
        (position, axis, extent)
        for position, (_, shape) in enumerate(arguments)
        for axis, extent in enumerate(shape)
    ]
    axes.sort(key=lambda item: item[2].name is None)
    known: set[str] = set()
    found: list[Derivation] = []
    progress = True
    while progress:
        progress = False
        for position, axis, extent in axes:
            solved = _solve(extent, known)
            if solved is not None:
                name, factor, rest = solved
                found.append(Derivation(name, position, axis, rest, factor))
                known.add(name)
                progress = True
    return found


def _solve(extent: Extent, known: set[str]) -> tuple[str, Extent, Extent] | None:
    """`(name, factor, rest)` if the extent is `factor · name + rest` with only `name` unknown."""
    unknown = [name for name in sorted(extent.names) if name not in known]
    if len(unknown) != 1:
        return None
    name = unknown[0]
    factor, rest = Extent(()), Extent(())
    for monomial, coefficient in extent.terms:
        if monomial.count(name) > 1:
            return None
        others = tuple(part for part in monomial if part != name)
        term = Extent(((others, coefficient),))
        if name in monomial:
            factor = factor + term
        else:
            rest = rest + term
    return name, factor, rest


def extent_code(extent: Extent, renamed: Mapping[str, str]) -> str:
    """The extent as Python, with names as they are called in the code."""
    values = {name: Extent.named(renamed.get(name, name)) for name in extent.names}
    return str(extent.substitute(values))


@dataclass(frozen=True, slots=True)
class Sizes:
    """How code finds sizes: `lines`, and the names that have to be passed to it."""

    lines: tuple[str, ...]
    passed: tuple[str, ...]


def found_sizes(
    needed: Iterable[str],
    arguments: Sequence[tuple[Named, str]],
    renamed: Mapping[str, str],
    hints: Mapping[str, int],
    passed: Collection[str] = (),
) -> Sizes:
    """How to find the sizes that are needed.

    `arguments` come with what they are called in the code, `renamed` has what sizes are called. One
    that no argument tells is passed, if `passed` has it, or a number of `hints`. Raises
    `ShapeError` if it is neither.

    >>> n = Extent.named("n")
    >>> found_sizes(["n", "m"], [(("x", (n,)), "x")], {"m": "m", "n": "n"}, {"m": 3}).lines
    ('m = 3', 'n = x.shape[0]')
    """
    wanted = set(needed)
    chosen = []
    rules = derivations([argument for argument, _ in arguments])
    for rule in reversed(rules):
        if rule.name in wanted:
            chosen.append(rule)
            wanted |= rule.rest.names | rule.factor.names
    told = {rule.name for rule in rules}
    asked = sorted(wanted & set(passed) - told)
    fixed = sorted(wanted - told - set(asked))
    if not set(fixed) <= set(hints):
        unknown = next(name for name in fixed if name not in hints)
        raise ShapeError(
            f"no argument's shape tells the size {unknown}",
            hint=f"give it:  sizes={{'{unknown}': …}}",
        )
    lines = [f"{renamed[name]} = {hints[name]}" for name in fixed]
    called = [code for _, code in arguments]
    lines += [rule.text(renamed, called.__getitem__) for rule in reversed(chosen)]
    return Sizes(tuple(lines), tuple(asked))
