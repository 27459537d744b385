"""What the place can show that the output goes to, and how this program is called there."""

from __future__ import annotations

import codecs
import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path

_PLAIN = {
    "²": "^2",
    "±": "+-",
    "·": "*",
    "×": "x",
    "⊗": "(x)",
    "ᵀ": "^T",
    "λ": "lambda",
    "Σ": "sum",
}
_PLAIN |= {"─": "-", "│": "|", "├": "|", "└": "|"}


@contextmanager
def printable() -> Iterator[None]:
    """Let stdout show whatever its encoding lacks in plain letters, or as a number.

    So are bytes in the name of a file that are no UTF-8.
    """
    stream = sys.stdout
    if not isinstance(stream, TextIOWrapper) or stream.errors != "strict":
        yield
        return
    codecs.register_error("gradatim.plain", _plainly)
    stream.reconfigure(errors="gradatim.plain")
    try:
        yield
    finally:
        with suppress(OSError, ValueError):  # nobody reads it any more
            stream.reconfigure(errors="strict")


def _plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_spelt, error.object[error.start : error.end])), error.end


def _spelt(letter: str) -> str:
    if "\udc80" <= letter <= "\udcff":  # a byte that is no UTF-8
        return f"\\x{ord(letter) - 0xDC00:02x}"
    return _PLAIN.get(letter) or letter.encode("ascii", "backslashreplace").decode("ascii")


def shows_grey() -> bool:
    """Whether stdout is a terminal with enough colours for a grey picture, and colour is wanted."""
    from rich.console import Console

    console = Console()
    return bool(
        console.is_terminal
        and not console.no_color
        and console.color_system in ("256", "truecolor")
    )


def shows_blocks() -> bool:
    """Whether the encoding of stdout has block elements."""
    try:
        "▏█".encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (LookupError, UnicodeEncodeError):
        return False
    return True


def columns() -> int:
    """Width of the terminal; 100 where there is none."""
    terminal = sys.stdout is not None and sys.stdout.isatty()
    return shutil.get_terminal_size((100, 24)).columns if terminal else 100


def print_grey(text: str) -> None:
    """Print text with 24-bit colours, in the nearest that the terminal has."""
    from rich.console import Console
    from rich.text import Text

    Console(highlight=False, soft_wrap=True).print(Text.from_ansi(text))


def program() -> str:
    """Return what has to be typed to start this program again."""
    started = Path(sys.argv[0])
    if started.name == "__main__.py":
        return f"{_shortest(Path(sys.executable))} -m gradatim"
    if started.stem != "gradatim":
        return "gradatim"
    found = shutil.which("gradatim")
    if found is not None and os.path.realpath(found) == os.path.realpath(started):
        return "gradatim"
    return _shortest(started)


def _shortest(path: Path) -> str:
    found = shutil.which(path.name)
    if found is not None and os.path.abspath(found) == os.path.abspath(path):
        return shlex.quote(path.name)
    relative = os.path.relpath(path)
    return shlex.quote(str(path) if relative.startswith("..") else relative)
