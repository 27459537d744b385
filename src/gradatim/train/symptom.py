"""Symptoms of a network: what its chart shows that no healthy one shows.

Each limit lies far from both sides: healthy trainings of the notebooks keep a factor of three or
more below it, and what is ill goes beyond it by as much.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from gradatim.train.chart import Bend, Chart, Layer
from gradatim.train.finding import Finding

DEAD_SHARE, DEAD_COUNT = 2 / 3, 8
FLAT = 0.05
"""Mean slope of a sigmoid, as a share of its largest, below which a layer passes nothing back."""
FADING, BLOWING = 1e-4, 1e4
FADING_AT_REST = 1e-2
"""Of a training that comes nowhere: some that begin on such a plateau find down from it."""
LARGE_INPUT, SMALL_INPUT = 20.0, 0.01
TOO_WIDE = 3.0

Settings = dict[str, Any]


def begins_too_wide(chart: Chart) -> Settings:
    """Return the setting that mends weights which begin too wide, or nothing.

    Parameters
    ----------
    chart : Chart
        Of the network at its start.

    Returns
    -------
    dict
        ``{"init": "he"}``, or ``"xavier"`` where sigmoid or tanh follow, or empty.
    """
    wide = any(
        layer.weight.ndim == 2
        and np.std(layer.weight.raw) > TOO_WIDE * np.sqrt(2 / layer.weight.shape[0])
        for layer in chart.layers
    )
    kinds = {bend.kind for bend in chart.bends}
    return {"init": "he" if "relu" in kinds or not kinds else "xavier"} if wide else {}


def found_in(
    chart: Chart, step: int, remedy: Settings, learned: bool, at_rest: bool = False
) -> Iterator[Finding]:
    """Look for every symptom.

    Parameters
    ----------
    chart : Chart
        The network and a sample.
    step : int
        Number of updates made.
    remedy : dict
        What :func:`begins_too_wide` said of the start.
    learned : bool
        Whether the network has learned its data: then most symptoms are none.
    at_rest : bool
        Whether the training comes nowhere: then a gradient need not fade as far to be the reason.

    Yields
    ------
    Finding
        At most one of a kind; it names the first layers concerned.
    """
    yield from _twice_softmax(chart, step)
    if chart.layers and not learned:
        yield from _unscaled(chart.layers[0], step)
    dead = [found for bend in chart.bends for found in _dead(bend, step, remedy)]
    yield from _together(dead)
    if not learned:
        yield from _together(
            [found for bend in chart.bends for found in _saturated(bend, step, remedy)]
        )
        if not dead:  # which explain a gradient that fades
            chart.pull_back()
            limit = FADING_AT_REST if at_rest else FADING
            yield from _gradients(chart.layers, step, remedy, limit)


def _together(found: list[Finding]) -> Iterator[Finding]:
    """The first of several findings of one kind, with the places of all."""
    if found:
        places = [each.where for each in found if each.where]
        rest = f" and {len(places) - 3} more" if len(places) > 3 else ""
        yield replace(found[0], where=", ".join(places[:3]) + rest or None)


def _dead(bend: Bend, step: int, remedy: Settings) -> Iterator[Finding]:
    if bend.kind != "relu":
        return
    units = bend.units
    dead, count = int((units <= 0).all(axis=0).sum()), units.shape[1]
    if dead >= DEAD_COUNT and dead > DEAD_SHARE * count:
        begun = f"{_written(remedy)} and a" if remedy else "a"
        yield Finding(
            "dead units",
            f"{dead} of {count} relu units give 0 for each of {len(units)} samples; they get no "
            "gradient and never come back.",
            f"Begin again with {begun} smaller learning rate; gd.leaky_relu cannot die.",
            bend.after,
            step,
            remedy,
        )


def _saturated(bend: Bend, step: int, remedy: Settings) -> Iterator[Finding]:
    if bend.kind == "relu":
        return
    y = bend.units
    slope = float(np.mean(4 * y * (1 - y) if bend.kind == "sigmoid" else 1 - y * y))
    if slope < FLAT:
        begun = f"{_written(remedy)}, or " if remedy else ""
        yield Finding(
            f"saturated {bend.kind}",
            f"the mean slope is {slope:.2%} of the largest, so hardly any gradient passes.",
            f"Begin with {begun}inputs scaled to about 1, and smaller weights.",
            bend.after,
            step,
            remedy,
        )


def _gradients(
    layers: list[Layer], step: int, remedy: Settings, fading: float
) -> Iterator[Finding]:
    steep = [layer for layer in layers if layer.steepness > 0]
    if len(steep) < 2:
        return
    first, last = steep[0], steep[-1]
    ratio = first.steepness / last.steepness
    compared = f"from {last.path} back to {first.path}, the gradient"
    if ratio < fading:
        remedy = remedy or {"activation": "relu", "init": "he"}
        yield Finding(
            "vanishing gradient",
            f"{compared} fades to {ratio:.0e} of itself, so the first layers hardly learn.",
            f"Try {_written(remedy)}, or fewer layers.",
            first.path,
            step,
            remedy,
        )
    elif ratio > BLOWING:
        yield Finding(
            "exploding gradient",
            f"{compared} grows {ratio:.0e} times.",
            f"Try {_written(remedy or {'init': 'he'})}, or gd.optim.clip_by_norm.",
            first.path,
            step,
            remedy or {"init": "he"},
        )


def _unscaled(first: Layer, step: int) -> Iterator[Finding]:
    given = np.asarray(first.given, np.float64)
    largest = float(max(given.max(), -given.min()))
    size = float(np.sqrt(np.vdot(given, given) / given.size))
    if size > LARGE_INPUT:
        yield Finding(
            "inputs not scaled",
            f"they reach {largest:.3g}, their root mean square is {size:.3g}; about 1 is right.",
            f"Try Dataset(..., scale=1 / {largest:.3g}), or (x - mean) / std of the training data.",
            first.path,
            step,
        )
    elif 0 < largest < SMALL_INPUT:
        yield Finding(
            "inputs not scaled",
            f"none is larger than {largest:.2g}; about 1 is right. Were they divided twice?",
            "Try (x - mean) / std of the training data.",
            first.path,
            step,
        )


def _twice_softmax(chart: Chart, step: int) -> Iterator[Finding]:
    if any(_is_probability(scores) for scores in chart.squeezed):
        yield Finding(
            "softmax of softmax",
            "what is given to softmax, or to a loss that takes logits, is from 0 to 1 and sums to "
            "1 in each row already.",
            "Let the model end before softmax; gd.cross_entropy takes logits.",
            None,
            step,
        )


def _is_probability(scores: Any) -> bool:
    if scores.ndim < 2 or scores.shape[-1] < 2:
        return False
    return bool((scores >= 0).all() and np.allclose(scores.sum(axis=-1), 1, atol=1e-5))


def _written(settings: Settings) -> str:
    return " and ".join(f"{name}={value!r}" for name, value in settings.items())
