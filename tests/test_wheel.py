"""The wheel works outside the checkout: the grammar travels with it, and so do the types."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SESSION = """
import pathlib
import numpy as np
import indexcalc as ic

assert pathlib.Path(ic.__file__).is_relative_to(pathlib.Path.cwd()), ic.__file__
W, x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.array([1.0, 0.0, -1.0])
print(ic.evaluate("y_i = W_ij x_j", W=W, x=x).tolist())
print(ic.Program("f = W_ij x_j W_ik x_k")["∂f/∂x_l"](W=W, x=x).tolist())
"""


def run(*arguments: str | Path, cwd: Path, **environment: str) -> str:
    command = [sys.executable, "-X", "utf8", *map(str, arguments)]
    done = subprocess.run(
        command, cwd=cwd, env=environment or None, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run("-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (built,) = folder.glob("indexcalc-*.whl")
    return built


def test_the_wheel_holds_the_package_the_grammar_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"indexcalc"}
    for grammar in (ROOT / "grammar").glob("*.lark"):
        assert f"indexcalc/_grammar/{grammar.name}" in names
    assert {"indexcalc/py.typed", "indexcalc/_grammar/indexcalc.lark"} <= set(names)


def test_an_installed_wheel_parses_and_evaluates_outside_the_checkout(
    wheel: Path, tmp_path: Path
) -> None:
    run(
        "-m", "pip", "install", "-q", "--no-deps", "--target", tmp_path / "lib", wheel, cwd=tmp_path
    )
    here = {"PYTHONPATH": str(tmp_path / "lib")}
    printed = run("-c", SESSION, cwd=tmp_path, **here)
    assert printed.splitlines() == ["[-2.0, -2.0]", "[-20.0, -28.0, -36.0]"]
    told = run("-m", "indexcalc.cli", "derive", "f = x_i x_i", "∂f/∂x_j", cwd=tmp_path, **here)
    assert "x_j" in told
