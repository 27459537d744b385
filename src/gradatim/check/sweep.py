"""A sweep over the step: truncation falls with it, round-off rises, and between lies a valley."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradatim.autograd.modes import no_grad
from gradatim.check.course import Course
from gradatim.check.gradient import backprop_of, taped
from gradatim.check.ladder import EPS
from gradatim.check.measure import Measurement
from gradatim.check.numeric import STEP, check_step, extrapolated
from gradatim.check.progress import Kind, Progress
from gradatim.check.projection import Projection
from gradatim.check.subject import Choice, Subject
from gradatim.errors import GradatimError
from gradatim.types import Array

STEPS = tuple(10.0 ** (-k / 4) for k in range(4, 49))
"""Four steps a decade, from 1e-1 to 1e-12."""

_HEAD = ("h", "central", "richardson", "truncation", "round-off")


@dataclass(frozen=True, eq=False, repr=False)
class SweepRow:
    """Mean differences of one argument or parameter, one for each step.

    Parameters
    ----------
    name : str
        Of the argument, or path of the parameter.
    h : array of float64, shape (steps,)
        The steps, from wide to narrow.
    central : array of float64, shape (steps,)
        Mean absolute difference between backprop and central differences.
    richardson : array of float64, shape (steps,)
        The same after Richardson's extrapolation from h and h/2.
    truncation : array of float64, shape (steps,)
        Predicted from the third derivative, ``h**2 |f'''| / 6``.
    round_off : array of float64, shape (steps,)
        Predicted from the size of the function, ``eps |f| / h``.
    """

    name: str
    h: Array
    central: Array
    richardson: Array
    truncation: Array
    round_off: Array

    @property
    def valley(self) -> float:
        """Step at which the central difference is nearest to backprop."""
        return float(self.h[np.nanargmin(self.central)])

    @property
    def predicted_valley(self) -> float:
        """Step at which the predicted truncation and round-off are together least."""
        return float(self.h[np.argmin(self.truncation + self.round_off)])

    def __str__(self) -> str:
        columns = (self.h, self.central, self.richardson, self.truncation, self.round_off)
        rows = [tuple(f"{x:.1e}" for x in row) for row in zip(*columns)]
        widths = [max(map(len, column)) for column in zip(_HEAD, *rows)]
        lines = ["  ".join(c.rjust(w) for c, w in zip(row, widths)) for row in (_HEAD, *rows)]
        told = f"nearest at h = {self.valley:.1e}, predicted at {self.predicted_valley:.1e}"
        return "\n".join([f"{self.name}: {told}", *lines])

    __repr__ = __str__


@dataclass(frozen=True, eq=False, repr=False)
class Sweep:
    """What a sweep over the step found, one row for each argument or parameter.

    Parameters
    ----------
    rows : tuple of SweepRow
        In the order of arguments or parameters.
    """

    rows: tuple[SweepRow, ...]

    def __getitem__(self, name: str) -> SweepRow:
        for row in self.rows:
            if row.name == name:
                return row
        raise KeyError(f"{name}; there are {', '.join(row.name for row in self.rows)}")

    def __str__(self) -> str:
        return "\n\n".join(str(row) for row in self.rows)

    __repr__ = __str__


def sweep(
    f: Any,
    *inputs: Any,
    loss: Callable[..., Any] | None = None,
    wrt: Choice | None = None,
    steps: Sequence[float] = STEPS,
    sample: int = 20,
    seed: int = 0,
    progress: Kind = "auto",
    **settings: Any,
) -> Sweep:
    """Compare backprop with central differences over many steps, wide and narrow.

    Parameters
    ----------
    f, inputs, loss, wrt
        As for `gradient`.
    steps : sequence of float
        How far each number is moved each way; four steps a decade from 1e-1 to 1e-12 if not given.
    sample : int
        How many numbers of each array are moved, drawn at random from those with a gradient.
    seed : int
        Of the sample.
    progress : {"auto", "none"}
        "auto": where stderr is a terminal, a long sweep shows there how far it is.
    **settings
        Handed on to f by keyword.

    Returns
    -------
    Sweep
        For each argument or parameter the mean differences, and what was predicted. ``print``
        shows a table; `gradatim.draw.sweep` draws it.

    Raises
    ------
    GradatimError
        If there are no steps, or one is not above 0.
    DtypeError
        If nothing is made of floats, or f returns none, or computes in float32, or progress is
        neither of the two.

    Notes
    -----
    Cost: four evaluations for each step and number.

    Examples
    --------
    >>> import gradatim as gd
    >>> found = gd.check.sweep(gd.exp, [1.0], steps=[1e-1, 1e-3, 1e-5, 1e-7, 1e-9])
    >>> found["x"].valley
    1e-05
    """
    h = _sorted(steps, sample)
    subject = Subject(f, inputs, loss, wrt, settings)
    subject.freeze_chance()
    outputs = taped(subject)
    subject.drew()
    projection = Projection(outputs)
    backprop = backprop_of(subject, outputs, projection.weights)
    for variable in subject.variables.values():
        variable.tensor.wanted = False
    shown = Progress(progress, "sweep")
    random = np.random.default_rng(seed)
    rows = []
    try:
        with no_grad(), np.errstate(all="ignore"):
            calm = {name: np.zeros(g.shape) for name, g in backprop.items()}
            measurement = Measurement(subject, outputs, projection, STEP, calm)
            for name, found in backprop.items():
                at = _picked(found, sample, random)
                shown.expect(at.size)
                advance = _advance(shown, name)
                rows.append(_row(measurement, name, np.ravel(found), at, h, advance))
    finally:
        shown.close()
    return Sweep(tuple(rows))


def _sorted(steps: Sequence[float], sample: int) -> Array:
    """Steps from wide to narrow."""
    if not len(steps) or sample < 1:
        raise GradatimError(
            f"sweep: there are {len(steps)} steps and a sample of {sample}; both must be 1 or more."
        )
    for step in steps:
        check_step("sweep", np.zeros(0), float(step))
    return np.sort(np.asarray(steps, dtype=np.float64))[::-1]


def _advance(progress: Progress, name: str) -> Callable[[], None]:
    return lambda: progress.advance(1, name)


def _picked(backprop: Array, sample: int, random: np.random.Generator) -> Array:
    """Draw among the numbers that have a gradient; among all where none has."""
    live = np.flatnonzero(backprop)
    live = live if live.size else np.arange(backprop.size)
    return np.sort(random.choice(live, min(sample, live.size), replace=False))


def _row(
    measurement: Measurement,
    name: str,
    backprop: Array,
    at: Array,
    h: Array,
    advance: Callable[[], None],
) -> SweepRow:
    central, richardson, truncation, round_off = (np.zeros((at.size, h.size)) for _ in range(4))
    for k, (i, course) in enumerate(measurement.courses(name, at)):
        wide, narrow = (_over(course, h), _over(course, h / 2))
        central[k] = np.abs(wide - backprop[i])
        richardson[k] = np.abs(extrapolated(wide, narrow) - backprop[i])
        slope = course.slope(float(backprop[i]))
        truncation[k] = abs(course.truncation((slope.low + slope.high) / 2)) * (h / course.h) ** 2
        round_off[k] = EPS * course.rung(course.h).scale / h
        advance()
    means = (each.mean(axis=0) for each in (central, richardson, truncation, round_off))
    return SweepRow(name, h, *means)


def _over(course: Course, steps: Array) -> Array:
    """Central differences as the textbook has them, divided by what was to be moved."""
    return np.array([course.rung(float(step)).across / (2 * float(step)) for step in steps])
