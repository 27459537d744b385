"""The IDX file format, in which MNIST is published.

A file is a header and the raw numbers, all big endian::

    00 00 | dtype | rank | size of axis 0 | size of axis 1 | ... | numbers, last axis fastest
    2 B     1 B     1 B    4 B              4 B

The header tells exactly how many bytes must follow. So a file is never trusted further than its
header: a plain file is compared with its size on disk before memory is taken, a compressed one is
unpacked piece by piece into memory that grows with what has truly arrived.
"""

from __future__ import annotations

import math
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from gradatim.atomic import writing
from gradatim.data.compressed import DAMAGE, PIECE_BYTES, packing, unpacked
from gradatim.errors import DataError, DtypeError
from gradatim.types import Array, Shape

DTYPES: dict[int, np.dtype[Any]] = {
    0x08: np.dtype(np.uint8),
    0x09: np.dtype(np.int8),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
"""Dtype code in the header to the dtype of the numbers."""

MAX_RANK = 8
"""More axes than this are taken for a damaged header."""

MAX_BYTES = 4 * 2**30
"""Largest array that is read without being told that it may be larger."""


def read_idx(path: str | os.PathLike[str], *, max_bytes: int = MAX_BYTES) -> Array:
    """Read an array from an IDX file.

    A file packed by gzip or xz is recognised by its first bytes, whatever its name.

    Parameters
    ----------
    path
        The file.
    max_bytes
        Largest array, in bytes, that may be read.

    Returns
    -------
    Array
        The numbers: rank 1 to 8, dtype uint8, int8, int16, int32, float32 or float64 in native
        byte order, writable, shared with nobody.

    Raises
    ------
    DataError
        The magic number is not IDX's, the file is shorter or longer than its header says, the
        header asks for more than `max_bytes`, or a packed stream is damaged.
    OSError
        The file does not exist or may not be read.

    Notes
    -----
    Never takes more memory than the array, an eighth of it and what unpacking needs (65 MiB for
    the strongest xz), and never more than a small multiple of what the file truly yields.

    Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", the
    section on the IDX file format.

    Examples
    --------
    >>> import tempfile
    >>> from gradatim.data import write_idx
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_idx(f"{folder}/labels.gz", np.array([5, 0, 4], dtype=np.uint8))
    ...     read_idx(f"{folder}/labels.gz")
    array([5, 0, 4], dtype=uint8)
    """
    name = Path(path).name
    with open(path, "rb") as file:
        try:
            return _read(file, name, max_bytes)
        except DAMAGE as error:
            raise DataError(
                f"read_idx: {name}: the compressed stream is damaged: {error}.\n"
                "  It must unpack to its very end. Copy the file again?"
            ) from error


def write_idx(path: str | os.PathLike[str], array: Array) -> None:
    """Write an array as an IDX file, packed if the name ends in ``.gz`` or ``.xz``.

    The file appears whole or not at all: it is written under a temporary name beside `path` and
    then renamed. The same array gives the same bytes every time.

    Parameters
    ----------
    path
        The file; an older one of that name is replaced.
    array
        Rank 1 to 8, dtype uint8, int8, int16, int32, float32 or float64, any layout.

    Raises
    ------
    DtypeError
        IDX has no code for the dtype.
    DataError
        The rank is not 1 to 8, an axis is longer than 2**32 - 1, or the file cannot be written
        there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_idx(f"{folder}/eye.idx", np.eye(2, dtype=np.float32))
    ...     read_idx(f"{folder}/eye.idx")
    array([[1., 0.],
           [0., 1.]], dtype=float32)
    """
    array = np.asarray(array)
    header = idx_header(array)
    path = Path(path)
    with writing(path) as below, packing(below, path.suffix) as file:
        file.write(header)
        for piece in _big_endian_pieces(array, DTYPES[header[2]]):
            file.write(piece)


def idx_header(array: Array) -> bytes:
    """Return the bytes that stand before the numbers of `array` in an IDX file.

    Parameters
    ----------
    array
        Rank 1 to 8, dtype uint8, int8, int16, int32, float32 or float64.

    Returns
    -------
    bytes
        4 bytes of magic number and 4 bytes for each axis.

    Raises
    ------
    DtypeError
        IDX has no code for the dtype.
    DataError
        The rank is not 1 to 8, or an axis is longer than 2**32 - 1.

    Examples
    --------
    >>> idx_header(np.zeros((2, 3), dtype=np.uint8)).hex(" ", 4)
    '00000802 00000002 00000003'
    """
    code = _dtype_code(array.dtype)
    if not 1 <= array.ndim <= MAX_RANK:
        raise DataError(
            f"write_idx: the array has {array.ndim} axes.\n"
            f"  An IDX file holds 1 to {MAX_RANK} axes. Try array.reshape(-1)?"
        )
    if max(array.shape) >= 2**32:
        raise DataError(
            f"write_idx: shape {array.shape} has an axis of {max(array.shape)}.\n"
            "  An IDX file counts an axis in 4 bytes, so to 2**32 - 1. Write several files?"
        )
    sizes = (size.to_bytes(4, "big") for size in array.shape)
    return bytes((0, 0, code, array.ndim)) + b"".join(sizes)


def _dtype_code(dtype: np.dtype[Any]) -> int:
    for code, known in DTYPES.items():
        if known == dtype.newbyteorder(">"):
            return code
    raise DtypeError(
        f"write_idx: the array is {dtype}.\n"
        "  IDX knows uint8, int8, int16, int32, float32 and float64. "
        "Try array.astype(np.int32) or another of them?"
    )


def _read(file: BinaryIO, name: str, max_bytes: int) -> Array:
    stream = unpacked(file)
    dtype, shape = _read_header(stream, name)
    n_bytes = math.prod(shape) * dtype.itemsize
    _check_size(name, dtype, shape, max_bytes)
    if stream is file and stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        # Nothing is packed, so the size on disk settles it before memory is taken.
        _check_length(name, shape, n_bytes, os.fstat(file.fileno()).st_size - file.tell())
    numbers = bytearray()
    while piece := stream.read(min(PIECE_BYTES, n_bytes - len(numbers))):
        numbers += piece
    _check_length(name, shape, n_bytes, len(numbers) + len(stream.read(1)))
    array = np.frombuffer(numbers, dtype).reshape(shape)
    if not dtype.isnative:
        array = array.byteswap(inplace=True).view(dtype.newbyteorder("="))
    return array


def _read_header(stream: BinaryIO, name: str) -> tuple[np.dtype[Any], Shape]:
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in DTYPES or magic[3] == 0:
        codes = ", ".join(f"{code:#04x}" for code in DTYPES)
        raise DataError(
            f"read_idx: {name}: the magic number is 0x{magic.hex() or '(nothing)'}.\n"
            f"  It must be two zero bytes, a dtype code ({codes}) and the number of axes; "
            "is this an IDX file?"
        )
    rank = magic[3]
    if rank > MAX_RANK:
        raise DataError(
            f"read_idx: {name}: the header claims {rank} axes.\n"
            f"  At most {MAX_RANK} are read; is the file damaged?"
        )
    sizes = stream.read(4 * rank)
    if len(sizes) < 4 * rank:
        raise DataError(
            f"read_idx: {name}: the header ends after {4 + len(sizes)} bytes.\n"
            f"  {rank} axes need {4 + 4 * rank}. Copy the file again?"
        )
    shape = tuple(int.from_bytes(sizes[at : at + 4], "big") for at in range(0, 4 * rank, 4))
    return DTYPES[magic[2]], shape


def _check_size(name: str, dtype: np.dtype[Any], shape: Shape, max_bytes: int) -> None:
    # An axis of 0 must not excuse the others: NumPy refuses such shapes in words of its own.
    claimed = math.prod(max(size, 1) for size in shape) * dtype.itemsize
    if claimed > max_bytes:
        raise DataError(
            f"read_idx: {name}: the header claims shape {shape}, {claimed:,} bytes.\n"
            f"  At most {max_bytes:,} are read. Is the file damaged, "
            f"or is max_bytes={claimed} meant?"
        )


def _check_length(name: str, shape: Shape, expected: int, found: int) -> None:
    if found == expected:
        return
    fault = "is truncated" if found < expected else "has trailing bytes"
    amount = f"{found:,}" if found < expected else f"more than {expected:,}"
    raise DataError(
        f"read_idx: {name}: the file {fault}: {amount} bytes of numbers.\n"
        f"  Shape {shape} needs exactly {expected:,}. Copy the file again?"
    )


def _big_endian_pieces(array: Array, dtype: np.dtype[Any]) -> Iterator[bytes]:
    """Cut along the first axis, so that a converted copy never stands whole in memory."""
    if array.size == 0:
        return
    rows = max(1, PIECE_BYTES * len(array) // max(1, array.nbytes))
    for start in range(0, len(array), rows):
        yield array[start : start + rows].astype(dtype, copy=False).tobytes()
