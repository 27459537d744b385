"""The loop itself: forward, backward, update, and all that must happen between two steps."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from math import isfinite
from time import perf_counter

import numpy as np

from gradatim.compiler.machine.team import Team
from gradatim.compiler.signals import SignalsHeld
from gradatim.data import Dataset
from gradatim.errors import DataError, DivergenceError, RecordingError
from gradatim.store.run import CHECKPOINT
from gradatim.threads import numpy_on_one_thread
from gradatim.train.callbacks import Callback, FollowSchedule
from gradatim.train.checkpoint import save_checkpoint
from gradatim.train.compiled import Choice, CompiledSteps, is_wanted, team_for
from gradatim.train.divergence import diverged
from gradatim.train.evaluation import CompiledEvaluation
from gradatim.train.history import Figures
from gradatim.train.interrupt import Interrupt
from gradatim.train.metrics import Loss, evaluate, modes_kept
from gradatim.train.progress import Progress
from gradatim.train.saver import Saver
from gradatim.train.state import TrainingState

Call = Callable[[TrainingState], None]


class Loop:
    """One training, from its first step to its end.

    A step is all or nothing: Ctrl-C is held back while weights are written, so model, optimizer
    and history always stand between the same two steps.

    Parameters
    ----------
    state : TrainingState
        Where it stands; changed step by step.
    loss : callable
        ``loss(outputs, targets)``.
    validation : Dataset or None
        What the model is tested on.
    progress : Progress
        What shows it.
    compile : bool or "auto"
        Whether steps become machine code.

    Attributes
    ----------
    compiled : CompiledSteps or None
        What takes them then.
    evaluation : CompiledEvaluation or None
        What evaluates then.
    """

    def __init__(
        self,
        state: TrainingState,
        loss: Loss,
        validation: Dataset | None,
        progress: Progress,
        compile: Choice = "auto",
    ) -> None:
        self.state, self.loss = state, loss
        self.validation, self.progress = validation, progress
        state.tell = progress.note
        self._interrupt, self._saver = Interrupt(), Saver()
        self._with_update = [
            callback
            for callback in state.callbacks
            if isinstance(callback, FollowSchedule) and not callback.by_figure
        ]
        self._after_update = [
            callback
            for callback in state.callbacks
            if not isinstance(callback, FollowSchedule)
            and type(callback).on_step is not Callback.on_step
        ]
        self._compile = compile
        self.compiled: CompiledSteps | None = None
        self.evaluation: CompiledEvaluation | None = None
        self._team: Team | None = None
        self._beside_programs = ExitStack()  # what holds only while steps are compiled
        if is_wanted(compile, state):
            self._compile_both()
        rows = state.history.rows
        self._started = perf_counter() - float((rows[-1]["seconds"] if rows else 0) or 0)
        self._stretch, self._examples = perf_counter(), 0

    def _compile_both(self) -> None:
        """Let machine code take the steps and evaluate."""
        state = self.state
        schedules = [callback.schedule for callback in self._with_update]
        with SignalsHeld():  # its threads wait for each other as they begin
            self._team = team_for(state)
        self.compiled = CompiledSteps(
            *(state, self.loss, schedules, self._team),
            longest=min(self._periods()),
            keeps_on=self._compile is True,
        )
        datasets = [state.loader.dataset, *([self.validation] if self.validation else [])]
        self.evaluation = CompiledEvaluation(
            state.model, self.loss, state.loader.dtype, self._team, datasets
        )

    def run(self) -> None:
        """Train until the end of the plan, or until somebody stops it."""
        state = self.state
        # Overflow is no surprise to be warned of: the loss is looked at in every step.
        quiet = np.errstate(over="ignore", invalid="ignore", divide="ignore")
        try:
            with self._interrupt, quiet, modes_kept(state.model), self._beside_programs:
                if self.compiled is not None:
                    self._beside_programs.enter_context(numpy_on_one_thread())
                state.history.stopped = "failed"  # until something better is known
                state.optimizer.zero_grad()
                state.model.train()
                self._train()
        finally:
            state.optimizer.zero_grad()
            if self._team is not None:
                self._team.close()
            self.progress.close()

    def _train(self) -> None:
        try:
            self._begin()
            self._finish()
        except DivergenceError as error:
            self._save_what_was_kept()
            for callback in self.state.callbacks:
                callback.on_failure(self.state, error)
            raise
        finally:
            self._save_what_was_kept()

    def _begin(self) -> None:
        try:
            self.progress.start(self.state)
            for callback in self.state.callbacks:
                callback.on_start(self.state)
            self._advance()
        except KeyboardInterrupt:
            if self._interrupt.held:
                raise  # from a handler that is not ours, perhaps in the middle of an update
            self.state.stopped = "interrupted"
        if self._interrupt.count:
            self.state.stopped = "interrupted"

    def _advance(self) -> None:
        """Go to the end of the plan: compiled where that is wanted, step by step at events."""
        state, plan = self.state, self.state.plan
        while state.step < plan.stop and not self._is_over():
            if state.step % plan.every == 0:
                self._by_steps(state.step + 1)
            elif self.compiled is None:
                self._by_steps(self._next_look())
            else:
                self._by_program(self.compiled)

    def _is_over(self) -> bool:
        return bool(self._interrupt.count or self.state.stopped)

    def _by_steps(self, stop: int) -> None:
        state, interrupt, history = self.state, self._interrupt, self.state.history
        model, criterion, update = state.model, self.loss, state.optimizer.step
        plan, progress = state.plan, self.progress
        for step, x, t in state.loader.batches(state.step, stop):
            loss = criterion(model(x), t)
            state.loss = value = float(loss.raw)
            if not isfinite(value):
                raise diverged(state, "loss", value, x)
            if step % plan.every == 0:
                self._event()
                if interrupt.count or state.stopped:
                    return
                if any(p.written > loss.born for p in state.optimizer.parameters.values()):
                    loss = criterion(model(x), t)  # a callback has changed the weights
                    state.loss = value = float(loss.raw)
            loss.backward()
            interrupt.held = True
            with SignalsHeld():
                update()
                history.append_loss(value)
                state.count(1)
                for callback in self._with_update:
                    callback.on_step(state)
            interrupt.held = False
            self._examples += len(x)
            self._tell_step()
            progress.step(state)
            if interrupt.count or state.stopped:
                return

    def _by_program(self, compiled: CompiledSteps) -> None:
        """Take as many steps as machine code may before somebody wants to look."""
        state = self.state
        self._interrupt.held = True
        try:
            take = compiled.prepared(state.step, self._next_look())
            size = len(state.loader.indices(state.step))
            with SignalsHeld():
                losses = take()
                done = int(np.isfinite(losses).sum())
                state.history.extend_losses(losses[:done])
                state.count(done)
                state.loss = float(losses[-1])
            self._examples += done * size
        except RecordingError as error:
            self._go_on_by_steps(error)
            return
        finally:
            self._interrupt.held = False
        if done < len(losses):
            rows = state.loader.indices(state.step)
            x, _ = state.loader.dataset.batch(rows, state.loader.dtype)
            raise diverged(state, "loss", state.loss, x)
        self._tell_step()
        self.progress.step(state)

    def _next_look(self) -> int:
        """The next step after which somebody wants to see the training."""
        step, plan = self.state.step, self.state.plan
        return min(plan.stop, *(step - step % every + every for every in self._periods()))

    def _periods(self) -> list[int]:
        """Steps from one look to the next, of each who looks."""
        return [self.state.plan.every, *(callback.every_steps for callback in self._after_update)]

    def _tell_step(self) -> None:
        for callback in self._after_update:
            if self.state.step % callback.every_steps == 0:
                callback.on_step(self.state)

    def _go_on_by_steps(self, error: RecordingError) -> None:
        if self._compile is True:
            raise error
        self.compiled = None
        self._beside_programs.close()
        reason = str(error).removeprefix("compile: ").partition("\n")[0]
        self.state.tell(f"Not compiled, so step by step from here on: {reason}")

    def _event(self) -> None:
        """Evaluate, unless a run that is resumed did so before it was stopped."""
        rows = self.state.history.rows
        if rows and rows[-1]["step"] == self.state.step:
            rows[-1]["loss"] = self.state.loss
            return
        self._evaluate()
        for callback in self.state.callbacks:
            callback.on_evaluation(self.state)
        self._save()
        self._stretch = perf_counter()

    def _evaluate(self) -> None:
        state = self.state
        self.progress.evaluating(state)
        stretch = perf_counter() - self._stretch
        # Evaluating takes no part in the training: modules learn again afterwards.
        train = self._measured(state.loader.dataset)
        test: dict[str, float | None] = {"loss": None, "accuracy": None}
        if self.validation is not None:
            test = self._measured(self.validation)
        row: Figures = {
            "step": state.step,
            "epoch": state.epoch,
            "loss": state.loss,
            "train_loss": train["loss"],
            "train_accuracy": train["accuracy"],
            "test_loss": test["loss"],
            "test_accuracy": test["accuracy"],
            "seconds": perf_counter() - self._started,
            "examples_per_second": self._examples / stretch if self._examples else None,
        }
        state.history.rows.append(row)
        state.history.off_plan = state.plan.is_off_plan(state.step)
        self._examples, self._stretch = 0, perf_counter()
        self.progress.row(state)
        if train["loss"] != train["loss"]:
            raise diverged(state, "train_loss", float("nan"), None)

    def _measured(self, dataset: Dataset) -> dict[str, float | None]:
        state = self.state
        if self.evaluation is not None:
            try:
                return self.evaluation(dataset)
            except RecordingError:
                self.evaluation = None  # a model may well be one that only learns as a program
        return evaluate(state.model, dataset, self.loss, dtype=state.loader.dtype)

    def _finish(self) -> None:
        state = self.state
        if state.stopped == "interrupted" and state.run is not None:
            self._interrupt.held = True
            save_checkpoint(state.run.path / CHECKPOINT, state)
            self._interrupt.held = False
        try:
            self._evaluate_last()
        except KeyboardInterrupt:
            state.stopped = "interrupted"
        state.stopped = state.history.stopped = state.stopped or "finished"
        self._interrupt.held = True
        if any(type(callback).on_end is not Callback.on_end for callback in state.callbacks):
            self._saver.write()  # they may look into the folder
        for callback in state.callbacks:
            callback.on_end(state)
        self._save()
        self._saver.write()
        self._tell()

    def _evaluate_last(self) -> None:
        """Evaluate the last state; callbacks are told if a longer run would tell them too."""
        state = self.state
        rows = state.history.rows
        if rows and rows[-1]["step"] == state.step:
            return
        if state.stopped == "interrupted":
            self.progress.note("Stopping: the last evaluation; Ctrl-C once more leaves it out.")
        if state.plan.is_event(state.step):
            self._event()
        else:
            self._evaluate()

    def _save(self) -> None:
        before, self._interrupt.held = self._interrupt.held, True
        self._saver.take(self.state)
        self._interrupt.held = before

    def _save_what_was_kept(self) -> None:
        """A training that fails leaves what was evaluated last."""
        before, self._interrupt.held = self._interrupt.held, True
        with suppress(DataError):  # if the disk is full, the first error has said so
            self._saver.write()
        self._interrupt.held = before

    def _tell(self) -> None:
        state = self.state
        if state.stopped != "finished":
            where = f"after step {state.step} of {state.plan.stop}"
            self.progress.note(f"Stopped ({state.stopped}) {where}.")
