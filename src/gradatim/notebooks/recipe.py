"""784-512-10 in batches of 10, as the last cell of notebook `mlp` trains it, and as it should."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradatim.functions import cross_entropy
from gradatim.nn import MLP
from gradatim.notebooks.golden import Images, accuracy
from gradatim.optim import SGD
from gradatim.train import Doctor, Progress, Trainer, TrainingState

BATCH, HIDDEN = 10, 512


@dataclass(frozen=True)
class Result:
    """What a training came to.

    Parameters
    ----------
    accuracies : tuple of float
        On the test images, after each epoch.
    dead : tuple of int
        Hidden units, of 512, that are 0 for every test image, after each epoch.
    model : MLP
        The network at the end.
    findings : tuple of str
        What the Doctor found wrong, by name.
    advice : dict
        The settings that it proposes.
    """

    accuracies: tuple[float, ...]
    dead: tuple[int, ...]
    model: MLP
    findings: tuple[str, ...]
    advice: dict[str, Any]


def follow(
    init: str,
    rate: float,
    digits: Images,
    *,
    epochs: int = 1,
    images: int = 60_000,
    tell: Callable[[str, int, int], None] = lambda what, done, of: None,
) -> Result:
    """Train 784-512-10 on MNIST.

    Parameters
    ----------
    init : str
        How weights begin: ``"normal:1"``, as in the notebook, or ``"he"``. The notebook draws its
        biases so too; ours begin at 0.
    rate : float
        Learning rate.
    digits : Digits
        MNIST.
    epochs, images : int
        How many times through how many of the training images, the first ones.
    tell : callable
        ``tell(what, done, all)``.

    Returns
    -------
    Result
        In float32.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> x, t = np.random.default_rng(0).random((50, 784), np.float32), np.arange(50) % 10
    >>> follow("he", 0.1, SimpleNamespace(x=x, t=t, x_test=x, t_test=t)).dead[-1] < 512
    True
    """
    model = MLP([784, HIDDEN, 10], init=init, rng=0)
    scores: list[tuple[float, int]] = []
    doctor = Doctor()

    def score(state: TrainingState) -> None:
        if state.step:
            right = accuracy(model, digits.x_test, digits.t_test)
            scores.append((right, dead_units(model, digits.x_test)))

    history = Trainer(
        model,
        cross_entropy,
        SGD(model, lr=rate),
        callbacks=[score, doctor],
        progress=_Telling(f"training, {init}, rate {rate:g}", tell),
    ).fit((digits.x[:images], digits.t[:images]), epochs=epochs, batch_size=BATCH, seed=0)
    if history.stopped == "interrupted":
        raise KeyboardInterrupt
    names = tuple(finding.name for finding in doctor.findings)
    accuracies, dead = zip(*scores)
    return Result(accuracies, dead, model, names, doctor.recipe)


class _Telling(Progress):
    """Passes on how far a training has come."""

    def __init__(self, what: str, tell: Callable[[str, int, int], None]) -> None:
        super().__init__()
        self._what, self._tell = what, tell

    def draw(self, state: TrainingState) -> None:
        self._tell(self._what, state.step, state.plan.stop)


def dead_units(model: MLP, x: np.ndarray) -> int:
    """Return how many units of the first layer are 0 for every image.

    Parameters
    ----------
    model : MLP
        With relu after its first layer.
    x : array of shape (N, n_in)
        Images.

    Returns
    -------
    int
        0 in a healthy network.

    Examples
    --------
    >>> model = MLP([2, 3, 2], rng=0)
    >>> _ = model[0].bias.assign(np.array([-9.0, 0.0, 1.0], np.float32))
    >>> dead_units(model, np.zeros((4, 2), np.float32))
    2
    """
    weight, bias = (p.numpy() for p in list(model.parameters())[:2])
    return int(((x @ weight + bias).max(axis=0) <= 0).sum())
