"""The job of the notebooks on real digits: 784-50-10, batches of 100, SGD with a rate of 0.1."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from gradatim import cross_entropy, nn, optim
from gradatim.data import Loader
from gradatim.native import engine
from gradatim.train import Trainer

HIDDEN, STEPS = 50, 10_000


def trainer(seed, lr=0.1):
    model = nn.MLP([784, HIDDEN, 10], init="normal:0.01", rng=seed)
    return Trainer(model, cross_entropy, optim.SGD(model, lr=lr), progress="none")


def test_a_few_hundred_digits_are_learned_and_others_recognised(digits):
    train, test = (part.subset(slice(500)) for part in digits)
    history = trainer(seed=0, lr=0.5).fit(train, test, epochs=60, batch_size=50, seed=0)

    assert 2.300 < history.rows[0]["loss"] < 2.3045
    assert history.last["train_accuracy"] == 1.0
    assert history.last["test_accuracy"] > 0.80
    assert history.last["step"] == 600


def by_hand(model, loader, steps, lr):
    """Gradient descent in plain NumPy, as the notebooks write it."""
    w1, b1, w2, b2 = (np.array(p.data) for p in model.parameters())
    losses = []
    for _, x, t in loader.batches(0, steps):
        hidden = np.maximum(x @ w1 + b1, 0)
        scores = hidden @ w2 + b2
        scores -= scores.max(axis=1, keepdims=True)
        y = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        losses.append(-np.log(y[np.arange(len(t)), t]).mean())
        d2 = (y - np.eye(10)[t]) / len(t)
        d1 = (d2 @ w2.T) * (hidden > 0)
        for p, gradient in ((w1, x.T @ d1), (b1, d1.sum(0)), (w2, hidden.T @ d2), (b2, d2.sum(0))):
            p -= lr * gradient
    return losses, [w1, b1, w2, b2]


@pytest.mark.parametrize("compile", [True, False])
def test_two_hundred_steps_are_those_of_plain_numpy_to_ten_digits(digits, compile):
    if compile and not engine.is_there():
        pytest.skip("llvmlite is not installed")
    model = nn.MLP([784, HIDDEN, 10], init="normal:0.01", rng=0, dtype="float64")
    loader = Loader(digits[0], 100, seed=0, dtype="float64")
    losses, weights = by_hand(model, loader, 200, lr=0.5)
    job = Trainer(model, cross_entropy, optim.SGD(model, lr=0.5), progress="none", compile=compile)
    history = job.fit(digits[0], steps=200, evaluate_every=1000, batch_size=100, seed=0)
    assert losses[-1] < 0.5
    np.testing.assert_allclose(history.losses, losses, rtol=0, atol=1e-10)
    for p, expected in zip(model.parameters(), weights, strict=True):
        np.testing.assert_allclose(p.data, expected, rtol=0, atol=1e-10)


@pytest.mark.slow
# Sampling with replacement is what `gradatim reproduce --full` trains with, from three seeds.
@pytest.mark.parametrize(
    ("seed", "sampling"), [(0, "epoch"), (1, "epoch"), (2, "epoch"), (0, "replacement")]
)
def test_the_notebooks_job_ends_within_its_band(digits, seed, sampling):
    train, test = digits
    history = trainer(seed).fit(
        train, test, steps=STEPS, evaluate_every=600, sampling=sampling, seed=seed
    )
    steps = [row["step"] for row in history.rows]
    before_last, last = history.rows[-2:]

    assert steps == [*range(0, STEPS, 600), STEPS]
    assert 2.300 < history.rows[0]["loss"] < 2.3045
    assert last["test_accuracy"] >= 0.966
    for row in (before_last, last):
        assert 0.977 <= row["train_accuracy"] <= 0.982
        assert 0.966 <= row["test_accuracy"] <= 0.973


PEAK = """
import re, resource, sys
from pathlib import Path
from gradatim import cross_entropy, nn, optim
from gradatim.data import mnist
from gradatim.train import Trainer

train, test = (part.flatten() for part in mnist(sys.argv[1]))
model = nn.MLP([784, 50, 10], init="normal:0.01", rng=0)
trainer = Trainer(model, cross_entropy, optim.SGD(model, lr=0.1), progress="none")
trainer.fit(train, test, steps=1200, evaluate_every=600)
status = Path("/proc/self/status")
if status.exists():  # Linux lets getrusage begin with the peak of whoever started the process
    print(1024 * int(re.search(r"VmHWM:\\s*(\\d+) kB", status.read_text())[1]))
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no getrusage")
def test_the_whole_process_stays_below_500_megabytes(tmp_path):
    command = [sys.executable, "-c", PEAK, str(tmp_path)]  # an empty cache: unpacking counts too
    answer = subprocess.run(command, check=True, capture_output=True, text=True)

    assert 50e6 < int(answer.stdout) < 500e6
