"""One step of a program, part by part: functions of its machine code, and what NumPy does."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import partial
from typing import Any

from gradatim.compiler.machine import guard
from gradatim.compiler.machine.memory import Memory
from gradatim.compiler.machine.module import Module
from gradatim.compiler.machine.team import Team
from gradatim.compiler.program import Line, Program, Value
from gradatim.native.engine import Code
from gradatim.types import Array


class Parts:
    """The parts of one step, run in turn: machine code by all threads, the rest by one.

    Parameters
    ----------
    program : Program
        What they do together.
    module : Module
        Its machine code, as text.
    code : Code
        The same, compiled.
    memory : Memory
        What they work in.
    team : Team
        The threads that the code was made for.
    """

    def __init__(
        self, program: Program, module: Module, code: Code, memory: Memory, team: Team
    ) -> None:
        self.program, self.module, self.code, self.memory = program, module, code, memory
        self._team = team
        self._parts = [self._part(part) for part in module.parts]

    def run(self) -> bool:
        """Do one step; return whether it came to its end."""
        arena = self.memory.arena
        for part in self._parts:
            part()
            if arena[guard.HALT_BYTE]:
                return False
        return True

    def _part(self, part: str | Line) -> Callable[[], Any]:
        if isinstance(part, Line):
            return self._by_numpy(part)
        call = self.code.function(part, ctypes.c_void_p, ctypes.c_int64)
        if self._team.count == 1:
            return partial(call, self.memory.address, 0)
        return lambda: self._team.run(lambda number: call(self.memory.address, number))

    def _by_numpy(self, line: Line) -> Callable[[], Any]:
        """What NumPy does of the program."""
        outside = self.module.layout.outside
        root = self.module.schedule.root
        settings, forward = line.settings, line.primitive.forward

        def fetch(value: Value) -> Array:
            if root(value) in outside:
                return self.memory.held(outside.index(root(value))).reshape(value.shape)
            if value in self.program.literals:
                return self.program.literals[value]
            return self.memory.view(value)

        def run() -> None:
            inputs = [fetch(value) for value in line.inputs]
            if line.writes:
                forward(*inputs, **settings)
            else:
                result = forward(*(x if x.ndim else x[()] for x in inputs), **settings)
                if root(line.output) in self.module.layout.offsets:
                    self.memory.view(line.output)[...] = result

        return run
