"""An explanation as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from gradatim.derivation.chapter import Chapter, Row

WIDTH = 88
"""Signs of a line of prose."""

WIDEST_COLUMN = 40
"""A side that is wider is not aligned with the others of its column."""


def page(chapters: Sequence[Chapter]) -> str:
    """Return all chapters as text, equal signs under one another.

    Parameters
    ----------
    chapters : sequence of Chapter
        What is said.

    Returns
    -------
    str
        Without a line break at the end.
    """
    return "\n\n".join(_chapter(chapter) for chapter in chapters if chapter.blocks)


def _chapter(chapter: Chapter) -> str:
    lines = [chapter.title]
    for block in chapter.blocks:
        told = textwrap.wrap(block, WIDTH - 2) if isinstance(block, str) else _table(block)
        lines += [f"  {line}".rstrip() for line in told]
    return "\n".join(lines)


def _table(rows: Sequence[Row]) -> list[str]:
    first = max(len(row.sides[0].text) for row in rows)
    sign = max(len(row.sign) for row in rows)
    most = max(len(row.sides) for row in rows)
    widths = [_width(rows, column) for column in range(1, most - 1)]
    lines = []
    for row in rows:
        left = f"{row.sides[0].text:<{first}} {row.sign:>{sign}} "
        cells = [side.text for side in row.sides[1:]]
        padded = [*(f"{c:<{w}}" for c, w in zip(cells[:-1], widths)), cells[-1]]
        note = f"    ({row.note})" if row.note else ""
        last = "=" if row.exact else "≈"
        if len(cells) == 1 and not row.exact:
            left = f"{row.sides[0].text:<{first}} {last:>{sign}} "
        line = f"{left}{_joined(padded, last)}{note}"
        lines += [line] if len(line) <= WIDTH else _stacked(left, cells, note, last)
    return lines


def _joined(cells: list[str], last: str) -> str:
    *most, end = cells
    return f"{' = '.join(most)} {last} {end}" if most else end


def _stacked(left: str, cells: list[str], note: str, last: str) -> list[str]:
    """A line that would be too long: each side below the one before."""
    signs = [*["="] * (len(cells) - 2), last]
    under = [f"{sign:>{len(left) - 1}} " for sign in signs]
    lines = [f"{start}{cell}" for start, cell in zip([left, *under], cells)]
    lines[-1] += note
    return lines


def _width(rows: Sequence[Row], column: int) -> int:
    """The widest cell of a column that others follow, of those that are not too wide to align."""
    cells = (len(row.sides[column].text) for row in rows if len(row.sides) > column + 1)
    return max((cell for cell in cells if cell <= WIDEST_COLUMN), default=0)
