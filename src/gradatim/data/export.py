"""Datasets of images written as files that other programs read."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gradatim.data.dataset import Dataset
from gradatim.data.idx import write_idx
from gradatim.data.meter import Kind, metering
from gradatim.errors import DataError
from gradatim.types import Array

if TYPE_CHECKING:
    from PIL import Image

IDX_FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
"""Names of the images and the labels of both parts, as MNIST's authors gave them."""

PNG_FOLDERS = {"train": "training", "test": "testing"}
"""Names of the folders of both parts, as in the copy of MNIST that consists of PNG files."""


def export_png(
    parts: Mapping[str, Dataset], folder: str | os.PathLike[str], *, progress: Kind = "auto"
) -> int:
    """Write every image as ``folder/training/CLASS/NUMBER.png``.

    The number is that of the sample, so that sorted names keep the order of the dataset.

    Parameters
    ----------
    parts
        Datasets of bytes, (N, H, W) grey or (N, 3, H, W) colour, under the names ``train`` and
        ``test``; or one without a part, under the name ``""``.
    folder
        Must not exist yet, or be empty; appears only when it is complete.
    progress
        ``"auto"``: a bar on stderr if that is a terminal or a notebook. ``"none"``: silence.

    Returns
    -------
    int
        Number of files.

    Raises
    ------
    DataError
        The folder is not empty or cannot be written, or a dataset holds no images.

    Examples
    --------
    >>> import tempfile
    >>> data = Dataset(np.zeros((2, 4, 4), np.uint8), [0, 1], class_names=["cat", "dog"])
    >>> with tempfile.TemporaryDirectory() as root:
    ...     export_png({"": data}, f"{root}/pets", progress="none")
    ...     sorted(path.relative_to(root).as_posix() for path in Path(root).rglob("*.png"))
    2
    ['pets/cat/0.png', 'pets/dog/1.png']
    """
    for data in parts.values():
        _check_images(data)
    total = sum(map(len, parts.values()))
    with _new_folder(Path(folder)) as below, metering(progress, "Writing", total) as advance:
        for part, data in parts.items():
            place = below / PNG_FOLDERS.get(part, part)
            for number, path in enumerate(_paths(place, data)):
                as_picture(data.inputs[number]).save(path, format="PNG")
                if number % 500 == 499 or number == len(data) - 1:
                    advance(number % 500 + 1)
    return total


def export_idx(
    parts: Mapping[str, Dataset], folder: str | os.PathLike[str], *, suffix: str = ""
) -> int:
    """Write images and labels of both parts as four IDX files, named as MNIST's are.

    Parameters
    ----------
    parts
        Datasets under the names ``train`` and ``test``.
    folder
        Must not exist yet, or be empty; appears only when it is complete.
    suffix
        ``.gz`` or ``.xz`` packs the files.

    Returns
    -------
    int
        Number of files.

    Raises
    ------
    DataError
        The folder is not empty or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> data = Dataset(np.zeros((2, 4, 4), np.uint8), np.array([0, 1], np.uint8))
    >>> with tempfile.TemporaryDirectory() as root:
    ...     export_idx({"train": data, "test": data}, f"{root}/four")
    4
    """
    with _new_folder(Path(folder)) as below:
        for part, data in parts.items():
            for name, array in zip(IDX_FILES[part], (data.inputs, data.targets)):
                write_idx(below / f"{name}{suffix}", array)
    return 2 * len(parts)


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """Yield a folder beside the wanted one, which takes its name when the block has ended."""
    target = folder.expanduser().absolute()
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        found = "is not empty" if target.is_dir() else "is a file"
        raise DataError(
            f"export: {folder}: this {found}; name a folder that does not exist yet, or remove "
            "what is there."
        )
    below = target.parent / f".gradatim-{secrets.token_hex(8)}.tmp"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        below.mkdir()
        yield below
        if target.is_dir():
            target.rmdir()
        below.rename(target)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DataError(
            f"export: {folder}: it cannot be written: {reason}; choose another folder."
        ) from error
    finally:
        shutil.rmtree(below, ignore_errors=True)


def _check_images(data: Dataset) -> None:
    shape = data.input_shape
    grey, colour = len(shape) == 2, len(shape) == 3 and shape[0] == 3
    if data.inputs.dtype != np.uint8 or not (grey or colour) or data.classes is None:
        raise DataError(
            f"export: samples are {data.inputs.dtype} of shape {shape}; they must be uint8 of "
            "shape (H, W) or (3, H, W), with labels. Is the dataset flattened?"
        )


def _paths(place: Path, data: Dataset) -> Iterator[Path]:
    names = data.class_names or [str(label) for label in range(data.classes or 0)]
    for name in names:
        (place / name).mkdir(parents=True)
    digits = len(str(len(data) - 1))
    return (
        place / names[int(label)] / f"{number:0{digits}}.png"
        for number, label in enumerate(data.targets)
    )


def as_picture(image: Array) -> Image.Image:
    """Return an image that Pillow can save.

    Parameters
    ----------
    image
        Shape (H, W) or (3, H, W), uint8.

    Returns
    -------
    PIL.Image.Image
        In grey or in colour.

    Examples
    --------
    >>> as_picture(np.zeros((3, 2, 4), np.uint8)).size
    (4, 2)
    """
    from PIL import Image

    return Image.fromarray(image if image.ndim == 2 else np.moveaxis(image, 0, -1).copy())
