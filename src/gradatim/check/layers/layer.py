"""The check of a layer in the book's style: whether its backward is the slope of its forward."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

import numpy as np

from gradatim.autograd.tensor import Tensor
from gradatim.check.layers.call import quiet
from gradatim.check.layers.finding import LayerCheck
from gradatim.check.layers.opening import Opening
from gradatim.check.layers.verdict import verdict
from gradatim.errors import GradatimError


def layer(layer: Any, *inputs: Any, seed: int = 0, **settings: Any) -> LayerCheck:
    """Check a layer of your own: any object with ``forward`` and ``backward`` in the book's style.

    ``backward(dout)`` must return the gradient of ``(dout * forward(x)).sum()`` with respect to x,
    and leave that with respect to ``W`` in ``dW``.

    Parameters
    ----------
    layer : object, class or callable
        Has ``forward(x)``, or ``forward(x, t)`` for a loss, and ``backward(dout)``. A class or a
        function is called without arguments to make one.
    *inputs : array_like
        What forward takes; a batch, where the layer is used on batches. Whole numbers are taken as
        floats unless forward needs them as labels.
    seed : int
        For the random points, and for what the layer itself draws from ``np.random``.
    **settings
        Handed on to forward by keyword, such as ``train_flg=False``.

    Returns
    -------
    LayerCheck
        True if the layer is right. ``print`` shows a line for each gradient, then what is wrong,
        where, by how much, the likely cause and what to try.

    Raises
    ------
    GradatimError
        If there is no forward or backward, forward raises or gives nan, or gives other numbers
        each time, or the layer cannot be copied.

    Notes
    -----
    The gradients are compared with slopes at the inputs given and at some twenty points more:
    random, negative, large, small and whole numbers, numbers far out where functions saturate
    (not of a loss), other parameters, other numbers of samples, and a second and a fourth call on
    the same layer; each with a random dout. Where left and right slopes differ, as relu's at 0,
    every slope between them is right.

    Wrong is also a layer that writes into its input, into dout or into a parameter, and one whose
    dW grows from call to call. Nothing is ever done to your own layer: all happens on copies,
    in float64, and NumPy's random numbers go on as if nothing had been.

    Where forward takes ``train_flg`` or ``training``, or the layer has such an attribute, the other
    mode is looked at too, if its backward hangs on nothing that an earlier call has left; else the
    report says that it was not.

    Of an array of more than 128 elements some are looked at one by one, and all of them at once in
    random directions.

    Cost: some two thousand calls of forward, a fraction of a second for layers of classroom size.

    Examples
    --------
    >>> import gradatim as gd
    >>> class Square:
    ...     def forward(self, x):
    ...         self.x = x
    ...         return x * x
    ...
    ...     def backward(self, dout):
    ...         return dout * self.x
    >>> print(gd.check.layer(Square(), [[1.0, -2.0], [0.5, 3.0]]))
    Square is WRONG: 1 thing to mend.
    ...
    """
    made = _made(layer)
    if not inputs:
        raise GradatimError(
            f"layer: no input was given; forward of {type(made).__name__} needs one.\n"
            "  Try gd.check.layer(layer, x)."
        )
    _check_settings(made, settings)
    with quiet():
        opening = Opening(made, tuple(map(_plain, inputs)), settings, seed)
        return verdict(opening)


def _made(layer: Any) -> Any:
    """The layer itself, or what a class or function makes."""
    if isinstance(layer, type) or (callable(layer) and not hasattr(layer, "forward")):
        layer = _called(layer)
    for method in ("forward", "backward"):
        if not callable(getattr(layer, method, None)):
            name = type(layer).__name__
            tip = " For a model of gradatim there is gd.check.gradient(model, x)."
            raise GradatimError(
                f"layer: {name} has no {method}; a layer has forward(x) and backward(dout)."
                f"{tip if method == 'backward' else ''}"
            )
    return layer


def _check_settings(layer: Any, settings: dict[str, Any]) -> None:
    """Every setting must be one that forward takes; a misspelt one would be heard by nobody."""
    try:
        parameters = inspect.signature(layer.forward).parameters.values()
    except (TypeError, ValueError):
        return
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return
    known = [p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    for name in settings:
        if name not in known:
            near = get_close_matches(name, [*known, "seed"], 1, 0.5)
            tip = f"Did you mean {near[0]}=...?" if near else f"Try without {name}=..."
            raise GradatimError(
                f"layer: {name}={settings[name]!r} is a setting that nobody takes.\n"
                f"  {type(layer).__name__}.forward takes {', '.join(known)}, and the check itself "
                f"takes seed. {tip}"
            )


def _called(make: Callable[[], Any]) -> Any:
    name = getattr(make, "__name__", type(make).__name__)
    try:
        return make()
    except TypeError as error:
        raise GradatimError(
            f"layer: {name} cannot be made without arguments: {error}.\n"
            f"  Try gd.check.layer({name}(W, b), x) with a layer that is made already."
        ) from error
    except SystemExit as error:
        raise GradatimError(
            f"layer: {name} calls sys.exit({error.code!r}) when it is made; it must make a layer.\n"
            "  Try without sys.exit."
        ) from error


def _plain(value: Any) -> Any:
    """Tensors and lists as arrays; everything else as it is."""
    if isinstance(value, Tensor):
        return value.data
    return np.asarray(value) if isinstance(value, (list, tuple)) else value
