"""A glance at the arguments of a call: whether they are surely of the form of an earlier one.

:class:`Call` takes any arguments apart, however they are nested. Most calls hand over some arrays
like those of the call before. What these must be is written out as one function of plain
comparisons, which takes a tenth of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from itertools import combinations
from typing import Any

import numpy as np

from gradatim.autograd.tensor import Tensor, constant

Look = Callable[[tuple[Any, ...], bool, Set[int]], list[Tensor] | None]
"""``look(arguments, taping, inside)``; ``inside`` are identities of what must not be given."""

FEW = 3
"""Arrays up to which each is compared with each, instead of a set made of them."""


class Glance:
    """The form of the arguments of one call.

    Parameters
    ----------
    arguments : iterable
        By position; there are none by name.
    taping : bool
        Whether it was called where gradients can be taken.

    Attributes
    ----------
    arrays : callable
        ``arrays(arguments, taping, inside)`` returns the Tensors among the arguments of another
        call; None if they may be of another form. ``taping`` says whether gradients can be taken,
        ``inside`` is a set of identities of Tensors and arrays that must not be among them.
    """

    def __init__(self, arguments: Iterable[Any], taping: bool) -> None:
        self.arrays: Look = _Writing([*arguments], taping).function()

    @staticmethod
    def suits(arguments: Iterable[Any]) -> bool:
        """Whether a glance is enough: no argument holds others or must be converted."""
        return not any(isinstance(x, (list, tuple, dict)) or _is_foreign(x) for x in arguments)


def _is_foreign(x: Any) -> bool:
    """Whether an array must be converted: of a class of its own, or bytes in another order."""
    if not isinstance(x, (np.ndarray, np.generic)):
        return False
    return not x.dtype.isnative or (isinstance(x, np.ndarray) and type(x) is not np.ndarray)


class _Writing:
    """The function of one form: what it must be is named, not looked up."""

    def __init__(self, arguments: list[Any], taping: bool) -> None:
        self._space: dict[str, Any] = {"constant": constant}
        self._tensors: list[str] = []
        self._raw: list[str] = []
        self._made: list[str] = []
        rows = [f"if taping is not {taping} or len(arguments) != {len(arguments)}: return None"]
        if arguments:
            rows.append(f"{', '.join(f'x{i}' for i in range(len(arguments)))}, = arguments")
        for i, x in enumerate(arguments):
            rows += self._comparisons(i, x)
        self._rows = [*rows, *self._apart(), f"return [{', '.join(self._made)}]"]

    def _comparisons(self, i: int, x: Any) -> list[str]:
        """Comparisons of one argument."""
        if not isinstance(x, (Tensor, np.ndarray, np.generic)):
            return [self._test(f"x{i} is not", f"thing{i}", x)]
        kind = self._test(f"type(x{i}) is not", f"Kind{i}", type(x))
        if isinstance(x, Tensor):
            return [kind, *self._of_tensor(i, x)]
        self._made.append(f"constant(x{i})")
        return [kind, self._of_array(i, f"x{i}", x)]

    def _of_tensor(self, i: int, x: Tensor) -> list[str]:
        states = f"x{i}.wanted is not {x.wanted} or x{i}.grad is {'not ' * (x.grad is None)}None"
        history = f" or x{i}.origin is not None" if x.wanted else ""
        self._tensors.append(f"x{i}")
        self._made.append(f"x{i}")
        return [
            f"if {states}{history}: return None",
            f"raw{i} = x{i}.raw",
            self._of_array(i, f"raw{i}", x.raw),
        ]

    def _of_array(self, i: int, name: str, array: Any) -> str:
        self._raw.append(name)
        self._space[f"shape{i}"] = array.shape
        form = f"{name}.shape != shape{i} or {name}.dtype is not"
        return self._test(form, f"dtype{i}", array.dtype)

    def _test(self, comparison: str, name: str, value: Any) -> str:
        self._space[name] = value
        return f"if {comparison} {name}: return None"

    def _apart(self) -> list[str]:
        """Comparisons of all arrays with each other and with those that the step sees anyway."""
        known = "".join(f"id({name}), " for name in [*self._tensors, *self._raw])
        row = f"if inside and not inside.isdisjoint(({known})): return None"
        if len(self._raw) > FEW:
            given = ", ".join(f"id({name})" for name in self._raw)
            return [row, f"if len({{{given}}}) < {len(self._raw)}: return None"]
        return [row, *[f"if {a} is {b}: return None" for a, b in combinations(self._raw, 2)]]

    def function(self) -> Look:
        """Return it."""
        body = "".join(f"    {row}\n" for row in self._rows)
        exec(f"def look(arguments, taping, inside):\n{body}", self._space)  # text of our own
        look: Look = self._space["look"]
        return look
