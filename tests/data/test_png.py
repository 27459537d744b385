"""What is written as PNG is read by others, as it was."""

from __future__ import annotations

import io

import numpy as np
import pytest

from gradatim.data.png import png_of

Image = pytest.importorskip("PIL.Image")

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("image", "mode"),
    [
        (RANDOM.integers(0, 256, (5, 4), np.uint8), "L"),
        (RANDOM.integers(0, 256, (1, 1), np.uint8), "L"),
        (RANDOM.integers(0, 256, (3, 7, 2), np.uint8), "RGB"),
        (RANDOM.integers(0, 256, (3, 1, 300), np.uint8), "RGB"),
        (RANDOM.integers(0, 256, (6, 8), np.uint8).T[::-2, ::3], "L"),
    ],
)
def test_pillow_reads_the_same_pixels(image, mode):
    picture = Image.open(io.BytesIO(png_of(image)))
    picture.verify()  # of every chunk its checksum
    picture = Image.open(io.BytesIO(png_of(image)))

    assert (picture.format, picture.mode) == ("PNG", mode)
    found = np.asarray(picture)
    np.testing.assert_array_equal(found if mode == "L" else np.moveaxis(found, -1, 0), image)


def test_an_enlarged_digit_takes_little():
    digit = RANDOM.integers(0, 256, (28, 28), np.uint8)

    assert len(png_of(np.kron(digit, np.ones((10, 10), np.uint8)))) < 4 * digit.size


def test_the_same_image_gives_the_same_bytes():
    image = RANDOM.integers(0, 256, (9, 9), np.uint8)

    assert png_of(image) == png_of(image.copy(order="F"))
