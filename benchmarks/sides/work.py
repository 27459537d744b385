"""What is computed: networks and how they are trained, and small graphs of operations.

Every side begins with the same weights and takes the same rows of MNIST in each step, so what it
has learned afterwards must be the same too. This file needs nothing but NumPy.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

Array = np.ndarray

ADAM = {"decay": 0.9, "decay_of_squares": 0.999, "eps": 1e-8}
SEED = 1
"""Of the order of the samples: ``gd.data.Loader(..., sampling="replacement", seed=SEED)``."""


@dataclass(frozen=True)
class Work:
    """A network and how it is trained; or, without sizes, a graph of small operations."""

    name: str
    kind: str = "network"
    sizes: tuple[int, ...] = ()
    batch: int = 0
    activation: str = "relu"
    optimizer: str = "SGD"
    rate: float = 0.1
    is_dense: bool = False
    """Whether the zeros of the images, four fifths of their numbers, are ones instead."""

    @property
    def flops(self) -> int:
        """Of the products of one step: forward, dW, and dX but for the first layer."""
        pairs = [a * b for a, b in pairwise(self.sizes)]
        return 2 * self.batch * (3 * sum(pairs) - (pairs[0] if pairs else 0))

    @property
    def steps(self) -> int:
        """Of a round: about as much work for each network."""
        return max(24, min(500, int(8e9 / self.flops))) if self.sizes else 50

    @property
    def title(self) -> str:
        if self.kind != "network":
            return f"{self.name}: {GRAPHS[self.kind]}, forward and backward"
        sizes = "-".join(map(str, self.sizes))
        images = ", images without zeros" if self.is_dense else ""
        how = f"{self.activation}, batch {self.batch}, {self.optimizer}{images}"
        return f"{self.name}: {sizes} {how}"

    def text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str) -> Work:
        values = json.loads(text)
        return cls(**{**values, "sizes": tuple(values["sizes"])})


GRAPHS = {"scalars": "1,000 operations on single numbers", "matrices": "31 operations on 10 x 10"}
WORKS = {
    work.name: work
    for work in (
        Work("W1", sizes=(784, 50, 10), batch=100),
        Work("W5", sizes=(784, 50, 10), batch=100, activation="sigmoid"),
        Work("W2", sizes=(784, 512, 10), batch=10),
        Work("W3", sizes=(784, 1024, 1024, 10), batch=256, optimizer="Adam", rate=1e-3),
        Work("W1d", sizes=(784, 50, 10), batch=100, is_dense=True),
        Work("W2d", sizes=(784, 512, 10), batch=10, is_dense=True),
        Work("W6", "scalars"),
        Work("W7", "matrices"),
    )
}


class Samples:
    """The images of MNIST, as a folder of plain arrays holds them."""

    def __init__(self, folder: Path, work: Work) -> None:
        self.images: Array = np.load(folder / "images.npy")
        if work.is_dense:
            np.maximum(self.images, 1, out=self.images)
        self.labels: Array = np.load(folder / "labels.npy")

    def floats(self) -> Array:
        """Images as float32 from 0 to 1; a few at a time, so that no more memory is taken."""
        result = np.empty(self.images.shape, np.float32)
        for first in range(0, len(result), 5000):
            part = slice(first, first + 5000)
            np.multiply(self.images[part], np.float32(1 / 255), out=result[part])
        return result

    def rows(self, work: Work) -> Array:
        """Which samples make up each step of a round: (steps, batch), as a Loader draws them."""
        count = len(self.images)
        size = -(-count // work.batch) * work.batch
        epochs = -(-work.steps * work.batch // size)
        drawn = [np.random.default_rng((SEED, e)).integers(count, size=size) for e in range(epochs)]
        return np.concatenate(drawn)[: work.steps * work.batch].reshape(-1, work.batch)

    def loss(self, work: Work, weights: list[Array]) -> float:
        """Loss of the first 1,000 images with the given weights, in float64."""
        x = self.images[:1000] / 255
        for w, b in zip(weights[:-2:2], weights[1:-2:2]):
            x = x @ w.astype(float) + b
            x = np.maximum(x, 0) if work.activation == "relu" else 1 / (1 + np.exp(-x))
        z = x @ weights[-2].astype(float) + weights[-1]
        z -= z.max(1, keepdims=True)
        picked = z[np.arange(len(z)), self.labels[: len(z)]]
        return float(np.mean(np.log(np.exp(z).sum(1)) - picked))


def first_weights(work: Work) -> list[Array]:
    """Weights (n_in, n_out) and biases of each layer, float32, as He proposes."""
    rng = np.random.default_rng(0)
    found = []
    for n_in, n_out in pairwise(work.sizes):
        scale = np.sqrt(2 / n_in)
        found.append((scale * rng.standard_normal((n_in, n_out))).astype(np.float32))
        found.append(np.zeros(n_out, np.float32))
    return found


SCALARS = (0.3, 0.9, 0.1)


def matrices() -> list[Array]:
    drawn = np.random.default_rng(0).standard_normal((4, 10, 10))
    return [(0.3 * m).astype(np.float32) for m in drawn]


def chain_of_scalars(z, a, b, s=0.0):
    """1,000 operations on whatever numbers are given."""
    for _ in range(250):
        z = z * a
        z = z + b
        y = z * z
        s = s + y
    return s


def chain_of_matrices(w, b, c, h, tanh, s):
    """30 operations on whatever matrices are given; the sum of the result is the 31st."""
    for _ in range(6):
        h = h @ w
        h = h + b
        h = tanh(h)
        y = h * c
        s = s + y
    return s
