"""HIPS autograd."""

from __future__ import annotations

from pathlib import Path

import autograd.numpy as anp
import numpy as np

from autograd import grad, value_and_grad
from sides import work as works
from sides.work import ADAM, Samples, Work, first_weights

f = np.float32


def make(work: Work, folder: Path, form: str):
    return Network(work, folder) if work.kind == "network" else Graph(work)


class Network:
    def __init__(self, work: Work, folder: Path) -> None:
        self.work, self.samples = work, Samples(folder, work)
        self.images, self.labels = self.samples.floats(), self.samples.labels
        self.rows, self.each = self.samples.rows(work), np.arange(work.batch)
        self.weights = first_weights(work)
        self.means, self.squares = [[np.zeros_like(w) for w in self.weights] for _ in range(2)]
        self.count = 0
        self.gradients = value_and_grad(self.loss)

    def loss(self, weights, x, t):
        for w, b in zip(weights[:-2:2], weights[1:-2:2]):
            x = anp.dot(x, w) + b
            x = anp.maximum(x, f(0)) if self.work.activation == "relu" else 1 / (1 + anp.exp(-x))
        z = anp.dot(x, weights[-2]) + weights[-1]
        z = z - anp.max(z, axis=1, keepdims=True)
        return anp.mean(anp.log(anp.sum(anp.exp(z), axis=1)) - z[self.each, t])

    def run(self, steps: int) -> None:
        for rows in self.rows[:steps]:
            _, grads = self.gradients(self.weights, self.images[rows], self.labels[rows])
            if self.work.optimizer == "SGD":
                self.weights = [w - f(self.work.rate) * g for w, g in zip(self.weights, grads)]
            else:
                self.adam(grads)

    def adam(self, grads) -> None:
        self.count += 1
        a, b = ADAM["decay"], ADAM["decay_of_squares"]
        scale, spread = f(self.work.rate / (1 - a**self.count)), f((1 - b**self.count) ** -0.5)
        for w, m, v, g in zip(self.weights, self.means, self.squares, grads):
            m *= f(a)
            m += f(1 - a) * g
            v *= f(b)
            v += f(1 - b) * g * g
            w -= scale * m / (np.sqrt(v) * spread + f(ADAM["eps"]))

    def answer(self) -> float:
        return self.samples.loss(self.work, self.weights)


class Graph:
    def __init__(self, work: Work) -> None:
        scalars = work.kind == "scalars"
        chain = works.chain_of_scalars if scalars else _matrices
        self.gradients = grad(lambda values: chain(*values))
        self.values = works.SCALARS if scalars else tuple(works.matrices()[:3])

    def run(self, steps: int) -> None:
        for _ in range(steps):
            self.found = self.gradients(self.values)

    def answer(self) -> float:
        return float(np.sum(self.found[1]))


def _matrices(w, b, c):
    start = np.zeros((10, 10), f)
    return anp.sum(works.chain_of_matrices(w, b, c, works.matrices()[3], anp.tanh, start))
