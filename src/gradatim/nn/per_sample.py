"""The gradient of each sample of a batch by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np

from gradatim.autograd import modes
from gradatim.autograd.chain import pull_back
from gradatim.autograd.tensor import Parameter, Tensor, TensorLike, constant, lift
from gradatim.autograd.tree import Container, walk
from gradatim.errors import DtypeError, NoGradientError, ShapeError
from gradatim.nn.snapshot import put_back
from gradatim.types import Array


def per_sample_gradients(
    model: Container, loss: Callable[..., Any], x: TensorLike, t: TensorLike
) -> dict[str, Array]:
    """Return the gradient of each sample's own loss, ``d loss(model(x[i]), t[i]) / d parameter``.

    A loss that is the mean over the batch has the mean of these as its gradient: that is what
    dividing by the batch means.

    Parameters
    ----------
    model : Module
        Learning or evaluating, as it stands.
    loss : callable
        ``loss(output, target)`` returns one number; it is given one sample as a batch of one.
    x : Tensor or array_like of shape (N, ...)
        The samples.
    t : Tensor or array_like of shape (N, ...)
        Their targets.

    Returns
    -------
    dict of str to array
        An array of shape (N, \\*parameter shape) and of the parameter's dtype for each parameter
        that is not frozen, by its path in the model; zeros where it has no influence.

    Raises
    ------
    DtypeError
        If ``model`` is not a model.
    ShapeError
        If ``x`` and ``t`` are not equally many, or the loss of one sample is not one number.
    NoGradientError
        If no parameter requires a gradient, or the loss of a sample depends on none.

    Notes
    -----
    Cost: N times forward and backward of one sample, and memory for N gradients.

    The loss may refer to the model in any way: to its weights, to be kept small, or to what a
    layer kept of its output. Whatever changes in the model meanwhile is put back, also after an
    error: ``grad``, what its layers keep, the random numbers they will draw next. Sample after
    sample a Dropout with a generator of its own draws what it would draw for the whole batch, and
    so will the model's own next call on that batch. Layers that compare the samples of a batch
    with each other see one only.

    Examples
    --------
    >>> import gradatim as gd
    >>> model = gd.nn.Linear(2, 1, init="zeros", dtype=float)
    >>> grads = gd.nn.per_sample_gradients(model, gd.mse, [[1.0, 2.0], [3.0, 4.0]], [[1.0], [2.0]])
    >>> grads["bias"].tolist()
    [[-2.0], [-4.0]]
    >>> grads["weight"].shape
    (2, 2, 1)
    """
    parameters = _learned(model)
    samples, targets = _samples(x), _samples(t)
    _check_equally_many(samples, targets)
    predict: Callable[[Any], Any] = cast("Any", model)
    found = {path: np.zeros((len(samples), *p.shape), p.dtype) for path, p in parameters.items()}
    # The model itself computes: a loss may reach into it by a way that no copy would follow.
    with put_back(model, loss, getattr(loss, "__self__", None)):
        for i in range(len(samples)):
            with modes.taping(True):
                value = loss(predict(_one(samples, i, x)), _one(targets, i, t))
            grads = pull_back(value, _seed(value), targets=parameters.values())
            for path, p in parameters.items():
                if p in grads:
                    found[path][i] = grads[p].raw
    return found


def _learned(model: Any) -> dict[str, Parameter]:
    """Return the parameters that are not frozen by their paths, each once."""
    if not isinstance(model, Container) or not callable(model):
        raise DtypeError(
            f"per_sample_gradients: the model is {type(model).__name__}; it must be a "
            "gd.nn.Module, whose parameters can be found.\n"
            "  Try a class that inherits from gd.nn.Module, with forward(self, x)."
        )
    found = {path: part for path, part in walk(model) if isinstance(part, Parameter)}
    learned = {path: part for path, part in found.items() if part.wanted}
    if not learned:
        held = f"all are frozen: {', '.join(found)}" if found else "it has none at all"
        raise NoGradientError(
            f"per_sample_gradients: no parameter of {type(model).__name__} requires a gradient; "
            f"{held}.\n  Try model.unfreeze()."
        )
    return learned


def _samples(given: TensorLike) -> Array:
    array = lift(given).data
    if array.ndim == 0:
        raise ShapeError(
            "per_sample_gradients: one number arrived where samples are expected; the first axis "
            "must count the samples.\n  Try x[None] and t[None] for a single sample."
        )
    return array


def _check_equally_many(samples: Array, targets: Array) -> None:
    if len(samples) != len(targets):
        raise ShapeError(
            f"per_sample_gradients: {len(samples)} samples {samples.shape} arrived with "
            f"{len(targets)} targets {targets.shape}; there must be one target for each sample.\n"
            "  Try x[None] and t[None] for a single sample."
        )


def _one(samples: Array, i: int, like: TensorLike) -> Any:
    """Copy of one sample as a batch of one: a Tensor where a Tensor was given."""
    sample = samples[i : i + 1].copy()
    return constant(sample) if isinstance(like, Tensor) else sample


def _seed(value: Any) -> Tensor:
    if not isinstance(value, Tensor) or value.size != 1:
        shown = f"shape {value.shape}" if isinstance(value, Tensor) else type(value).__name__
        raise ShapeError(
            f"per_sample_gradients: the loss of one sample is {shown}; it must be a Tensor of one "
            "number.\n  Try reduction='mean' in the loss, or .mean() at its end."
        )
    if not value.wanted:
        raise NoGradientError(
            "per_sample_gradients: the loss of a sample depends on no parameter that requires a "
            "gradient.\n  Look for gd.no_grad(), .detach() or .numpy() in the model and the loss."
        )
    return constant(np.ones_like(value.raw)[()])
