"""How wide a text will be: estimated letter by letter, without a font."""

from __future__ import annotations

import unicodedata

_FIRST = 32
_WIDTHS = (
    *(32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34),
    *(64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 53),
    *(100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79),
    *(60, 79, 69, 63, 61, 73, 68, 99, 69, 61, 69, 39, 34, 39, 84, 50),
    *(50, 61, 63, 55, 63, 62, 35, 63, 63, 28, 28, 58, 28, 97, 63, 61),
    *(63, 63, 41, 52, 39, 63, 59, 82, 59, 59, 52, 64, 34, 64, 84),
)
"""Widths of the letters of ASCII in DejaVu Sans, in hundredths of the size. It is wider than most
fonts that a browser may take instead, so that what fits in it fits in those as well."""

_LETTER, _SIGN, _WIDE, _MONO, _BOLD = 0.7, 0.9, 1.05, 0.61, 1.15


def width_of(text: str, size: float, *, mono: bool = False, bold: bool = False) -> float:
    """Estimate the width of a line of text.

    Parameters
    ----------
    text : str
        In any script; letters of Chinese, Japanese and Korean are wide.
    size : float
        The size of the font.
    mono : bool
        Whether all letters are equally wide.
    bold : bool
        Whether it is bold.

    Returns
    -------
    float
        In the unit of the size; rather too much than too little.

    Examples
    --------
    >>> width_of("0.5", 10), width_of("사과", 10)
    (16.0, 21.0)
    """
    ems = sum(map(_EMS[mono].__getitem__, text))
    return size * ems * (_BOLD if bold else 1.0)


class _Ems(dict[str, float]):
    """Widths of letters for a size of 1, each estimated when it is first met."""

    def __init__(self, mono: bool) -> None:
        self._mono = mono

    def __missing__(self, letter: str) -> float:
        self[letter] = em = _em(letter, self._mono)
        return em


_EMS = _Ems(False), _Ems(True)


def _em(letter: str, mono: bool) -> float:
    code = ord(letter)
    if _FIRST <= code < _FIRST + len(_WIDTHS):
        return _MONO if mono else _WIDTHS[code - _FIRST] / 100
    if unicodedata.combining(letter):
        return 0.0
    if unicodedata.east_asian_width(letter) in "WF":
        return _WIDE
    if mono:
        return _MONO
    return _LETTER if letter.isalpha() and letter.islower() else _SIGN
