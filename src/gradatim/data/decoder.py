"""Pictures out of the bytes of their files, here or in a worker of its own.

Run as a script this file is a worker: it reads tasks from stdin, one line of JSON each, and
answers each on stdout with a line of JSON and the pixels. Nothing of gradatim is imported, so that
a worker starts in a tenth of a second; and since it is a program of its own, whoever asks for one
needs no ``if __name__ == "__main__"`` and forks no threads.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import struct
import sys
import warnings
import zlib
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Literal, NamedTuple

if TYPE_CHECKING:
    from PIL import Image

Mode = Literal["L", "RGB"]
"""Grey levels, or red, green and blue."""

FOREIGN, LARGE, DAMAGED, UNOPENED, OTHER_SIZE, COLOUR = (
    "foreign", "large", "damaged", "unopened", "size", "colour",
)  # fmt: skip
"""What may be wrong with a file."""

_GREY_MODES = ("1", "L", "LA", "La", "I", "F")
_PNG = b"\x89PNG\r\n\x1a\n"
# What a PNG may hold beside its pixels without changing them.
_HARMLESS = {b"tEXt", b"zTXt", b"iTXt", b"tIME", b"pHYs", b"gAMA", b"cHRM", b"sRGB", b"bKGD"}
_SIMPLE_PIXELS = 2**20
_LAST_FILTER = 4
_READ_BYTES = os.O_RDONLY | getattr(os, "O_BINARY", 0)
_READ_AT_ONCE, _BYTES_AT_ONCE, _PIXELS_AT_ONCE, _PIECE_BYTES = 100, 2**22, 2**21, 2**16


class Unreadable(Exception):
    """A file that is no picture, or not the one that was expected.

    ``kind`` is one of the constants above, ``detail`` what there is to add.
    """

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(kind, detail)
        self.kind, self.detail = kind, detail


class Form(NamedTuple):
    """What every picture of a folder becomes.

    ``fit`` scales other sizes; else they are faults. ``strict`` makes colours a fault where grey
    is expected; else they become luminance.
    """

    mode: Mode
    height: int
    width: int
    fit: bool = False
    strict: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one picture as an array, channels first."""
        size = (self.height, self.width)
        return size if self.mode == "L" else (3, *size)

    @property
    def nbytes(self) -> int:
        """Bytes of one picture."""
        return self.height * self.width * (1 if self.mode == "L" else 3)


class Fault(NamedTuple):
    """What is wrong with one of the files."""

    number: int
    kind: str
    detail: str


class Batch(NamedTuple):
    """Pictures of several files: their bytes, the sha256 of each file, and what went wrong."""

    pixels: bytearray
    digests: bytes
    faults: list[Fault]


# --- one picture -----------------------------------------------------------------------------


def opened(content: BinaryIO) -> Image.Image:
    """Open a picture of any format but those for which Pillow runs other programs.

    The orientation noted by a camera is applied; of several pictures the first is taken.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about odd metadata, which does not matter here
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            Image.init()
            image = Image.open(content, formats=sorted(set(Image.OPEN) - {"EPS"}))
            return ImageOps.exif_transpose(image)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise Unreadable(LARGE, str(error)) from error
        except UnidentifiedImageError as error:
            raise Unreadable(FOREIGN) from error
        except Exception as error:  # Pillow's decoders raise whatever damaged bytes lead them to
            raise Unreadable(DAMAGED, str(error)) from error


def is_grey(image: Image.Image) -> bool:
    """Whether a picture is stored without colours; pixels are not looked at, a palette is."""
    if image.mode in ("P", "PA"):
        palette = image.getpalette("RGB") or []
        return palette[0::3] == palette[1::3] == palette[2::3]
    return image.mode in _GREY_MODES or image.mode.startswith("I;16")


def grey(image: Image.Image) -> Image.Image:
    """Return grey levels: deep ones become bytes, transparency is laid on white.

    White ink on a transparent ground, as drawing programs with a dark page save it, would vanish
    there: what shows nothing on white is laid on black.
    """
    if image.mode.startswith(("I", "F")):
        return _eight_bits(image)
    if not image.has_transparency_data:
        return image.convert("L")
    image = image.convert("RGBA")
    on_white = _laid_on(image, "white").convert("L")
    low, high = on_white.getextrema()
    return _laid_on(image, "black").convert("L") if low == high else on_white


def colours(image: Image.Image) -> Image.Image:
    """Return red, green and blue; deep levels become bytes, transparency is laid on white."""
    if image.mode.startswith(("I", "F")):
        return _eight_bits(image).convert("RGB")
    return _laid_on(image, "white") if image.has_transparency_data else image.convert("RGB")


def _laid_on(image: Image.Image, colour: str) -> Image.Image:
    from PIL import Image

    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, colour), image).convert("RGB")


def _eight_bits(image: Image.Image) -> Image.Image:
    """Map deep grey levels to 0..255: 16 bits by 257, floats and 32 bits by their range."""
    import numpy as np
    from PIL import Image

    levels = np.asarray(image)
    deep = np.nan_to_num(levels.astype(np.float64), posinf=0, neginf=0)
    low, high = float(deep.min()), float(deep.max())
    # Pillow gives 16 bits as uint16 of either byte order, or widened to int32.
    if levels.dtype.kind in "ui" and low >= 0 and high <= 65535:
        low, high = 0.0, 65535.0
    scale = 255 / (high - low) if high > low else 0.0
    return Image.fromarray(np.round((deep - low) * scale).astype(np.uint8))


# --- pictures of one form --------------------------------------------------------------------


def pixels(content: bytes, form: Form) -> bytes:
    """Return the bytes of a picture in the form that is wanted, channel by channel."""
    found = _simple_png(content, form)
    return found if found is not None else _any_pixels(content, form)


def _any_pixels(content: bytes, form: Form) -> bytes:
    image = opened(io.BytesIO(content))
    if form.mode == "L" and form.strict and not is_grey(image):
        raise Unreadable(COLOUR)
    size = (form.width, form.height)
    if image.size != size and not form.fit:
        raise Unreadable(OTHER_SIZE, f"{image.height} x {image.width}")
    try:
        image = grey(image) if form.mode == "L" else colours(image)
        return _planes(image if image.size == size else _scaled(image, size))
    except Exception as error:
        raise Unreadable(DAMAGED, str(error)) from error


def _scaled(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    from PIL import Image

    # Pillow widens the filter when it shrinks, so nothing between the samples is lost.
    return image.resize(size, Image.Resampling.BILINEAR)


def _planes(image: Image.Image) -> bytes:
    if image.mode == "L":
        return image.tobytes()
    return b"".join(band.tobytes() for band in image.split())


# --- plain PNGs ------------------------------------------------------------------------------


def _simple_png(content: bytes, form: Form) -> bytes | None:
    plain = _PlainPngs(form)
    rows = plain.rows(content)
    return None if rows is None else plain.pixels([rows])[0]


class _PlainPngs:
    """PNGs of 8 bits and of one form, many decoded at once in a quarter of Pillow's time.

    Pillow undoes the filters of the rows, in one picture as high as all of them together. A black
    row lies between them, for the first row of a picture is filtered as if one were above it.
    """

    def __init__(self, form: Form) -> None:
        self._mode, self._size = form.mode, (form.width, form.height)
        self._stride = 1 + form.nbytes // form.height
        self._head = b""
        if form.width * form.height <= _SIMPLE_PIXELS:
            kind = {"L": 0, "RGB": 2}[form.mode]
            head = struct.pack(">4sIIBBBBB", b"IHDR", *self._size, 8, kind, 0, 0, 0)
            self._head = _PNG + struct.pack(">I17sI", 13, head, zlib.crc32(head))

    def rows(self, content: bytes) -> bytes | None:
        """Return the rows, each behind the number of its filter; None of what is not plain."""
        if not self._head or not content.startswith(self._head):
            return None
        packed = _packed_pixels(content, len(self._head))
        if packed is None:
            return None
        inflate, nbytes = zlib.decompressobj(), self._stride * self._size[1]
        try:
            rows = inflate.decompress(packed, nbytes + 1)  # never more: it may be a bomb
        except zlib.error:
            return None
        whole = inflate.eof and len(rows) == nbytes
        return rows if whole and max(rows[:: self._stride]) <= _LAST_FILTER else None

    def pixels(self, pictures: list[bytes]) -> list[bytes]:
        """Return the pixels of pictures, channel by channel, from their rows."""
        from PIL import Image

        if not pictures:
            return []
        width, height = self._size
        packed = zlib.compress(bytes(self._stride).join(pictures), 0)
        size = (width, len(pictures) * (height + 1) - 1)
        tall = Image.frombytes(self._mode, size, packed, "zip", self._mode, 0)
        bands = [band.tobytes() for band in tall.split()]
        starts = range(0, len(bands[0]), width * (height + 1))
        each = width * height
        return [b"".join([band[start : start + each] for band in bands]) for start in starts]


def _packed_pixels(content: bytes, place: int) -> bytes | None:
    """Join the pieces of the pixels; None if a checksum is wrong or anything else is in there."""
    pieces = []
    while place < len(content):
        end = place + 12 + int.from_bytes(content[place : place + 4], "big")
        name = content[place + 4 : place + 8]
        checksum = int.from_bytes(content[end - 4 : end], "big")
        if zlib.crc32(content[place + 4 : end - 4]) != checksum:
            return None
        if name == b"IDAT":
            pieces.append(content[place + 8 : end - 4])
        elif name == b"IEND":
            return b"".join(pieces) if end == len(content) else None
        elif name not in _HARMLESS:
            return None
        place = end
    return None


# --- many files ------------------------------------------------------------------------------


def decode(root: str, names: list[str], form: Form) -> Batch:
    """Read and decode files; a faulty one leaves its place empty."""
    pictures, digests, faults = bytearray(len(names) * form.nbytes), bytearray(), []
    plain, each, number = _PlainPngs(form), form.nbytes, 0
    for contents in _contents(root, names, max(1, _PIXELS_AT_ONCE // each)):
        for content, found in zip(contents, _decoded(contents, form, plain)):
            if isinstance(found, Unreadable):
                faults.append(Fault(number, found.kind, found.detail))
            else:
                pictures[number * each : (number + 1) * each] = found
            digests += hashlib.sha256(b"" if isinstance(content, Unreadable) else content).digest()
            number += 1
    return Batch(pictures, bytes(digests), faults)


def _decoded(
    contents: list[bytes | Unreadable], form: Form, plain: _PlainPngs
) -> Iterator[bytes | Unreadable]:
    """Decode the plain ones among files together and each of the others alone, in their order."""
    rows = [None if isinstance(each, Unreadable) else plain.rows(each) for each in contents]
    quick = iter(plain.pixels([row for row in rows if row is not None]))
    for content, row in zip(contents, rows):
        if row is not None:
            yield next(quick)
        elif isinstance(content, Unreadable):
            yield content
        else:
            try:
                yield _any_pixels(content, form)
            except Unreadable as fault:
                yield fault


def _contents(root: str, names: list[str], most: int) -> Iterator[list[bytes | Unreadable]]:
    """Read files, several in a row: reading and decoding by turns takes half as long again, for
    the system and the decoder push each other out of the processor's caches."""
    row: list[bytes | Unreadable] = []
    nbytes = 0
    for name in names:
        row.append(_read(f"{root}{os.sep}{name}"))
        nbytes += len(row[-1]) if isinstance(row[-1], bytes) else 0
        if len(row) == min(most, _READ_AT_ONCE) or nbytes > _BYTES_AT_ONCE:
            yield row
            row, nbytes = [], 0
    if row:
        yield row


def _read(path: str) -> bytes | Unreadable:
    """Read a whole file, in half of the time that `open` takes for a small one."""
    try:
        file = os.open(path, _READ_BYTES)
        try:
            pieces = []
            while piece := os.read(file, _PIECE_BYTES):
                pieces.append(piece)
            return b"".join(pieces)
        finally:
            os.close(file)
    except OSError as error:
        return Unreadable(UNOPENED, (error.strerror or str(error)).lower())


def serve(tasks: IO[bytes], answers: IO[bytes]) -> None:
    """Do tasks until there are no more."""
    for line in tasks:
        task: dict[str, Any] = json.loads(line)
        batch = decode(task["root"], task["names"], Form(*task["form"]))
        head = {"digests": batch.digests.hex(), "faults": batch.faults}
        answers.write(json.dumps(head).encode() + b"\n")
        answers.write(batch.pixels)
        answers.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
