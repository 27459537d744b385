"""A test image in the folder of a run: a picture to show the network at once."""

from __future__ import annotations

import numpy as np

from gradatim.atomic import writing
from gradatim.data import Dataset
from gradatim.data.export import as_picture
from gradatim.store import RunFolder

EXAMPLE = "example.png"
_ENLARGED = 10


def save_example(run: RunFolder, test: Dataset) -> None:
    """Save the first test image: a picture as it is, a digit large and dark on light paper."""
    image = test.inputs[0]
    if test.class_names is None:
        if image.ndim != 2 or image.dtype != np.uint8:
            return
        image = np.kron(255 - image, np.ones((_ENLARGED, _ENLARGED), np.uint8))
    with writing(run.path / EXAMPLE) as file:
        as_picture(image).save(file, format="PNG")
