"""A program that runs as machine code."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from gradatim.compiler.machine.engine import Code, lanes_of_host
from gradatim.compiler.machine.module import LINE_BYTES, Module, write_module
from gradatim.compiler.program import Program, Value
from gradatim.primitives.bounds import within
from gradatim.types import Array


class Native:
    """A compiled program and the memory it works in.

    Parameters
    ----------
    program : Program
        After all passes.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.module: Module = write_module(program, lanes_of_host(), 1, True)
        self.code = Code(self.module.text)
        self._call = self.code.function("step", ctypes.c_void_p, ctypes.c_int64)
        layout = self.module.layout
        room = np.zeros(layout.size + LINE_BYTES, np.uint8)
        start = -room.ctypes.data % LINE_BYTES
        self._arena = room[start : start + layout.size]
        self._table = np.zeros(len(layout.outside) + 1, np.uintp)
        self._table[-1] = self._arena.ctypes.data
        self._table_address = self._table.ctypes.data
        self._pointers: list[Array | None] = [None] * len(layout.outside)
        for value, array in program.literals.items():
            if value in layout.offsets:
                self._view(value)[...] = array
        self._checks = [
            (layout.outside.index(value), low, high)
            for value, low, high in self.module.schedule.checks
        ]
        self._results = [self._view(value) for value in program.results]

    def _view(self, value: Value) -> Array:
        root = self.module.schedule.root(value)
        offset = self.module.layout.offsets[root]
        flat = self._arena[offset : offset + value.nbytes]
        return flat.view(value.dtype).reshape(value.shape)

    def __call__(self, *given: Array) -> tuple[Any, ...]:
        """Run it on arguments and state; return copies of the results."""
        held = self._pointers
        for i, x in enumerate(given):
            if held[i] is not x:
                if not x.flags.c_contiguous:
                    x = np.ascontiguousarray(x)
                held[i] = x
                self._table[i] = x.ctypes.data
        for i, low, high in self._checks:
            within(given[i], low, high)
        self._call(self._table_address, 0)
        return tuple(x.copy() if x.ndim else x[()] for x in self._results)
