"""A quick look at what a program takes for granted.

What :class:`Leaves` and :class:`Surroundings` compare one by one in loops is written out as one
function of plain comparisons, a fifth of the time. It is written when the slow look has found
nothing different a few times, and says only that surely nothing is: else the slow look decides,
and says what.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import is_
from types import MappingProxyType
from typing import Any

from gradatim.autograd.tensor import Tensor
from gradatim.compiler.surroundings import Leaves, Surroundings

FIRST_PATIENCE = 2
"""Slow looks before the quick one is written; each time it is written anew, four times as many."""

MOST_NAMES = 10_000
"""Where there is more to compare, it stays with the slow look."""


class Watch:
    """Looks before each call whether a program may still be run.

    Parameters
    ----------
    leaves : Leaves
        The Tensors as they were when the step began.
    surroundings : Surroundings
        All else as it was when the step had run.

    Attributes
    ----------
    identities : frozenset of int
        Of the Tensors that the step sees, and of their arrays, as far as the quick look holds.
    """

    def __init__(self, leaves: Leaves, surroundings: Surroundings) -> None:
        self._leaves, self._surroundings = leaves, surroundings
        self._quick: Callable[[], bool] | None = None
        self._patience, self._looks = FIRST_PATIENCE, 0
        self.identities: frozenset[int] = frozenset()

    def holds(self) -> bool:
        """Whether surely nothing is different, at a glance."""
        try:
            return self._quick is not None and self._quick()
        except Exception:  # something that was there is gone: the slow look says what
            return False

    def change(self) -> str | None:
        """Return what is different now; None if nothing is."""
        change = self._slow()
        if change is None:
            self._looks += 1
            if self._looks >= self._patience:
                self._write()
        return change

    def _slow(self) -> str | None:
        return self._leaves.change() or self._surroundings.change()

    def _write(self) -> None:
        self._patience, self._looks = 4 * self._patience, 0
        try:
            writing = _Writing(self._leaves, self._surroundings)
        except (AttributeError, KeyError, ValueError):  # something that was not there before either
            return
        if self._slow() is None:  # it was written from what another thread may have changed
            tensors = self._leaves.tensors
            self.identities = frozenset([*map(id, tensors), *(id(t.raw) for t in tensors)])
            self._quick = writing.function()


class _Writing:
    """One function of comparisons with what is there now, those of one object together."""

    def __init__(self, leaves: Leaves, surroundings: Surroundings) -> None:
        self._space: dict[str, Any] = {"is_": is_}
        self._names: dict[int, str] = {}
        self._tests: dict[str, list[str]] = {}
        reach = surroundings.reach
        for t in leaves.tensors:
            self._of_tensor(t)
        for cell, *_ in reach.cells:
            self._differs(cell, ".cell_contents", cell.cell_contents)
        for mapping, key, *_ in reach.entries:
            self._differs(mapping, self._entry(mapping, key), mapping[key])
        for owner, attribute, *_ in reach.switches:
            self._differs(owner, f".{attribute}", getattr(owner, attribute))
        for mapping, size, _ in reach.sizes:
            self._test(mapping, f"len(it) != {size}")
        for row, *_ in reach.rows:
            if not isinstance(row, (tuple, frozenset)):
                held = self._name(tuple(row))
                self._test(row, f"len(it) != {len(row)} or not all(map(is_, it, {held}))")
        for array, before, _ in surroundings.arrays:
            self._test(array, f"it.tobytes() != {self._name(before)}")

    def _of_tensor(self, t: Tensor) -> None:
        self._differs(t, ".raw", t.raw)
        self._differs(t, ".wanted", t.wanted)
        if t.grad is None:
            self._differs(t, ".grad", None)
        else:
            self._differs(t, ".grad.raw.dtype", t.grad.raw.dtype)
            self._test(t, f"it.grad.raw.shape != {self._name(t.grad.raw.shape)}")

    def _entry(self, mapping: Any, key: Any) -> str:
        word = repr(key) if type(key) is str else self._name(key)
        plain = type(mapping) in (dict, MappingProxyType)  # others may make what is not there
        return f"[{word}]" if plain else f".get({word})"

    def _differs(self, owner: Any, what: str, value: Any) -> None:
        self._test(owner, f"it{what} is not {self._name(value)}")

    def _test(self, owner: Any, text: str) -> None:
        self._tests.setdefault(self._name(owner), []).append(text)

    def _name(self, x: Any) -> str:
        if x is None or type(x) is bool:
            return repr(x)
        name = self._names.setdefault(id(x), f"x{len(self._names)}")
        self._space[name] = x
        return name

    def function(self) -> Callable[[], bool] | None:
        """Return it; None if there is too much to compare."""
        if len(self._names) > MOST_NAMES:
            return None
        rows = ["def holds():"]
        for owner, tests in self._tests.items():
            rows += [f"    it = {owner}", f"    if {' or '.join(tests)}: return False"]
        exec("\n".join([*rows, "    return True"]), self._space)  # text of our own
        found: Callable[[], bool] = self._space["holds"]
        return found
