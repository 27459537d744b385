"""Dropout: some outputs left out while learning."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.autograd.tensor import Tensor, TensorLike, constant, lift
from gradatim.errors import ShapeError
from gradatim.nn.architecture import layer
from gradatim.nn.initial import Seed, generator
from gradatim.nn.module import Module


@layer
class Dropout(Module):
    """Set each element to 0 with probability ``p`` while learning; pass all on otherwise.

    What is kept is multiplied by ``1 / (1 - p)``, so the mean stays and evaluation needs no
    scaling.

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
    Gradient: that of the kept elements, multiplied by the same factor.
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
        dtype = t.dtype if t.dtype.kind == "f" else np.dtype(np.float64)
        kept = (self._rng.random(t.shape) >= self.p) / (1 - self.p)
        return t * constant(np.asarray(kept, dtype))

    def settings(self) -> dict[str, Any]:
        """Return the arguments of the constructor as what JSON can hold."""
        return {"p": self.p}

    def _label(self) -> str:
        return f"{self.p:g}"
