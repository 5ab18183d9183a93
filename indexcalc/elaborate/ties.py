"""Which indices of a text have a range, and which would be left open.

In: a term. Out: whether some index stands on nothing but deltas and ones, so that nothing in the
text would say how many values it takes.

>>> from indexcalc.elaborate.orientation import ones
>>> from indexcalc.errors import Source, Span
>>> from indexcalc.ir.extent import Extent
>>> here, n = Span(Source("ones(n,1)"), 0, 9), Extent.named("n")
>>> is_loose(ones(here, (n,)), bound=True), is_loose(ones(here, (n,)), bound=False)
(False, True)
"""

from __future__ import annotations

from dataclasses import dataclass, field

from indexcalc.elaborate.term import (
    Contract,
    Derive,
    Fixed,
    Fold,
    Literal,
    Named,
    Pointwise,
    SizeOf,
    Term,
    Total,
    Whole,
    postorder,
)


def is_loose(term: Term, *, bound: bool) -> bool:
    """Whether some index has no range; `bound` tells that a left-hand side gives the term's own."""
    ties = _Ties()
    for part in postorder(term):
        ties.tied[id(part)] = ties.axes_tied(part)
    return ties.loose or (not bound and not all(ties.tied[id(term)]))


@dataclass(slots=True)
class _Ties:
    tied: dict[int, tuple[bool, ...]] = field(default_factory=dict)
    loose: bool = False

    def axes_tied(self, term: Term) -> tuple[bool, ...]:
        """Which axes get their range from a name."""
        match term:
            case Contract():
                return self.contraction(term)
            case Total() | Pointwise():
                inner = [self.tied[id(argument)] for argument in term.arguments]
                return tuple(map(any, zip(*inner, strict=True)))
            case Fold():
                inner_axes = self.tied[id(term.argument)]
                self.loose |= not all(inner_axes[len(term.shape) :])
                return inner_axes[: len(term.shape)]
            case Whole():
                known = any(self.tied[id(term.argument)])
                self.loose |= not known and term.operation != "reshape"
                return (True,) * len(term.shape)
            case Derive():
                own = self.tied[id(term.numerator)]
                return own + (True,) * (len(term.shape) - len(own))
            case Named() | Literal() | Fixed() | SizeOf():
                return (True,) * len(term.shape)

    def contraction(self, term: Contract) -> tuple[bool, ...]:
        tied = {
            letter
            for factor, own in zip(term.factors, term.letters, strict=True)
            for letter, is_tied in zip(own, self.tied[id(factor)], strict=True)
            if is_tied
        }
        patterns = [
            own
            for factor, own in zip(term.factors, term.letters, strict=True)
            if isinstance(factor, Contract) and not factor.factors and len(set(factor.output)) == 1
        ]
        for own in (*patterns, *reversed(patterns)):  # a chain of deltas ties from both ends
            if tied & set(own):
                tied |= set(own)
        inside = {letter for own in term.letters for letter in own}
        self.loose |= bool(inside - tied - set(term.output))
        return tuple(letter in tied for letter in term.output)
