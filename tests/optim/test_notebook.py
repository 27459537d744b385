"""The notebooks' training step, beside a plain NumPy one: same weights, same batches."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim import nn, optim

SIZE, BATCH, STEPS, LR = 300, 100, 200, 0.1


@pytest.fixture(scope="module")
def digits():
    """Made-up images of MNIST's shape whose classes can be told apart."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, SIZE)
    prototypes = rng.random((10, 784)) * (rng.random((10, 784)) < 0.2)
    images = np.clip(prototypes[labels] + 0.2 * rng.standard_normal((SIZE, 784)), 0, 1)
    return images, labels


def network(seed=0):
    rng = np.random.RandomState(seed)
    return nn.MLP([784, 50, 10], init="normal:0.01", dtype=np.float64, rng=rng)


class TwoLayerNet:
    """The two-layer network of the notebooks in plain NumPy, with the exact loss."""

    def __init__(self, seed=0):
        rng = np.random.RandomState(seed)
        self.w1, self.b1 = 0.01 * rng.randn(784, 50), np.zeros(50)
        self.w2, self.b2 = 0.01 * rng.randn(50, 10), np.zeros(10)

    def step(self, x, t, lr):
        a = x @ self.w1 + self.b1
        h = np.maximum(a, 0)
        z = h @ self.w2 + self.b2
        z = z - z.max(axis=1, keepdims=True)
        logs = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        loss = -logs[np.arange(len(t)), t].mean()
        dz = np.exp(logs)
        dz[np.arange(len(t)), t] -= 1
        dz /= len(t)
        da = (dz @ self.w2.T) * (a > 0)
        self.w2, self.b2 = self.w2 - lr * (h.T @ dz), self.b2 - lr * dz.sum(axis=0)
        self.w1, self.b1 = self.w1 - lr * (x.T @ da), self.b1 - lr * da.sum(axis=0)
        return loss


def test_two_hundred_steps_are_those_of_plain_numpy(digits):
    images, labels = digits
    plain, model = TwoLayerNet(), network()
    optimizer = optim.SGD(model, lr=LR)
    rng = np.random.default_rng(1)
    losses = []

    for _ in range(STEPS):
        batch = rng.choice(SIZE, BATCH)
        loss = gd.cross_entropy(model(images[batch]), labels[batch])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        assert losses[-1] == pytest.approx(plain.step(images[batch], labels[batch], LR), abs=1e-12)

    ours = [p.numpy() for p in model.parameters()]
    for mine, theirs in zip(ours, (plain.w1, plain.b1, plain.w2, plain.b2)):
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-12)
    assert losses[0] == pytest.approx(np.log(10), abs=0.005)
    assert losses[-1] < 0.5


def gradients(model, x, t):
    _, grads = gd.value_and_grad(lambda m: gd.cross_entropy(m(x), t))(model)
    return {path: g.numpy() for path, g in grads.items()}


def test_the_gradient_of_a_batch_is_the_mean_of_those_of_its_samples(digits):
    images, labels = digits
    model = network()
    whole = gradients(model, images[:20], labels[:20])
    singly = [gradients(model, images[i], int(labels[i])) for i in range(20)]

    for path, gradient in whole.items():
        mean = sum(each[path] for each in singly) / 20
        np.testing.assert_allclose(gradient, mean, rtol=0, atol=1e-12)


def test_a_step_is_the_notebooks_update_of_summed_gradients(digits):
    """w - (lambda / n) sum g, each sum taken off the array that it belongs to."""
    images, labels = digits
    model, rate, n = network(), 0.5, 16
    before = {path: p.numpy() for path, p in model.named_parameters()}
    singly = [gradients(model, images[i], int(labels[i])) for i in range(n)]

    gd.cross_entropy(model(images[:n]), labels[:n]).backward()
    optim.SGD(model, lr=rate).step()

    for path, p in model.named_parameters():
        expected = before[path] - rate / n * sum(each[path] for each in singly)
        np.testing.assert_allclose(p.numpy(), expected, rtol=0, atol=1e-12)


def test_layers_of_equal_sizes_get_each_their_own_gradient():
    """The notebook swapped the sums of weights and biases; square layers took it in silence."""
    model = nn.MLP([4, 4, 4], dtype=np.float64, rng=0)
    rng = np.random.default_rng(0)
    x, t = rng.standard_normal((6, 4)), rng.integers(0, 4, 6)
    before = {path: p.numpy() for path, p in model.named_parameters()}
    grads = gradients(model, x, t)

    gd.cross_entropy(model(x), t).backward()
    optim.SGD(model, lr=1.0).step()

    for path, p in model.named_parameters():
        assert p.shape == before[path].shape
        np.testing.assert_allclose(p.numpy(), before[path] - grads[path], rtol=0, atol=1e-14)


def test_one_seed_makes_one_run(digits):
    images, labels = digits

    def run():
        model = nn.MLP([784, 20, 10], rng=3)
        optimizer = optim.Adam(model)
        for i in range(5):
            gd.cross_entropy(model(images[i::5]), labels[i::5]).backward()
            optimizer.step()
        return [p.numpy() for p in model.parameters()]

    for a, b in zip(run(), run()):
        np.testing.assert_array_equal(a, b)


def test_the_same_job_in_float32_stays_near(digits):
    images, labels = digits
    double = network()
    single = double.astype(np.float32)
    for model, dtype in ((double, np.float64), (single, np.float32)):
        optimizer = optim.SGD(model, lr=LR)
        for _ in range(20):
            gd.cross_entropy(model(images.astype(dtype)), labels).backward()
            optimizer.step()

    assert {p.dtype for p in single.parameters()} == {np.dtype("f4")}
    for a, b in zip(double.parameters(), single.parameters()):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=0, atol=1e-5)
