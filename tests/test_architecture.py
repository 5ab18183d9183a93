"""The rules of the code base that can be read from its source."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from tests import call_graph

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "indexcalc"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST_FILE = 400
LONGEST_FUNCTION = 40
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "base", "stage1"}
PUBLIC_NAMES = {
    *("Program", "Formula", "Function", "Variable", "evaluate", "derive"),
    *("FormulaError", "FormulaSyntaxError", "IndexNotationError", "ShapeError"),
    *("UnknownNameError", "DifferentiationError", "LimitError", "EvaluationError"),
}
# Modules that may import NumPy: what runs code, what is run, and what stands above them.
NUMPY_USERS = {
    "oneshot",
    "cli.evaluate",
    "interpret",
    "objective",
    "structured.assembly",
    "structured.iteration",
    "structured.kronecker",
    "structured.linear_operator",
    "structured.matrices",
    "structured.operations",
    "structured.result",
    "codegen.arguments",
    "codegen.run",
}


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def functions_of(path: Path) -> list[call_graph.FunctionNode]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, call_graph.FUNCTION_NODES)]


def length_without_docstring(function: call_graph.FunctionNode) -> int:
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function, clean=False) is not None:
        docstring = function.body[0]
        lines -= (docstring.end_lineno or docstring.lineno) - docstring.lineno + 1
    return lines


def imported_packages(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_public_names_are_pinned_and_importable() -> None:
    package = importlib.import_module("indexcalc")
    assert set(package.__all__) >= PUBLIC_NAMES
    missing = [name for name in package.__all__ if not hasattr(package, name)]
    assert not missing
    assert len(package.__all__) == len(set(package.__all__))


def test_no_function_of_the_package_calls_itself() -> None:
    graph = call_graph.of_package(PACKAGE)
    assert len(graph.functions) > 20
    assert graph.cycles() == []


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_files_and_functions_are_short(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST_FILE
    too_long = {
        function.name: length
        for function in functions_of(path)
        if (length := length_without_docstring(function)) > LONGEST_FUNCTION
    }
    assert not too_long


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_files_are_named_by_what_they_hold(path: Path) -> None:
    assert path.stem not in VAGUE_NAMES
    text = path.read_text(encoding="utf-8")
    assert not text or ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_heavy_packages_stay_behind_their_boundaries(path: Path) -> None:
    imported = imported_packages(path)
    assert "lark" not in imported or dotted(path).startswith("syntax.")
    claims = dotted(path).startswith("claims.")  # tried out at points, not only proved
    assert "numpy" not in imported or dotted(path) in NUMPY_USERS or claims
    assert "scipy" not in imported or dotted(path) == "structured.linear_operator"
    assert not imported & {"jax", "torch", "sympy"}


def test_import_contracts_hold() -> None:
    run = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_generated_output_does_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(
        "import indexcalc as ic\n"
        "p = ic.Program('z_i = W_ij x_j + b_i\\nf = log(1 + exp(-y w_i tanh(z_i)))')\n"
        "query = '∂²f/∂W_ij∂W_kl'\n"
        "print(p.explain(), p[query], p.compile('f', '∂f/∂W_ij', query).source)\n",
        encoding="utf-8",
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-X", "utf8", str(script)],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


SAMPLE = '''
"""A module that breaks the rule in each way that is looked for."""
from __future__ import annotations

def alone(n): return alone(n - 1)
def even(n): return n == 0 or odd(n - 1)
def odd(n): return n != 0 and even(n - 1)
def fine(n): return max(alone, n)
def outer(n):
    def inner(m): return inner(m)
    return inner

class Node:
    left: Node
    def depth(self): return 1 + self.left.depth()
    def walk(self): return self.step()
    def step(self): return self.walk()
    def other(self, other: Node): return other.other(self)
    def quiet(self): return self.left
'''


def test_the_call_graph_sees_each_kind_of_recursion(tmp_path: Path) -> None:
    folder = tmp_path / "sample"
    folder.mkdir()
    (folder / "__init__.py").write_text("", encoding="utf-8")
    (folder / "first.py").write_text(SAMPLE, encoding="utf-8")
    (folder / "second.py").write_text(
        "from sample.third import pong\ndef ping(): return pong()\n", encoding="utf-8"
    )
    (folder / "third.py").write_text(
        "from sample import second\ndef pong(): return second.ping()\n", encoding="utf-8"
    )
    cycles = {tuple(group) for group in call_graph.of_package(folder).cycles()}
    assert cycles == {
        ("sample.first.alone",),
        ("sample.first.even", "sample.first.odd"),
        ("sample.first.outer.inner",),
        ("sample.first.Node.depth",),
        ("sample.first.Node.step", "sample.first.Node.walk"),
        ("sample.first.Node.other",),
        ("sample.second.ping", "sample.third.pong"),
    }
