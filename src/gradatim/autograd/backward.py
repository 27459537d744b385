"""``backward``: the gradients of a loss, left at the leaves."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.autograd import modes
from gradatim.autograd.chain import pull_back
from gradatim.autograd.pull import fit_tensor
from gradatim.autograd.tensor import Tensor, bind, constant, lift
from gradatim.errors import GraphError, NoGradientError, ShapeError
from gradatim.primitives import shape
from gradatim.types import Raw


def backward(
    output: Tensor,
    seed: Any = None,
    *,
    create_graph: bool = False,
    retain_grads: bool = False,
) -> None:
    """Add the gradient of ``output`` to ``grad`` of every leaf that requires one.

    Parameters
    ----------
    output : Tensor
        A loss; of any shape if ``seed`` is given, else of one element.
    seed : array_like of the same shape, optional
        Gradient that arrives at ``output``; 1 if not given.
    create_graph : bool
        Whether the gradients can be differentiated themselves.
    retain_grads : bool
        Whether results on the way keep their gradient in ``grad`` too.

    Raises
    ------
    NoGradientError
        If nothing that ``output`` was computed from requires a gradient.
    GraphError
        If backward was called on this result before.
    ShapeError
        If ``output`` has several elements and no seed, or the seed has another shape.
    StaleGraphError
        If an input was overwritten after it was used.

    Examples
    --------
    >>> import gradatim as gd
    >>> apple, tax = gd.Tensor(100.0, requires_grad=True), gd.Tensor(1.1, requires_grad=True)
    >>> (apple * 2 * tax).backward()
    >>> apple.grad
    Tensor(2.2)
    """
    _check_wanted(output, "backward")
    if output.origin is not None and output.grad is not None:
        raise GraphError(
            "backward: it was called on this result before, and its gradients were added then; "
            "a second call would count them twice.\n"
            "  Try computing the loss again, or gd.grad(f) for gradients without side effects."
        )
    arriving = _seed(output, seed)
    grads = pull_back(output, arriving, create_graph=create_graph, retain=retain_grads)
    kept = {id(arriving.raw)}
    for x, g in grads.items():
        if x.origin is None:
            _accumulate(x, g, create_graph, kept)
        else:
            x.grad = g
    if output.origin is not None:
        output.grad = arriving


def _accumulate(x: Tensor, g: Tensor, create_graph: bool, kept: set[int]) -> None:
    """Add to a leaf's gradient; two leaves never share the memory of theirs."""
    recorder = modes.current().recorder
    if recorder is not None:
        recorder.see_gradient(x, g)
    if x.grad is not None:
        with modes.taping(create_graph):
            x.grad = x.grad + g
    elif create_graph or (id(g.raw) not in kept and _own(g.raw)):
        x.grad = g
    elif recorder is None:
        x.grad = constant(np.array(g.raw))
    else:
        with modes.phase("backward", taping=False):
            x.grad = bind(shape.cast, g, dtype=g.dtype)  # a copy that the recorder sees
        recorder.see_gradient(x, x.grad)
    kept.add(id(g.raw))


def _own(raw: Raw) -> bool:
    return not isinstance(raw, np.ndarray) or raw.base is None


def _check_wanted(output: Tensor, called: str) -> None:
    if not output.wanted:
        raise NoGradientError(
            f"{called}: nothing that this Tensor was computed from requires a gradient.\n"
            "  Try Tensor(data, requires_grad=True) for an input, and look for gd.no_grad(), "
            ".detach(), .numpy() or a comparison on the way."
        )


def _seed(output: Tensor, seed: Any) -> Tensor:
    if seed is None:
        if output.size != 1:
            raise ShapeError(
                f"backward: the Tensor has shape {output.shape}; only one number has a gradient.\n"
                "  Try loss.sum().backward(), or give the gradient that arrives: "
                "y.backward(seed), of the same shape."
            )
        one = output.raw.dtype.type(1)
        return constant(one if output.raw.ndim == 0 else np.full(output.shape, one))
    given = lift(seed, output)
    if given.shape != output.shape:
        raise ShapeError(
            f"backward: the seed has shape {given.shape}; it must have that of the Tensor, "
            f"{output.shape}."
        )
    return fit_tensor(given, output)
