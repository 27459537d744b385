"""Doctor: looks at a training from time to time, and says what is wrong and what to try."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradatim.chance import chance_kept
from gradatim.errors import DivergenceError
from gradatim.train import labels
from gradatim.train.autopsy import first_bad_sample, first_culprit
from gradatim.train.callbacks import Callback
from gradatim.train.chart import Chart
from gradatim.train.descent import Descent, try_updates
from gradatim.train.finding import Finding
from gradatim.train.metrics import Loss
from gradatim.train.rate import (
    is_no_better,
    is_stuck,
    is_surely_too_high,
    sign_of_growth,
    sign_of_too_high,
    sizes_to_try,
    too_high,
    too_low,
)
from gradatim.train.standstill import stands_still, unmoved
from gradatim.train.state import TrainingState
from gradatim.train.symptom import begins_too_wide, found_in
from gradatim.train.twin import Snapshot, Twin

LEARNED, LEARNED_SHARE = 0.95, 0.01
GLANCE = 50
"""Samples on which a network that has learned is looked at before it is on all."""
_NUMBERS = 2**22
_DIED = "units that were alive at the start have died, as they do by too large updates."
_RATES = ("learning rate too high", "learning rate too low")


class Doctor(Callback):
    """Examine the training at every evaluation; say what is wrong, with evidence and a fix.

    It finds: a learning rate too high or too low, by trying updates; dead relu units; saturated
    sigmoids; gradients that vanish or explode; inputs that are not scaled; labels that are
    constant or out of order; softmax of softmax; and if the loss becomes infinite or NaN, the
    first primitive that made such a number, and the user's line. Each finding is shown once. Of
    a healthy training it says nothing.

    Parameters
    ----------
    samples : int
        How many samples of the training data to look at.

    Attributes
    ----------
    findings : list of Finding
        In the order in which they were found.

    Notes
    -----
    The training stays the same bit for bit: whatever is tried is tried on copies, in float64, and
    the random numbers of NumPy and Python go on as if nothing had been. The loss is called some
    times more; a loss that counts its calls, or draws from a generator of its own, will notice.
    Memory: three copies of the model. Time: some 25 forward passes of a batch and one of
    ``samples`` an evaluation; of a network that has learned its data, one of 50 samples.

    Examples
    --------
    >>> import gradatim as gd
    >>> model = gd.nn.MLP([2, 8, 2], rng=0)
    >>> doctor = gd.train.Doctor()
    >>> optimizer = gd.optim.SGD(model, lr=1e-9)
    >>> trainer = gd.train.Trainer(
    ...     model, gd.cross_entropy, optimizer, callbacks=[doctor], progress="none"
    ... )
    >>> _ = trainer.fit(gd.data.moons(100), steps=100, batch_size=20)
    >>> print(doctor.findings[0].name)
    learning rate too low
    """

    def __init__(self, samples: int = 1000) -> None:
        self.samples = samples
        self._forget()

    def _forget(self) -> None:
        self.findings: list[Finding] = []
        self._start: Snapshot | None = None
        self._latest: Snapshot | None = None
        self._remedy: dict[str, Any] = {}
        self._suspicion: tuple[str | None, float] = (None, 0.0)

    @property
    def recipe(self) -> dict[str, Any]:
        """The settings that the findings propose, taken together; of several the first counts."""
        together: dict[str, Any] = {}
        for found in reversed(self.findings):
            together |= found.settings
        return together

    def on_start(self, state: TrainingState) -> None:
        """Look at the data of ``state``."""
        self._forget()
        try:
            with chance_kept():
                self._start = self._latest = Snapshot(state)
        except Exception as error:  # whatever an own model does not like about being copied
            self._give_up(state, error)
            return
        self._report(state, labels.constant(state.loader.dataset))
        self._report(state, labels.missing(state.loader.dataset, state.validation))

    def on_evaluation(self, state: TrainingState) -> None:
        """Examine ``state``."""
        if self._start is None or state.criterion is None:
            return
        try:
            with chance_kept():  # an own model may draw from it
                self._report(state, self._examined(state, self._start, state.criterion))
                self._latest = Snapshot(state)
        except Exception as error:  # an examination must not end a training
            self._give_up(state, error)

    def _examined(
        self, state: TrainingState, start: Snapshot, criterion: Loss
    ) -> Iterator[Finding]:
        twin, learned = Twin(state.model, state.optimizer), _has_learned(state)
        chart = self._chart(state, twin, criterion, learned)
        if not np.isfinite(chart.loss):
            return
        if state.step == start.step:
            self._remedy = begins_too_wide(chart)
        yield from found_in(chart, state.step, self._remedy, learned, stands_still(state))
        if not learned:
            yield from unmoved(state, start)
        if not learned and not self._knows("inputs not scaled", *_RATES):
            yield from self._about_rate(state, twin, start, criterion)
        accuracy = state.row.get("train_accuracy")
        if state.epoch and accuracy is not None and not self.findings:
            yield from labels.unrelated(state.loader.dataset, accuracy, state.step)

    def _chart(self, state: TrainingState, twin: Twin, criterion: Loss, learned: bool) -> Chart:
        """Of a network that has learned, what few samples do not show, all do not show either.

        A unit that is dead for all samples is dead for some of them, and what is true of each row
        is true of some rows. So all are looked at only where some show anything.
        """
        if learned:
            few = Chart(twin.model, criterion, *self._sample(state, min(GLANCE, self.samples)))
            if not list(found_in(few, state.step, self._remedy, learned)):
                return few
        return Chart(twin.model, criterion, *self._sample(state, self.samples))

    def _about_rate(
        self, state: TrainingState, twin: Twin, start: Snapshot, criterion: Loss
    ) -> Iterator[Finding]:
        sizes = sizes_to_try(state)
        alone, descent = len(sizes) == 1, None
        # Where the loss falls well, or that of one batch by its update, nothing would follow.
        if not alone or is_stuck(state):
            descent = try_updates(state, twin, criterion, sizes, while_rising=alone)
        evidence = self._sure_of_too_high(state, descent)
        if evidence is not None:
            yield too_high(state, evidence, start, criterion, self._remedy)
        elif descent is not None and not self._knows("dead units", "vanishing gradient"):
            low = too_low(state, twin, start, criterion, descent)
            yield from [] if low is None else [low]

    def _sure_of_too_high(self, state: TrainingState, descent: Descent | None) -> str | None:
        """A suspicion counts if nothing has got better by the next evaluation."""
        suspicion, before = self._suspicion
        died = self._has_killed()
        confirmed = suspicion and (died or is_no_better(state, before))
        sign = None if descent is None else sign_of_too_high(state, descent)
        self._suspicion = sign, float(state.row["train_loss"] or 0.0)
        if confirmed or (sign and descent is not None and is_surely_too_high(descent)):
            return suspicion or sign
        return _DIED if died else sign_of_growth(state)

    def _has_killed(self) -> bool:
        dead = [found for found in self.findings if found.name == "dead units" and found.step > 0]
        return bool(dead) and not self._knows("vanishing gradient")

    def _sample(self, state: TrainingState, most: int) -> tuple[Any, Any]:
        """Samples from all over the data, so that an order in it does no harm."""
        dataset = state.loader.dataset
        size = max(1, int(np.prod(dataset.input_shape)))
        count = max(1, min(most, len(dataset), _NUMBERS // size))
        return dataset.batch(labels.spread(len(dataset), count), np.float64)

    def on_failure(self, state: TrainingState, error: DivergenceError) -> None:
        """Find out what made the loss of ``state`` infinite or NaN, and add it to ``error``."""
        if self._latest is None or state.criterion is None:
            return
        try:
            with chance_kept():
                found = list(self._failure(state, self._latest, state.criterion))
        except Exception as trouble:  # the error that is on its way matters more
            self._give_up(state, trouble)
            return
        self.findings += found  # shown by the error
        error.message += "".join(f"\n  Doctor: {each}" for each in found)

    def _failure(
        self, state: TrainingState, latest: Snapshot, criterion: Loss
    ) -> Iterator[Finding]:
        sample = first_bad_sample(state.loader.dataset)
        if sample is not None:
            evidence = f"sample {sample} of the training data holds NaN or infinity."
            yield Finding("not finite", evidence, f"Look at dataset[{sample}].", None, state.step)
            return
        culprit = first_culprit(state, latest, criterion)
        evidence, _, fix = (culprit or "no primitive of the latest steps made it.").partition("\n")
        yield Finding("not finite", evidence, fix.strip(), None, state.step)
        losses = state.history.losses
        if self._start is None or not len(losses) or self._knows("inputs not scaled", *_RATES):
            return
        sign = self._suspicion[0] or sign_of_growth(state, float(losses[-1]))
        if sign:
            yield too_high(state, sign, self._start, criterion, self._remedy)

    def _knows(self, *names: str) -> bool:
        return any(finding.name in names for finding in self.findings)

    def _report(self, state: TrainingState, findings: Iterator[Finding]) -> None:
        """Keep what is new and show it."""
        for found in findings:
            if not self._knows(found.name):
                self.findings.append(found)
                state.tell(f"Doctor: {found}")

    def _give_up(self, state: TrainingState, error: Exception) -> None:
        self._start = self._latest = None
        found = Finding(
            "not examined",
            f"a copy of the model cannot be tried: {type(error).__name__}: {error}",
            "The training goes on; leave the Doctor out to be rid of this note.",
            None,
            state.step,
        )
        self._report(state, iter([found]))

    def __repr__(self) -> str:
        return "Doctor()" if self.samples == 1000 else f"Doctor({self.samples})"


def _has_learned(state: TrainingState) -> bool:
    rows = state.history.rows
    accuracy = rows[-1].get("train_accuracy")
    if accuracy is not None:
        return accuracy >= LEARNED
    return float(rows[-1]["train_loss"] or 0) < LEARNED_SHARE * float(rows[0]["train_loss"] or 0)
