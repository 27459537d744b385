"""Whether a new attribute is an old one misspelt."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from types import FrameType
from typing import Any


class MisspeltAttributeWarning(UserWarning):
    """A module was given a new attribute whose name is nearly that of one it has."""


def misspelt(owner: Any, name: str, known: Iterable[str]) -> str | None:
    """Return the known name that ``name`` is a slip of, unless ``owner`` is being made."""
    if name.startswith("_") or len(name) < 4 or _is_being_made(owner):
        return None
    return next((old for old in known if not old.startswith("_") and is_slip(name, old)), None)


def is_slip(new: str, old: str) -> bool:
    """Whether two names are one slip of the hand apart.

    A slip is one letter too many or too few, two neighbours swapped, or in a long name one letter
    changed; never a digit: ``hidden1`` and ``hidden2`` are two names.
    """
    if new == old or abs(len(new) - len(old)) > 1 or min(len(new), len(old)) < 4:
        return False
    shorter = min(len(new), len(old))
    start = next((i for i in range(shorter) if new[i] != old[i]), shorter)
    rest, known = new[start:], old[start:]
    if any(letter.isdigit() for letter in rest[:1] + known[:1]):
        return False
    if len(new) != len(old):
        return rest[1:] == known or rest == known[1:]
    swapped = rest[:2] == known[:2][::-1] and rest[2:] == known[2:]
    return swapped or (len(new) > 5 and rest[1:] == known[1:])


def _is_being_made(owner: Any) -> bool:
    """Whether an ``__init__`` of ``owner`` is running, however deep in it we are."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        if code.co_name == "__init__" and code.co_argcount:
            made = frame.f_locals.get(code.co_varnames[0])
            if made is owner:
                return True
        frame = frame.f_back
    return False
