"""The memory that machine code works in: an arena, and a table of pointers to what lies outside."""

from __future__ import annotations

from collections.abc import Sequence
from operator import is_

import numpy as np

from gradatim.compiler.machine.layout import LINE_BYTES
from gradatim.compiler.machine.module import Module
from gradatim.compiler.machine.pcg import address
from gradatim.compiler.program import Program, Value
from gradatim.errors import GradatimError
from gradatim.types import Array


class Memory:
    """Memory for one program, literals written.

    Parameters
    ----------
    program : Program
        What runs in it.
    module : Module
        Says where everything lies.

    Attributes
    ----------
    arena : array
        Shape (n,) uint8, aligned to a line of the cache.
    address : int
        Of the table of pointers: arguments and state, the arena, the states of generators.
    """

    def __init__(self, program: Program, module: Module) -> None:
        self._module = module
        layout = module.layout
        room = np.zeros(layout.size + LINE_BYTES, np.uint8)
        start = -room.ctypes.data % LINE_BYTES
        self.arena: Array = room[start : start + layout.size]
        drawn = [address(stream.generator) for stream in module.schedule.streams]
        self._table = np.zeros(len(layout.outside) + 1 + len(drawn), np.uintp)
        self._table[len(layout.outside) :] = [self.arena.ctypes.data, *drawn]
        self.address: int = self._table.ctypes.data
        self._held: list[Array | None] = [None] * len(layout.outside)
        for value, array in program.literals.items():
            if value in layout.offsets:
                self.view(value)[...] = array

    def view(self, value: Value) -> Array:
        """Return the part of the arena in which a value lies."""
        root = self._module.schedule.root(value)
        offset = self._module.layout.offsets[root]
        flat = self.arena[offset : offset + value.nbytes]
        return flat.view(value.dtype).reshape(value.shape)

    def held(self, number: int) -> Array:
        """Return the array that an entry of the table points to."""
        array = self._held[number]
        assert array is not None
        return array

    def point_to(self, arrays: Sequence[Array]) -> list[int]:
        """Let the table point to these arrays; return the numbers of those that were copied."""
        if all(map(is_, self._held, arrays)):  # as most do in the call after the first
            return []
        return [i for i, x in enumerate(arrays) if self.point(i, x)]

    def point(self, number: int, x: Array) -> bool:
        """Let an entry of the table point to an array.

        Returns
        -------
        bool
            Whether it had to be copied to lie in one piece, so that what is written must go back.
        """
        if self._held[number] is x:
            return False
        value = self._module.layout.outside[number]
        if x.shape != value.shape or x.dtype != value.dtype:
            raise GradatimError(
                f"compile: array {number} of the program is {x.dtype}{list(x.shape)}; "
                f"it must be {value.dtype}{list(value.shape)}."
            )
        whole = x if x.flags.c_contiguous else np.ascontiguousarray(x)
        self._held[number] = whole
        self._table[number] = whole.ctypes.data
        return whole is not x
