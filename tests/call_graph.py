"""Who calls whom in a package, read from its source, as far as names and annotations tell.

In: a package's folder. Out: a mapping from each function to the functions that it calls. A call
is resolved if it is by a name of the module or an imported one, by a method of `self` or `cls`,
or by a method of a parameter, local variable or field whose annotation is a class of the package.
What a caller hands over as a value (a rule, a callback) is not a call.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTION_NODES = (ast.FunctionDef, ast.AsyncFunctionDef)
SCOPES = (*FUNCTION_NODES, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True)
class Function:
    """A function or method: where it stands and what its names mean there."""

    name: str  # dotted: module, enclosing classes and functions, own name
    node: FunctionNode
    owner: str  # dotted name of the class it is a method of, or ""


@dataclass
class CallGraph:
    """All functions of a package with their calls."""

    functions: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    imports: dict[str, dict[str, str]] = field(default_factory=dict)
    calls: dict[str, set[str]] = field(default_factory=dict)

    def cycles(self) -> list[list[str]]:
        """Each group of functions that reach one another, a function that calls itself included."""
        order = _finishing_order(self.calls)
        callers: dict[str, set[str]] = {name: set() for name in self.calls}
        for name, targets in self.calls.items():
            for target in targets:
                callers[target].add(name)
        groups, seen = [], set[str]()
        for root in reversed(order):
            group = _reachable(root, callers, seen)
            if len(group) > 1 or (group and root in self.calls[root]):
                groups.append(sorted(group))
        return groups


def _finishing_order(edges: dict[str, set[str]]) -> list[str]:
    order: list[str] = []
    seen: set[str] = set()
    for root, targets in edges.items():
        stack = [] if root in seen else [(root, iter(sorted(targets)))]
        seen.add(root)
        while stack:
            name, rest = stack[-1]
            following = next((target for target in rest if target not in seen), None)
            if following is None:
                order.append(name)
                stack.pop()
            else:
                seen.add(following)
                stack.append((following, iter(sorted(edges[following]))))
    return order


def _reachable(root: str, edges: dict[str, set[str]], seen: set[str]) -> list[str]:
    group, stack = [], [root]
    while stack:
        name = stack.pop()
        if name not in seen:
            seen.add(name)
            group.append(name)
            stack.extend(sorted(edges[name]))
    return group


def of_package(folder: Path) -> CallGraph:
    """Read all modules below `folder` and resolve the calls in them."""
    graph = CallGraph()
    for path in sorted(folder.rglob("*.py")):
        relative = path.relative_to(folder.parent).with_suffix("")
        module = ".".join(relative.parts).removesuffix(".__init__")
        tree = ast.parse(path.read_text(encoding="utf-8"))
        graph.imports[module] = dict(_imported_names(tree))
        _collect(graph, module, tree)
    for function in graph.functions.values():
        graph.calls[function.name] = set(_called(graph, function))
    return graph


def _imported_names(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    yield alias.asname, alias.name


def _collect(graph: CallGraph, module: str, tree: ast.Module) -> None:
    stack: list[tuple[ast.AST, str, str]] = [(tree, module, "")]
    while stack:
        node, prefix, owner = stack.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, FUNCTION_NODES):
                name = f"{prefix}.{child.name}"
                graph.functions[name] = Function(name, child, owner)
                stack.append((child, name, ""))
            elif isinstance(child, ast.ClassDef):
                name = f"{prefix}.{child.name}"
                graph.classes[name] = child
                stack.append((child, name, name))
            else:
                stack.append((child, prefix, owner))


def _called(graph: CallGraph, function: Function) -> Iterator[str]:
    kinds = _annotated(graph, function)
    for node in _own_nodes(function.node):
        if isinstance(node, ast.Call):
            target = _target(graph, function, kinds, node.func)
            if target in graph.functions:
                yield target
            elif target in graph.classes:
                for method in ("__init__", "__post_init__", "__new__"):
                    found = _method(graph, target, method)
                    if found:
                        yield found


def _own_nodes(node: FunctionNode) -> Iterator[ast.AST]:
    """All nodes of a function's body, without the bodies of functions defined inside it."""
    stack: list[ast.AST] = list(node.body)
    while stack:
        current = stack.pop()
        yield current
        if not isinstance(current, (*FUNCTION_NODES, ast.ClassDef)):
            stack.extend(ast.iter_child_nodes(current))


def _target(
    graph: CallGraph, function: Function, kinds: dict[str, str], called: ast.expr
) -> str | None:
    if isinstance(called, ast.Name):
        return _resolve(graph, function.name, called.id)
    if not isinstance(called, ast.Attribute):
        return None
    receiver = called.value
    owner = None
    if isinstance(receiver, ast.Name):
        owner = kinds.get(receiver.id) or _resolve(graph, function.name, receiver.id)
    elif isinstance(receiver, ast.Attribute) and isinstance(receiver.value, ast.Name):
        outer = kinds.get(receiver.value.id)
        owner = _field_kind(graph, outer, receiver.attr) if outer else None
    if owner is None:
        return None
    if owner in graph.classes:
        return _method(graph, owner, called.attr)
    return f"{owner}.{called.attr}"


def _resolve(graph: CallGraph, place: str, name: str) -> str | None:
    """The dotted name that `name` has inside the function or module `place`."""
    scope = place
    while scope:
        if scope not in graph.classes:
            candidate = f"{scope}.{name}"
            if candidate in graph.functions or candidate in graph.classes:
                return candidate
        if scope in graph.imports:
            return graph.imports[scope].get(name)
        scope = scope.rpartition(".")[0]
    return None


def _method(graph: CallGraph, owner: str, name: str) -> str | None:
    """The method `name` of a class or of the first of its bases in the package that has it."""
    queue, seen = [owner], set[str]()
    while queue:
        current = queue.pop(0)
        if f"{current}.{name}" in graph.functions:
            return f"{current}.{name}"
        seen.add(current)
        for base in graph.classes[current].bases:
            found = _resolve(graph, current.rpartition(".")[0], ast.unparse(base))
            if found in graph.classes and found not in seen:
                queue.append(found)
    return None


def _annotated(graph: CallGraph, function: Function) -> dict[str, str]:
    """The classes of the package that the parameters and annotated variables hold."""
    arguments = function.node.args
    parameters = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    pairs = [(item.arg, item.annotation) for item in parameters]
    pairs += [
        (node.target.id, node.annotation)
        for node in _own_nodes(function.node)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    ]
    kinds = {}
    for name, annotation in pairs:
        found = _annotation_kind(graph, function.name, annotation)
        if found:
            kinds[name] = found
    if function.owner and parameters:
        kinds[parameters[0].arg] = function.owner
    return kinds


def _annotation_kind(graph: CallGraph, place: str, annotation: ast.expr | None) -> str | None:
    text = ast.unparse(annotation).strip("'\"") if annotation else ""
    found = _resolve(graph, place, text.removesuffix(" | None"))
    return found if found in graph.classes else None


def _field_kind(graph: CallGraph, owner: str, attribute: str) -> str | None:
    for node in graph.classes[owner].body:
        match node:
            case ast.AnnAssign(target=ast.Name(id=name)) if name == attribute:
                return _annotation_kind(graph, owner.rpartition(".")[0], node.annotation)
    return None
