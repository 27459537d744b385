"""Tables, for a terminal or as Markdown."""

from __future__ import annotations

from collections.abc import Sequence


class Table:
    """Rows of text under a heading; the first column is words and the others are figures."""

    def __init__(self, title: str, *columns: str) -> None:
        self.title, self.columns = title, columns
        self.rows: list[tuple[str, ...]] = []
        self.notes: list[str] = []

    def add(self, *cells: str) -> None:
        if len(cells) != len(self.columns):
            raise ValueError(f"{len(cells)} cells for {len(self.columns)} columns: {cells}")
        self.rows.append(cells)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def text(self, markdown: bool = False) -> str:
        return (_markdown if markdown else _plain)(self)


def _plain(table: Table) -> str:
    lines = [table.columns, *table.rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(table.columns))]
    drawn = [table.title, *(f"  {_aligned(line, widths)}" for line in lines)]
    return "\n".join(drawn + [f"  {note}" for note in table.notes])


def _aligned(line: Sequence[str], widths: list[int]) -> str:
    first, *others = (
        cell.ljust(width) if i == 0 else cell.rjust(width)
        for i, (cell, width) in enumerate(zip(line, widths))
    )
    return "  ".join([first, *others]).rstrip()


def _markdown(table: Table) -> str:
    rule = ["---", *("---:" for _ in table.columns[1:])]
    lines = [f"| {' | '.join(line)} |" for line in (table.columns, rule, *table.rows)]
    notes = [f"- {note}" for note in table.notes]
    return "\n".join([f"**{table.title}**", "", *lines, *([""] if notes else []), *notes])


def micro(seconds: float) -> str:
    """Seconds as microseconds, with three figures or all before the point."""
    value = seconds * 1e6
    if value != value:
        return "-"
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def ratio(ours: float, theirs: float) -> str:
    value = ours / theirs if theirs else float("nan")
    return "-" if value != value else f"{value:.2f}"
