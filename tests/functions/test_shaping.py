"""Methods beside functions, fresh arrays, and the ways in which shapes may be written."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import DtypeError, ShapeError

X = gd.Tensor(np.arange(6.0).reshape(2, 3), requires_grad=True)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (lambda: X.reshape(3, 2), (3, 2)),
        (lambda: X.reshape((3, 2)), (3, 2)),
        (lambda: X.reshape([3, -1]), (3, 2)),
        (lambda: X.reshape(-1), (6,)),
        (lambda: X[:1, :1].reshape(()), ()),
        (lambda: X.reshape(np.int64(3), np.int64(2)), (3, 2)),
        (lambda: X.transpose(), (3, 2)),
        (lambda: X.transpose(1, 0), (3, 2)),
        (lambda: X.transpose((1, 0)), (3, 2)),
        (lambda: X.transpose(None), (3, 2)),
        (lambda: X[0].transpose(0), (3,)),
        (lambda: X.T, (3, 2)),
        (lambda: X.flatten(), (6,)),
        (lambda: X.ravel(), (6,)),
        (lambda: X.swapaxes(0, 1), (3, 2)),
        (lambda: X[None].squeeze(), (2, 3)),
        (lambda: X[None].squeeze(0), (2, 3)),
        (lambda: X.repeat(2, axis=1), (2, 6)),
        (lambda: X.take([0, 0]), (2,)),
        (lambda: X.dot(np.ones(3)), (2,)),
        (lambda: X.diagonal(), (2,)),
        (lambda: X.trace(), ()),
    ],
)
def test_methods_take_what_those_of_arrays_take(found, wanted):
    assert found().shape == wanted


def test_order_of_columns_is_refused_with_a_way_out():
    with pytest.raises(ShapeError, match=r"reshape: order is 'F'.*\n  Try reshape on x.T"):
        X.reshape(3, 2, order="F")
    with pytest.raises(ShapeError, match="ravel: order is 'F'"):
        X.flatten("F")


def test_a_cast_is_a_new_array():
    leaf = gd.Tensor([1.0, 2.0], requires_grad=True)
    same = leaf.astype(np.float64)

    assert same is not leaf
    same.sum().backward()
    assert leaf.grad.tolist() == [1.0, 1.0]


def test_a_gradient_comes_back_through_a_cast_in_the_dtype_of_its_input():
    leaf = gd.Tensor(np.array([1.0, 2.0], np.float32), requires_grad=True)
    (leaf.astype(float) * 3).sum().backward()

    assert leaf.grad.dtype == np.float32
    assert not leaf.astype(int).requires_grad


def test_complex_numbers_are_refused():
    with pytest.raises(DtypeError, match="complex64 cannot be the dtype of a Tensor"):
        X.astype("c8")


def test_filled_arrays_can_be_written_to():
    for made in (gd.zeros_like(X), gd.ones_like(X), gd.full((2, 3), 0.5), gd.full_like(X, 2)):
        made[0, 0] = 7.0
        assert made[0, 0].item() == 7.0
        assert made[1, 1].item() in (0.0, 1.0, 0.5, 2.0)


def test_a_value_that_learns_fills_an_array_with_its_history():
    assert gd.grad(lambda value: gd.full((2, 3), value).sum())(0.5).item() == 6.0


def test_the_last_number_is_exactly_the_stop():
    assert gd.linspace(0.1, 0.7, 7)[-1].item() == 0.7


def test_joining_keeps_float32_beside_python_numbers():
    x = gd.Tensor(np.ones(2, np.float32))

    assert gd.pad(x, 1, constant_values=0.5).dtype == np.float32
    assert gd.diff(x, prepend=0.5).dtype == np.float32
    assert gd.gradient(x, 0.5).dtype == np.float32
    assert gd.trapezoid(x, dx=0.5).dtype == np.float32


def test_a_tensor_is_a_sequence_of_its_rows():
    assert gd.concatenate(X).tolist() == X.ravel().tolist()
    assert gd.stack(gd.unstack(X)).tolist() == X.tolist()


def test_the_padding_of_a_number_is_the_number():
    assert gd.pad(2.5, 1).item() == 2.5
