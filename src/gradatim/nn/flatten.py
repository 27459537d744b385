"""Flatten: all axes of a sample joined to one."""

from __future__ import annotations

import math

from gradatim.autograd.tensor import Tensor, TensorLike, lift
from gradatim.errors import ShapeError
from gradatim.nn.architecture import layer
from gradatim.nn.module import Module


@layer
class Flatten(Module):
    """Join all axes but the first: (N, 1, 28, 28) becomes (N, 784).

    Raises
    ------
    ShapeError
        If the input has no axis of samples.

    Examples
    --------
    >>> import numpy as np
    >>> import gradatim as gd
    >>> gd.nn.Flatten()(np.zeros((2, 3, 4))).shape
    (2, 12)
    """

    def forward(self, x: TensorLike) -> Tensor:
        """Return the input as (N, elements of a sample)."""
        t = lift(x)
        if t.ndim == 0:
            raise ShapeError(
                "Flatten: the input is a single number; it must have an axis of samples, the "
                "first one."
            )
        return t.reshape((t.shape[0], math.prod(t.shape[1:])))
