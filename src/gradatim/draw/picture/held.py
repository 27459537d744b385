"""What Tensors that a computation has left behind tell of themselves."""

from __future__ import annotations

from typing import Any

from gradatim.types import Raw, Shape


class Held:
    """An account of Tensors, which hold their numbers.

    Examples
    --------
    >>> import gradatim as gd
    >>> Held().shape(gd.Tensor([1.0, 2.0]))
    (2,)
    """

    def shape(self, x: Any) -> Shape:
        """Return the sizes of its axes."""
        return x.raw.shape

    def dtype(self, x: Any) -> str:
        """Return the type of its elements."""
        return x.raw.dtype.name

    def wanted(self, x: Any) -> bool:
        """Return whether its gradient is wanted."""
        return bool(x.wanted)

    def value(self, x: Any) -> Raw | None:
        """Return its numbers."""
        return x.raw
