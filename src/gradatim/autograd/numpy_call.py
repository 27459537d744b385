"""NumPy's own functions called on a Tensor: they go through the door of that name."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

from gradatim.errors import DtypeError

DOORS: dict[Any, Callable[..., Any]] = {}
"""The door of each NumPy function; ``functions`` enters them."""

REFUSED = ("out", "where", "casting", "subok", "signature", "initial")
"""Keywords of NumPy's functions that say how to write into memory, or which elements to skip."""


def numpy_call(function: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """Run a NumPy function that was called on a Tensor."""
    door = DOORS.get(function)
    if door is None:
        raise _missing(function)
    for keyword in REFUSED:
        if kwargs.pop(keyword, None) is not None:
            raise DtypeError(
                f"np.{door.__name__}: {keyword}= cannot be used with a Tensor, whose history "
                f"would be lost.\n  Try y = gd.{door.__name__}(x), or NumPy on x.numpy()."
            )
    return door(*args, **kwargs)


def _missing(function: Any) -> DtypeError:
    """Say that a NumPy function has no gradient here, and which is nearest."""
    name = getattr(function, "__name__", str(function))
    known = sorted({door.__name__ for door in DOORS.values()})
    near = difflib.get_close_matches(name, known, 1, 0.5)
    hint = f"\n  Nearest: gd.{near[0]}." if near else ""
    return DtypeError(
        f"np.{name}: NumPy's function has no primitive in gradatim, so its gradient is not "
        f"known.{hint}\n  Try np.{name}(x.numpy()) where no gradient is needed."
    )
