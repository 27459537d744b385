"""Flatten keeps the samples and joins the rest."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim import nn
from gradatim.errors import ShapeError


@pytest.mark.parametrize(
    ("shape", "flat"),
    [((2, 3, 4), (2, 12)), ((2, 3), (2, 3)), ((5,), (5, 1)), ((0, 3, 4), (0, 12))],
)
def test_flatten_keeps_the_samples(shape, flat):
    assert nn.Flatten()(np.zeros(shape)).shape == flat


def test_flatten_wants_an_axis_of_samples():
    with pytest.raises(ShapeError, match="must have an axis of samples"):
        nn.Flatten()(1.0)
