"""Colours on a terminal, and never where nobody sees them."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout

import pytest

from indexcalc.cli import main
from indexcalc.cli.failure import told
from indexcalc.cli.terminal import terminal
from indexcalc.errors import IndexNotationError, Mark, Source, Span

ESCAPE = re.compile(r"\x1b\[\d+m")
NETWORK = (
    "W[m,n], x[n], b[m], w[m]; z_i = W_ij x_j + b_i; f = log(1 + exp(-y w_i σ(z_i)));"
    "∂f/∂W_ij; ∂²f/∂x_i∂x_j"
)


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    made = Screen()
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    return made


def shown_on(screen: Screen, arguments: list[str]) -> str:
    """What a command shows on a screen that was empty."""
    screen.truncate(0)
    screen.seek(0)
    with redirect_stdout(screen):
        main(arguments)
    return screen.getvalue()


@pytest.mark.parametrize(
    ("environment", "on_terminal", "in_pipe"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"TERM": "dumb"}, False, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "0"}, True, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True, True),
    ],
)
def test_who_gets_colours(
    environment: dict[str, str],
    on_terminal: bool,
    in_pipe: bool,
    screen: Screen,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert terminal(screen).colours is on_terminal
    assert terminal(io.StringIO()).colours is in_pipe
    assert (terminal(screen).width, terminal(io.StringIO()).width) == (60, None)


def test_a_narrow_terminal_breaks_lines_and_a_pipe_does_not(
    screen: Screen, capsys: pytest.CaptureFixture[str]
) -> None:
    narrow = ESCAPE.sub("", shown_on(screen, ["derive", NETWORK]))
    assert max(map(len, narrow.splitlines())) <= 60
    assert main(["derive", NETWORK]) == 0
    wide = capsys.readouterr().out
    assert len(wide.splitlines()) == 2
    assert "\x1b" not in wide
    assert narrow.split() == wide.split()


def test_colours_change_nothing_else(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    for form in ("index", "matrix", "vec", "latex", "all"):
        for extra in ([], ["--steps"], ["--explain"]):
            arguments = ["derive", NETWORK, "∂f/∂W_ij", "--form", form, *extra]
            shown = []
            for forbidden in ("", "1"):
                monkeypatch.setenv("NO_COLOR", forbidden)
                shown.append(shown_on(screen, arguments))
            assert ESCAPE.sub("", shown[0]) == shown[1]
            assert ("\x1b" in shown[0]) is (
                form != "latex" or bool(extra and extra[0] == "--explain")
            )


def test_indices_names_and_remarks_have_colours(screen: Screen) -> None:
    shown = shown_on(screen, ["derive", "x[n]; σ(z) = z^3", "∂σ(x_i)/∂x_j"])
    assert shown.count("\x1b[36m_") >= 4
    assert re.search(r"\x1b\[2m +# axes", shown)


def test_an_answer_has_its_colour(screen: Screen) -> None:
    shown = shown_on(screen, ["check", "x[n]; f = x^T x", "∂f/∂x == 2 x", "∂f/∂x == x"])
    assert "\x1b[32mproved\x1b[0m" in shown
    assert "\x1b[31mdiffers\x1b[0m" in shown
    assert shown.endswith("1 of 2 claims hold\n")


def test_a_long_chain_has_its_links_below_each_other(screen: Screen) -> None:
    claim = "∂f/∂x_i == A_ij x_j + A_ji x_j == x_j (A_ij + A_ji) == A_ji x_j + A_ij x_j"
    shown = ESCAPE.sub("", shown_on(screen, ["check", "A[n, n], x[n]; f = x^T A x", claim]))
    assert shown.splitlines()[:4] == [
        "∂f/∂x_i", "  == A_ij x_j + A_ji x_j", "  == x_j (A_ij + A_ji)", "  == A_ji x_j + A_ij x_j",
    ]  # fmt: skip


def test_an_error_on_a_terminal_has_a_red_caret() -> None:
    source = Source("f = log(y_i)")
    error = IndexNotationError("index i is free", Mark(Span(source, 8, 11)), hint="write  sum_i")
    coloured = told(error, colours=True)
    assert "\x1b[31m            ^^^\x1b[0m" in coloured
    assert "\x1b[32m  write  sum_i\x1b[0m" in coloured
    assert ESCAPE.sub("", coloured) == told(error, colours=False)
