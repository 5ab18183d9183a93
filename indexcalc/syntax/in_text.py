"""A syntax tree in text notation.

In: the tree of an expression or a claim, from a text or from LaTeX. Out: a text that is read as the
same tree, up to brackets: what LaTeX shows by a fraction stands in brackets where it has to.

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_program
>>> text = Source(r"d\\lambda = e^{-\\lambda} \\frac{\\partial\\alpha}{\\partial W_{ij}}\\,dW_{ij}")
>>> in_text(parse_program(text, notation="latex").statements[0])
'dλ == e^{-λ} (∂α/∂W_ij) dW_ij'
"""

from __future__ import annotations

from fractions import Fraction

from indexcalc.syntax import tree
from indexcalc.syntax.factors import DIVISIONS
from indexcalc.syntax.tree import ProductOperator, Tree

SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
OPERATORS = {
    ProductOperator.JUXTAPOSED: " ", ProductOperator.TIMES: " * ", ProductOperator.DIVIDE: "/",
    ProductOperator.HADAMARD: " ⊙ ", ProductOperator.HADAMARD_DIVIDE: " ./ ",
    ProductOperator.FROBENIUS: " : ", ProductOperator.KRONECKER: " ⊗ ",
    ProductOperator.SMALL_CIRCLE: " ∘ ", ProductOperator.DOT: " · ",
}  # fmt: skip
Named = tree.Name | tree.Subscripted | tree.Labelled | tree.Primed
Atom = Named | tree.Number | tree.Apply | tree.Norm | tree.Absolute | tree.Iverson
Closed = Atom | tree.Bracket | tree.Power | tree.Transpose


def in_text(root: Tree) -> str:
    """The text of a tree."""
    order: list[Tree] = []
    stack = [root]
    while stack:
        node = stack.pop()
        order.append(node)
        stack.extend(node.children())
    writer = _Writer()
    for node in reversed(order):
        writer.texts[node] = writer.text(node)
    return writer.texts[root]


class _Writer:
    """`texts` has the text of each part, as a factor of a product."""

    def __init__(self) -> None:
        self.texts: dict[Tree, str] = {}

    def alone(self, node: Tree) -> str:
        """The text of what stands alone: the braces of a fraction are not seen."""
        while isinstance(node, tree.Bracket) and not node.is_scope:
            node = node.inner
        return self.texts[node]

    def text(self, node: Tree) -> str:
        match node:
            case tree.Number():
                return _number(node.value)
            case tree.Name():
                return node.text
            case tree.Subscript():
                return _subscript(node)
            case tree.Negative():
                return f"-{self.alone(node.inner)}"
            case tree.Product():
                return self.product(node)
            case tree.Sum():
                return self.sum(node)
            case tree.Reduction():
                return self.reduction(node)
            case tree.Derivative():
                return self.derivative(node)
            case tree.Claim():
                return " == ".join(self.alone(side) for side in node.sides)
            case _:
                return self.marked(node)

    def marked(self, node: Tree) -> str:
        match node:
            case tree.Subscripted():
                return self.texts[node.base] + "".join(self.texts[s] for s in node.subscripts)
            case tree.Labelled():
                return f"{self.texts[node.base]}^({node.label})"
            case tree.Primed():
                orders = f"^({','.join(map(str, node.orders))})" if node.orders else ""
                return self.texts[node.base] + (orders or "'" * node.count)
            case tree.Transpose():
                inverse = isinstance(node.base, tree.Power)
                return self.texts[node.base].removesuffix("^-1") + ("⁻ᵀ" if inverse else "ᵀ")
            case tree.Power():
                return self.power(node)
            case _:
                return self.enclosed(node)

    def enclosed(self, node: Tree) -> str:
        match node:
            case tree.Bracket():
                bare = not node.is_scope and isinstance(node.inner, Closed)
                return self.texts[node.inner] if bare else f"({self.alone(node.inner)})"
            case tree.Iverson():
                return f"[{self.texts[node.condition]}]"
            case tree.Norm():
                kind = f"_{node.kind}" if node.kind else ""
                return f"‖{self.alone(node.inner)}‖{kind}"
            case tree.Absolute():
                inner = self.alone(node.inner)
                return f"| {inner}|" if inner.startswith("|") else f"|{inner}|"
            case tree.Apply():
                blank = " " * node.spaced
                arguments = ", ".join(self.alone(argument) for argument in node.arguments)
                return f"{self.texts[node.head]}{blank}({arguments})"
            case tree.Comparison():
                return f"{self.alone(node.left)} {node.operator} {self.alone(node.right)}"
            case _:
                return " ".join(node.span.text.split())

    # --- sums and products --------------------------------------------------------------------

    def sum(self, node: tree.Sum) -> str:
        text = ""
        for sign, term in zip(node.signs, node.terms, strict=True):
            joint = " - " if sign < 0 else " + "
            text += (joint if text else joint.strip(" +")) + self.alone(term)
        return text

    def product(self, node: tree.Product) -> str:
        """Factors from left to right; a name before a bracket is no function here."""
        text = self.first(node)
        for position, (operator, factor) in enumerate(
            zip(node.operators, node.factors[1:], strict=True), 1
        ):
            joint = OPERATORS[operator]
            added = self.texts[factor]
            if operator in DIVISIONS:
                added = self.below(factor)
            elif operator is ProductOperator.JUXTAPOSED:
                if position == len(node.factors) - 1 and _joins(factor):
                    added = self.alone(factor)
                if added.startswith("(") and isinstance(node.factors[position - 1], Named):
                    joint = OPERATORS[ProductOperator.TIMES]
            text += joint + added
        return text

    def first(self, node: tree.Product) -> str:
        """The first factor: the numerator of a fraction, or a fraction that is a number."""
        factor = node.factors[0]
        inner = factor.inner if isinstance(factor, tree.Bracket) else factor
        number = isinstance(inner, tree.Product) and all(
            part.replace(".", "").isdigit() for part in self.texts[inner].split("/")
        )
        if isinstance(factor, tree.Bracket) and not factor.is_scope:
            divided = node.operators[0] is ProductOperator.DIVIDE
            if number or (divided and isinstance(inner, tree.Product | tree.Negative)):
                return self.alone(factor)
        return self.texts[factor]

    def below(self, factor: Tree) -> str:
        """A denominator."""
        text = self.texts[factor]
        return text if isinstance(factor, Closed) else f"({text})"

    def power(self, node: tree.Power) -> str:
        sign, exponent = ".^" if node.elementwise else "^", self.texts[node.exponent]
        inner = node.exponent.inner if isinstance(node.exponent, tree.Negative) else node.exponent
        plain = isinstance(inner, tree.Number) or exponent in {"T", "-T"}
        closed = inner is node.exponent and isinstance(inner, tree.Name | tree.Bracket)
        if not (plain or (closed and not exponent.startswith("T"))):
            exponent = f"{{{exponent}}}"
        return f"{self.texts[node.base]}{sign}{exponent}"

    # --- sum signs and derivatives --------------------------------------------------------------

    def reduction(self, node: tree.Reduction) -> str:
        indices = "".join(self.texts[subscript] for subscript in node.indices)
        body = self.alone(node.body)
        if isinstance(node.body, tree.Sum | tree.Negative):
            body = f"({body})"
        return f"{node.kind}{indices} {body}"

    def derivative(self, node: tree.Derivative) -> str:
        variables = [self.texts[variable] for variable in node.variables]
        above = self.alone(node.numerator)
        if not node.order:
            return f"diff({', '.join([above, *variables])})"
        numerator = node.numerator
        while isinstance(numerator, tree.Bracket) and not numerator.is_scope:
            numerator = numerator.inner
        if not isinstance(numerator, Atom | tree.Bracket):
            above = f"({above})"
        order = str(node.order).translate(SUPERSCRIPTS) if node.order > 1 else ""
        return f"∂{order}{above}/" + "".join(f"∂{variable}" for variable in variables)


def _joins(factor: Tree) -> bool:
    """Whether a last factor is a fraction that needs no brackets."""
    inner = factor.inner if isinstance(factor, tree.Bracket) and not factor.is_scope else None
    if not isinstance(inner, tree.Product):
        return False
    above = inner.factors[0]
    return not (isinstance(above, tree.Bracket) and isinstance(above.inner, tree.Negative))


def _number(value: Fraction) -> str:
    """A number that was written with figures."""
    if value.denominator == 1:
        return str(value.numerator)
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    figures = str(value.numerator * 10**places // value.denominator).rjust(places + 1, "0")
    return f"{figures[:-places]}.{figures[-places:]}"


def _subscript(node: tree.Subscript) -> str:
    text = ",".join(node.items)
    plain = len(node.items) == 1 and (text.isalpha() or text.isdigit() or text == "∞")
    return f"_{text}" if plain else f"_{{{text}}}"
