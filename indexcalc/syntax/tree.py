"""The syntax tree: what was written, with the place of everything.

In: nothing; the parser (of text, or of LaTeX) makes these. Out: plain frozen records, named as the
grammar's rules. Nothing is resolved here: whether `W_out` is one name or three indices,
whether `A^T` is a transpose or `x (y)` a call, is decided in `elaborate`.

Sums and products are flat, so that ten thousand terms are one level deep. Deep brackets make a
deep tree; nobody may walk it by recursion, and the records have no generated `__eq__`,
`__hash__` or `__repr__`, because those would.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from enum import Enum
from fractions import Fraction
from functools import cache

from indexcalc.errors import Span

PLAIN = ("Span", "str", "bool", "int", "Fraction", "tuple[str, ...]", "tuple[int, ...]")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Tree:
    """Anything that was written, with its place."""

    span: Span
    _children: tuple[Tree, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Every step of the reading walks over the tree, so the parts are found once."""
        kind: type = type(self)
        found: list[Tree] = []
        for name in _parts(kind):
            value = getattr(self, name)
            if isinstance(value, Tree):
                found.append(value)
            elif isinstance(value, tuple):
                found += [item for item in value if isinstance(item, Tree)]
        object.__setattr__(self, "_children", tuple(found))

    def children(self) -> tuple[Tree, ...]:
        """The trees directly below, in source order."""
        return self._children

    def __repr__(self) -> str:
        """Show kind and source text, one level only."""
        return f"<{type(self).__name__} {self.span.text[:60]!r}>"


@cache
def _parts(kind: type) -> tuple[str, ...]:
    """The names of the fields that may hold trees."""
    return tuple(part.name for part in fields(kind) if part.init and part.type not in PLAIN)


# --- expressions ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Number(Tree):
    """`2`, `0.5`, `1e-3`: exact."""

    value: Fraction


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Name(Tree):
    """A name as it was typed, without label and indices (`W`, `ŷ`, `lambda`, `W1`, `δ`)."""

    text: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Subscript(Tree):
    """One subscript: `_ij` is `("ij",)` not braced, `_{1,ij}` is `("1", "ij")` braced.

    Braces are split at commas and blanks, and around grouped indices, which keep their
    parentheses: `_{(sr)q}` is `("(sr)", "q")`. Lowered figures and letters are two subscripts:
    `₁ᵢⱼ` is `("1",)` and `("ij",)`.
    """

    items: tuple[str, ...]
    braced: bool


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Subscripted(Tree):
    """Something with one or more subscripts: `W_ij`, `W_1_ij`, `softmax(θ)_i`, `(W^T x)_i`."""

    base: Tree
    subscripts: tuple[Subscript, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Labelled(Tree):
    """A number in parentheses as a superscript: `W^(1)`, `W^{(1)}`."""

    base: Tree
    label: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Primed(Tree):
    """`σ'`, `A'`: a derivative of a function or a transpose; `count` primes.

    `orders` counts derivatives by each argument of a function of several: `g^(1,0)(x, y)`.
    """

    base: Tree
    count: int
    orders: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Transpose(Tree):
    """A transpose that cannot be anything else: `Aᵀ`, `A⊤`. (`A^T` is a `Power`.)"""

    base: Tree


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Power(Tree):
    """`base ^ exponent`; `elementwise` for `.^`. Also `A^T`, `A^-1`, `A^-T`, `x²`, `x⁻¹`."""

    base: Tree
    exponent: Tree
    elementwise: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Bracket(Tree):
    """`( … )`: a scope of its own. The braces of a fraction in LaTeX group, but are no scope."""

    inner: Tree
    is_scope: bool = True


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Iverson(Tree):
    """`[x_i > 0]`: one where the condition holds, else zero."""

    condition: Tree


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Norm(Tree):
    """`‖x‖`, `‖A‖_F`, `‖x‖_1`: `kind` is the text after the underscore, or empty."""

    inner: Tree
    kind: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Absolute(Tree):
    """`|x|`: absolute value."""

    inner: Tree


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Apply(Tree):
    """`head(arguments)`: a call, or a product if `head` turns out to be a tensor.

    `head` is a `Name`, possibly labelled, subscripted (`softmax_i(θ_bi)`) or primed (`σ'(z)`).
    `spaced` tells that blanks stood before the bracket.
    """

    head: Tree
    arguments: tuple[Tree, ...]
    spaced: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Negative(Tree):
    """`-x` (binds looser than a product, tighter than a sum)."""

    inner: Tree


class ProductOperator(Enum):
    """How a factor is joined to what stands before it. The value is its spelling."""

    JUXTAPOSED = " "
    TIMES = "*"
    DIVIDE = "/"
    HADAMARD = "⊙"
    HADAMARD_DIVIDE = "./"
    FROBENIUS = ":"
    KRONECKER = "⊗"
    SMALL_CIRCLE = "∘"
    DOT = "·"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Product(Tree):
    """Two or more factors, left to right; `operators[k]` stands before `factors[k + 1]`."""

    factors: tuple[Tree, ...]
    operators: tuple[ProductOperator, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Sum(Tree):
    """Two or more terms with their signs (+1 or −1); a sign before the first term is one too."""

    terms: tuple[Tree, ...]
    signs: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Comparison(Tree):
    """`left < right` with one of `<  >  <=  >=  ==  !=` (inside `[ ]`, `where`, or a claim)."""

    left: Tree
    operator: str
    right: Tree


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reduction(Tree):
    """`sum_i …`, `Σ_{i,j} …`, `prod max min mean logsumexp`: binds over the product that follows.

    `kind` is one of `sum prod max min mean logsumexp`; `indices` holds the subscripts as typed.
    `extent` is the upper end of the range where LaTeX writes one, `\\sum_{i=1}^{n}`.
    """

    kind: str
    indices: tuple[Subscript, ...]
    body: Tree
    extent: Tree | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Derivative(Tree):
    """`∂²λ/∂W_ij∂W_kl`, `∂(expr)/∂x_i`, `diff(λ, W_ij, W_kl)`.

    `order` is the number after `∂` in the numerator (1 if none was written, 0 for `diff`, which
    has none to disagree with); `variables` has one entry for each `∂…` of the denominator, `∂x_i^2`
    counted twice.
    """

    numerator: Tree
    variables: tuple[Tree, ...]
    order: int


# --- statements -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Declared(Tree):
    """One declared name with its extents, each an expression tree (`m`, `3`, `m-1`, `p*n`)."""

    name: Tree
    extents: tuple[Tree, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Declaration(Tree):
    """`W[m, n], x[n] positive`, `W ∈ ℝ^{m×n}`; `traits` hold for all names of the list."""

    names: tuple[Declared, ...]
    traits: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Definition(Tree):
    """`a_i = W_ji x_j + b_i`, `a = W^T x + b`."""

    target: Tree
    value: Tree


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Restated(Definition):
    """The definition in `z = W x ⟹ dz = W dx`; where `z` is defined already, it claims the same."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FunctionDefinition(Tree):
    """`σ(z) = 1/(1 + exp(-z))`: one or more parameters, a body in them and constants only."""

    name: Tree
    parameters: tuple[Name, ...]
    body: Tree


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Assumption(Tree):
    """`assume sum_i p_i == 1`."""

    left: Tree
    right: Tree


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Query(Tree):
    """An expression that stands alone."""

    value: Tree


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Claim(Tree):
    """`a == b`, or a chain `a == b == c`."""

    sides: tuple[Tree, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Directive(Tree):
    """`notation: householder`."""

    key: str
    value: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Program(Tree):
    """All statements, in source order."""

    statements: tuple[Tree, ...]
