"""A program that runs as machine code, once for each call."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

from gradatim.compiler.machine import guard
from gradatim.compiler.machine.memory import Memory
from gradatim.compiler.machine.module import Module, write_module
from gradatim.compiler.machine.parts import Parts
from gradatim.compiler.machine.pcg import held
from gradatim.compiler.machine.rota import Rota
from gradatim.compiler.machine.team import Team
from gradatim.compiler.program import Program, Value
from gradatim.native.engine import Code, host
from gradatim.primitives import product
from gradatim.primitives.bounds import within
from gradatim.threads import get_num_threads
from gradatim.types import Array

WORK_OF_A_THREAD = 25_000_000
"""Multiplications and additions of a call for which a thread is worth being woken: about 0.5 ms."""


class Native:
    """A compiled program, and the threads it runs on.

    Parameters
    ----------
    program : Program
        After all passes.
    """

    def __init__(self, program: Program) -> None:
        self.program, self.lanes = program, host().lanes
        self._count = max(1, min(get_num_threads(), work(program) // WORK_OF_A_THREAD))
        self._begin()

    def _begin(self) -> None:
        self._rota = Rota(Team(self._count), lambda team: Machine(self.program, team))
        self._process = os.getpid()

    @property
    def module(self) -> Module:
        """Its text, kernels and layout."""
        return self._rota.whole.module

    @property
    def code(self) -> Code:
        """The machine code."""
        return self._rota.whole.code

    @property
    def threads(self) -> int:
        """How many share the work of a call, where others do not need the processors."""
        return self._count

    def __call__(self, *given: Array) -> list[Any]:
        """Run it on arguments and state; return copies of the results."""
        if self._count == 1:
            return self._rota.whole(*given)
        if self._process != os.getpid():  # a fork has no threads but the one that forked
            self._begin()
        machine, _ = self._rota.next(1)
        begun = perf_counter()
        results = machine(*given)
        self._rota.look(machine, 1, perf_counter() - begun)
        return results


class Machine:
    """Machine code of a program for some threads, and the memory it works in.

    Parameters
    ----------
    program : Program
        After all passes.
    team : Team
        The threads.
    """

    def __init__(self, program: Program, team: Team) -> None:
        target = host()
        self._checked = guard.is_wanted()
        self.module: Module = write_module(
            program, target.lanes, team.count, target.is_x86, checked=self._checked
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
        self._parts = Parts(program, self.module, self.code, self.memory, team)

    def _fetching(self, value: Value) -> Callable[[], Any]:
        """A function that copies a result out of the memory it lies in."""
        root, outside = self.module.schedule.root(value), self.module.layout.outside
        if root in outside:
            number = outside.index(root)
            return lambda: _copying(self.memory.held(number).reshape(value.shape))()
        return _copying(self.memory.view(value))

    def __call__(self, *given: Array) -> list[Any]:
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
        return [fetch() for fetch in self._results]


def work(program: Program) -> int:
    """Return how many multiplications and additions the products of a program take.

    Parameters
    ----------
    program : Program
        The program.
    """
    products = (line for line in program.lines if line.primitive is product.matmul)
    return sum(line.output.size * line.inputs[0].shape[-1] for line in products)


def _copying(x: Array) -> Callable[[], Any]:
    """A function that copies an array; a single number becomes one of NumPy."""
    return x.copy if x.ndim else partial(x.__getitem__, ())
