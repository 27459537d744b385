"""A session: what several rows need, computed once, and how much time they may take."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from time import process_time
from typing import NamedTuple

import numpy as np

from gradatim import check
from gradatim.data import load_mnist
from gradatim.functions import cross_entropy
from gradatim.nn import MLP
from gradatim.notebooks.golden import GoldenRun, golden_run
from gradatim.notebooks.recipe import Result, follow
from gradatim.types import Array

Tell = Callable[[str, int, int], None]
"""``tell(what, done, all)``: how far something long has come."""

SHORT, LONG = 601, 10_000
"""Steps of a golden run: up to the second line that the notebooks print, and all."""


class Digits(NamedTuple):
    """MNIST as the notebooks load it: float32 images (N, 784) in 0..1 and labels (N,)."""

    x: Array
    t: Array
    x_test: Array
    t_test: Array

    @property
    def one_hot(self) -> Array:
        """Training labels as float64 of shape (N, 10)."""
        return np.asarray(np.eye(10)[self.t])


class Session:
    """What rows share.

    Parameters
    ----------
    full : bool
        Whether the long runs are made: 10,000 steps of three seeds, three epochs of `mlp`.
    tell : callable, optional
        ``tell(what, done, all)`` is called while something long goes on.

    Attributes
    ----------
    check_seconds : dict of int to float
        Processor time of the gradient check of each seed, once it was made.

    Examples
    --------
    >>> Session().seeds
    (0,)
    """

    def __init__(self, full: bool = False, tell: Tell | None = None) -> None:
        self.full = full
        self.tell = tell or (lambda what, done, of: None)
        self.check_seconds: dict[int, float] = {}
        self._checks: dict[int, check.GradientCheck] = {}
        self._runs: dict[tuple[int, int], GoldenRun] = {}
        self._results: dict[tuple[str, float, int], Result] = {}

    @property
    def seeds(self) -> tuple[int, ...]:
        """Seeds of the golden runs that are made."""
        return (0, 1, 2) if self.full else (0,)

    @property
    def steps(self) -> int:
        """Steps of each."""
        return LONG if self.full else SHORT

    @cached_property
    def digits(self) -> Digits:
        """MNIST, loaded at first use."""
        self.tell("loading MNIST", 0, 1)
        (x, t), (x_test, t_test) = load_mnist()
        return Digits(x, t, x_test, t_test)

    def network(self, seed: int | np.random.RandomState) -> MLP:
        """Return the two-layer network of the notebooks, drawn with their own ``seed``."""
        drawn = np.random.RandomState(seed) if isinstance(seed, int) else seed
        return MLP([784, 50, 10], init="normal:0.01", dtype=np.float64, rng=drawn)

    def gradient_check(self, seed: int) -> check.GradientCheck:
        """Return the check of the notebooks, three digits and h = 1e-4, of one ``seed``."""
        if seed not in self._checks:
            self.tell(f"gradient check, seed {seed}", 0, 1)
            x, t = self.digits.x[:3].astype(np.float64), self.digits.t[:3]
            started = process_time()
            self._checks[seed] = check.gradient(self.network(seed), x, t, loss=cross_entropy)
            self.check_seconds[seed] = process_time() - started
        return self._checks[seed]

    def golden(self, seed: int, steps: int | None = None) -> GoldenRun:
        """Return the training of the notebooks with one ``seed``, this many ``steps`` or all."""
        key = (seed, steps or self.steps)
        if key not in self._runs:
            self._runs[key] = golden_run(*key, self.digits, self.tell)
        return self._runs[key]

    def last_cell(self, init: str, rate: float, epochs: int = 1) -> Result:
        """Return 784-512-10 after so many ``epochs``, with weights of ``init`` and a ``rate``."""
        key = (init, rate, epochs)
        if key not in self._results:
            images = 60_000 if self.full else 10_000
            self._results[key] = follow(
                init, rate, self.digits, epochs=epochs, images=images, tell=self.tell
            )
        return self._results[key]
