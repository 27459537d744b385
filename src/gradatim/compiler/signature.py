"""What makes two calls of a step alike: the form of its arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from gradatim.autograd.tensor import Tensor, constant
from gradatim.compiler.reach import PLAIN

Signature = tuple[Any, ...]


class Call:
    """The arguments of one call, taken apart.

    Parameters
    ----------
    names : sequence of str
        What the step calls its positional arguments.
    arguments : tuple
        Those given by position.
    settings : dict
        Those given by name.

    Attributes
    ----------
    arguments, settings : list, dict
        The same with arrays as Tensors; numbers, also in lists, are settings of the call.
    arrays : list of Tensor
        Every Tensor in them.
    names : list of str
        What each of these is called.
    others : list of object
        Everything else that was given.
    numerals : dict of str to str
        The numbers of Python among them, as they are written, by their names.
    """

    def __init__(
        self, names: Iterable[str], arguments: tuple[Any, ...], settings: dict[str, Any]
    ) -> None:
        self.arrays: list[Tensor] = []
        self.names: list[str] = []
        self.others: list[Any] = []
        self.numerals: dict[str, str] = {}
        self._form: list[Any] = []
        self._numbered: list[int] = []
        known = [*names][: len(arguments)]
        known += [f"argument_{i}" for i in range(len(known), len(arguments))]
        self.arguments = [self._taken(x, name) for x, name in zip(arguments, known)]
        self.settings = {name: self._named(x, name) for name, x in settings.items()}

    def _named(self, x: Any, name: str) -> Any:
        self._form.append(name)
        return self._taken(x, name)

    def _taken(self, x: Any, name: str) -> Any:
        kind = type(x)
        if isinstance(x, Tensor):
            return self._array(x, name)
        if isinstance(x, (np.ndarray, np.generic)):
            plain = np.asarray(x) if isinstance(x, np.ndarray) else x  # no matrix, whose * is @
            native = plain if x.dtype.isnative else plain.astype(x.dtype.newbyteorder("="))
            return self._array(constant(native), name)
        if kind is dict:
            self._form.append(("dict", *x))
            return {key: self._taken(part, f"{name}_{key}") for key, part in x.items()}
        if isinstance(x, (list, tuple)):
            self._form.append((kind, len(x)))
            parts = [self._taken(part, f"{name}_{i}") for i, part in enumerate(x)]
            return kind(*parts) if hasattr(x, "_fields") else kind(parts)
        self.others.append(x)
        self._form.append((kind, repr(x)) if isinstance(x, PLAIN) else (kind, id(x)))
        if isinstance(x, (int, float, complex)) and kind is not bool:
            self.numerals[name] = repr(x)
            self._numbered.append(len(self._form) - 1)
        return x

    def _array(self, x: Tensor, name: str) -> Tensor:
        itself = next((i for i, y in enumerate(self.arrays) if y is x), -1)
        first = next((i for i, y in enumerate(self.arrays) if y.raw is x.raw), -1)
        state = x.wanted, x.grad is None, type(x)
        self._form.append((x.raw.shape, x.raw.dtype, *state, itself, first))
        self.arrays.append(x)
        self.names.append(name)
        return x

    def key(self, inside: Callable[[Tensor], Any], *more: Any) -> Signature:
        """Return what two calls that one program can serve have in common.

        Parameters
        ----------
        inside : callable
            Says of a Tensor which one of those that the step sees anyway it is; None for another.
        *more : object
            What else they must have in common.
        """
        return (*more, tuple(map(inside, self.arrays)), *self._form)

    def is_apart(self, inside: Callable[[Tensor], Any]) -> bool:
        """Return whether no array is given twice, nor one that the step sees anyway.

        Parameters
        ----------
        inside : callable
            As for :meth:`key`.
        """
        alone = len({id(x.raw) for x in self.arrays}) == len(self.arrays)
        return alone and all(inside(x) is None for x in self.arrays)

    def likeness(self) -> Signature:
        """Return what two calls have in common that differ in numbers of Python, if at all."""
        form = [*self._form]
        for i in self._numbered:
            form[i] = form[i][0]
        return tuple(form)
