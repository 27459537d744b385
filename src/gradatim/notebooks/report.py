"""Outcomes as text: a table that fits a terminal, and one line for each notebook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

import numpy as np

from gradatim.notebooks.claim import Claim, Notebook, Outcome, shown

_VERDICT, _GAP = 7, 2


class Report:
    """Writes outcomes as lines of text.

    Parameters
    ----------
    width : int
        Columns of the place where they are shown; at least 60 are used.

    Examples
    --------
    >>> from gradatim.notebooks import NOTEBOOKS, Session
    >>> print("\\n".join(Report(80).row(NOTEBOOKS["apples"]["4.1"](Session()))))
    4.1  two apples at 100 with 10 % of tax, forward
         price                220.00000000000003   220.00000000000003   ok
         int(price)           220                  220                  ok
    """

    def __init__(self, width: int = 100) -> None:
        rest = max(width, 60) - 5 - _VERDICT - 3 * _GAP
        number = min(24, max(14, round(rest * 0.32)))
        self.width = max(width, 60)
        self._columns = (rest - 2 * number, number, number)

    def heading(self, notebook: Notebook) -> Iterator[str]:
        """Yield the lines above the rows of a ``notebook``."""
        yield f"{notebook.name}: {notebook.text}"
        yield ""
        yield from self._line(("", "expected", "got"), "verdict")

    def row(self, outcome: Outcome) -> Iterator[str]:
        """Yield the lines of one row's ``outcome``."""
        row = outcome.row
        lead = f"{row.number:<4} "
        yield from self._wrapped(f"{lead}{row.text}", " " * 5)
        previous = None
        for claim in outcome.claims:
            cells = (claim.text, claim.expected, shortened(claim))
            yield from self._line(cells, claim.verdict)
            theirs = None if claim.notebook is None else shown(claim.notebook)
            if theirs is not None and theirs != previous:
                yield from self._wrapped(f"     notebook: {theirs}", " " * 15)
            previous = theirs
        if row.why:
            yield from self._wrapped(f"     {row.why}", " " * 5)

    def summary(self, notebook: Notebook, outcomes: Sequence[Outcome]) -> str:
        """Return one line about all ``outcomes`` of a ``notebook``."""
        claims = [claim for outcome in outcomes for claim in outcome.claims]
        wrong = [outcome.row.number for outcome in outcomes if not outcome.holds]
        asides = [claim.verdict for claim in claims if claim.holds is None]
        held = sum(claim.holds is True for claim in claims)
        rows = f"{len(outcomes)} row{'s' * (len(outcomes) != 1)}"
        told = f"{notebook.name}: {held} of {len(claims) - len(asides)} claims hold, in {rows}"
        for aside in sorted(set(asides)):
            told += f"; {asides.count(aside)} {aside}"
        seconds = sum(outcome.seconds for outcome in outcomes)
        failed = f"; WRONG: {', '.join(wrong)}" if wrong else ""
        return f"{told}; {seconds:.1f} s{failed}"

    def _line(self, cells: tuple[str, str, str], verdict: str) -> Iterator[str]:
        wrapped = [
            wrap(cell, room, subsequent_indent="  " if not place else "") or [""]
            for place, (cell, room) in enumerate(zip(cells, self._columns))
        ]
        for i in range(max(map(len, wrapped))):
            parts = [lines[i] if i < len(lines) else "" for lines in wrapped]
            text = (" " * _GAP).join(f"{p:<{n}}" for p, n in zip(parts, self._columns))
            yield f"     {text}{' ' * _GAP}{verdict if not i else ''}".rstrip()

    def _wrapped(self, text: str, indent: str) -> list[str]:
        return wrap(text, self.width, subsequent_indent=indent, drop_whitespace=True) or [""]


def shortened(claim: Claim) -> str:
    """Return what was computed: all digits where they are claimed, else six; a range for many.

    Parameters
    ----------
    claim : Claim
        Which.

    Returns
    -------
    str
        As short as the claim allows.

    Examples
    --------
    >>> shortened(Claim("b2", "1.15e-10 to 1.25e-10", 1.20790001e-10, True))
    '1.2079e-10'
    """
    text = shown(claim.got)
    if text == claim.expected:
        return text
    try:
        values = np.asarray(claim.got, float)
    except (TypeError, ValueError):
        return text
    is_exact = not any(word in claim.expected for word in (" to ", "at most", "at least"))
    if is_exact or values.dtype.kind != "f" or isinstance(claim.got, str | bool):
        return text
    if values.size > 4:
        return f"{values.min():.6g} to {values.max():.6g}"
    if not values.ndim:
        return f"{float(values):.6g}"
    return f"[{', '.join(f'{v:.6g}' for v in values.ravel())}]"
