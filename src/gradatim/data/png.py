"""Pictures as PNG files: the writer alone, so that one picture does not cost loading Pillow."""

from __future__ import annotations

import struct
import zlib

import numpy as np

from gradatim.types import Array

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _COLOUR = 0, 2
_UP = 2
"""The filter of every row: less the row above it, which of digits and photos leaves little."""


def png_of(image: Array) -> bytes:
    r"""Return an image as a PNG file.

    Parameters
    ----------
    image
        Shape (H, W) or (3, H, W), uint8.

    Returns
    -------
    bytes
        The file, in grey or in colour. The same image gives the same bytes.

    Notes
    -----
    Source: W3C, "Portable Network Graphics (PNG) Specification", sections 5, 9.2 and 11.2.

    Examples
    --------
    >>> png_of(np.zeros((28, 28), np.uint8))[:4]
    b'\x89PNG'
    """
    pixels = image if image.ndim == 2 else np.moveaxis(image, 0, -1)
    height, width = pixels.shape[:2]
    rows = pixels.reshape(height, -1)
    filtered = np.empty((height, 1 + rows.shape[1]), np.uint8)
    filtered[:, 0] = _UP
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    kind = _GREY if image.ndim == 2 else _COLOUR
    head = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    packed = zlib.compress(filtered.tobytes(), 9)
    return _SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
