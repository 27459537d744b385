"""A test image in the folder of a run: a picture to show the network at once."""

from __future__ import annotations

import struct
import zlib

import numpy as np

from gradatim.atomic import writing
from gradatim.data import Dataset
from gradatim.data.export import as_picture
from gradatim.store import RunFolder
from gradatim.types import Array

EXAMPLE = "example.png"
_ENLARGED = 10


def save_example(run: RunFolder, test: Dataset) -> None:
    """Save the first test image: a picture as it is, a digit large and dark on light paper."""
    image = test.inputs[0]
    if test.class_names is not None:
        with writing(run.path / EXAMPLE) as file:
            as_picture(image).save(file, format="PNG")
    elif image.ndim == 2 and image.dtype == np.uint8:
        with writing(run.path / EXAMPLE) as file:
            file.write(grey_png(np.kron(255 - image, np.ones((_ENLARGED, _ENLARGED), np.uint8))))


def grey_png(image: Array) -> bytes:
    """Return levels of grey, uint8 of shape (H, W), as a PNG file.

    Pillow would do it as well, but takes 25 ms to load, and a training of digits does without it.
    """
    height, width = image.shape
    rows = np.pad(image, ((0, 0), (1, 0)))  # each row begins with the number of its filter: none
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*each) for each in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )
