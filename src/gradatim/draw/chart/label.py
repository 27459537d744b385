"""Labels at the ends of curves, moved apart where they would touch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def parted(
    heights: Sequence[float], gap: float, low: float = -np.inf, high: float = np.inf
) -> list[float]:
    """Move places on a line apart, each by as little as possible and in their order.

    Parameters
    ----------
    heights : sequence of float, length N
        Where they would like to be.
    gap : float
        The least distance between neighbours.
    low, high : float
        What none may pass; above the upper bound there may be some if they are too many.

    Returns
    -------
    list of float
        Where they are, in the order given: nearest in the sum of squares.

    Examples
    --------
    >>> parted([0.0, 10.0, 1.0], 2.0)
    [-0.5, 10.0, 1.5]
    """
    order = np.argsort(heights, kind="stable")
    # Less their gaps, the places must only not decrease: neighbours that do are put together.
    stacks: list[tuple[float, int]] = []
    for rank, i in enumerate(order):
        mean, count = heights[i] - rank * gap, 1
        while stacks and stacks[-1][0] > mean:
            other, many = stacks.pop()
            mean, count = (mean * count + other * many) / (count + many), count + many
        stacks.append((mean, count))
    places = [0.0] * len(heights)
    high = max(low, high - (len(heights) - 1) * gap)
    levels = (min(max(mean, low), high) for mean, count in stacks for _ in range(count))
    for rank, (i, level) in enumerate(zip(order, levels)):
        places[i] = level + rank * gap
    return places
