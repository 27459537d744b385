"""Where a training stands: what its callbacks are shown, and what a checkpoint keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from gradatim.data import Dataset, Loader
from gradatim.errors import StateError
from gradatim.nn import Module
from gradatim.optim import Optimizer
from gradatim.store import RunFolder
from gradatim.train.history import Figures, History
from gradatim.train.metrics import Loss
from gradatim.train.plan import Plan

_FIXED = {
    "model": "Try to change it in place: state.model.load_state_dict(...), or its layers.",
    "optimizer": "Try to change it in place: state.optimizer.lr = 0.01.",
    "loader": "Try state.stop() here, and then fit(other_data, ..., resume=history).",
    "validation": "Try state.stop() here, and then fit(train, other_data, ..., resume=history).",
    "criterion": "Try a loss that chooses between several, or state.stop() and another Trainer.",
    "plan": "Try state.stop() to end sooner; fit(..., resume=history) with more steps goes on.",
    "history": "Try to write into it: state.history.rows, state.row.",
    "callbacks": "Try a callback that is there from the start and does nothing until it is time.",
}
"""What a training is made of, and what to try instead of replacing it on the way."""

_OPEN = object()
"""Stands for what has not been set yet."""


def _to_nobody(text: str) -> None:
    """Take a text and show it nowhere."""


@dataclass(slots=True)
class TrainingState:
    """A training, as its callbacks see it.

    What it is made of stays: model, optimizer, loader, criterion, validation, plan, history and
    callbacks cannot be replaced. What they hold may be changed. Steps are counted by the training.

    Parameters
    ----------
    model : Module
        What learns.
    optimizer : Optimizer
        What makes it learn.
    loader : Loader
        Where its batches come from, with seed, batch size and dataset.
    plan : Plan
        How many steps, and when it is evaluated.
    history : History
        What was measured so far.
    callbacks : sequence of Callback
        Whoever is told; kept as a tuple.
    run : RunFolder, optional
        Where it is saved.
    step : int
        Number of updates made.
    loss : float, optional
        Of the latest batch, before its update.
    stopped : str, optional
        Why the training ends here; None while it goes on.
    criterion : callable, optional
        ``criterion(outputs, targets)``, what is made small.
    validation : Dataset, optional
        What the model is tested on.
    tell : callable
        Shows a line or two of text where the training is shown.
    """

    model: Module
    optimizer: Optimizer
    loader: Loader
    plan: Plan
    history: History
    callbacks: Sequence[Any] = ()
    run: RunFolder | None = None
    step: int = 0
    loss: float | None = None
    stopped: str | None = None
    criterion: Loss | None = None
    validation: Dataset | None = None
    tell: Callable[[str], None] = _to_nobody

    def __post_init__(self) -> None:
        object.__setattr__(self, "callbacks", tuple(self.callbacks))

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; raise StateError if a training is made of it and has begun."""
        if name == "step" and getattr(self, "step", value) != value:
            raise StateError(
                f"TrainingState: state.step is {self.step} and was to become {value!r}. Steps are "
                "counted by the training itself; batches and evaluations follow them.\n"
                "  Try state.stop() to end sooner; fit(..., resume=history) with more goes on."
            )
        known = getattr(self, name, _OPEN) if name in _FIXED else _OPEN
        if known is not _OPEN and known is not value:
            raise StateError(
                f"TrainingState: state.{name} was to be replaced by another one. A training keeps "
                f"its {name} to the end; its compiled steps are made of it.\n  {_FIXED[name]}"
            )
        object.__setattr__(self, name, value)

    @property
    def epoch(self) -> int:
        """Number of whole epochs done."""
        return self.step // self.plan.epoch_steps

    @property
    def row(self) -> Figures:
        """The latest evaluation."""
        return self.history.last

    def count(self, steps: int) -> None:
        """Add to the number of ``steps`` that are done; the training itself does so."""
        object.__setattr__(self, "step", self.step + steps)

    def stop(self, reason: str = "early") -> None:
        """End the training after this step; the ``reason`` becomes ``History.stopped``."""
        self.stopped = reason
