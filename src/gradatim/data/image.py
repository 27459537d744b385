"""A photographed or drawn digit, prepared as MNIST prepared its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from gradatim.data.decoder import DAMAGED, FOREIGN, LARGE, Unreadable, grey, opened
from gradatim.errors import DataError, DtypeError, ShapeError
from gradatim.types import Array

FIELD, BOX, CENTRE = 28, 20, 14
"""Sizes of MNIST: the field, the box that holds the digit, the pixel of its centre of mass."""

_WORKING_SIDE = 512  # a digit that fills a twenty-fifth of a photograph still keeps 20 pixels
_MIN_CONTRAST = 16.0  # grey levels; less is paper, not ink
_FAINT = 0.2  # of the ink's level: shadows, ruled lines and the back of the page lie below
# MNIST's own lines are 2.5 pixels wide on average. Of 300 test digits with lines eroded by one
# pixel, a 784-50-10 network reads 0.89 without thickening and 0.96 with it; 0.98 as they come.
_LINE = 2.0
_SPECK = 0.03  # of the largest mark's ink; the bar of a 5 drawn apart has more

_ADVICE = {
    LARGE: "the image has more pixels than can be opened safely ({}); scale it down, a digit needs "
    "no more than 1000 by 1000.",
    FOREIGN: "this is not an image that can be read; it must be PNG, JPEG, WebP, GIF, BMP or TIFF. "
    "Export a HEIC, SVG or PDF as PNG first.",
    DAMAGED: "the image is damaged or cut short ({}); save or copy it again.",
}


def read_image(path: str | os.PathLike[str]) -> Array:
    """Read an image file as grey levels.

    The orientation noted by a camera is applied, transparency is laid on white (on black when
    that shows nothing), colours become luminance and 16 bits become 8. Of several pictures in
    one file the first is taken.

    Parameters
    ----------
    path : str or path
        PNG, JPEG, WebP, GIF, BMP, TIFF and whatever else Pillow reads.

    Returns
    -------
    array of uint8, shape (H, W)
        0 is black, 255 is white.

    Raises
    ------
    DataError
        The file is missing, is a folder, is not an image, is damaged or is absurdly large.

    Examples
    --------
    >>> read_image("absent.png")
    Traceback (most recent call last):
        ...
    gradatim.errors.DataError: read_image: absent.png: there is no such file; check the path.
    """
    file = Path(path)
    if file.is_dir():
        raise DataError(f"read_image: {file}: this is a folder; name an image inside it.")
    if not file.exists():
        raise DataError(f"read_image: {file}: there is no such file; check the path.")
    try:
        with open(file, "rb") as content:
            return _decoded(file, content)
    except OSError as error:
        raise DataError(
            f"read_image: {file}: the file cannot be read: {error.strerror or error}; "
            "check its permissions."
        ) from error


def prepare_digit(image: Array) -> Array:
    """Turn a picture of one digit into what a network trained on MNIST expects to see.

    As MNIST did: white on black, the longer side of the digit scaled to 20 pixels with its
    aspect kept and its edges smooth, placed so that its centre of mass is at the centre of a
    28 by 28 field. Before that the paper is taken away: its tone and its slope of light are
    fitted to the border, what is faint or a speck is dropped, and the line of a thin pen is
    thickened to the two pixels that MNIST's lines have at least. A picture that has MNIST's
    form already, or its negative, comes out unchanged.

    Parameters
    ----------
    image : array of uint8, shape (H, W)
        Dark ink on a light ground, or light on dark.

    Returns
    -------
    array of uint8, shape (28, 28)
        The caller's own, 0 where there is no ink.

    Raises
    ------
    ShapeError
        The image is not a plane of grey levels.
    DtypeError
        The levels are not uint8.
    DataError
        There is no ink in it.

    Notes
    -----
    Source: Y. LeCun, C. Cortes, C. Burges, *The MNIST database of handwritten digits*: "size
    normalized to fit in a 20x20 pixel box while preserving their aspect ratio ... centered in a
    28x28 image by computing the center of mass of the pixels". In the published files the centre
    of mass of every image lies within half a pixel of index (14, 14).

    Examples
    --------
    >>> paper = np.full((100, 80), 200, np.uint8)
    >>> paper[20:80, 40:46] = 30                     # a 1
    >>> digit = prepare_digit(paper)
    >>> digit.shape, int(digit[0, 0]), int(digit[14, 14])
    ((28, 28), 0, 255)
    >>> int((digit.max(axis=1) > 0).sum())
    20
    """
    _check(image)
    if image.shape == (FIELD, FIELD):
        for candidate in (image, 255 - image):
            if _has_the_form(candidate):
                return candidate.copy()
    ink = _without_specks(_ink(_resized(image, min(1.0, _WORKING_SIDE / max(image.shape)))))
    return _centred(_boxed(_thickened(ink)))


def _check(image: Array) -> None:
    if not isinstance(image, np.ndarray) or image.ndim != 2 or 0 in image.shape:
        found = image.shape if isinstance(image, np.ndarray) else type(image).__name__
        raise ShapeError(
            f"prepare_digit: the image is {found}; it must be an array of grey levels (H, W). "
            "read_image makes one of a file; a batch is prepared image by image."
        )
    if image.dtype != np.uint8:
        raise DtypeError(
            f"prepare_digit: the image is {image.dtype}; it must be uint8, 0 for black and 255 "
            "for white. For levels between 0 and 1 try (255 * image).astype(np.uint8)."
        )


# --- reading ---------------------------------------------------------------------------------


def _decoded(file: Path, content: Any) -> Array:
    try:
        with opened(content) as image:
            return np.array(grey(image))
    except Unreadable as error:
        raise DataError(
            f"read_image: {file}: {_ADVICE[error.kind].format(error.detail)}"
        ) from error
    except Exception as error:  # Pillow's decoders raise whatever damaged bytes lead them to
        raise DataError(f"read_image: {file}: {_ADVICE[DAMAGED].format(error)}") from error


# --- preparing -------------------------------------------------------------------------------


def _has_the_form(image: Array) -> bool:
    """Tell whether a 28x28 image is centred by mass with its digit in the 20x20 box."""
    ink = image > 0
    if not ink.any():
        return False
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    side = max(np.ptp(rows), np.ptp(columns)) + 1
    off_centre = max(abs(centre - CENTRE) for centre in _centre_of_mass(image.astype(np.float64)))
    return bool(BOX - 2 <= side <= BOX and off_centre <= 1)


def _ink(levels: Array) -> Array:
    """Give the ink in 0..1 with the paper at 0, whichever of the two is the lighter."""
    deviation = levels - _ground(levels)
    up, down = np.maximum(deviation, 0), np.maximum(-deviation, 0)
    ink = up if np.square(up).sum() > np.square(down).sum() else down
    noise = 1.4826 * float(np.median(np.abs(deviation[_border(levels)])))
    level = float(np.median(ink[ink >= ink.max() / 2]))
    if level < max(_MIN_CONTRAST, 6 * noise):
        _refuse_blank(level, noise)
    faint = max(_FAINT * level, 3 * noise)
    return np.where(ink > faint, np.minimum(ink / level, 1), 0)


def _refuse_blank(level: float, noise: float) -> NoReturn:
    least = max(_MIN_CONTRAST, 6 * noise)
    if least > 255:
        # No ink can differ by so much: the trouble is the ground, not the pen.
        raise DataError(
            f"prepare_digit: the border of the image varies by {noise:.0f} of 255 levels, so that "
            "no ink could stand out; it must be even. Write on plain paper and leave a margin."
        )
    raise DataError(
        f"prepare_digit: the image is blank: its strongest mark differs from the ground by "
        f"{level:.0f} of 255 levels; it must differ by {least:.0f} or more. Write with a darker "
        "pen, or photograph with more light."
    )


def _border(levels: Array) -> Array:
    width = max(1, min(levels.shape) // 20)
    mask = np.ones(levels.shape, bool)
    mask[width:-width, width:-width] = False
    return mask


def _ground(levels: Array) -> Array:
    """Fit a plane to the border, so that light falling from one side is no ink.

    Ink that reaches the border is left out: what lies far from the median, then from the plane.
    """
    rows, columns = np.indices(levels.shape) / max(levels.shape)
    terms = np.stack([np.ones_like(rows), rows, columns], axis=-1)
    mask = _border(levels)
    ring, tones = terms[mask], levels[mask]
    ground: Array = np.full(len(tones), np.median(tones))
    plane = np.array([np.median(tones), 0.0, 0.0])
    for _ in range(3):
        distance = np.abs(tones - ground)
        near = distance <= max(4.0, 3 * float(np.median(distance)))
        plane = np.linalg.lstsq(ring[near], tones[near], rcond=None)[0]
        ground = ring @ plane
    return np.asarray(np.clip(terms @ plane, 0, 255))


def _without_specks(ink: Array) -> Array:
    """Drop connected marks with far less ink than the largest."""
    padded = np.pad(ink, 1)
    width = padded.shape[1]
    unseen = set(np.flatnonzero(padded).tolist())
    around = [-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1]
    marks = []
    while unseen:
        mark = [unseen.pop()]
        for pixel in mark:  # grows while it is walked
            fresh = unseen.intersection([pixel + step for step in around])
            unseen -= fresh
            mark.extend(fresh)
        marks.append(mark)
    masses = [padded.ravel()[mark].sum() for mark in marks]
    kept = np.zeros(padded.size)
    for mark, mass in zip(marks, masses):
        if mass >= _SPECK * max(masses):
            kept[mark] = padded.ravel()[mark]
    return kept.reshape(padded.shape)[1:-1, 1:-1]


def _thickened(ink: Array) -> Array:
    """Widen lines that would be thinner than two pixels of the box."""
    from PIL import Image, ImageFilter

    side = max(np.ptp(np.flatnonzero(ink.any(axis=axis))) + 1 for axis in (0, 1))
    lack = _LINE * float(side) / BOX - _line_width(ink)
    radius = round(lack / 2)
    if radius < 1:
        return ink
    levels = Image.fromarray(np.pad(np.round(255 * ink).astype(np.uint8), radius))
    return np.asarray(levels.filter(ImageFilter.MaxFilter(2 * radius + 1))) / 255.0


def _line_width(ink: Array) -> float:
    """Estimate the width of the strokes: twice their area over the length of their outline."""
    from PIL import Image, ImageFilter

    # Grain roughens the outline, which would make lines seem thin.
    mask = Image.fromarray(np.pad(255 * (ink > 0.5), 2).astype(np.uint8))
    solid = np.asarray(mask.filter(ImageFilter.MedianFilter(3))) > 0
    steps = np.count_nonzero(solid[1:] != solid[:-1]) + np.count_nonzero(
        solid[:, 1:] != solid[:, :-1]
    )
    # An outline counted along the pixels is 4/pi times as long, on average over directions.
    return 2 * int(solid.sum()) / max(steps * np.pi / 4, 1.0)


def _boxed(ink: Array) -> Array:
    """Crop to the ink and scale its longer side to the box, the strongest pixel to 1."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    crop = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scaled = np.clip(_resized(crop, BOX / max(crop.shape)), 0, None)
    return np.asarray(scaled / scaled.max())


def _resized(levels: Array, scale: float) -> Array:
    from PIL import Image

    height, width = (max(1, round(side * scale)) for side in levels.shape)
    # Averaging over areas is what keeps edges smooth when shrinking; it would make blocks of
    # pixels when growing.
    how = Image.Resampling.BOX if scale <= 1 else Image.Resampling.BILINEAR
    image = Image.fromarray(np.ascontiguousarray(levels, np.float32))
    return np.asarray(image.resize((width, height), how), np.float64)


def _centre_of_mass(ink: Array) -> tuple[float, float]:
    total = float(ink.sum())
    rows, columns = np.arange(ink.shape[0]), np.arange(ink.shape[1])
    return float(ink.sum(axis=1) @ rows) / total, float(ink.sum(axis=0) @ columns) / total


def _centred(ink: Array) -> Array:
    """Place the box in the field by whole pixels, as MNIST did, and never outside it."""
    (top, left), (height, width) = _centre_of_mass(ink), ink.shape
    top = min(max(round(CENTRE - top), 0), FIELD - height)
    left = min(max(round(CENTRE - left), 0), FIELD - width)
    field = np.zeros((FIELD, FIELD), np.uint8)
    field[top : top + height, left : left + width] = np.round(255 * ink).astype(np.uint8)
    return field
