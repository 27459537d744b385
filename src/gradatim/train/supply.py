"""A dataset as what compiled programs take their batches from."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.compiler.stretch import Source, Supply
from gradatim.data import Dataset
from gradatim.data.gather import whole_divisor
from gradatim.errors import RecordingError
from gradatim.types import Array

LOOKED_AT = 512
"""Samples that are looked at, spread over all of them; at most twice as many, of few all."""

SPARSE = 3
"""If one number of so many is not zero, or fewer, it pays to leave out products with zeros."""


def supply_of(dataset: Dataset, dtype: np.dtype[Any]) -> Supply:
    """Return the data of a dataset for a step of two arguments, inputs and targets.

    Parameters
    ----------
    dataset : Dataset
        Nothing of it is copied.
    dtype : dtype
        Of what a step is given: float32 or float64.

    Returns
    -------
    Supply
        Of batches equal to those of ``dataset.batch`` to the last bit.

    Raises
    ------
    RecordingError
        The dataset is of a class that makes its batches in a way of its own.

    Examples
    --------
    >>> data = Dataset(np.array([[0], [255]], np.uint8), [0, 1], scale=1 / 255)
    >>> supply_of(data, np.dtype("f4")).sources[0].divisor
    255
    """
    if type(dataset).batch is not Dataset.batch:
        raise RecordingError(
            f"compile: {type(dataset).__name__} makes its batches itself, which no program can do."
            "\n  Try to prepare the data beforehand, in a plain gd.data.Dataset."
        )
    scale = dataset.scale
    divisor = None if scale is None else whole_divisor(scale)
    factor = 1.0 if scale is None or divisor is not None else scale
    inputs = dataset.inputs
    source = Source(inputs, factor, divisor, is_sparse(inputs))
    sources = source, Source(dataset.targets)
    return Supply(sources, lambda rows: dataset.batch(rows, dtype))


def is_sparse(inputs: Array) -> bool:
    """Return whether most of the numbers of a dataset are zeros, by some of its samples.

    Parameters
    ----------
    inputs : array of shape (N, ...)
        The data.

    Examples
    --------
    >>> is_sparse(np.eye(10)), is_sparse(np.ones((10, 10)))
    (True, False)
    """
    some = inputs[:: max(1, len(inputs) // LOOKED_AT)]
    return bool(SPARSE * np.count_nonzero(some) <= some.size)


def is_of(supply: Supply, dataset: Dataset) -> bool:
    """Return whether a dataset still holds the arrays that its ``supply`` was made of.

    Parameters
    ----------
    supply : Supply
        Made by :func:`supply_of` of the same dataset.
    dataset : Dataset
        Others may have been put into it.

    Examples
    --------
    >>> data = Dataset([[1.0], [2.0]], [0, 1])
    >>> is_of(supply_of(data, np.dtype("f4")), data)
    True
    """
    arrays = dataset.inputs, dataset.targets
    return all(source.array is array for source, array in zip(supply.sources, arrays))
