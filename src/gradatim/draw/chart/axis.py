"""Axes: where a number stands between two bounds, and which numbers are written there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, inf, log10

import numpy as np

from gradatim.draw.form.lettering import width_of
from gradatim.types import Array

SIZE = 12.0
"""Of the letters beside an axis."""

_ROOM, _FAR = 0.05, 20.0

_NOTHING = 1e-290
"""Smaller numbers cannot be divided by further ones without becoming 0."""

Tick = tuple[float, str]
"""A number on an axis, and how it is written."""


@dataclass(frozen=True)
class Axis:
    """A stretch of numbers.

    Parameters
    ----------
    low, high : float
        Its bounds; their decimal logarithms where it is logarithmic.
    ticks : tuple of Tick
        What is written beside it.
    is_logarithmic : bool
        Whether equal factors are equally far apart.

    Examples
    --------
    >>> Axis(0.0, 2.0, is_logarithmic=True).shares(np.array([1.0, 10.0, 0.0]))
    array([0. , 0.5, nan])
    """

    low: float
    high: float
    ticks: tuple[Tick, ...] = ()
    is_logarithmic: bool = False

    def shares(self, values: Array) -> Array:
        """Place numbers: 0 at the lower bound, 1 at the upper, NaN for what has no place."""
        values = np.where(np.isfinite(values), values, np.nan)
        if self.is_logarithmic:
            values = np.log10(np.where(values > 0, values, np.nan))
        return np.asarray((values - self.low) / (self.high - self.low))


def loss_axis(shown: Sequence[Array], behind: Sequence[Array] = ()) -> Axis:
    """Return an axis for losses: logarithmic where they fall by more than a factor of 20.

    Parameters
    ----------
    shown : sequence of arrays of float
        What decides.
    behind : sequence of arrays of float
        What must have room as well.

    Returns
    -------
    Axis
        Without ticks if nothing is finite.

    Examples
    --------
    >>> [text for _, text in loss_axis([np.array([2.3, 0.5])]).ticks]
    ['0.5', '1.0', '1.5', '2.0']
    >>> [text for _, text in loss_axis([np.array([2.0, 0.02])]).ticks]
    ['0.02', '0.05', '0.1', '0.2', '0.5', '1', '2']
    """
    values, everything = _finite(shown), _finite([*shown, *behind])
    if len(values) and values.min() > 0 and values.max() > _FAR * values.min():
        return logarithmic_axis([everything])
    return linear_axis(everything)


def linear_axis(values: Array) -> Axis:
    """Return an axis for numbers of any sign.

    Parameters
    ----------
    values : array of float
        What must have room.

    Returns
    -------
    Axis
        With a little room; from 0 on where all are the same. Without ticks if nothing is finite.

    Examples
    --------
    >>> linear_axis(np.array([3.0])).ticks[0]
    (0.0, '0')
    """
    values = _finite([values])
    if not len(values):
        return Axis(0.0, 1.0)
    low, high = _apart(float(values.min()), float(values.max()))
    return Axis(low, high, _ticks(low, high, 6, _number))


def percent_axis(values: Array) -> Axis:
    """Return an axis for accuracies, in percent, with nothing beyond the possible.

    Parameters
    ----------
    values : array of float
        From 0 to 1.

    Returns
    -------
    Axis
        Without ticks if nothing is finite.

    Examples
    --------
    >>> [text for _, text in percent_axis(np.array([0.1, 0.9])).ticks]
    ['20%', '40%', '60%', '80%']
    """
    values = _finite([values])
    if not len(values):
        return Axis(0.0, 1.0)
    least, most = float(values.min()), float(values.max())
    low, high = _apart(least, most)
    if not 0 <= least <= most <= 1:
        return Axis(low, high, _ticks(low, high, 6, _percent))
    low, high = max(low, -0.02), min(max(high, 0.01), 1.02)
    low = min(low, max(high - 0.01, 0.0))  # differences of a thousandth do not fill it
    ticks = _ticks(low, high, 6, _percent)
    return Axis(low, high, tuple(tick for tick in ticks if -1e-9 < tick[0] < 1 + 1e-9))


def logarithmic_axis(arrays: Sequence[Array]) -> Axis:
    """Return a logarithmic axis, with numbers at 1, 2 and 5, or only at tens where it is long.

    Parameters
    ----------
    arrays : sequence of arrays of float
        What must have room; what is not positive has none.

    Returns
    -------
    Axis
        Without ticks if nothing is positive.

    Examples
    --------
    >>> [text for _, text in logarithmic_axis([np.array([1e-7, 1.0])]).ticks]
    ['1e-6', '1e-4', '0.01', '1']
    """
    values = _finite(arrays)
    values = values[values > 0]
    if not len(values):
        return Axis(0.0, 1.0, is_logarithmic=True)
    low, high = log10(float(values.min())), log10(float(values.max()))
    room = max(_ROOM * (high - low), 0.02) if high > low else 0.35
    low, high = low - room, high + room
    every = ceil((high - low) / 6)
    tens = range(floor(low), ceil(high) + 1)
    numbers = [
        float(f"{lead}e{ten}")
        for ten in tens
        for lead in ((1, 2, 5) if high - low < 3 else (1,) if ten % every == 0 else ())
    ]
    ticks = tuple((x, _short(x)) for x in numbers if 0 < x < inf and low <= log10(x) <= high)
    return Axis(low, high, ticks, is_logarithmic=True)


def time_axis(times: Array, width: float, *, whole: bool) -> Axis:
    """Return an axis for steps, epochs or evaluations.

    Parameters
    ----------
    times : array of float
        All of them.
    width : float
        How long it will be; what is written beside it must not touch.
    whole : bool
        Whether only whole numbers are written.

    Returns
    -------
    Axis
        Without ticks if nothing is finite.

    Examples
    --------
    >>> [text for _, text in time_axis(np.array([0.0, 10_000.0]), 340.0, whole=True).ticks]
    ['0', '2,000', '4,000', '6,000', '8,000', '10,000']
    """
    times = _finite([times])
    if not len(times):
        return Axis(0.0, 1.0)
    low, high = float(times.min()), float(times.max())
    if not high - low > 1e-9 * max(abs(low), abs(high)):
        aside = max(1.0, 0.5 * abs(low))
        return Axis(low - aside, high + aside, ((low, _number([low], 1.0 if whole else 0.1)[0]),))
    room = 0.02 * (high - low)
    for count in (6, 5, 4, 3, 2):
        ticks = _ticks(low, high, count, _number, 1.0 if whole else 0.0)
        if sum(width_of(text, SIZE) + 1.5 * SIZE for _, text in ticks) <= width:
            break
    return Axis(low - room, high + room, ticks)


# --- bounds and numbers ----------------------------------------------------------------------


def _finite(arrays: Sequence[Array]) -> Array:
    values = np.concatenate([np.zeros(0), *arrays])
    return values[np.isfinite(values)]


def _apart(low: float, high: float) -> tuple[float, float]:
    """Bounds with a little room; a single number stands at the end of its distance from 0."""
    size = max(abs(low), abs(high))
    if size < _NOTHING:
        return 0.0, 1.0
    if high - low > 1e-9 * size:
        room = _ROOM * (high - low)
        return low - room, high + room
    return min(0.0, 1.1 * low), max(0.0, 1.1 * high)


def _ticks(
    low: float,
    high: float,
    count: int,
    written: Callable[[Sequence[float], float], list[str]],
    least: float = 0.0,
) -> tuple[Tick, ...]:
    """About so many multiples of 1, 2 or 5 between two bounds."""
    step = max(_round_up((high - low) / count), least)
    first, last = ceil(low / step - 1e-6), floor(high / step + 1e-6)
    numbers = [k * step for k in range(first, last + 1)]
    return tuple(zip(numbers, written(numbers, step)))


def _round_up(x: float) -> float:
    ten = floor(log10(x))
    return next(
        float(f"{lead}e{ten}") for lead in (1, 2, 5, 10) if float(f"{lead}e{ten}") >= 0.999 * x
    )


def _number(numbers: Sequence[float], step: float) -> list[str]:
    decimals = _decimals(step)
    largest = max(map(abs, numbers), default=0.0)
    if not numbers or 1e-3 <= largest < 1e8:
        return [f"{x:,.{decimals}f}" for x in numbers]
    digits = max(0, floor(log10(max(largest, step)) + 1e-9) - floor(log10(step) + 1e-9))
    return [_power(f"{x:.{digits}e}") if x else "0" for x in numbers]


def _percent(numbers: Sequence[float], step: float) -> list[str]:
    return [f"{x:.{max(0, _decimals(step) - 2)}%}" for x in numbers]


def _short(x: float) -> str:
    return f"{x:,g}" if 1e-3 <= x < 1e6 else _power(f"{x:.0e}")


def _power(text: str) -> str:
    digits, _, power = text.partition("e")
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return f"{digits}e{int(power)}"


def _decimals(step: float) -> int:
    return max(0, -floor(log10(step) + 1e-9))
