"""What is finite: a zero may be left out of a product only beside numbers that are."""

from __future__ import annotations

from gradatim.compiler.machine.writer import Writer
from gradatim.compiler.program import Value
from gradatim.native import arithmetic as on
from gradatim.native.ir import Function, Index, Kind, Register, element_of

ODD_BYTE = 193
"""Where in the arena it is noted that a matrix of the run may hold what is not finite: beside
``HALT_BYTE`` of :mod:`guard`, where more such bytes are. Each run begins with none noted."""

SUMS = 4
"""Sums that are made side by side."""


class Finite:
    """Writes how it is found, noted and looked up.

    Parameters
    ----------
    writer : Writer
        Where instructions go.
    """

    def __init__(self, writer: Writer) -> None:
        self._w, self._f = writer, writer.f

    def known(self) -> Register:
        """Return all bits if something has been noted, else 0."""
        f = self._f
        found = f.name_for(f"load i8, ptr {self._place()}")
        return every_bit(f, f.name_for(f"icmp ne i8 {found}, 0"))

    def of_all(self, matrix: Value) -> Register:
        """Return all bits if a matrix is not all finite, else 0."""
        return every_bit(
            self._f, self._is_odd(self._sum(matrix, self._w.place(matrix), 0, matrix.size))
        )

    def note(self, total: Register) -> None:
        """Note it if a sum is not finite."""
        f = self._f
        with f.when(self._is_odd(total)):
            f.do(f"store i8 1, ptr {self._place()}")

    def note_all(self, matrix: Value, pointer: str) -> None:
        """Note it if a matrix is not all finite; each thread looks at its share."""
        low, high = self._w.share(matrix.size)
        self.note(self._sum(matrix, pointer, low, high))

    def _place(self) -> str:
        return self._f.name_for(f"getelementptr i8, ptr {self._w.arena}, i64 {ODD_BYTE}")

    def _is_odd(self, total: Register) -> str:
        return is_odd(self._f, self._f.across("add", total))

    def _sum(self, matrix: Value, pointer: str, low: Index, high: Index) -> Register:
        """The sum of some numbers: it is finite only if all of them are."""
        f, element = self._f, element_of(matrix.dtype)
        kind, one = Kind(element, f.lanes[element]), Kind(element)
        sums = [f.variable(f.number(0, kind)) for _ in range(SUMS)]
        single = f.variable(f.number(0, one))
        many = SUMS * kind.lanes
        whole = f.plus(low, f.times(f.quotient(f.minus(high, low), many), many))
        if whole != low:
            with f.loop(low, whole, many) as i:
                for n, total in enumerate(sums):
                    x = f.load(pointer, f.plus(i, n * kind.lanes), kind)
                    total.set(on.add(f, total.get(), x))
        if whole != high:
            with f.loop(whole, high) as i:
                single.set(on.add(f, single.get(), f.load(pointer, i, one)))
        last = f.op(f"insertelement {f.number(0, kind)}, {single.get()}, i32 0", kind)
        for total in sums:
            last = on.add(f, last, total.get())
        return last


def is_odd(f: Function, x: Register) -> str:
    """Write a test and return its i1: whether a number less itself is NaN, as it is not finite."""
    zero = f.op(f"fsub {x}, {x.name}", x.kind)
    return f.name_for(f"fcmp uno {zero}, {zero.name}")


def every_bit(f: Function, condition: str) -> Register:
    """Return all bits if a condition holds, else 0."""
    return f.op(f"select i1 {condition}, i64 -1, i64 0", Kind("i64"))
