"""The loop itself: forward, backward, update, and all that must happen between two steps."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from time import perf_counter

import numpy as np

from gradatim.data import Dataset
from gradatim.errors import DivergenceError, StateError
from gradatim.nn import Module
from gradatim.store.run import CHECKPOINT
from gradatim.train.callbacks import Callback, FollowSchedule
from gradatim.train.checkpoint import save_checkpoint
from gradatim.train.history import Figures
from gradatim.train.interrupt import Interrupt
from gradatim.train.metrics import Loss, evaluate, modes_kept
from gradatim.train.progress import Progress
from gradatim.train.state import TrainingState
from gradatim.types import Array

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
    """

    def __init__(
        self,
        state: TrainingState,
        loss: Loss,
        validation: Dataset | None,
        progress: Progress,
    ) -> None:
        self.state, self.loss = state, loss
        self.validation, self.progress = validation, progress
        state.tell = progress.note
        self._interrupt = Interrupt()
        self._with_update = [
            callback.on_step
            for callback in state.callbacks
            if isinstance(callback, FollowSchedule) and not callback.by_figure
        ]
        self._after_update = [
            callback.on_step
            for callback in state.callbacks
            if not isinstance(callback, FollowSchedule)
            and type(callback).on_step is not Callback.on_step
        ]
        rows = state.history.rows
        self._started = perf_counter() - float((rows[-1]["seconds"] if rows else 0) or 0)
        self._stretch, self._examples = perf_counter(), 0

    def run(self) -> None:
        """Train until the end of the plan, or until somebody stops it."""
        state = self.state
        # Overflow is no surprise to be warned of: the loss is looked at in every step.
        quiet = np.errstate(over="ignore", invalid="ignore", divide="ignore")
        try:
            with self._interrupt, quiet, modes_kept(state.model):
                state.history.stopped = "failed"  # until something better is known
                state.optimizer.zero_grad()
                state.model.train()
                self._train()
        finally:
            state.optimizer.zero_grad()
            self.progress.close()

    def _train(self) -> None:
        try:
            self._begin()
            self._finish()
        except DivergenceError as error:
            for callback in self.state.callbacks:
                callback.on_failure(self.state, error)
            raise

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
        state, interrupt, history = self.state, self._interrupt, self.state.history
        model, criterion, update = state.model, self.loss, state.optimizer.step
        plan, progress = state.plan, self.progress
        for step, x, t in state.loader.batches(state.step, plan.stop):
            loss = criterion(model(x), t)
            state.loss = value = float(loss.raw)
            if not isfinite(value):
                raise _diverged(state, "loss", value, x)
            if step % plan.every == 0:
                self._event()
                if interrupt.count or state.stopped:
                    return
                if any(p.written > loss.born for p in state.optimizer.parameters.values()):
                    loss = criterion(model(x), t)  # a callback has changed the weights
                    state.loss = value = float(loss.raw)
            loss.backward()
            interrupt.held = True
            update()
            history.append_loss(value)
            state.step = step + 1
            for call in self._with_update:
                call(state)
            interrupt.held = False
            self._examples += len(x)
            for call in self._after_update:
                call(state)
            progress.step(state)
            if interrupt.count or state.stopped:
                return

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
        train = evaluate(state.model, state.loader.dataset, self.loss, dtype=state.loader.dtype)
        test: dict[str, float | None] = {"loss": None, "accuracy": None}
        if self.validation is not None:
            test = evaluate(state.model, self.validation, self.loss, dtype=state.loader.dtype)
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
            raise _diverged(state, "train_loss", float("nan"), None)

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
        for callback in state.callbacks:
            callback.on_end(state)
        self._save()
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
        state, before = self.state, self._interrupt.held
        if state.run is None:
            return
        self._interrupt.held = True
        state.run.save_model(state.model.state_dict(), described(state.model))
        state.run.save_history(state.history.rows)
        self._interrupt.held = before

    def _tell(self) -> None:
        state = self.state
        if state.stopped != "finished":
            where = f"after step {state.step} of {state.plan.stop}"
            self.progress.note(f"Stopped ({state.stopped}) {where}.")


def described(model: Module) -> dict[str, object]:
    """Return the architecture of a model as plain data; the name of its class if it has none.

    Parameters
    ----------
    model : Module
        Any.

    Returns
    -------
    dict
        Ready for ``RunFolder.save_model``.

    Examples
    --------
    >>> import gradatim as gd
    >>> class Own(gd.nn.Module): ...
    >>> described(Own())
    {'class': 'Own'}
    """
    try:
        return model.architecture()
    except StateError:
        # A class of the user's own: the weights are saved all the same.
        return {"class": type(model).__name__}


def _diverged(state: TrainingState, key: str, value: float, x: Array | None) -> DivergenceError:
    losses = state.history.losses
    before = f"; it was {losses[0]:.4g} at first" if len(losses) else ""
    if len(losses) > 1:
        before += f" and {losses[-1]:.4g} one step ago"
    if x is not None and not np.isfinite(x).all():
        sample = int(
            state.loader.indices(state.step)[~np.isfinite(x).reshape(len(x), -1).all(1)][0]
        )
        hint = f"Sample {sample} of the data is not finite: look at dataset[{sample}]."
    else:
        rate = getattr(state.optimizer, "lr", None)
        smaller = f" than {rate:g}: lr={rate / 10:g}" if isinstance(rate, float) and rate else ""
        hint = (
            f"Try a smaller learning rate{smaller}. Other causes: inputs that are not scaled to "
            "about 1, weights that begin too large, log or division of 0 in a loss of your own."
        )
    return DivergenceError(
        f"fit: the {key} is {value} at step {state.step} (epoch {state.epoch}){before}.\n"
        f"  It must be a finite number, or every weight becomes NaN. {hint}"
    )
