from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim import book
from gradatim.book import MLP_Network
from gradatim.errors import DataError, GraphError, ShapeError

SIZES = [4, 16, 12, 3]


@pytest.fixture
def samples():
    rng = np.random.default_rng(2)
    return [(x, int(t)) for x, t in zip(rng.random((20, 4)), rng.integers(0, 3, 20), strict=True)]


def halves(activation=None):
    """A network whose weights are of a size that learns, and whose hidden units are alive."""
    net = MLP_Network(SIZES, activation, None if activation is None else book.softmax)
    net.weights = [w / 2 for w in net.weights]
    net.biases = [np.abs(b) for b in net.biases]
    grad_bs, grad_ws = net.backward(np.full(4, 0.5), 0)
    assert all(np.abs(gradient).max() > 1e-4 for gradient in grad_bs + grad_ws)
    return net


def test_biases_are_drawn_before_weights_as_in_the_notebook():
    net = MLP_Network([784, 512, 10])
    np.random.seed(0)
    for found, shape in zip(
        net.biases + net.weights, [512, 10, (512, 784), (10, 512)], strict=True
    ):
        np.testing.assert_array_equal(found, np.random.randn(*np.atleast_1d(shape)))


@pytest.mark.parametrize("activation", [book.ReLU, book.sigmoid, np.tanh])
def test_forward_of_one_and_of_many(activation):
    net = MLP_Network([2, 3, 6, 4, 10, 10], activation, book.softmax)
    x = np.random.randn(7, 2)
    a = x.T
    for i, (bias, weight) in enumerate(zip(net.biases, net.weights, strict=True)):
        z = weight @ a + bias[:, None]
        a = activation(z) if i < 4 else z
    expected = book.softmax(a.T)
    np.testing.assert_allclose(net.forward(x), expected, rtol=1e-12)
    for row, sample in zip(expected, x, strict=True):
        np.testing.assert_allclose(net.forward(sample), row, rtol=1e-12)
    np.testing.assert_allclose(net.forward(x).sum(axis=1), 1, rtol=1e-15)


def test_the_activation_that_was_asked_for_is_used():
    net = MLP_Network([2, 3, 6, 4, 10, 10], activation_function=book.sigmoid)
    seen = []

    def spy(z):
        seen.append(book.sigmoid(z))
        return seen[-1]

    net.activation_function = spy
    net.forward(np.random.randn(3, 2) * 10)
    assert [y.shape for y in seen] == [(3, 3), (3, 6), (3, 4), (3, 10)]
    assert all(((y > 0) & (y < 1)).all() for y in seen)
    assert MLP_Network([2, 3], book.sigmoid).activation_function is book.sigmoid


def test_it_ends_as_the_two_classes_of_the_notebook_do():
    x = np.random.randn(2)
    assert MLP_Network([2, 3, 10]).forward(x).sum() == pytest.approx(1, abs=1e-15)
    assert MLP_Network([2, 3, 10]).last_activation is book.softmax
    assert MLP_Network([2, 3, 10], book.sigmoid).last_activation is book.no_activation


ACTIVATIONS = {
    "given sizes alone": None,
    "sigmoid": book.sigmoid,
    "no_activation": book.no_activation,
    "NumPy's": np.tanh,
    "one of your own": lambda z: 1 / (1 + np.exp(-z)),
    "one with a kink": lambda z: z * (z > 0),
}


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=ACTIVATIONS)
def test_backward_is_the_gradient_of_the_loss(activation, samples):
    net = halves(activation)
    x, label = samples[0]
    for found, owned in zip(net.backward(x, label), (net.biases, net.weights), strict=True):
        for gradient, parameter in zip(found, owned, strict=True):
            expected = book.numerical_gradient(lambda _: net.loss(x, label), parameter)
            np.testing.assert_allclose(gradient, expected, atol=1e-7)


@pytest.mark.parametrize("activation", [None, book.sigmoid, np.tanh])
def test_the_gradient_of_a_batch_is_the_sum_of_its_samples(activation, samples):
    net = halves(activation)
    parts = [net.backward(x, label) for x, label in samples]
    for found, position in zip(net.grad_batch(samples), (0, 1), strict=True):
        for layer, gradient in enumerate(found):
            expected = sum(part[position][layer] for part in parts)
            np.testing.assert_allclose(gradient, expected, atol=1e-12)


def test_the_scores_gradient_is_a_minus_y_everywhere(samples):
    net = halves()
    x, label = samples[0]
    a = net.forward(x)
    np.testing.assert_allclose(net.backward(x, label)[0][-1], a - net.eye[label], atol=1e-15)


def test_an_update_is_a_step_of_sgd_on_the_mean_loss(samples):
    net = halves()
    model = gd.nn.MLP(SIZES, dtype=np.float64)
    linear = [layer for layer in model if isinstance(layer, gd.nn.Linear)]
    for layer, w, b in zip(linear, net.weights, net.biases, strict=True):
        layer.weight.assign(w.T)
        layer.bias.assign(b)
    x, t = np.array([x for x, _ in samples]), np.array([t for _, t in samples])
    optimizer = gd.optim.SGD(model.parameters(), lr=0.3)
    for _ in range(3):
        net.update_batch(samples, 0.3)
        gd.cross_entropy(model(x), t).backward()
        optimizer.step()
    for layer, w, b in zip(linear, net.weights, net.biases, strict=True):
        np.testing.assert_allclose(layer.weight.numpy(), w.T, atol=1e-12)
        np.testing.assert_allclose(layer.bias.numpy(), b, atol=1e-12)


def test_square_layers_get_their_own_gradients():
    net = MLP_Network([4, 4, 4])
    before = [w.copy() for w in net.weights], [b.copy() for b in net.biases]
    batch = [(np.random.rand(4), 1), (np.random.rand(4), 3)]
    grad_b, grad_w = net.grad_batch(batch)
    net.update_batch(batch, 0.5)
    for olds, news, grads in zip(before, (net.weights, net.biases), (grad_w, grad_b), strict=True):
        for old, new, gradient in zip(olds, news, grads, strict=True):
            np.testing.assert_allclose(new, old - 0.25 * gradient, rtol=1e-15)


def test_an_update_writes_into_no_array_that_was_given(samples):
    net = halves()
    mine = [w.copy() for w in net.weights]
    net.weights = list(mine)
    kept = [w.copy() for w in mine]
    net.update_batch(samples, 0.5)
    for w, before in zip(mine, kept, strict=True):
        np.testing.assert_array_equal(w, before)


def test_an_update_keeps_shapes(samples):
    net = halves()
    net.biases[0] = np.zeros(1)
    with pytest.raises(
        ShapeError, match=r"update_batch: a parameter of shape \(1,\) has a gradient"
    ):
        net.update_batch(samples, 0.5)


def test_the_loss_is_finite_where_the_notebooks_is_nan(samples):
    net = MLP_Network(SIZES)
    net.weights = [100 * w for w in net.weights]
    losses = [net.loss(x, label) for x, label in samples]
    assert max(losses) > 1000
    assert np.isfinite(losses).all()


def test_loss_and_accuracy_are_printed_and_returned(samples, capsys):
    net = halves()
    expected = np.mean([net.loss(x, t) for x, t in samples])
    right = np.mean([net.forward(x).argmax() == t for x, t in samples])
    assert net.loss_dataset(samples) == pytest.approx(expected, rel=1e-13)
    assert net.accuracy(samples) == right
    assert net.loss_dataset(iter(samples)) == pytest.approx(expected, rel=1e-13)
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("Loss is ")
    assert printed[1] == f"Accuracy is {right}"


def test_more_samples_than_are_evaluated_at_once(samples, capsys):
    net = halves()
    many = samples * 103
    assert net.accuracy(many) == net.accuracy(samples)
    assert net.loss_dataset(many) == pytest.approx(net.loss_dataset(samples), rel=1e-12)


def test_sgd_learns_and_reports_each_epoch(capsys):
    rng = np.random.default_rng(3)
    points = rng.standard_normal((200, 2))
    data = [(x, int(x[0] * x[1] > 0)) for x in points]
    net = MLP_Network([2, 16, 2])
    net.SGD(data, 60, 10, 0.1)
    lines = capsys.readouterr().out.splitlines()
    assert lines[::3] == [f"Epoch {j} complete" for j in range(60)]
    assert float(lines[-2].removeprefix("Accuracy is ")) > 0.95
    assert float(lines[-1].removeprefix("Loss is ")) < float(lines[2].removeprefix("Loss is "))


def test_images_may_keep_their_axes_in_a_data_set():
    data = [(np.random.rand(2, 2), t) for t in (0, 1, 2)]
    net = MLP_Network(SIZES)
    assert net.grad_batch(data)[1][0].shape == (16, 4)


def test_relu_prime_needs_no_name_that_numpy_has_dropped():
    assert MLP_Network([2, 3]).ReLU_prime(np.array([-1.0, 0.0, 2.0])).tolist() == [0, 0, 1]


@pytest.mark.parametrize("last", [book.no_activation, book.sigmoid])
def test_a_loss_needs_a_softmax_at_the_end(last, samples):
    net = MLP_Network(SIZES, book.sigmoid, last)
    for called, use in (("loss", net.loss), ("backward", net.backward)):
        with pytest.raises(GraphError, match=rf"MLP_Network.{called}: .* is {last.__name__}; .*\n"):
            use(*samples[0])


@pytest.mark.parametrize("shape", [(3,), (5, 3), (2, 2, 4)])
def test_an_input_of_another_size_is_refused(shape):
    with pytest.raises(ShapeError, match=r"the input has shape .*; it must be \(4,\) or \(N, 4\)"):
        MLP_Network(SIZES).forward(np.ones(shape))


@pytest.mark.parametrize("sizes", [[], [4], [4, 0], [4, 2.5], [4, True]])
def test_sizes_must_be_two_positive_integers_or_more(sizes):
    with pytest.raises(ShapeError, match=r"MLP_Network: sizes is .*\n  Try MLP_Network\(\[784"):
        MLP_Network(sizes)


def test_an_empty_batch_is_refused():
    for use in (MLP_Network(SIZES).grad_batch, MLP_Network(SIZES).accuracy):
        with pytest.raises(DataError, match="MLP_Network: there are no samples"):
            use([])


@pytest.mark.parametrize("batch", [[(np.ones(4), 0.5)], [(np.ones(4), 0), (np.ones(3), 1)], [1]])
def test_a_batch_must_hold_pairs(batch):
    with pytest.raises(DataError, match=r"a batch must be a list of pairs \(image, label\)"):
        MLP_Network(SIZES).grad_batch(batch)


def test_a_label_outside_the_classes_is_refused():
    with pytest.raises(
        DataError, match=r"MLP_Network.loss: the labels go from 3 to 3; with 3 scores"
    ):
        MLP_Network(SIZES).loss(np.ones(4), 3)
