"""Mutation test of the checker: right claims, each made wrong by one edit, judged and mended.

In: options on the command line. Out: figures on standard output, and in `docs/claims-benchmark.md`
when everything was measured.

The right claims are those of `tests/data/cases`, and gradients and Hessians of generated programs
as the package prints them. Each is judged, then made wrong by every kind of edit in turn. A mutant
that no arithmetic tells from the right claim is left out; the others must be found wrong, and an
edit that makes them true is searched.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time

import indexcalc as ic
from benchmarks.mutations import MUTATIONS
from indexcalc.claims.edits.conditions import holds_under, under_conditions
from indexcalc.claims.edits.scene import Draft, Scene, scene_of
from indexcalc.claims.edits.screen import ground_of
from indexcalc.claims.edits.smallest import Edit, smallest_edit
from indexcalc.claims.edits.trials import near
from indexcalc.claims.judgement import judge_link
from indexcalc.elaborate.claims import ClaimSides, read_sides
from indexcalc.elaborate.elaborated import Elaborated
from indexcalc.elaborate.program import elaborate
from indexcalc.errors import FormulaError, Source
from indexcalc.syntax import tree
from indexcalc.syntax.parser import parse_program, parse_query

ROOT = Path(__file__).resolve().parent.parent
CASES = ROOT / "tests" / "data" / "cases" / "cases.json"
RESULT = ROOT / "docs" / "claims-benchmark.md"
INTRODUCTION = """# How far the checker can be trusted

`make bench-claims` takes right claims (those of `tests/data/cases`, textbook formulas, and
derivatives of generated programs as they are printed, in indices and in matrices), makes each
wrong by every mistake that people make (`benchmarks/mutations.py`), judges the mutants, and
searches for the edit that makes each true again. Mutants that are equal after all (a product of
scalars swapped) must not be refuted; that they are equal is checked at points of which the judge
knows nothing. An edit counts as found only if the judge accepts the mended claim; it may be
another one than was undone. The table is made with a limit on the number of formulas that a search
tries, not on its time, so that it is the same on every machine.

A factor or a term that is missing may be taken from the left side worked out, which for the
generated programs is the very text of the right claim. The last column is without that help.
"""
SEED = 11
PER_KIND = 2


@dataclass(frozen=True)
class Claim:
    """A right claim: the program's text, and both sides."""

    name: str
    program: str
    left: str
    right: str


@dataclass
class Row:
    """What became of the mutants of one kind."""

    kind: str
    mutants: int = 0
    equal: int = 0
    wrong: int = 0
    ill: int = 0
    undecided: int = 0
    passed: list[str] = field(default_factory=list)  # although they differ
    found: int = 0
    single: int = 0
    exact: int = 0
    unaided: int = 0  # by one edit, without the left side worked out
    missed: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


# --- right claims -------------------------------------------------------------------------------


def published() -> Iterator[Claim]:
    """The right claims of the cases, in both notations."""
    for case in json.loads(CASES.read_text(encoding="utf-8")):
        declared = ", ".join(
            f"{name}[{', '.join(extent.removesuffix('_') for extent in variable['shape'])}]"
            for name, variable in case["variables"].items()
        )
        claim = case["claim"]
        prefix = "" if claim["correct"] else "right_"
        for form in ("index", "matrix"):
            text, function = claim[f"{prefix}{form}"], case[form]
            if not text or not function:
                continue
            side, *where = re.split(r",\s+(?=[^\s,_]+(?:_\w+)? = )", text)
            name = re.split(r"[_\s(]", function)[0]
            left = f"diff({name}, {', '.join(case['wrt'])})"
            if " = " in side:
                left, _, side = side.partition(" = ")
            program = "\n".join([declared, function, *where])
            yield Claim(f"{case['id']}-{form}", program, left, side)


def generated(count: int, seed: int = SEED) -> Iterator[Claim]:
    """Derivatives of random functions, as they are printed: in indices, and in matrices."""
    source = random.Random(seed)
    for number in range(count):
        text, queries = _program(source)
        program = ic.Program(text)
        for query in queries:
            yield Claim(f"generated-{number}", text, query, str(program[query]))
            plain = re.sub(r"_\w+$", "", query)
            with contextlib.suppress(FormulaError):
                shown = program[plain].to_matrix()
                if "where" not in shown:
                    yield Claim(f"generated-{number}-matrix", text, plain, shown)


def _program(source: random.Random) -> tuple[str, list[str]]:
    """A function of a matrix and two vectors, with a nonlinearity or two."""
    f, g = source.sample(["tanh", "exp", "sin", "sigmoid", "σ"], 2)
    inner = source.choice(["W_ij x_j + b_i", "W_ij x_j b_i", "W_ij x_j", "W_ij x_j x_j + b_i"])
    layer = source.choice([f"{f}(z_i)", f"z_i {f}(z_i)", f"{f}(z_i) + {g}(z_i)", f"{f}({g}(z_i))"])
    outer = source.choice(
        ["w_i h_i", "log(1 + exp(w_i h_i))", "1/2 (h_i - w_i)(h_i - w_i)", "h_i w_i h_k w_k",
         "c h_i w_i + x_j x_j"]
    )  # fmt: skip
    text = f"z_i = {inner}\nh_i = {layer}\nF = {outer}"
    variables = ["W_pq", "x_q", "w_p", *(["b_p"] if "b_i" in text else [])]
    return text, [f"∂F/∂{variable}" for variable in source.sample(variables, 2)]


MATRIX_CLAIMS = (
    ("A[n, n], x[n]; f = x^T A x", "∂f/∂x", "(A + A^T) x"),
    ("A[m, n], x[n], b[m]; f = (A x - b)^T (A x - b)", "∂f/∂x", "2 A^T (A x - b)"),
    ("A[m, n], X[n, p], B[p, m]; f = tr(A X B)", "∂f/∂X", "A^T B^T"),
    ("X[n, n]; f = logdet(X)", "∂f/∂X", "X^-T"),
    ("A[n, n], B[n, n], X[n, n]; f = tr(A X^-1 B)", "∂f/∂X", "-(X^-1 B A X^-1)^T"),
    ("W[m, n], x[n], b[m]; h = σ(W x + b); f = h^T h", "∂f/∂W", "2 (h ⊙ σ'(W x + b)) x^T"),
    ("W[m, n], x[n], b[m]; z = W x + b; h = σ(z); f = h^T h", "∂f/∂x",
     "2 W^T (σ'(z) ⊙ h)"),
    ("W1[m, n], W2[k, m], x[n], y[k]; a = W1 x; h = tanh(a); e = W2 h - y; f = 1/2 e^T e",
     "∂f/∂W1", "((W2^T e) ⊙ (1 - h ⊙ h)) x^T"),
    ("W1[m, n], W2[k, m], x[n], y[k]; a = W1 x; h = tanh(a); e = W2 h - y; f = 1/2 e^T e",
     "∂f/∂W2", "e h^T"),
    ("x[n], y[n]; p = softmax(x); L = xent(y, p)", "∂L/∂x", "sum(y) p - y"),
    ("x[n]; p = softmax(x)", "∂p/∂x", "Diag(p) - p p^T"),
    ("A[m, n], B[p, q], X[n, p]; Y = A X B", "∂vec(Y)/∂vec(X)", "B^T ⊗ A"),
    ("X[n, p], y[n], w[p]; f = (1/n) sum((X w - y).^2)", "∂f/∂w", "(2/n) X^T (X w - y)"),
    ("X[n, p], y[n], w[p]; f = (1/2) ‖X w - y‖^2 + μ/2 w^T w", "∂f/∂w", "X^T (X w - y) + μ w"),
    ("S[n, n]; K[n, n] spd; f = logdet(K) + tr(S K^-1)", "∂f/∂S", "K^-1"),
    ("u[n], v[n], A[n, n]; f = (u^T A v)^2", "∂f/∂A", "2 (u^T A v) u v^T"),
    ("a[n], x[n]; f = log(a^T x)", "∂f/∂x", "a/(a^T x)"),
    ("a[n], x[n]; y = exp(a ⊙ x)", "∂y/∂x", "Diag(a ⊙ y)"),
)  # fmt: skip


def in_matrices() -> Iterator[Claim]:
    """Formulas of textbooks."""
    for number, (program, left, right) in enumerate(MATRIX_CLAIMS):
        yield Claim(f"matrices-{number}", program, left, right)


# --- judging ------------------------------------------------------------------------------------


def status(sides: ClaimSides) -> str:
    """The verdict on two sides."""
    return judge_link(sides, *sides.sides).status


def holds(sides: ClaimSides) -> bool:
    """Whether two sides are equal."""
    return status(sides) in {"proved", "agrees"}


def parsed(text: str, known: Elaborated) -> tree.Tree:
    """An expression."""
    found = parse_query(Source(text, "claim"), known.symbols)
    return found.value if isinstance(found, tree.Query) else found


def judged(known: Elaborated, left: tree.Tree, text: str) -> tuple[str, tree.Tree] | None:
    """The verdict on a side; None if it cannot be read for another reason than its shapes."""
    try:
        right = parsed(text, known)
        return status(read_sides(known, [left, right])), right
    except FormulaError:
        return None


def mutants(
    scene: Scene, mutation: Callable[[Scene], Iterator[Draft]], source: random.Random
) -> list[Draft]:
    """Some of the mutants of one kind, the same in every run."""
    drafts = list({draft.text: draft for draft in mutation(scene)}.values())
    return source.sample(drafts, min(PER_KIND, len(drafts)))


def silent(line: str) -> None:
    """Print nothing."""


def tried(
    claim: Claim,
    rows: dict[str, Row],
    show: Callable[[str], None] = silent,
    *,
    unaided: bool = False,
) -> str:
    """Judge a claim and its mutants; the verdict on the claim itself.

    If `unaided`, edits are searched a second time, without the left side worked out.
    """
    known = elaborate(parse_program(Source(claim.program)))
    left = parsed(claim.left, known)
    verdict = judged(known, left, claim.right)
    if verdict is None:
        return "error"
    sides = read_sides(known, [left, verdict[1]])
    if verdict[0] not in {"proved", "agrees"}:
        condition = unsaid(known, sides, verdict[1])
        return f"true if {condition}" if condition else verdict[0]
    letters = sides.letters if any(side.indexed for side in sides.sides) else ()
    scene = scene_of(verdict[1], known, letters, list(known.symbols), latex=False)
    source = random.Random(claim.name)
    for kind, mutation in MUTATIONS.items():
        row = rows.setdefault(kind, Row(kind))
        for draft in mutants(scene, mutation, source):
            wrong, edit = mended(claim, known, left, draft, row)
            if wrong is not None:
                show(f"{claim.name:34} {row.kind:10} {draft.text}  ->  {shown(edit)}")
                alone = searched(known, left, wrong, aided=False) if unaided else None
                row.unaided += alone is not None and alone.size == 1
    return verdict[0]


def unsaid(known: Elaborated, sides: ClaimSides, right: tree.Tree) -> str:
    """The condition under which a claim holds that does not hold without one."""
    ground = ground_of(known, sides, right, list(known.symbols))
    screen = ground.screen() if ground is not None else None
    if ground is None or screen is None:
        return ""
    found = (
        under.condition.text
        for under in under_conditions(ground, screen, sides)
        if holds_under(sides, under)
    )
    return next(found, "")


def mended(
    claim: Claim, known: Elaborated, left: tree.Tree, draft: Draft, row: Row
) -> tuple[tree.Tree | None, Edit | None]:
    """Judge one mutant and search its edit; the mutant if it is wrong, and the edit."""
    found = judged(known, left, draft.text)
    if found is None:
        return None, None
    row.mutants += 1
    if found[0] in {"proved", "agrees"}:
        row.equal += 1
        if differ(known, left, found[1]):
            row.passed.append(f"{claim.name}: {claim.left} == {draft.text}")
        return None, None
    if found[0] == "undecided":
        row.undecided += 1
        return None, None
    row.wrong += found[0] == "differs"
    row.ill += found[0] == "ill-shaped"
    start = process_time()
    edit = searched(known, left, found[1])
    row.seconds.append(process_time() - start)
    count(row, claim, draft, edit)
    return found[1], edit


def searched(
    known: Elaborated, left: tree.Tree, right: tree.Tree, *, aided: bool = True
) -> Edit | None:
    """The edit of a side; the number of formulas that are tried is what ends the search."""
    return smallest_edit(known, left, right, holds, seconds=30, aided=aided)


def differ(known: Elaborated, left: tree.Tree, right: tree.Tree) -> bool:
    """Whether two sides differ at points that the judge does not know of."""
    sides = read_sides(known, [left, right])
    ground = ground_of(known, sides, right, list(known.symbols))
    screen = ground.screen() if ground is not None else None
    node = sides.sides[1].node
    if screen is None or node is None:
        return False
    return not all(
        near(screen.value(node, point), value) for point, value in enumerate(screen.values)
    )


def count(row: Row, claim: Claim, draft: Draft, edit: Edit | None) -> None:
    """Note what was found for a mutant."""
    if edit is None:
        row.missed.append(f"{claim.name}: {claim.left} == {draft.text}   (was {claim.right})")
        return
    row.found += 1
    row.single += edit.size <= 1
    row.exact += "".join(edit.text.split()) == "".join(claim.right.split())
    if edit.size > 1:
        row.missed.append(
            f"{claim.name}: {claim.left} == {draft.text}   (was {claim.right}), found {shown(edit)}"
        )


def shown(edit: Edit | None) -> str:
    """An edit on one line."""
    return "none" if edit is None else f"{edit.description}: {edit.text}"


# --- report -------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the mutation test; 1 if a right claim is refuted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="claims whose names hold this text")
    parser.add_argument("--generated", type=int, default=12, help="how many programs to make")
    parser.add_argument("--verbose", action="store_true", help="print every mutant")
    options = parser.parse_args(arguments)
    rows: dict[str, Row] = {}
    verdicts: dict[str, list[str]] = {}

    def show(line: str) -> None:
        if options.verbose:
            print(line)

    for claim in [*published(), *in_matrices(), *generated(options.generated)]:
        if options.only not in claim.name:
            continue
        try:
            verdict = tried(claim, rows, show, unaided=True)
        except FormulaError as error:
            verdict = f"error: {error.message}"
        verdicts.setdefault(verdict, []).append(f"{claim.name}: {claim.left} == {claim.right}")
    text = report(rows, verdicts)
    print(text)
    tell(rows, verdicts)
    if not options.only:
        RESULT.write_text(f"{INTRODUCTION}\n{text}", encoding="utf-8")
    return int("differs" in verdicts or any(row.passed for row in rows.values()))


def tell(rows: dict[str, Row], verdicts: dict[str, list[str]]) -> None:
    """Print every claim that did not come out as it should."""
    for row in rows.values():
        for line in row.missed:
            print(row.kind, "|", line)
        for line in row.passed:
            print("PASSED", row.kind, "|", line)
    for verdict, names in verdicts.items():
        if verdict not in {"proved", "agrees"}:
            print(verdict, names)


def report(rows: dict[str, Row], verdicts: dict[str, list[str]]) -> str:
    """The figures as a table, with what is to be said about them."""
    lines = [
        "| mistake | mutants | equal after all | differ | ill-shaped | mended | by one edit "
        "| by one edit, unaided |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    total = Row("all")
    for row in rows.values():
        for name in (
            "mutants",
            "equal",
            "wrong",
            "ill",
            "undecided",
            "found",
            "single",
            "unaided",
            "exact",
        ):
            setattr(total, name, getattr(total, name) + getattr(row, name))
        total.seconds += row.seconds
        total.passed += row.passed
    for row in [*rows.values(), total]:
        bad = max(row.wrong + row.ill, 1)
        shares = [share(count, bad) for count in (row.found, row.single, row.unaided)]
        numbers = [row.mutants, row.equal, row.wrong, row.ill, *shares]
        lines.append(f"| {row.kind} | " + " | ".join(map(str, numbers)) + " |")
    return "\n".join([*lines, "", *verdict_lines(verdicts, total), *speed_lines(total), ""])


def share(count: int, whole: int) -> str:
    """A percentage; 100 only if it is all."""
    return f"{100 if count == whole else min(round(100 * count / whole), 99)} %"


def verdict_lines(verdicts: dict[str, list[str]], total: Row) -> Iterator[str]:
    """What was said of the right claims, and of mutants."""
    number = {verdict: len(names) for verdict, names in verdicts.items()}
    held = number.get("proved", 0) + number.get("agrees", 0)
    yield (
        f"- Right claims: {held} hold ({number.get('proved', 0)} proved), "
        f"{number.get('differs', 0)} refuted."
    )
    conditions = [(v, name) for v in verdicts if v.startswith("true if") for name in verdicts[v]]
    if conditions:
        yield (
            f"- {len(conditions)} published claims hold only under a condition that their source "
            "leaves unsaid; it is found:"
        )
        yield from (f"  - {name.split(':')[0]}: {verdict}" for verdict, name in conditions)
    yield (
        f"- Mutants that differ and passed: {len(total.passed)}; "
        f"undecided: {total.undecided}; text as it was before: "
        f"{100 * total.exact / max(total.found, 1):.0f} % of the mended."
    )


def speed_lines(total: Row) -> Iterator[str]:
    """How long a search takes."""
    seconds = sorted(total.seconds)
    if seconds:
        median, late = seconds[len(seconds) // 2], seconds[int(0.95 * (len(seconds) - 1))]
        yield (
            f"- Processor time of a search: median {median:.2f} s, 95 % within {late:.2f} s, "
            f"longest {seconds[-1]:.2f} s."
        )


if __name__ == "__main__":
    sys.exit(main())
