"""Compiled steps: a training step as machine code that goes through many batches in one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter
from typing import Any, Literal

import numpy as np

from gradatim.autograd import Tensor, modes
from gradatim.compiler import Compiled
from gradatim.compiler.machine.team import Team
from gradatim.compiler.plan import Plan
from gradatim.compiler.stretch import Stretch, Supply
from gradatim.data import Dataset
from gradatim.errors import RecordingError
from gradatim.native.backend import chosen
from gradatim.optim import Optimizer, Schedule
from gradatim.threads import get_num_threads
from gradatim.train.metrics import Loss
from gradatim.train.rehearsal import plan_of
from gradatim.train.state import TrainingState
from gradatim.train.supply import is_of, supply_of
from gradatim.types import Array

SECONDS = 0.1
"""How long one call goes on: between calls Ctrl-C and progress are served."""

FIRST_STEPS = 8
"""Steps of the first call, whose speed is not known yet."""

MOST_PROGRAMS = 8
"""Programs that are kept for a step that changes on the way; those unused for longest go."""

FEWEST_STEPS = 100
"""Of each program on average, for a step that keeps changing to be worth compiling."""

WORK_OF_A_THREAD = 4_000_000
"""Multiplications and additions of a step for which a thread is worth being waited for."""

WORTH_SECONDS = 0.5
"""How long a training must last, step by step, to be worth compiling: several times what that
takes."""

STEP_SECONDS, OPERATIONS_A_SECOND = 1.5e-4, 2e10
"""Of an ordinary step: what Python takes, and what NumPy does in one thread."""

Choice = bool | Literal["auto"]
"""Whether steps become machine code; ``"auto"``: where they can, if the training is long enough."""


def is_wanted(choice: Choice, state: TrainingState) -> bool:
    """Return whether the steps of a training are to be compiled.

    Parameters
    ----------
    choice : bool or "auto"
        What was asked for.
    state : TrainingState
        The training. Its length counts from the very beginning, so that one that is resumed
        to the same end decides alike; nothing is measured, so that it decides alike each time.

    Raises
    ------
    BackendError
        ``True`` was asked for, and there is no machine code here.
    """
    if choice is False:
        return False
    if choice is True:
        return chosen("llvm") == "llvm"
    now = modes.current()
    seen = now.recorder is not None or bool(now.listeners) or bool(now.depth)
    seconds = state.plan.stop * (STEP_SECONDS + operations(state) / OPERATIONS_A_SECOND)
    return not seen and seconds > WORTH_SECONDS and chosen(None) == "llvm"


def operations(state: TrainingState) -> int:
    """Return about how many multiplications and additions a step takes: 6 a weight and sample."""
    weights = sum(p.data.size for p in state.optimizer.parameters.values())
    return 6 * weights * state.loader.batch_size


def team_for(state: TrainingState) -> Team:
    """Return as many threads as the work of a step is worth, and as may be had."""
    return Team(max(1, min(get_num_threads(), operations(state) // WORK_OF_A_THREAD)))


class CompiledSteps:
    """Takes steps of a training, as many in one call as there is time for.

    The first call of each kind rehearses the step twice, on two batches, to record it; whatever
    changes meanwhile is put back. So the weights depend neither on when a training was compiled
    nor on where it was resumed.

    Parameters
    ----------
    state : TrainingState
        The training; only its model, its optimizer and their state are written.
    loss : callable
        ``loss(outputs, targets)``.
    schedules : sequence of Schedule
        Those that go one step on with each update.
    team : Team
        The threads.
    longest : int, optional
        Most steps between two looks that somebody takes at the training; unknown if not given.
    keeps_on : bool
        Whether a step that changes again and again is compiled each time.

    Attributes
    ----------
    step : Compiled
        The step itself.
    """

    def __init__(
        self,
        state: TrainingState,
        loss: Loss,
        schedules: Sequence[Schedule],
        team: Team,
        *,
        longest: int | None = None,
        keeps_on: bool = False,
    ) -> None:
        self._loader, self._schedules, self._team = state.loader, schedules, team
        self._model, self._optimizer, self._loss = state.model, state.optimizer, loss
        self._rates = _rates(state.optimizer) if schedules else []
        self._stretches: dict[Plan, Stretch] = {}
        self._programs, self._steps = 0, 0
        self._known: tuple[Dataset, Supply] | None = None
        self._batches: dict[int, Sequence[Array]] = {}
        self._seconds: dict[int, float] = {}
        self._keeps_on, self._longest = keeps_on, longest
        self.step = self._compiled()

    def _supply(self) -> Supply:
        """The data; anew if somebody has put another array into the dataset."""
        dataset, known = self._loader.dataset, self._known
        if known is None or known[0] is not dataset or not is_of(known[1], dataset):
            known = self._known = dataset, supply_of(dataset, self._loader.dtype)
            self._stretches, self._batches = {}, {}
        return known[1]

    def _compiled(self) -> Compiled:
        model, optimizer, criterion = self._model, self._optimizer, self._loss

        def step(x: Tensor, t: Tensor) -> Tensor:
            loss = criterion(model(x), t)
            loss.backward()
            optimizer.step()
            return loss

        return Compiled(step, "llvm")

    def prepared(self, start: int, stop: int) -> Callable[[], Array]:
        """Return a function that takes steps from ``start`` on, up to ``stop`` at most.

        Whatever calls the model, the loss or the optimizer is done here; the function itself is
        one call of machine code.

        Returns
        -------
        callable
            It returns the loss of each step before its update, shape (n,). If the last one is not
            finite, its update was not made.

        Raises
        ------
        RecordingError
            If the step cannot be compiled; nothing has changed.
        """
        rows = self._loader.rows(start, stop)
        rows = rows[: self._most(rows.shape[1])]
        supply = self._supply()
        return partial(self._take, self._stretch(supply, rows), supply, rows)

    def _take(self, stretch: Stretch, supply: Supply, rows: Array) -> Array:
        begun = perf_counter()
        losses = self._taken(stretch, supply, rows)
        self._steps += len(rows)
        self._seconds[rows.shape[1]] = (perf_counter() - begun) / len(rows)
        return losses

    def _most(self, size: int) -> int:
        seconds = self._seconds.get(size)
        return FIRST_STEPS if seconds is None else max(1, int(SECONDS / seconds))

    # --- what runs ------------------------------------------------------------------------------
    def _stretch(self, supply: Supply, rows: Array) -> Stretch:
        plan = self._plan(supply, rows)
        stretch = self._stretches.pop(plan, None) or self._new_stretch(supply, plan)
        self._stretches[plan] = stretch  # the latest is the last
        while len(self._stretches) > MOST_PROGRAMS:
            del self._stretches[next(iter(self._stretches))]
        return stretch

    def _new_stretch(self, supply: Supply, plan: Plan) -> Stretch:
        few = self._steps < FEWEST_STEPS * self._programs
        if few and self._programs >= MOST_PROGRAMS and not self._keeps_on:
            raise RecordingError(
                f"compile: the step has changed {self._programs} times in {self._steps} steps; it "
                "is not worth compiling.\n  Does a callback change the model, the optimizer or the "
                "loss? compile=True compiles all the same."
            )
        self._programs += 1
        feeds = supply.feeds(plan.program.arguments)
        return Stretch(plan, feeds, self._rates, self._team, longest=self._longest)

    def _plan(self, supply: Supply, rows: Array) -> Plan:
        """The program of batches like these, made if there is none yet."""
        size = rows.shape[1]
        if size not in self._batches:
            self._batches[size] = supply.gather(rows[0])
        others = np.arange(size) * (len(self._loader.dataset) // size)
        holders = self._model, self._optimizer, self._loss
        return plan_of(self.step, self._batches[size], lambda: supply.gather(others), *holders)

    # --- steps ----------------------------------------------------------------------------------
    def _taken(self, stretch: Stretch, supply: Supply, rows: Array) -> Array:
        begun = [(each, each.state_dict(), each.optimizer.lr) for each in self._schedules]
        done = 0
        try:
            losses = _until_odd(stretch.run(supply, rows, self._paced(len(rows)))[0])
            done = int(np.isfinite(losses).sum())
        finally:
            if done < len(rows):
                _go_back(begun, done)
        return losses

    def _paced(self, steps: int) -> list[Array]:
        """The rates of each step; the schedules have gone through all of them afterwards."""
        if not self._schedules:
            return []
        rates = [np.empty((steps,), t.dtype) for t in self._rates]
        for step in range(steps):
            for numbers, t in zip(rates, self._rates):
                numbers[step] = t.raw
            for schedule in self._schedules:
                schedule.step()
        return rates


def _go_back(begun: list[tuple[Schedule, dict[str, Any], float]], done: int) -> None:
    """Let schedules stand where they stand after fewer steps."""
    for schedule, state, rate in begun:
        schedule.load_state_dict(state)
        schedule.optimizer.lr = rate
        for _ in range(done):
            schedule.step()


def _rates(optimizer: Optimizer) -> list[Tensor]:
    """The rates of an optimizer as Tensors, in each dtype that its parameters have."""
    known = optimizer.rate_tensors.items()
    return [t for name, rate in known for t in (rate, *optimizer.cast_rates(name))]


def _until_odd(losses: Array) -> Array:
    """Losses up to the first that is not finite, after which no step was taken."""
    odd = np.flatnonzero(~np.isfinite(losses))
    return losses[: odd[0] + 1] if len(odd) else losses
