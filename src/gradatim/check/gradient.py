"""The gradient check: backprop beside central differences, and a verdict on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradatim.autograd.chain import pull_back
from gradatim.autograd.graph import leaves
from gradatim.autograd.modes import deeper, no_grad, taping
from gradatim.autograd.tensor import Tensor, constant
from gradatim.check.comparison import Comparison, GradientCheck
from gradatim.check.course import OUTSIDE
from gradatim.check.ladder import EPS
from gradatim.check.measure import Measurement
from gradatim.check.numeric import STEP
from gradatim.check.progress import Kind, Progress
from gradatim.check.projection import Projection
from gradatim.check.replay import equal
from gradatim.check.subject import Choice, Subject
from gradatim.errors import GradatimError
from gradatim.types import Array

NUDGE = 4 * EPS
"""Part of itself by which each number is moved to see how steady backprop is."""

LEAP = 1e-2
"""A gradient that changes by a larger part than this for such a nudge stands at a kink."""


def gradient(
    f: Any,
    *inputs: Any,
    loss: Callable[..., Any] | None = None,
    wrt: Choice | None = None,
    h: float = STEP,
    sample: int | None = None,
    directions: int | None = None,
    seed: int = 0,
    progress: Kind = "auto",
    **settings: Any,
) -> GradientCheck:
    """Check the gradient of backprop against central differences, element by element.

    Parameters
    ----------
    f : callable, model or primitive
        Returns one number, a Tensor of any shape, or a tuple, list or dict of such.
    *inputs : array_like, Tensor, model, or list, tuple or dict of such
        What f takes. Floats of any dtype and layout are checked, as float64; integers, booleans
        and everything else is handed on as it is.
    loss : callable, optional
        ``loss(output, target)`` gives what is differentiated; the last of ``inputs`` is the
        target and is not checked.
    wrt : {"all", "parameters", "inputs"}, optional
        What is checked: what models hold, what stands in arrays, or both. If not given, the
        parameters for a model with a loss, as in training; else all.
    h : float
        How far each number is moved each way.
    sample : int, optional
        Of larger arrays only so many numbers are checked, drawn at random.
    directions : int, optional
        Check the slopes along so many random directions, in each of which all numbers move at
        once. Nothing else is then checked unless ``sample`` is given too.
    seed : int
        Of sample and directions.
    progress : {"auto", "none"}
        "auto": where stderr is a terminal, a long check shows there how far it is and how long it
        will take yet. "none": nothing is shown.
    **settings
        Handed on to f by keyword, such as ``axis=1``; never checked.

    Returns
    -------
    GradientCheck
        True if backprop is right. ``print`` shows a table: for each argument or parameter the
        mean, the largest and the largest relative difference, the truncation and the round-off
        that were predicted, the mean difference after Richardson's extrapolation, and a verdict.

    Raises
    ------
    GradatimError
        If f gives different numbers when called twice on the same ones, or h is no use.
    DtypeError
        If nothing is made of floats, or f returns none, or computes in float32, or progress is
        neither of the two.
    ShapeError
        If the shape that f returns changes with its numbers.

    Notes
    -----
    Everything is done on float64 copies: the caller's arrays and model are never touched. A model
    is checked as it stands, training or evaluating. Random numbers drawn from generators that it
    holds, as by Dropout, are frozen: every call draws the same, and the table says so.

    An output of several elements is multiplied by fixed random numbers and summed, so that each
    counts.

    The verdict follows from what is known of each numerical slope, not from a tolerance. A central
    difference is off by its truncation, ``h**2 / 6`` times the third derivative, and by its
    round-off, ``eps |f| / h``. Where backprop differs by more than a few roundings, slopes over a
    ladder of steps from 1e-1 to 1e-10 tell how far off each is, and Richardson's extrapolation
    gives a better one. Where the left and the right slope stay apart, f has a kink, and any
    gradient between the two is right. Where more stays unknown than a thousandth of the gradient,
    there is no verdict: the row is "unsure", and the check has not passed. So a gradient that is
    far smaller than f times 1e-13 cannot be checked; nor can one below 1e-30.

    In the notebooks' network the last bias is off by 1.2e-10 where all else is off by 1e-12: its
    truncation is ``h**2 / 6 p (1 - p)(1 - 2p)``, with p the probability of the class, near 0.1.

    Parameters that a function merely closes over are not checked; hand the model in as an
    argument.

    Cost: two evaluations for each number that backprop says matters, two for each 64 of the
    others, and fourteen to thirty-eight where there is doubt and for 100 numbers of each array. The
    39,760 parameters of 784-50-10 with 3 images take some 3 s of processor time.

    Examples
    --------
    >>> import gradatim as gd
    >>> bool(gd.check.gradient(gd.softmax, [[1.0, 2.0, 0.5]], axis=-1))
    True
    >>> model = gd.nn.MLP([4, 3, 2], activation="tanh", rng=0)
    >>> check = gd.check.gradient(model, [[0.1, 0.2, 0.3, 0.4]], [1], loss=gd.cross_entropy)
    >>> [row.name for row in check.rows], check.passed
    (['layers.0.weight', 'layers.0.bias', 'layers.2.weight', 'layers.2.bias'], True)
    """
    _check_counts(sample, directions)
    subject = Subject(f, inputs, loss, wrt, settings)
    subject.freeze_chance()
    outputs = taped(subject)
    notes = _notes(subject, outputs)
    projection = Projection(outputs)
    backprop = backprop_of(subject, outputs, projection.weights)
    unrest = _unrest(subject, backprop, projection)
    for variable in subject.variables.values():
        variable.tensor.wanted = False  # an f that writes ``x += 1`` makes a new Tensor of a result
    shown = Progress(progress, "gradient")
    try:
        with no_grad(), np.errstate(all="ignore"):
            _check_repeatable(outputs, subject.run())
            measurement = Measurement(subject, outputs, projection, h, unrest)
            rows = _rows(measurement, backprop, sample, directions, seed, shown)
    finally:
        shown.close()
    return GradientCheck(tuple(rows), h, tuple(notes + _faint(rows)))


def _rows(
    measurement: Measurement,
    backprop: dict[str, Array],
    sample: int | None,
    directions: int | None,
    seed: int,
    progress: Progress,
) -> list[Comparison]:
    rows = []
    random = np.random.default_rng(seed)
    if sample is not None or directions is None:
        for name, found in backprop.items():
            picked = None
            if sample is not None and sample < found.size:
                picked = random.choice(found.size, sample, replace=False)
            rows.append(measurement.of_variable(name, found, picked, progress))
    if directions is not None:
        rows.append(measurement.of_directions(list(backprop.values()), directions, seed))
    return rows


def _check_counts(sample: int | None, directions: int | None) -> None:
    for name, count in (("sample", sample), ("directions", directions)):
        if count is not None and not (isinstance(count, (int, np.integer)) and count > 0):
            raise GradatimError(
                f"gradient: {name} is {count!r}; it must be a whole number above 0, or None."
            )


def _faint(rows: list[Comparison]) -> list[str]:
    return [
        f"{row.name}: {row.faint:,} elements are too small beside round-off to be judged one by one"
        for row in rows
        if row.verdict == "ok" and row.faint
    ]


def taped(subject: Subject) -> list[Tensor]:
    """Outputs with the history that backprop goes back along."""
    with taping(True), deeper():
        return subject.run()


def _unrest(
    subject: Subject, backprop: dict[str, Array], projection: Projection
) -> dict[str, Array]:
    """How far backprop's own result moves when every number is moved by a few roundings.

    So far it may be off itself, as in the inverse of a matrix near a singular one. What changes
    by much more than that has leapt over a kink, and tells nothing.
    """
    random = np.random.default_rng(0)
    before = {name: v.numbers.copy() for name, v in subject.variables.items()}
    for v in subject.variables.values():
        v.numbers[...] *= 1 + NUDGE * random.choice([-1.0, 1.0], v.numbers.shape)
    try:
        with np.errstate(all="ignore"):
            nudged = backprop_of(subject, taped(subject), projection.weights)
    except OUTSIDE:
        nudged = backprop
    for name, v in subject.variables.items():
        v.numbers[...] = before[name]
    with np.errstate(invalid="ignore"):
        moved = {name: np.abs(nudged[name] - backprop[name]) for name in backprop}
    return {name: _steadied(each, np.abs(backprop[name])) for name, each in moved.items()}


def _steadied(moved: Array, size: Array) -> Array:
    """What each gradient moves by; at least what is usual, for one may be still by luck."""
    calm = (moved <= LEAP * size) & (size > 0)
    if not calm.any():
        return np.zeros(size.shape)
    usual = float(np.median(moved[calm] / size[calm]))
    return np.where(calm, np.maximum(moved, usual * size), 0.0)


def backprop_of(subject: Subject, outputs: list[Tensor], weights: list[Array]) -> dict[str, Array]:
    """Gradient of the weighed sum of all outputs, by the chain rule."""
    variables = subject.variables
    total = {name: np.zeros(v.numbers.shape) for name, v in variables.items()}
    targets = [v.tensor for v in variables.values()]
    for y, weight in zip(outputs, weights):
        found = pull_back(y, constant(weight[()]), targets=targets) if y.wanted else {}
        for name, v in variables.items():
            if v.tensor in found:
                total[name] = total[name] + found[v.tensor].raw
    return {name: np.asarray(each) for name, each in total.items()}


def _check_repeatable(outputs: list[Tensor], again: list[Tensor]) -> None:
    """Refuse a function that gives other numbers the second time."""
    first, second = ([y.raw for y in run] for run in (outputs, again))
    if equal(first, second) or (
        [y.shape for y in first] == [y.shape for y in second]
        and all(np.allclose(a, b, 1e-13, 1e-13, equal_nan=True) for a, b in zip(first, second))
    ):
        return
    raise GradatimError(
        "gradient: the function gave different numbers for the same arguments; a slope needs it "
        "to repeat itself.\n  Does it draw random numbers, or keep something between calls? Try "
        "model.eval(), or a numpy.random.Generator that the model holds or the function is handed."
    )


def _notes(subject: Subject, outputs: list[Tensor]) -> list[str]:
    """What the reader of the table should know."""
    notes = []
    if subject.drew():
        notes.append("random numbers are frozen: every call drew the same ones")
    if subject.frozen:
        notes.append(f"not checked, for they are frozen: {', '.join(subject.frozen)}")
    known = {id(v.tensor) for v in subject.variables.values()}
    outside = {id(x): x for y in outputs for x in leaves(y) if id(x) not in known}
    if outside:
        told = ", ".join(f"{x.name or type(x).__name__} {x.shape}" for x in outside.values())
        notes.append(f"not checked, for the function closes over them: {told}")
    for y in outputs:
        for at in np.argwhere(~np.isfinite(y.data))[:1].tolist():
            place = f", at {tuple(at)}" if at else ""
            notes.append(f"the function itself is {y.data[tuple(at)]} here{place}")
    return notes
