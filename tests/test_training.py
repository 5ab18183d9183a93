"""The example that trains on digits does what it says, on few of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from examples.newton_cg import train


@pytest.mark.parametrize("model", ["regression", "network"])
def test_products_agree_with_differences_of_the_gradient(model: str) -> None:
    training, _ = train.digits(40)
    _, objective, start = train.problem(model, training)
    rng = np.random.default_rng(3)
    point, direction = start + 0.1 * rng.normal(size=start.size), rng.normal(size=start.size)
    step = 1e-6 * direction
    expected = (objective.jac(point + step) - objective.jac(point - step)) / 2e-6
    np.testing.assert_allclose(objective.hessp(point, direction), expected, rtol=1e-5, atol=1e-8)


def test_all_methods_find_the_one_minimum_of_the_regression() -> None:
    training, test = train.digits(240)
    program, objective, start = train.problem("regression", training)
    courses = [train.run(method, objective, start) for method in train.METHODS]
    least = train.polished(objective, courses[1].points[-1])
    for course in courses:
        assert course.losses[-1] == pytest.approx(least, rel=1e-8)
        assert course.slopes[-1] < 1e-6 * course.slopes[0]
        assert train.accuracy(program, objective, course.points[-1], test) > 0.8
    newton, _, other = courses
    assert len(newton.points) < 30 < len(other.points)
    assert newton.products > 0 == other.products


@pytest.mark.parametrize("model", ["regression", "network"])
def test_it_reports_and_draws(
    model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    few = {method: {**chosen, "maxiter": 8} for method, chosen in train.OPTIONS.items()}
    monkeypatch.setattr(train, "OPTIONS", few)
    picture = tmp_path / "picture.png"
    train.train(model, 80, picture)
    printed = capsys.readouterr().out
    assert "gradients\n" in printed
    assert all(method in printed for method in train.METHODS)
    assert picture.read_bytes().startswith(b"\x89PNG")
