"""MNIST, 70,000 handwritten digits, embedded in the package.

The packed files are unpacked once into a folder of the user and from then on mapped into memory,
read-only, so that a process pays for the images that it touches and several processes share them.
What is unpacked is checked against its sha256, and what was unpacked earlier against sums of all
its bytes, in 10 ms instead of 45 at each start. Sums find what befalls a file by accident; only
somebody who means to can change it under them, and who may write into that folder can do worse.
"""

from __future__ import annotations

import functools
import hashlib
import math
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gradatim.cache import cache_folder
from gradatim.data.dataset import Dataset
from gradatim.data.idx import idx_header, read_idx, write_idx
from gradatim.errors import DataError
from gradatim.types import Array, Shape


class _File(NamedTuple):
    name: str
    shape: Shape
    sha256: str
    sums: str
    """What `_sums` gives of it: of a file as short as the test labels its sha256, as each column is
    a single word."""


_FILES = {
    "train": (
        _File(
            "train-images-idx3-ubyte",
            (60000, 28, 28),
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "74a201a5a4e4c984ff29a82d25d8b7243a26d8de25087263751300d915a9b98d",
        ),
        _File(
            "train-labels-idx1-ubyte",
            (60000,),
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "e8b49d1337844a7adf68bf585a10bd00b524e0d0225d6489f16a18b4a7f83b48",
        ),
    ),
    "test": (
        _File(
            "t10k-images-idx3-ubyte",
            (10000, 28, 28),
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "979a7796efdaebf3cb7de94cb36a3a3549854e0edc7c9861df3e54cb40f654dc",
        ),
        _File(
            "t10k-labels-idx1-ubyte",
            (10000,),
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
}

_COLUMNS = 1021
"""A prime: parts of a file that change places also change columns."""

# Dataset.checksum of each part, written down to spare hashing 54 MB a second time; a test
# computes them anew.
_CHECKSUMS = {
    "train": "4fdfb90f5a718491e8f729a86151a1fa5008eb5c244f95d20d459d9a5994cc21",
    "test": "7663032cc072158182b0b286ee6fbc9a3fde5d629106afadeae5ca4f1382b7f5",
}


def mnist(cache: str | os.PathLike[str] | None = None) -> tuple[Dataset, Dataset]:
    """Return MNIST's 60,000 training and 10,000 test digits.

    Parameters
    ----------
    cache
        Folder for the unpacked files; by default ``$GRADATIM_CACHE``, else the platform's folder
        for caches. Where nothing can be written, the data is kept in memory instead.

    Returns
    -------
    train : Dataset
        Inputs (60000, 28, 28) uint8, 0 paper and 255 ink, scale 1/255; labels 0 to 9.
    test : Dataset
        The same with 10,000 digits.

    Raises
    ------
    DataError
        The files in the package are damaged.

    Notes
    -----
    The first call on a machine takes about a second, later ones a twentieth, later ones in
    the same process nothing. ``.flatten()`` gives inputs (N, 784), ``.reshape(1, 28, 28)``
    channels.

    Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to
    document recognition", Proceedings of the IEEE 86(11), 1998. Licence: CC BY-SA 3.0, see
    ``embedded/mnist/NOTICE``.

    Examples
    --------
    >>> train, test = mnist()
    >>> train
    Dataset mnist train: 60000 samples of shape (28, 28) uint8 / 255, 10 classes
    >>> test.targets[:10]
    array([7, 2, 1, 0, 4, 1, 4, 9, 5, 9], dtype=uint8)
    """
    folder = cache_folder() if cache is None else Path(cache)
    return _datasets(folder.absolute() / "mnist")


def load_mnist(
    normalize: bool = True, flatten: bool = True, one_hot: bool = False
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Return MNIST as four arrays, as the book's function of this name does.

    Parameters
    ----------
    normalize
        True: images as float32 from 0 to 1, each byte divided by 255. False: the bytes, uint8.
    flatten
        True: images of shape (N, 784). False: (N, 1, 28, 28).
    one_hot
        True: labels as float64 of shape (N, 10), as in the book. False: int64 of shape (N,).

    Returns
    -------
    train : tuple of Array
        Images and labels, N = 60,000. The images take 188 MB in float32.
    test : tuple of Array
        Images and labels, N = 10,000.

    Raises
    ------
    DataError
        The files in the package are damaged.

    Notes
    -----
    The arrays are fresh at each call and the caller's to change. `mnist` takes a quarter of the
    memory: it converts a batch at a time.

    Source: K. Saitoh, "Deep Learning from Scratch", section 3.6.1.

    Examples
    --------
    >>> (x_train, t_train), (x_test, t_test) = load_mnist()
    >>> x_test.shape, x_test.dtype, t_test[:3]
    ((10000, 784), dtype('float32'), array([7, 2, 1]))
    """
    train, test = (
        _arrays(part.flatten() if flatten else part.reshape(1, 28, 28), normalize, one_hot)
        for part in mnist()
    )
    return train, test


def _arrays(data: Dataset, normalize: bool, one_hot: bool) -> tuple[Array, Array]:
    images, labels = data.arrays(np.float32 if normalize else None)
    return images, np.eye(10)[labels] if one_hot else labels


@functools.cache
def _datasets(folder: Path) -> tuple[Dataset, Dataset]:
    train, test = (
        Dataset(
            _array(images, folder),
            _array(labels, folder),
            scale=1 / 255,
            name=f"mnist {part}",
            classes=10,
            checksum=_CHECKSUMS[part],
        )
        for part, (images, labels) in _FILES.items()
    )
    return train, test


def _array(file: _File, folder: Path) -> Array:
    mapped = _mapped(file, folder / file.name)
    if mapped is not None:
        return mapped
    array = _embedded(file)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_idx(folder / file.name, array)
    except (OSError, DataError):
        return array
    mapped = _mapped(file, folder / file.name)
    return array if mapped is None else mapped


def _mapped(file: _File, path: Path) -> Array | None:
    """Map an unpacked file into memory, or None if it is missing or not what it must be."""
    try:
        content = np.memmap(path, mode="r")
    except (OSError, ValueError):  # ValueError: an empty file
        return None
    header_bytes = 4 + 4 * len(file.shape)
    if len(content) != header_bytes + math.prod(file.shape):
        return None
    # What is summed is the map itself: a file renamed over it later cannot change it.
    if _sums(np.asarray(content)) != file.sums:
        return None
    return np.asarray(content)[header_bytes:].reshape(file.shape)


def _sums(content: Array) -> str:
    """Return the sha256 of the sums of columns of words; a change of one byte changes it."""
    words = content.view("<u8")
    whole = len(words) // _COLUMNS * _COLUMNS
    sums = words[:whole].reshape(-1, _COLUMNS).sum(axis=0, dtype=np.uint64)
    return hashlib.sha256(np.append(sums, words[whole:]).astype("<u8").tobytes()).hexdigest()


def _embedded(file: _File) -> Array:
    from importlib import resources

    packed = resources.files("gradatim.data") / "embedded" / "mnist" / f"{file.name}.xz"
    with resources.as_file(packed) as path:
        array = read_idx(path)
    digest = hashlib.sha256(idx_header(array))
    digest.update(array.data)
    if digest.hexdigest() != file.sha256:
        raise DataError(
            f"mnist: {packed.name} in the package is damaged: sha256 {digest.hexdigest()}.\n"
            f"  It must be {file.sha256}. Install gradatim anew?"
        )
    return array
