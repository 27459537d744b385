"""Answers: what a model says of samples, while the model stays as it was."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any, cast

import numpy as np

from gradatim.autograd import Tensor, no_grad
from gradatim.data import Dataset
from gradatim.errors import DataError, DtypeError, GradatimError, ShapeError, StateError
from gradatim.functions import sigmoid, softmax
from gradatim.nn import Module, architecture, from_architecture
from gradatim.nn.snapshot import put_back
from gradatim.store import RunFolder
from gradatim.types import Array, Shape

_AT_ONCE = 1000

Run = RunFolder | str | os.PathLike[str]
"""A run, or the path of its folder."""


@dataclass(frozen=True, eq=False)
class Samples:
    """Inputs and the classes that they are of.

    Parameters
    ----------
    x : array of float, shape (N, ...)
        Inputs, of the dtype of the model.
    labels : array of int, shape (N,), optional
        From 0 on.
    names : tuple of str, optional
        What the classes are called.
    shape : tuple of int
        Of a sample as it was given; `x` may hold its numbers in one row.
    """

    x: Array
    labels: Array | None
    names: tuple[str, ...] | None = None
    shape: Shape = ()

    def name(self, label: int) -> str:
        """Return what a class is called."""
        return self.names[label] if self.names and label < len(self.names) else str(label)


def samples_of(model: Callable[..., Any], data: Any, t: Any, called: str) -> Samples:
    """Read samples in any of the forms in which they are given.

    Parameters
    ----------
    model : Module or callable
        What they are for.
    data : Dataset, tuple of two arrays, or array of shape (N, ...)
        Inputs, with or without their targets.
    t : array of shape (N,) or (N, C), optional
        Labels, or one-hot rows, where `data` holds none.
    called : str
        Begins messages.

    Returns
    -------
    Samples
        At least one.

    Raises
    ------
    ShapeError
        There is not one label for each input.
    DtypeError
        The targets are not labels.
    DataError
        There is no sample, or one holds NaN or infinity.

    Examples
    --------
    >>> samples_of(len, np.eye(2), [[0, 1], [1, 0]], "mine").labels
    array([1, 0])
    """
    dtype = _dtype(model)
    names = None
    if isinstance(data, tuple) and len(data) == 2 and t is None:
        data, t = data
    if isinstance(data, Dataset):
        names, t = data.class_names, data.targets if t is None else t
        data = data.arrays(dtype)[0]
    given = np.asarray(data.data if isinstance(data, Tensor) else data)
    if given.ndim < 2 or not len(given):
        raise DataError(
            f"{called}: the samples have shape {given.shape}; they must be (N, ...), one or more. "
            "For a single one try x[None]."
        )
    odd = len(given) - int(np.isfinite(given.reshape(len(given), -1)).all(axis=1).sum())
    if odd:
        raise DataError(
            f"{called}: {odd:,} of {len(given):,} samples hold NaN or infinity; they must be "
            "numbers. Leave them out: x[np.isfinite(x).all(axis=1)]."
        )
    x = _fitting(model, given.astype(dtype, copy=False))
    return Samples(x, None if t is None else _labels(t, len(x), called), names, given.shape[1:])


def _fitting(model: Callable[..., Any], x: Array) -> Array:
    """Join the axes of pictures where a model of ours wants rows of as many numbers."""
    first = next((p for p in model.parameters() if p.ndim == 2), None) if (
        isinstance(model, Module)
    ) else None  # fmt: skip
    if first is None or x.ndim == 2 or prod(x.shape[1:]) != first.shape[0]:
        return x
    try:
        architecture(cast(Module, model))
    except StateError:  # a class of the user's may join them itself
        return x
    return x.reshape(len(x), -1)


def model_of(model: Any, called: str) -> Callable[..., Any]:
    """Return a model, also from the folder of a run.

    Parameters
    ----------
    model : Module, callable, RunFolder or path
        What is asked for answers.
    called : str
        Begins messages.

    Returns
    -------
    Module or callable
        The same, or the model of the run with its weights.

    Raises
    ------
    DataError
        The folder is not a run, or its model cannot be used.
    DtypeError
        It is something else.

    Examples
    --------
    >>> def model(x): return x
    >>> model_of(model, "mine") is model
    True
    """
    model = opened(model, called)
    if not callable(model) or isinstance(model, type):
        kind = f"the class {model.__name__}" if isinstance(model, type) else type(model).__name__
        raise DtypeError(
            f"{called}: the model is {kind}; it must be a Module, a function of a Tensor, or the "
            "folder of a run."
        )
    return cast(Callable[..., Any], model)


def opened(model: Any, called: str) -> Any:
    """Return the model of a run, where a folder of one is given.

    Parameters
    ----------
    model : RunFolder, path or anything
        What is left as it is unless it is a run.
    called : str
        Begins messages.

    Returns
    -------
    Module or anything
        With the weights of the run.

    Raises
    ------
    DataError
        The folder is not a run, or its model cannot be used.

    Examples
    --------
    >>> opened(3, "mine")
    3
    """
    if not isinstance(model, str | os.PathLike | RunFolder):
        return model
    run = model if isinstance(model, RunFolder) else RunFolder.open(model)
    arrays, plain = run.load_model()
    try:
        model = from_architecture(plain)
        model.load_state_dict(arrays)
    except GradatimError as error:
        raise DataError(
            f"{called}: the model of {run.path} cannot be used: {error.message}"
        ) from error
    return model


def chosen(model: Callable[..., Any], samples: Samples, called: str) -> Array:
    """Return the probabilities of samples; there must be one for the class of each.

    Parameters
    ----------
    model : Module or callable
        As in `probabilities`.
    samples : Samples
        What it is asked.
    called : str
        Begins messages.

    Returns
    -------
    array of shape (N, C)
        Each row sums to 1.

    Raises
    ------
    ShapeError
        The model gives something else.
    DataError
        It gives NaN or infinity, or a label is beyond its classes.

    Examples
    --------
    >>> chosen(lambda x: x, Samples(np.array([[0.5, 0.5]]), np.array([1])), "mine")
    array([[0.5, 0.5]])
    """
    p = probabilities(model, samples.x, called)
    most = -1 if samples.labels is None else int(samples.labels.max())
    if most >= p.shape[1]:
        raise DataError(
            f"{called}: a sample is of class {most}, but the model tells {p.shape[1]} classes "
            f"apart, 0 to {p.shape[1] - 1}; it must have an output for each. "
            "Are these the data that it learned from?"
        )
    return p


def answers(model: Callable[..., Any], x: Array) -> Array:
    """Return what a model says of samples; it evaluates meanwhile and is left as it was.

    Parameters
    ----------
    model : Module or callable
        Of a Tensor of shape (N, ...).
    x : array of float, shape (N, ...)
        The samples.

    Returns
    -------
    array of shape (N, ...)
        Its outputs.

    Examples
    --------
    >>> answers(lambda x: x * 2, np.ones((1, 2)))
    array([[2., 2.]])
    """
    with put_back(model), no_grad():
        if isinstance(model, Module):
            model.eval()
        parts = [model(Tensor(x[i : i + _AT_ONCE])) for i in range(0, len(x), _AT_ONCE)]
    return np.concatenate([np.asarray(getattr(part, "data", part)) for part in parts])


def probabilities(model: Callable[..., Any], x: Array, called: str) -> Array:
    """Return the probabilities that a classifier gives.

    Parameters
    ----------
    model : Module or callable
        Its outputs, (N, C), go through softmax, unless they are probabilities already. One output
        a sample, (N,) or (N, 1), is that of the second of two classes, before or after sigmoid.
    x : array of float, shape (N, ...)
        The samples.
    called : str
        Begins messages.

    Returns
    -------
    array of shape (N, C)
        Each row sums to 1.

    Raises
    ------
    ShapeError
        The model gives something else.
    DataError
        It gives NaN or infinity.

    Examples
    --------
    >>> probabilities(lambda x: x, np.array([[0.5, 0.5], [0.0, 1.0]]), "mine").tolist()
    [[0.5, 0.5], [0.0, 1.0]]
    """
    found = answers(model, x)
    odd = int((~np.isfinite(found.reshape(len(found), -1))).any(axis=1).sum())
    if odd:
        raise DataError(
            f"{called}: for {odd:,} of {len(x):,} samples the model returns NaN or infinity; it "
            "must return numbers. Has its training diverged? gd.check.finite says where."
        )
    if found.shape[1:] in ((), (1,)) and len(found) == len(x):
        one = found.reshape(-1)
        second = one if ((one >= 0) & (one <= 1)).all() else sigmoid(one).data
        return np.stack([1 - second, second], axis=1)
    if found.ndim != 2 or len(found) != len(x):
        raise ShapeError(
            f"{called}: for {len(x)} samples the model returns shape {found.shape}; it must be "
            "(N, C), a number for each class."
        )
    sums = found.sum(axis=1)
    if (found >= 0).all() and np.allclose(sums, 1, atol=1e-3):
        return found
    return np.asarray(softmax(found, axis=1).data)


def _dtype(model: Any) -> np.dtype[Any]:
    parameters = model.parameters() if isinstance(model, Module) else []
    return parameters[0].dtype if parameters else np.dtype(np.float64)


def _labels(t: Any, count: int, called: str) -> Array:
    targets = np.asarray(t.data if isinstance(t, Tensor) else t)
    if targets.ndim == 2 and targets.shape[1] > 1 and np.isin(targets, (0, 1)).all():
        targets = targets.argmax(axis=1)
    if targets.size != count or len(targets) != count:
        raise ShapeError(
            f"{called}: there are {count} samples and targets of shape {targets.shape}; they must "
            f"be labels ({count},), or one-hot ({count}, C)."
        )
    labels = targets.reshape(-1)
    if not (np.equal(np.mod(labels, 1), 0).all() and (labels >= 0).all()):
        raise DtypeError(
            f"{called}: the targets are {targets.dtype}, and not all are whole numbers from 0 on; "
            "they must be labels of classes."
        )
    return labels.astype(np.int64)
