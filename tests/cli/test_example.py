"""The example of a run is a picture that any program opens."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from gradatim.cli.example import grey_png


@pytest.mark.parametrize("shape", [(1, 1), (28, 28), (3, 70), (280, 5)])
def test_levels_come_back_as_they_were(shape):
    levels = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    picture = Image.open(io.BytesIO(grey_png(levels)))
    picture.load()

    assert (picture.mode, picture.format) == ("L", "PNG")
    assert np.array_equal(np.asarray(picture), levels)
