"""A small grey image, and the probabilities of what it shows, as text for a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np

from gradatim.errors import DataError, DtypeError, ShapeError
from gradatim.types import Array

_SHADES = np.array(list(" .:-=+*#%@"))
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def digit_text(image: Array, width: int | None = None, *, color: bool = False) -> str:
    """Draw a grey image as lines of text.

    Parameters
    ----------
    image : array of uint8, shape (H, W)
        0 is black, 255 is white.
    width : int, optional
        Columns of the terminal to fill; by default every pixel is shown, in two columns of
        plain text or one of colour.
    color : bool
        Half blocks in 24-bit grey, two pixels above one another in each character, instead of
        plain ASCII.

    Returns
    -------
    str
        Lines of equal width without a last line end. Plain text has no control characters.

    Raises
    ------
    ShapeError
        The image is not a plane.
    DtypeError
        The levels are not uint8.
    DataError
        The width is too small for a single pixel.

    Examples
    --------
    >>> print(digit_text(np.array([[0, 100], [200, 255]], np.uint8)))
      --
    ##@@
    """
    _check(image, width, color)
    across = (width or 2 * image.shape[1]) // 2 if not color else width or image.shape[1]
    down = max(1, round(image.shape[0] * across / image.shape[1]))
    levels = _averaged(_averaged(image.astype(np.float64), down).T, across).T
    return _half_blocks(levels) if color else _ascii(levels)


def bars(
    values: Sequence[float] | Array,
    labels: Sequence[str] | None = None,
    width: int = 40,
    *,
    blocks: bool = True,
) -> str:
    """Draw probabilities as horizontal bars, one a line, with their values.

    Parameters
    ----------
    values : sequence of float, shape (C,)
        Not negative. A full bar is 1, or the largest where that is more.
    labels : sequence of str, optional
        What stands before the bars; by default 0, 1, 2 and so on.
    width : int
        Columns of a full bar.
    blocks : bool
        Block elements that show eighths of a column; ``False`` for ``#``, plain ASCII.

    Returns
    -------
    str
        Lines without a last line end and without trailing spaces.

    Raises
    ------
    ShapeError
        There is not one label for each value.
    DataError
        A value is negative, or the width is not positive.

    Examples
    --------
    >>> print(bars([0.25, 0.75], ["cat", "dog"], width=8, blocks=False))
    cat  0.250  ##
    dog  0.750  ######
    """
    numbers = np.asarray(values, np.float64)
    names = [str(label) for label in (range(len(numbers)) if labels is None else labels)]
    if numbers.ndim != 1 or len(names) != len(numbers):
        raise ShapeError(
            f"bars: values have shape {numbers.shape} and there are {len(names)} labels; values "
            "must be (C,) with one label each."
        )
    if width < 1 or (numbers < 0).any():
        raise DataError(
            f"bars: the width is {width} and the smallest value {numbers.min(initial=0)}; the "
            "width must be at least 1 and no value negative. Did you mean softmax(values)?"
        )
    finite = numbers[np.isfinite(numbers)]
    scale = width / max(1.0, finite.max(initial=0.0))
    room = max(map(_columns, names), default=0)
    lines = [
        f"{' ' * (room - _columns(name))}{name}  {number:.3f}  {_bar(number * scale, blocks)}"
        for name, number in zip(names, numbers)
    ]
    return "\n".join(line.rstrip() for line in lines)


def _check(image: Array, width: int | None, color: bool) -> None:
    if not isinstance(image, np.ndarray) or image.ndim != 2 or 0 in image.shape:
        found = image.shape if isinstance(image, np.ndarray) else type(image).__name__
        raise ShapeError(
            f"digit_text: the image is {found}; it must be an array of grey levels (H, W). "
            "Did you mean image.reshape(28, 28)?"
        )
    if image.dtype != np.uint8:
        raise DtypeError(
            f"digit_text: the image is {image.dtype}; it must be uint8, 0 for black and 255 for "
            "white. For levels between 0 and 1 try (255 * image).astype(np.uint8)."
        )
    if width is not None and width < (1 if color else 2):
        raise DataError(
            f"digit_text: the width is {width}; a pixel takes {1 if color else 2} columns."
        )


def _averaged(levels: Array, count: int) -> Array:
    """Resample the rows to ``count``, each the mean of the stretch of rows that it covers."""
    edges = np.linspace(0, len(levels), count + 1)
    rows = np.arange(len(levels))
    overlap = np.minimum(edges[1:, None], rows + 1) - np.maximum(edges[:-1, None], rows)
    weights = np.clip(overlap, 0, None)
    return np.asarray(weights @ levels / weights.sum(axis=1, keepdims=True))


def _ascii(levels: Array) -> str:
    shades = _SHADES[np.minimum((levels * len(_SHADES) / 256).astype(int), len(_SHADES) - 1)]
    return "\n".join("".join(shade * 2 for shade in row) for row in shades)


def _half_blocks(levels: Array) -> str:
    grey = np.pad(np.round(levels).astype(int), ((0, len(levels) % 2), (0, 0)))
    lines = []
    for upper, lower in zip(grey[::2], grey[1::2]):
        cells = [f"\x1b[38;2;{a};{a};{a};48;2;{b};{b};{b}m▀" for a, b in zip(upper, lower)]
        lines.append("".join(cells) + "\x1b[0m")
    return "\n".join(lines)


def _bar(length: float, blocks: bool) -> str:
    if not np.isfinite(length):
        return ""
    if not blocks:
        return "#" * round(length)
    full, eighths = divmod(round(8 * length), 8)
    return "█" * full + (_EIGHTHS[eighths] if eighths else "")


def _columns(text: str) -> int:
    """Count the columns that a text takes: a Korean or Japanese letter takes two."""
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)
