"""What all kernels are written with: where values lie in memory, and what a line does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from gradatim.compiler.machine.expression import lower
from gradatim.compiler.machine.kernel import Kernel
from gradatim.compiler.machine.schedule import Schedule
from gradatim.compiler.program import Line, Value
from gradatim.native import arithmetic as on
from gradatim.native.ir import Function, Index, Kind, Register, element_of
from gradatim.primitives import effect, shape
from gradatim.types import Array

Get = Callable[[Value], Register]

SMALL = 4096
"""So little work, elements times lines, that a second thread costs more than it gains."""


class Stored(NamedTuple):
    """An argument that stays bytes.

    Parameters
    ----------
    numbers : array
        What number each byte stands for.
    begins : str
        The pointer of the addresses at which samples begin.
    is_copied : bool
        Whether these are of copies.
    """

    numbers: Array
    begins: str
    is_copied: bool


class Writer:
    """Writes kernels into a function.

    Parameters
    ----------
    function : Function
        Where the instructions go.
    schedule : Schedule
        What memory is whose.
    memory : mapping of Value to str
        The pointer of every value that lies in memory.
    literals : mapping of Value to array
        Numbers of the program.
    panels : mapping of Kernel to str
        Memory in which products copy their matrices, keep sums, or note where one is not zero.
    threads : int
        How many run the same function.
    wait : str
        The instruction at which threads wait for each other.
    arena : str
        The pointer of the memory that threads share.
    bands : mapping of Value to int
        Columns of a band of each matrix that lies in bands.
    stored : mapping of Value to Stored
        Arguments that stay bytes.
    """

    def __init__(
        self,
        function: Function,
        schedule: Schedule,
        memory: Mapping[Value, str],
        literals: Mapping[Value, Array],
        panels: Mapping[Kernel, str],
        threads: int,
        wait: str,
        arena: str,
        bands: Mapping[Value, int],
        stored: Mapping[Value, Stored],
    ) -> None:
        self.panels, self._wait, self._bands = panels, wait, bands
        self.arena, self.stored = arena, stored
        self.f, self.schedule, self.memory = function, schedule, memory
        self.literals, self.threads = literals, threads

    def wait(self) -> None:
        """Let all threads come to this point."""
        if self.threads > 1:
            self.f.do(self._wait)

    def lanes(self, kernel: Kernel) -> int:
        """Return how many elements a vector of this kernel holds, by its widest float."""
        values = [v for line in kernel.lines for v in (line.output, *line.inputs) if v.size > 1]
        floats = {element_of(v.dtype) for v in values if v.dtype.kind == "f"}
        widths = [self.f.lanes[name] for name in floats] or [self.f.lanes["double"]]
        return min(widths)

    def root(self, value: Value) -> Value:
        """Return the value whose memory this one uses."""
        return self.schedule.root(value)

    def in_memory(self, value: Value) -> bool:
        """Whether a value lies in memory."""
        return self.root(value) in self.memory

    def place(self, value: Value) -> str:
        """Return the pointer of a value that lies in memory."""
        return self.memory[self.root(value)]

    def element(self, matrix: Value, row: Index, column: Index, columns: int) -> Index:
        """Return where a matrix of so many columns has an element, in bands or in whole rows."""
        f, band = self.f, self._bands.get(self.root(matrix))
        if band is None or band == columns:
            return f.plus(f.times(row, columns), column)
        number = f.quotient(column, band)
        inside = f.minus(column, f.times(number, band))
        before = f.times(number, matrix.shape[0] * band)
        return f.plus(before, f.plus(f.times(row, band), inside))

    def pitch(self, matrix: Value, columns: int) -> int:
        """Return how many elements lie from one row of a matrix to the next."""
        return self._bands.get(self.root(matrix), columns)

    def sample(self, value: Value, number: Index) -> str:
        """Return the pointer of a sample of an argument that stays bytes."""
        address = self.f.load(self.stored[value].begins, number, Kind("i64"))
        pointer = self.f.name_for(f"inttoptr {address} to ptr")
        self.f.own(pointer, value.size // value.shape[0], f"a sample of {value!r}")
        return pointer

    def number(self, value: Value) -> Register | None:
        """Return a literal of one element as a constant."""
        array = self.literals.get(value)
        if array is None or array.size != 1:
            return None
        return self.f.number(array.ravel()[0].item(), Kind(element_of(array.dtype)))

    def load(
        self, value: Value, offset: Index, lanes: int, mask: Register | None = None
    ) -> Register:
        """Read elements of a value from memory, or repeat its only one."""
        constant = self.number(value)
        if constant is not None:
            return self.f.spread(constant, lanes)
        kind = Kind(element_of(value.dtype), lanes)
        pointer = self.place(value)
        if mask is None:
            return self.f.load(pointer, offset, kind)
        return self.f.load_masked(pointer, offset, kind, mask)

    def store(self, value: Value, x: Register, offset: Index, mask: Register | None = None) -> None:
        """Write elements of a value into its memory."""
        pointer = self.place(value)
        if mask is None:
            self.f.store(x, pointer, offset)
        else:
            self.f.store_masked(x, pointer, offset, mask)

    def result(self, line: Line, get: Get, lanes: int) -> Register:
        """Return what a line that treats every element on its own gives."""
        xs = tuple(get(value) for value in line.inputs)
        element = element_of(line.output.dtype)
        if line.writes:
            old, new = xs[0], self.f.spread(on.convert(self.f, xs[1], element), lanes)
            if line.primitive is effect.add_into:
                return on.add(self.f, old, new)
            if line.primitive is effect.subtract_from:
                return on.subtract(self.f, old, new)
            return new
        if line.primitive in (shape.cast, shape.cast_exact, shape.broadcast_to):
            return self.f.spread(on.convert(self.f, xs[0], element), lanes)
        dtype = np.result_type(*(v.dtype for v in line.inputs))
        if dtype.kind == "f":  # all inputs as NumPy converts them before it begins
            xs = tuple(
                x
                if x.kind.element in ("i1", element_of(dtype))
                else on.convert(self.f, x, element_of(dtype))
                for x in xs
            )
        y = lower(self.f, line.primitive, xs)
        return self.f.spread(on.convert(self.f, y, element), lanes)

    def share(self, count: int, grain: int = 1) -> tuple[Index, Index]:
        """Return the part of ``range(count)`` that is this thread's, in whole grains."""
        if self.threads == 1:
            return 0, count
        f = self.f
        grains = -(-count // grain)
        bounds = []
        for thread in ("%tid", f.plus("%tid", 1)):
            part = f.quotient(f.times(thread, grains), self.threads)
            bounds.append(f.times(part, grain))
        return bounds[0], f.smaller(bounds[1], count)
