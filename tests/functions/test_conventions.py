"""What is taken for the derivative where there is none, and for the value at the edges."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd


def slope(f, *points):
    """Gradient of the sum of f at the points, for each of them."""
    return [g.tolist() for g in gd.grad(lambda *xs: f(*xs).sum(), range(len(points)))(*points)]


def curvature(f, x):
    """Second derivative at each point of a function that treats every element on its own."""
    return gd.grad(lambda x: gd.grad(lambda x: f(x).sum())(x).sum())(np.array(x)).tolist()


@pytest.mark.parametrize("zero", [0.0, -0.0])
@pytest.mark.parametrize("f", [gd.relu, gd.abs], ids=["relu", "abs"])
def test_the_slope_at_zero_is_zero(f, zero):
    assert slope(f, [zero]) == [[0.0]]


@pytest.mark.parametrize("f", [gd.maximum, gd.minimum, gd.fmax, gd.fmin])
def test_a_tie_of_two_gives_half_to_each(f):
    assert slope(f, [2.0, 0.0], [2.0, -0.0]) == [[0.5, 0.5], [0.5, 0.5]]


@pytest.mark.parametrize("f", [gd.fmax, gd.fmin])
def test_the_number_beside_nan_gets_the_gradient(f):
    assert slope(f, [np.nan, 1.0], [1.0, np.nan]) == [[0.0, 1.0], [1.0, 0.0]]


@pytest.mark.parametrize("f", [gd.max, gd.min])
def test_ties_of_an_extreme_share_evenly(f):
    assert slope(f, [2.0, 2.0, 2.0, 2.0]) == [[0.25, 0.25, 0.25, 0.25]]
    assert slope(lambda x: f(x, axis=1), [[1.0, 1.0], [3.0, 3.0]]) == [[[0.5, 0.5], [0.5, 0.5]]]


def test_the_slope_of_clip_at_its_bounds_is_one():
    x, low, high = slope(gd.clip, [-2.0, -1.0, 0.0, 1.0, 2.0], -1.0, 1.0)

    assert x == [0.0, 1.0, 1.0, 1.0, 0.0]
    assert (low, high) == (1.0, 1.0)


@pytest.mark.parametrize("bounds", [{"a_min": 0.0}, {"a_max": 0.0}])
def test_the_slope_of_clip_at_its_only_bound_is_one(bounds):
    assert slope(lambda x: gd.clip(x, **bounds), [0.0]) == [[1.0]]


@pytest.mark.parametrize("settings", [{}, {"ddof": 1}, {"axis": 0}, {"keepdims": True}])
def test_the_slopes_of_std_are_zero_where_nothing_varies(settings):
    assert slope(lambda x: gd.std(x, **settings), [3.0, 3.0, 3.0]) == [[0.0, 0.0, 0.0]]
    assert curvature(lambda x: gd.std(x, **settings), [3.0, 3.0, 3.0]) == [0.0, 0.0, 0.0]


def test_the_slope_of_a_base_to_the_power_of_zero_is_zero():
    assert slope(lambda a: a**0, [0.0, 2.0, -1.0]) == [[0.0, 0.0, 0.0]]
    assert curvature(lambda a: a**0, [0.0, 2.0]) == [0.0, 0.0]


def test_the_slopes_of_zero_to_a_power_are_finite():
    assert slope(lambda b: gd.power(0.0, b), [0.0, 1.0, 2.0]) == [[0.0, 0.0, 0.0]]
    assert curvature(lambda b: gd.power(0.0, b), [0.0, 1.0, 2.0]) == [0.0, 0.0, 0.0]
    assert slope(lambda a: a**1, [0.0]) == [[1.0]]
    assert curvature(lambda a: gd.power(a, 1.0), [0.0]) == [0.0]
    assert curvature(lambda a: gd.power(a, 2.0), [0.0]) == [2.0]


@pytest.mark.parametrize(
    ("x", "expected"),
    [([2.0, 3.0], [3.0, 2.0]), ([0.0, 3.0, 2.0], [6.0, 0.0, 0.0]), ([0.0, 0.0, 2.0], [0.0] * 3)],
)
def test_the_slope_of_a_product_is_the_product_of_the_others(x, expected):
    assert slope(gd.prod, x) == [expected]
    assert slope(lambda x: gd.cumprod(x)[-1], x) == [expected]


def test_the_second_derivatives_of_a_product_with_zeros():
    curves = gd.hessian(gd.prod)([0.0, 0.0, 5.0]).tolist()

    assert curves == [[0.0, 5.0, 0.0], [5.0, 0.0, 0.0], [0.0, 0.0, 0.0]]


def test_logsumexp_of_nothing_but_minus_infinity():
    nothing = [-np.inf, -np.inf]

    assert gd.logsumexp(nothing).item() == -np.inf
    assert slope(gd.logsumexp, nothing) == [[0.0, 0.0]]


def test_logaddexp_of_nothing_but_minus_infinity():
    assert gd.logaddexp(-np.inf, -np.inf).item() == -np.inf
    assert slope(gd.logaddexp, -np.inf, 3.0) == [0.0, 1.0]


def test_sigmoid_far_out():
    assert gd.sigmoid([-1000.0, 1000.0]).tolist() == [0.0, 1.0]
    assert slope(gd.sigmoid, [-1000.0, 1000.0]) == [[0.0, 0.0]]
    assert gd.sigmoid(-700.0).item() == pytest.approx(np.exp(-700.0), rel=1e-12)


def test_softplus_far_out():
    assert gd.softplus([-1000.0, 1000.0]).tolist() == [0.0, 1000.0]
    assert slope(gd.softplus, [-1000.0, 1000.0]) == [[0.0, 1.0]]
    assert gd.log_sigmoid([-1000.0, 1000.0]).tolist() == [-1000.0, 0.0]


def test_softmax_of_large_numbers():
    small = np.exp([0.0, 1.0, 2.0]) / np.exp([0.0, 1.0, 2.0]).sum()

    np.testing.assert_allclose(gd.softmax([1000.0, 1001.0, 1002.0]).data, small, rtol=1e-15)
    assert gd.log_softmax([1e4, -1e4]).tolist() == [0.0, -2e4]


def test_the_exponential_side_of_elu_does_not_overflow():
    assert gd.elu([800.0, -800.0]).tolist() == [800.0, -1.0]
    assert slope(gd.elu, [0.0, 800.0]) == [[1.0, 1.0]]


def test_sinc_at_zero_to_the_third_order():
    assert gd.sinc(0.0).item() == 1.0
    assert slope(gd.sinc, 0.0) == [0.0]
    assert curvature(gd.sinc, 0.0) == pytest.approx(-(np.pi**2) / 3, rel=1e-14)


def test_hypot_at_zero():
    assert slope(gd.hypot, 0.0, 0.0) == [0.0, 0.0]


@pytest.mark.parametrize(
    "f", [gd.sign, gd.floor, gd.ceil, gd.trunc, gd.rint, gd.round, gd.stop_gradient, gd.isnan]
)
def test_no_gradient_flows_through_what_is_piecewise_constant(f):
    assert not f(gd.Tensor([1.5], requires_grad=True)).requires_grad


def test_sorting_is_stable():
    assert gd.argsort([1.0, 0.0, 1.0, 0.0]).tolist() == [1, 3, 0, 2]
    values, indices = gd.topk([1.0, 3.0, 3.0, 1.0], 3)
    assert (values.tolist(), indices.tolist()) == ([3.0, 3.0, 1.0], [1, 2, 0])


def test_topk_of_unsigned_integers():
    assert gd.topk(np.array([3, 0, 255], np.uint8), 2)[0].tolist() == [255, 3]


def test_a_python_number_takes_the_dtype_of_its_partner():
    single = np.float32([1.0, 2.0])

    assert gd.where(single > 1, 0.5, gd.Tensor(single)).dtype == np.float32
    assert gd.where(single > 1, gd.Tensor(single), 0.5).dtype == np.float32
    assert gd.where(single > 1, 0.5, single).dtype == np.float32
    assert gd.add(0.5, single).dtype == np.float32
    assert gd.clip(single, 0.5, 1.5).dtype == np.float32


def test_variance_of_too_few_elements_is_what_numpy_says():
    with pytest.warns(RuntimeWarning):
        assert np.isnan(gd.var([1.0], ddof=1).item())


def test_allclose_and_array_equal_answer_in_python():
    assert gd.allclose([1.0], [1.0 + 1e-9]) is True
    assert gd.allclose([1.0], [2.0]) is False
    assert gd.array_equal([1.0, 2.0], [1.0, 2.0]) is True
    assert gd.array_equal([1.0], [1.0, 2.0]) is False


def test_booleans_join_whichever_side_the_array_is_on():
    array, tensor = np.array([True, False]), gd.Tensor([True, True])

    assert (array & tensor).tolist() == [True, False]
    assert (array | tensor).tolist() == [True, True]
    assert (array ^ tensor).tolist() == [False, True]
    assert np.invert(tensor).tolist() == [False, False]
