"""Gradients kept small before a step."""

from __future__ import annotations

from typing import Any

from gradatim.autograd.modes import phase
from gradatim.autograd.tensor import Tensor, constant
from gradatim.autograd.tree import tensors
from gradatim.errors import NoGradientError, StateError
from gradatim.functions.arithmetic import sqrt
from gradatim.functions.choice import clip, minimum


def clip_by_value(parameters: Any, limit: float) -> None:
    """Keep every element of every gradient between ``-limit`` and ``limit``.

    Parameters
    ----------
    parameters : Module, list or dict of Parameter
        Those whose ``grad`` is replaced by a clipped one; no array is written into.
    limit : float
        Largest absolute value, above 0.

    Raises
    ------
    NoGradientError
        If no parameter has a gradient.
    StateError
        If ``limit`` is not above 0.

    Examples
    --------
    >>> import gradatim as gd
    >>> w = gd.Parameter([3.0, 0.1])
    >>> (w * w).sum().backward()
    >>> gd.optim.clip_by_value([w], 1.0)
    >>> w.grad
    Tensor([1. , 0.2])
    """
    _check_limit("clip_by_value", "limit", limit)
    with phase("update", taping=False):
        for p, g in _gradients("clip_by_value", parameters):
            p.grad = clip(g, -limit, limit)


def clip_by_norm(parameters: Any, max_norm: float) -> Tensor:
    """Scale all gradients by one factor, so that their common norm is at most ``max_norm``.

    Parameters
    ----------
    parameters : Module, list or dict of Parameter
        Those whose ``grad`` is replaced by a scaled one; no array is written into.
    max_norm : float
        Largest norm of all gradients joined to one vector, above 0.

    Returns
    -------
    Tensor
        The norm before, 0-d.

    Raises
    ------
    NoGradientError
        If no parameter has a gradient.
    StateError
        If ``max_norm`` is not above 0.

    Notes
    -----
    The factor is ``min(1, max_norm / (norm + 1e-6))``, as in torch.nn.utils.clip_grad_norm_.
    Source: Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks,
    2013, algorithm 1.

    Examples
    --------
    >>> import gradatim as gd
    >>> w = gd.Parameter([1.5, 2.0])
    >>> (w * w).sum().backward()
    >>> gd.optim.clip_by_norm([w], 1.0)
    Tensor(5.)
    >>> [f"{g:.2f}" for g in w.grad.tolist()]
    ['0.60', '0.80']
    """
    _check_limit("clip_by_norm", "max_norm", max_norm)
    with phase("update", taping=False):
        found = _gradients("clip_by_norm", parameters)
        norm = sqrt(_total([(g * g).sum() for _, g in found]))
        factor = minimum(max_norm / (norm + 1e-6), 1.0)
        for p, g in found:
            p.grad = g * factor.astype(g.dtype)
    return norm


def _total(parts: list[Tensor]) -> Tensor:
    whole = parts[0]
    for part in parts[1:]:
        whole = whole + part
    return whole


def _gradients(called: str, parameters: Any) -> list[tuple[Tensor, Tensor]]:
    source = parameters if isinstance(parameters, (dict, list, tuple)) else _walkable(parameters)
    found = [(p, p.grad) for p in tensors(source).values() if p.origin is None]
    having = [(p, constant(g.raw)) for p, g in found if g is not None]
    if not having:
        raise NoGradientError(
            f"{called}: no parameter has a gradient.\n"
            "  Try calling it between loss.backward() and optimizer.step()."
        )
    return having


def _walkable(parameters: Any) -> Any:
    if hasattr(parameters, "__next__"):
        return list(parameters)
    return [parameters]


def _check_limit(called: str, name: str, limit: float) -> None:
    if not limit > 0:
        raise StateError(f"{called}: {name} is {limit!r}; it must be above 0.")
