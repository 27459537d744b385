"""Machine code kept on disk, so that a program that was compiled once is only loaded.

A file is named after a digest of all that decides what is in it: the text, the processor, LLVM.
It begins with the digest of its own bytes; where that does not fit, the code is made anew.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from gradatim.atomic import writing
from gradatim.cache import cache_folder
from gradatim.errors import DataError

MOST_FILES = 200
"""Where there are more, those unused for longest go."""

_DIGEST = 32


def folder() -> Path:
    """Return where machine code is kept: in the folder for what can be made again.

    Returns
    -------
    Path
        It need not exist yet.

    Examples
    --------
    >>> folder().name
    'code'
    """
    return cache_folder() / "code"


def kept(parts: tuple[str, ...], make: Callable[[], bytes]) -> bytes:
    """Return what ``make`` gives, from the disk if it was made before.

    A folder that cannot be read or written is no error: then it is made each time.

    Parameters
    ----------
    parts : tuple of str
        All that decides what is made.
    make : callable
        Makes it.

    Returns
    -------
    bytes
        What was made, now or then.
    """
    key = blake2b("\0".join(parts).encode(), digest_size=_DIGEST).hexdigest()
    try:
        path = folder() / f"{key}.o"
    except RuntimeError:  # there is no home
        return make()
    found = _read(path)
    if found is None:
        found = make()
        _write(path, found)
    return found


def _read(path: Path) -> bytes | None:
    with suppress(OSError), open(path, "rb") as file:
        data = file.read()
        digest, content = data[:_DIGEST], data[_DIGEST:]
        whole = digest == blake2b(content, digest_size=_DIGEST).digest()
        if whole and _is_ours(os.fstat(file.fileno()).st_uid):
            with suppress(OSError):
                os.utime(path)
            return content
    return None


def _is_ours(owner: int) -> bool:
    """Whether we wrote a file; nobody else's code is run. Windows protects the folder itself."""
    return sys.platform == "win32" or owner == os.geteuid()


def _write(path: Path, content: bytes) -> None:
    with suppress(OSError, DataError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with writing(path) as file:
            file.write(blake2b(content, digest_size=_DIGEST).digest() + content)
        _make_room(path.parent)


def _make_room(where: Path) -> None:
    def age(path: Path) -> float:
        with suppress(OSError):  # another process may have removed it
            return path.stat().st_mtime
        return 0.0

    files = sorted(where.glob("*.o"), key=age)
    for path in files[: max(0, len(files) - MOST_FILES)]:
        with suppress(OSError):
            path.unlink()
