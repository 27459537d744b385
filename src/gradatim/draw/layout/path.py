"""Points, and what leads from one to the next."""

from __future__ import annotations

Point = tuple[float, float]
"""x to the right, y downwards."""

Segment = tuple[Point, ...]
"""Two points are a straight line; four are a cubic curve with its two control points."""
