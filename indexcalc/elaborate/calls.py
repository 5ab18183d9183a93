"""Calls and products: `f(x)` is a call if `f` is a function, a product if it is a tensor.

In: a tree as it was parsed, where every name before a bracket looks like a call. Out: the tree in
which an `Apply` is a call. What hung on the bracket (a power, an index) moves to the bracket
alone: `a (x)^2` is `a` times `(x)^2`.

>>> from indexcalc.errors import Source
>>> from indexcalc.syntax.parser import parse_query
>>> query = parse_query(Source("2 a (x_i)^2 b_i")).value
>>> [part.span.text for part in separate(query, lambda call: False).factors]
['2', 'a', '(x_i)^2', 'b_i']
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

from indexcalc.errors import FormulaSyntaxError, Mark, Span
from indexcalc.syntax import factors, tree
from indexcalc.syntax.tree import ProductOperator, Tree

Marking = tree.Power | tree.Subscripted | tree.Labelled | tree.Primed | tree.Transpose


def postorder(root: Tree) -> list[Tree]:
    """All trees at and below `root`, parts before wholes."""
    order: list[Tree] = []
    stack = [root]
    while stack:
        node = stack.pop()
        order.append(node)
        stack.extend(node.children())
    order.reverse()
    return order


def separate(root: Tree, is_call: Callable[[tree.Apply], bool]) -> Tree:
    """Turn every `Apply` that is no call into a product.

    Raises `FormulaSyntaxError` for a tensor with several arguments, and for `1/a (b)`.
    """
    order = postorder(root)
    if not any(isinstance(node, tree.Apply) and not is_call(node) for node in order):
        return root
    pass_ = _Separation(is_call)
    for node in order:
        pass_.made[node] = pass_.separated(node)
    return pass_.made[root]


class _Separation:
    def __init__(self, is_call: Callable[[tree.Apply], bool]) -> None:
        self.is_call = is_call
        self.made: dict[Tree, Tree] = {}
        self.opened: set[Tree] = set()  # products that were written as calls

    def separated(self, node: Tree) -> Tree:
        new = self.rebuilt(node)
        if isinstance(node, tree.Apply) and isinstance(new, tree.Apply):
            return new if self.is_call(node) else self.open(_as_product(new))
        if isinstance(new, tree.Product):
            return self.spliced(new)
        if isinstance(new, Marking) and new.base in self.opened:
            return self.open(_moved(new))
        if isinstance(new, tree.Power) and new.exponent in self.opened and not _braced(new):
            return self.open(_exponent_closed(new))
        return new

    def rebuilt(self, node: Tree) -> Tree:
        changes: dict[str, Tree | tuple[Tree, ...]] = {}
        for field in (part for part in fields(node) if part.init):
            value = getattr(node, field.name)
            if isinstance(value, Tree):
                if self.made[value] is not value:
                    changes[field.name] = self.made[value]
            elif isinstance(value, tuple) and value and isinstance(value[0], Tree):
                new = tuple(self.made[item] for item in value)
                if any(a is not b for a, b in zip(new, value, strict=True)):
                    changes[field.name] = new
        return replace(node, **changes) if changes else node  # type: ignore[arg-type]

    def open(self, product: tree.Product) -> tree.Product:
        self.opened.add(product)
        return product

    def spliced(self, product: tree.Product) -> Tree:
        """The product with the factors of opened calls among its own."""
        if not any(factor in self.opened for factor in product.factors):
            return product
        parts: list[Tree] = []
        operators: list[ProductOperator] = []
        for factor, operator in zip(product.factors, (None, *product.operators), strict=True):
            if operator is not None:
                operators.append(operator)
            if factor in self.opened and isinstance(factor, tree.Product):
                parts += factor.factors
                operators += factor.operators
            else:
                parts.append(factor)
        return replace(factors.product(tuple(parts), tuple(operators)), span=product.span)


def _as_product(call: tree.Apply) -> tree.Product:
    if len(call.arguments) != 1:
        raise FormulaSyntaxError(
            f"{call.head.span.text} is a tensor here, not a function of {len(call.arguments)} "
            "arguments",
            Mark(call.span),
            hint="give the function another name, or put indices on the tensor",
        )
    span = Span(call.span.source, call.head.span.end, call.span.end)
    blanks = len(span.text) - len(span.text.lstrip())
    bracket = tree.Bracket(Span(span.source, span.start + blanks, span.end), call.arguments[0])
    return tree.Product(call.span, (call.head, bracket), (ProductOperator.JUXTAPOSED,))


def _moved(node: Marking) -> tree.Product:
    """`(a b)_i` or `(a b)^2`, made from `a (b)` with a mark on the bracket, as `a (b)^2`."""
    product = node.base
    assert isinstance(product, tree.Product)
    last = product.factors[-1]
    marked = replace(node, base=last, span=replace(last.span, end=node.span.end))
    return replace(product, span=node.span, factors=(*product.factors[:-1], marked))


def _exponent_closed(node: tree.Power) -> tree.Product:
    """`x^a (b)` with a tensor `a`: the bracket is a factor, not part of the exponent."""
    product = node.exponent
    assert isinstance(product, tree.Product)
    first = product.factors[0]
    raised = replace(node, exponent=first, span=node.base.span.to(first.span))
    return replace(product, span=node.span, factors=(raised, *product.factors[1:]))


def _braced(node: tree.Power) -> bool:
    between = Span(node.span.source, node.base.span.end, node.exponent.span.start)
    return "{" in between.text
