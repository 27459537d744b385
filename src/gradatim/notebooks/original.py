"""What the notebooks wrote, with its faults: run beside ours, to show what they gave.

Nothing here is right, and nothing here is public. The names are those of the notebooks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from gradatim.types import Array

Numbers = Callable[[Array], Any]


# --- apples ----------------------------------------------------------------------------------


class MulLayer:
    """Notebook `apples`: one x and one y, overwritten by the next forward."""

    def forward(self, x: float, y: float) -> float:  # noqa: D102
        self.x = x
        self.y = y
        return x * y

    def backward(self, dout: float) -> tuple[float, float]:  # noqa: D102
        return dout * self.y, dout * self.x


# --- losses ----------------------------------------------------------------------------------


def cross_entropy(y: Array, y_pred: Array) -> Any:
    """Notebook `losses`, with its epsilon."""
    return -np.sum(y * np.log(y_pred + 1e-7))


def cross_entropy_labels(y: Any, y_pred: Array) -> Any:
    """Notebook `losses`: ``reshape`` wants an array, which a label that is an int has not."""
    if y_pred.ndim == 1:
        y_pred = y_pred.reshape(1, y_pred.size)
        y = y.reshape(1, y.size)
    batch_size = y.shape[0]
    return -np.sum(np.log(y_pred[np.arange(batch_size), y] + 1e-7)) / batch_size


def numerical_gradient(f: Numbers, x: Array) -> Array | None:
    """Notebook `losses`: ``return`` stands inside the loop."""
    h = 1e-4
    gradients = np.zeros_like(x)
    for idx in range(x.size):
        tmp_val = x[idx]
        x[idx] = tmp_val + h
        fxh1 = f(x)
        x[idx] = tmp_val - h
        fxh2 = f(x)
        gradients[idx] = (fxh1 - fxh2) / (2 * h)
        x[idx] = tmp_val
        return gradients
    return None


def numerical_gradient_in_place(f: Numbers, x: Array) -> Array:
    """Notebooks `losses` and `layers`, second form: writes into the caller's x, in its dtype."""
    h = 1e-4
    grad = np.zeros_like(x)
    it: Any = np.nditer(x, flags=["multi_index"], op_flags=[["readwrite"]])  # type: ignore[list-item]
    while not it.finished:
        idx = it.multi_index
        tmp_val = x[idx]
        x[idx] = float(tmp_val) + h
        fxh1 = f(x)
        x[idx] = tmp_val - h
        fxh2 = f(x)
        grad[idx] = (fxh1 - fxh2) / (2 * h)
        x[idx] = tmp_val
        it.iternext()
    return grad


def gradient_descent(f: Numbers, init_x: Array, lr: float = 0.01, step_num: int = 100) -> Array:
    """Notebook `losses`: with the gradient of the first number only, in the caller's array."""
    x = init_x
    for _ in range(step_num):
        gradients = numerical_gradient(f, x)
        x -= lr * np.asarray(gradients)
    return x


# --- layers and training ---------------------------------------------------------------------


class Relu:
    """Notebook `training`: backward writes into what it is given."""

    def forward(self, x: Array) -> Array:  # noqa: D102
        self.mask = x <= 0
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout: Array) -> Array:  # noqa: D102
        dout[self.mask] = 0
        return dout


def softmax_rows(x: Array) -> Array:
    """Notebook `losses`: through the transpose, and right."""
    if x.ndim == 2:
        x = x.T
        x = x - np.max(x, axis=0)
        y = np.exp(x) / np.sum(np.exp(x), axis=0)
        return np.asarray(y.T)
    x = x - np.max(x)
    return np.asarray(np.exp(x) / np.sum(np.exp(x)))


def cross_entropy_error(y: Array, t: Array, epsilon: float = 0.0) -> Any:
    """Notebook `layers` without epsilon, `training` (the book) with 1e-7."""
    if y.ndim == 1:
        t = t.reshape(1, t.size)
        y = y.reshape(1, y.size)
    if t.size == y.size:
        t = t.argmax(axis=1)
    batch_size = y.shape[0]
    return -np.sum(np.log(y[np.arange(batch_size), t] + epsilon)) / batch_size


class SoftmaxWithLoss:
    """Notebook `layers`: targets are one-hot or go wrong, and dout is not used."""

    def forward(self, x: Array, t: Array) -> Any:  # noqa: D102
        self.t = t
        self.y = softmax_rows(x)
        return cross_entropy_error(self.y, self.t)

    def backward(self, dout: float = 1) -> Array:  # noqa: D102
        batch_size = self.t.shape[0]
        return np.asarray((self.y - self.t) / batch_size)


class SoftmaxWithLossBySize(SoftmaxWithLoss):
    """Notebook `training`: what the targets are is guessed from how many they are."""

    def backward(self, dout: float = 1) -> Array:  # noqa: D102
        batch_size = self.t.shape[0]
        if self.t.size == self.y.size:
            return np.asarray((self.y - self.t) / batch_size)
        dx = self.y.copy()
        dx[np.arange(batch_size), self.t] -= 1
        return np.asarray(dx / batch_size)


def evaluations(train_size: int, batch_size: int, iters_num: int) -> list[int]:
    """Notebook `training`: at which steps it evaluates; an epoch is a float."""
    iter_per_epoch = max(train_size / batch_size, 1)
    return [i for i in range(iters_num) if i % iter_per_epoch == 0]


# --- mlp -------------------------------------------------------------------------------------


class DataLoader:
    """Notebook `mlp`: shuffles before it serves the last batch."""

    def __init__(self, dataset: Sequence[Any], batch_size: int, seed: int = 0) -> None:
        self.dataset = dataset
        self.batch_size = batch_size
        self.length = len(dataset)
        self.random = np.random.RandomState(seed)
        self.index = np.arange(self.length)
        self.random.shuffle(self.index)

    def __getitem__(self, i: int) -> list[Any]:
        if i == len(self) - 1:
            self.random.shuffle(self.index)
        return [
            self.dataset[self.index[j]]
            for j in range(i * self.batch_size, (i + 1) * self.batch_size)
        ]

    def __len__(self) -> int:
        return self.length // self.batch_size

    def __iter__(self) -> Iterator[list[Any]]:
        """Spell out what ``for`` does with ``__getitem__``: it goes on until an IndexError."""
        i = 0
        while True:
            try:
                batch = self[i]
            except IndexError:
                return
            yield batch
            i += 1


def relu(x: Array) -> Array:
    """Notebook `mlp`: ``x * (x > 0)``."""
    with np.errstate(invalid="ignore"):
        return np.asarray(x * (x > 0))


def softmax_temp(z: Array) -> Array:
    """Notebook `mlp`: overflows."""
    with np.errstate(all="ignore"):
        return np.asarray(np.exp(z) / np.sum(np.exp(z)))


def softmax(z: Array) -> Array:
    """Notebook `mlp`: over everything, not over each row."""
    y = z - np.max(z)
    return np.asarray(np.exp(y) / np.sum(np.exp(y)))


def cross_entropy_loss(y: Array, y_hat: Array) -> Any:
    """Notebook `mlp`: 0 times minus infinity is NaN."""
    with np.errstate(all="ignore"):
        return np.sum(-y * np.log(y_hat))


class Network:
    """Notebook `mlp`: the activation that is asked for is not the one that is used."""

    def __init__(self, sizes: Sequence[int], activation_function: Numbers = relu) -> None:
        self.activation_function = relu


def update_swapped(
    weights: list[Array], biases: list[Array], sum_w: list[Array], sum_b: list[Array], rate: float
) -> tuple[list[Array], list[Array]]:
    """Notebook `mlp`, cell 11: the sums change places; ``rate`` is its lambda / n."""
    new_weights = [w - rate * sgb for w, sgb in zip(weights, sum_b)]
    new_biases = [b - rate * sgw for b, sgw in zip(biases, sum_w)]
    return new_weights, new_biases
