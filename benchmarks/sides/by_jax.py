"""JAX: ``jit`` of a step, and ``lax.scan`` over a whole run; images as floats or as bytes."""

from __future__ import annotations

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from sides import work as works
from sides.work import ADAM, Samples, Work, first_weights

ACTIVATIONS = {"relu": jax.nn.relu, "sigmoid": jax.nn.sigmoid}


def make(work: Work, folder: Path, form: str):
    if work.kind != "network":
        return Graph(work)
    return (Scan if form.startswith("scan") else Jit)(work, folder, form.endswith("u8"))


class Network:
    def __init__(self, work: Work, folder: Path, is_bytes: bool) -> None:
        self.work, self.samples = work, Samples(folder, work)
        images = self.samples.images if is_bytes else self.samples.floats()
        self.images = jnp.asarray(images)
        self.labels = jnp.asarray(self.samples.labels.astype(np.int32))
        self.is_bytes = is_bytes
        self.rows = self.samples.rows(work).astype(np.int32)
        weights = [jnp.asarray(w) for w in first_weights(work)]
        moments = [jnp.zeros_like(w) for w in weights] if work.optimizer == "Adam" else []
        self.state = (weights, moments, list(map(jnp.copy, moments)), jnp.float32(0))

    def loss(self, weights, x, t):
        for w, b in zip(weights[:-2:2], weights[1:-2:2]):
            x = ACTIVATIONS[self.work.activation](x @ w + b)
        logits = jax.nn.log_softmax(x @ weights[-2] + weights[-1])
        return -jnp.take_along_axis(logits, t[:, None], 1).mean()

    def step(self, state, rows):
        weights, means, squares, count = state
        x = self.images[rows]
        if self.is_bytes:
            x = x.astype(jnp.float32) * (1 / 255)
        loss, grads = jax.value_and_grad(self.loss)(weights, x, self.labels[rows])
        rate = self.work.rate
        if self.work.optimizer == "SGD":
            weights = [w - rate * g for w, g in zip(weights, grads)]
            return (weights, means, squares, count), loss
        count = count + 1
        a, b = ADAM["decay"], ADAM["decay_of_squares"]
        means = [a * m + (1 - a) * g for m, g in zip(means, grads)]
        squares = [b * v + (1 - b) * g * g for v, g in zip(squares, grads)]
        scale, spread = rate / (1 - a**count), 1 / jnp.sqrt(1 - b**count)
        weights = [
            w - scale * m / (jnp.sqrt(v) * spread + ADAM["eps"])
            for w, m, v in zip(weights, means, squares)
        ]
        return (weights, means, squares, count), loss

    def answer(self) -> float:
        return self.samples.loss(self.work, [np.asarray(w) for w in self.state[0]])


class Jit(Network):
    def __init__(self, work: Work, folder: Path, is_bytes: bool) -> None:
        super().__init__(work, folder, is_bytes)
        self.compiled = jax.jit(self.step, donate_argnums=0)

    def run(self, steps: int) -> None:
        for rows in self.rows[:steps]:
            self.state, loss = self.compiled(self.state, rows)
        jax.block_until_ready((self.state, loss))


class Scan(Network):
    def __init__(self, work: Work, folder: Path, is_bytes: bool) -> None:
        super().__init__(work, folder, is_bytes)
        self.compiled = jax.jit(
            lambda state, rows: jax.lax.scan(self.step, state, rows), donate_argnums=0
        )

    def run(self, steps: int) -> None:
        self.state, losses = self.compiled(self.state, self.rows[:steps])
        jax.block_until_ready((self.state, losses))


class Graph:
    def __init__(self, work: Work) -> None:
        scalars = work.kind == "scalars"
        chain = works.chain_of_scalars if scalars else _matrices
        self.gradients = jax.jit(jax.grad(chain, (0, 1, 2)))
        self.values = works.SCALARS if scalars else list(map(jnp.asarray, works.matrices()[:3]))

    def run(self, steps: int) -> None:
        for _ in range(steps):
            self.found = self.gradients(*self.values)
        jax.block_until_ready(self.found)

    def answer(self) -> float:
        return float(self.found[1].sum())


def _matrices(w, b, c):
    start = jnp.zeros((10, 10), jnp.float32)
    return works.chain_of_matrices(w, b, c, works.matrices()[3], jnp.tanh, start).sum()
