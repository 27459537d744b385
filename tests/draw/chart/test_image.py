"""A row of numbers is a picture if they fill one."""

from __future__ import annotations

import pytest

from gradatim.draw.chart.image import image_shape_of
from gradatim.errors import ShapeError


@pytest.mark.parametrize(
    ("shape", "given", "found"),
    [
        ((784,), None, (28, 28)),
        ((12,), None, (2, 2, 3)),
        ((8, 6), None, (8, 6)),
        ((8, 6, 3), None, (8, 6, 3)),
        ((48,), (6, 8), (6, 8)),
        ((48,), [6, 8, 1], (6, 8)),
        ((48,), (4, 4, 3), (4, 4, 3)),
        ((2,), (1, 2), (1, 2)),
    ],
)
def test_shapes(shape, given, found):
    assert image_shape_of(shape, given, "mine") == found


def test_no_square_is_refused_with_what_to_give():
    with pytest.raises(
        ShapeError, match=r"^mine: 10 numbers are no square .*image_shape=\(1, 10\)"
    ):
        image_shape_of((10,), None, "mine")


@pytest.mark.parametrize("given", [(3, 4), (10,), (1, 10, 2), (5, 2, 1, 1)])
def test_a_shape_of_other_numbers_is_refused(given):
    with pytest.raises(ShapeError, match=r"image_shape is .*, which has not the 10 numbers"):
        image_shape_of((10,), given, "mine")
