"""Dropout: some outputs left out while learning."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.autograd.tensor import Tensor, TensorLike, bind, constant, lift
from gradatim.errors import ShapeError
from gradatim.nn.architecture import layer
from gradatim.nn.initial import Seed, generator
from gradatim.nn.module import Module
from gradatim.primitives import chance

_DRAWN = np.dtype(np.float64)
"""What is drawn, whatever the input: so a seed leaves out the same elements in every dtype."""


@layer
class Dropout(Module):
    """Set each element to 0 with probability ``p`` while learning; pass all on otherwise.

    What is kept is multiplied by ``1 / (1 - p)``, so the mean stays and evaluation needs no
    scaling. The numbers are drawn by a primitive, so a compiled step draws anew in every call.

    Parameters
    ----------
    p : float
        Probability of leaving an element out, ``0 <= p < 1``.
    rng : Generator, int or None
        What is drawn from, or a seed for it; no other layer's numbers are touched.

    Raises
    ------
    ShapeError
        If ``p`` is not in that range.

    Notes
    -----
    Gradient: that of the kept elements, multiplied by the same factor. Where the generator stands
    is no part of ``state_dict``; a checkpoint of a training keeps it. Cost: one draw of 64 bits
    for each element.

    Source: Srivastava and others, Dropout, 2014.

    Examples
    --------
    >>> import gradatim as gd
    >>> layer = gd.nn.Dropout(0.5, rng=0)
    >>> layer.eval()([1.0, 2.0])
    Tensor([1., 2.])
    >>> layer.train()([1.0, 2.0])
    Tensor([2., 0.])
    """

    def __init__(self, p: float = 0.5, *, rng: Seed = None) -> None:
        if not 0 <= p < 1:
            raise ShapeError(f"Dropout: p is {p}; it must be 0 or more and below 1.")
        self.p = float(p)
        self._rng = generator(rng)

    def forward(self, x: TensorLike) -> Tensor:
        """Return the input with some elements left out while learning."""
        t = lift(x)
        if not self.training or self.p == 0:
            return t
        dtype = t.dtype if t.dtype.kind == "f" else _DRAWN
        drawn = bind(chance.random, rng=self._rng, shape=t.shape, dtype=_DRAWN)
        return t * ((drawn >= self.p) * constant(dtype.type(1 / (1 - self.p))))

    def settings(self) -> dict[str, Any]:
        """Return the arguments of the constructor as what JSON can hold."""
        return {"p": self.p}

    def _label(self) -> str:
        return f"{self.p:g}"
