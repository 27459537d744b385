"""What machine code is made of, as a digest: equal where the same would be written again.

Writing the text of a program takes longer than to load what it was compiled to. So compiled code is
found again by the program itself, how it lies in memory, and the files that write the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from gradatim import native
from gradatim.compiler.program import Line, Value
from gradatim.primitives import Primitive

_PLAIN = (bool, int, float, str, bytes, type(None))


class Unknown(Exception):
    """Something that no digest can tell apart from others of its kind."""


def fingerprint(*parts: Any) -> str | None:
    """Return a digest of all that machine code is made of.

    Parameters
    ----------
    *parts : object
        A program, its schedule and layout, numbers: plain data, arrays and dataclasses of such.
        Values, lines and generators are told apart by identity, and known by their turn.

    Returns
    -------
    str or None
        None if something among them has no digest.
    """
    walk = _Walk()
    try:
        walk.put(parts)
    except Unknown:
        return None
    text = "\0".join(walk.words).encode()
    return blake2b(_sources() + text, digest_size=32).hexdigest()


@cache
def _sources() -> bytes:
    """A digest of the files that write machine code, and of NumPy, whose generators it knows."""
    digest = blake2b(np.__version__.encode(), digest_size=32)
    folders = Path(__file__).parent, Path(native.__file__).parent
    for path in (each for folder in folders for each in sorted(folder.glob("*.py"))):
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)} ".encode() + content)
    return digest.digest()


class _Walk:
    """Takes plain data apart into words that are enough to tell it from other data."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self._numbers: dict[int, int] = {}

    def put(self, x: Any) -> None:
        """Add the words of one thing."""
        if isinstance(x, _PLAIN):
            self.words.append(f"{type(x).__name__} {x!r}")
        elif isinstance(x, (Value, Line, np.random.Generator)):
            self._put_known(x)
        elif isinstance(x, (tuple, list, Mapping)):
            self.words.append(f"{type(x).__name__} {len(x)}")
            for part in x.items() if isinstance(x, Mapping) else x:
                self.put(part)
        elif isinstance(x, Primitive):
            self.words.append(f"primitive {x.name} {x.kind} {x.source}")
        elif isinstance(x, (np.ndarray, np.generic)):
            self.words.append(f"array {x.dtype.str} {x.shape} {x.tobytes().hex()}")
        elif isinstance(x, np.dtype):
            self.words.append(f"dtype {x.str}")
        elif isinstance(x, Enum):
            self.words.append(f"{type(x).__name__}.{x.name}")
        elif isinstance(x, slice):
            self.words.append(f"slice {x.start!r} {x.stop!r} {x.step!r}")
        elif is_dataclass(x):
            self.words.append(type(x).__name__)
            for field in fields(x):
                self.put(getattr(x, field.name))
        else:
            raise Unknown

    def _put_known(self, x: Value | Line | np.random.Generator) -> None:
        """Something told apart by identity: its number, and what it is where it is met first."""
        new = len(self._numbers)
        number = self._numbers.setdefault(id(x), new)
        self.words.append(f"{type(x).__name__} {number}")
        if number != new:
            return
        if isinstance(x, Value):
            self.words.append(f"{x.name!r} {x.shape} {x.dtype.str}")
            self.put(x.home)
        elif isinstance(x, Line):
            for part in (x.output, x.primitive, x.inputs, x.settings, x.phase):
                self.put(part)
        else:
            self.words.append(type(x.bit_generator).__name__)
