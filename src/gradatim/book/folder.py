"""mnist_dataset: digits as image files in the folders 0 to 9."""

from __future__ import annotations

import io
import operator
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gradatim.data.decoder import OTHER_SIZE, Form, Unreadable, opened, pixels
from gradatim.data.listing import is_picture
from gradatim.errors import DataError
from gradatim.types import Array


class mnist_dataset:
    """Images in the folders 0, 1, ... 9 of a folder; the folder's name is the label.

    Parameters
    ----------
    path : str or path
        The folder that holds the folders 0 to 9.

    Attributes
    ----------
    data_list : list of [str, int]
        Path and label of each image, by label and then by name.
    skipped : list of str
        Paths of the files that are no images: hidden ones and those of other suffixes.

    See Also
    --------
    gradatim.data.ImageFolder : the same files as arrays, kept decoded.

    Raises
    ------
    DataError
        If a folder is missing, holds files but no image, or all are empty; or, when it is read, if
        an image is damaged or of another size than the others. The message names the file.
    IndexError
        If there is no sample of that number.

    Notes
    -----
    ``dataset[i]`` is (pixels, label): grey levels divided by 255 as float64 in one row, and an
    int. A file is decoded when it is first asked for and its bytes are kept, so that a second
    epoch costs no reading. The grey levels are those of `gradatim.data.ImageFolder`: transparency
    is laid on white, deep levels become bytes. Right here: names are sorted, so that a seed means
    the same order everywhere, and a file that cannot be read is named, where the notebook fails on
    ``None``. ``gradatim data export mnist DIR --as png`` makes such folders.

    Examples
    --------
    >>> mnist_dataset("absent")
    Traceback (most recent call last):
        ...
    gradatim.errors.DataError: mnist_dataset: absent: there is no such folder; it must hold the ...
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        root = Path(path)
        self.skipped: list[str] = []
        self.data_list: list[list[Any]] = []
        for label in range(10):
            self.data_list += [[file, label] for file in self._images(root, label)]
        if not self.data_list:
            raise DataError(_without_image(root))
        self._labels = np.array([label for _, label in self.data_list])
        self._pixels: Array | None = None
        self._form = Form("L", 0, 0)
        self._is_read = np.zeros(len(self.data_list), bool)
        self._unread = len(self.data_list)

    def __len__(self) -> int:
        return len(self.data_list)

    def __getitem__(self, i: int) -> tuple[Array, int]:
        position = operator.index(i)
        if not -len(self) <= position < len(self):
            raise IndexError(f"mnist_dataset: there is no sample {i}; there are {len(self)}")
        return self.samples_at([position % len(self)])[0]

    def samples_at(self, positions: Sequence[int] | Array) -> list[tuple[Array, int]]:
        """Return the samples at ``positions``, faster than one by one."""
        where = np.asarray(positions)
        if self._unread:
            for position in np.unique(where[~self._is_read[where]]).tolist():
                self._read(position)
        if self._pixels is None:
            return []
        return list(zip(self._pixels[where] / 255, self._labels[where].tolist()))

    def _images(self, root: Path, label: int) -> list[str]:
        folder = root / str(label)
        if not folder.is_dir():
            missing = root if not root.is_dir() else folder
            raise DataError(
                f"mnist_dataset: {missing}: there is no such folder; it must hold the folders 0 "
                "to 9 with an image for each digit.\n"
                "  `gradatim data export mnist DIR --as png` makes them."
            )
        files = sorted(file for file in folder.iterdir() if file.is_file())
        images = [str(file) for file in files if is_picture(file.name)]
        self.skipped += [str(file) for file in files if not is_picture(file.name)]
        if files and not images:
            raise DataError(_without_image(folder))
        return images

    def _read(self, position: int) -> None:
        file = self.data_list[position][0]
        try:
            content = Path(file).read_bytes()
            if self._pixels is None:
                width, height = opened(io.BytesIO(content)).size
                self._form = Form("L", height, width)
            row = np.frombuffer(pixels(content, self._form), np.uint8)
        except (OSError, Unreadable) as error:
            raise DataError(f"mnist_dataset: {file}: {_wrong(error, self._form)}") from error
        if self._pixels is None:
            self._pixels = np.empty((len(self), row.size), np.uint8)
        self._pixels[position] = row
        self._is_read[position] = True
        self._unread -= 1


def _without_image(folder: Path) -> str:
    return (
        f"mnist_dataset: {folder}: there is no image in it; files must end in .png, .jpg, .bmp or "
        "another suffix of images."
    )


def _wrong(error: Exception, form: Form) -> str:
    if not isinstance(error, Unreadable):
        return f"the image cannot be read: {error}"
    if error.kind == OTHER_SIZE:
        return (
            f"the image is {error.detail}, others are {form.height} x {form.width}; all must be of "
            "one size."
        )
    reason = f" ({error.detail})" if error.detail else ""
    return f"this is not an image, or it is damaged{reason}."
