"""The projection of a function's outputs onto one number, of which slopes are taken."""

from __future__ import annotations

import numpy as np

from gradatim.autograd.tensor import Tensor
from gradatim.errors import ShapeError
from gradatim.types import Array, Raw, Shape


class Projection:
    """Outputs multiplied by fixed random numbers and summed, so that each of them counts."""

    def __init__(self, outputs: list[Tensor]) -> None:
        self.shapes = [y.shape for y in outputs]
        self.weights = _weights(self.shapes)
        if self.shapes == [()]:
            self.difference = _difference_of_one  # type: ignore[method-assign]

    def difference(self, above: list[Raw], below: list[Raw]) -> float:
        """Return the weighed sum of what changed; what did not leaves no rounding behind."""
        for values in (above, below):
            _check_shapes(self.shapes, [y.shape for y in values])
        return float(sum((w * (a - b)).sum() for w, a, b in zip(self.weights, above, below)))

    def scale(
        self, above: list[Raw], below: list[Raw], touched: list[Array] | None = None
    ) -> float:
        """How large the outputs are that changed: what they are rounded in proportion to.

        ``touched`` remembers what has changed before, if only over a wider step.
        """
        if self.shapes == [()]:
            return max(abs(float(above[0])), abs(float(below[0])))
        squares = 0.0
        for k, (w, a, b) in enumerate(zip(self.weights, above, below)):
            changed = a != b
            if touched is not None:
                touched[k] = changed = touched[k] | changed
            sizes = np.maximum(np.abs(a), np.abs(b))
            squares += float(np.square(w * np.where(changed, sizes, 0.0)).sum())
        return float(np.sqrt(squares))


def _difference_of_one(above: list[Raw], below: list[Raw]) -> float:
    return float(above[0]) - float(below[0])


def _weights(shapes: list[Shape]) -> list[Array]:
    """Fixed random numbers of either sign for every output element; 1 for a single number."""
    if len(shapes) == 1 and np.prod(shapes[0]) == 1:
        return [np.ones(shapes[0])]
    random = np.random.default_rng(0)
    return [
        np.asarray(random.uniform(0.5, 1.5, shape) * random.choice([-1.0, 1.0], shape))
        for shape in shapes
    ]


def _check_shapes(first: list[Shape], now: list[Shape]) -> None:
    if now != first:
        raise ShapeError(
            f"gradient: the function returned shapes {first}, and {now} when one number was moved; "
            "they must not depend on the numbers, or there is no slope."
        )
