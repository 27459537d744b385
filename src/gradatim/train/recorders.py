"""Recorders: callbacks that take down the course of a training, for pictures of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gradatim.autograd import Tensor
from gradatim.errors import StateError
from gradatim.nn.snapshot import put_back
from gradatim.train.callbacks import Callback
from gradatim.train.labels import spread
from gradatim.train.state import TrainingState
from gradatim.types import Array


class GradientNorms(Callback):
    """Take down how large the gradient of each parameter is, for `gradatim.draw.gradient_flow`.

    The gradient is that of a fixed sample of the training data, always the same, so that what
    changes is the network and not the batch. Compiled trainings are watched as any other.

    Parameters
    ----------
    every : int
        Steps from one look to the next.
    samples : int
        How many samples of the training data to look at.

    Attributes
    ----------
    steps : list of int
        Numbers of updates after which it looked.
    norms : dict of str to list of float
        The Euclidean norm of the gradient after each of them, by the path of the parameter.

    Raises
    ------
    StateError
        `every` or `samples` is below 1.

    Notes
    -----
    The training stays the same bit for bit. A look costs about as much as a step of as many
    samples, without compiling.

    Examples
    --------
    >>> import gradatim as gd
    >>> model = gd.nn.MLP([2, 8, 2], rng=0)
    >>> norms = gd.train.GradientNorms(every=10)
    >>> trainer = gd.train.Trainer(
    ...     model, gd.cross_entropy, gd.optim.SGD(model), callbacks=[norms], progress="none"
    ... )
    >>> _ = trainer.fit(gd.data.moons(100), steps=20, batch_size=20)
    >>> norms.steps, list(norms.norms)[0]
    ([0, 10, 20], 'layers.0.weight')
    """

    def __init__(self, every: int = 50, samples: int = 100) -> None:
        self.every = self.every_steps = _whole("GradientNorms", "every", every)
        self.samples = _whole("GradientNorms", "samples", samples)
        self._forget()

    def _forget(self) -> None:
        self.steps: list[int] = []
        self.norms: dict[str, list[float]] = {}
        self._sample: tuple[Array, Array] | None = None

    def on_start(self, state: TrainingState) -> None:
        """Choose the sample of ``state``; forget an earlier training unless it is resumed."""
        if state.step == 0:
            self._forget()
        dataset = state.loader.dataset
        rows = spread(len(dataset), self.samples)
        self._sample = dataset.batch(rows, state.loader.dtype)
        if state.step not in self.steps:
            self.on_step(state)

    def on_step(self, state: TrainingState) -> None:
        """Look at ``state``."""
        if self._sample is None or state.criterion is None:
            return
        x, t = map(Tensor, self._sample)
        with put_back(state.model, state.criterion):
            state.model.zero_grad()
            loss = state.criterion(state.model(x), t)
            if loss.requires_grad:
                loss.backward()
            sizes = {
                path: 0.0 if p.grad is None else float(np.linalg.norm(np.asarray(p.grad.data)))
                for path, p in state.model.named_parameters()
                if p.requires_grad
            }
        self.steps.append(state.step)
        for path, size in sizes.items():
            self.norms.setdefault(path, []).append(size)

    def state_dict(self) -> dict[str, Any]:
        """Return what was taken down so far."""
        norms = {f"norm.{path}": np.array(sizes) for path, sizes in self.norms.items()}
        return {"steps": np.array(self.steps, np.int64), **norms}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a ``state`` that :meth:`state_dict` returned."""
        self.steps = np.asarray(state["steps"]).astype(int).tolist()
        self.norms = {
            name.removeprefix("norm."): np.asarray(sizes).tolist()
            for name, sizes in state.items()
            if name.startswith("norm.")
        }

    def __repr__(self) -> str:
        return f"GradientNorms(every={self.every})"


class WeightPath(Callback):
    """Take down the weights from time to time, for the path in `gradatim.draw.landscape`.

    Parameters
    ----------
    every : int
        Steps from one note to the next.

    Attributes
    ----------
    steps : list of int
        Numbers of updates after which the weights were taken down.
    points : list of dict of str to array
        The parameters after each of them, by their paths.

    Raises
    ------
    StateError
        `every` is below 1.

    Notes
    -----
    Memory: a copy of all parameters a note. A checkpoint does not keep them.

    Examples
    --------
    >>> import gradatim as gd
    >>> model = gd.nn.MLP([2, 8, 2], rng=0)
    >>> path = gd.train.WeightPath(every=10)
    >>> trainer = gd.train.Trainer(
    ...     model, gd.cross_entropy, gd.optim.SGD(model), callbacks=[path], progress="none"
    ... )
    >>> _ = trainer.fit(gd.data.moons(100), steps=20, batch_size=20)
    >>> path.steps
    [0, 10, 20]
    """

    def __init__(self, every: int = 50) -> None:
        self.every = self.every_steps = _whole("WeightPath", "every", every)
        self.steps: list[int] = []
        self.points: list[dict[str, Array]] = []

    def on_start(self, state: TrainingState) -> None:
        """Take down where ``state`` begins; forget an earlier training unless it is resumed."""
        if state.step == 0:
            self.steps, self.points = [], []
        if state.step not in self.steps:
            self.on_step(state)

    def on_step(self, state: TrainingState) -> None:
        """Take down the weights of ``state``."""
        self.steps.append(state.step)
        self.points.append({path: np.array(p.data) for path, p in state.model.named_parameters()})

    def __repr__(self) -> str:
        return f"WeightPath(every={self.every})"


def _whole(called: str, name: str, value: Any) -> int:
    if isinstance(value, bool) or value != int(value) or value < 1:
        raise StateError(f"{called}: {name} is {value!r}; it must be an integer of 1 or more.")
    return int(value)
