"""Primitives that draw random numbers, each call further on in the stream of its generator."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.primitives.primitive import chance
from gradatim.types import Random, Shape


def _drawn(method: str, rng: Random, shape: Shape, dtype: np.dtype[Any]) -> Any:
    """What a method draws; a legacy generator has no dtypes and so is not asked for float64."""
    draw = getattr(rng, method)
    numbers = draw(shape) if dtype == np.float64 else draw(shape, dtype)
    return numbers if shape else numbers[()]


def _random(*, rng: Random, shape: Shape, dtype: np.dtype[Any]) -> Any:
    return _drawn("random", rng, shape, dtype)


def _standard_normal(*, rng: Random, shape: Shape, dtype: np.dtype[Any]) -> Any:
    return _drawn("standard_normal", rng, shape, dtype)


random = chance("random", _random, "{rng}.random({shape}, np.{dtype})")
standard_normal = chance(
    "standard_normal", _standard_normal, "{rng}.standard_normal({shape}, np.{dtype})"
)
