"""Where data comes from: MNIST in the package, four IDX files, or pictures in class folders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from gradatim import data
from gradatim.data import Dataset, ImageFolder
from gradatim.data.decoder import Mode
from gradatim.data.export import IDX_FILES as FILES
from gradatim.data.listing import PARTS, is_picture, list_pictures
from gradatim.errors import DataError
from gradatim.types import Array, Shape

MNIST = "mnist"
SUFFIXES = ("", ".gz", ".xz")
SHARE = 1 / 6
"""Of pictures that are not divided, how many are tested on; as of MNIST's 70,000, nearly."""


@dataclass(frozen=True)
class Reading:
    """How a folder of pictures is read; it has no meaning for other data.

    ``shape`` is that of the pictures that a network has learned from, ``size`` what the user asks
    for in the form ``28x28``.
    """

    validation: float | None = None
    seed: int = 0
    size: str | None = None
    shape: Shape | None = None
    class_names: Sequence[str] | None = None


def load(name: str, reading: Reading | None = None) -> tuple[Dataset, Dataset]:
    """Return training and test data by the name, or the folder, that ``--data`` was given."""
    reading = reading or Reading()
    folder = None if name == MNIST else _folder(name)
    if folder is not None and not _has_idx(folder):
        if (parts := _part_folders(folder)) is not None:
            _check_unused(name, reading.validation, "--validation", "is divided already")
            return _read_parts(*parts, reading)
        if is_undivided(name):
            return _divided(_read_pictures(folder, reading), reading)
    _check_unused(name, reading.validation, "--validation", "is divided already")
    _check_unused(name, reading.size, "--size", "has no files of pictures to scale")
    return data.mnist() if folder is None else _read_idx_files(folder)


def load_whole(name: str, reading: Reading) -> Dataset:
    """Return the pictures of a folder that is not divided, none left out."""
    return _read_pictures(_folder(name), reading)


def is_undivided(name: str) -> bool:
    """Whether a name is that of a folder with a folder of pictures per class and no parts."""
    folder = Path(name).expanduser()
    if name == MNIST or not folder.is_dir() or _has_idx(folder):
        return False
    return _part_folders(folder) is None and any(
        is_picture(path.name) for path in folder.glob("*/*")
    )


def left_out(name: str, class_names: Sequence[str] | None) -> int:
    """Return how many files beside the pictures are not read."""
    folder = Path(name).expanduser()
    if name == MNIST or _has_idx(folder):
        return 0
    return sum(
        list_pictures(part, class_names).skipped for part in _part_folders(folder) or (folder,)
    )


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


def _folder(name: str) -> Path:
    folder = Path(name).expanduser()
    if not folder.is_dir():
        raise DataError(f"--data {name}: {_absent(name, folder)}")
    return folder


def _absent(name: str, folder: Path) -> str:
    form = "a folder with four IDX files or with a folder of pictures per class"
    if folder.exists():
        return f"this is a file; it must be mnist, or {form}."
    from difflib import get_close_matches

    near = get_close_matches(name.lower(), [MNIST], cutoff=0.7)
    if near:
        return f"there is no such folder; did you mean --data {near[0]}?"
    return f"there is no such folder; it must be mnist, or {form}."


def _check_unused(name: str, value: object, option: str, why: str) -> None:
    if value is not None:
        raise DataError(f"{option} {value}: {name} {why}; leave {option} out.")


# --- pictures --------------------------------------------------------------------------------


def _part_folders(folder: Path) -> tuple[Path, Path] | None:
    """Return the folders to learn from and to test on, as whoever made them named them."""
    below = {path.name.lower(): path for path in sorted(folder.iterdir()) if path.is_dir()}
    train, test = (
        next((below[name] for name in PARTS[part] if name in below), None) for part in PARTS
    )
    return None if train is None or test is None else (train, test)


def _read_parts(train: Path, test: Path, reading: Reading) -> tuple[Dataset, Dataset]:
    first = _read_pictures(train, reading)
    names = replace(reading, class_names=first.class_names)
    second = _read_pictures(test, names, mode=_mode(first.input_shape))
    if first.input_shape != second.input_shape:
        size = "x".join(map(str, first.input_shape[-2:]))
        raise DataError(
            f"--data {train.parent}: pictures to learn from have shape {first.input_shape}, those "
            f"to test on {second.input_shape}; they must be of one size. Try --size {size}."
        )
    return first, second


def _read_pictures(folder: Path, reading: Reading, mode: Mode | None = None) -> ImageFolder:
    size = None if reading.size is None else _size(reading.size)
    if reading.shape is not None:
        mode, size = _mode(reading.shape), (reading.shape[-2], reading.shape[-1])
    with _as_options():
        found = ImageFolder(folder, mode=mode, size=size, class_names=reading.class_names)
    if found.classes == 1:
        only = " ".join(found.class_names or ())
        raise DataError(
            f"--data {folder}: every picture is of the class {only}; there must be two classes or "
            "more to tell apart."
        )
    return found


def _mode(shape: Shape) -> Mode:
    return "L" if len(shape) == 2 else "RGB"


@contextmanager
def _as_options() -> Iterator[None]:
    """Say in errors what to type instead of what to call."""
    try:
        yield
    except DataError as error:
        text = re.sub(r"Try size=\((\d+), (\d+)\)", r"Try --size \1x\2", error.message)
        text = re.sub(r'Try ImageFolder\("(.*)"\)', r"Try --data \1", text)
        text = re.sub(r", or name all classes with class_names=", "", text)
        text = re.sub(
            r"If they are two, name them all: class_names=.*", "If not, rename one.", text
        )
        raise DataError(text) from error


def _divided(pictures: ImageFolder, reading: Reading) -> tuple[Dataset, Dataset]:
    share = SHARE if reading.validation is None else reading.validation
    if not 0 < share < 1:
        raise DataError(
            f"--validation {share:g}: it must be a share between 0 and 1 of the pictures; try "
            "--validation 0.2."
        )
    count = round((1 - share) * len(pictures))
    if not 0 < count < len(pictures):
        raise DataError(
            f"--data {pictures.path}: {len(pictures)} pictures cannot be divided with "
            f"--validation {share:.3g}; both parts must have one at least. Add pictures."
        )
    return pictures.split(count, reading.seed, stratify=True)


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+)(?:[x×,](\d+))?", text)
    height, width = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not height or not width:
        raise DataError(f"--size {text}: it must be HEIGHTxWIDTH in pixels; try --size 28x28.")
    return height, width


# --- IDX files -------------------------------------------------------------------------------


def _has_idx(folder: Path) -> bool:
    return any(_idx_path(folder, name) for names in FILES.values() for name in names)


def _idx_path(folder: Path, name: str) -> Path | None:
    # Some copies on the web carry a dot where the published names have a hyphen.
    stems = (name, name.replace("-idx", ".idx"))
    paths = (folder / f"{stem}{suffix}" for stem in stems for suffix in SUFFIXES)
    return next((path for path in paths if path.is_file()), None)


def _read_idx_files(folder: Path) -> tuple[Dataset, Dataset]:
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
    found = sorted({label for part in labels for label in part.ravel().tolist()})
    if len(found) < 2:
        raise DataError(
            f"--data {folder}: every label is {found[0]}; there must be two classes or more to "
            "tell apart."
        )


def _read(folder: Path, name: str) -> Array:
    path = _idx_path(folder, name)
    if path is None:
        raise DataError(f"--data {folder}: {_missing(folder, name)}")
    return data.read_idx(path)


def _missing(folder: Path, name: str) -> str:
    if any(is_picture(path.name) for path in folder.iterdir()):
        return (
            "pictures lie in it directly; each must lie in a folder named after its class. Make "
            "one folder for each class."
        )
    wanted = ", ".join(each for names in FILES.values() for each in names)
    return (
        f"there is no {name} in it, plain, .gz or .xz; the folder must hold the four IDX files "
        f"{wanted}, or a folder of pictures per class."
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
