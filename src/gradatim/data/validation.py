"""What must hold of the arrays and settings that a dataset is made from."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from gradatim.errors import DataError, DtypeError
from gradatim.types import Array


def read_only(values: ArrayLike, role: str) -> Array:
    """Return a read-only view of numbers with an axis of samples; the caller's stays writable.

    Parameters
    ----------
    values
        Shape (N, ...), booleans, integers or floats.
    role
        Begins the message.

    Returns
    -------
    Array
        A plain array; what backs it, a memory-map for one, stays.

    Raises
    ------
    DataError
        There is no axis.
    DtypeError
        The values are not numbers.

    Examples
    --------
    >>> read_only([1, 2], "inputs").flags.writeable
    False
    """
    try:
        array = np.asarray(values).view()
    except ValueError as error:  # rows of several lengths
        raise DataError(
            f"Dataset: {role} do not make an array: {error}.\n"
            "  All samples must have one shape. Pad or cut them?"
        ) from error
    if array.dtype.kind not in "biuf":
        raise DtypeError(
            f"Dataset: {role} are {array.dtype}.\n"
            "  They must be booleans, integers or floats. Try np.unique(names, "
            "return_inverse=True)[1] for names?"
        )
    if array.ndim == 0:
        raise DataError(
            f"Dataset: {role} are a single number.\n"
            "  They must have an axis of samples, the first one. Try [value]?"
        )
    array.flags.writeable = False
    return array


def check_lengths(inputs: Array, targets: Array) -> None:
    """Raise unless there are as many inputs as targets, and some.

    Parameters
    ----------
    inputs
        Shape (N, ...).
    targets
        Shape (N, ...).

    Raises
    ------
    DataError
        The first axes differ or are empty.

    Examples
    --------
    >>> check_lengths(np.zeros((2, 3)), np.zeros(2))
    """
    if len(inputs) != len(targets):
        raise DataError(
            f"Dataset: {len(inputs)} inputs, but {len(targets)} targets: shapes {inputs.shape} "
            f"and {targets.shape}.\n"
            "  Their first axes must be equal. Is one of them transposed, or from another file?"
        )
    if not len(inputs):
        raise DataError(
            f"Dataset: there are no samples: inputs have shape {inputs.shape}.\n"
            "  One at least is needed. Did a filter leave nothing?"
        )


def checked_scale(scale: float | None) -> float | None:
    """Return a scale that is a positive number or None.

    Parameters
    ----------
    scale
        What stored inputs are multiplied by.

    Returns
    -------
    float or None
        `scale`.

    Raises
    ------
    DataError
        It is zero, negative, infinite or not a number.

    Examples
    --------
    >>> checked_scale(0.5)
    0.5
    """
    if scale is not None and not (math.isfinite(scale) and scale > 0):
        raise DataError(
            f"Dataset: scale is {scale}.\n"
            "  It must be a positive number, or None. Try 1 / 255 for bytes?"
        )
    return scale


def count_classes(targets: Array, classes: int | None) -> int | None:
    """Return the number of classes, None where targets are values and not labels.

    Parameters
    ----------
    targets
        One axis of integers is labels.
    classes
        What the caller said, if anything.

    Returns
    -------
    int or None
        `classes`, or the largest label and one.

    Raises
    ------
    DataError
        A label is negative or not below `classes`.

    Examples
    --------
    >>> count_classes(np.array([0, 2, 1]), None)
    3
    """
    if targets.ndim != 1 or targets.dtype.kind == "f":
        return classes
    low, high = int(targets.min()), int(targets.max())
    count = high + 1 if classes is None else classes
    if low < 0 or high >= count:
        raise DataError(
            f"Dataset: labels run from {low} to {high}, there are {count} classes.\n"
            "  Labels must run from 0 to classes - 1. If they are values and not labels, "
            "try targets.astype(float)?"
        )
    return count


def checked_names(names: tuple[str, ...] | None, classes: int | None) -> tuple[str, ...] | None:
    """Return names of classes, of which there must be one for each class.

    Parameters
    ----------
    names
        In the order of the labels, or None.
    classes
        Number of classes, or None where targets are values.

    Returns
    -------
    tuple of str or None
        `names`.

    Raises
    ------
    DataError
        There are more or fewer names than classes.

    Examples
    --------
    >>> checked_names(("cat", "dog"), 2)
    ('cat', 'dog')
    """
    if names is not None and len(names) != classes:
        found = "targets are values" if classes is None else f"there are {classes} classes"
        raise DataError(
            f"Dataset: class_names are {len(names)} names, but {found}.\n"
            "  There must be one name for each label from 0. Leave class_names out?"
        )
    return names


def first_count(first: float, n: int) -> int:
    """Return how many of n samples go to the first part of a split.

    Parameters
    ----------
    first
        A count, or as a float a fraction between 0 and 1.
    n
        Number of samples.

    Returns
    -------
    int
        From 1 to n - 1.

    Raises
    ------
    DataError
        A part would be empty, or `first` is neither a count nor a fraction.

    Examples
    --------
    >>> first_count(0.9, 60000), first_count(50000, 60000)
    (54000, 50000)
    """
    if isinstance(first, float | np.floating):
        count = round(first * n) if 0 < first < 1 else 0
    else:
        count = int(first)
    if not 0 < count < n:
        raise DataError(
            f"Dataset.split: first={first} of {n} samples.\n"
            f"  It must be a count from 1 to {n - 1}, or a fraction between 0 and 1 that leaves "
            "no part empty. Try 0.9?"
        )
    return count
