"""Descent: how far the loss falls by an update, beside what its gradient promises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gradatim.autograd import Tensor, no_grad
from gradatim.train.metrics import Loss
from gradatim.train.state import TrainingState
from gradatim.train.twin import Twin
from gradatim.types import Array, Raw

BATCHES, LARGEST_BATCH = 8, 1000
GOOD = 0.5
"""Of a parabola, the update that lands on the lowest point lowers it by half of the promise."""


@dataclass(frozen=True)
class Descent:
    """Updates tried on the batches that come next, each at several sizes.

    Parameters
    ----------
    scales : Array of shape (S,)
        Sizes of the update, in units of the optimizer's own.
    ratios : Array of shape (B, S)
        Drop of the loss of the batch, divided by what the gradient promises: near 1 for small
        updates, 1/2 at the lowest point of a parabola, below 0 where the loss rises. For plain
        gradient descent it is ``drop / (lr |g|^2)``. NaN where nothing is promised.
    drops : Array of shape (B, S)
        Drop as a share of the loss.
    """

    scales: Array
    ratios: Array
    drops: Array

    @property
    def rising(self) -> int:
        """How many batches have a loss that does not fall by the update of the first size."""
        return sum(map(_is_rising, self.ratios[:, 0]))

    @property
    def medians(self) -> Array:
        """Median ratio of the batches at each size; NaN if none is known."""
        known = (column[~np.isnan(column)] for column in self.ratios.T)
        return np.array([_median(column) if len(column) else np.nan for column in known])

    def largest(self) -> int | None:
        """Return the number of the largest size at which the loss falls by half the promise."""
        good = np.flatnonzero(self.medians >= GOOD)
        return int(good[np.argmax(self.scales[good])]) if len(good) else None


def try_updates(
    state: TrainingState,
    twin: Twin,
    criterion: Loss,
    scales: Sequence[float],
    *,
    while_rising: bool = False,
) -> Descent:
    """Try the optimizer's updates on a copy of the model.

    Parameters
    ----------
    state : TrainingState
        Says which batches come next.
    twin : Twin
        What is moved; afterwards it is where it was.
    criterion : callable
        ``criterion(outputs, targets)``.
    scales : sequence of float
        Sizes of the update, in units of the optimizer's own.
    while_rising : bool
        Whether to end with the first batch whose loss falls by the update of the first size.

    Returns
    -------
    Descent
        Of at most 8 batches of at most 1000 samples.

    Notes
    -----
    Cost: a forward and a backward pass for each batch, and a forward pass for each size.

    Examples
    --------
    >>> import gradatim as gd
    >>> model = gd.nn.MLP([2, 2], rng=0)
    >>> optimizer = gd.optim.SGD(model, lr=1.0)
    >>> trainer = gd.train.Trainer(model, gd.cross_entropy, optimizer, progress="none")
    >>> _ = trainer.fit(gd.data.moons(100), steps=1)
    >>> twin = Twin(model, optimizer)
    >>> try_updates(trainer.state, twin, gd.cross_entropy, [1, 0.001]).medians.round(1)
    array([0.9, 1. ])
    """
    sizes = np.asarray(scales, np.float64)
    rows = []
    for i in range(BATCHES):
        rows.append(_try_batch(state, twin, criterion, state.step + i, sizes))
        if while_rising and not _is_rising(rows[-1][0][0]):
            break
    ratios, drops = zip(*rows)
    return Descent(sizes, np.array(ratios), np.array(drops))


def _is_rising(ratio: float) -> bool:
    return bool(ratio <= 1e-9)


def _try_batch(
    state: TrainingState, twin: Twin, criterion: Loss, step: int, sizes: Array
) -> tuple[Array, Array]:
    indices = state.loader.indices(step)[:LARGEST_BATCH]
    x, t = state.loader.dataset.batch(indices, np.float64)
    twin.model.zero_grad()
    loss = criterion(twin.model(x), t)
    loss.backward()
    moves = twin.moves()
    starts = {path: twin.learned[path].raw for path in moves}
    promise = sum(_along(twin.learned[path], move) for path, move in moves.items())
    before = float(loss.raw)
    after = []
    for size in sizes:
        for path, start in starts.items():
            twin.learned[path].raw = start - size * moves[path]
        with no_grad():
            after.append(float(criterion(twin.model(x), t).raw))
    for path, start in starts.items():
        twin.learned[path].raw = start
    # What has overflowed has risen.
    fall = before - np.nan_to_num(after, nan=np.inf, posinf=np.inf)
    # A promise within rounding of the loss can be neither kept nor broken.
    known = promise * sizes > 1e-13 * abs(before)
    ratios = np.where(known, fall / np.where(known, promise * sizes, 1), np.nan)
    return ratios, fall / max(abs(before), np.finfo(np.float64).tiny)


def _median(x: Array) -> float:
    """What np.median gives, which imports the masked arrays of NumPy at its first call: 20 ms."""
    ordered, count = np.sort(x), len(x)
    return float((ordered[(count - 1) // 2] + ordered[count // 2]) / 2)


def _along(parameter: Tensor, move: Raw) -> float:
    """How much a move lowers the loss, if its gradient stays what it is."""
    return 0.0 if parameter.grad is None else float(np.vdot(parameter.grad.raw, move))
