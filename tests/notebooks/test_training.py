"""The training of notebook `training`: 784-50-10 on MNIST, as it is written there and here.

The network of the notebook is spelled out in plain NumPy, and the losses of both are compared step
by step. Two things are not as in the notebook: the loss is exact (it adds 1e-7 to each
probability) and is taken before the update (it takes that of the same batch after it).
"""

from __future__ import annotations

import numpy as np
import pytest

from gradatim import cross_entropy, nn, optim
from gradatim.data import Dataset, Loader, load_mnist, mnist
from gradatim.train import Trainer

STEPS, BATCH, RATE = 200, 100, 0.1


class TwoLayerNet:
    """Affine, Relu, Affine, SoftmaxWithLoss."""

    def __init__(self, rng, std=0.01):
        self.params = {
            "W1": std * rng.standard_normal((784, 50)),
            "b1": np.zeros(50),
            "W2": std * rng.standard_normal((50, 10)),
            "b2": np.zeros(10),
        }

    def loss_and_gradient(self, x, t):
        p, rows = self.params, np.arange(len(x))
        a1 = np.dot(x, p["W1"]) + p["b1"]
        mask = a1 <= 0
        z1 = a1.copy()
        z1[mask] = 0
        a2 = np.dot(z1, p["W2"]) + p["b2"]
        shifted = a2 - np.max(a2, axis=1, keepdims=True)
        y = np.exp(shifted) / np.sum(np.exp(shifted), axis=1, keepdims=True)
        loss = -np.sum(np.log(y[rows, t])) / len(x)

        dy = y.copy()
        dy[rows, t] -= 1
        dy /= len(x)
        dz = np.dot(dy, p["W2"].T)
        dz[mask] = 0
        grads = {
            "W1": np.dot(x.T, dz),
            "b1": np.sum(dz, axis=0),
            "W2": np.dot(z1.T, dy),
            "b2": np.sum(dy, axis=0),
        }
        return loss, grads


@pytest.fixture(scope="module")
def train(tmp_path_factory) -> Dataset:
    return mnist(tmp_path_factory.mktemp("cache"))[0].flatten()


def network(plain):
    """Our network with the weights of the other one."""
    model = nn.MLP([784, 50, 10], dtype=np.float64)
    for parameter, value in zip(model.parameters(), plain.params.values(), strict=True):
        parameter.assign(value)
    return model


def notebook_losses(plain, loader):
    losses = []
    for _, x, t in loader.batches(0, STEPS):
        loss, grads = plain.loss_and_gradient(x, t)
        losses.append(loss)
        for key in ("W1", "b1", "W2", "b2"):
            plain.params[key] -= RATE * grads[key]
    return np.array(losses)


@pytest.mark.parametrize("sampling", ["replacement", "epoch"])
def test_losses_of_200_steps_are_those_of_the_notebook(train, sampling):
    plain = TwoLayerNet(np.random.default_rng(0))
    model = network(plain)
    trainer = Trainer(model, cross_entropy, optim.SGD(model, lr=RATE), progress="none")
    settings = {"batch_size": BATCH, "sampling": sampling, "seed": 1}
    few = train.subset(slice(2000))
    history = trainer.fit(few, steps=STEPS, evaluate_every=STEPS, **settings)
    expected = notebook_losses(plain, Loader(few, dtype=np.float64, **settings))

    assert 2.300 < expected[0] < 2.3028
    assert expected[-20:].mean() < 1.0
    assert np.abs(history.losses - expected).max() < 1e-12
    for parameter, value in zip(model.parameters(), plain.params.values(), strict=True):
        assert np.abs(parameter.data - value).max() < 1e-12


def test_one_hot_targets_give_the_same_losses(train):
    few = train.subset(slice(1000))
    x, t = few.arrays(np.float64)
    runs = []
    for targets in (t, np.eye(10)[t]):
        model = network(TwoLayerNet(np.random.default_rng(0)))
        trainer = Trainer(model, cross_entropy, optim.SGD(model, lr=RATE), progress="none")
        runs.append(trainer.fit((x, targets), steps=30, batch_size=BATCH))
    labels, one_hot = runs

    assert np.abs(labels.losses - one_hot.losses).max() < 1e-12
    assert one_hot.last["train_accuracy"] == labels.last["train_accuracy"] is not None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "first", "later", "last"),
    [
        (0, 2.30128645314626, (0.905133, 0.9069), (0.978883, 0.9704)),
        (1, 2.30111522163805, (0.904117, 0.9068), (0.9796, 0.9721)),
        (2, 2.30157364021705, (0.90565, 0.9090), (0.979433, 0.9694)),
    ],
)
def test_the_notebooks_own_run_with_its_own_random_numbers(seed, first, later, last):
    """Weights and batches drawn as `np.random.seed(seed)` draws them there."""
    (x, t), (x_test, t_test) = load_mnist(one_hot=True)
    drawn = np.random.RandomState(seed)
    plain = TwoLayerNet(drawn)
    model = network(plain)
    optimizer = optim.SGD(model, lr=RATE)
    scores = {}
    for i in range(10_000):
        rows = drawn.choice(60_000, BATCH)
        cross_entropy(model(x[rows]), t[rows]).backward()
        optimizer.step()
        if i == 0:  # the notebook's loss: after the update, with its 1e-7
            y = model(x[rows]).softmax().numpy()
            assert -np.log((y * t[rows]).sum(axis=1) + 1e-7).mean() == pytest.approx(
                first, abs=1e-9
            )
        if i in (600, 9999):
            scores[i] = [
                float((model(a).numpy().argmax(axis=1) == b.argmax(axis=1)).mean())
                for a, b in ((x, t), (x_test, t_test))
            ]

    assert scores[600] == pytest.approx(later, abs=0.003)
    assert scores[9999] == pytest.approx(last, abs=0.003)
