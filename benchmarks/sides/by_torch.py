"""PyTorch: eager, and a whole functional step compiled; images as floats or as bytes."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path

import torch

from sides import work as works
from sides.work import ADAM, Samples, Work, first_weights

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))


def make(work: Work, folder: Path, form: str):
    if work.kind != "network":
        return Graph(work)
    kind = Compiled if form.startswith("compiled") else Eager
    return kind(work, folder, form.endswith("u8"))


class Network:
    def __init__(self, work: Work, folder: Path, is_bytes: bool) -> None:
        self.work, self.samples = work, Samples(folder, work)
        images = self.samples.images if is_bytes else self.samples.floats()
        self.images, self.is_bytes = torch.from_numpy(images), is_bytes
        self.labels = torch.from_numpy(self.samples.labels)
        self.rows = torch.from_numpy(self.samples.rows(work))
        self.weights = [torch.from_numpy(w) for w in first_weights(work)]

    def batch(self, rows):
        x = self.images[rows]
        return (x.float() * (1 / 255) if self.is_bytes else x), self.labels[rows]


class Eager(Network):
    def __init__(self, work: Work, folder: Path, is_bytes: bool) -> None:
        super().__init__(work, folder, is_bytes)
        act = {"relu": torch.nn.ReLU, "sigmoid": torch.nn.Sigmoid}[work.activation]
        layers = [each for a, b in pairwise(work.sizes) for each in (torch.nn.Linear(a, b), act())]
        self.model = torch.nn.Sequential(*layers[:-1])
        with torch.no_grad():
            for p, w in zip(self.model.parameters(), self.weights):
                p.copy_(w.T if w.ndim == 2 else w)
        self.optimizer = getattr(torch.optim, work.optimizer)(self.model.parameters(), lr=work.rate)

    def run(self, steps: int) -> None:
        for rows in self.rows[:steps]:
            x, t = self.batch(rows)
            self.optimizer.zero_grad()
            torch.nn.functional.cross_entropy(self.model(x), t).backward()
            self.optimizer.step()

    def answer(self) -> float:
        parameters = [p.detach().numpy() for p in self.model.parameters()]
        return self.samples.loss(self.work, [p.T if p.ndim == 2 else p for p in parameters])


class Compiled(Network):
    """Batch, gradients and update as one function; its shapes are fixed and its code is tuned."""

    def __init__(self, work: Work, folder: Path, is_bytes: bool) -> None:
        super().__init__(work, folder, is_bytes)
        import torch._inductor.config as config

        config.cpp_wrapper = True
        self.means = [torch.zeros_like(w) for w in self.weights]
        self.squares = [torch.zeros_like(w) for w in self.weights]
        self.count = 0
        self.gradients = torch.func.grad_and_value(self.loss)
        step = self.sgd if work.optimizer == "SGD" else self.adam
        self.compiled = torch.compile(step, mode="max-autotune", dynamic=False)

    def loss(self, weights, x, t):
        act = {"relu": torch.relu, "sigmoid": torch.sigmoid}[self.work.activation]
        for w, b in zip(weights[:-2:2], weights[1:-2:2]):
            x = act(torch.addmm(b, x, w))
        return torch.nn.functional.cross_entropy(torch.addmm(weights[-1], x, weights[-2]), t)

    def sgd(self, weights, rows, scales):
        grads, loss = self.gradients(weights, *self.batch(rows))
        for w, g in zip(weights, grads):
            w.sub_(self.work.rate * g)
        return loss

    def adam(self, weights, rows, scales):
        grads, loss = self.gradients(weights, *self.batch(rows))
        a, b = ADAM["decay"], ADAM["decay_of_squares"]
        for w, m, v, g in zip(weights, self.means, self.squares, grads):
            m.lerp_(g, 1 - a)
            v.mul_(b).add_((1 - b) * g * g)
            w.sub_(scales[0] * m / (v.sqrt() * scales[1] + ADAM["eps"]))
        return loss

    def scales(self):
        """Numbers that change from step to step, as a tensor: else each step is compiled anew."""
        self.count += 1
        rate = self.work.rate / (1 - ADAM["decay"] ** self.count)
        return torch.tensor([rate, (1 - ADAM["decay_of_squares"] ** self.count) ** -0.5])

    def run(self, steps: int) -> None:
        with torch.no_grad():
            for rows in self.rows[:steps]:
                scales = self.scales() if self.work.optimizer == "Adam" else None
                self.compiled(self.weights, rows, scales)

    def answer(self) -> float:
        return self.samples.loss(self.work, [w.numpy() for w in self.weights])


class Graph:
    def __init__(self, work: Work) -> None:
        self.is_scalar = work.kind == "scalars"
        given = works.SCALARS if self.is_scalar else works.matrices()[:3]
        self.values = [torch.tensor(v, requires_grad=True) for v in given]
        self.start = torch.tensor(0.0) if self.is_scalar else torch.zeros(10, 10)
        self.h = torch.from_numpy(works.matrices()[3])

    def run(self, steps: int) -> None:
        for _ in range(steps):
            for value in self.values:
                value.grad = None
            if self.is_scalar:
                result = works.chain_of_scalars(*self.values, self.start)
            else:
                chain = works.chain_of_matrices
                result = chain(*self.values, self.h, torch.tanh, self.start).sum()
            result.backward()

    def answer(self) -> float:
        return self.values[1].grad.sum().item()
