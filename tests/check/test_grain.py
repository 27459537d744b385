"""Rounding on the way to a small output, and functions that bend within a tiny number."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.check import gradient

LABEL = np.array([0])


def spoilt(f, slope):
    """f with a gradient that is off by a slope in every element."""

    def wrong(x):
        return f(x) + slope * (x.sum() - gd.stop_gradient(x.sum()))

    return wrong


def loss(x):
    return gd.cross_entropy(x, LABEL)


def margin(x):
    return gd.logsumexp(x, axis=1).sum() - x[0, 0]


CONFIDENT = [20.0, 25.0, 30.0, 33.0, 37.0, 40.0]


@pytest.mark.parametrize("f", [loss, margin])
@pytest.mark.parametrize("score", CONFIDENT)
def test_the_gradient_of_a_confident_softmax_is_never_called_wrong(f, score):
    row = gradient(f, np.array([[score, -score, 0.0]])).rows[0]

    assert row.verdict in ("ok", "zero", "unsure")


@pytest.mark.parametrize("f", [loss, margin])
@pytest.mark.parametrize("score", CONFIDENT)
def test_a_wrong_one_is_still_wrong_where_it_can_be_told(f, score):
    row = gradient(spoilt(f, 1e-9), np.array([[score, -score, 0.0]])).rows[0]

    assert row.verdict == "WRONG"


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: (1 - gd.sigmoid(x)).sum(), [34.0]),
        (lambda x: gd.sigmoid(x).sum(), [30.0, 36.0, 37.5, 40.0, -40.0]),
        (lambda x: gd.log(1 + gd.exp(x)).sum(), [-33.0, -36.0]),
        (lambda x: gd.tanh(x).sum(), [15.0, 17.0, 18.0]),
        (lambda x: ((x + 1e12) - 1e12).sum(), [1.5, 2.5]),
    ],
)
def test_a_saturated_function_is_never_called_wrong(f, x):
    assert gradient(f, np.array(x)).rows[0].verdict in ("ok", "zero", "unsure")


@pytest.mark.parametrize("scale", [1e-3, 1e-6, 1e-9, 1e-12])
@pytest.mark.parametrize("x", [[1.0, -1.0, 0.3], [1.0, 0.0, -0.3]])
class TestSteepness:
    def test_a_function_that_bends_within_its_numbers_is_right(self, scale, x):
        gradient(lambda x: gd.tanh(x / scale).sum(), scale * np.array(x)).assert_passed()

    def test_a_percent_is_wrong(self, scale, x):
        f = spoilt(lambda x: gd.tanh(x / scale).sum(), 0.01 / scale)

        assert gradient(f, scale * np.array(x)).rows[0].verdict == "WRONG"


@pytest.mark.parametrize("f", [gd.log, gd.sqrt])
@pytest.mark.parametrize("x", [[1e-6], [1e-12, 1.0], [1e-8, 1.0, 1e-300]])
def test_beside_an_edge_steps_follow_the_number(f, x):
    gradient(f, np.array(x)).assert_passed()


def test_beside_an_edge_a_percent_is_wrong():
    f = spoilt(lambda x: gd.log(x).sum(), 1e10)

    assert gradient(f, np.array([1e-12])).rows[0].verdict == "WRONG"


@pytest.mark.parametrize("slope", [1.0, 1e-9])
def test_a_function_that_stands_still_for_good_reason_has_no_grain(slope):
    def still(x):
        return gd.stop_gradient(x * x).sum()

    assert gradient(spoilt(still, slope), np.array([1.0, 2.0])).rows[0].verdict == "WRONG"
