"""One training step of 784-50-10, batch 100: ours beside the NumPy code of the notebook.

The notebook's side is its own code: choice of a batch, forward, backward, update, and the loss
once more after the update, as it is printed there. It is timed with its float64 weights and with
float32 ones; ours likewise, from the loader to the update. "bare" is the notebook without that
second loss. Blocks of steps are interleaved (A B C A B C ...) and medians of the time per step are
quoted, because a machine is never quiet.

    python benchmarks/step.py [--rounds 20] [--block 100] [--profile] [--threads 1]
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from itertools import pairwise

BATCH, RATE = 100, 0.1

# How many threads NumPy's matrix library uses is read once, when NumPy is loaded.
_parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
_parser.add_argument("--rounds", type=int, default=20)
_parser.add_argument("--block", type=int, default=100)
_parser.add_argument("--profile", action="store_true", help="say where our time goes")
_parser.add_argument("--threads", type=int, help="of NumPy's matrix library")
ARGS = _parser.parse_args()
if ARGS.threads:
    for _name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ[_name] = str(ARGS.threads)

import numpy as np  # noqa: E402
from sides.by_notebook import TwoLayerNet  # noqa: E402

import gradatim as gd  # noqa: E402
from gradatim import nn, optim  # noqa: E402
from gradatim.data import Loader, load_mnist, mnist  # noqa: E402
from gradatim.train import Callback, Trainer  # noqa: E402

Block = Callable[[int], float]
"""Makes so many steps and returns the seconds that they took."""


# --- the notebook's side ---------------------------------------------------------------------
def notebook(dtype: str, loss_again: bool) -> Block:
    (x_train, t_train), _ = load_mnist(normalize=True, one_hot=True)
    if dtype == "float32":
        t_train = t_train.astype(np.float32)
    network = TwoLayerNet(book_weights(dtype))
    losses = []

    def block(steps: int) -> float:
        start = time.perf_counter()
        for _ in range(steps):
            batch_mask = np.random.choice(len(x_train), BATCH)
            x_batch, t_batch = x_train[batch_mask], t_train[batch_mask]
            grad = network.gradient(x_batch, t_batch)
            for key in ("W1", "b1", "W2", "b2"):
                network.params[key] -= RATE * grad[key]
            if loss_again:
                losses.append(network.loss(x_batch, t_batch))
        return time.perf_counter() - start

    return block


def book_weights(dtype: str) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {
        "W1": (0.01 * rng.standard_normal((784, 50))).astype(dtype),
        "b1": np.zeros(50, dtype),
        "W2": (0.01 * rng.standard_normal((50, 10))).astype(dtype),
        "b2": np.zeros(10, dtype),
    }


# --- our side ---------------------------------------------------------------------------------
def job(dtype: str) -> tuple[nn.MLP, optim.SGD, Loader]:
    model = nn.MLP([784, 50, 10], init="normal:0.01", rng=0, dtype=dtype)
    data = mnist()[0].flatten()
    loader = Loader(data, BATCH, sampling="replacement", dtype=dtype)
    return model, optim.SGD(model, lr=RATE), loader


def by_hand(dtype: str) -> Block:
    model, optimizer, loader = job(dtype)
    batches = loader.batches()
    losses = []

    def block(steps: int) -> float:
        start = time.perf_counter()
        for _ in range(steps):
            _, x, t = next(batches)
            loss = gd.cross_entropy(model(x), t)
            losses.append(loss.item())
            loss.backward()
            optimizer.step()
        return time.perf_counter() - start

    return block


class Stopwatch(Callback):
    """Times the steps of a training from its first update to its last, without evaluations."""

    def on_step(self, state):
        if state.step == 1:
            self.started = time.perf_counter()
        elif state.step == state.plan.stop:
            self.seconds = time.perf_counter() - self.started


def trained(dtype: str) -> Block:
    data, watch = mnist()[0].flatten(), Stopwatch()
    model, optimizer, _ = job(dtype)
    trainer = Trainer(model, gd.cross_entropy, optimizer, callbacks=[watch], progress="none")

    def block(steps: int) -> float:
        settings = {"batch_size": BATCH, "sampling": "replacement", "evaluate_every": 10**9}
        trainer.fit(data, steps=steps + 1, **settings)
        return watch.seconds

    return block


# --- measuring --------------------------------------------------------------------------------
def measure(sides: dict[str, Block]) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in sides}
    for block in sides.values():
        block(ARGS.block)
    for _ in range(ARGS.rounds):
        for name, block in sides.items():
            times[name].append(block(ARGS.block) / ARGS.block)
    return {name: statistics.median(found) for name, found in times.items()}


def profile(dtype: str) -> None:
    """Medians of the parts of one step."""
    model, optimizer, loader = job(dtype)
    parts: dict[str, list[float]] = {}
    for step in range(ARGS.rounds * ARGS.block // 4):
        marks = [("", time.perf_counter())]

        def mark(name: str, marks: list[tuple[str, float]] = marks) -> None:
            marks.append((name, time.perf_counter()))

        rows = loader.indices(step)
        mark("loader: indices")
        x, t = loader.dataset.batch(rows, dtype)
        mark("loader: gather, to float")
        outputs = model(x)
        mark("forward: model")
        loss = gd.cross_entropy(outputs, t)
        mark("forward: loss")
        loss.backward()
        mark("backward")
        optimizer.step()
        mark("update")
        for (_, before), (name, now) in pairwise(marks):
            parts.setdefault(name, []).append(now - before)
    total = sum(map(statistics.median, parts.values()))
    print(f"\nwhere our step goes, {dtype}")
    for name, found in parts.items():
        middle = statistics.median(found)
        print(f"  {name:<26}{middle * 1e6:8.1f} us{middle / total:8.0%}")


def main() -> int:
    for dtype in ("float32", "float64"):
        sides = {
            "notebook": notebook(dtype, True),
            "notebook, bare": notebook(dtype, False),
            "gradatim, by hand": by_hand(dtype),
            "gradatim, Trainer": trained(dtype),
        }
        found = measure(sides)
        print(f"\n{dtype}: microseconds a step, and as a share of the notebook's")
        for name, seconds in found.items():
            print(f"  {name:<22}{seconds * 1e6:8.1f}{seconds / found['notebook']:8.2f}")
        if ARGS.profile:
            profile(dtype)
    return 0


if __name__ == "__main__":
    sys.exit(main())
