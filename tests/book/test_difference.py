from __future__ import annotations

import numpy as np
import pytest

from gradatim import book
from gradatim.errors import ShapeError


def squares(x):
    return np.sum(x**2)


def test_numerical_diff_gives_the_notebooks_digits():
    assert book.numerical_diff(lambda x: x * x + 4.0**2, 3.0) == 6.00000000000378
    assert book.numerical_diff(lambda x: 3.0**2 + x * x, 4.0) == 7.999999999999119


def test_numerical_diff_of_an_array_takes_each_element_and_float64():
    for dtype in (np.float32, int):
        slopes = book.numerical_diff(lambda x: x * x, np.array([3, 4], dtype))
        np.testing.assert_allclose(slopes, [6, 8], rtol=1e-9)


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        ([3.0, 4.0], [6.00000000000378, 7.999999999999119]),
        ([8.0, 10.0], [15.99999999996271, 19.99999999995339]),
        ([-5.0, -3.0], [-9.999999999976694, -5.9999999999860165]),
    ],
)
def test_every_element_gets_its_slope(x, expected):
    assert book.numerical_gradient(squares, np.array(x)).tolist() == expected


@pytest.mark.parametrize("x", [[3, 4], np.array([3, 4]), np.array([3, 4], np.float32)])
def test_integers_and_float32_are_taken_as_float64(x):
    gradient = book.numerical_gradient(squares, x)
    np.testing.assert_allclose(gradient, [6, 8], rtol=1e-9)
    assert gradient.dtype == np.float64


def test_any_shape_and_memory_order():
    x = np.random.randn(3, 2, 4).transpose(2, 0, 1)
    np.testing.assert_allclose(book.numerical_gradient(squares, x), 2 * x, atol=1e-9)
    assert book.numerical_gradient(squares, 3.0).shape == ()


def test_the_callers_array_is_put_back_bit_for_bit():
    x = np.random.randn(50)
    before = x.copy()
    book.numerical_gradient(squares, x)
    np.testing.assert_array_equal(x, before)


def test_the_callers_array_is_put_back_when_the_function_fails():
    x = np.array([3.0, 4.0])
    for failing_call in (1, 2, 3, 4):
        calls = []

        def fails(x, calls=calls, failing_call=failing_call):
            calls.append(1)
            if len(calls) == failing_call:
                raise RuntimeError("stop")
            return squares(x)

        with pytest.raises(RuntimeError, match="stop"):
            book.numerical_gradient(fails, x)
        assert x.tolist() == [3.0, 4.0]


def test_a_function_may_read_the_array_instead_of_its_argument():
    params = np.array([3.0, 4.0])
    gradient = book.numerical_gradient(lambda _: squares(params), params)
    np.testing.assert_allclose(gradient, [6, 8], rtol=1e-9)


def test_a_function_that_cannot_see_the_change_is_told_of():
    frozen = np.array([3.0, 4.0])
    frozen.flags.writeable = False
    for params in (np.array([3, 4], np.float32), frozen):
        with pytest.warns(UserWarning, match="f changed nowhere. x is float.*\n  Try a writable"):
            book.numerical_gradient(lambda _, params=params: squares(params), params)


def test_a_function_of_many_values_is_refused():
    with pytest.raises(
        ShapeError, match=r"f returned an array of shape \(2,\); it must return one"
    ):
        book.numerical_gradient(lambda x: x**2, np.array([3.0, 4.0]))


@pytest.mark.parametrize(
    ("lr", "expected", "within"),
    [
        (0.1, [-6.111107928998789e-10, 8.148143905314271e-10], 1e-24),
        (1e-10, [-2.999999939999995, 3.9999999199999934], 1e-15),
    ],
)
def test_descent_walks_along_every_axis(lr, expected, within):
    found = book.gradient_descent(squares, np.array([-3.0, 4.0]), lr=lr, step_num=100)
    np.testing.assert_allclose(found, expected, atol=within, rtol=0)


def test_descent_with_a_rate_too_high_runs_away():
    found = book.gradient_descent(squares, np.array([-3.0, 4.0]), lr=10.0, step_num=100)
    assert (np.abs(found) > 1e12).all()


@pytest.mark.parametrize("dtype", [float, int, np.float32])
def test_descent_leaves_the_start_alone(dtype):
    start = np.array([-3, 4], dtype)
    found = book.gradient_descent(squares, start, lr=0.1, step_num=100)
    assert start.tolist() == [-3, 4]
    np.testing.assert_allclose(found, 0, atol=1e-8)
