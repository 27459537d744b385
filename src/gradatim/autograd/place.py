"""Where in the user's program something happened.

A place is a code object and an offset in it: two reads to take, no frame kept alive, and the
line number is worked out only when somebody asks.
"""

from __future__ import annotations

import os
from pathlib import Path
from sys import _getframe
from types import CodeType

Place = tuple[CodeType, int]

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


_last_outside: CodeType | None = None  # most calls come from where the last one came from


def here(depth: int = 2) -> Place:
    """Return the place of the nearest caller outside this package.

    ``depth`` is the number of frames that surely belong to the package.
    """
    global _last_outside
    frame = _getframe(depth)
    code = frame.f_code
    if code is not _last_outside:
        while code.co_filename.startswith(_PACKAGE) and frame.f_back is not None:
            frame = frame.f_back
            code = frame.f_code
        _last_outside = code
    return code, frame.f_lasti


def line(place: Place | None) -> str:
    """Write a place as ``train.py:31``."""
    if place is None:
        return "an unknown line"
    code, offset = place
    numbers = list(code.co_positions())
    number = numbers[offset // 2][0] if 0 <= offset // 2 < len(numbers) else None
    return f"{Path(code.co_filename).name}:{number or code.co_firstlineno}"
