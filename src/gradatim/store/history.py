"""The course of a run as a CSV file: one row an evaluation, one column a figure."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from gradatim.atomic import writing
from gradatim.errors import DataError, DtypeError

Figure = float | int | str | None
"""What stands in one cell of a history."""

_INTEGER = re.compile(r"[+-]?[0-9]+")


def write_history(path: str | os.PathLike[str], rows: Sequence[Mapping[str, Figure]]) -> None:
    """Write rows to a CSV file.

    The columns are the keys in order of first appearance. A float is written with ``repr``, the
    shortest text that reads back as the same number; ``None`` and an absent key leave the cell
    empty.

    Parameters
    ----------
    path : str or path
        The file, replaced whole.
    rows : sequence of mappings
        Column name to float, int, str or ``None``; NumPy's numbers are taken too.

    Raises
    ------
    DtypeError
        A cell or a column name is of another type.
    DataError
        The file cannot be written.

    Notes
    -----
    Text that spells a number comes back as that number: CSV does not tell them apart.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_history(f"{folder}/history.csv", [{"step": 0}, {"step": 600, "loss": 0.1}])
    ...     read_history(f"{folder}/history.csv")
    [{'step': 0, 'loss': None}, {'step': 600, 'loss': 0.1}]
    """
    columns = list(dict.fromkeys(_column(key) for row in rows for key in row))
    with writing(path, "w") as file:
        table = csv.writer(file, lineterminator="\n")
        if columns:
            table.writerow(columns)
        table.writerows([_cell(column, row.get(column)) for column in columns] for row in rows)


def read_history(path: str | os.PathLike[str]) -> list[dict[str, Figure]]:
    """Read the rows of a CSV file written by `write_history`.

    Parameters
    ----------
    path : str or path
        The file.

    Returns
    -------
    list of dict
        Every row has every column: integers as int, other numbers as float, an empty cell as
        ``None`` and anything else as str.

    Raises
    ------
    DataError
        The file is missing, is not text, or a row has too many or too few cells.

    Examples
    --------
    >>> read_history("absent.csv")
    Traceback (most recent call last):
        ...
    gradatim.errors.DataError: read_history: absent.csv: no such file or directory; ...
    """
    file = Path(path)
    try:
        with open(file, encoding="utf-8-sig", newline="") as text:
            table = list(csv.reader(text, strict=True))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DataError(f"read_history: {file}: {reason}; check the path.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"read_history: {file}: this is not a CSV file in UTF-8 ({error}); save it again."
        ) from error
    filled = [row for row in table if row]
    return [_row(file, line, filled[0], row) for line, row in enumerate(filled[1:], start=2)]


def _column(name: object) -> str:
    if not isinstance(name, str):
        raise DtypeError(
            f"write_history: a column is named {name!r} ({type(name).__name__}); it must be a str."
        )
    return name


def _cell(column: str, value: object) -> str | int:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, int | str) and not isinstance(value, bool):
        return value
    raise DtypeError(
        f"write_history: column {column!r} holds {value!r} ({type(value).__name__}); a cell must "
        "be a float, an int, a str or None. Try float(...)."
    )


def _row(file: Path, line: int, columns: list[str], cells: list[str]) -> dict[str, Figure]:
    if len(cells) != len(columns):
        raise DataError(
            f"read_history: {file}: row {line} has {len(cells)} cells, the header has "
            f"{len(columns)}; the file was cut short or edited, mend that row."
        )
    return {column: _figure(cell) for column, cell in zip(columns, cells)}


def _figure(cell: str) -> Figure:
    if not cell:
        return None
    try:
        return int(cell) if _INTEGER.fullmatch(cell) else float(cell)
    except ValueError:
        return cell
