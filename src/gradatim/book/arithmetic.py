"""MulLayer and AddLayer: the nodes of the apple's computation graph."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.book.reuse import OnePlace
from gradatim.errors import ShapeError


class MulLayer(OnePlace):
    """The product of two numbers or arrays, ``x * y``.

    Attributes
    ----------
    x, y : number or array
        The inputs of the last forward, which backward swaps.

    Raises
    ------
    GraphError
        If ``backward`` comes before ``forward``, or if an instance used twice is asked twice.

    Notes
    -----
    Right here: in the notebook an instance that is used twice answers with the numbers of its
    second use; this one raises, and asks for one instance for each place. Python numbers stay
    what they are: the gradient of a tax of 1.1 on a price of the int 200 is the int 200.

    Examples
    --------
    >>> layer = MulLayer()
    >>> layer.forward(200, 1.1)
    220.00000000000003
    >>> layer.backward(1)
    (1.1, 200)
    """

    def __init__(self) -> None:
        self.x: Any = None
        self.y: Any = None

    def forward(self, x: Any, y: Any) -> Any:
        """Return ``x * y``; arrays broadcast."""
        out = x * y
        self._remember()
        self.x, self.y = _own(x), _own(y)
        return out

    def backward(self, dout: Any) -> tuple[Any, Any]:
        """Return ``dout * y`` and ``dout * x``, each of the shape of its input."""
        self._recall()
        dout = _whole("MulLayer", dout, self.x, self.y)
        return _fit(dout * self.y, self.x), _fit(dout * self.x, self.y)


class AddLayer(OnePlace):
    """The sum of two numbers or arrays, ``x + y``.

    Raises
    ------
    GraphError
        If ``backward`` comes before ``forward``, or if an instance used twice is asked twice.

    Examples
    --------
    >>> layer = AddLayer()
    >>> layer.forward(200, 450)
    650
    >>> layer.backward(1.1)
    (1.1, 1.1)
    """

    def __init__(self) -> None:
        self._x: Any = 0.0
        self._y: Any = 0.0

    def forward(self, x: Any, y: Any) -> Any:
        """Return ``x + y``; arrays broadcast."""
        out = x + y
        self._remember()
        self._x, self._y = x, y
        return out

    def backward(self, dout: Any) -> tuple[Any, Any]:
        """Return ``dout`` for both inputs, each of the shape of its input."""
        self._recall()
        dout = _whole("AddLayer", dout, self._x, self._y)
        return _fit(dout * 1, self._x), _fit(dout * 1, self._y)


def _own(value: Any) -> Any:
    """Copy an array, into which the caller may write; a number cannot change."""
    return value.copy() if isinstance(value, np.ndarray) else value


def _whole(called: str, dout: Any, x: Any, y: Any) -> Any:
    """Return the gradient in the shape of the output; one number counts for every element."""
    shape = np.broadcast_shapes(np.shape(x), np.shape(y))
    if np.shape(dout) == shape:
        return dout if not shape else np.asarray(dout)
    if np.shape(dout) != ():
        raise ShapeError(
            f"{called}.backward: dout has shape {np.shape(dout)}, but forward returned {shape}; "
            "it must be the gradient of that output."
        )
    return np.full(shape, dout)


def _fit(gradient: Any, like: Any) -> Any:
    """Sum a gradient over the axes along which its input was repeated."""
    shape = np.shape(like)
    if np.shape(gradient) == shape:
        return gradient
    lead = np.ndim(gradient) - len(shape)
    repeated = [lead + i for i, n in enumerate(shape) if n == 1]
    return np.sum(gradient, axis=(*range(lead), *repeated)).reshape(shape)[()]
