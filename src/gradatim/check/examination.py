"""The examination of a layer: trials at many points, and what they add up to."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.check.call import Call, Subject, dout_is_optional, fresh, input_names, takes_dout
from gradatim.check.cause import explain
from gradatim.check.finding import Finding, GradientRow, LayerCheck
from gradatim.check.point import TARGETS, Kind, Point, as_moving, moved, points
from gradatim.check.probe import Probe, added_epsilon
from gradatim.check.returned import Gradients, gradient_name, parameter_gradient
from gradatim.check.slope import Precision
from gradatim.check.specimen import (
    Place,
    copied,
    generators,
    in_double,
    is_number,
    places,
    put,
    reach,
)
from gradatim.check.trial import ALL, Measure, Trial
from gradatim.errors import GradatimError
from gradatim.types import Array

SINGLE, DOUBLE = float(np.finfo(np.float32).eps), float(np.finfo(np.float64).eps)


class Examination:
    """A layer, its inputs, and all that is found out about them."""

    def __init__(
        self, layer: Any, inputs: tuple[Any, ...], settings: dict[str, Any], seed: int
    ) -> None:
        self.name = type(layer).__name__
        self.layer = in_double(layer)
        self.settings, self.seed = settings, seed
        self.names = input_names(layer, len(inputs))
        self.findings: dict[tuple[str, str], Finding] = {}
        self.remarks: list[str] = []
        self.skipped: dict[str, str] = {}
        self.trials: list[Trial] = []
        self.parameters: list[Place] = []
        self.kinds, self.inputs, first = self._first(inputs)
        self.precision = self._precision(first)
        self._find_parameters(first)

    def run(self) -> LayerCheck:
        """Try every point and say what was found."""
        for point in points(self.inputs, self.kinds, self.seed):
            self._try(point)
            if ("backward", "raises") in self.findings and not self.trials:
                break
        self._forgive()
        self._check_default()
        self._explain()
        if not self.findings and self.trials:
            first = self.trials[0].subject
            probe = Probe(first, self.precision, self.kinds, self.parameters)
            self.remarks += probe.remarks()
        return LayerCheck(
            self.name,
            tuple(self._rows()),
            tuple(self.findings.values()),
            tuple(
                dict.fromkeys(
                    [*self.remarks, *self._told_still(), *self._told_skipped(), *self._told_kinks()]
                )
            ),
            tuple(trial.point.label for trial in self.trials),
        )

    def _first(self, given: tuple[Any, ...]) -> tuple[tuple[Kind, ...], tuple[Any, ...], Call]:
        """Which inputs move, found by calling: whole numbers may be numbers, or labels."""
        first: Call | None = None
        for labels in (False, True):
            kinds = tuple(_kind(n, x, i, labels) for i, (n, x) in enumerate(zip(self.names, given)))
            inputs = tuple(as_moving(x) if kind == "moves" else x for x, kind in zip(given, kinds))
            call = Subject(self.layer, inputs, self.settings, self.seed).call(
                lambda out: self._dout(out, self.seed)
            )
            first = first or call
            if call.stage == "backward":
                self._check_output(call)
                return _with_targets(kinds, call), inputs, call
        raise self._refusal(first)

    def _refusal(self, call: Call | None) -> GradatimError:
        raised = call.raised if call else None
        if raised is None:
            return GradatimError(f"layer: {self.name}.forward cannot be called.")
        error = GradatimError(
            f"layer: {self.name}.forward raises {raised.said}\n"
            f"  at {raised.where}: {raised.line}\n"
            "  Try forward by itself, on these inputs, first."
        )
        error.__cause__ = raised.error
        return error

    def _check_output(self, call: Call) -> None:
        out = call.output
        if not isinstance(out, (np.ndarray, np.generic, float, int)) or isinstance(out, bool):
            told = "nothing; did it forget to return?" if out is None else f"{type(out).__name__}."
            raise GradatimError(
                f"layer: {self.name}.forward returned {told}\n"
                "  It must return one array, or one number."
            )
        bad = np.argwhere(~np.isfinite(np.asarray(out, dtype=np.float64)))
        if len(bad):
            at = f" at {bad[0].tolist()}" if np.ndim(out) else ""
            raise GradatimError(
                f"layer: {self.name}.forward gives nan or inf{at} for these inputs; there is no "
                "slope.\n  Try smaller inputs."
            )

    def _dout(self, out: Any, seed: int) -> Any:
        """Random numbers of either sign, none of them small; 1 if backward takes no dout."""
        if not takes_dout(self.layer):
            return np.ones(np.shape(out))[()]
        rng = np.random.default_rng(seed)
        sign = rng.choice([-1.0, 1.0], np.shape(out))
        return (rng.uniform(0.5, 2.5, np.shape(out)) * sign)[()]

    def _precision(self, first: Call) -> Precision:
        """Whether forward rounds to float32 somewhere, and the same numbers come twice."""
        subject = Subject(self.layer, self.inputs, self.settings, self.seed)
        before, again = (subject.outputs(lambda *_: None) for _ in range(2))
        if not np.allclose(before, again, 1e-13, 1e-13):
            raise GradatimError(
                f"layer: {self.name}.forward gives different numbers for the same inputs, though "
                "np.random starts from the same seed each time.\n"
                "  Try self.rng = np.random.default_rng(0) in __init__, and draw from that."
            )
        self.chancy = first.drew or generators(first.layer) != generators(self.layer)
        if self.chancy:
            self.remarks.append("the layer draws random numbers; every call drew the same ones.")
        nudged, far = (self._nudged(subject, size) for size in (1e-11, 1e-3))
        rounds = np.array_equal(nudged, before) and not np.array_equal(far, before)
        if rounds or np.asarray(first.output).dtype == np.float32:
            self.remarks.append("forward computes in float32: only 2 digits could be checked.")
            return Precision(SINGLE)
        return Precision(DOUBLE)

    def _nudged(self, subject: Subject, size: float) -> Array:
        def change(_: Any, inputs: list[Any]) -> None:
            for i, kind in enumerate(self.kinds):
                if kind == "moves":
                    inputs[i] = inputs[i] * (1 + size) + size

        return subject.outputs(change)

    def _find_parameters(self, first: Call) -> None:
        """Parameters: what has a gradient after backward, or is called as parameters are."""
        for group in places(self.layer):
            kept = [p for p in group if _is_kept(self.layer, first.layer, p)]
            graded = [p for p in group if parameter_gradient(first.layer, p) is not None]
            called = [p for p in group if p.is_called_parameter]
            found = [p for p in graded if p in kept or p in called] or called
            if found:
                self.parameters.append(found[0])

    def _try(self, point: Point) -> None:
        layer, before = self._prepared(point)
        subject = Subject(layer, point.inputs, self.settings, point.seed)
        call = subject.call(lambda out: self._dout(out, point.seed), self.parameters)
        trial = Trial(point, subject, call, before=before)
        self._note_changes(trial)
        if point.reused:
            self._note_memory(trial)
        if call.raised is not None:
            self._note_raised(trial)
        elif not np.isfinite(np.asarray(call.output, dtype=np.float64)).all():
            self.skipped.setdefault(point.label, "forward gives nan or inf")
        else:
            self._measure(trial)
            self.trials.append(trial)

    def _prepared(self, point: Point) -> tuple[Any, dict[str, Array]]:
        """A copy with its parameters moved, and used before if the point wants that."""
        layer = copied(self.layer)
        rng = np.random.default_rng(point.seed)
        for place in self.parameters:
            put(layer, place.path, moved(np.asarray(reach(layer, place.path)), point.spread, rng))
        if not point.reused:
            return layer, {}
        earlier = points(self.inputs, self.kinds, self.seed)[2]
        subject = Subject(layer, earlier.inputs, self.settings, earlier.seed)
        if point.history == "called twice":
            layer.forward(*map(fresh, earlier.inputs), **self.settings)
            return layer, {}
        call = subject.call(lambda out: self._dout(out, earlier.seed))
        if call.raised is not None:
            return layer, {}
        return call.layer, _named(Gradients(call, subject, self.kinds, self.parameters), self, call)

    def _measure(self, trial: Trial) -> None:
        call, subject = trial.call, trial.subject
        given = Gradients(call, subject, self.kinds, self.parameters)
        for finding in given.findings:
            self.findings.setdefault((finding.about, finding.kind), finding)
        self.remarks += given.remarks
        measure = Measure(subject, call, self.precision, ALL if not self.trials else ALL // 2)
        for i, got in given.of_inputs.items():
            row = measure.of_input(i, self.names[i], got)
            trial.rows[row.name] = row
        for place in self.parameters:
            if place.name in given.of_parameters:
                name = gradient_name(call.layer, place)
                got = given.of_parameters[place.name]
                trial.rows[name] = measure.of_parameter(place, name, got)

    def _note_memory(self, trial: Trial) -> None:
        """Compare forward with that of a layer that was not used before."""
        if self.chancy or getattr(self.layer, "stateful", False):
            return
        layer = copied(self.layer)
        for place in self.parameters:
            put(layer, place.path, np.asarray(reach(trial.subject.layer, place.path)))
        point, call = trial.point, trial.call
        fresh_call = Subject(layer, point.inputs, self.settings, point.seed).call(
            lambda out: self._dout(out, point.seed)
        )
        if fresh_call.output is None or (call.output is None and point.history == "called twice"):
            return
        if call.output is None or not np.array_equal(
            call.output, fresh_call.output, equal_nan=True
        ):
            failed = call.raised if call.output is None else None
            raised = f"raises {failed.said}" if failed else "gives other numbers"
            self.findings.setdefault(
                ("forward", "remembers"),
                Finding(
                    "forward", "remembers",
                    f"forward {raised} when the layer has been used before: something is kept "
                    "from an earlier call.", (),
                    "let forward compute everything anew from x and the parameters",
                ),
            )  # fmt: skip

    def _note_raised(self, trial: Trial) -> None:
        raised = trial.call.raised
        label = trial.point.label
        stage = trial.call.stage
        if raised is None or stage == "forward":
            if not trial.point.reused:
                self.skipped.setdefault(label, f"forward raises {raised.said if raised else ''}")
            return
        where = "" if label == "as given" else f" {label}"
        finding = Finding(
            stage, "raises", f"{stage} raises {raised.said}{where}.",
            (f"at {raised.where}" + (f": {raised.line}" if raised.line else ""),),
        )  # fmt: skip
        self.findings.setdefault((stage, "raises"), finding)

    def _note_changes(self, trial: Trial) -> None:
        for stage, name in trial.call.changed:
            what, fix = _change(stage, name, name in self.names)
            self.findings.setdefault((name, "changes"), Finding(name, "changes", what, (), fix))

    def _check_default(self) -> None:
        """backward() of a loss must be backward(1): that is how the book calls it."""
        if not self.trials or np.ndim(self.trials[0].call.output):
            return
        subject = self.trials[0].subject
        if not dout_is_optional(self.layer):
            return
        bare, one = (subject.call(lambda out: 1.0, bare=bare) for bare in (True, False))
        if bare.raised is None and not _alike(bare.returned, one.returned):
            self.findings[("dout", "default")] = Finding(
                "dout", "default",
                "backward() gives something else than backward(1): dout has the wrong default.",
                (), "def backward(self, dout=1):",
            )  # fmt: skip

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
        dout = self._dout(trial.call.output, trial.point.seed + 1000)
        call = trial.subject.call(lambda out: dout)
        if call.raised is None:
            found = Gradients(call, trial.subject, self.kinds, self.parameters)
            trial.deaf = _named(found, self, call)

    def _rows(self) -> list[GradientRow]:
        wanted = [
            (f"d{self.names[i]}", np.shape(self.inputs[i]))
            for i, kind in enumerate(self.kinds)
            if kind == "moves"
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
            return GradientRow(name, shape, "missing", float("nan"), 0, 0)
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
        return [f"not checked {label}: {why}." for label, why in self.skipped.items()]

    def _told_kinks(self) -> list[str]:
        rows = [row for trial in self.trials for row in trial.rows.values()]
        if not any(low < high for row in rows for low, high in row.bounds.values()):
            return []
        return [
            "at a kink, such as relu at 0, every slope between the left and the right one is "
            "right, and these are."
        ]


def _kind(name: str, value: Any, place: int, labels: bool) -> Kind:
    number = is_number(value) or (isinstance(value, int) and not isinstance(value, bool))
    if place and name in TARGETS:
        return "target"
    if not number:
        return "fixed"
    whole = np.asarray(value).dtype.kind in "iu"
    return "target" if labels and whole else "moves"


def _with_targets(kinds: tuple[Kind, ...], call: Call) -> tuple[Kind, ...]:
    """Of a loss that returns one gradient, the last inputs are what it compares with."""
    moving = [i for i, kind in enumerate(kinds) if kind == "moves"]
    single = not isinstance(call.returned, (tuple, list)) and call.raised is None
    if single and not np.ndim(call.output) and len(moving) > 1 and call.returned is not None:
        return tuple("target" if i in moving[1:] else kind for i, kind in enumerate(kinds))
    return kinds


def _is_kept(before: Any, after: Any, place: Place) -> bool:
    """Whether an array is still what it was after a call: a parameter, and not a note of it."""
    was, now = reach(before, place.path), reach(after, place.path)
    return np.shape(was) == np.shape(now) and np.array_equal(was, now, equal_nan=True)


def _alike(some: Any, others: Any) -> bool:
    if isinstance(some, (tuple, list)):
        return len(some) == len(others) and all(map(_alike, some, others))
    return some is others or np.allclose(some, others)


def _named(given: Gradients, examination: Examination, call: Call) -> dict[str, Array]:
    """All gradients of a call by the names that the rows have."""
    found = {f"d{examination.names[i]}": got for i, got in given.of_inputs.items()}
    for place in examination.parameters:
        if place.name in given.of_parameters:
            found[gradient_name(call.layer, place)] = given.of_parameters[place.name]
    return found


def _change(stage: str, name: str, is_input: bool) -> tuple[str, str]:
    """What is wrong with writing into a thing, and what to do."""
    if name == "dout":
        return (
            "backward writes into dout. The array belongs to the caller, who may need it for "
            "another branch of the graph.", "dx = dout.copy() before you write into it",
        )  # fmt: skip
    if name == "output":
        return (
            "backward writes into the array that forward had returned; it belongs to the next "
            "layer by now.", "write into a copy",
        )  # fmt: skip
    if is_input:
        return (
            f"{stage} writes into its input {name}. The array belongs to the caller: the layer "
            "before may keep it for its own backward.", f"out = {name}.copy() before you write",
        )  # fmt: skip
    return (
        f"{stage} changes the parameter {name}. Only the optimizer may do that.",
        f"work on a copy of {name}",
    )
