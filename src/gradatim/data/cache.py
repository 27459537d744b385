"""What can be made again is kept in a folder of the user: pictures as they were decoded.

The pictures of a folder are kept under two digests. The outer one, a folder, tells names and sizes
of the files and how they are read. The inner one, a file, tells the contents of every file: it is
what decides. So that the contents need not be read each time, a note per *stamp* (times and numbers
that the system gives to files) says which contents were seen behind it. A file of arrays ends with
its checksum, which is compared at each opening.

A folder of pictures that grows has another outer digest each time, so an empty file in each tells
whose it is, and when it was last of use. Only the newest few of each folder of pictures remain.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import IO, Any, NamedTuple

import numpy as np

from gradatim.atomic import writing
from gradatim.data.dataset import Dataset
from gradatim.errors import DataError
from gradatim.types import Array, Shape

BYTE_SCALE = 1 / 255
"""What bytes are multiplied by on their way out."""

# A file written within the grain of a file system's clock (2 s at the coarsest) after it was read
# would keep its stamp.
SETTLED_NS = 2 * 10**9

_CHECKSUM_BYTES = 64
_STALE_SECONDS = 24 * 3600
_MOST = 5

Sink = Callable[[int, bytes | bytearray], None]
"""Takes the bytes of pictures, from the given number on; may be called by several threads."""


class Kept(NamedTuple):
    """Decoded pictures and the checksum of the dataset that they make."""

    images: Array
    checksum: str


class PictureCache:
    """Where the pictures of one listing are kept.

    Parameters
    ----------
    root
        Folder of the cache.
    key
        Digest of names and sizes of the files.
    stamp
        Digest of the files' times.
    labels
        Shape (N,): checked together with the pictures.
    source
        The folder of pictures, of which only the newest few entries remain; None to keep all.
    """

    def __init__(
        self, root: Path, key: str, stamp: str, labels: Array, source: Path | None = None
    ) -> None:
        self.folder = root.absolute() / "pictures" / key
        self._note = self.folder / f"{stamp}.seen"
        self._labels = labels
        digest = hashlib.sha256(os.fsencode(source.resolve())) if source is not None else None
        self._mark = f"{digest.hexdigest()[:32]}.of" if digest is not None else None

    def noted(self) -> Kept | None:
        """Return what was kept for files with this stamp."""
        try:
            kept = self.load(self._note.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None
        if kept is not None:
            self._tidy()
        return kept

    def holds_any(self) -> bool:
        """Whether there is something that the contents might turn out to be."""
        return self.folder.is_dir() and any(self.folder.glob("*.npy"))

    def load(self, contents: str) -> Kept | None:
        """Map what was kept for these contents; None if it is missing or damaged."""
        path = self.folder / f"{contents}.npy"
        try:
            images = np.load(path, mmap_mode="r", allow_pickle=False)
            with open(path, "rb") as file:
                file.seek(-_CHECKSUM_BYTES, os.SEEK_END)
                size, checksum = file.tell(), file.read().decode("ascii")
        except Exception:  # bad headers fail in many ways, tokenize.TokenError among them
            return None
        if images.dtype != np.uint8 or images.shape[:1] != self._labels.shape:
            return None
        if size != images.offset + images.nbytes:
            return None
        images = np.asarray(images)
        return Kept(images, checksum) if self._checksum(images) == checksum else None

    def note(self, contents: str, newest_ns: int) -> None:
        """Note that these contents lie behind the stamp, unless files may still be changing."""
        if time.time_ns() - newest_ns < SETTLED_NS:
            return
        with suppress(DataError, OSError), writing(self._note, "w") as file:
            file.write(contents)
        self._tidy()

    def keep(self, shape: Shape, fill: Callable[[Sink], str]) -> tuple[str, Kept]:
        """Keep what is written by a function, under the contents that it returns.

        Parameters
        ----------
        shape
            Of all pictures.
        fill
            Writes them into the sink that it is given.

        Returns
        -------
        contents : str
            As `fill` returned them.
        kept : Kept
            Mapped from the file.

        Raises
        ------
        DataError
            The disk is full.
        OSError
            The folder cannot be made or written.
        """
        self._prepare()
        part = self.folder / f"{secrets.token_hex(8)}.part"
        with writing(part) as file:
            form = {"descr": "|u1", "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, form)
            start = file.tell()
            contents = fill(_file_sink(file, start, int(np.prod(shape[1:]))))
            file.flush()
            images = np.memmap(file.name, np.uint8, "r", start, shape)
            checksum = self._checksum(np.asarray(images))
            del images
            file.seek(0, os.SEEK_END)
            file.write(checksum.encode("ascii"))
        kept = self._named(part, contents)
        self._tidy()
        return contents, kept

    def _prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if not os.access(self.folder, os.W_OK):
            raise PermissionError(13, "Permission denied", str(self.folder))
        # A process that was killed leaves what it was writing.
        for path in [*self.folder.glob("*.part"), *self.folder.glob(".*.tmp")]:
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                    path.unlink()

    def _tidy(self) -> None:
        """Mark this entry as used, and remove what is older than the newest few."""
        _remove_older([*self.folder.glob("*.npy")])
        _remove_older([*self.folder.glob("*.seen")])
        if self._mark is None:
            return
        own = self.folder / self._mark
        with suppress(OSError):  # what can only be read is used all the same
            own.touch()
        others = set(self.folder.parent.glob(f"*/{self._mark}")) - {own}
        for mark in _remove_older([*others], _MOST - 1):
            if not any(mark.parent.glob("*.of")):  # else the same pictures lie elsewhere as well
                _remove_older([*mark.parent.glob("*.npy"), *mark.parent.glob("*.seen")], 0)
                with suppress(OSError):  # another process may be writing there
                    mark.parent.rmdir()

    def _named(self, part: Path, contents: str) -> Kept:
        """Give a complete file its name; where another process was first, theirs is as good."""
        try:
            os.replace(part, self.folder / f"{contents}.npy")
        except OSError:
            part.unlink(missing_ok=True)
            theirs = self.load(contents)
            if theirs is None:
                raise
            return theirs
        kept = self.load(contents)
        if kept is None:
            raise DataError(
                f"ImageFolder: {self.folder / contents}.npy does not hold what was written to it; "
                "the disk may be failing. Try another folder with cache=."
            )
        return kept

    def _checksum(self, images: Array) -> str:
        return Dataset(images, self._labels, scale=BYTE_SCALE).checksum


def _remove_older(paths: list[Path], most: int = _MOST) -> list[Path]:
    """Remove files but the newest few; return those that were removed.

    What another process has mapped stays readable to it, or cannot be removed and stays.
    """
    removed = []
    with suppress(OSError):
        paths.sort(key=lambda path: path.stat().st_mtime_ns)
        for path in paths[: max(0, len(paths) - most)]:
            with suppress(OSError):
                path.unlink()
                removed.append(path)
    return removed


def memory_sink(images: Array) -> Sink:
    """Return a sink that fills an array.

    Parameters
    ----------
    images
        Shape (N, ...) uint8.

    Returns
    -------
    Sink
        Writes whole pictures.

    Examples
    --------
    >>> images = np.zeros((2, 3), np.uint8)
    >>> memory_sink(images)(1, bytes([7, 8, 9]))
    >>> images[1]
    array([7, 8, 9], dtype=uint8)
    """
    flat = images.reshape(-1)
    each = images[0].size

    def write(first: int, pixels: bytes | bytearray) -> None:
        flat[first * each : first * each + len(pixels)] = np.frombuffer(pixels, np.uint8)

    return write


def _file_sink(file: IO[Any], start: int, each: int) -> Sink:
    lock = Lock()

    def write(first: int, pixels: bytes | bytearray) -> None:
        with lock:
            file.seek(start + first * each)
            file.write(pixels)

    return write
