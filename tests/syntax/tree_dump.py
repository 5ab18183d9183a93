"""A syntax tree on one line, so that golden cases can be read.

Products stand in `{ }`, sums in `< >`, brackets that were written in `( )`, all else in `[ ]`;
a call is `f@(x)`, `f@ (x)` with a blank before its bracket.
"""

from __future__ import annotations

from indexcalc.syntax import tree
from indexcalc.syntax.tree import Tree


def dump(node: Tree) -> str:
    """`node` on one line; a program has one line for each statement."""
    match node:
        case tree.Program():
            return "\n".join(statement(part) for part in node.statements)
        case tree.Query() | tree.Definition() | tree.FunctionDefinition() | tree.Claim():
            return statement(node)
        case tree.Declaration() | tree.Assumption() | tree.Directive():
            return statement(node)
        case _:
            return expression(node)


def statement(node: Tree) -> str:
    match node:
        case tree.Query():
            return f"query {expression(node.value)}"
        case tree.Definition():
            return f"define {expression(node.target)} = {expression(node.value)}"
        case tree.FunctionDefinition():
            return (
                f"function {expression(node.name)} of {several(node.parameters)} = "
                + expression(node.body)
            )
        case tree.Claim():
            return "claim " + " == ".join(expression(side) for side in node.sides)
        case tree.Assumption():
            return f"assume {expression(node.left)} == {expression(node.right)}"
        case tree.Directive():
            return f"set {node.key} to {node.value}"
        case tree.Declaration():
            names = ", ".join(
                f"{expression(part.name)}[{several(part.extents)}]" for part in node.names
            )
            return " ".join(["declare", names, *node.traits])
        case _:
            raise AssertionError(node)


def several(nodes: tuple[Tree, ...]) -> str:
    return ", ".join(expression(node) for node in nodes)


def subscript(node: tree.Subscript) -> str:
    return "_{" + ",".join(node.items) + "}" if node.braced else "_" + ",".join(node.items)


def expression(node: Tree) -> str:
    match node:
        case tree.Number():
            return str(node.value)
        case tree.Name():
            return node.text
        case tree.Subscripted():
            return expression(node.base) + "".join(map(subscript, node.subscripts))
        case tree.Labelled():
            return f"{expression(node.base)}^({node.label})"
        case tree.Primed():
            orders = f"^{node.orders}".replace(" ", "") if node.orders else ""
            return expression(node.base) + (orders or "'" * node.count)
        case tree.Transpose():
            return f"[transpose {expression(node.base)}]"
        case tree.Power():
            sign = ".^" if node.elementwise else "^"
            return f"[{expression(node.base)} {sign} {expression(node.exponent)}]"
        case tree.Bracket():
            return f"({expression(node.inner)})"
        case _:
            return compound(node)


def compound(node: Tree) -> str:
    match node:
        case tree.Product():
            text = expression(node.factors[0])
            for operator, factor in zip(node.operators, node.factors[1:], strict=True):
                text += f" {operator.value} ".replace("   ", " ") + expression(factor)
            return "{" + text + "}"
        case tree.Sum():
            text = ("-" if node.signs[0] < 0 else "") + expression(node.terms[0])
            for sign, term in zip(node.signs[1:], node.terms[1:], strict=True):
                text += (" - " if sign < 0 else " + ") + expression(term)
            return f"<{text}>"
        case tree.Reduction():
            return f"[{node.kind}{''.join(map(subscript, node.indices))} {expression(node.body)}]"
        case tree.Derivative():
            return f"[∂{node.order} {expression(node.numerator)} by {several(node.variables)}]"
        case tree.Negative():
            return f"-{expression(node.inner)}"
        case tree.Apply():
            return f"{expression(node.head)}@{' ' * node.spaced}({several(node.arguments)})"
        case _:
            return enclosed(node)


def enclosed(node: Tree) -> str:
    match node:
        case tree.Norm():
            return f"[norm{node.kind and ' ' + node.kind} {expression(node.inner)}]"
        case tree.Absolute():
            return f"[absolute {expression(node.inner)}]"
        case tree.Iverson():
            return f"[if {expression(node.condition)}]"
        case tree.Comparison():
            return f"{expression(node.left)} {node.operator} {expression(node.right)}"
        case _:
            raise AssertionError(node)
