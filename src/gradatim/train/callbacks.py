"""Callbacks: what is done at certain moments of a training."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gradatim.errors import DivergenceError, DtypeError, StateError
from gradatim.optim import ReduceLROnPlateau, Schedule
from gradatim.store.run import CHECKPOINT
from gradatim.train.checkpoint import save_checkpoint
from gradatim.train.history import is_larger_better
from gradatim.train.state import TrainingState
from gradatim.types import Array


class Callback:
    """Base of the callbacks: override what you need; each method is shown the training.

    ::

        on_start        once, before the first step; state.step > 0 when a run is resumed
          on_evaluation   after each evaluation: state.row is its row of the history
          on_step         after each update: state.step, state.loss
        on_failure      once, if the loss becomes infinite or NaN; nothing comes after it
        on_end          once, after the last evaluation; state.stopped says why

    ``state.stop()`` ends the training after the step.

    Attributes
    ----------
    every_steps : int
        ``on_step`` is called after each update whose number is a multiple of this. The fewer
        calls, the more steps a compiled training takes at once.

    Examples
    --------
    >>> import gradatim as gd
    >>> class Tell(Callback):
    ...     def on_evaluation(self, state):
    ...         print(state.step, f"{state.row['train_loss']:.3f}")
    >>> model = gd.nn.MLP([2, 2], init="zeros")
    >>> optimizer = gd.optim.SGD(model)
    >>> trainer = gd.train.Trainer(
    ...     model, gd.cross_entropy, optimizer, callbacks=[Tell()], progress="none"
    ... )
    >>> _ = trainer.fit(gd.data.xor(), steps=1, batch_size=4)
    0 0.693
    1 0.693
    """

    every_steps: int = 1

    @property
    def name(self) -> str:
        """What it is called in a checkpoint."""
        return type(self).__name__

    def on_start(self, state: TrainingState) -> None:
        """Act on ``state`` before the first step."""

    def on_step(self, state: TrainingState) -> None:
        """Act on ``state`` after an update whose number is a multiple of ``every_steps``."""

    def on_evaluation(self, state: TrainingState) -> None:
        """Act on ``state`` after an evaluation."""

    def on_failure(self, state: TrainingState, error: DivergenceError) -> None:
        """Act on ``state`` before the ``error`` is raised; may add to its message."""

    def on_end(self, state: TrainingState) -> None:
        """Act on ``state`` when the training ends, by whatever it was stopped."""

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint must keep: arrays, and what JSON can hold."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a ``state`` that :meth:`state_dict` returned."""


class EarlyStopping(Callback):
    """Stop when a figure has not got better for a while; leave the model as it was at its best.

    Parameters
    ----------
    monitor : str
        A figure of the history: ``"test_loss"``, ``"test_accuracy"``, ``"train_loss"``.
    patience : int
        Evaluations without getting better that are let pass.
    min_delta : float
        By how much better counts.
    restore_best : bool
        Whether the model gets back the weights of its best evaluation at the end. Not after
        Ctrl-C, so that the training can go on from where it was.

    Attributes
    ----------
    best : float or None
        The best figure so far.
    best_step : int
        The number of updates at which it was taken.
    bad : int
        Evaluations since then.

    Raises
    ------
    StateError
        ``patience`` or ``min_delta`` is negative, or the history has no such figure.

    Examples
    --------
    >>> EarlyStopping("test_accuracy", patience=3)
    EarlyStopping('test_accuracy', patience=3)
    """

    def __init__(
        self,
        monitor: str = "test_loss",
        patience: int = 5,
        *,
        min_delta: float = 0.0,
        restore_best: bool = True,
    ) -> None:
        if patience < 0 or not min_delta >= 0:
            raise StateError(
                f"EarlyStopping: patience is {patience}, min_delta is {min_delta}; both must be 0 "
                "or more."
            )
        self.monitor, self.patience = monitor, patience
        self.min_delta, self.restore_best = min_delta, restore_best
        self._forget()

    def _forget(self) -> None:
        self.best: float | None = None
        self.best_step = self.bad = 0
        self._weights: dict[str, Array] = {}

    def on_start(self, state: TrainingState) -> None:
        """Forget an earlier training unless ``state`` is resumed."""
        if state.step == 0:
            self._forget()

    def on_evaluation(self, state: TrainingState) -> None:
        """Compare the figure of ``state.row`` with the best one."""
        value = figure_of(state, self.monitor, "EarlyStopping")
        if self.best is None or self._is_better(value, self.best):
            self.best, self.best_step, self.bad = value, state.step, 0
            self._weights = state.model.state_dict() if self.restore_best else {}
            return
        self.bad += 1
        if self.bad > self.patience:
            state.stop("early")

    def _is_better(self, value: float, best: float) -> bool:
        gain = value - best if is_larger_better(self.monitor) else best - value
        return gain > self.min_delta

    def on_end(self, state: TrainingState) -> None:
        """Give the model of ``state`` its best weights back."""
        if self._weights and state.stopped != "interrupted" and self.best_step != state.step:
            state.model.load_state_dict(self._weights)

    def state_dict(self) -> dict[str, Any]:
        """Return the best figure, its step, and its weights."""
        weights = {f"best.{name}": value for name, value in self._weights.items()}
        return {"best": self.best, "best_step": self.best_step, "bad": self.bad, **weights}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a ``state`` that :meth:`state_dict` returned."""
        self.best, self.best_step, self.bad = state["best"], state["best_step"], state["bad"]
        self._weights = {
            name.removeprefix("best."): value
            for name, value in state.items()
            if name.startswith("best.")
        }

    def __repr__(self) -> str:
        return f"EarlyStopping({self.monitor!r}, patience={self.patience})"


class Checkpoint(Callback):
    """Save the training every so many steps, so that it can go on after a crash.

    Parameters
    ----------
    every : int
        Steps from one to the next.
    path : str or path, optional
        The file, replaced whole each time; ``checkpoint.safetensors`` in the folder of the run if
        not given.

    Raises
    ------
    StateError
        ``every`` is below 1, or there is neither a path nor a run.

    Examples
    --------
    >>> Checkpoint(every=1000, path="net.safetensors")
    Checkpoint(every=1000)
    """

    def __init__(self, every: int, path: str | os.PathLike[str] | None = None) -> None:
        if isinstance(every, bool) or every != int(every) or every < 1:
            raise StateError(f"Checkpoint: every is {every!r}; it must be an integer of 1 or more.")
        self.every = self.every_steps = int(every)
        self.path = path

    def on_start(self, state: TrainingState) -> None:
        """See that ``state`` has a place to save to."""
        if self.path is None and state.run is None:
            raise StateError(
                "Checkpoint: there is nowhere to save to: neither a path nor a run was given.\n"
                f"  Try Checkpoint(every={self.every}, path='checkpoint.safetensors'), or "
                "fit(..., run=gd.store.RunFolder.create())."
            )

    def on_step(self, state: TrainingState) -> None:
        """Save ``state``."""
        save_checkpoint(self.path or state.run.path / CHECKPOINT, state)  # type: ignore[union-attr]

    def __repr__(self) -> str:
        return f"Checkpoint(every={self.every})"


class FollowSchedule(Callback):
    """Let the learning rate follow a schedule, which may also be given as a callback itself.

    Parameters
    ----------
    schedule : Schedule
        Goes one step on with every update, together with it: no interruption comes between.
    monitor : str, optional
        If given, the schedule steps at each evaluation instead, and is told this figure.
        ReduceLROnPlateau watches ``"test_loss"``, or ``"train_loss"`` where there is no test.

    Examples
    --------
    >>> import gradatim as gd
    >>> optimizer = gd.optim.SGD([gd.Parameter(0.0)], lr=1.0)
    >>> FollowSchedule(gd.optim.StepLR(optimizer, 100))
    FollowSchedule(StepLR)
    """

    def __init__(self, schedule: Schedule, monitor: str | None = None) -> None:
        self.schedule, self.monitor = schedule, monitor
        self.by_figure = monitor is not None or isinstance(schedule, ReduceLROnPlateau)

    @property
    def name(self) -> str:
        """What it is called in a checkpoint."""
        return f"FollowSchedule({type(self.schedule).__name__})"

    def on_step(self, state: TrainingState) -> None:
        """Go one step on with ``state``."""
        if not self.by_figure:
            self.schedule.step()

    def on_evaluation(self, state: TrainingState) -> None:
        """Tell the schedule the figure of ``state.row``, if it watches one."""
        if self.by_figure:
            tested = state.row.get("test_loss") is not None
            monitor = self.monitor or ("test_loss" if tested else "train_loss")
            self.schedule.step(figure_of(state, monitor, self.name))

    def state_dict(self) -> dict[str, Any]:
        """Return where the schedule is."""
        return self.schedule.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a ``state`` that :meth:`state_dict` returned."""
        self.schedule.load_state_dict(dict(state))

    def __repr__(self) -> str:
        return self.name


class AfterEvaluation(Callback):
    """Call a function after each evaluation; a plain function given as a callback becomes one.

    Parameters
    ----------
    function : callable
        ``function(state)``.

    Examples
    --------
    >>> AfterEvaluation(print)
    AfterEvaluation(print)
    """

    def __init__(self, function: Callable[[TrainingState], object]) -> None:
        self.function = function

    def on_evaluation(self, state: TrainingState) -> None:
        """Call the function with ``state``."""
        self.function(state)

    def __repr__(self) -> str:
        return f"AfterEvaluation({getattr(self.function, '__name__', self.function)})"


def as_callbacks(given: Iterable[Any]) -> list[Callback]:
    """Return callbacks in the order in which they are told: those that save come last.

    Parameters
    ----------
    given : iterable
        Callbacks, schedules and functions of one argument.

    Returns
    -------
    list of Callback
        A checkpoint must see what all others have done in the same step.

    Raises
    ------
    DtypeError
        Something is none of these.

    Examples
    --------
    >>> as_callbacks([Checkpoint(10, "a.npz"), print])
    [AfterEvaluation(print), Checkpoint(every=10)]
    """
    if isinstance(given, (Callback, Schedule)) or not isinstance(given, Iterable):
        raise DtypeError(
            f"Trainer: callbacks is {given!r}; it must be a list.\n  Try callbacks=[{given!r}]."
        )
    return sorted(map(_as_callback, given), key=lambda each: isinstance(each, Checkpoint))


def _as_callback(given: Any) -> Callback:
    if isinstance(given, Callback):
        return given
    if isinstance(given, Schedule):
        return FollowSchedule(given)
    if callable(given) and not isinstance(given, type):
        return AfterEvaluation(given)
    hint = f"\n  Did you mean {given.__name__}(...)?" if isinstance(given, type) else ""
    raise DtypeError(
        f"Trainer: a callback is {given!r}; it must be a Callback, a schedule of gd.optim, or a "
        f"function of one argument, the state of the training.{hint}"
    )


def figure_of(state: TrainingState, monitor: str, called: str) -> float:
    """Return a figure of the latest evaluation.

    Parameters
    ----------
    state : TrainingState
        Evaluated.
    monitor : str
        Name of the figure.
    called : str
        Begins the message.

    Returns
    -------
    float
        The figure.

    Raises
    ------
    StateError
        There is none of that name.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> figure_of(SimpleNamespace(row={"train_loss": 0.5}), "train_loss", "me")
    0.5
    """
    value = state.row.get(monitor)
    if value is None:
        known = [name for name, found in state.row.items() if found is not None]
        raise StateError(
            f"{called}: the evaluations have no figure {monitor!r}; there are {known}.\n"
            "  Figures of a test need validation data: fit(train, validation). Accuracies need "
            "labels or one-hot targets."
        )
    return float(value)
