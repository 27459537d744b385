"""A claim: one number of a notebook, what it must be, what it is, and whether that holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Literal

import numpy as np

from gradatim.errors import DataError
from gradatim.notebooks.chance import seeded
from gradatim.notebooks.session import Session

Kind = Literal["E", "T", "S", "B", "N"]
"""Exact, with a tolerance, a statistical band, a bug of the notebook, a new check."""

Verdict = Literal["ok", "WRONG", "timed"]


@dataclass(frozen=True, eq=False)
class Claim:
    """One number, or one fact, beside what it must be.

    Parameters
    ----------
    text : str
        What it is.
    expected : str
        What it must be, in words or digits.
    got : object
        What was computed.
    holds : bool or None
        Whether it is so; None for a time, which nothing judges.
    notebook : object
        What the notebook's own lines give for it, where they are wrong; else None.

    Examples
    --------
    >>> near("dTax", 200, 200.00001, within=1e-3).verdict
    'ok'
    """

    text: str
    expected: str
    got: Any
    holds: bool | None
    notebook: Any = None

    @property
    def verdict(self) -> Verdict:
        """``ok``, ``WRONG`` or ``timed``."""
        if self.holds is None:
            return "timed"
        return "ok" if self.holds else "WRONG"


def exact(text: str, expected: Any, got: Any, notebook: Any = None) -> Claim:
    """Claim that what was computed is what must be, to the last digit.

    Parameters
    ----------
    text : str
        What it is.
    expected, got : number, str, tuple, list or array
        What it must be, and what it is.
    notebook : object
        What the notebook's own lines give.

    Returns
    -------
    Claim
        Holds if values and shapes are equal.

    Examples
    --------
    >>> exact("price", 220.00000000000003, 100 * 2 * 1.1).holds
    True
    """
    return Claim(text, shown(expected), got, plain(expected) == plain(got), notebook)


def near(
    text: str,
    expected: Any,
    got: Any,
    within: float,
    *,
    relative: float = 0.0,
    notebook: Any = None,
) -> Claim:
    """Claim that what was computed is as near to what must be as a tolerance says.

    Parameters
    ----------
    text : str
        What it is.
    expected, got : number or array_like of one shape
        What it must be, and what it is.
    within : float
        Largest difference.
    relative : float
        Largest difference besides, in parts of what is expected.
    notebook : object
        What the notebook's own lines give.

    Returns
    -------
    Claim
        Does not hold where shapes differ or something is NaN.

    Examples
    --------
    >>> near("b2", 1.2e-10, 1.3e-10, within=1e-12).verdict
    'WRONG'
    """
    right, found = np.asarray(expected, float), np.asarray(got, float)
    allowed = within + relative * np.abs(right)
    holds = right.shape == found.shape and bool(np.all(np.abs(right - found) <= allowed))
    tolerance = " ".join([f"{within:g}"] * bool(within) + [f"{relative:g} of it"] * bool(relative))
    return Claim(text, f"{shown(expected)} ± {tolerance}", got, holds, notebook)


def between(text: str, low: float, high: float, got: Any, notebook: Any = None) -> Claim:
    """Claim that what was computed lies in a band, bounds included.

    Parameters
    ----------
    text : str
        What it is.
    low, high : float
        The band.
    got : number or array_like
        What it is; of an array every element must lie within.
    notebook : object
        What the notebook's own lines give.

    Returns
    -------
    Claim
        NaN lies in no band.

    Examples
    --------
    >>> between("accuracy", 0.966, 0.973, 0.97).holds
    True
    """
    found = np.asarray(got, float)
    holds = bool(np.all((found >= low) & (found <= high)))
    return Claim(text, f"{low:g} to {high:g}", got, holds, notebook)


def below(text: str, bound: float, got: float, notebook: Any = None) -> Claim:
    """Claim that a size, such as a difference, does not go beyond a bound.

    Parameters
    ----------
    text : str
        What it is.
    bound, got : float
        The bound, and what was computed.
    notebook : object
        What the notebook's own lines give.

    Returns
    -------
    Claim
        NaN is below nothing.

    Examples
    --------
    >>> below("difference", 1e-12, float("nan")).holds
    False
    """
    return Claim(text, f"at most {bound:g}", got, bool(got <= bound), notebook)


def timed(text: str, aim: str, got: float) -> Claim:
    """Show a time, or a rate, beside what is aimed at; nothing judges it, for machines differ.

    Parameters
    ----------
    text : str
        What it is.
    aim : str
        What a usual machine reaches.
    got : float
        What was measured.

    Returns
    -------
    Claim
        Its verdict is ``timed``.

    Examples
    --------
    >>> timed("seconds", "at most 5", 7.5).verdict
    'timed'
    """
    return Claim(text, f"aim: {aim}", got, None)


def plain(value: Any) -> Any:
    """Return arrays, tuples and NumPy's numbers as lists and Python's numbers, to be compared.

    Parameters
    ----------
    value : object
        Anything.

    Returns
    -------
    object
        Equal to that of another value if both hold the same numbers in the same shape.

    Examples
    --------
    >>> plain((np.ones(2), np.int64(3)))
    [[1.0, 1.0], 3]
    """
    if isinstance(value, np.ndarray | np.number | np.bool_):
        value = value.tolist()
    return [plain(each) for each in value] if isinstance(value, tuple | list) else value


def shown(value: Any) -> str:
    """Return a number, an array or a fact as text, with all digits that it has.

    Parameters
    ----------
    value : object
        A number, a string, a bool, an array or a list of such.

    Returns
    -------
    str
        ``yes`` and ``no`` for a bool.

    Examples
    --------
    >>> shown(np.float64(0.1)), shown([1, 2.5]), shown(True)
    ('0.1', '[1, 2.5]', 'yes')
    """
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, np.number):
        value = value.item()
    if isinstance(value, tuple | list):
        inside = ", ".join(map(shown, value))
        return f"({inside})" if isinstance(value, tuple) else f"[{inside}]"
    return value if isinstance(value, str) else repr(value)


@dataclass(frozen=True, eq=False)
class Outcome:
    """A row after it was computed.

    Parameters
    ----------
    row : Row
        Which.
    claims : tuple of Claim
        Its numbers.
    seconds : float
        How long that took.
    """

    row: Row
    claims: tuple[Claim, ...]
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether there is a claim, and none is wrong."""
        return bool(self.claims) and all(claim.holds is not False for claim in self.claims)

    def __getitem__(self, text: str) -> Claim:
        for claim in self.claims:
            if claim.text == text:
                return claim
        raise KeyError(f"{text!r}; there are {[claim.text for claim in self.claims]}")


@dataclass(frozen=True, eq=False)
class Row:
    """A row: claims about one thing, and the function that computes them.

    Parameters
    ----------
    number : str
        Notebook and place, such as ``4.1``.
    kind : str
        ``E`` exact, ``T`` with a tolerance, ``S`` a statistical band, ``B`` a bug of the notebook
        that is right here, ``N`` a check that the notebook does not make.
    text : str
        What it is about.
    compute : callable
        ``compute(session)`` yields the claims.
    why : str
        Why the notebook is wrong and what is right, for a bug; else what there is to know.
    """

    number: str
    kind: Kind
    text: str
    compute: Callable[[Session], Iterable[Claim]]
    why: str = ""

    def __call__(self, session: Session) -> Outcome:
        """Compute the claims of this row in a ``session``; an error makes a claim that is wrong."""
        started = perf_counter()
        claims: list[Claim] = []
        try:
            with seeded(0):
                claims.extend(self.compute(session))
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            claims.append(Claim("computing this", "no error", said, False))
        return Outcome(self, tuple(claims), perf_counter() - started)


@dataclass(eq=False)
class Notebook:
    """The rows of one notebook.

    Parameters
    ----------
    name : str
        What it is called here.
    text : str
        What it is about.
    rows : list of Row
        In the order of their numbers.

    Examples
    --------
    >>> notebook = Notebook("apples", "the price of apples")
    >>> @notebook.row("4.1", "E", "two apples")
    ... def price(session):
    ...     yield exact("price", 220.00000000000003, 100 * 2 * 1.1)
    >>> notebook["4.1"](Session()).holds
    True
    """

    name: str
    text: str
    rows: list[Row] = field(default_factory=list)

    def row(
        self, number: str, kind: Kind, text: str, why: str = ""
    ) -> Callable[[Callable[[Session], Iterable[Claim]]], Row]:
        """Make a row, with ``number``, ``kind``, ``text`` and ``why``, of the function below."""

        def made(compute: Callable[[Session], Iterable[Claim]]) -> Row:
            row = Row(number, kind, text, compute, why)
            self.rows.append(row)
            return row

        return made

    def __getitem__(self, number: str) -> Row:
        for row in self.rows:
            if row.number == number:
                return row
        raise DataError(
            f"notebook {self.name}: there is no row {number}; there are "
            f"{', '.join(row.number for row in self.rows)}."
        )
