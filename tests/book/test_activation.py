from __future__ import annotations

import numpy as np
import pytest

from gradatim import book
from gradatim.errors import DtypeError, ShapeError


def test_sigmoid_is_quiet_and_right_far_from_zero():
    with np.errstate(over="raise", invalid="raise"):
        assert book.sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist() == [0.0, 0.5, 1.0]


def test_sigmoid_is_that_of_the_notebooks_where_theirs_is_right():
    x = np.linspace(-30, 30, 101)
    np.testing.assert_allclose(book.sigmoid(x), 1 / (1 + np.exp(-x)), rtol=1e-15)


@pytest.mark.parametrize("function", [book.sigmoid, book.softmax, book.log_softmax])
def test_small_integers_do_not_wrap_around(function):
    small = np.array([1, 3, 200], np.uint8)
    np.testing.assert_array_equal(function(small), function(small.astype(float)))


@pytest.mark.parametrize("function", [book.sigmoid, book.ReLU, book.softmax, book.relu_grad])
def test_float32_stays_float32(function):
    assert function(np.array([-1, 2], np.float32)).dtype == np.float32


@pytest.mark.parametrize("function", [book.sigmoid, book.ReLU, book.step_function, book.relu_grad])
def test_a_number_gives_a_number(function):
    assert np.isscalar(function(-2.0))


def test_sigmoid_grad_and_relu_grad_are_the_slopes():
    x = np.array([-2.0, -0.3, 0.7, 4.0])
    for function, slope in ((book.sigmoid, book.sigmoid_grad), (book.relu, book.relu_grad)):
        np.testing.assert_allclose(slope(x), book.numerical_diff(function, x), atol=1e-8)


def test_relu_gives_plain_zero_for_what_is_not_positive():
    y = book.ReLU(np.array([-1.0, -0.0, -np.inf, 0.0]))
    assert y.tolist() == [0, 0, 0, 0]
    assert not np.signbit(y).any()


def test_relu_keeps_nan_and_its_input():
    x = np.array([-1.0, np.nan])
    assert np.isnan(book.ReLU(x)[1])
    assert x[0] == -1


def test_softmax_of_each_row_sums_to_one():
    z = np.random.randn(5, 7) * 100
    np.testing.assert_allclose(book.softmax(z).sum(axis=1), 1, rtol=1e-15)
    np.testing.assert_array_equal(book.softmax(z)[2], book.softmax(z[2]))
    np.testing.assert_allclose(book.softmax(z, axis=0).sum(axis=0), 1, rtol=1e-15)


def test_softmax_is_that_of_the_notebook_by_transposing():
    def transposed(x):
        x = x.T
        x = x - np.max(x, axis=0)
        y = np.exp(x) / np.sum(np.exp(x), axis=0)
        return y.T

    z = np.random.randn(6, 10)
    np.testing.assert_allclose(book.softmax(z), transposed(z), rtol=1e-15)


def test_softmax_is_finite_at_1000():
    expected = [0.09003057317038046, 0.24472847105479764, 0.6652409557748218]
    for softmax in (book.softmax, book.softmax_temp):
        np.testing.assert_allclose(softmax([1000, 1001, 1002]), expected, rtol=1e-15)


def test_log_softmax_is_the_logarithm_and_stays_finite():
    z = np.random.randn(3, 4)
    np.testing.assert_allclose(book.log_softmax(z), np.log(book.softmax(z)), rtol=1e-13)
    assert book.log_softmax([[1e4, -1e4]]).tolist() == [[0, -2e4]]


@pytest.mark.parametrize("function", [book.softmax, book.log_softmax])
def test_softmax_of_a_single_number_is_refused(function):
    with pytest.raises(ShapeError, match=rf"{function.__name__}: a single number arrived; it must"):
        function(3.0)


def test_what_holds_no_numbers_is_refused():
    with pytest.raises(DtypeError, match=r"sigmoid: .* dtype <U1; it must hold numbers.\n  Try"):
        book.sigmoid(["a"])


def test_no_activation_gives_the_thing_itself():
    x = np.zeros(2)
    assert book.no_activation(x) is book.identity_function(x) is x
