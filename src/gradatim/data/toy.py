"""Tiny sets made in code: enough to see a network learn in a second.

All hold float64, depend on their arguments alone, and take their classes in turn, so that any
stretch of samples is as balanced as it can be.
"""

from __future__ import annotations

import numpy as np

from gradatim.data.dataset import Dataset
from gradatim.errors import DataError
from gradatim.types import Array


def xor(n: int = 400, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Four clouds at the corners of a square; the class says whether the coordinates differ.

    t = a xor b, for the corner (a, b) that a point belongs to: no straight line parts the two.

    Parameters
    ----------
    n
        Number of samples, 4 or more; four without noise are the truth table.
    noise
        Standard deviation of a cloud; the square has side 1.
    seed
        Of the noise.

    Returns
    -------
    Dataset
        Inputs (n, 2) float64, labels 0 and 1.

    Raises
    ------
    DataError
        There are fewer samples than corners, or the noise is negative.

    Examples
    --------
    >>> data = xor(4, noise=0)
    >>> data.inputs.tolist(), data.targets.tolist()
    ([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0]], [0, 1, 0, 1])
    """
    _check("xor", n, noise, at_least=4)
    corners = np.array([[0, 0], [0, 1], [1, 1], [1, 0]], dtype=np.float64)
    which = np.arange(n) % 4
    return Dataset(corners[which] + _noise((n, 2), noise, seed), which % 2, name="xor", classes=2)


def spirals(n: int = 300, classes: int = 3, noise: float = 0.2, seed: int = 0) -> Dataset:
    """Arms of a spiral, one a class, wound into each other.

    x = r (sin a, cos a), with r from 0.05 to 1 along the arm and the angle
    a = 4 r + 2 pi class / classes + noise.

    Parameters
    ----------
    n
        Number of samples, one for each class or more.
    classes
        Number of arms, 1 or more.
    noise
        Standard deviation of the angle, in radians.
    seed
        Of the noise.

    Returns
    -------
    Dataset
        Inputs (n, 2) float64 within the unit circle, labels 0 to ``classes - 1``.

    Raises
    ------
    DataError
        There are fewer samples than classes, no class, or the noise is negative.

    Notes
    -----
    Source: after the spiral of CS231n, "Minimal neural network case study".

    Examples
    --------
    >>> spirals(300)
    Dataset spirals: 300 samples of shape (2,) float64, 3 classes
    """
    _check("spirals", n, noise, at_least=max(classes, 1))
    if classes < 1:
        raise DataError(f"spirals: classes is {classes}.\n  It must be 1 or more. Try 3?")
    labels = np.arange(n) % classes
    radius = 0.05 + 0.95 * _along(n, classes)
    angle = 4 * radius + 2 * np.pi * labels / classes + _noise((n,), noise, seed)
    points = radius[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
    return Dataset(points, labels, name="spirals", classes=classes)


def moons(n: int = 400, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Two half circles that reach into each other.

    Class 0 is (cos a, sin a), class 1 is (1 - cos a, 1/2 - sin a), a from 0 to pi.

    Parameters
    ----------
    n
        Number of samples, 2 or more.
    noise
        Standard deviation of both coordinates.
    seed
        Of the noise.

    Returns
    -------
    Dataset
        Inputs (n, 2) float64, labels 0 and 1.

    Raises
    ------
    DataError
        There are fewer samples than moons, or the noise is negative.

    Examples
    --------
    >>> moons(4, noise=0).inputs.round(2).tolist()
    [[1.0, 0.0], [0.0, 0.5], [-1.0, 0.0], [2.0, 0.5]]
    """
    _check("moons", n, noise, at_least=2)
    labels = np.arange(n) % 2
    angle = np.pi * _along(n, 2)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points = np.where(labels[:, None] == 0, upper, [1.0, 0.5] - upper)
    return Dataset(points + _noise((n, 2), noise, seed), labels, name="moons", classes=2)


def sine(n: int = 200, noise: float = 0.1, seed: int = 0) -> Dataset:
    """One wave of the sine, to be met by regression.

    t = sin x + noise, x from -pi to pi in equal steps.

    Parameters
    ----------
    n
        Number of samples, 2 or more.
    noise
        Standard deviation of the targets.
    seed
        Of the noise.

    Returns
    -------
    Dataset
        Inputs (n, 1) float64 in ascending order, targets (n, 1) float64.

    Raises
    ------
    DataError
        There are fewer than two samples, or the noise is negative.

    Examples
    --------
    >>> sine(200)
    Dataset sine: 200 samples of shape (1,) float64, targets of shape (1,) float64
    """
    _check("sine", n, noise, at_least=2)
    x = np.linspace(-np.pi, np.pi, n)[:, None]
    return Dataset(x, np.sin(x) + _noise((n, 1), noise, seed), name="sine")


def _along(n: int, classes: int) -> Array:
    """Place each sample on its class's line: 0 for the first of a class, 1 for the last."""
    turn = np.arange(n) // classes
    return np.asarray(turn / max(1, turn[-1]))


def _noise(shape: tuple[int, ...], noise: float, seed: int) -> Array:
    return noise * np.random.default_rng(seed).standard_normal(shape)


def _check(name: str, n: int, noise: float, at_least: int) -> None:
    if n < at_least:
        raise DataError(
            f"{name}: n is {n}.\n  It must be {at_least} or more. Try n={100 * at_least}?"
        )
    if not noise >= 0:
        raise DataError(f"{name}: noise is {noise}.\n  It must be 0 or more. Try noise=0.1?")
