"""A program that runs as machine code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradatim.compiler.machine import guard
from gradatim.compiler.machine.memory import Memory
from gradatim.compiler.machine.module import Module, write_module
from gradatim.compiler.machine.parts import Parts
from gradatim.compiler.machine.pcg import held
from gradatim.compiler.program import Program, Value
from gradatim.native.engine import Code, host
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
        target = host()
        self.lanes = target.lanes
        self._checked = guard.is_wanted()
        self.module: Module = write_module(
            program, target.lanes, 1, target.is_x86, checked=self._checked
        )
        self.code = Code(lambda: self.module.text, self.module.key)
        self.memory = Memory(program, self.module)
        layout = self.module.layout
        self._checks = [
            (layout.outside.index(value), low, high)
            for value, low, high in self.module.schedule.checks
        ]
        self._results = [self._fetching(value) for value in program.results]
        self._streams = self.module.schedule.streams
        self._parts = Parts(program, self.module, self.code, self.memory)

    def _fetching(self, value: Value) -> Callable[[], Any]:
        """A function that copies a result out of the memory it lies in."""
        root, outside = self.module.schedule.root(value), self.module.layout.outside
        if root in outside:
            number = outside.index(root)
            return lambda: _copied(self.memory.held(number).reshape(value.shape))
        view = self.memory.view(value)
        return lambda: _copied(view)

    def __call__(self, *given: Array) -> tuple[Any, ...]:
        """Run it on arguments and state; return copies of the results."""
        scattered = self.memory.point_to(given)
        for i, low, high in self._checks:
            within(given[i], low, high)
        if self._streams:
            with held(self._streams):
                self._parts.run()
        else:
            self._parts.run()
        if self._checked:
            guard.check_accesses(self.memory.arena, self.module.accesses)
        for i in scattered:
            if given[i].flags.writeable:
                given[i][...] = self.memory.held(i)
        return tuple(fetch() for fetch in self._results)


def _copied(x: Array) -> Any:
    return x.copy() if x.ndim else x[()]
