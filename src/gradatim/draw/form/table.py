"""A table for a terminal: a text at the left, then shapes, values and gradients in columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

_LEAST = 12
"""Columns that are left to every part of a line, however narrow the terminal."""

_NUMBERS = 19
"""Columns of numbers from which on a long text is shortened rather than they."""

_GAP = "  "


@dataclass(frozen=True, slots=True)
class Row:
    """What is said of one tensor.

    Parameters
    ----------
    text : str
        Its name and how it is made.
    shape : str
        Its shape; may be empty.
    value, gradient : tuple of str
        Lines of numbers, those of one row side by side.
    spans : tuple of str
        What stands for value and gradient where their lines have no room; may be empty.
    """

    text: str
    shape: str = ""
    value: tuple[str, ...] = ()
    gradient: tuple[str, ...] = ()
    spans: tuple[str, str] = ("", "")


class Table:
    """Rows whose parts stand under one another.

    Parameters
    ----------
    rows : sequence of Row
        All of them, the head included.
    width : int
        Columns of the terminal. Texts are shortened first, then numbers.

    Examples
    --------
    >>> rows = [Row("x", value=("[1 2]", "[3 4]")), Row("y = sum(x)", value=("10",))]
    >>> for row in rows:
    ...     print("\\n".join(Table(rows, 80).lines(row)))
    x           [1 2]
                [3 4]
    y = sum(x)     10
    """

    def __init__(self, rows: Sequence[Row], width: int) -> None:
        body = rows[1:] or rows
        self._has = [True, *(any(part) for part in zip(*map(_numbers, body)))]
        self._least = self._fitted(self._widths(rows), width)
        self._rooms = self._fitted(self._widths([self._that_fits(row) for row in rows]), width)

    def _widths(self, rows: Sequence[Row]) -> list[int]:
        """How wide every column would be."""
        widths = [max(map(columns, part), default=0) for part in zip(*map(_widest, rows))]
        return [width if has else 0 for width, has in zip(widths, self._has)]

    def _that_fits(self, row: Row) -> Row:
        """A row with ranges in place of numbers that have no room."""
        value, gradient = (
            (span,)
            if max(map(columns, numbers), default=0) > room >= columns(span) > 0
            else numbers
            for numbers, span, room in zip((row.value, row.gradient), row.spans, self._least[2:])
        )
        return replace(row, value=value, gradient=gradient)

    def _fitted(self, rooms: list[int], width: int) -> list[int]:
        """Take columns away until a line fits: from wide numbers, from the text, from anywhere."""
        over = sum(rooms) + len(_GAP) * (sum(self._has) - 1) - width
        kept = len(rooms) * [sum(rooms)]
        numbers = [*kept[:2], _NUMBERS, _NUMBERS]
        for least in (numbers, [max(_LEAST, width // 3), *numbers[1:]], len(rooms) * [_LEAST]):
            while over > 0:
                spare = [room - most for room, most in zip(rooms, least)]
                widest = spare.index(max(spare))
                if spare[widest] <= 0:
                    break
                rooms[widest] -= 1
                over -= 1
        return rooms

    def lines(self, row: Row) -> Iterator[str]:
        """Return the lines of a row."""
        row = self._that_fits(row)
        for text, shape, value, gradient in zip_longest(
            (row.text,), (row.shape,), row.value, row.gradient, fillvalue=""
        ):
            cells = [
                _padded(cell, room, left=i == 0)
                for i, (cell, room) in enumerate(zip((text, shape, value, gradient), self._rooms))
                if self._has[i]
            ]
            yield _GAP.join(cells).rstrip()


def columns(text: str) -> int:
    """Count the columns that a text takes: a Korean or Japanese letter takes two.

    Examples
    --------
    >>> columns("tax"), columns("세금"), columns("みかん")
    (3, 4, 6)
    """
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return len(text) + wide - sum(unicodedata.combining(letter) > 0 for letter in text)


def _numbers(row: Row) -> tuple[object, ...]:
    return row.shape, row.value, row.gradient


def _widest(row: Row) -> tuple[str, str, str, str]:
    value = max(row.value, key=columns, default="")
    return row.text, row.shape, value, max(row.gradient, key=columns, default="")


def _shortened(text: str, room: int) -> str:
    while columns(text) > room and len(text) > 1:
        text = text[:-2] + "…"
    return text


def _with_fewer(numbers: str, room: int) -> str:
    """Leave whole numbers out at the end: one that has lost digits is another number."""
    if columns(numbers) <= room:
        return numbers
    rest = " …]" if numbers.endswith("]") else " …"
    ends = [found.end() for found in re.finditer(r"[^\s…]+", numbers)]
    kept = max((end for end in ends if end + len(rest) <= room), default=0)
    return f"{numbers[:kept]}{rest}" if kept else "…"


def _padded(text: str, room: int, left: bool) -> str:
    cut = _shortened(text, room) if left else _with_fewer(text, room)
    space = " " * (room - columns(cut))
    return cut + space if left else space + cut
