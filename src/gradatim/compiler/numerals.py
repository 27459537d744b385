"""Numbers of Python among the arguments of a step: each makes a program of its own, and why.

``2 * x`` takes the dtype of x where 2 is a number of Python, and Python may branch on it, count
with it or make shapes of it where nobody sees. So it is a constant of its program. An array
without axes, such as ``np.float32(2)``, is an input of one program that serves all its values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Numerals = Mapping[str, str]
"""Numbers as they are written, by the names of their arguments."""

REMEDY = "Try np.float32(...) or an array: that is an input of one program for all its values."


def told(numerals: Numerals) -> str:
    """Return numbers with their names, for a reader.

    Parameters
    ----------
    numerals : mapping of str to str
        By name.

    Examples
    --------
    >>> told({"lr": "0.1", "power": "2"})
    'lr = 0.1, power = 2'
    """
    return ", ".join(f"{name} = {number}" for name, number in numerals.items())


def difference(now: Numerals, others: Iterable[Numerals]) -> str:
    """Return how numbers differ from those of other calls that were like this one but for them.

    Parameters
    ----------
    now : mapping of str to str
        Of this call.
    others : iterable of mapping of str to str
        Of the others, the latest first; the one that differs least is told.

    Returns
    -------
    str
        Empty if there are no others.

    Examples
    --------
    >>> difference({"lr": "0.2"}, [{"lr": "0.1"}])
    'lr is 0.2 and was 0.1, a number of Python, which is a constant of its program'
    """
    rows = [[(name, other[name]) for name in now if now[name] != other[name]] for other in others]
    least = min(rows, key=len, default=[])
    if not least:
        return ""
    parts = [f"{name} is {now[name]} and was {before}" for name, before in least]
    return f"{', '.join(parts)}, a number of Python, which is a constant of its program"


def varying(calls: Iterable[Numerals]) -> str:
    """Return which numbers were different in each of several calls; empty if none.

    Parameters
    ----------
    calls : iterable of mapping of str to str
        The numbers of each.

    Examples
    --------
    >>> varying([{"lr": "0.1"}, {"lr": "0.2"}, {"lr": "0.3"}, {"lr": "0.4"}])
    'lr was 0.1, 0.2, 0.3, ...'
    """
    seen: dict[str, dict[str, None]] = {}
    for numerals in calls:
        for name, number in numerals.items():
            seen.setdefault(name, {})[number] = None
    rows = [(name, [*numbers]) for name, numbers in seen.items() if len(numbers) > 1]
    return " and ".join(
        f"{name} was {', '.join(numbers[:3])}{', ...' * (len(numbers) > 3)}"
        for name, numbers in rows
    )
