"""`gradatim predict`: what a run sees in pictures of digits."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

import numpy as np

from gradatim.cli import failure, terminal
from gradatim.cli.saved import SavedRun, open_run
from gradatim.data.folder import read_picture
from gradatim.data.image import prepare_digit, read_image
from gradatim.draw import bars, digit_text
from gradatim.errors import DataError, GradatimError
from gradatim.types import Array, Shape

_GAP, _BAR, _ROOM_BESIDE = 3, 24, 38
_WIDEST, _LONGEST = 28, 16


def predict(run: Path, /, *images: Path) -> int:
    """Show each picture as the network sees it, and how sure it is of each digit.

    A picture may have any size and colour: it is turned into white ink on black, scaled into
    20 x 20 pixels and centred, as MNIST's digits were. A network that learned from a folder of
    pictures is shown them as they are. Pictures that cannot be read are named at the end.

    Parameters
    ----------
    run
        Folder of the run.
    images
        Pictures of one digit, or one thing, each: PNG, JPEG and other files.
    """
    if not images:
        raise DataError("there is no IMAGE to read; name one picture of a digit or more.")
    saved = open_run(run)
    seen, refused = _readable(images, saved.picture_shape)
    if seen:
        probabilities = _probabilities(saved, np.stack([image for _, image in seen]))
        grey = terminal.shows_grey()
        for number, ((path, image), row) in enumerate(zip(seen, probabilities)):
            if number:
                print()
            names = saved.class_names or [str(label) for label in range(len(row))]
            print(f"{path}: {names[row.argmax()]} ({row.max():.1%})\n{_warning(image)}")
            _show(image, row, names, grey)
    for error in refused:
        failure.refuse("gradatim predict", failure.refusal(error))
    return failure.REFUSED if refused else 0


def _warning(image: Array) -> str:
    """A line on a picture that shows nothing; a digit without ink was refused before."""
    if image.min() != image.max():
        return ""
    return "All pixels of this picture are alike: there is nothing to see in it.\n\n"


def _readable(
    paths: Sequence[Path], shape: Shape | None
) -> tuple[list[tuple[Path, Array]], list[GradatimError | OSError | MemoryError]]:
    """Return the pictures that can be shown, and why the others cannot."""
    seen: list[tuple[Path, Array]] = []
    refused: list[GradatimError | OSError | MemoryError] = []
    for path in paths:
        try:
            seen.append((path, _prepared(path, shape)))
        except (GradatimError, OSError, MemoryError) as error:
            refused.append(error)
    return seen, refused


def _prepared(path: Path, shape: Shape | None) -> Array:
    if shape is not None:
        return read_picture(path, shape)
    image = read_image(path)
    try:
        return prepare_digit(image)
    except GradatimError as error:
        raise DataError(
            f"prepare_digit: {path}: {error.message.removeprefix('prepare_digit: ')}"
        ) from error


def _probabilities(saved: SavedRun, images: Array) -> Array:
    levels = images.reshape(len(images), -1).astype(saved.dtype) / 255
    try:
        return saved.probabilities(levels)
    except GradatimError as error:
        raise DataError(
            f"{saved.name}: this network cannot read pictures of digits: {error.message}"
        ) from error


def _show(image: Array, probabilities: Array, names: Sequence[str], grey: bool) -> None:
    plane = image if image.ndim == 2 else _luminance(image)
    wide = min(_WIDEST, plane.shape[1]) * (1 if grey else 2)
    digit = digit_text(plane, wide, color=grey)
    beside = terminal.columns() >= wide + _ROOM_BESIDE
    labels = [name if len(name) <= _LONGEST else f"{name[: _LONGEST - 2]}.." for name in names]
    text = bars(probabilities, labels, width=_BAR, blocks=terminal.shows_blocks())
    page = _side_by_side(digit, text, wide) if beside else f"{digit}\n\n{text}"
    if grey:
        terminal.print_grey(page)
    else:
        print("\n".join(line.rstrip() for line in page.splitlines()))


def _luminance(image: Array) -> Array:
    return np.round(np.tensordot([0.299, 0.587, 0.114], image, 1)).astype(np.uint8)


def _side_by_side(picture: str, text: str, width: int) -> str:
    """Set the text beside the middle of the picture, each of whose lines has the given width."""
    left, right = picture.split("\n"), text.split("\n")
    right = [""] * max(0, (len(left) - len(right)) // 2) + right
    gap = " " * _GAP
    return "\n".join(
        f"{a or ' ' * width}{gap}{b}" for a, b in zip_longest(left, right, fillvalue="")
    )
