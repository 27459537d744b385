"""NumPy, as a careful person writes a step by hand: every array made once, all work in place."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sides.work import ADAM, Samples, Work, first_weights

f = np.float32


def make(work: Work, folder: Path, form: str):
    return Network(work, folder)


class Network:
    def __init__(self, work: Work, folder: Path) -> None:
        self.work, self.samples = work, Samples(folder, work)
        self.images, self.labels = self.samples.floats(), self.samples.labels
        self.rows, self.each = self.samples.rows(work), np.arange(work.batch)
        self.weights = first_weights(work)
        self.grads, self.room = [[np.empty_like(w) for w in self.weights] for _ in range(2)]
        self.means, self.squares = [[np.zeros_like(w) for w in self.weights] for _ in range(2)]
        shapes = [(work.batch, n) for n in work.sizes]
        self.values, self.deltas = [[np.empty(s, f) for s in shapes] for _ in range(2)]
        self.masks = [np.empty(s, bool) for s in shapes]
        self.count = 0

    def run(self, steps: int) -> None:
        for rows in self.rows[:steps]:
            np.take(self.images, rows, axis=0, out=self.values[0], mode="clip")
            self.forward()
            self.loss = self.output(self.labels[rows])
            self.backward()
            self.update()

    def forward(self) -> None:
        last = len(self.weights) // 2 - 1
        for i in range(last + 1):
            out = self.values[i + 1]
            np.dot(self.values[i], self.weights[2 * i], out=out)
            out += self.weights[2 * i + 1]
            if i == last:
                return
            if self.work.activation == "relu":
                np.maximum(out, 0, out=out)
            else:
                np.negative(out, out=out)
                np.exp(out, out=out)
                out += f(1)
                np.reciprocal(out, out=out)

    def output(self, t) -> float:
        """Softmax with cross-entropy: the loss, and the first delta."""
        z, delta = self.values[-1], self.deltas[-1]
        z -= z.max(1, keepdims=True)
        np.exp(z, out=delta)
        total = delta.sum(1, keepdims=True)
        loss = (np.log(total[:, 0]) - z[self.each, t]).mean()
        delta /= total
        delta[self.each, t] -= 1
        delta *= f(1 / self.work.batch)
        return loss

    def backward(self) -> None:
        for i in reversed(range(len(self.weights) // 2)):
            out, x, delta = self.deltas[i + 1], self.values[i], self.deltas[i]
            np.dot(x.T, out, out=self.grads[2 * i])
            out.sum(0, out=self.grads[2 * i + 1])
            if i == 0:
                return
            np.dot(out, self.weights[2 * i].T, out=delta)
            if self.work.activation == "relu":
                np.greater(x, 0, out=self.masks[i])
                delta *= self.masks[i]
            else:
                delta *= x
                np.subtract(f(1), x, out=x)
                delta *= x

    def update(self) -> None:
        if self.work.optimizer == "SGD":
            for w, g in zip(self.weights, self.grads):
                g *= f(self.work.rate)
                w -= g
            return
        self.count += 1
        a, b = ADAM["decay"], ADAM["decay_of_squares"]
        scale = f(self.work.rate / (1 - a**self.count))
        spread = f((1 - b**self.count) ** -0.5)
        for w, m, v, g, u in zip(self.weights, self.means, self.squares, self.grads, self.room):
            m *= f(a)
            np.multiply(g, f(1 - a), out=u)
            m += u
            v *= f(b)
            np.multiply(g, g, out=u)
            u *= f(1 - b)
            v += u
            np.sqrt(v, out=u)
            u *= spread
            u += f(ADAM["eps"])
            np.divide(m, u, out=u)
            u *= scale
            w -= u

    def answer(self) -> float:
        return self.samples.loss(self.work, self.weights)
