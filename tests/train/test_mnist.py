"""The job of the notebooks on real digits: 784-50-10, batches of 100, SGD with a rate of 0.1."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gradatim import cross_entropy, nn, optim
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
