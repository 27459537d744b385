"""Where data comes from: MNIST in the package, or four IDX files in a folder."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

import numpy as np

from gradatim import data
from gradatim.data import Dataset
from gradatim.errors import DataError
from gradatim.types import Array

MNIST = "mnist"
FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
"""Names of the images and the labels of both parts, as MNIST's authors gave them."""

SUFFIXES = ("", ".gz", ".xz")
_PICTURES = {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"}


def load(name: str) -> tuple[Dataset, Dataset]:
    """Return training and test data by the name, or the folder, that ``--data`` was given."""
    if name == MNIST:
        return data.mnist()
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise DataError(f"--data {name}: {_absent(name, folder)}")
    return _read_folder(folder)


def known_as(name: str) -> str:
    """Return a name for the runs on this data: ``mnist``, or that of the folder.

    Examples
    --------
    >>> known_as("mnist"), known_as("data/my digits/")
    ('mnist', 'my-digits')
    """
    stem = Path(name).expanduser().resolve().name if name != MNIST else name
    kept = "".join(letter if letter.isalnum() or letter in "._" else "-" for letter in stem)
    return kept.strip("-._") or "run"


def _absent(name: str, folder: Path) -> str:
    form = "a folder with four IDX files"
    if folder.exists():
        return f"this is a file; it must be mnist, or {form}."
    near = get_close_matches(name.lower(), [MNIST], cutoff=0.7)
    if near:
        return f"there is no such folder; did you mean --data {near[0]}?"
    return f"there is no such folder; it must be mnist, or {form}."


def _read_folder(folder: Path) -> tuple[Dataset, Dataset]:
    arrays = {part: [_read(folder, name) for name in names] for part, names in FILES.items()}
    for part, (images, labels) in arrays.items():
        _check_pair(folder, part, images, labels)
    _check_classes(folder, [labels for _, labels in arrays.values()])
    classes = 1 + max(int(labels.max()) for _, labels in arrays.values())
    train, test = (
        Dataset(
            images,
            labels,
            scale=1 / 255 if images.dtype.kind == "u" else None,
            name=f"{folder.resolve().name} {part}",
            classes=classes,
        )
        for part, (images, labels) in arrays.items()
    )
    if train.input_shape != test.input_shape:
        raise DataError(
            f"--data {folder}: images to learn from have shape {train.input_shape}, those to test "
            f"on {test.input_shape}; they must be of one size."
        )
    return train, test


def _check_classes(folder: Path, labels: list[Array]) -> None:
    found = sorted({int(label) for part in labels for label in np.unique(part)})
    if len(found) < 2:
        raise DataError(
            f"--data {folder}: every label is {found[0]}; there must be two classes or more to "
            "tell apart."
        )


def _read(folder: Path, name: str) -> Array:
    # Some copies on the web carry a dot where the published names have a hyphen.
    stems = (name, name.replace("-idx", ".idx"))
    for path in (folder / f"{stem}{suffix}" for stem in stems for suffix in SUFFIXES):
        if path.is_file():
            return data.read_idx(path)
    raise DataError(f"--data {folder}: {_missing(folder, name)}")


def _missing(folder: Path, name: str) -> str:
    if any(path.suffix.lower() in _PICTURES for path in [*folder.glob("*"), *folder.glob("*/*")]):
        return (
            "this is a folder of pictures, which cannot be read yet; "
            "write them as IDX files with gradatim.data.write_idx."
        )
    wanted = ", ".join(each for names in FILES.values() for each in names)
    return (
        f"there is no {name} in it, plain, .gz or .xz; the folder must hold the four IDX files "
        f"{wanted}."
    )


def _check_pair(folder: Path, part: str, images: Array, labels: Array) -> None:
    if images.ndim < 2 or labels.ndim != 1 or labels.dtype.kind not in "ui":
        raise DataError(
            f"--data {folder}: the {part} images have shape {images.shape} and the labels "
            f"{labels.shape} {labels.dtype}; they must be (N, rows, columns) and (N,) whole "
            "numbers. Are the files exchanged?"
        )
    if len(images) != len(labels) or not len(images):
        raise DataError(
            f"--data {folder}: there are {len(images):,} {part} images and {len(labels):,} labels; "
            "there must be one label for each image, and one image at least."
        )
