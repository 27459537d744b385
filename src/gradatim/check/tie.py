"""Ties: numbers that share one kink, as the largest two of a maximum do.

At a tie each gradient by itself may be anything between two slopes; but where both numbers move
together the function may have no kink at all, and then the two gradients add up to one slope. A
maximum that hands the whole gradient to both of the tied is wrong by a factor of two there, which
no number moved on its own tells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

Shift = dict[int, float]

Value = Callable[[Shift], float]
"""``value({3: 0.1})``: how much the function changes when its number 3 is moved by 0.1."""

MOST = 16
"""Numbers at a kink that are moved together; of more, the first."""

DIRECTIONS = 24
"""Directions in which a function is looked at around a tie."""

AROUND = 14
"""Points around a tie at which the slope must be the same for it to count."""

STEP, AWAY = 1e-6, 1e-4
"""How far the tied are moved, and how far the points around are, beside the size of numbers."""


@dataclass(frozen=True)
class Breach:
    """A direction with one slope all around, and gradients that add up to another."""

    way: Mapping[int, float]
    slope: float
    found: float


def breach(
    value: Value, gaps: Mapping[int, float], got: Mapping[int, float], size: float
) -> Breach | None:
    """Find a direction in which the gradients of tied numbers do not add up to the slope.

    ``gaps`` tells how far the left and the right slope of each number at a kink are apart.
    """
    tied = list(gaps)[:MOST]
    for way in _ways(value, tied, gaps, STEP * size):
        gap = max(gaps[i] for i in way)
        slopes = _around(value, tied, way, size)
        found = sum(sign * got[i] for i, sign in way.items())
        same = float(slopes.max() - slopes.min()) <= 0.01 * gap  # False for nan
        if same and abs(found - float(slopes.mean())) > 0.05 * gap:
            return Breach(way, float(slopes.mean()), found)
    return None


def _ways(value: Value, tied: list[int], gaps: Mapping[int, float], step: float) -> list[Shift]:
    """Pairs whose kink is one, with the signs in which it is, and all that hang together."""
    alone = {(i, sign): value({i: sign * step}) for i in tied for sign in (1.0, -1.0)}
    pairs: list[Shift] = []
    for i, j in combinations(tied, 2):
        for sign in (1.0, -1.0):
            both = value({i: step, j: sign * step}) - alone[i, 1.0] - alone[j, sign]
            if abs(both) > 0.1 * step * min(gaps[i], gaps[j]):
                pairs.append({i: 1.0, j: sign})
    return [*pairs[:DIRECTIONS], *_groups([pair for pair in pairs if min(pair.values()) > 0])]


def _groups(pairs: list[Shift]) -> list[Shift]:
    """Numbers that hang together by pairs, three or more of them."""
    groups: list[set[int]] = []
    for pair in pairs:
        near = [group for group in groups if not group.isdisjoint(pair)]
        groups = [group for group in groups if group.isdisjoint(pair)]
        groups.append(set(pair).union(*near))
    return [dict.fromkeys(sorted(group), 1.0) for group in groups if len(group) > 2]


def _around(value: Value, tied: list[int], way: Shift, size: float) -> np.ndarray:
    """Slopes along a direction at points around the tie, some far along it either way."""
    random = np.random.default_rng(0)
    step, slopes = STEP * size, []
    for k in range(AROUND):
        at = dict(zip(tied, AWAY * size * random.uniform(-1, 1, len(tied))))
        for i, sign in way.items():
            at[i] += (0.0, 2.0, -2.0)[k % 3] * AWAY * size * sign
        ahead, behind = (
            value({i: x + t * way.get(i, 0.0) for i, x in at.items()}) for t in (step, -step)
        )
        slopes.append((ahead - behind) / (2 * step))
    return np.array(slopes)
