"""Terms as text in index notation, with every sum written out.

In: a term, and a letter for each of its axes. Out: the text, which reads back as the same term.

>>> from indexcalc.elaborate.term import Named
>>> from indexcalc.errors import Source, Span
>>> from indexcalc.ir.extent import Extent
>>> here, m, n = Span(Source("A x"), 0, 3), Extent.named("m"), Extent.named("n")
>>> A, x = Named(here, (m, n), "A"), Named(here, (n,), "x")
>>> product = Contract(here, (m,), (A, x), (("0", "1"), ("1",)), ("0",), {"0": (m,), "1": (n,)})
>>> IndexWriter({"A": (m, n), "x": (n,)}).text(product, ["i"])
'Σ_j A_ij x_j'

Each kind of term gives pieces of text and smaller terms, which go on a stack.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import assert_never

from indexcalc.elaborate.appearance import Setting, in_order, kept_in_order, sum_in_order
from indexcalc.elaborate.arrangement import (
    Part,
    Role,
    arrange,
    begins_with_sum,
    divides,
    is_transposed_name,
    take_coefficient,
    with_indices,
)
from indexcalc.elaborate.extents import ExtentTable
from indexcalc.elaborate.index_letters import fresh_letters, grouped, is_typed, subscript
from indexcalc.elaborate.pieces import Piece, Task, bracketed, entry, joined
from indexcalc.elaborate.spelling import (
    CALL,
    COMPARISON,
    CONSTANT,
    ORDERS,
    Place,
    function_name,
    number_text,
    size_text,
)
from indexcalc.elaborate.term import (
    Contract,
    Derive,
    Fixed,
    Fold,
    Letters,
    Literal,
    Named,
    Pointwise,
    SizeOf,
    Term,
    Total,
    Whole,
)
from indexcalc.elaborate.ties import is_loose
from indexcalc.errors import LimitError, Span
from indexcalc.ir.extent import Shape

MOST_LETTERS_IN_SCOPE = 1000


def typed(place: Span) -> str:
    """What stands at a place, on one line."""
    return " ".join(place.text.split())


class IndexWriter:
    """Writes terms; `shapes` has every name that the text may have."""

    def __init__(
        self,
        shapes: Mapping[str, Shape],
        extents: ExtentTable | None = None,
        spelled: Callable[[Span], str] = typed,
    ) -> None:
        """`extents` solves what is unknown in terms; `spelled` gives what was written in a text."""
        self.spelled = spelled
        self.pinned = False
        self.free: Letters = ()
        self.bound = True
        self.assigned: set[str] = set()
        self.used_up: frozenset[str] = frozenset()
        self.shapes = shapes
        self.extents = extents if extents is not None else ExtentTable()
        self.delta = next((name for name in ("δ", "I") if name not in shapes), "(eye)")
        self.transpose = "^T" if "T" not in shapes else "'"
        self.sigma = "Σ" if "Σ" not in shapes else "sum"

    def text(self, term: Term, letters: Sequence[str], bound: bool = True) -> str:
        """The term with these letters for its axes.

        `bound` tells that a left-hand side names the letters, so that they may be repeated.
        Raises `LimitError` if the letters of the alphabet do not suffice.
        """
        once = frozenset() if bound else frozenset(range(len(letters)))
        self.pinned = is_loose(term, bound=bound)
        self.assigned, self.used_up = set(letters), frozenset()
        self.free, self.bound = tuple(letters), bound
        if not bound:
            term = in_order(term, Setting((), (), once))
        start = Task(
            term, tuple(letters), Place.ARGUMENT, once, frozenset(letters), ordered=not bound
        )
        written: list[str] = []
        stack: list[Piece] = [start]
        while stack:
            piece = stack.pop()
            if isinstance(piece, str):
                written.append(piece)
            else:
                stack.extend(reversed(self._pieces(piece)))
        return "".join(written)

    def _pieces(self, task: Task) -> list[Piece]:
        """The term taken apart by one level."""
        match task.term:
            case Named() | Literal() | Fixed() | SizeOf():
                return [self._leaf(task.term, task)]
            case Contract():
                return self._product(task.term, task)
            case Total():
                return self._sum(task.term, task)
            case Pointwise():
                return self._function(task.term, task)
            case Fold():
                return self._fold(task.term, task)
            case Whole():
                return self._whole(task.term, task)
            case Derive():
                return self._derivative(task.term, task)
        assert_never(task.term)

    def _setting(self, task: Task) -> Setting:
        return Setting(task.letters, self.free, task.once, self.bound)

    def _new_letters(self, labels: Sequence[Hashable], task: Task) -> list[str]:
        """A letter for each label: its own if it is a letter and free, else a fresh one."""
        taken = task.taken | self.used_up
        if len(taken) > MOST_LETTERS_IN_SCOPE:
            raise LimitError("sums are nested too deeply to be written out")
        found: list[str | None] = []
        for label in labels:
            own = label if isinstance(label, str) and is_typed(label) else None
            found.append(own if own not in taken else None)
            taken |= {own} if own else frozenset()
        fresh = iter(fresh_letters(found.count(None), taken))
        letters = [letter if letter is not None else next(fresh) for letter in found]
        self.assigned.update(letters)
        return letters

    # --- leaves -------------------------------------------------------------------------------

    def _leaf(self, term: Named | Literal | Fixed | SizeOf, task: Task) -> str:
        match term:
            case Named():
                return self._indexed(term.name, task.letters)
            case Literal():
                return number_text(term.value, task.place)
            case Fixed():
                return self._indexed(CONSTANT.get(term.name, "ε"), task.letters)
            case SizeOf():
                extent = self.extents.solve(term.extent[0])
                (letter,) = fresh_letters(1, task.taken | self.used_up)
                return size_text(extent, self.shapes, f"{self.sigma}_{letter}", letter)

    def _indexed(self, name: str, letters: Sequence[str]) -> str:
        return name + subscript(name, letters, self.shapes)

    # --- sums and products --------------------------------------------------------------------

    def _sum(self, term: Total, task: Task) -> list[Piece]:
        ordered = sum_in_order(term.terms, self._setting(task))
        shown = {id(inner) for inner in with_indices([inner for _, inner in ordered])}
        pieces: list[Piece] = []
        first = True  # of those that have indices
        for k, inner in ordered:
            minus, plus = (" - ", " + ") if pieces else ("-", "")
            pieces.append(minus if term.signs[k] < 0 else plus)
            part = entry(inner, task, Place.TERM, id(inner) in shown)
            pieces.append(replace(part, ordered=first and id(inner) in shown))
            first = first and id(inner) not in shown
        return bracketed(pieces, task.place > Place.ARGUMENT)

    def _product(self, term: Contract, task: Task) -> list[Piece]:
        if task.ordered and is_transposed_name(term):
            (name,) = term.factors
            assert isinstance(name, Named)
            return [self._indexed(f"{name.name}{self.transpose}", task.letters)]
        arranged = arrange(term, task.once)
        naming = dict(zip(arranged.axes, task.letters, strict=True))
        summed = self._new_letters(arranged.summed, task)
        naming |= dict(zip(arranged.summed, summed, strict=True))
        once = {label for k, label in enumerate(arranged.axes) if k in task.once}
        taken = task.taken | set(summed)
        coefficient, parts = take_coefficient(arranged.parts)
        tasks = [
            self._part(part, naming, once, taken, last=k == len(parts) - 1)
            for k, part in enumerate(parts)
        ]
        if len(parts) == 1 and not summed and coefficient == 1 and parts[0].role is Role.FACTOR:
            (only,) = tasks
            assert isinstance(only, Task)
            return [Task(only.term, only.letters, task.place, only.once, only.taken)]
        sign = f"{self.sigma}{subscript('', summed, ())} " if summed else ""
        pieces = joined(coefficient, sign, parts, tasks)
        return bracketed(pieces, task.place > Place.TERM)

    def _part(
        self,
        part: Part,
        naming: Mapping[Hashable, str],
        once: set[Hashable],
        taken: frozenset[str],
        *,
        last: bool,
    ) -> Piece:
        """A factor with its letters; the letter of a delta that has become δ_ii goes away."""
        letters = tuple(naming[label] for label in part.labels)
        if part.term is None:
            return self._indexed(self._constant(part), letters)
        place = Place.BASE if part.role is Role.DIVISOR else Place.FACTOR
        if last and part.role is Role.FACTOR and begins_with_sum(part.term):
            place = Place.TERM
        single = frozenset(k for k, label in enumerate(part.labels) if label in once)
        return Task(part.term, letters, place, single, taken)

    def _constant(self, part: Part) -> str:
        """The name of a delta or of ones; with its size where no other factor gives one."""
        if self.pinned and part.extent is not None:
            size = self.extents.solve(part.extent)
            return f"eye({size})" if part.role is Role.DELTA else f"ones({size},1)"
        return self.delta if part.role is Role.DELTA else "1"

    # --- functions ----------------------------------------------------------------------------

    def _function(self, term: Pointwise, task: Task) -> list[Piece]:
        if term.parameter is not None:
            return self._power(term, term.parameter, task)
        args = self._arguments(term, task)
        if term.function in COMPARISON and term.kind == "builtin":
            return ["[", args[0], f" {COMPARISON[term.function]} ", args[1], "]"]
        name = function_name(term)
        pieces: list[Piece] = [f"{name}("]
        for k, arg in enumerate(args):
            pieces += [", ", arg] if k else [arg]
        return [*pieces, ")"]

    def _arguments(self, term: Pointwise, task: Task) -> list[Task]:
        """The arguments in their places; the first that has indices tells the order of axes."""
        shown = with_indices(term.args)
        order = {id(argument): argument for argument in term.args}
        if len(term.args) > 1:
            order[id(shown[0])] = in_order(shown[0], self._setting(task))
        ordered = task.ordered or len(term.args) > 1
        return [
            replace(
                entry(order[id(argument)], task, Place.ARGUMENT, argument in shown),
                ordered=ordered and argument is shown[0],
            )
            for argument in term.args
        ]

    def _power(self, term: Pointwise, exponent: Fraction, task: Task) -> list[Piece]:
        (base,) = term.args
        if exponent == Fraction(1, 2):
            inner = entry(base, task, Place.ARGUMENT, True)
            return ["sqrt(", replace(inner, ordered=task.ordered), ")"]
        inner = replace(entry(base, task, Place.BASE, True), ordered=task.ordered)
        if divides(term):
            return bracketed(["1/", inner], task.place > Place.TERM)
        text = str(exponent) if exponent.denominator == 1 else f"({exponent})"
        return bracketed([inner, f"^{text}"], task.place > Place.FACTOR)

    def _fold(self, term: Fold, task: Task) -> list[Piece]:
        argument = kept_in_order(term.argument, len(term.shape), task.once)
        if term.operation == "cumsum":
            inner = entry(argument, task, Place.ARGUMENT, True)
            return [f"cumsum{subscript('cumsum', task.letters[-1:], ())}(", inner, ")"]
        own = argument.output if isinstance(argument, Contract) else ()
        along = [*own, *("",) * len(argument.shape)][len(term.shape) : len(argument.shape)]
        folded = self._new_letters(along, task)
        body = Task(
            argument,
            (*task.letters, *folded),
            Place.ARGUMENT,
            task.once,
            task.taken | set(folded),
            ordered=True,
        )
        head = f"{term.operation}{subscript(term.operation, folded, ())}("
        return bracketed([head, body, ")"], task.place > Place.TERM)

    def _whole(self, term: Whole, task: Task) -> list[Piece]:
        argument = term.argument
        head = "" if term.operation == "reshape" else term.operation
        mark = subscript(head, task.letters, ())
        if term.operation == "reshape":
            return [self._reshaped(term, task)]
        if isinstance(argument, Named):
            return [f"{head}({argument.name}){mark}"]
        return [f"{head}(", self._scope(argument, task), f"){mark}"]

    def _reshaped(self, term: Whole, task: Task) -> str:
        """A grouped index if a name has it, else the text as it was written."""
        argument = term.argument
        is_delta = isinstance(argument, Contract) and not argument.factors
        if isinstance(argument, Named) or is_delta:
            solve = self.extents.solve_shape
            groups = grouped(solve(argument.shape), solve(term.shape), task.letters)
            if groups is not None:
                name = argument.name if isinstance(argument, Named) else self.delta
                return f"{name}_{{{groups}}}"
        text = self.spelled(term.span)
        return self._indexed(text if CALL.fullmatch(text) else f"({text})", task.letters)

    def _scope(self, term: Term, task: Task) -> Task:
        """A term that chooses its own indices, in the order of its axes."""
        every = frozenset(range(len(term.shape)))
        term = in_order(term, Setting((), (), every))
        labels = term.output if isinstance(term, Contract) else ("",) * len(term.shape)
        others = replace(task, taken=task.taken | self.assigned)
        letters = tuple(self._new_letters(labels, others))
        self.used_up |= set(letters)
        taken = task.taken | set(letters)
        return Task(term, letters, Place.ARGUMENT, every, taken, ordered=True)

    def _derivative(self, term: Derive, task: Task) -> list[Piece]:
        rank = len(term.numerator.shape)
        order = len(term.names)
        head = f"∂{ORDERS[order]}" if order in ORDERS else f"∂^{order} "
        pieces: list[Piece] = [head]
        if isinstance(term.numerator, Named):
            pieces.append(self._indexed(term.numerator.name, task.letters[:rank]))
        else:
            once = frozenset(k for k in task.once if k < rank)
            inner = in_order(
                term.numerator, Setting(task.letters[:rank], self.free, once, self.bound)
            )
            own = task.letters[:rank]
            body = Task(inner, own, Place.ARGUMENT, once, task.taken, ordered=True)
            pieces += ["(", body, ")"]
        pieces.append("/")
        for name in term.names:
            letters = task.letters[rank : rank + len(self.shapes[name])]
            rank += len(self.shapes[name])
            pieces.append(f"∂{self._indexed(name, letters)}")
        return bracketed(pieces, task.place > Place.FACTOR)
