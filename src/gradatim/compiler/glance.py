"""A glance at the arguments of a call: whether they are surely of the form of an earlier one.

:class:`Call` takes any arguments apart, however they are nested. Most calls hand over some arrays
like those of the call before, and to see that takes a tenth of the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Any, NamedTuple

import numpy as np

from gradatim.autograd.tensor import Tensor, constant


class _Form(NamedTuple):
    """What an argument must be."""

    kind: type
    thing: Any  # itself, if it is no array
    shape: Any = None
    dtype: Any = None
    wanted: bool = False
    bare: bool = True


class Glance:
    """The form of the arguments of one call.

    Parameters
    ----------
    arguments : tuple
        By position; there are none by name.
    taping : bool
        Whether it was called where gradients can be taken.
    """

    def __init__(self, arguments: Iterable[Any], taping: bool) -> None:
        self._taping = taping
        self._forms = [_form(x) for x in arguments]

    @staticmethod
    def suits(arguments: Iterable[Any]) -> bool:
        """Whether a glance is enough: no argument holds others."""
        return not any(isinstance(x, (list, tuple, dict)) for x in arguments)

    def arrays(
        self, arguments: tuple[Any, ...], taping: bool, inside: Set[int]
    ) -> list[Tensor] | None:
        """Return the Tensors among the arguments; None if they may be of another form.

        Parameters
        ----------
        arguments : tuple
            Of this call.
        taping : bool
            Whether gradients can be taken.
        inside : set of int
            Identities of Tensors and arrays that must not be among them.
        """
        if len(arguments) != len(self._forms) or taping is not self._taping:
            return None
        found: list[Tensor] = []
        seen: list[int] = []
        for x, (kind, thing, shape, dtype, wanted, bare) in zip(arguments, self._forms):
            if type(x) is not kind:
                return None
            if dtype is None:
                if x is not thing:
                    return None
                continue
            raw: Any = x
            if isinstance(x, Tensor):
                raw = x.raw
                alike = x.wanted is wanted and (x.grad is None) is bare
                if not alike or (wanted and x.origin is not None):
                    return None
                if id(x) in inside:
                    return None
            else:
                x = constant(x)
            if raw.shape != shape or raw.dtype is not dtype or id(raw) in inside:
                return None
            found.append(x)
            seen.append(id(raw))
        return found if len(seen) < 2 or len(set(seen)) == len(seen) else None


def _form(x: Any) -> _Form:
    if isinstance(x, Tensor):
        return _Form(type(x), None, x.raw.shape, x.raw.dtype, x.wanted, x.grad is None)
    if isinstance(x, (np.ndarray, np.generic)):
        return _Form(type(x), None, x.shape, x.dtype)
    return _Form(type(x), x)
