"""A network that learns for some steps in one call of machine code."""

from __future__ import annotations

import numpy as np

import gradatim as gd
from compiler.machine.crew import Crew, recorded
from gradatim.compiler.machine.feed import Feed, Run

STEPS = 4


class Job:
    """A network that learns; what runs it, and what its state is at first."""

    def __init__(self, *sizes, rows=10, optimizer=gd.optim.SGD, dtype="f4", loss=None, shows=None):
        self.model = gd.nn.MLP(list(sizes), rng=0, dtype=np.dtype(dtype))
        self.optimizer = optimizer(self.model, lr=0.01)
        self._loss = loss or (lambda model, x: (model(x) ** 2).mean())
        self._shows = shows
        random = np.random.default_rng(1)
        self.data, self.divisor = random.integers(0, 256, (40, sizes[0]), dtype="u1"), 255
        self.rows = random.integers(0, 40, (STEPS, rows))
        self.x = np.zeros((rows, sizes[0]), dtype)
        self.program, agreement = recorded(self.step, self.x + 0.5)
        self.begun = [agreement.state[value].data.copy() for value in self.program.state]

    def step(self, x):
        loss = self._loss(self.model, x)
        loss.backward()
        self.optimizer.step()
        return (loss, self._shows(self.model)) if self._shows else loss

    def run(
        self, threads=1, width=None, *, checked=True, is_brief=False, is_sparse=False, steps=STEPS
    ):
        """The losses and the state after some steps, and who took them."""
        feed = Feed(self.program.arguments[0], self.data.dtype, 1.0, self.divisor, is_sparse)
        run = Run((feed,), notes=self.program.results, is_brief=is_brief)
        crew = Crew(self.program, threads, width, run=run, checked=checked)
        state = [x.copy() for x in self.begun]
        notes = [np.zeros((STEPS, *v.shape), v.dtype) for v in self.program.results]
        crew.run([self.x.copy(), *state], [self.rows, self.data, *notes], steps)
        return notes[0], state, crew
