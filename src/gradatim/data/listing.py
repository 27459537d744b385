"""The pictures of a folder with a folder per class: which files there are, in which order."""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

import numpy as np

from gradatim.errors import DataError
from gradatim.types import Array

SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".dib", ".gif", ".webp", ".tif", ".tiff",
     ".ppm", ".pgm", ".pbm", ".pnm", ".tga", ".ico", ".pcx", ".jp2", ".j2k", ".avif", ".sgi")
)  # fmt: skip
"""What pictures are commonly called; of other names Pillow is asked."""

PARTS = {
    "train": ("training", "train"),
    "test": ("testing", "test", "validation", "valid", "val"),
}
"""Names of folders that divide pictures for learning from those for testing."""

# Read by other programs, or not as one picture.
_NO_PICTURES = {"EPS", "MPEG", "HDF5", "GRIB", "BUFR", "WMF"}
_SHOWN = 3
# On Windows they have no number of the file, and times that may be old ones.
_ENTRIES_KNOW_LITTLE = os.name == "nt"


class Listing(NamedTuple):
    """Every picture below a root, class by class and sorted within each.

    ``names`` are below the root. ``about`` holds a row of integers for each: size, time of the last
    change of the contents and of the entry in nanoseconds since 1970, and number of the file.
    """

    root: Path
    class_names: tuple[str, ...]
    names: list[str]
    labels: Array
    about: Array
    skipped: int

    @property
    def nbytes(self) -> int:
        """Bytes of all files."""
        return int(self.about[:, 0].sum())

    @property
    def newest_ns(self) -> int:
        """When a file was last touched, in nanoseconds since 1970."""
        return int(self.about[:, 1:3].max())

    def key(self, settings: object) -> str:
        """Return a digest of names, labels and sizes, and of how pictures are to be read."""
        return self._digest(repr((settings, len(self.class_names))), self.about[:, 0])

    def stamp(self) -> str:
        """Return a digest that changes whenever a file is written, replaced or moved.

        Of a file that is written again within one tick of the file system's clock, it does not.
        """
        return self._digest("", self.about[:, 1:])

    def _digest(self, settings: str, numbers: Array) -> str:
        names = "\0".join([settings, *self.names])
        digest = hashlib.sha256(names.encode("utf-8", "surrogateescape"))
        for array in (self.labels.astype("<i8"), numbers.astype("<i8")):
            digest.update(array.tobytes())
        return digest.hexdigest()[:32]


def list_pictures(root: Path, class_names: Sequence[str] | None = None) -> Listing:
    """List the pictures of a folder that holds a folder per class.

    Parameters
    ----------
    root
        The folder.
    class_names
        Names of the classes in the order of their labels; by default those of the folders,
        sorted, numbers by their value.

    Returns
    -------
    Listing
        At least one picture.

    Raises
    ------
    DataError
        There are no class folders, one has no pictures, one is not among `class_names`,
        two have one name or are one number (1 and 01), or pictures lie deeper than in a class
        folder.

    Examples
    --------
    >>> list_pictures(Path("absent"))
    Traceback (most recent call last):
        ...
    gradatim.errors.DataError: ImageFolder: absent: there is no such folder; check the path.
    """
    _check_folder(root)
    folders, loose = _class_folders(root)
    if not folders:
        _refuse_empty(root, loose)
    _check_parts(root, folders)
    if class_names is None:
        _check_numbers(root, folders)
    names = tuple(class_names) if class_names is not None else tuple(folders)
    _check_names(root, folders, names)
    found = [_class_pictures(root, folders.get(name)) for name in names]
    for name, (pictures, _, _) in zip(names, found):
        if not pictures and class_names is None:
            _refuse_empty_class(root, folders[name])
    if not any(pictures for pictures, _, _ in found):
        raise DataError(f"ImageFolder: {root}: its class folders hold no picture; fill them.")
    return Listing(
        root,
        names,
        [name for pictures, _, _ in found for name in pictures],
        _labels([len(pictures) for pictures, _, _ in found]),
        np.concatenate([about for _, about, _ in found]),
        len(loose) + sum(skipped for _, _, skipped in found),
    )


def _labels(counts: list[int]) -> Array:
    """Return labels in the smallest type, as IDX files have them."""
    return np.repeat(np.arange(len(counts)), counts).astype(np.min_scalar_type(len(counts) - 1))


def is_picture(name: str) -> bool:
    """Whether a file's name is that of a picture; hidden files never are.

    Parameters
    ----------
    name
        Without folders.

    Returns
    -------
    bool
        By its suffix, in any case.

    Examples
    --------
    >>> is_picture("three.PNG"), is_picture("._three.png"), is_picture("notes.txt")
    (True, False, False)
    """
    _, dot, suffix = name.rpartition(".")
    if not dot or name.startswith("."):
        return False
    return f".{suffix.lower()}" in SUFFIXES or _pillow_reads(f".{suffix.lower()}")


def _pillow_reads(suffix: str) -> bool:
    from PIL import Image

    kind = Image.registered_extensions().get(suffix)
    return kind in Image.OPEN and kind not in _NO_PICTURES


def _check_folder(root: Path) -> None:
    if not root.is_dir():
        found = "this is a file, not a folder" if root.exists() else "there is no such folder"
        raise DataError(f"ImageFolder: {root}: {found}; check the path.")


def _class_folders(root: Path) -> tuple[dict[str, str], list[str]]:
    """Return class folders, name to name on disk, in the order of labels; and other entries."""
    found: dict[str, str] = {}
    loose = []
    for entry in _entries(root):
        if not entry.is_dir():
            loose.append(entry.name)
        elif not entry.name.startswith((".", "__")):
            # Some systems store accents and Hangul taken apart, and would sort them elsewhere.
            name = unicodedata.normalize("NFC", entry.name)
            if name in found:
                _refuse_twins(root, name, found[name], entry.name)
            found[name] = entry.name
    return dict(sorted(found.items(), key=lambda item: _rank(item[0], found))), loose


def _refuse_twins(root: Path, name: str, *stored: str) -> NoReturn:
    """Say that two folders have one name, as it looks, and how each of them is spelled."""
    spelled = " and ".join(ascii(each) for each in sorted(stored))
    raise DataError(
        f"ImageFolder: {root}: there are two folders {name!r}, stored as {spelled}; one name is "
        "one class.\n  Try moving the pictures of one into the other."
    )


def _check_numbers(root: Path, folders: dict[str, str]) -> None:
    """Raise if folders are one number, written with more zeros or fewer."""
    if not _are_numbers(folders):
        return
    seen: dict[int, str] = {}
    for name in folders:
        other = seen.setdefault(int(name), name)
        if other != name:
            raise DataError(
                f"ImageFolder: {root}: the folders {other!r} and {name!r} are one number; are they "
                "one class?\n  Then move the pictures of one into the other. If they are two, "
                f"name them all: class_names=[{other!r}, {name!r}, ...]."
            )


def _are_numbers(names: Iterable[str]) -> bool:
    return all(each.isascii() and each.isdigit() for each in names)


def _rank(name: str, names: dict[str, str]) -> tuple[int, str]:
    return (int(name) if _are_numbers(names) else 0, name)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DataError(
            f"ImageFolder: {folder}: the folder cannot be read: {reason}; check its permissions."
        ) from error


def _class_pictures(root: Path, name: str | None) -> tuple[list[str], Array, int]:
    """Return the pictures of a class sorted by name, what the system says of each, and how many
    entries are none."""
    entries = _entries(root / name) if name is not None else []
    # Anything but a regular file is left out: a pipe with such a name would never end.
    about = {
        f"{name}/{entry.name}": (
            about.st_size,
            about.st_mtime_ns,
            about.st_ctime_ns,
            about.st_ino % 2**63,
        )
        for entry in entries
        if is_picture(entry.name) and stat.S_ISREG((about := _stat(entry)).st_mode)
    }
    if len(about) < len(entries):
        _check_nested(root, [entry for entry in entries if not is_picture(entry.name)])
    names = sorted(about)
    rows = [about[name] for name in names]
    table = np.array(rows, np.int64).reshape(-1, 4)
    return names, table, len(entries) - len(names)


def _stat(entry: os.DirEntry[str]) -> os.stat_result:
    try:
        return os.stat(entry.path) if _ENTRIES_KNOW_LITTLE else entry.stat()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DataError(
            f"ImageFolder: {entry.path}: the file cannot be read: {reason}; remove it, or mend "
            "what it is linked to."
        ) from error


def _check_nested(root: Path, others: list[os.DirEntry[str]]) -> None:
    for entry in others:
        if not entry.is_dir() or entry.name.startswith("."):
            continue
        inside = sorted(each.name for each in _entries(Path(entry.path)) if is_picture(each.name))
        if inside:
            folder = Path(entry.path)
            raise DataError(
                f"ImageFolder: {root}: {folder.relative_to(root) / inside[0]} lies too deep; "
                "pictures must lie in the folder of their class. If the classes are in "
                f"{folder.parent}, try that folder."
            )


def _check_parts(root: Path, folders: dict[str, str]) -> None:
    known = {name for names in PARTS.values() for name in names}
    if len(folders) > 1 and {name.lower() for name in folders} <= known:
        listed = " and ".join(folders)
        raise DataError(
            f"ImageFolder: {root}: its folders {listed} are parts, not classes; read them one by "
            f'one. Try ImageFolder("{root / next(iter(folders.values()))}").'
        )


def _check_names(root: Path, folders: dict[str, str], names: tuple[str, ...]) -> None:
    if len(set(names)) != len(names):
        raise DataError(f"ImageFolder: {root}: class_names {names} must differ from each other.")
    strange = [name for name in folders if name not in names]
    if strange:
        raise DataError(
            f"ImageFolder: {root}: there is a folder {strange[0]}, but the classes are "
            f"{_listed(names)}; every folder must be one of them."
        )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= 12 else f"{', '.join(names[:10])} and so on"


def _refuse_empty(root: Path, loose: list[str]) -> NoReturn:
    pictures = sorted(filter(is_picture, loose))
    if pictures:
        more = f" and {len(pictures) - 1:,} more" if len(pictures) > 1 else ""
        raise DataError(
            f"ImageFolder: {root}: {pictures[0]}{more} lie in it directly; each picture must lie "
            "in a folder named after its class. Make one folder for each class."
        )
    raise DataError(
        f"ImageFolder: {root}: there are no folders in it; it must hold one for each class, with "
        "the pictures of that class. Is it the right folder?"
    )


def _refuse_empty_class(root: Path, name: str) -> NoReturn:
    raise DataError(
        f"ImageFolder: {root}: there is no picture in its folder {name}; every class must have "
        "one at least. Remove the folder, or name all classes with class_names=."
    )
