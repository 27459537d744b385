"""How a command ends when it cannot do what was asked: one sentence, and an exit status."""

from __future__ import annotations

import os
import re
import sys
import traceback

from gradatim.errors import GradatimError

REFUSED, BUG, INTERRUPTED, NO_READER = 2, 1, 130, 141
"""Exit statuses; the last two are what a shell gives for the signals behind them."""


def refuse(caller: str, sentence: str) -> int:
    """Say on stderr what is wrong, in one line, and return the exit status for it."""
    print(f"{caller}: {_one_line(sentence)}", file=sys.stderr)
    return REFUSED


def refusal(error: GradatimError | OSError | MemoryError) -> str:
    """Return the sentence of an error that is the caller's to mend."""
    if isinstance(error, GradatimError):
        return _without_caller(str(error))
    if isinstance(error, MemoryError):
        detail = str(error) or "what was asked for is too large"
        return f"there is not enough memory: {detail[:1].lower()}{detail[1:]}."
    reason = (error.strerror or str(error) or type(error).__name__).strip().rstrip(".")
    place = f"{error.filename}: " if error.filename is not None else ""
    return f"{place}{reason[:1].lower()}{reason[1:]}."


def interrupted(when: str = "") -> int:
    """Say that Ctrl-C was heard, and return the exit status for it."""
    print(f"Interrupted{when and ' '}{when}.", file=sys.stderr)
    return INTERRUPTED


def no_reader() -> int:
    """Fall silent, since whoever read the output has left, and return the exit status for it."""
    # Python flushes stdout once more on its way out, and would complain.
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    return NO_READER


def bug() -> int:
    """Show the traceback of what should not have happened, and return the exit status for it."""
    traceback.print_exc()
    print(
        "\nThis is a fault of gradatim, not yours. Please report it with the lines above and the "
        "command that you typed.",
        file=sys.stderr,
    )
    return BUG


def _one_line(text: str) -> str:
    lines = [" ".join(line.split()) for line in text.strip().splitlines()]
    ended = [line if line.endswith((".", "?", ":", ";", ",")) else f"{line};" for line in lines]
    return re.sub(r"[;:,]\Z", ".", " ".join(ended))


def _without_caller(message: str) -> str:
    """Drop the name of the function that complained: on a command line nobody called it."""
    return re.sub(r"\A[A-Za-z_]\w*(\.\w+)*: ", "", message)
