"""Standstill: a training that comes nowhere, whatever the reason."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradatim.optim import Optimizer
from gradatim.train.finding import Finding
from gradatim.train.state import TrainingState
from gradatim.train.twin import Snapshot
from gradatim.types import Array

PATIENCE = 200
"""Steps before a training may be said to stand still."""
UNMOVED_STEPS = 50
HARDLY, GUESSING = 0.98, 0.02


def unmoved(state: TrainingState, start: Snapshot) -> Iterator[Finding]:
    """Look whether the rate is 0 and always was, so that no weight has moved.

    Parameters
    ----------
    state : TrainingState
        Just evaluated.
    start : Snapshot
        Of the training at its start.

    Yields
    ------
    Finding
        Not of a rate that rises from 0 or has fallen to it: then the weights have moved.
    """
    steps = state.step - start.step
    if steps < UNMOVED_STEPS or state.optimizer.lr != 0 or not _equal(state.optimizer, start):
        return
    usual = 0.001 if "Adam" in type(state.optimizer).__name__ else 0.1
    yield Finding(
        "learning rate too low",
        f"lr is 0, and after {steps} steps every weight is what it was.",
        f"Try lr={usual} (lr is 0).",
        None,
        state.step,
        {"lr": usual},
    )


def _equal(optimizer: Optimizer, start: Snapshot) -> bool:
    _, before = start.copy()
    return all(
        np.array_equal(p.raw, before.parameters[path].raw, equal_nan=True)
        for path, p in optimizer.parameters.items()
    )


def stands_still(state: TrainingState) -> bool:
    """Return whether the second half of a training so far was in vain and the first one too.

    Parameters
    ----------
    state : TrainingState
        Just evaluated, after 200 steps or more.

    Returns
    -------
    bool
        Whether the loss is hardly below that of half the steps ago, while the model knows no more
        of the training data than which class is the largest. Of data without classes, whether the
        loss is hardly below that of the start.
    """
    rows = state.history.rows
    early = [float(r["train_loss"] or 0.0) for r in rows if 2 * int(r["step"] or 0) <= state.step]
    now = float(rows[-1]["train_loss"] or 0.0)
    if state.step < PATIENCE or not early or now < HARDLY * min(early):
        return False
    accuracy = rows[-1].get("train_accuracy")
    if accuracy is None:
        return now >= HARDLY * early[0]
    return accuracy <= _largest_share(state.loader.dataset.targets) + GUESSING


def _largest_share(targets: Array) -> float:
    labels = targets.argmax(axis=1) if targets.ndim == 2 and targets.shape[1] > 1 else targets
    return float(np.unique(labels, return_counts=True)[1].max() / len(labels))
