"""Names as they are shown, in pictures and in formulas: on one line, and not too long."""

from __future__ import annotations

LONGEST = 40
"""Letters of a name; what is longer is shortened in its middle."""


def printable(text: str) -> str:
    """Put a text on one line, without letters that steer a terminal or that XML forbids.

    Examples
    --------
    >>> printable("a\\x1b[31m\\n b")
    'a [31m b'
    """
    plain = text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)
    return " ".join(plain.split())


def short(name: str) -> str:
    """Shorten a name in its middle.

    Examples
    --------
    >>> short("a" * 30 + "b" * 30)
    'aaaaaaaaaaaaaaaaaaaa…bbbbbbbbbbbbbbbbbbb'
    """
    line = printable(name)
    half = LONGEST // 2
    return line if len(line) <= LONGEST else f"{line[:half]}…{line[1 - half :]}"
