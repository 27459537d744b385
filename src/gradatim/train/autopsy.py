"""Autopsy: the steps before a training went to NaN once more, to see what happened first."""

from __future__ import annotations

import numpy as np

from gradatim.autograd.finite import finite
from gradatim.data import Dataset
from gradatim.errors import DivergenceError
from gradatim.nn import Module
from gradatim.optim import Optimizer
from gradatim.train.metrics import Loss
from gradatim.train.state import TrainingState
from gradatim.train.twin import Snapshot

MOST_STEPS = 2000
"""Steps that are made once more at most, counted from the last evaluation."""
_ROWS = 2**22


def first_culprit(state: TrainingState, snapshot: Snapshot, criterion: Loss) -> str | None:
    """Name the first primitive that made a number which is not finite.

    Parameters
    ----------
    state : TrainingState
        A training whose loss is not finite.
    snapshot : Snapshot
        Of the same training at its last evaluation.
    criterion : callable
        ``criterion(outputs, targets)``.

    Returns
    -------
    str or None
        What ``gd.check.finite`` says of the first step whose loss or gradient is not finite; None
        if none is found in 2000 steps.

    Notes
    -----
    Cost: the steps since the snapshot twice, on copies: once to find the step, once to stand
    before it with the same random numbers.
    """
    stop = min(state.step + 1, snapshot.step + MOST_STEPS)
    failing = _go_on(state, *snapshot.copy(), criterion, snapshot.step, stop)
    if failing is None:
        return None
    model, optimizer = snapshot.copy()
    _go_on(state, model, optimizer, criterion, snapshot.step, failing)
    x, t = state.loader.dataset.batch(state.loader.indices(failing), state.loader.dtype)
    try:
        with finite():
            criterion(model(x), t).backward()
    except DivergenceError as error:
        text = str(error).removeprefix("finite: ")
        return text if failing == state.step else f"step {failing}: {text}"
    return None


def _go_on(
    state: TrainingState,
    model: Module,
    optimizer: Optimizer,
    criterion: Loss,
    start: int,
    stop: int,
) -> int | None:
    """Make the steps again and return the first whose loss or gradient is not finite."""
    for step, x, t in state.loader.batches(start, stop):
        loss = criterion(model(x), t)
        if not np.isfinite(loss.raw):
            return step
        loss.backward()
        grads = [p.grad for p in optimizer.parameters.values() if p.grad is not None]
        if not all(np.isfinite(g.raw).all() for g in grads):
            return step
        optimizer.step()
    return None


def first_bad_sample(dataset: Dataset) -> int | None:
    """Return the number of the first sample whose inputs or targets are not finite.

    Parameters
    ----------
    dataset : Dataset
        Read piece by piece.

    Returns
    -------
    int or None
        None if all are finite.

    Examples
    --------
    >>> first_bad_sample(Dataset([[1.0], [np.nan], [2.0]], [0, 1, 1]))
    1
    """
    bad = [
        int(i)
        for array in (dataset.inputs, dataset.targets)
        if array.dtype.kind == "f"
        for i in _bad_rows(array)[:1]
    ]
    return min(bad, default=None)


def _bad_rows(array: np.ndarray) -> list[int]:
    rows = max(1, _ROWS // max(1, array[0].size))
    for start in range(0, len(array), rows):
        piece = array[start : start + rows]
        wrong = ~np.isfinite(piece.reshape(len(piece), -1)).all(axis=1)
        if wrong.any():
            return [start + int(np.argmax(wrong))]
    return []
