"""Ours: whole runs in machine code, a compiled step a call, its printed NumPy, and eager.

All of them read the bytes of the images.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

import gradatim as gd
from sides import work as works
from sides.work import SEED, Samples, Work, first_weights

BACKENDS = {"call": "llvm", "printed": "numpy", "eager": None}


def make(work: Work, folder: Path, form: str):
    if work.kind != "network":
        return Graph(work, BACKENDS[form])
    return Run(work, folder) if form == "run" else Steps(work, folder, BACKENDS[form])


class Network:
    def __init__(self, work: Work, folder: Path) -> None:
        self.work, self.samples = work, Samples(folder, work)
        self.model = gd.nn.MLP(work.sizes, work.activation, rng=0)
        names = self.model.state_dict()
        self.model.load_state_dict(dict(zip(names, first_weights(work))))
        self.optimizer = getattr(gd.optim, work.optimizer)(self.model, lr=work.rate)
        self.data = gd.data.Dataset(self.samples.images, self.samples.labels, scale=1 / 255)

    def answer(self) -> float:
        return self.samples.loss(self.work, [p.data for p in self.model.parameters()])


class Stopwatch(gd.train.Progress):
    """Notes what the steps of a training take once they are compiled, evaluations left out.

    A fit takes one step by itself, makes the program and tries it; the time is that of the steps
    from there to the last evaluation.
    """

    BEFORE = 2  # calls of step until then

    def start(self, state) -> None:
        self.calls, self.marks = 0, []

    def step(self, state) -> None:
        self.calls += 1
        if self.calls <= self.BEFORE:
            self.marks.append(self.now(state))

    def evaluating(self, state) -> None:
        self.marks.append(self.now(state))

    @staticmethod
    def now(state) -> tuple[float, float, int]:
        return time.perf_counter(), time.process_time(), state.step

    def times(self, steps: int) -> tuple[float, float]:
        """Seconds and processor seconds of so many steps."""
        t1, c1, ended = self.marks[-1]
        t0, c0, begun = [mark for mark in self.marks if mark[2] < ended][-1]
        scale = steps / (ended - begun)
        return (t1 - t0) * scale, (c1 - c0) * scale


class Run(Network):
    """As people train: the Trainer, with its batches, its records and its checks.

    It looks at all images before the first step and after the last, which the peers do not; that
    is not in the time of the steps.
    """

    def __init__(self, work: Work, folder: Path) -> None:
        super().__init__(work, folder)
        self.watch = Stopwatch()
        self.trainer = gd.train.Trainer(
            *(self.model, gd.cross_entropy, self.optimizer), progress=self.watch, compile=True
        )

    def run(self, steps: int) -> tuple[float, float]:
        self.trainer.fit(
            self.data,
            steps=steps,
            batch_size=self.work.batch,
            sampling="replacement",
            seed=SEED,
            evaluate_every=10**9,
        )
        return self.watch.times(steps)


class Steps(Network):
    """A step that is called for batch after batch."""

    def __init__(self, work: Work, folder: Path, backend: str | None) -> None:
        super().__init__(work, folder)
        model, optimizer = self.model, self.optimizer

        def step(x, t):
            loss = gd.cross_entropy(model(x), t)
            loss.backward()
            optimizer.step()
            return loss

        self.step = gd.compile(step, backend=backend) if backend else step
        self.loader = gd.data.Loader(self.data, work.batch, sampling="replacement", seed=SEED)

    def run(self, steps: int) -> None:
        for _, x, t in self.loader.batches(stop=steps):
            self.step(x, t)


class Graph:
    """Gradients of a chain of small operations."""

    def __init__(self, work: Work, backend: str | None) -> None:
        scalars = work.kind == "scalars"
        gradients = gd.grad(works.chain_of_scalars if scalars else _matrices, argnums=(0, 1, 2))
        self.gradients = gd.compile(gradients, backend=backend) if backend else gradients
        values = works.SCALARS if scalars else works.matrices()[:3]
        self.values = [gd.Tensor(value) for value in values]

    def run(self, steps: int) -> None:
        for _ in range(steps):
            self.found = self.gradients(*self.values)

    def answer(self) -> float:
        return float(self.found[1].data.sum())


def _matrices(w, b, c):
    h = gd.Tensor(works.matrices()[3])
    start = gd.Tensor(np.zeros((10, 10), np.float32))
    return works.chain_of_matrices(w, b, c, h, gd.tanh, start).sum()
