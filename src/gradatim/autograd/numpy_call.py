"""NumPy's own functions called on a Tensor: they go through the door of that name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradatim.errors import DtypeError

DOORS: dict[Any, Callable[..., Any]] = {}
"""The door of each NumPy function; ``functions`` enters them."""

_LINALG = {f"gradatim.functions.{name}" for name in ("inverse", "decomposition", "norm")}

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
    from difflib import get_close_matches

    name = getattr(function, "__name__", str(function))
    homes = {door.__name__: door.__module__ for door in DOORS.values()}
    near = get_close_matches(name, sorted(homes), 1, 0.6)
    home = "gd.linalg" if near and homes[near[0]] in _LINALG else "gd"
    hint = f"\n  Nearest: {home}.{near[0]}." if near else ""
    return DtypeError(
        f"np.{name}: NumPy's function has no primitive in gradatim, so its gradient is not "
        f"known.{hint}\n  Try it on x.numpy() where no gradient is needed."
    )
