"""Names for the types that the whole library speaks of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
"""A NumPy array of any dtype."""

Raw = Any
"""What NumPy's own operators give: an array, or a NumPy scalar where there are no axes. NumPy's
types do not let the two be computed with alike, so it stands for anything to a type checker."""

Shape = tuple[int, ...]
"""Sizes of the axes, outermost first."""

Axis = int | tuple[int, ...] | None
"""One axis, several, or ``None`` for all of them."""

Rule = Callable[..., Any]
"""``rule(g, y, *inputs, **settings)``: the gradient of one input from the gradient ``g`` of the
output ``y``. It is written in operators and methods only, so it works on arrays and on Tensors."""

Settings = dict[str, Any]
"""The keyword arguments of a primitive: axis, shape and the like; never an array."""

Numbers = float | int | bool | np.generic | Array | Sequence[Any]
"""Whatever is taken where a Tensor is expected."""

Random = np.random.Generator | np.random.RandomState
"""A source of random numbers; the legacy one too, for numbers published with ``np.random.seed``."""
