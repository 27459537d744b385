"""The pictures of a folder with a folder per class: which files there are, in which order."""

from __future__ import annotations

import hashlib
import os
import stat
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

from gradatim.errors import DataError

SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".dib", ".gif", ".webp", ".tif", ".tiff",
     ".ppm", ".pgm", ".pbm", ".pnm", ".tga", ".ico", ".pcx", ".jp2", ".j2k", ".avif", ".sgi", ".dds")
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


class Picture(NamedTuple):
    """A file: its name below the root, its label, and what the system says of it."""

    name: str
    label: int
    nbytes: int
    times: tuple[int, int, int]

    @property
    def newest_ns(self) -> int:
        """When the file was last touched, in nanoseconds since 1970."""
        return max(self.times[:2])


class Listing(NamedTuple):
    """Every picture below a root, class by class and sorted within each."""

    root: Path
    class_names: tuple[str, ...]
    pictures: list[Picture]
    skipped: int

    def key(self, settings: object) -> str:
        """Return a digest of names, labels and sizes, and of how pictures are to be read."""
        digest = hashlib.sha256(repr((settings, len(self.class_names))).encode())
        for each in self.pictures:
            digest.update(f"{each.name!a} {each.label} {each.nbytes}\n".encode())
        return digest.hexdigest()[:32]

    def stamp(self) -> str:
        """Return a digest that changes whenever a file is written, replaced or moved."""
        digest = hashlib.sha256()
        for each in self.pictures:
            digest.update(f"{each.name!a} {each.times}\n".encode())
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
        There are no class folders, one has no pictures, one is not among `class_names`, or
        pictures lie deeper than in a class folder.

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
    names = tuple(class_names) if class_names is not None else tuple(folders)
    _check_names(root, folders, names)
    pictures: list[Picture] = []
    skipped = len(loose)
    for label, name in enumerate(names):
        if name in folders:
            found, others = _class_pictures(root, folders[name], label)
            if not found and class_names is None:
                _refuse_empty_class(root, folders[name])
            pictures += found
            skipped += others
    if not pictures:
        raise DataError(f"ImageFolder: {root}: its class folders hold no picture; fill them.")
    return Listing(root, names, pictures, skipped)


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
    suffix = os.path.splitext(name)[1].lower()
    if name.startswith(".") or not suffix:
        return False
    return suffix in SUFFIXES or _pillow_reads(suffix)


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
            found[unicodedata.normalize("NFC", entry.name)] = entry.name
    return dict(sorted(found.items(), key=lambda item: _rank(item[0], found))), loose


def _rank(name: str, names: dict[str, str]) -> tuple[int, str]:
    numbers = all(each.isascii() and each.isdigit() for each in names)
    return (int(name) if numbers else 0, name)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DataError(
            f"ImageFolder: {folder}: the folder cannot be read: {reason}; check its permissions."
        ) from error


def _class_pictures(root: Path, name: str, label: int) -> tuple[list[Picture], int]:
    """Return the pictures of a class, sorted by name, and how many entries are none."""
    found, skipped = [], 0
    for entry in _entries(root / name):
        if is_picture(entry.name) and (about := _about(entry, root)) is not None:
            times = (about.st_mtime_ns, about.st_ctime_ns, about.st_ino)
            found.append(Picture(f"{name}/{entry.name}", label, about.st_size, times))
            continue
        skipped += 1
        if entry.is_dir() and not entry.name.startswith("."):
            _check_nested(root, Path(entry.path))
    return sorted(found), skipped


def _about(entry: os.DirEntry[str], root: Path) -> os.stat_result | None:
    """Return what the system says of a file; None for what is no file but has such a name."""
    try:
        about = entry.stat()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DataError(
            f"ImageFolder: {entry.path}: the file cannot be read: {reason}; remove it, or mend "
            "what it is linked to."
        ) from error
    return about if stat.S_ISREG(about.st_mode) else None


def _check_nested(root: Path, folder: Path) -> None:
    inside = sorted(entry.name for entry in _entries(folder) if is_picture(entry.name))
    if inside:
        raise DataError(
            f"ImageFolder: {root}: {folder.relative_to(root) / inside[0]} lies too deep; pictures "
            f"must lie in the folder of their class. If the classes are in {folder.parent}, try "
            "that folder."
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
