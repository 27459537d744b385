"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Literal

from gradatim.errors import DataError


@contextmanager
def writing(path: str | os.PathLike[str], mode: Literal["wb", "w"] = "wb") -> Iterator[IO[Any]]:
    """Open a file for writing that takes its name only when it is complete.

    The bytes go to a temporary name in the same folder, are forced to the disk and renamed when
    the block ends. If the block raises, the temporary file is removed and whatever stood at
    ``path`` stays as it was.

    Parameters
    ----------
    path : str or path
        Where the file shall stand. A symbolic link is followed, as ``open`` does.
    mode : {"wb", "w"}
        Bytes, or text (UTF-8, line ends written as given).

    Yields
    ------
    file
        An open file with ``write``.

    Raises
    ------
    DataError
        The folder is missing or not writable, the path is a folder or a device, the disk is full.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with writing(pathlib.Path(folder) / "note.txt", "w") as file:
    ...         _ = file.write("step by step")
    ...     (pathlib.Path(folder) / "note.txt").read_text()
    'step by step'
    """
    if mode not in ("wb", "w"):
        raise DataError(f'writing: the mode is {mode!r}; it must be "wb" (bytes) or "w" (text).')
    target = Path(os.path.realpath(path))
    _check_target(target)
    temporary = target.parent / f".gradatim-{secrets.token_hex(8)}.tmp"
    try:
        with _create(temporary, mode) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except OSError as error:
        # An error with another file's name was raised by the block for reasons of its own.
        if error.filename is not None and str(error.filename) != str(temporary):
            raise
        raise DataError(unwritable(target, error)) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def unwritable(path: Path, error: OSError) -> str:
    """Say in one sentence why a path cannot be written, and what to try.

    Parameters
    ----------
    path : Path
        The file or folder that was to be written.
    error : OSError
        What the system answered.

    Returns
    -------
    str
        The message of a ``DataError``.

    Examples
    --------
    >>> unwritable(Path("a.csv"), OSError(28, "No space left on device"))
    'writing: a.csv: no space left on device; free some space or choose another folder.'
    """
    reason = (error.strerror or str(error)).strip().rstrip(".")
    hint = {
        "PermissionError": "choose a folder that you may write to",
        "NotADirectoryError": "a file stands where a folder must be: choose another folder",
        "FileNotFoundError": "make the folder first or choose another one",
    }.get(type(error).__name__, "free some space or choose another folder")
    return f"writing: {path}: {reason[:1].lower()}{reason[1:]}; {hint}."


def _check_target(target: Path) -> None:
    folder = target.parent
    if not folder.is_dir():
        state = "is a file, not a folder" if folder.exists() else "does not exist"
        raise DataError(
            f"writing: {target}: the folder {folder} {state}; "
            "make the folder first or choose another one."
        )
    if target.is_dir():
        raise DataError(f"writing: {target}: this is a folder; name a file inside it.")
    if target.exists() and not target.is_file():
        raise DataError(
            f"writing: {target}: this is a device or a pipe, and only a regular file can be "
            "replaced whole; name a regular file."
        )


def _create(temporary: Path, mode: Literal["wb", "w"]) -> IO[Any]:
    # "x" never opens a file that is already there, and leaves permissions to the umask.
    if mode == "w":
        return open(temporary, "x", encoding="utf-8", newline="")
    return open(temporary, "xb")
