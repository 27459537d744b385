"""Many steps of a program in one call of machine code, by several threads."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import numpy as np

from gradatim.compiler.machine import guard
from gradatim.compiler.machine.feed import Run
from gradatim.compiler.machine.finite import ODD_BYTE
from gradatim.compiler.machine.memory import Memory
from gradatim.compiler.machine.module import write_module
from gradatim.compiler.machine.parts import Parts
from gradatim.compiler.machine.pcg import held
from gradatim.compiler.machine.team import Team
from gradatim.compiler.program import Program, Value
from gradatim.native.engine import Code, host
from gradatim.types import Array

_TYPES = (ctypes.c_void_p, ctypes.c_int64, ctypes.c_void_p, ctypes.c_int64)


class Runner:
    """A program that goes through many steps by itself.

    Parameters
    ----------
    program : Program
        After all passes.
    run : Run
        What is fed, paced and noted.
    watched : Value or None
        A result that must be finite, else the steps end before it is learned from.
    team : Team
        The threads.

    Attributes
    ----------
    is_whole : bool
        Whether machine code does all of a step. If NumPy does some of it, steps are taken one by
        one and by one thread: fill ``arguments``, then :meth:`step`.
    arguments : list of array
        The batch; what is fed is written here.
    """

    def __init__(self, program: Program, run: Run, watched: Value | None, team: Team) -> None:
        self.program, self._spec, self._team = program, run, team
        target = host()
        self._checked = guard.is_wanted()
        settings = target.lanes, team.count, target.is_x86
        self.module = write_module(program, *settings, run, self._checked, watched)
        self.is_whole = all(isinstance(part, str) for part in self.module.parts)
        if not self.is_whole:  # NumPy would have to wait for threads, and they for it
            settings = target.lanes, 1, target.is_x86
            self.module = write_module(program, *settings, None, self._checked, watched)
        self.code = Code(lambda: self.module.text, self.module.key)
        self._memory = Memory(program, self.module)
        self.arguments = [np.zeros(v.shape, v.dtype) for v in program.arguments]
        self._paces = [np.zeros(v.shape, v.dtype) for v in run.paces]
        for number, array in enumerate(self.arguments):
            self._memory.point(number, array)
        self._parts = Parts(program, self.module, self.code, self._memory, Team(1))
        if self.is_whole:
            self._run = self.code.function("run", *_TYPES)

    @property
    def threads(self) -> int:
        """How many take a step together."""
        return self._team.count if self.is_whole else 1

    def bind(self, state: Sequence[Array]) -> list[int]:
        """Let the program work on the memory of its state.

        Returns
        -------
        list of int
            Entries that had to be copied: :meth:`give_back` writes them back.
        """
        first = len(self.arguments)
        given = list(state)
        for value, mine in zip(self._spec.paces, self._paces):
            given[self.program.state.index(value)] = mine
        return [i for i, x in enumerate(given) if self._memory.point(first + i, x)]

    def give_back(self, copied: list[int], state: Sequence[Array]) -> None:
        """Write copies of state back to where they came from."""
        for i in copied:
            if state[i].flags.writeable:
                state[i][...] = self._memory.held(len(self.arguments) + i)

    def run(self, rows: Array, sources: Sequence[Array], paces: Sequence[Array]) -> list[Array]:
        """Go through all batches, or to the first whose watched number is not finite.

        Parameters
        ----------
        rows : array of shape (steps, batch), int64
            Which samples make up each batch.
        sources : sequence of array
            The data of each argument.
        paces : sequence of array of shape (steps,)
            The number of each paced state in each step.

        Returns
        -------
        list of array
            Each noted result of all steps, shape (steps, ...); 0 for steps that were not reached.
        """
        steps = len(rows)
        notes = [np.zeros((steps, *v.shape), v.dtype) for v in self._spec.notes]
        feed = [rows, *sources, *paces, *notes]
        entries = [x.ctypes.data for x in feed] + [x.nbytes for x in feed]
        table = np.array(entries, np.uintp)
        self._memory.arena[guard.HALT_BYTE] = self._memory.arena[ODD_BYTE] = 0
        addresses = self._memory.address, table.ctypes.data
        with held(self.module.schedule.streams):
            self._team.run(lambda number: self._run(addresses[0], number, addresses[1], steps))
        self._check()
        return notes

    def step(self, paces: Sequence[Array]) -> list[Array]:
        """Take one step on what the arguments hold; return copies of the noted results."""
        for mine, number in zip(self._paces, paces):
            mine[...] = number
        self._memory.arena[guard.HALT_BYTE] = 0
        with held(self.module.schedule.streams):
            self._parts.run()
        self._check()
        return [self._memory.view(value).copy() for value in self._spec.notes]

    def _check(self) -> None:
        if self._checked:
            guard.check_accesses(self._memory.arena, self.module.accesses)
