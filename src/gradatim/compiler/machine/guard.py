"""Bounds-checked code: no access outside the array that it belongs to.

Where ``GRADATIM_CHECK_BOUNDS=1`` is set when a program is made, every read and write is compared
with the extent of its array. One that would leave it goes to a spare place instead, and its number
is noted in the arena, where the caller finds it.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from gradatim.errors import GradatimError
from gradatim.native.ir import FLOATS, Function, Index, Kind, stored
from gradatim.types import Array

VARIABLE = "GRADATIM_CHECK_BOUNDS"
"""Environment variable that turns checking on."""

NOTE_BYTE, HALT_BYTE, SPARE_BYTE = 128, 192, 256
"""Where in the arena the number of a fault is noted, whether a step was left before its end, and
where an access goes that is refused."""


def is_wanted() -> bool:
    """Whether programs made now are to check their accesses."""
    return os.environ.get(VARIABLE, "") not in ("", "0")


def bytes_of(element: str) -> int:
    """Return how many bytes an element takes in memory."""
    return FLOATS.get(element) or int(stored(element)[1:]) // 8


class _Place(NamedTuple):
    """What is known of a pointer: the array it points into, and how far in."""

    start: str
    nbytes: Index
    what: str
    offset: Index = 0


class CheckedFunction(Function):
    """A function whose reads and writes are compared with the extent of their arrays.

    Parameters
    ----------
    name, arguments, lanes
        As for a :class:`Function`.
    accesses : list of str
        What each access does, in words; shared by the functions of a module, which add to it.
    """

    def __init__(
        self, name: str, arguments: str, lanes: dict[str, int], accesses: list[str]
    ) -> None:
        super().__init__(name, arguments, lanes)
        self._accesses = accesses
        self._places: dict[str, _Place] = {}
        self._spare = self._note = ""

    def watch(self, arena: str) -> None:
        """Say where faults are noted."""
        self._note = self.name_for(f"getelementptr i8, ptr {arena}, i64 {NOTE_BYTE}")
        self._spare = self.name_for(f"getelementptr i8, ptr {arena}, i64 {SPARE_BYTE}")

    def own(self, pointer: str, nbytes: Index, what: str) -> None:
        """Say which memory begins at a pointer."""
        self._places[pointer] = _Place(pointer, nbytes, what)

    def slot(self, kind: Kind | str, count: int = 1) -> str:
        """Return memory on the stack, for a variable or an array."""
        name = super().slot(kind, count)
        if count > 1:
            self.own(name, count * bytes_of(str(kind)), "numbers kept for a later turn")
        return name

    def at(self, pointer: str, offset: Index, element: str) -> str:
        """Return the address of an element."""
        place = self._places.get(pointer)
        if place is None or offset == 0:
            return super().at(pointer, offset, element)
        into = self.plus(place.offset, self.times(offset, bytes_of(element)))
        name = self.name_for(f"getelementptr i8, ptr {place.start}, i64 {into}")
        self._places[name] = _Place(place.start, place.nbytes, place.what, into)
        return name

    def reach(self, pointer: str, offset: Index, kind: Kind, count: int, how: str) -> str:
        """Return the address of elements, or the spare one if they are not all in the array."""
        place = self._places.get(pointer)
        if place is None:
            raise GradatimError(f"compile: {self.topic}: an array of unknown extent is used.")
        first = self.plus(place.offset, self.times(offset, bytes_of(kind.element)))
        after = self.plus(first, count * bytes_of(kind.element))
        self._accesses.append(f"{self.topic}: {how} {count} {kind.element} at {place.what}")
        address = self.name_for(f"getelementptr i8, ptr {place.start}, i64 {first}")
        begins = self.name_for(f"icmp sge i64 {first}, 0")
        ends = self.name_for(f"icmp sle i64 {after}, {place.nbytes}")
        inside = self.name_for(f"and i1 {begins}, {ends}")
        note = self.name_for(f"select i1 {inside}, ptr {self._spare}, ptr {self._note}")
        self.do(f"store i64 {len(self._accesses)}, ptr {note}")
        return self.name_for(f"select i1 {inside}, ptr {address}, ptr {self._spare}")


def check_accesses(arena: Array, accesses: tuple[str, ...]) -> None:
    """Raise if an access was refused since the last time.

    Parameters
    ----------
    arena : array
        Shape (n,) uint8: the memory of the program.
    accesses : tuple of str
        Of its module.

    Raises
    ------
    GradatimError
        It tells the kernel and the array; that is a fault of this library, not of its user.
    """
    note = arena[NOTE_BYTE : NOTE_BYTE + 8].view("i8")
    number = int(note[0])
    if number:
        note[0] = 0
        raise GradatimError(
            f"compile: machine code would have left its memory: {accesses[number - 1]}.\n"
            "  This is a fault of gradatim; please report it with the step. Nothing was "
            "overwritten, but the numbers of this call are wrong.\n  Try backend='numpy' meanwhile."
        )
