"""Initialisers: the right spread, one seed one network, names as typed on a command line."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim import nn
from gradatim.errors import DtypeError, ShapeError

N_IN, N_OUT = 400, 600


@pytest.mark.parametrize(
    ("rule", "std"),
    [
        (nn.normal(0.3), 0.3),
        (nn.uniform(0.3), 0.3 / np.sqrt(3)),
        (nn.he_normal(), np.sqrt(2 / N_IN)),
        (nn.he_uniform(), np.sqrt(2 / N_IN)),
        (nn.xavier_normal(), np.sqrt(2 / (N_IN + N_OUT))),
        (nn.xavier_uniform(), np.sqrt(2 / (N_IN + N_OUT))),
    ],
    ids=str,
)
def test_spread(rule, std):
    drawn = rule((N_IN, N_OUT), 0, np.float64)

    assert drawn.std() == pytest.approx(std, rel=0.01)
    assert abs(drawn.mean()) < std / 100


@pytest.mark.parametrize(
    ("rule", "bound"),
    [(nn.uniform(0.3), 0.3), (nn.he_uniform(), np.sqrt(6 / N_IN)),
     (nn.xavier_uniform(), np.sqrt(6 / (N_IN + N_OUT)))],
    ids=str,
)  # fmt: skip
def test_bounds(rule, bound):
    drawn = rule((N_IN, N_OUT), 0, np.float64)

    assert np.abs(drawn).max() <= bound
    assert np.abs(drawn).max() > 0.99 * bound


def test_constants():
    assert not nn.zeros()((2, 3)).any()
    assert (nn.constant(-2.5)((2, 3)) == -2.5).all()


def test_a_seed_gives_the_same_numbers_and_a_generator_goes_on():
    rule = nn.normal(1.0)
    rng = np.random.default_rng(3)

    np.testing.assert_array_equal(rule((2, 2), 3), rule((2, 2), rng))
    assert not np.array_equal(rule((2, 2), 3), rule((2, 2), rng))


def test_the_legacy_generator_gives_the_notebooks_weights():
    np.random.seed(0)
    notebook = 0.01 * np.random.randn(784, 50)

    drawn = nn.normal(0.01)((784, 50), np.random.RandomState(0), np.float64)

    np.testing.assert_array_equal(drawn, notebook)


def test_both_precisions_draw_the_same_numbers():
    single = nn.he_normal()((4, 5), 0, np.float32)

    assert single.dtype == np.float32
    np.testing.assert_array_equal(single, nn.he_normal()((4, 5), 0, np.float64).astype("f4"))


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("he", nn.he_normal()),
        ("he_uniform", nn.he_uniform()),
        ("xavier", nn.xavier_normal()),
        ("xavier_uniform", nn.xavier_uniform()),
        ("zeros", nn.zeros()),
        ("normal:0.01", nn.normal(0.01)),
        ("normal:1e-3", nn.normal(0.001)),
        ("uniform:0.5", nn.uniform(0.5)),
        ("constant:-1", nn.constant(-1)),
    ],
)
def test_names(name, rule):
    assert nn.initial(name) == rule
    assert nn.initial(str(rule)) == rule


def test_a_function_stays_as_it_is():
    def ones(shape, rng, dtype):
        return np.ones(shape, dtype)

    assert nn.initial(ones) is ones
    assert nn.initial(nn.zeros()) == nn.zeros()


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ("hee", "there is no rule named 'hee'"),
        ("", "Try one of he, xavier, normal:NUMBER"),
        ("he:2", "he_normal takes no number"),
        ("normal", "normal needs a number of 0 or more after a colon"),
        ("normal:", "Try 'normal:0.01'"),
        ("normal:much", "normal needs a number"),
        ("normal:-1", "a number of 0 or more"),
        ("normal:inf", "a number of 0 or more"),
        ("constant:nan", "constant needs a number"),
        (3, "neither a name nor a function"),
    ],
)
def test_wrong_names_say_which_are_right(wrong, text):
    with pytest.raises(DtypeError) as caught:
        nn.initial(wrong)
    assert text in str(caught.value)


def test_a_negative_spread_is_refused():
    with pytest.raises(DtypeError, match="normal needs a number of 0 or more"):
        nn.normal(-0.1)


@pytest.mark.parametrize("shape", [(3,), (2, 3, 4), (0, 3)])
def test_rules_that_count_what_comes_in_want_a_matrix(shape):
    with pytest.raises(ShapeError, match=r"it must be \(n_in, n_out\)"):
        nn.he_normal()(shape)

    assert nn.normal()(shape).shape == nn.zeros()(shape).shape == shape
