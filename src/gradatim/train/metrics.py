"""How good a model is on a dataset, in bounded memory and without a tape."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from gradatim.autograd import Tensor, no_grad
from gradatim.data import Dataset
from gradatim.errors import ShapeError
from gradatim.nn import Module
from gradatim.types import Array

Loss = Callable[[Any, Any], Tensor]
"""``loss(outputs, targets)``: one number, the mean over the samples of the batch."""


def accuracy(outputs: Any, targets: Any) -> float | None:
    """Return the share of samples that are classified rightly.

    Parameters
    ----------
    outputs : Tensor or array_like of shape (N, C) or (N,), float
        Scores of the classes, of which the largest counts; or one logit a sample, above 0 for
        class 1.
    targets : array_like
        Labels, integers of shape (N,); or one-hot, shape (N, C). For one logit a sample:
        integers 0 and 1 of the shape of `outputs`.

    Returns
    -------
    float or None
        From 0 to 1; None where the targets are values and not classes, and where N is 0.

    Raises
    ------
    ShapeError
        There are not as many outputs as targets.

    Examples
    --------
    >>> accuracy([[0.1, 2.0], [3.0, 0.2]], [1, 1])
    0.5
    >>> accuracy([[0.1, 2.0], [3.0, 0.2]], [[0.0, 1.0], [1.0, 0.0]])
    1.0
    >>> print(accuracy([[0.5], [1.5]], [[0.25], [1.75]]))
    None
    """
    found, aim = _plain(outputs), _plain(targets)
    right = count_right(found, aim)
    return None if right is None or not len(aim) else right / len(aim)


def count_right(outputs: Array, targets: Array) -> int | None:
    """Return how many samples are classified rightly, as `accuracy` counts them.

    Parameters
    ----------
    outputs : Array
        Shape (N, C) or (N,).
    targets : Array
        As for `accuracy`.

    Returns
    -------
    int or None
        From 0 to N; None where the targets are values and not classes.

    Raises
    ------
    ShapeError
        There are not as many outputs as targets.

    Examples
    --------
    >>> count_right(np.array([[0.1, 2.0], [3.0, 0.2]]), np.array([1, 1]))
    1
    """
    if outputs.shape[:1] != targets.shape[:1]:
        raise ShapeError(
            f"accuracy: outputs are {outputs.shape}, targets are {targets.shape}; the first axes "
            "must be equal.\n  Is one of them transposed?"
        )
    labels = targets.dtype.kind in "iub"
    if labels and targets.ndim == 1 and outputs.ndim == 2 and outputs.shape[1] > 1:
        return int(np.count_nonzero(outputs.argmax(axis=1) == targets))
    if outputs.shape != targets.shape:
        return None
    if outputs.ndim == 2 and outputs.shape[1] > 1:
        if not _is_one_hot(targets):
            return None
        return int(np.count_nonzero(outputs.argmax(axis=1) == targets.argmax(axis=1)))
    if labels and targets.size == len(targets) and targets.size and targets.min() >= 0:
        return int(np.count_nonzero((outputs > 0) == targets)) if targets.max() <= 1 else None
    return None


def evaluate(
    model: Module,
    dataset: Dataset,
    loss: Loss,
    batch_size: int = 1000,
    *,
    dtype: DTypeLike | None = None,
) -> dict[str, float | None]:
    """Return mean loss and accuracy of a model over a whole dataset.

    Parameters
    ----------
    model : Module
        Evaluates (``eval``) meanwhile; left in the mode it was in.
    dataset : Dataset
        N samples.
    loss : callable
        ``loss(outputs, targets)``, the mean over a batch: it is weighted by the size of the batch.
    batch_size : int
        Samples at a time, which bounds the memory: 1000 MNIST images are 3 MB of float32.
    dtype : dtype, optional
        Of what the model is given; by default that of its first parameter.

    Returns
    -------
    dict
        ``loss`` (float) and ``accuracy`` (float, None where the targets are no classes or the
        model gives several outputs, in a tuple or a dict).

    Raises
    ------
    ShapeError
        The model or the loss cannot take the samples.

    Notes
    -----
    No tape is kept. Samples come in the order in which they are stored, so the same weights give
    the same numbers, bit for bit. Accuracy is counted in whole numbers.

    Examples
    --------
    >>> import gradatim as gd
    >>> data = gd.data.Dataset([[0.0], [1.0], [2.0]], [0, 1, 1])
    >>> model = gd.nn.MLP([1, 2], init="zeros")
    >>> evaluate(model, data, gd.cross_entropy)["accuracy"]
    0.3333333333333333
    """
    return mean([tally(model, dataset, loss, batch_size, dtype=dtype)])


class Tally(NamedTuple):
    """Sums over some samples.

    Parameters
    ----------
    loss : float
        Sum of the losses of the samples.
    right : int or None
        How many are classified rightly; None where that cannot be said.
    samples : int
        How many there are.
    """

    loss: float
    right: int | None
    samples: int


def mean(tallies: Sequence[Tally]) -> dict[str, float | None]:
    """Return ``loss`` and ``accuracy`` over all samples of some tallies.

    Parameters
    ----------
    tallies : sequence of Tally
        One at least.

    Examples
    --------
    >>> mean([Tally(3.0, 2, 4), Tally(1.0, 4, 4)])
    {'loss': 0.5, 'accuracy': 0.75}
    """
    n = sum(each.samples for each in tallies)
    right = [each.right for each in tallies if each.right is not None]
    accuracy = sum(right) / n if len(right) == len(tallies) else None
    return {"loss": sum(each.loss for each in tallies) / n, "accuracy": accuracy}


def tally(
    model: Module,
    dataset: Dataset,
    loss: Loss,
    batch_size: int = 1000,
    *,
    dtype: DTypeLike | None = None,
) -> Tally:
    """Return the sums that :func:`evaluate` makes its means of; parameters as there."""
    kind = parameter_dtype(model) if dtype is None else np.dtype(dtype)
    total, right, n = 0.0, 0, len(dataset)
    counted = True
    with no_grad(), modes_kept(model):
        model.eval()
        for first in range(0, n, batch_size):
            x, t = dataset.batch(np.arange(first, min(first + batch_size, n)), kind)
            outputs = model(x)
            total += float(loss(outputs, t)) * len(t)
            # Of several outputs only the loss knows which is which.
            counted = counted and is_single(outputs)
            found = count_right(_plain(outputs), t) if counted else None
            counted = found is not None
            right += found or 0
    return Tally(total, right if counted else None, n)


def is_single(outputs: Any) -> bool:
    """Return whether a model gives one output, rather than several in a tuple, list or dict.

    Parameters
    ----------
    outputs : object
        What the model returns.

    Returns
    -------
    bool
        True for Tensors and arrays.

    Examples
    --------
    >>> is_single(np.ones(3)), is_single((np.ones(3), np.ones(1)))
    (True, False)
    """
    return isinstance(outputs, (Tensor, np.ndarray))


def parameter_dtype(model: Module) -> np.dtype[Any]:
    """Return the dtype that a model computes in: that of its first parameter, else float32.

    Parameters
    ----------
    model : Module
        Any.

    Returns
    -------
    numpy.dtype
        Of kind "f".

    Examples
    --------
    >>> import gradatim as gd
    >>> parameter_dtype(gd.nn.MLP([1, 2], dtype=np.float64))
    dtype('float64')
    """
    return next((p.dtype for p in model.parameters()), np.dtype(np.float32))


@contextmanager
def modes_kept(model: Module) -> Iterator[None]:
    """Leave every module inside in the mode, learning or evaluating, that it was in.

    Parameters
    ----------
    model : Module
        Any.

    Examples
    --------
    >>> import gradatim as gd
    >>> model = gd.nn.MLP([1, 2])
    >>> with modes_kept(model):
    ...     _ = model.eval()
    >>> model.training
    True
    """
    before = [(module, module.training) for module in model.modules()]
    try:
        yield
    finally:
        for module, training in before:
            module.training = training


def _plain(values: Any) -> Array:
    return values.data if isinstance(values, Tensor) else np.asarray(values)


def _is_one_hot(targets: Array) -> bool:
    ones = targets == 1
    return bool((ones | (targets == 0)).all() and (ones.sum(axis=1) == 1).all())
