"""Whether the learning rate suits: too high, too low, and which one would do."""

from __future__ import annotations

from math import floor, log10
from typing import Any

import numpy as np

from gradatim.nn import initial
from gradatim.optim import SGD, Optimizer
from gradatim.train.chart import Chart
from gradatim.train.descent import BATCHES, Descent, try_updates
from gradatim.train.finding import Finding
from gradatim.train.metrics import Loss
from gradatim.train.state import TrainingState
from gradatim.train.twin import Snapshot, Twin

AS_IT_IS, FIRST_LOOK = (1.0,), (1.0, 100.0)
TENFOLDS = [10.0**k for k in range(13)]
CRAWL_STEPS = 50
GROWN, STILL, BETTER, SURE = 1.5, 0.98, 0.9, -2.0
LEAST_DROP, WELL_ON = 0.01, 0.5


def sign_of_too_high(state: TrainingState, descent: Descent) -> str | None:
    """Tell what lets suspect that the updates are too large.

    Parameters
    ----------
    state : TrainingState
        Just evaluated.
    descent : Descent
        Of its next updates.

    Returns
    -------
    str or None
        That the loss of each batch rises by its own update, at the start or while nothing gets
        better. Some trainings begin so and recover: it takes more to be sure.
    """
    if not is_stuck(state) or descent.rising < BATCHES:
        return None
    kind = "lr |g|^2" if type(state.optimizer) is SGD else "update * gradient"
    return (
        f"at step {state.step} the loss of each of {BATCHES} batches rises by its own update: "
        f"drop / ({kind}) is {descent.medians[0]:.2g}, near 1 if all is well."
    )


def is_stuck(state: TrainingState) -> bool:
    """Return whether the loss is hardly below that of the evaluation before, or there was none."""
    return len(state.history.rows) < 2 or _loss(state, -1) > STILL * _loss(state, -2)


def is_surely_too_high(descent: Descent) -> bool:
    """Return whether the loss rises by more than twice what the gradient promises as its fall."""
    return bool(descent.medians[0] < SURE)


def sign_of_growth(state: TrainingState, now: float | None = None) -> str | None:
    """Tell that the loss is much larger than at the start.

    Parameters
    ----------
    state : TrainingState
        Evaluated at least once.
    now : float, optional
        The loss as it is now; that of the latest evaluation if not given.

    Returns
    -------
    str or None
        With both losses.
    """
    first, now = _loss(state, 0), _loss(state, -1) if now is None else now
    if now > GROWN * abs(first):
        return f"the loss was {first:.4g} at first and is {now:.4g} after {state.step} steps."
    return None


def is_no_better(state: TrainingState, before: float) -> bool:
    """Return whether the loss of the latest evaluation is hardly below one ``before``."""
    return _loss(state, -1) > BETTER * before


def too_high(
    state: TrainingState, evidence: str, start: Snapshot, criterion: Loss, remedy: dict[str, Any]
) -> Finding:
    """Describe a rate that is too high and search one that would do.

    Parameters
    ----------
    state : TrainingState
        The training.
    evidence : str
        What shows it.
    start : Snapshot
        Of the training at its start, where the rate to propose is searched.
    criterion : callable
        ``criterion(outputs, targets)``.
    remedy : dict
        How the weights should have begun.

    Returns
    -------
    Finding
        It proposes half the rate as often as it takes to make the loss of the median batch fall
        by half of what its gradient promises, where the network begins and where it should.
    """
    rate = state.optimizer.lr
    suits = [rate / 2] if state.step else []
    if not remedy:
        suits.append(_suited(state, Twin(*start.copy()), criterion, rate))
    suits.append(_suited(state, _begun_anew(state, start, criterion), criterion, rate))
    settings = {**remedy, "lr": rounded_down(min(suits))}
    return Finding(
        "learning rate too high", evidence, _written(settings, rate), None, state.step, settings
    )


def too_low(
    state: TrainingState, twin: Twin, start: Snapshot, criterion: Loss, seen: Descent
) -> Finding | None:
    """Look whether one larger step does more than all steps so far.

    Parameters
    ----------
    state : TrainingState
        Just evaluated.
    twin : Twin
        Of its model.
    start : Snapshot
        Of the training at its start.
    criterion : callable
        ``criterion(outputs, targets)``.
    seen : Descent
        Updates tried at their own size and at 100 times it.

    Returns
    -------
    Finding or None
        If a step 100 times as large or more is still a good one.
    """
    if not seen.largest():
        return None
    descent = try_updates(state, twin, criterion, TENFOLDS)
    best, fallen, rate = descent.largest() or 0, _fallen(state), state.optimizer.lr
    drop = float(np.median(descent.drops[:, best]))
    if descent.scales[best] < FIRST_LOOK[1] or drop < max(fallen, LEAST_DROP):
        return None
    good = rate * float(descent.scales[best])
    anew = _suited(state, _begun_anew(state, start, criterion), criterion, good)
    settings = {"lr": rounded_down(min(good, anew))}
    return Finding(
        "learning rate too low",
        f"{state.step} steps have lowered the loss by {max(fallen, 0):.2g} of itself; one step "
        f"with {good:.2g} lowers that of its batch by {drop:.2g}.",
        _written(settings, rate),
        None,
        state.step,
        settings,
    )


def rounded_down(rate: float) -> float:
    """Return the largest number of one digit that is not above a rate.

    Parameters
    ----------
    rate : float
        Above 0.

    Returns
    -------
    float
        Easy to type.

    Examples
    --------
    >>> rounded_down(0.3125), rounded_down(0.1)
    (0.3, 0.1)
    """
    power = floor(log10(rate) + 1e-9)
    return float(f"{floor(rate / 10.0**power + 1e-9)}e{power}")


def sizes_to_try(state: TrainingState) -> tuple[float, ...]:
    """Return the sizes of updates worth trying: larger ones only where the loss hardly falls.

    A loss that will have fallen by half at the end, if it goes on as it did, falls well enough:
    many a small rate gets there.

    Parameters
    ----------
    state : TrainingState
        Just evaluated.

    Returns
    -------
    tuple of float
        1, or 1 and 100.
    """
    crawls = state.step >= CRAWL_STEPS and (
        _fallen(state) * max(state.plan.stop / state.step, 1.0) < WELL_ON
    )
    return FIRST_LOOK if crawls else AS_IT_IS


def _fallen(state: TrainingState) -> float:
    """By what share of itself the loss has fallen since the start."""
    first, now = _loss(state, 0), _loss(state, -1)
    return (first - now) / abs(first) if first else 1.0


def _suited(state: TrainingState, twin: Twin, criterion: Loss, most: float) -> float:
    """Halve the rate ``most`` until it suits; first in powers of ten, to get there sooner."""
    rate = state.optimizer.lr
    tenths = try_updates(state, twin, criterion, [most / rate * 0.1**k for k in range(31)])
    best = tenths.largest()
    near = float(tenths.scales[-1 if best is None else max(best - 1, 0)])
    halves = try_updates(state, twin, criterion, [near * 0.5**k for k in range(5)])
    best = halves.largest()
    return rate * float(halves.scales[-1 if best is None else best])


def _begun_anew(state: TrainingState, start: Snapshot, criterion: Loss) -> Twin:
    """The network with weights drawn again, as wide as what follows them wants.

    Weights that begin very small lie on a plateau, where a rate seems good that is not so later.
    """
    model, optimizer = start.copy()
    _forget(optimizer)
    twin = Twin(model, optimizer)
    x, t = state.loader.dataset.batch(state.loader.indices(state.step)[:2], np.float64)
    chart = Chart(twin.model, criterion, x, t)
    random = np.random.default_rng(0)
    bent = {bend.after: bend.kind for bend in chart.bends}
    for layer in chart.layers:
        if layer.weight.ndim == 2:
            rule = initial("he" if bent.get(layer.path) == "relu" else "xavier")
            layer.weight.raw = rule(layer.weight.shape, random, np.float64)
    for p in twin.learned.values():
        if p.ndim < 2 and chart.layers:
            p.raw = np.zeros_like(p.raw)
    return twin


def _forget(optimizer: Optimizer) -> None:
    """Slots remember gradients of other weights."""
    for slots in optimizer.slot_tensors.values():
        for slot in slots:
            slot.raw = np.zeros_like(slot.raw)


def _loss(state: TrainingState, row: int) -> float:
    return float(state.history.rows[row]["train_loss"] or 0.0)


def _written(settings: dict[str, Any], rate: float) -> str:
    new = " and ".join(f"{name}={value!r}" for name, value in settings.items())
    return f"Try {new} (lr is {rate:g})."
