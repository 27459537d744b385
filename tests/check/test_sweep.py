"""A sweep over the step: truncation falls as h**2, round-off rises as 1/h, both as predicted."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.check import sweep
from gradatim.errors import GradatimError

X = np.random.default_rng(0).normal(size=(3, 4))


@pytest.fixture(scope="module")
def of_exp():
    return sweep(gd.exp, [0.5, 1.0])["x"]


def test_there_are_four_steps_a_decade_from_a_tenth_to_a_trillionth(of_exp):
    assert of_exp.h.size == 45
    assert (of_exp.h[0], of_exp.h[-1]) == (pytest.approx(1e-1), pytest.approx(1e-12))


def test_truncation_falls_with_the_square_of_the_step_as_predicted(of_exp):
    wide = of_exp.h > 1e-3

    np.testing.assert_allclose(of_exp.central[wide], of_exp.truncation[wide], rtol=1e-2)
    assert of_exp.central[0] / of_exp.central[4] == pytest.approx(100, rel=0.01)


def test_round_off_rises_and_stays_below_a_few_predicted_ones(of_exp):
    narrow = of_exp.h < 1e-7

    assert (of_exp.central[narrow] < 4 * of_exp.round_off[narrow]).all()
    assert of_exp.central[-1] > 1e4 * of_exp.central.min()


def test_the_valley_lies_where_it_was_predicted(of_exp):
    assert 0.05 < of_exp.valley / of_exp.predicted_valley < 20
    assert 1e-7 < of_exp.predicted_valley < 1e-4


def test_richardson_is_better_at_wide_steps(of_exp):
    wide = of_exp.h > 1e-2

    assert (of_exp.richardson[wide] < 1e-2 * of_exp.central[wide]).all()


def test_each_parameter_of_a_model_has_a_row():
    model = gd.nn.MLP([4, 5, 3], activation="tanh", rng=0)
    found = sweep(model, X, [0, 2, 1], loss=gd.cross_entropy, steps=[1e-2, 1e-4, 1e-6])

    assert [row.name for row in found.rows] == [name for name, _ in model.named_parameters()]
    for row in found.rows:
        np.testing.assert_allclose(row.central[0], row.truncation[0], rtol=0.1)


def test_a_replay_stays_where_the_point_is():
    """With 600 parameters the primitives are run again, each row from the point itself."""
    model = gd.nn.MLP([20, 20, 9], activation="tanh", rng=0, dtype=np.float64)
    x = np.random.default_rng(1).normal(size=(3, 20))
    found = sweep(model, x, [0, 2, 1], loss=gd.cross_entropy, steps=[1e-5], sample=5)

    assert max(row.central[0] for row in found.rows) < 1e-9


def test_steps_come_in_any_order_and_are_put_in_theirs():
    assert sweep(gd.exp, [1.0], steps=[1e-4, 1e-2])["x"].h.tolist() == [1e-2, 1e-4]


def test_the_table_tells_all_figures(of_exp):
    lines = str(sweep(gd.exp, [0.0], steps=[1e-1, 1e-5, 1e-9])).splitlines()

    assert lines[0] == "x: nearest at h = 1.0e-05, predicted at 1.0e-05"
    assert lines[1].split() == ["h", "central", "richardson", "truncation", "round-off"]
    assert lines[2].split()[:2] == ["1.0e-01", "1.7e-03"]
    assert len(lines) == 5


def test_rows_are_found_by_name(of_exp):
    found = sweep(gd.exp, [0.5], steps=[1e-3])

    assert found["x"].name == "x"
    with pytest.raises(KeyError, match="y; there are x"):
        found["y"]


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"steps": []}, "there are 0 steps and a sample of 20; both must be 1 or more"),
        ({"sample": 0}, "a sample of 0; both must be 1 or more"),
        ({"steps": [1e-3, 0.0]}, r"sweep: h is 0\.0; it must be a number above 0"),
    ],
)
def test_errors_teach(settings, text):
    with pytest.raises(GradatimError, match=text):
        sweep(gd.exp, [1.0], **settings)


def test_arguments_are_never_touched():
    x = X.copy()
    sweep(gd.tanh, x, steps=[1e-2])

    np.testing.assert_array_equal(x, X)
