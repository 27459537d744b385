"""Losses: stable, strict in shape, and right in the numbers of the notebooks."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import DataError, ShapeError

TARGET = np.array([0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
GUESS = np.array([0.1, 0.05, 0.6, 0, 0.05, 0.1, 0, 0.1, 0, 0])


def gradient(loss, x, *rest, **settings):
    leaf = gd.Tensor(x, requires_grad=True)
    loss(leaf, *rest, **settings).backward()
    return leaf.grad.numpy()


def softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


@pytest.fixture
def batch():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, 7)
    return rng.standard_normal((7, 10)), labels, np.eye(10)[labels]


# --- the notebooks' numbers -----------------------------------------------------------------------
def test_sum_of_squares_is_that_of_the_notebook():
    assert gd.sse(GUESS, TARGET).item() == 0.19500000000000006


def test_half_the_sum_of_squares_is_that_of_the_book():
    assert gd.sse(GUESS, TARGET, half=True).item() == 0.09750000000000003


def test_log_likelihood_is_minus_log_of_the_probability_without_epsilon():
    with np.errstate(divide="ignore"):
        logs = np.log(GUESS)

    assert gd.nll(logs, 2).item() == pytest.approx(0.5108256237659907, abs=1e-16)
    assert gd.nll(logs, TARGET.astype(float)).item() == gd.nll(logs, 2).item()


def test_log_likelihood_with_the_notebooks_epsilon_is_the_notebooks():
    assert gd.nll(np.log(GUESS + 1e-7), 2).item() == pytest.approx(0.510825457099338, abs=1e-16)


def test_labels_and_one_hot_give_the_same_loss_and_gradient(batch):
    logits, labels, one_hot = batch

    by_label = gd.cross_entropy(logits, labels).item()
    by_vector = gd.cross_entropy(logits, one_hot).item()

    assert by_label == pytest.approx(by_vector, abs=1e-15)
    expected = (softmax(logits) - one_hot) / 7
    for target in (labels, one_hot):
        found = gradient(gd.cross_entropy, logits, target)
        np.testing.assert_allclose(found, expected, atol=1e-16)


def test_one_sample_without_an_axis_is_a_batch_of_one(batch):
    logits, labels, one_hot = batch
    row, label = logits[0], int(labels[0])  # a Python int, on which `.reshape` would fail

    whole = gd.cross_entropy(logits[:1], labels[:1]).item()

    assert gd.cross_entropy(row, label).item() == whole
    assert gd.cross_entropy(row, one_hot[0]).item() == pytest.approx(whole, abs=1e-15)
    # The notebook took 10 for the size of the batch and its gradient was 10 times too small.
    found = gradient(gd.cross_entropy, row, label)
    np.testing.assert_allclose(found, softmax(row) - one_hot[0], atol=1e-16)


def test_as_many_labels_as_classes_are_still_labels():
    """The notebook subtracted (10,) from (10, 10) here, without an error."""
    logits = np.random.default_rng(1).standard_normal((10, 10))
    labels = np.arange(10)[::-1].copy()

    found = gradient(gd.cross_entropy, logits, labels)

    np.testing.assert_allclose(found, (softmax(logits) - np.eye(10)[labels]) / 10, atol=1e-16)


def test_scaling_the_loss_scales_the_gradient(batch):
    """The notebook's backward took no notice of what arrived."""
    logits, labels, _ = batch

    twice = gradient(lambda z: gd.cross_entropy(z, labels) * 2, logits)

    np.testing.assert_array_equal(twice, 2 * gradient(gd.cross_entropy, logits, labels))


def test_labels_for_one_column_are_not_taken_for_one_hot():
    """`t.size == y.size` took (N,) labels beside (N, 1) outputs for one-hot vectors."""
    with pytest.raises(DataError, match=r"element\[0\] is 1; it must lie in 0\.\.0"):
        gd.cross_entropy([[0.2], [0.4]], [1, 0])


# --- stability ------------------------------------------------------------------------------------
def test_a_confident_mistake_costs_its_margin():
    assert gd.cross_entropy([[1000.0, 0.0]], [1]).item() == 1000.0
    np.testing.assert_array_equal(gradient(gd.cross_entropy, [[1000.0, 0.0]], [1]), [[1.0, -1.0]])


@pytest.mark.parametrize("target", [[0], [[1.0, 0.0]]])
def test_a_sure_and_right_answer_costs_zero_without_a_sign(target):
    loss = gd.cross_entropy([[1e4, -1e4]], target).item()

    assert loss == 0
    assert not np.signbit(loss)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [1e4, -1e4])
def test_large_logits_give_finite_losses_and_gradients(dtype, size):
    logits = np.array([[size, 0.0, -size]], dtype)

    assert np.isfinite(gd.cross_entropy(logits, [1]).item())
    assert np.isfinite(gradient(gd.cross_entropy, logits, [1])).all()
    assert np.isfinite(gd.binary_cross_entropy(logits, [[0, 1, 1]]).item())
    assert np.isfinite(gradient(gd.binary_cross_entropy, logits, [[0, 1, 1]])).all()


def test_a_masked_class_does_not_make_the_loss_nan():
    logits = [[0.0, -np.inf, 0.0]]

    for target in ([0], [[1.0, 0.0, 0.0]]):
        assert gd.cross_entropy(logits, target).item() == pytest.approx(np.log(2))
        np.testing.assert_allclose(
            gradient(gd.cross_entropy, logits, target), [[-0.5, 0, 0.5]], atol=1e-15
        )


def test_small_binary_losses_keep_their_digits():
    losses = gd.binary_cross_entropy([40.0, -40.0], [1, 0], "none").numpy()

    np.testing.assert_allclose(losses, np.exp(-40.0), rtol=1e-12)


def test_binary_gradient_at_zero_has_no_kink():
    np.testing.assert_array_equal(
        gradient(gd.binary_cross_entropy, [0.0, 0.0], [0.0, 1.0], "sum"), [0.5, -0.5]
    )


def test_unsigned_integers_do_not_wrap_around():
    prediction, target = np.array([1], np.uint8), np.array([21], np.uint8)

    assert gd.mse(prediction, target).item() == 400.0
    assert gd.sse(prediction, target).item() == 400.0


# --- dtypes, targets and shapes -------------------------------------------------------------------
@pytest.mark.parametrize("loss", [gd.mse, gd.huber, gd.sse, gd.cross_entropy])
def test_a_float64_target_does_not_widen_a_float32_loss(loss):
    prediction = gd.Tensor(np.ones((2, 3), np.float32), requires_grad=True)

    value = loss(prediction, np.full((2, 3), 0.5))
    value.backward()

    assert value.dtype == prediction.grad.dtype == np.float32


def test_no_argument_is_written_into(batch):
    for array in batch:
        array.flags.writeable = False
    logits, labels, one_hot = batch

    gradient(gd.cross_entropy, logits, labels)
    gradient(gd.cross_entropy, logits, one_hot)
    gradient(gd.mse, logits, one_hot)


def test_binary_targets_may_be_boolean():
    assert gd.binary_cross_entropy([2.0, -2.0], [True, False]).item() == pytest.approx(
        gd.binary_cross_entropy([2.0, -2.0], [1.0, 0.0]).item()
    )


def test_labels_enter_as_an_input_and_not_as_a_setting(batch):
    """A label among the settings would be baked into a compiled program."""
    logits, labels, _ = batch
    target = gd.Tensor(labels)
    inputs, settings = [], []

    def see(primitive, xs, kept, y):
        inputs.extend(xs)
        settings.extend(kept.values())

    with gd.listen(see):
        gd.cross_entropy(logits, target)

    assert any(x is target for x in inputs)
    assert not any(isinstance(value, np.ndarray | list | gd.Tensor) for value in settings)


@pytest.mark.parametrize(
    ("loss", "into"), [(gd.cross_entropy, gd.softmax), (gd.binary_cross_entropy, gd.sigmoid)]
)
def test_probabilities_in_place_of_logits_are_refused(loss, into):
    x = gd.Tensor([[0.3, 0.7]], requires_grad=True)
    target = [1] if into is gd.softmax else [[0, 1]]

    with pytest.raises(DataError, match="they are probabilities"):
        loss(into(x), target)


@pytest.mark.parametrize(
    ("prediction", "target", "fix"),
    [
        ((4, 1), (4,), "Did you mean prediction[:, 0]? Or target[:, None]?"),
        ((4,), (4, 1), "Did you mean target[:, 0]? Or prediction[:, None]?"),
        ((2, 3, 1), (2, 3), "Did you mean prediction[:, :, 0]?"),
        ((1, 4), (4,), "Did you mean prediction[0]?"),
    ],
)
def test_a_shape_that_would_broadcast_is_an_error_with_the_fix(prediction, target, fix):
    for loss in (gd.mse, gd.sse, gd.huber):
        with pytest.raises(ShapeError) as caught:
            loss(np.zeros(prediction), np.zeros(target))
        assert fix in str(caught.value)
        assert str(prediction) in str(caught.value)


def test_one_sample_with_a_list_of_one_label_is_an_error_with_the_fix():
    with pytest.raises(ShapeError, match=r"Did you mean target\[0\]"):
        gd.cross_entropy([0.1, 0.2], [1])


@pytest.mark.parametrize("loss", [gd.mse, gd.huber, gd.binary_cross_entropy])
def test_the_mean_of_nothing_is_an_error_and_its_sum_is_zero(loss):
    with pytest.raises(ShapeError, match="the batch is empty"):
        loss(np.zeros(0), np.zeros(0))

    assert loss(np.zeros(0), np.zeros(0), reduction="sum").item() == 0


def test_huber_has_the_slope_of_its_difference_kept_within_delta():
    found = gradient(gd.huber, [0.5, 1.0, 3.0, -3.0], np.zeros(4), reduction="sum")

    np.testing.assert_array_equal(found, [0.5, 1.0, 1.0, -1.0])


# --- batches --------------------------------------------------------------------------------------
def test_the_gradient_of_a_batch_is_the_mean_of_those_of_its_samples(batch):
    """Why divide by the size of the batch? So that the step does not grow with it."""
    logits, labels, _ = batch

    whole = gradient(gd.cross_entropy, logits, labels)
    singly = [gradient(gd.cross_entropy, z, int(t)) for z, t in zip(logits, labels)]

    np.testing.assert_allclose(whole, np.stack(singly) / 7, atol=1e-15)


def test_every_component_of_the_gradient_is_probability_minus_target():
    """The notebook's text says so only for the component whose target is 1."""
    logits = np.array([0.3, -1.0, 2.0])

    found = gradient(gd.cross_entropy, logits, 1)

    np.testing.assert_allclose(found, softmax(logits) - [0, 1, 0], atol=1e-16)


def test_no_loss_warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        gd.cross_entropy([[1e4, -1e4], [-1e4, 1e4]], [1, 0])
        gd.binary_cross_entropy([1e4, -1e4], [0, 1])
