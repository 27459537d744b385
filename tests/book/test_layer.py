from __future__ import annotations

import numpy as np
import pytest

from gradatim import book
from gradatim.errors import DataError, DtypeError, GraphError, ShapeError


def slopes(layer, x, dout):
    """What the layer's backward of x should be, by differences."""
    return book.numerical_gradient(lambda x: np.sum(layer.forward(x) * dout), x)


# --- Relu and Sigmoid ---------------------------------------------------------------------------
@pytest.mark.parametrize("kind", [book.Relu, book.Sigmoid])
def test_activations_have_the_slopes_of_their_forward(kind):
    layer, x, dout = kind(), np.random.randn(3, 4), np.random.randn(3, 4)
    expected = slopes(layer, x, dout)
    layer.forward(x)
    np.testing.assert_allclose(layer.backward(dout), expected, atol=1e-9)


def test_relu_is_zero_at_zero_in_value_and_slope():
    layer = book.Relu()
    y = layer.forward(np.array([-1.0, -0.0, 0.0, 2.0]))
    assert y.tolist() == [0, 0, 0, 2]
    assert not np.signbit(y).any()
    assert layer.backward(np.ones(4)).tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize("kind", [book.Relu, book.Sigmoid])
def test_activations_change_neither_input_nor_dout(kind):
    layer, x, dout = kind(), np.array([-1.0, 0.0, 2.0]), np.ones(3)
    layer.forward(x)[...] = 7
    layer.backward(dout)[...] = 7
    assert x.tolist() == [-1, 0, 2]
    assert dout.tolist() == [1, 1, 1]


def test_sigmoid_is_quiet_far_from_zero():
    layer = book.Sigmoid()
    with np.errstate(over="raise"):
        assert layer.forward(np.array([-1000.0, 1000.0])).tolist() == [0, 1]
    assert layer.backward(np.ones(2)).tolist() == [0, 0]


# --- Affine -------------------------------------------------------------------------------------
def affine(n_in=3, n_out=2):
    return book.Affine(np.random.randn(n_in, n_out), np.random.randn(n_out))


@pytest.mark.parametrize("shape", [(3,), (1, 3), (5, 3), (5, 1, 3)])
def test_affine_gradients_are_those_of_differences(shape):
    layer, x = affine(), np.random.randn(*shape)
    dout = np.random.randn(*layer.forward(x).shape)
    loss = lambda _: np.sum(layer.forward(x) * dout)  # noqa: E731
    expected = [book.numerical_gradient(loss, each) for each in (x, layer.W, layer.b)]
    layer.forward(x)
    found = [layer.backward(dout), layer.dW, layer.db]
    for gradient, by_differences in zip(found, expected, strict=True):
        np.testing.assert_allclose(gradient, by_differences, atol=1e-9)


def test_affine_joins_the_axes_of_a_sample():
    layer = affine(12, 5)
    assert layer.forward(np.ones((2, 3, 4))).shape == (2, 5)
    assert layer.backward(np.ones((2, 5))).shape == (2, 3, 4)
    assert layer.dW.shape == (12, 5)
    assert layer.db.shape == (5,)
    assert layer.original_x_shape == (2, 3, 4)


def test_affine_takes_one_sample_as_a_batch_of_one():
    layer, x = affine(), np.random.randn(3)
    one = layer.forward(x)
    assert one.shape == (2,)
    np.testing.assert_array_equal(one, layer.forward(x[None])[0])


def test_affine_shares_its_arrays_and_never_writes_into_them():
    W, b = np.ones((3, 2)), np.zeros(2)
    layer = book.Affine(W, b)
    layer.forward(np.ones((4, 3)))
    layer.backward(np.ones((4, 2)))
    assert (W == 1).all()
    W -= 0.5
    assert layer.forward(np.ones(3)).tolist() == [1.5, 1.5]


def test_affine_refuses_arrays_that_do_not_fit_together():
    with pytest.raises(
        ShapeError, match=r"Affine: W has shape \(3, 2\) and b \(3,\); they must be"
    ):
        book.Affine(np.ones((3, 2)), np.zeros(3))


def test_affine_refuses_an_input_of_another_size():
    with pytest.raises(ShapeError, match=r"Affine.forward: .* \(4, 2\) and W \(3, 2\); .* 3 numb"):
        affine().forward(np.ones((4, 2)))


def test_affine_asks_whether_numbers_were_meant_as_a_batch():
    with pytest.raises(ShapeError, match=r"Did you mean x.reshape\(-1, 1\), a batch of single"):
        affine(1, 2).forward(np.ones(5))


# --- what all of them share ---------------------------------------------------------------------
@pytest.mark.parametrize("make", [book.Relu, book.Sigmoid, affine])
def test_dout_must_have_the_shape_of_the_output(make):
    layer = make()
    layer.forward(np.ones((4, 3)))
    for dout in (1, np.ones(3), np.ones((1, 3)), np.ones((4, 4))):
        with pytest.raises(ShapeError, match=r".backward: dout has shape .*, but forward returned"):
            layer.backward(dout)


@pytest.mark.parametrize("make", [book.Relu, book.Sigmoid, affine])
def test_a_layer_in_two_places_raises_instead_of_answering_wrongly(make):
    layer, x = make(), np.ones((2, 3))
    dout = np.ones_like(layer.forward(x))
    layer.forward(-x)
    layer.backward(dout)
    with pytest.raises(GraphError, match=r"a second backward after two forwards.*\n.*two places"):
        layer.backward(dout)


@pytest.mark.parametrize("make", [book.Relu, book.Sigmoid, affine])
def test_what_the_caller_writes_into_its_arrays_changes_no_backward(make):
    layer, x = make(), np.random.randn(4, 3)
    out = layer.forward(x.copy())
    dout = np.random.randn(*out.shape)
    expected = [layer.backward(dout), getattr(layer, "dW", 0)]

    out = layer.forward(x)
    x[...] = out[...] = 7
    found = [layer.backward(dout), getattr(layer, "dW", 0)]

    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("t", [np.array([1, 0]), np.eye(3)[[1, 0]]], ids=["labels", "rows"])
def test_what_the_caller_writes_into_a_target_changes_no_backward(t):
    layer, x = book.SoftmaxWithLoss(), np.random.randn(2, 3)
    layer.forward(x, t)
    expected, kept = layer.backward(), t.copy()

    layer.forward(x, t)
    x[...] = t[...] = 0

    np.testing.assert_array_equal(layer.backward(), expected)
    np.testing.assert_array_equal(layer.t, kept)


@pytest.mark.parametrize("make", [book.Relu, book.Sigmoid, affine, book.SoftmaxWithLoss])
def test_backward_needs_a_forward(make):
    with pytest.raises(GraphError, match=r".backward: there was no forward.*\n  Try layer.forward"):
        make().backward(np.ones((2, 3)))


def test_a_forward_that_failed_leaves_the_last_one_in_force():
    layer = affine()
    layer.forward(np.ones((4, 3)))
    with pytest.raises(ShapeError):
        layer.forward(np.ones((4, 9)))
    assert layer.backward(np.ones((4, 2))).shape == (4, 3)


# --- SoftmaxWithLoss ----------------------------------------------------------------------------
def test_labels_and_rows_give_the_same_gradient_also_in_a_square_batch():
    x, t = np.random.randn(10, 10), np.arange(10)[::-1].copy()
    expected = (book.softmax(x) - np.eye(10)[t]) / 10
    for target in (t, np.eye(10)[t]):
        layer = book.SoftmaxWithLoss()
        layer.forward(x, target)
        np.testing.assert_allclose(layer.backward(), expected, atol=1e-15)


def test_the_gradient_is_that_of_the_loss():
    x, t = np.random.randn(5, 4), np.array([0, 3, 1, 1, 2])
    layer = book.SoftmaxWithLoss()
    expected = book.numerical_gradient(lambda x: layer.forward(x, t), x)
    layer.forward(x, t)
    np.testing.assert_allclose(layer.backward(), expected, atol=1e-9)


def test_dout_scales_the_gradient():
    layer = book.SoftmaxWithLoss()
    layer.forward(np.random.randn(3, 4), np.array([0, 1, 2]))
    once = layer.backward()
    np.testing.assert_array_equal(layer.backward(2), 2 * once)
    np.testing.assert_array_equal(layer.backward(np.array([0.0])), 0 * once)


def test_scores_of_one_sample_are_a_batch_of_one():
    x, layer = np.random.randn(10), book.SoftmaxWithLoss()
    for target in (3, np.eye(10)[3]):
        loss = layer.forward(x, target)
        assert loss == pytest.approx(-np.log(book.softmax(x)[3]), rel=1e-14)
        np.testing.assert_allclose(layer.backward(), book.softmax(x) - np.eye(10)[3], atol=1e-15)


@pytest.mark.parametrize("size", [1000.0, 1e4])
def test_the_loss_is_finite_for_large_scores(size):
    layer = book.SoftmaxWithLoss()
    assert layer.forward(np.array([[size, 0.0]]), np.array([1])) == size
    assert layer.backward().tolist() == [[1, -1]]


def test_labels_of_a_single_class_are_labels():
    layer = book.SoftmaxWithLoss()
    assert layer.forward(np.random.randn(4, 1), np.zeros(4, int)) == 0
    assert layer.backward().tolist() == [[0.0]] * 4


def test_rows_that_do_not_sum_to_one_have_the_gradient_of_their_loss():
    x, t, layer = np.random.randn(2, 3), np.random.rand(2, 3), book.SoftmaxWithLoss()
    expected = book.numerical_gradient(lambda x: layer.forward(x, t), x)
    layer.forward(x, t)
    np.testing.assert_allclose(layer.backward(), expected, atol=1e-9)


def test_the_books_epsilon_is_shown_by_the_loss_alone():
    x, t = np.random.randn(3, 4), np.array([0, 1, 2])
    exact, of_the_book = book.SoftmaxWithLoss(), book.SoftmaxWithLoss(book_epsilon=True)
    expected = -np.log(book.softmax(x)[np.arange(3), t] + 1e-7).mean()
    assert of_the_book.forward(x, t) == pytest.approx(expected, rel=1e-15)
    assert exact.forward(x, t) != of_the_book.loss
    np.testing.assert_array_equal(exact.backward(), of_the_book.backward())


def test_scores_and_target_are_not_changed():
    x, t = np.random.randn(3, 4), np.eye(4)[:3].copy()
    before = x.copy()
    layer = book.SoftmaxWithLoss()
    layer.forward(x, t)
    layer.backward()[...] = 7
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(t, np.eye(4)[:3])


@pytest.mark.parametrize(
    ("t", "error", "told"),
    [
        (np.zeros((4, 1), int), ShapeError, "the scores are"),
        (np.array([0, 1, 2, 3]), DataError, "the labels go from 0 to 3"),
        (np.zeros(4), DtypeError, "labels must be integers"),
    ],
)
def test_a_wrong_target_is_refused(t, error, told):
    with pytest.raises(error, match=f"SoftmaxWithLoss.forward: .*{told}"):
        book.SoftmaxWithLoss().forward(np.zeros((4, 3)), t)


def test_dout_of_the_loss_must_be_one_number():
    layer = book.SoftmaxWithLoss()
    layer.forward(np.zeros((4, 3)), np.zeros(4, int))
    with pytest.raises(ShapeError, match=r"SoftmaxWithLoss.backward: dout has shape \(4,\); the"):
        layer.backward(np.ones(4))


def test_the_mean_of_no_samples_is_refused():
    with pytest.raises(ShapeError, match=r"SoftmaxWithLoss.forward: the batch is empty; .* needs"):
        book.SoftmaxWithLoss().forward(np.ones((0, 3)), np.ones(0, int))
