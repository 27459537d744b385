"""A number that steers an optimizer: read and set as a float, kept as a Tensor.

A Tensor, so that a compiled step reads the number of the day and never bakes a stale one.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, overload

from gradatim.autograd.tensor import Tensor
from gradatim.autograd.writing import write
from gradatim.errors import StateError
from gradatim.primitives import effect

if TYPE_CHECKING:
    from typing import Self


class Rate:
    """Attribute of an optimizer whose number lies in ``rate_tensors`` under the same name.

    Parameters
    ----------
    below : float
        The number must be 0 or more and below this.
    switch : bool
        Whether 0 when the optimizer is made leaves the term out for good.
    """

    def __init__(self, below: float = math.inf, *, switch: bool = False) -> None:
        self.below = below
        self.switch = switch
        self.name = "?"

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, optimizer: None, owner: type) -> Self: ...
    @overload
    def __get__(self, optimizer: Any, owner: type) -> float: ...
    def __get__(self, optimizer: Any, owner: type) -> Self | float:
        return self if optimizer is None else float(self._tensor(optimizer))

    def __set__(self, optimizer: Any, value: float) -> None:
        number = self.checked(optimizer, value)
        for t in (self._tensor(optimizer), *optimizer.cast_rates(self.name)):
            write(effect.assign, t, number)

    def _tensor(self, optimizer: Any) -> Tensor:
        return optimizer.rate_tensors[self.name]

    def checked(self, optimizer: Any, value: Any) -> float:
        """Return ``value`` as a float if it is one that ``optimizer`` can use."""
        kind = type(optimizer).__name__
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not (0 <= number < self.below):
            limit = "finite and 0 or more" if self.below == math.inf else f"in [0, {self.below:g})"
            raise StateError(f"{kind}: {self.name} is {value!r}; it must be {limit}.")
        if self.switch and number and self.name not in optimizer.switched_on:
            raise StateError(
                f"{kind}: {self.name} was 0 when the optimizer was made, which left it out; it "
                f"cannot become {number:g} now.\n  Try {kind}(model, {self.name}={number:g}), and "
                f"optimizer.{self.name} = 0 while it is not wanted."
            )
        return number
