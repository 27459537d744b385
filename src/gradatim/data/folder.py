"""Pictures sorted into folders, one a class, as a dataset."""

from __future__ import annotations

import hashlib
import io
import math
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, NoReturn

import numpy as np

from gradatim.cache import cache_folder
from gradatim.data.cache import BYTE_SCALE, Kept, PictureCache, Sink, memory_sink
from gradatim.data.dataset import Dataset
from gradatim.data.decoder import (
    COLOUR,
    DAMAGED,
    FOREIGN,
    LARGE,
    OTHER_SIZE,
    UNOPENED,
    Fault,
    Form,
    Mode,
    Unreadable,
    is_grey,
    opened,
    pixels,
)
from gradatim.data.decoding import Decoded, decode_all, suitable_workers
from gradatim.data.listing import Listing, list_pictures
from gradatim.data.meter import Kind, metering, notify
from gradatim.errors import DataError, DtypeError
from gradatim.types import Array, Shape

_WRONG = {
    FOREIGN: "this is no picture that can be read",
    LARGE: "the picture has more pixels than can be opened safely ({})",
    DAMAGED: "the picture is damaged or cut short ({})",
    UNOPENED: "the file cannot be read: {}",
}


class _Wish(NamedTuple):
    """How pictures are wanted; None where the pictures decide."""

    mode: Mode | None
    size: tuple[int, int] | None


class ImageFolder(Dataset):
    """Pictures in a folder per class.

    ``path/cat/anything.png`` has the class ``cat``. Labels count the class folders in the order of
    their names, or of their values where all names are whole numbers; pictures are in the order of
    their labels, and of their names within a class. Files that are no pictures are left out and
    counted; a picture that cannot be read is an error that names it.

    Parameters
    ----------
    path
        The folder that holds the class folders.
    mode
        ``"L"``: grey levels, shape (N, H, W). ``"RGB"``: colours, shape (N, 3, H, W). None: grey
        if all pictures are stored in grey, else colours. Transparency is laid on white, deep
        levels become bytes, the orientation noted by a camera is applied.
    size
        (H, W) to which every picture is scaled. None: they must all have one size.
    class_names
        Names of the classes in the order of their labels; then a class may lack pictures.
        By default those of the folders.
    cache
        Folder in which decoded pictures are kept; None for ``$GRADATIM_CACHE``, else the
        platform's folder for caches; False for nowhere. Where nothing can be written, pictures
        are decoded each time.
    workers
        Processes that decode; None for as many as there are cores, where that pays.
    progress
        ``"auto"``: a bar on stderr if that is a terminal or a notebook. ``"none"``: silence.

    Attributes
    ----------
    inputs, targets
        The pictures as bytes, mapped from the cache, and the labels; read-only.
    scale
        1/255: batches are floats from 0 to 1.
    name, classes, class_names
        Name of the folder, number of classes and their names.
    path
        The folder.
    skipped
        How many files beside the pictures were left out.

    Raises
    ------
    DataError
        There is no class folder or no picture in one, a picture cannot be read, or they differ in
        size and `size` is not given.
    DtypeError
        `mode`, `size`, `workers` or `progress` is not what it must be.

    Notes
    -----
    The cache is keyed by the contents of all files. Sizes and times of the files tell whether they
    must be read again, so opening 60,000 pictures of MNIST for a second time takes half a second.
    What is kept is compared with its checksum; what is damaged is decoded anew. Of each folder the
    newest five states are kept; the cache may be removed at any time. Two processes may decode one
    folder at once.

    The pixels equal those of the same pictures in an IDX file.

    Examples
    --------
    >>> import tempfile
    >>> from PIL import Image
    >>> root = tempfile.TemporaryDirectory()
    >>> for name, level in (("night", 10), ("day", 200)):
    ...     os.mkdir(f"{root.name}/{name}")
    ...     Image.new("L", (4, 3), level).save(f"{root.name}/{name}/a.png")
    >>> data = ImageFolder(root.name, cache=False)
    >>> data.class_names, data.inputs.shape, data.targets.tolist()
    (('day', 'night'), (2, 3, 4), [0, 1])
    >>> root.cleanup()
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        mode: Mode | None = None,
        size: tuple[int, int] | None = None,
        class_names: Sequence[str] | None = None,
        cache: str | os.PathLike[str] | Literal[False] | None = None,
        workers: int | None = None,
        progress: Kind = "auto",
    ) -> None:
        wish = _Wish(_checked_mode(mode), _checked_size(size))
        root = Path(path).expanduser()
        listing = list_pictures(root, class_names)
        self._names = listing.names
        self.path: Final = root
        self.skipped: Final = listing.skipped
        reader = _Reader(listing, wish, _checked_workers(workers), progress)
        folder = None if cache is False else Path(cache) if cache is not None else cache_folder()
        kept = reader.read(folder)
        super().__init__(
            kept.images,
            listing.labels,
            scale=BYTE_SCALE,
            name=root.resolve().name,
            classes=len(listing.class_names),
            class_names=listing.class_names,
            checksum=kept.checksum,
        )

    def file(self, index: int) -> Path:
        """Return the file of a picture.

        Parameters
        ----------
        index
            Number of the sample.

        Returns
        -------
        Path
            Below `path`.
        """
        return self.path / self._names[index]

    def __repr__(self) -> str:
        left_out = f", {self.skipped:,} other files left out" if self.skipped else ""
        return f"ImageFolder{super().__repr__().removeprefix('Dataset')}{left_out}"


def read_picture(path: str | os.PathLike[str], shape: Shape) -> Array:
    """Read one picture as `ImageFolder` reads many.

    Parameters
    ----------
    path
        The file.
    shape
        (H, W) for grey levels or (3, H, W) for colours; the picture is scaled to it.

    Returns
    -------
    Array
        Of this shape, uint8, the caller's own.

    Raises
    ------
    DataError
        The file cannot be read, or is no picture.

    Examples
    --------
    >>> read_picture("absent.png", (28, 28))
    Traceback (most recent call last):
        ...
    gradatim.errors.DataError: read_picture: absent.png: the file cannot be read: no such file...
    """
    mode: Mode = "L" if len(shape) == 2 else "RGB"
    try:
        found = pixels(Path(path).read_bytes(), Form(mode, shape[-2], shape[-1], fit=True))
    except OSError as error:
        raise DataError(
            f"read_picture: {path}: the file cannot be read: "
            f"{(error.strerror or str(error)).lower()}; check the path."
        ) from error
    except Unreadable as error:
        raise DataError(
            f"read_picture: {path}: {_WRONG[error.kind].format(error.detail)}; it must be PNG, "
            "JPEG or another picture. Save it again."
        ) from error
    return np.frombuffer(found, np.uint8).reshape(shape).copy()


class _Reader:
    """Brings the pictures of a listing, from the cache if they are there."""

    def __init__(self, listing: Listing, wish: _Wish, workers: int | None, progress: Kind) -> None:
        self._listing, self._wish, self._progress = listing, wish, progress
        self._names, self._labels = listing.names, listing.labels
        self._workers = workers or suitable_workers(len(listing.names), listing.nbytes)

    def read(self, folder: Path | None) -> Kept:
        if folder is None:
            return self._in_memory()
        key, stamp = self._listing.key(tuple(self._wish)), self._listing.stamp()
        cache = PictureCache(folder, key, stamp, self._labels, self._listing.root)
        kept = cache.noted()
        if kept is None and cache.holds_any():
            kept = self._by_contents(cache)
        return self._decoded_into(cache) if kept is None else kept

    def _by_contents(self, cache: PictureCache) -> Kept | None:
        """Look up pictures whose files were copied or touched: reading is less than decoding."""
        digests = []
        with metering(self._progress, "Reading pictures", len(self._names)) as advance:
            for name in self._names:
                try:
                    content = (self._listing.root / name).read_bytes()
                except OSError:
                    return None
                digests.append(hashlib.sha256(content).digest())
                if not len(digests) % 500:
                    advance(500)
        contents = _contents(b"".join(digests))
        kept = cache.load(contents)
        if kept is not None:
            cache.note(contents, self._listing.newest_ns)
        return kept

    def _decoded_into(self, cache: PictureCache) -> Kept:
        form = self._form()
        try:
            contents, kept = self._keep(cache, form)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            notify(
                self._progress,
                f"ImageFolder: decoded pictures cannot be kept in {cache.folder}: {reason}; they "
                "will be decoded again next time. Choose another folder with cache= or "
                "$GRADATIM_CACHE.",
            )
            return self._in_memory()
        cache.note(contents, self._listing.newest_ns)
        return kept

    def _keep(self, cache: PictureCache, form: Form) -> tuple[str, Kept]:
        def fill(sink: Sink) -> str:
            return _contents(self._decode(form, sink))

        try:
            return cache.keep((len(self._names), *form.shape), fill)
        except _Colourful:
            colours = form._replace(mode="RGB", strict=False)
            return self._keep(cache, colours)

    def _in_memory(self) -> Kept:
        form = self._form()
        try:
            images = self._filled(form)
        except _Colourful:
            images = self._filled(form._replace(mode="RGB", strict=False))
        return Kept(images, Dataset(images, self._labels, scale=BYTE_SCALE).checksum)

    def _filled(self, form: Form) -> Array:
        images = np.empty((len(self._names), *form.shape), np.uint8)
        self._decode(form, memory_sink(images))
        return images

    def _decode(self, form: Form, sink: Sink) -> bytes:
        with metering(self._progress, "Decoding pictures", len(self._names)) as advance:
            decoded = decode_all(
                self._listing.root,
                self._names,
                form,
                sink,
                workers=self._workers,
                advance=advance,
            )
        self._check(decoded, form)
        return decoded.digests

    def _form(self) -> Form:
        """Take from the first picture what was not asked for."""
        mode, size = self._wish
        if mode is not None and size is not None:
            return Form(mode, *size, fit=True)
        first = self._listing.root / self._names[0]
        try:
            image = opened(io.BytesIO(first.read_bytes()))
        except Unreadable as error:
            self._refuse([Fault(0, error.kind, error.detail)])
        except OSError as error:
            self._refuse([Fault(0, UNOPENED, (error.strerror or str(error)).lower())])
        height, width = size or (image.height, image.width)
        found: Mode = mode or ("L" if is_grey(image) else "RGB")
        return Form(found, height, width, fit=size is not None, strict=mode is None)

    def _check(self, decoded: Decoded, form: Form) -> None:
        unreadable = [fault for fault in decoded.faults if fault.kind in _WRONG]
        if unreadable:
            self._refuse(unreadable)
        # Colours come before sizes: decoded in colour, files of other sizes will be met again.
        if any(fault.kind == COLOUR for fault in decoded.faults):
            raise _Colourful
        if decoded.faults:
            self._refuse_sizes(decoded.faults, form)

    def _refuse(self, faults: list[Fault]) -> NoReturn:
        first = faults[0]
        more = _more(len(faults), "cannot be read either")
        raise DataError(
            f"ImageFolder: {self._listing.root / self._names[first.number]}: "
            f"{_WRONG[first.kind].format(first.detail)}{more}; every picture must be readable. "
            "Save, copy or remove it."
        )

    def _refuse_sizes(self, faults: list[Fault], form: Form) -> NoReturn:
        assert all(fault.kind == OTHER_SIZE for fault in faults)
        root, first = self._listing.root, faults[0]
        more = _more(len(faults), "have other sizes than the first too")
        counts = Counter(fault.detail for fault in faults)
        counts[f"{form.height} x {form.width}"] = len(self._names) - len(faults)
        usual = tuple(map(int, counts.most_common(1)[0][0].split(" x ")))
        raise DataError(
            f"ImageFolder: {root / self._names[0]} is {form.height} x {form.width}, but "
            f"{root / self._names[first.number]} is {first.detail}{more}; pictures must all have "
            f"one size. Try size={usual} to scale them."
        )


class _Colourful(Exception):
    """Among pictures in grey there is one in colour."""


def _contents(digests: bytes) -> str:
    return hashlib.sha256(digests).hexdigest()


def _more(count: int, how: str) -> str:
    return "" if count == 1 else f", and {count - 1:,} more {how}"


def _checked_mode(mode: Any) -> Mode | None:
    if mode not in (None, "L", "RGB"):
        raise DtypeError(
            f'ImageFolder: mode is {mode!r}; it must be "L" (grey), "RGB" (colour) or None, which '
            'takes what the pictures have. Try mode="L".'
        )
    return mode


def _checked_size(size: Any) -> tuple[int, int] | None:
    if size is None:
        return None
    try:
        height, width = (int(side) for side in size if math.floor(side) == side >= 1)
    except (TypeError, ValueError):
        raise DtypeError(
            f"ImageFolder: size is {size!r}; it must be (height, width), two whole numbers from 1. "
            "Try size=(28, 28)."
        ) from None
    return height, width


def _checked_workers(workers: Any) -> int | None:
    if workers is not None and not (isinstance(workers, int) and workers >= 1):
        raise DtypeError(
            f"ImageFolder: workers is {workers!r}; it must be a whole number from 1, or None for "
            "as many as pay. Try workers=2."
        )
    return workers
