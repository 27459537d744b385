"""Streams packed by gzip and xz."""

from __future__ import annotations

import gzip
import io
import lzma
import zlib
from contextlib import AbstractContextManager, nullcontext
from typing import IO, Any, BinaryIO, cast

PIECE_BYTES = 2**18
"""How much is unpacked at a time."""

XZ_MEMORY_BYTES = 80 * 2**20
"""Most that unpacking xz may take: `xz -9` needs 65 MiB, but a stream may ask for 1.5 GiB before
it yields its first byte."""

DAMAGE = (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError)
"""What a damaged packed stream raises while it is read."""


def unpacked(file: BinaryIO) -> BinaryIO:
    """Look at the first bytes of a file and return a stream of what is inside.

    Parameters
    ----------
    file
        Open for reading, at its beginning, buffered as `open` gives it.

    Returns
    -------
    BinaryIO
        `file` itself, if it is not packed.

    Examples
    --------
    >>> unpacked(io.BufferedReader(io.BytesIO(gzip.compress(b"digits")))).read()
    b'digits'
    """
    first = cast(io.BufferedReader, file).peek(6)[:6]
    if first.startswith(b"\x1f\x8b"):
        return cast(BinaryIO, gzip.GzipFile(fileobj=file, mode="rb"))
    if first.startswith(b"\xfd7zXZ\0"):
        return cast(BinaryIO, io.BufferedReader(_XzStream(file), PIECE_BYTES))
    return file


def packing(file: IO[Any], suffix: str) -> AbstractContextManager[BinaryIO]:
    """Return a stream that packs what is written to it into `file`.

    Parameters
    ----------
    file
        Open for writing; leaving the context finishes the stream and leaves `file` open.
    suffix
        ``.gz`` or ``.xz``; any other packs nothing.

    Returns
    -------
    AbstractContextManager of BinaryIO
        Its bytes depend on what is written only: no time, no file name.

    Examples
    --------
    >>> file = io.BytesIO()
    >>> with packing(file, ".xz") as stream:
    ...     _ = stream.write(b"digits")
    >>> lzma.decompress(file.getvalue())
    b'digits'
    """
    match suffix.lower():
        case ".gz":
            return _writer(gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0))
        case ".xz":
            return _writer(lzma.LZMAFile(file, "wb"))
    return _writer(nullcontext(file))


def _writer(stream: Any) -> AbstractContextManager[BinaryIO]:
    return cast(AbstractContextManager[BinaryIO], stream)


class _XzStream(io.RawIOBase):
    """What an xz file holds; unlike `lzma.LZMAFile` it bounds the memory a stream may ask for."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decoder = _xz_decoder()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = b""
        while not piece:
            arrived = self._next_packed()
            if arrived is None:
                return 0
            piece = self._decoder.decompress(arrived, len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def _next_packed(self) -> bytes | None:
        if not self._decoder.eof:
            arrived = self._file.read(PIECE_BYTES) if self._decoder.needs_input else b""
            if self._decoder.needs_input and not arrived:
                raise EOFError("it ends before its end marker")
            return arrived
        # Streams may follow one another, as `cat a.xz b.xz` makes them.
        following = self._decoder.unused_data or self._file.read(PIECE_BYTES)
        if not following:
            return None
        self._decoder = _xz_decoder()
        return following


def _xz_decoder() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY_BYTES)
