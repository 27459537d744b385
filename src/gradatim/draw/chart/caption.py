"""Captions: a title in as many lines as it needs, and no more than fit."""

from __future__ import annotations

from gradatim.draw.form.lettering import width_of

_LINES = 3


def caption(text: str, width: float, size: float) -> list[str]:
    """Break a title into lines.

    Parameters
    ----------
    text : str
        In any script; broken at spaces, and inside of a word only where that is longer than a
        line.
    width : float
        Of a line.
    size : float
        Of the letters, which are bold.

    Returns
    -------
    list of str
        At most three; what does not fit is left out, and dots say so.

    Examples
    --------
    >>> caption("784-50-10 on MNIST", 110.0, 12.0)
    ['784-50-10 on', 'MNIST']
    """
    lines: list[str] = []
    for part in str(text).splitlines():
        lines += _broken(part.split(), width, size)
        if len(lines) > _LINES:
            break
    if len(lines) <= _LINES:
        return lines
    last = lines[_LINES - 1]
    while last and width_of(f"{last} …", size, bold=True) > width:
        last = last[:-1].rstrip()
    return [*lines[: _LINES - 1], f"{last} …"]


def _broken(words: list[str], width: float, size: float) -> list[str]:
    lines = [""]
    for word in words:
        for piece in _pieces(word, width, size):
            longer = f"{lines[-1]} {piece}".lstrip()
            if width_of(longer, size, bold=True) <= width or not lines[-1]:
                lines[-1] = longer
            else:
                lines.append(piece)
            if len(lines) > _LINES + 1:
                return lines
    return lines


def _pieces(word: str, width: float, size: float) -> list[str]:
    """A word, or the parts of one that is longer than a line."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and width_of(pieces[-1] + letter, size, bold=True) > width:
            pieces.append("")
            if len(pieces) > _LINES + 1:
                break
        pieces[-1] += letter
    return pieces
