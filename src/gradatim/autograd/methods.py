"""The methods of a Tensor that are doors as well; ``functions`` fills them in."""

from __future__ import annotations


class Methods:
    """Base of Tensor that carries the methods; each is the public function of its name."""

    __slots__ = ()
