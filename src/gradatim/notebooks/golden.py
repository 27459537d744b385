"""Golden runs: the notebooks' training with the random numbers that they would have drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from gradatim.autograd.modes import no_grad
from gradatim.functions import cross_entropy
from gradatim.nn import MLP, Module
from gradatim.optim import SGD
from gradatim.types import Array

BATCH, RATE, EVERY = 100, 0.1, 600


class Images(Protocol):
    """Images and labels of both parts."""

    @property
    def x(self) -> Array: ...  # noqa: D102
    @property
    def t(self) -> Array: ...  # noqa: D102
    @property
    def x_test(self) -> Array: ...  # noqa: D102
    @property
    def t_test(self) -> Array: ...  # noqa: D102


@dataclass
class GoldenRun:
    """What a golden run gave.

    Parameters
    ----------
    seed : int
        Of ``np.random.seed``, as the notebooks would call it.
    losses : list of float
        Loss of each step, before its update and exact.
    printed : float
        The loss that the notebook prints first: after the update, with 1e-7 under the logarithm.
    scores : dict of int to (float, float)
        Accuracy on all training and test images after step i, for i = 0, 600, ... and the last,
        which the notebook does not measure.
    model : Module
        The network at the end.
    """

    seed: int
    losses: list[float] = field(default_factory=list)
    printed: float = float("nan")
    scores: dict[int, tuple[float, float]] = field(default_factory=dict)
    model: Module | None = None

    @property
    def rows(self) -> list[dict[str, float | int | str | None]]:
        """The scores as a history to draw; step i has made i + 1 updates."""
        return [
            {"step": i + 1, "train_accuracy": train, "test_accuracy": test}
            for i, (train, test) in self.scores.items()
        ]


def golden_run(
    seed: int, steps: int, digits: Images, tell: Callable[[str, int, int], None]
) -> GoldenRun:
    """Train 784-50-10 as the notebooks do, after ``np.random.seed(seed)``.

    ``randn`` draws W1, then W2; ``np.random.choice(60000, 100)`` draws each batch. Parameters are
    float64 and images float32.

    Parameters
    ----------
    seed : int
        As for ``np.random.seed``, whose state is left alone.
    steps : int
        How many.
    digits : Digits
        MNIST.
    tell : callable
        ``tell(what, done, all)``.

    Returns
    -------
    GoldenRun
        The last step is scored whatever its number.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> rng = np.random.default_rng(0)
    >>> x, t = rng.random((200, 784), np.float32), rng.integers(0, 10, 200)
    >>> few = SimpleNamespace(x=x, t=t, x_test=x, t_test=t)
    >>> run = golden_run(0, 2, few, lambda *told: None)
    >>> list(run.scores), abs(run.losses[0] - float(np.log(10))) < 0.02
    ([0, 1], True)
    """
    drawn = np.random.RandomState(seed)
    model = MLP([784, 50, 10], init="normal:0.01", dtype=np.float64, rng=drawn)
    optimizer, run = SGD(model, lr=RATE), GoldenRun(seed, model=model)
    for i in range(steps):
        rows = drawn.choice(len(digits.x), BATCH)
        x, t = digits.x[rows], digits.t[rows]
        loss = cross_entropy(model(x), t)
        run.losses.append(loss.item())
        loss.backward()
        optimizer.step()
        if i == 0:
            run.printed = printed_loss(model, x, t)
        if i % EVERY == 0 or i == steps - 1:
            run.scores[i] = (
                accuracy(model, digits.x, digits.t),
                accuracy(model, digits.x_test, digits.t_test),
            )
        if i % 100 == 0:
            tell(f"training, seed {seed}", i, steps)
    return run


def printed_loss(model: Module, x: Array, t: Array) -> float:
    """Return the loss as the notebook prints it, with 1e-7 added to each probability.

    Parameters
    ----------
    model : Module
        Gives logits.
    x, t : array
        A batch with labels.

    Returns
    -------
    float
        Smaller than the loss by about 1e-7 / p.

    Examples
    --------
    >>> model = MLP([2, 2], init="normal:0", rng=0)
    >>> printed_loss(model, np.ones((1, 2), np.float32), np.array([0])) < 0.6931472
    True
    """
    y = model(x).softmax().numpy()
    return float(-np.log(y[np.arange(len(t)), t].astype(float) + 1e-7).mean())


def accuracy(model: Module, x: Array, t: Array) -> float:
    """Return the share of images whose largest output is the label's.

    Parameters
    ----------
    model : Module
        Gives one output for each class.
    x, t : array
        Images and labels.

    Returns
    -------
    float
        Between 0 and 1.

    Examples
    --------
    >>> model = MLP([2, 2], init="normal:0", rng=0)
    >>> accuracy(model, np.ones((4, 2), np.float32), np.array([0, 0, 0, 1]))
    0.75
    """
    with no_grad():
        right = sum(  # a part at a time: all images as float64 would take 376 MB
            int((model(x[i : i + 5000]).numpy().argmax(axis=1) == t[i : i + 5000]).sum())
            for i in range(0, len(x), 5000)
        )
    return right / len(x)
