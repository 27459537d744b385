"""One step of a 784-50-10 network of sigmoids, as notebook `losses` makes it by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gradatim.autograd import Tensor, no_grad, value_and_grad
from gradatim.functions import cross_entropy
from gradatim.nn import MLP
from gradatim.notebooks.session import Digits
from gradatim.types import Array

EPSILON, STEP = 1e-7, 1e-4

Loss = Callable[[Tensor, Array], Tensor]


def capped_cross_entropy(z: Tensor, t: Array) -> Tensor:
    """Return the notebook's loss, with 1e-7 under the logarithm: never above 16.1.

    Parameters
    ----------
    z : Tensor of shape (N, C)
        Logits.
    t : array of int, shape (N,)
        Labels.

    Returns
    -------
    Tensor
        0-d, the mean.

    Examples
    --------
    >>> round(capped_cross_entropy(Tensor([[1000.0, 0.0]]), np.array([1])).item(), 1)
    16.1
    """
    y = z.softmax()
    return -((y * np.eye(z.shape[-1])[t]).sum(axis=1) + EPSILON).log().mean()


@dataclass(frozen=True)
class Step:
    """A step, and what its gradient promised.

    Parameters
    ----------
    before, after : float
        The loss on either side of it.
    squared : float
        Sum of the squares of the gradient.
    rate : float
        Learning rate.
    """

    before: float
    after: float
    squared: float
    rate: float

    @property
    def drop(self) -> float:
        """How far the loss fell."""
        return self.before - self.after

    @property
    def kept(self) -> float:
        """The drop beside ``rate * squared``, which a straight slope would give."""
        return self.drop / (self.rate * self.squared)


def sigmoid_network(seed: int, digits: Digits) -> tuple[MLP, Array, Array]:
    """Return the network of N(0, 1) weights and the batch that ``np.random.seed`` would draw.

    Parameters
    ----------
    seed : int
        As for ``np.random.seed``.
    digits : Digits
        MNIST.

    Returns
    -------
    model : MLP
        784-50-10, float64.
    x, t : array
        100 images as float64, and their labels.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> few = SimpleNamespace(x=np.zeros((200, 784), np.float32), t=np.zeros(200, int))
    >>> sigmoid_network(0, few)[1].shape
    (100, 784)
    """
    drawn = np.random.RandomState(seed)
    model = MLP([784, 50, 10], "sigmoid", init="normal:1", dtype=np.float64, rng=drawn)
    rows = drawn.choice(len(digits.x), 100)
    return model, digits.x[rows].astype(np.float64), digits.t[rows]


def one_step(seed: int, digits: Digits, rate: float, loss: Loss = cross_entropy) -> Step:
    """Make one step by backprop.

    Parameters
    ----------
    seed : int
        Of weights and batch.
    digits : Digits
        MNIST.
    rate : float
        Learning rate.
    loss : callable
        ``loss(logits, labels)`` that is looked at. The gradient is that of the exact loss, y - t.

    Returns
    -------
    Step
        The loss is that of the same batch.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> few = SimpleNamespace(x=np.ones((200, 784), np.float32), t=np.zeros(200, int))
    >>> one_step(0, few, 1e-3).drop > 0
    True
    """
    model, x, t = sigmoid_network(seed, digits)
    _, gradients = value_and_grad(lambda m: cross_entropy(m(x), t))(model)
    squared = sum(float((g.numpy() ** 2).sum()) for g in gradients.values())
    with no_grad():
        before = loss(model(x), t).item()
        for path, parameter in model.named_parameters():
            parameter.assign(parameter.numpy() - rate * gradients[path].numpy())
        after = loss(model(x), t).item()
    return Step(before, after, squared, rate)


def numerical_step(
    seed: int, digits: Digits, rate: float, tell: Callable[[str, int, int], None]
) -> tuple[Step, float]:
    """Make one step by central differences of all 39,760 parameters, as the notebook does.

    A weight into hidden unit j moves that unit alone, so the 784 of them are moved at once, each
    in a copy of the network that is computed from unit j on.

    Parameters
    ----------
    seed : int
        Of weights and batch.
    digits : Digits
        MNIST.
    rate : float
        Learning rate.
    tell : callable
        ``tell(what, done, all)``.

    Returns
    -------
    step : Step
        With the notebook's loss.
    difference : float
        Largest difference of the numerical gradient from backprop.

    Examples
    --------
    >>> numerical_step.__name__
    'numerical_step'
    """
    model, x, t = sigmoid_network(seed, digits)
    w1, b1, w2, b2 = (p.numpy() for p in model.parameters())
    s = _sigmoid(x @ w1 + b1)
    found = [np.empty_like(w1), np.empty_like(b1), np.empty_like(w2), np.empty_like(b2)]
    for j in range(len(b1)):
        tell("numerical gradient", j, len(b1))
        a = x @ w1[:, j] + b1[j]
        # The last copy moves the bias: an input that is 1 in every image.
        moves = np.vstack([x.T, np.ones(len(x))])
        up, down = (_losses(a + h * moves, j, s, w2, b2, t) for h in (STEP, -STEP))
        slopes = (up - down) / (2 * STEP)
        found[0][:, j], found[1][j] = slopes[:-1], slopes[-1]
    z = s @ w2 + b2
    moves = np.vstack([s.T, np.ones(len(x))])
    for k in range(len(b2)):
        up, down = (
            _mean_loss(z + h * moves[..., None] * (np.arange(10) == k), t) for h in (STEP, -STEP)
        )
        slopes = (up - down) / (2 * STEP)
        found[2][:, k], found[3][k] = slopes[:-1], slopes[-1]
    before, right = value_and_grad(lambda m: capped_cross_entropy(m(x), t))(model)
    gaps = [float(np.abs(a - b.numpy()).max()) for a, b in zip(found, right.values())]
    with no_grad():
        for parameter, gradient in zip(model.parameters(), found):
            parameter.assign(parameter.numpy() - rate * gradient)
        after = capped_cross_entropy(model(x), t).item()
    squared = sum(float((g**2).sum()) for g in found)
    return Step(before.item(), after, squared, rate), max(gaps)


def _losses(a: Array, j: int, s: Array, w2: Array, b2: Array, t: Array) -> Array:
    """Loss of each copy of the network, in which unit j has the inputs of a row of ``a``."""
    z = s @ w2 + b2 + (_sigmoid(a) - s[:, j])[..., None] * w2[j]
    return _mean_loss(z, t)


def _mean_loss(z: Array, t: Array) -> Array:
    """Notebook's loss of logits (..., N, C)."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    chosen = e[..., np.arange(len(t)), t] / e.sum(axis=-1)
    return np.asarray(-np.log(chosen + EPSILON).mean(axis=-1))


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))
