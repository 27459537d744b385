"""The examination of a layer: trials at many points, and what they add up to."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from gradatim.check.layers import conduct, remainder
from gradatim.check.layers.call import STOPS, Beyond, Call, LayerAtPoint, fresh, takes_dout
from gradatim.check.layers.cause import explain
from gradatim.check.layers.exactness import DOUBLE
from gradatim.check.layers.finding import GradientRow, LayerCheck, LayerFinding
from gradatim.check.layers.mistake import mended
from gradatim.check.layers.opening import Opening
from gradatim.check.layers.point import Point, moved, points, size_of
from gradatim.check.layers.probe import Probe, added_epsilon
from gradatim.check.layers.returned import Gradients, gradient_name
from gradatim.check.layers.specimen import NAMES, Path, copied, put, reach, spell
from gradatim.check.layers.trial import ALL, FAINT, Measure, Trial, of_tie
from gradatim.errors import GradatimError
from gradatim.types import Array


class Examination:
    """A layer, its inputs, and all that is found out about them."""

    def __init__(self, opening: Opening) -> None:
        self.opening = opening
        self.layer, self.names, self.kinds = opening.layer, opening.names, opening.kinds
        self.inputs, self.parameters = opening.inputs, opening.parameters
        self.findings: dict[tuple[str, str], LayerFinding] = {}
        self.remarks: list[str] = list(opening.remarks)
        self.skipped: dict[str, str] = {}
        self.trials: list[Trial] = []

    def run(self) -> LayerCheck:
        """Try every point and say what was found."""
        every = points(self.inputs, self.kinds, self.opening.seed, free=not self.parameters)
        for point in every:
            if point.far and self.opening.precision.epsilon > DOUBLE:
                continue
            self._try(point)
            if ("backward", "raises") in self.findings and not self.trials:
                break
        self._check_some()
        self._forgive()
        unchecked = self._unchecked()
        if self.trials:
            self._note(conduct.default(self.trials[0].subject, self.trials[0].call))
        self._explain()
        if not self.findings and self.trials:
            first = self.trials[0].subject
            probe = Probe(first, self.opening.precision, self.kinds, self.parameters)
            self.remarks += probe.remarks()
        return LayerCheck(
            self.opening.name,
            tuple(self._rows()),
            tuple(self.findings.values()),
            tuple(
                dict.fromkeys(
                    [*self.remarks, *self._told_still(), *self._told_skipped(), *self._told_kinks()]
                )
            ),
            tuple(trial.point.label for trial in self.trials),
            tuple(unchecked),
        )

    def _check_some(self) -> None:
        """Refuse to say anything of a layer that could be checked nowhere."""
        if self.trials or self.findings:
            return
        why = next(iter(self.skipped.values()), "forward gives nan or inf")
        raise GradatimError(
            f"layer: {self.opening.name} could not be checked at any point, not even as given: "
            f"{why}.\n  Slopes are seen by moving numbers a little to both sides; forward must "
            "take those too.\n  Try inputs further inside of what forward takes, or without the "
            "check in forward."
        )

    def _unchecked(self) -> list[str]:
        """What the output hangs on and has no gradient, and gradients that belong to nothing."""
        if not self.trials:
            return []
        first = self.trials[0]
        lost = remainder.ungraded(first.subject, self.parameters)
        paths = remainder.uncompared(first.call, self.layer, self.parameters)
        left = [spell(path) for path in paths if lost or not _is_of_parameter(path)]
        if lost:
            names = ", ".join(place.name for place in lost)
            self.remarks.append(
                f"forward uses {names}, and no gradient of that was found; the gradient of an "
                f"array {lost[0].name} is looked for in {lost[0].expected}."
            )
        if left:
            self.remarks.append(
                f"backward leaves {', '.join(left)}, and whose gradient that is was not found; "
                "that of self.W is self.dW."
            )
        told = any(kind == "no gradient" for _, kind in self.findings)
        if not told and not lost:  # else those may be what it is the gradient of
            self._note([_nobodys(spell(path)) for path in paths if _is_of_parameter(path)])
        return [*(place.name for place in lost), *left, *self.opening.unchecked]

    def _try(self, point: Point) -> None:
        layer, before = self._prepared(point)
        subject = LayerAtPoint(layer, point.inputs, self.opening.settings, point.seed)
        call = subject.call(lambda out: self.opening.dout(out, point.seed), self.parameters)
        positive = self._made_positive(point)
        if positive is not None and not _is_finite(call):
            return self._try(positive)
        trial = Trial(point, subject, call, before=before)
        if point.like is not None and not self._takes_other_targets(point, call):
            return None
        self._note(conduct.changes(trial, self.names))
        if point.reused:
            self._note(conduct.memory(trial, self.opening))
        if call.raised is not None:
            self._note_raised(trial)
        elif not _is_finite(call):
            if not point.far:  # the probe tells of overflow
                self.skipped.setdefault(point.label, "forward gives nan or inf")
        else:
            try:
                self._measure(trial)
            except Beyond as error:
                self.skipped.setdefault(point.label, str(error))
            else:
                self.trials.append(trial)
        return None

    def _made_positive(self, point: Point) -> Point | None:
        """The point without signs, where only positive numbers were given; None if it has none."""
        moving = [i for i, kind in enumerate(self.kinds) if kind == "moves"]
        given = all((np.asarray(self.inputs[i]) > 0).all() for i in moving)
        if not given or all((np.asarray(point.inputs[i]) >= 0).all() for i in moving):
            return None
        inputs = (np.abs(x)[()] if i in moving else x for i, x in enumerate(point.inputs))
        return replace(point, inputs=tuple(inputs))

    def _takes_other_targets(self, point: Point, call: Call) -> bool:
        """Whether labels and one-hot rows give one loss, and backward does not refuse."""
        if point.like is None or call.output is None:
            return False
        like = LayerAtPoint(
            copied(self.layer), point.like.inputs, self.opening.settings, point.seed
        )
        loss = like.call(lambda out: self.opening.dout(out, point.seed)).output
        if np.shape(loss) != np.shape(call.output) or not np.allclose(loss, call.output, 1e-9):
            return False
        if call.raised is not None:
            self.remarks.append(
                f"{point.label} forward gives the right loss, but backward raises "
                f"{call.raised.said}."
            )
        return call.raised is None

    def _prepared(self, point: Point) -> tuple[Any, dict[str, Array]]:
        """A copy with its parameters moved, and used before if the point wants that."""
        layer = copied(self.layer)
        rng = np.random.default_rng(point.seed)
        for place in self.parameters:
            put(layer, place.path, moved(np.asarray(reach(layer, place.path)), point.spread, rng))
        if not point.reused:
            return layer, {}
        earlier = points(self.inputs, self.kinds, self.opening.seed)[2]
        if point.history == "called twice":
            with suppress(*STOPS):
                layer.forward(*map(fresh, earlier.inputs), **self.opening.settings)
            return layer, {}
        for _ in range(3 if point.history == "used often" else 1):
            subject = LayerAtPoint(layer, earlier.inputs, self.opening.settings, earlier.seed)
            call = subject.call(lambda out: self.opening.dout(out, earlier.seed))
            if call.raised is not None:
                return layer, {}
            layer = call.layer
        return layer, _named(Gradients(call, subject, self.kinds, self.parameters), self, call)

    def _measure(self, trial: Trial) -> None:
        call, subject = trial.call, trial.subject
        given = Gradients(call, subject, self.kinds, self.parameters)
        self._note(given.findings)
        self.remarks += given.remarks
        measure = Measure(
            subject,
            call,
            self.opening.precision,
            ALL if not self.trials else ALL // 2,
            size_of(self.inputs),
            FAINT if trial.point.far else 0.0,
            self.kinds,
        )
        for i, got in given.of_inputs.items():
            row = measure.of_input(i, self.names[i], got)
            trial.rows[row.name] = row
        for place in self.parameters:
            if place.name in given.of_parameters:
                name = gradient_name(call.layer, place)
                got = given.of_parameters[place.name]
                trial.rows[name] = measure.of_parameter(place, name, got)

    def _note_raised(self, trial: Trial) -> None:
        raised = trial.call.raised
        label = trial.point.label
        stage = trial.call.stage
        if raised is None or stage == "forward":
            quietly = trial.point.reused or trial.point.far or label.startswith("for shape")
            if not quietly:
                self.skipped.setdefault(label, f"forward raises {raised.said if raised else ''}")
            return
        where = "" if label == "as given" else f" {label}"
        finding = LayerFinding(
            stage, "raises", f"{stage} raises {raised.said}{where}.",
            (f"at {raised.where}" + (f": {raised.line}" if raised.line else ""),),
            mended(raised.line),
        )  # fmt: skip
        self._note([finding])

    def _note(self, findings: list[LayerFinding]) -> None:
        """Keep the first finding of each kind about each thing."""
        for finding in findings:
            self.findings.setdefault((finding.about, finding.kind), finding)

    def _forgive(self) -> None:
        """Let a loss add its 1e-7 within the logarithm, if that is all that is wrong."""
        name = f"d{self.names[0]}"
        pairs = [(trial, trial.rows[name]) for trial in self.trials if name in trial.rows]
        epsilon = added_epsilon(pairs)
        if epsilon is None:
            return
        for _, row in pairs:
            row.bounds.update((i, (row.slopes[i], row.slopes[i])) for i in row.wrong)
            row.wrong.clear()
        self.remarks.append(
            f"forward takes the log of y + {epsilon:g}, and backward is right for the log of y. "
            f"That was forgiven; but where y is below {epsilon:g}, the loss hardly moves and "
            "backward does."
        )

    def _explain(self) -> None:
        """Add a finding for every gradient that is wrong anywhere."""
        self._note(
            [
                of_tie(row)
                for trial in self.trials
                for row in trial.rows.values()
                if row.breach is not None
            ]
        )
        for name in dict.fromkeys(name for trial in self.trials for name in trial.rows):
            pairs = [(trial, trial.rows[name]) for trial in self.trials if name in trial.rows]
            wrong = [trial for trial, row in pairs if row.wrong]
            if wrong and not any(about == name for about, _ in self.findings):
                self._hear(wrong[0])
                self.findings[(name, "wrong")] = explain(name, pairs)

    def _hear(self, trial: Trial) -> None:
        """Call once more with another dout, to see whether that makes a difference."""
        if trial.deaf or not takes_dout(self.layer):
            return
        dout = self.opening.dout(trial.call.output, trial.point.seed + 1000)
        call = trial.subject.call(lambda out: dout)
        if call.raised is None:
            found = Gradients(call, trial.subject, self.kinds, self.parameters)
            trial.deaf = _named(found, self, call)

    def _rows(self) -> list[GradientRow]:
        wanted = [
            (f"d{self.names[i]}", np.shape(self.inputs[i]))
            for i, kind in enumerate(self.kinds)
            if kind == "moves" or any(f"d{self.names[i]}" in trial.rows for trial in self.trials)
        ]
        layer = self.trials[0].call.layer if self.trials else self.layer
        wanted += [
            (gradient_name(layer, place), np.shape(reach(self.layer, place.path)))
            for place in self.parameters
        ]
        return [self._row(name, shape) for name, shape in wanted]

    def _row(self, name: str, shape: tuple[int, ...]) -> GradientRow:
        rows = [trial.rows[name] for trial in self.trials if name in trial.rows]
        if not rows:
            misshapen = (name, "shape") in self.findings
            return GradientRow(name, shape, "WRONG" if misshapen else "missing", float("nan"), 0, 0)
        wrong = [row for row in rows if row.wrong]
        structural = any(about == name for about, kind in self.findings if kind != "changes")
        verdict = "WRONG" if wrong or structural else "right"
        furthest = max(row.difference for row in wrong or rows)
        return GradientRow(name, shape, verdict, furthest, len(wrong), len(rows))  # type: ignore[arg-type]

    def _told_still(self) -> list[str]:
        names = dict.fromkeys(name for trial in self.trials for name in trial.rows)
        still = [n for n in names if not any(t.rows[n].scale for t in self.trials if n in t.rows)]
        return [f"{name} is 0 everywhere: it changes nothing in forward." for name in still]

    def _told_skipped(self) -> list[str]:
        told = []
        for why in dict.fromkeys(self.skipped.values()):
            labels = [label for label, each in self.skipped.items() if each == why]
            told.append(f"not checked {', '.join(labels)}: {why}.")
        pairs = [(trial, row) for trial in self.trials for row in trial.rows.values() if row.edges]
        if pairs:
            trial, row = pairs[0]
            at = ", ".join(map(str, row.index(row.edges[0])))
            told.append(
                f"{row.of}[{at}] and its like were not checked {trial.point.label}: however small "
                "a step is made, forward gives nan or inf."
            )
        return told

    def _told_kinks(self) -> list[str]:
        rows = [row for trial in self.trials for row in trial.rows.values()]
        if self.findings or not any(
            low < high for row in rows for low, high in row.bounds.values()
        ):
            return []
        return [
            "at a kink, such as relu at 0, every slope between the left and the right one is "
            "right, and these are."
        ]


def _is_of_parameter(path: Path) -> bool:
    """Whether something is called as the gradient of a parameter is: dW, d_gamma."""
    return str(path[-1][1]).strip("_").removeprefix("d").strip("_") in NAMES - {"B"}


def _nobodys(name: str) -> LayerFinding:
    of = name.removeprefix("d")
    return LayerFinding(
        name, "nobody's", f"backward leaves {name}, and an array that it is the gradient of was "
        f"not found: {name} could be compared with nothing.", (),
        f"keep that array in self.{of}, where an optimizer finds it, too",
    )  # fmt: skip


def _is_finite(call: Call) -> bool:
    """Whether forward gave numbers, and all of them finite."""
    if call.output is None:
        return False
    return bool(np.isfinite(np.asarray(call.output, dtype=np.float64)).all())


def _named(given: Gradients, examination: Examination, call: Call) -> dict[str, Array]:
    """All gradients of a call by the names that the rows have."""
    found = {f"d{examination.names[i]}": got for i, got in given.of_inputs.items()}
    for place in examination.parameters:
        if place.name in given.of_parameters:
            found[gradient_name(call.layer, place)] = given.of_parameters[place.name]
    return found
