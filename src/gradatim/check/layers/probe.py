"""Probes: what a right layer may still be warned about, and a wrong gradient be forgiven."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.check.layers.call import Call, LayerAtPoint
from gradatim.check.layers.point import Kind, is_one_hot, scale_of
from gradatim.check.layers.returned import Gradients
from gradatim.check.layers.slope import Precision
from gradatim.check.layers.specimen import Place
from gradatim.check.layers.trial import ALL, Measure, Row, Trial
from gradatim.types import Array

EPSILONS = [10.0**-k for k in range(3, 16)]
"""What learners add within a logarithm, against log(0)."""


def added_epsilon(pairs: list[tuple[Trial, Row]]) -> float | None:
    """What forward adds within the logarithm and backward leaves out, if that explains all.

    Backward is ``dout (p - t) / N``, which tells p of the right class; with ``log(p + e)`` in
    forward each gradient of that sample is ``p / (p + e)`` times as large.
    """
    wrong = [(trial, row) for trial, row in pairs if row.wrong]
    for epsilon in EPSILONS:
        if wrong and all(_explains(epsilon, trial, row) for trial, row in wrong):
            return epsilon
    return None


def _explains(epsilon: float, trial: Trial, row: Row) -> bool:
    p = _right_class(trial, row)
    if p is None or not ((p > -1e-9) & (p < 1 + 1e-9)).all():
        return False
    p = np.maximum(p, 0.0)
    share = (p / (p + epsilon)).reshape(-1, *[1] * (row.got.ndim - 1))
    expected = (row.got * share).reshape(-1)[row.at]
    apart, before = np.abs(expected - row.expected), np.abs(row.found - row.expected)
    return bool((apart <= 0.05 * before + 2e-7 * np.abs(row.found).max()).all())


def _right_class(trial: Trial, row: Row) -> Array | None:
    """What backward takes for p of the right class of each sample."""
    if np.ndim(trial.call.output) or row.got.ndim not in (1, 2) or len(trial.subject.inputs) < 2:
        return None
    t = np.asarray(trial.subject.inputs[1])
    apart = row.got * len(row.got) / float(np.asarray(trial.call.dout))
    if t.shape == row.got.shape and row.got.ndim == 1 and ((t == 0) | (t == 1)).all():
        return np.asarray(1 - np.where(t == 1, -apart, apart))
    if row.got.ndim == 2 and t.shape == row.got.shape and is_one_hot(t):
        t = t.argmax(axis=1)
    labels = t.shape == row.got.shape[:1] and t.dtype.kind in "iu" and row.got.ndim == 2
    if not labels or t.max(initial=0) >= row.got.shape[1]:
        return None
    return np.asarray(1 + apart[np.arange(len(t)), t])


class Probe:
    """Other uses of a layer that is right where it was checked."""

    def __init__(
        self,
        subject: LayerAtPoint,
        precision: Precision,
        kinds: tuple[Kind, ...],
        parameters: list[Place],
    ) -> None:
        self.subject, self.precision = subject, precision
        self.kinds, self.parameters = kinds, parameters

    def remarks(self) -> list[str]:
        """What is worth knowing."""
        told = [self._whole(), self._large(), self._single()]
        return [each for each in told if each]

    def _with(self, change: Any) -> LayerAtPoint:
        inputs = tuple(
            change(x) if kind == "moves" else x for x, kind in zip(self.subject.inputs, self.kinds)
        )
        return LayerAtPoint(self.subject.layer, inputs, self.subject.settings, self.subject.seed)

    def _output(self, change: Any) -> Any:
        """Output of forward on changed inputs, or what it raises."""
        try:
            return self._with(change).outputs(lambda *_: None)
        except Exception as error:
            return error

    def _whole(self) -> str:
        """Whole numbers, as a learner types them, must not be rounded on their way."""
        floats = self._output(lambda x: np.round(3 * np.asarray(x))[()])
        whole = self._output(lambda x: np.round(3 * np.asarray(x)).astype(np.int64)[()])
        if isinstance(floats, Exception):
            return ""
        if isinstance(whole, Exception):
            return "forward raises for an array of whole numbers (int); x.astype(float) helps."
        if np.allclose(whole, floats, equal_nan=True):
            return ""
        return (
            "for an array of whole numbers (int) forward gives other, rounded numbers; "
            "x.astype(float) helps, or np.zeros(x.shape) in place of np.zeros_like(x)."
        )

    def _large(self) -> str:
        """Numbers as a network that diverges meets them."""
        out = self._output(lambda x: np.asarray(x * 1000 / scale_of(np.asarray(x)))[()])
        if isinstance(out, Exception) or np.isfinite(out).all():
            return ""
        return "forward gives nan or inf for inputs around 1000: it is not stable."

    def _single(self) -> str:
        """One sample without the axis of the batch."""
        shapes = [np.shape(x) for x, k in zip(self.subject.inputs, self.kinds) if k == "moves"]
        if any(len(shape) != 2 for shape in shapes):
            return ""
        inputs = tuple(x[0] if np.ndim(x) else x for x in self.subject.inputs)
        alone = LayerAtPoint(self.subject.layer, inputs, self.subject.settings, self.subject.seed)
        call = alone.call(lambda out: np.full(np.shape(out), 1.5)[()])
        if call.stage == "forward" or self._is_right(alone, call):
            return ""
        return (
            f"a single sample of shape {np.shape(inputs[0])}, without an axis for the batch, goes "
            f"through forward but not, or not rightly, through backward; x[None] helps."
        )

    def _is_right(self, alone: LayerAtPoint, call: Call) -> bool:
        if call.raised is not None or not np.isfinite(np.asarray(call.output)).all():
            return False
        given = Gradients(call, alone, self.kinds, self.parameters)
        if given.findings:
            return False
        measure = Measure(alone, call, self.precision, ALL)
        rows = [measure.of_input(i, "", got) for i, got in given.of_inputs.items()]
        rows += [
            measure.of_parameter(place, "", given.of_parameters[place.name])
            for place in self.parameters
        ]
        return not any(row.wrong for row in rows)
