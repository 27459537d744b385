"""The example of a run is a picture that any program opens."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from gradatim.cli.example import EXAMPLE, save_example
from gradatim.data import Dataset
from gradatim.store import RunFolder


@pytest.fixture
def run(tmp_path):
    return RunFolder(tmp_path)


def test_a_digit_is_large_and_dark_on_light_paper(run):
    image = np.random.default_rng(0).integers(0, 256, (5, 3), np.uint8)
    save_example(run, Dataset(image[None], [7], classes=10))
    picture = Image.open(run.path / EXAMPLE)

    assert (picture.mode, picture.format, picture.size) == ("L", "PNG", (30, 50))
    np.testing.assert_array_equal(np.asarray(picture)[::10, ::10], 255 - image)


def test_what_is_no_picture_has_no_example(run):
    save_example(run, Dataset(np.ones((2, 4)), [0, 1], classes=10))

    assert not (run.path / EXAMPLE).exists()
