"""Central differences: of one number, of arrays of any layout, of trees and models."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.check import numerical_diff, numerical_gradient
from gradatim.errors import DtypeError, GradatimError, ShapeError


def sum_of_squares(x):
    return np.sum(x**2)


# --- one number -------------------------------------------------------------------------------
def test_2_4_derivatives_of_the_notebook():
    assert numerical_diff(lambda x0: x0 * x0 + 4.0**2, 3.0) == 6.00000000000378
    assert numerical_diff(lambda x1: 3.0**2 + x1 * x1, 4.0) == 7.999999999999119


def test_the_derivative_is_a_float_even_of_a_tensor():
    slope = numerical_diff(gd.exp, 0.0)

    assert type(slope) is float
    assert slope == pytest.approx(1, abs=1e-8)


def test_an_integer_is_taken_as_a_float():
    assert numerical_diff(lambda x: x * x, 3) == numerical_diff(lambda x: x * x, 3.0)


def test_a_smaller_step_truncates_less():
    def off(h):
        return abs(numerical_diff(np.exp, 1.0, h) - np.e)

    assert off(1e-1) == pytest.approx(np.e * 1e-2 / 6, rel=1e-2)
    assert off(1e-3) < 1e-3 * off(1e-1)


def test_a_vector_belongs_to_the_gradient():
    with pytest.raises(ShapeError, match=r"x has shape \(2,\).*\n.*numerical_gradient\(f, x\)"):
        numerical_diff(sum_of_squares, [1.0, 2.0])


# --- arrays -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ([3.0, 4.0], [6.00000000000378, 7.999999999999119]),
        ([8.0, 10.0], [15.99999999996271, 19.99999999995339]),
        ([-5.0, -3.0], [-9.999999999976694, -5.9999999999860165]),
    ],
)
def test_2_5_gradients_of_the_notebook_at_both_coordinates(at, expected):
    assert numerical_gradient(sum_of_squares, np.array(at)).tolist() == expected


@pytest.mark.parametrize("at", [[3, 4], np.array([3, 4]), np.array([3, 4], np.uint8)])
def test_2_8_integers_are_promoted(at):
    found = numerical_gradient(sum_of_squares, at)

    assert found.dtype == np.float64
    np.testing.assert_allclose(found, [6, 8], rtol=1e-11)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_2_9_short_floats_are_promoted(dtype):
    found = numerical_gradient(sum_of_squares, np.array([3, 4], dtype))

    assert found.dtype == np.float64
    np.testing.assert_allclose(found, [6, 8], rtol=1e-11)


def test_2_10_the_array_is_never_touched():
    x = np.array([3.0, 4.0])
    numerical_gradient(sum_of_squares, x)

    assert x.tolist() == [3.0, 4.0]


def test_2_10_the_array_is_never_touched_even_when_the_function_raises():
    x = np.array([3.0, 4.0])
    seen = []

    def fails_late(given):
        seen.append(given.copy())
        assert x.tolist() == [3.0, 4.0]
        if len(seen) == 3:
            raise RuntimeError("late")
        return 0.0

    with pytest.raises(RuntimeError, match="late"):
        numerical_gradient(fails_late, x)
    assert x.tolist() == [3.0, 4.0]
    assert seen[0].tolist() == [3.0001, 4.0]
    assert seen[2].tolist() == [3.0, 4.0001]


def test_a_function_cannot_move_its_own_point():
    def moves(x):
        x += 1
        return x.sum()

    with pytest.raises(ValueError, match="read-only"):
        numerical_gradient(moves, np.ones(2))


WIDE = np.arange(24.0).reshape(4, 6)


@pytest.mark.parametrize(
    "x",
    [
        np.array(3.0),
        np.empty((0, 3)),
        WIDE[::2, ::-3],
        np.asfortranarray(WIDE),
        WIDE.T,
        np.broadcast_to(np.array([1.0, 2.0]), (3, 2)),
    ],
    ids=["0-d", "empty", "strided", "Fortran", "transposed", "read-only"],
)
def test_any_shape_and_layout(x):
    weights = np.arange(1.0, 1 + x.size).reshape(x.shape)
    found = numerical_gradient(lambda x: (weights * x**2).sum(), x)

    assert found.shape == x.shape
    np.testing.assert_allclose(found, 2 * weights * x, rtol=1e-7)


def test_an_array_for_an_array_and_a_tensor_for_a_tensor():
    kinds = []

    def f(x):
        kinds.append(type(x))
        return (x * x).sum()

    for x in (np.ones(1), [1.0], 1.0, gd.Tensor([1.0])):
        numerical_gradient(f, x)

    assert kinds[::2] == [np.ndarray, np.ndarray, np.ndarray, gd.Tensor]


@pytest.mark.parametrize(
    "result", [lambda v: float(v), lambda v: np.asarray(v), lambda v: gd.Tensor(v), np.float64]
)
def test_a_function_may_return_a_float_an_array_without_axes_or_a_tensor(result):
    found = numerical_gradient(lambda x: result(sum_of_squares(x)), [3.0, 4.0])

    assert found.tolist() == [6.00000000000378, 7.999999999999119]


def test_no_tape_is_kept():
    x = gd.Tensor([1.0, 2.0], requires_grad=True)
    made = []

    def f(given):
        made.append((given * x).sum())
        return made[-1]

    numerical_gradient(f, gd.Tensor([1.0, 1.0], requires_grad=True))

    assert not any(y.requires_grad for y in made)
    assert x.grad is None


@pytest.mark.parametrize(
    ("result", "error", "text"),
    [
        (None, DtypeError, "returned None; did it forget to return?"),
        ("1.0", DtypeError, "must return one real number, it returned <U3"),
        (True, DtypeError, "returned bool"),
        (1j, DtypeError, "returned complex128"),
        (np.ones(2), ShapeError, r"returned shape \(2,\).*\n  Try .sum\(\) or .mean\(\)"),
        (gd.Tensor([1.0]), ShapeError, r"returned shape \(1,\)"),
        (np.float32(1), DtypeError, r"given float64 and returned float32.*\n.*astype\(float32\)"),
    ],
)
def test_anything_else_that_a_function_returns_is_an_error(result, error, text):
    with pytest.raises(error, match=text):
        numerical_gradient(lambda x: result, [1.0])
    with pytest.raises(error, match="numerical_diff: the function"):
        numerical_diff(lambda x: result, 1.0)


@pytest.mark.parametrize("x", [np.array([1j]), np.array([True]), np.array(["a"])])
def test_only_real_numbers_have_a_gradient(x):
    with pytest.raises(DtypeError, match=f"an argument is {x.dtype}; a derivative needs real"):
        numerical_gradient(lambda x: 0.0, x)


@pytest.mark.parametrize("h", [0, -1e-4, float("nan"), float("inf"), "small", None])
def test_a_step_is_above_zero(h):
    with pytest.raises(GradatimError, match=r"h is .*; it must be a number above 0, such as 1e-4"):
        numerical_gradient(sum_of_squares, [1.0], h)


def test_a_step_that_moves_nothing_is_an_error():
    with pytest.raises(GradatimError, match=r"h = 0.0001 is lost beside 1e\+15.*\n  Try a larger"):
        numerical_gradient(sum_of_squares, [1.0, 1e15])
    with pytest.raises(GradatimError, match="lost beside"):
        numerical_diff(lambda x: x, 1e15)


def test_what_is_not_finite_shows_where():
    with np.errstate(invalid="ignore"):
        found = numerical_gradient(lambda x: np.sqrt(x).sum(), [0.0, 1.0])

    assert np.isnan(found).tolist() == [True, False]


# --- trees and models -------------------------------------------------------------------------
def test_2_14_a_tree_of_parameters():
    params = {"W": np.array([[1.0, 2.0], [3.0, 4.0]]), "b": [np.array([1, 2]), 0.5], "name": "net"}

    def f(p):
        assert p["name"] == "net"
        return (p["W"] @ p["b"][0]).sum() * p["b"][1]

    found = numerical_gradient(f, params)

    np.testing.assert_allclose(found["W"], [[0.5, 1], [0.5, 1]], rtol=1e-9)
    np.testing.assert_allclose(found["b"][0], [2, 3], rtol=1e-9)
    np.testing.assert_allclose(found["b"][1], 16, rtol=1e-9)
    assert found["name"] == "net"


def test_2_14_a_model_of_any_depth():
    model = gd.nn.MLP([3, 4, 4, 2], activation="tanh", rng=0)
    state = model.state_dict()
    x = np.linspace(-1, 1, 6).reshape(2, 3)

    found = numerical_gradient(lambda m: gd.cross_entropy(m(x), [0, 1]), model)
    wide = model.astype(np.float64)
    gd.cross_entropy(wide(x), [0, 1]).backward()

    assert list(found) == [name for name, _ in model.named_parameters()]
    for name, parameter in wide.named_parameters():
        np.testing.assert_allclose(found[name], parameter.grad.data, atol=1e-8)
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, state[name])
        assert value.dtype == np.float32


def test_frozen_parameters_are_left_out():
    model = gd.nn.Linear(2, 1, rng=0)
    model.bias.requires_grad = False

    assert list(numerical_gradient(lambda m: m([1.0, 2.0]).sum(), model)) == ["weight"]


# --- Richardson -------------------------------------------------------------------------------
def test_richardson_cancels_the_truncation():
    plain = numerical_diff(np.exp, 1.0, 1e-2)
    better = numerical_diff(np.exp, 1.0, 1e-2, richardson=True)

    assert abs(plain - np.e) > 1e-5
    assert abs(better - np.e) < 1e-9


def test_richardson_combines_the_step_and_half_of_it():
    x = np.array([0.5, 1.0])
    wide, narrow = (numerical_gradient(lambda x: np.exp(x).sum(), x, h) for h in (1e-2, 5e-3))
    found = numerical_gradient(lambda x: np.exp(x).sum(), x, 1e-2, richardson=True)

    np.testing.assert_array_equal(found, (4 * narrow - wide) / 3)


def test_richardson_of_a_model():
    model = gd.nn.Linear(2, 1, rng=0)
    found = numerical_gradient(lambda m: gd.exp(m([1.0, 2.0])).sum(), model, 1e-2, richardson=True)

    assert list(found) == ["weight", "bias"]
