"""What the loop itself costs, beside the work that it does."""

from __future__ import annotations

from time import perf_counter
from types import SimpleNamespace

import numpy as np

from gradatim.train import History, Plan, TrainingState
from gradatim.train.loop import Loop
from gradatim.train.progress import Progress

STEPS = 2000


class Nothing:
    """A loader, an optimizer and a loss that do nothing."""

    raw, born, parameters = np.float32(1.0), 0, SimpleNamespace(values=list)

    def batches(self, start, stop):
        x = np.zeros((100, 2))
        for step in range(start, stop):
            yield step, x, x

    def backward(self):
        pass

    def step(self):
        pass


def by_hand(nothing, model, loss):
    start = perf_counter()
    for _, x, t in nothing.batches(0, STEPS):
        loss(model(x), t).backward()
        nothing.step()
    return perf_counter() - start


def in_the_loop(nothing, model, loss):
    state = TrainingState(
        model, nothing, nothing, Plan(1, STEPS + 1, 10**9, 600), History(), step=1
    )
    loop = Loop(state, loss, None, Progress(), compile=False)
    start = perf_counter()
    loop._advance()
    return perf_counter() - start


def test_a_step_costs_less_than_15_microseconds_beside_its_work():
    nothing = Nothing()
    work = nothing, lambda x: x, lambda outputs, targets: nothing
    bare = min(by_hand(*work) for _ in range(15))
    loop = min(in_the_loop(*work) for _ in range(15))

    assert (loop - bare) / STEPS < 15e-6  # 1.4 us on a quiet machine
