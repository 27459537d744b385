"""A trial: the gradients of a layer at one point, beside the slopes of its forward."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from gradatim.check.layers.call import Call, LayerAtPoint
from gradatim.check.layers.finding import LayerFinding
from gradatim.check.layers.nearby import CLEAR, Nearby, Read
from gradatim.check.layers.point import Kind, Point
from gradatim.check.layers.returned import Gradients
from gradatim.check.layers.slope import Precision, Question, Slope, slope, standing
from gradatim.check.layers.specimen import Place, is_number, put, reach
from gradatim.check.tie import Breach, Shift, breach
from gradatim.types import Array

EPS = float(np.finfo(float).eps)

ALL, SOME, DENSE = 128, 16, 3
"""Up to how many elements all are looked at; of more, how many, and in how many random directions
that move all of them at once."""

FAINT = 1e-9
"""Slope for a dout of 1 that is as good as none far out, where functions are flat but for less."""

CLOSER = (1e-5,)
"""Sizes of numbers within which a layer may bend, such as the root of a variance near 0."""

Change = Callable[[Any, list[Any], Array], None]
"""``change(layer, inputs, step)`` adds the step to what is moved."""


@dataclass(eq=False)
class Row:
    """One gradient at one point: what backward gave, and what the slopes of forward are."""

    name: str
    of: str
    got: Array
    at: list[int] = field(default_factory=list)
    slopes: list[float] = field(default_factory=list)
    bounds: dict[int, tuple[float, float]] = field(default_factory=dict)
    wrong: list[int] = field(default_factory=list)
    edges: list[int] = field(default_factory=list)
    breach: Breach | None = None

    @property
    def expected(self) -> Array:
        """Slopes of the elements that were looked at."""
        return np.array(self.slopes)

    @property
    def found(self) -> Array:
        """What backward gave for the elements that were looked at."""
        return np.asarray(self.got.reshape(-1)[self.at])

    @property
    def difference(self) -> float:
        """Largest difference, relative to the largest element of either; kinks left out."""
        known = {*self.bounds, *self.edges}
        counts = [i for i in range(len(self.at)) if i in self.wrong or i not in known]
        apart = np.abs(self.expected - self.found)[counts]
        if not np.isfinite(apart).all():
            return float("inf")
        return float(apart.max(initial=0.0) / (self.scale or 1.0))

    @property
    def scale(self) -> float:
        """Largest element of either."""
        both = np.abs(np.concatenate([self.expected, self.found]))
        return float(both[np.isfinite(both)].max(initial=0.0))

    @property
    def worst(self) -> int:
        """Place of the wrong element that is furthest off; the first that is not finite."""
        apart = np.abs(self.expected - self.found)
        broken = [i for i in self.wrong if not np.isfinite(apart[i])]
        return broken[0] if broken else max(self.wrong, key=lambda i: float(apart[i]))

    def index(self, place: int) -> tuple[int, ...]:
        """Index of an element that was looked at."""
        return tuple(int(i) for i in np.unravel_index(self.at[place], self.got.shape))


def of_tie(row: Row) -> LayerFinding:
    """Say in which numbers' gradients a slope that they share is not, or more than once."""
    assert row.breach is not None
    where = [tuple(int(k) for k in np.unravel_index(i, row.got.shape)) for i in row.breach.way]
    names = " and ".join(f"{row.of}{list(at)}" for at in where)
    told = f"{row.name} adds up to {row.breach.found:.5g}, the slope is {row.breach.slope:.5g}"
    return LayerFinding(
        row.name, "tie", f"{row.name} is wrong at a tie: {names} are equal, and a gradient that "
        "belongs to one of them, or is to be shared, goes to each or to none.",
        (f"Where they move together {told}.",), "let argmax choose the one that gets it",
    )  # fmt: skip


@dataclass(eq=False)
class Trial:
    """A point, what came of forward and backward there, and a row for each gradient."""

    point: Point
    subject: LayerAtPoint
    call: Call
    rows: dict[str, Row] = field(default_factory=dict)
    before: dict[str, Array] = field(default_factory=dict)
    deaf: dict[str, Array] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether every gradient is right here."""
        return not any(row.wrong for row in self.rows.values())


class Measure:
    """Slopes of forward at one point, and the verdict on gradients there."""

    def __init__(
        self,
        subject: LayerAtPoint,
        call: Call,
        precision: Precision,
        most: int = ALL,
        size: float = 1.0,
        faint: float = 0.0,
        kinds: tuple[Kind, ...] = (),
    ) -> None:
        self.size, self.kinds = size, kinds
        self.nearby = Nearby(subject, call, kinds, size or 1.0)
        self.subject, self.precision, self.most = subject, precision, most
        self.dout = np.asarray(call.dout, dtype=np.float64)
        self.faint = faint * float(np.abs(self.dout).max(initial=0.0))
        self.rng = np.random.default_rng(subject.seed)

    def of_input(self, i: int, name: str, got: Array) -> Row:
        """Row of the gradient of one input."""

        def change(_: Any, inputs: list[Any], step: Array) -> None:
            inputs[i] = (inputs[i] + step)[()]

        def read(call: Call, subject: LayerAtPoint) -> Array | None:
            return Gradients(call, subject, self.kinds, []).of_inputs.get(i)

        return self._row(Row(f"d{name}", name, got), change, read)

    def of_parameter(self, place: Place, name: str, got: Array) -> Row:
        """Row of the gradient of one parameter."""

        def change(layer: Any, _: list[Any], step: Array) -> None:
            put(layer, place.path, np.asarray(reach(layer, place.path)) + step)

        def read(call: Call, subject: LayerAtPoint) -> Array | None:
            return Gradients(call, subject, self.kinds, [place]).of_parameters.get(place.name)

        return self._row(Row(name, place.name, got), change, read)

    def _row(self, row: Row, change: Change, read: Read) -> Row:
        size = row.got.size
        row.at = list(range(size))
        if size > self.most:
            row.at = sorted(self.rng.choice(size, SOME, replace=False).tolist())
        found = [self._slope(change, row.got, {i: 1.0}) for i in row.at]
        row.slopes = [each.value for each in found]
        for place, each in enumerate(found):
            self._judge(row, place, each, change)
        if size > self.most and not row.wrong:
            self._look_everywhere(row, change)
        if row.wrong and self.precision.epsilon < 1e-12 and self.nearby.has_ties:
            self._look_nearby(row, change, read)
        if len(row.bounds) > 1 and not row.wrong:
            self._look_at_ties(row, change)
        return row

    def _look_nearby(self, row: Row, change: Change, read: Read) -> None:
        """Whether what seems wrong is right at points as near as one likes, as at a tie."""
        for place in list(row.wrong):
            i, slope = row.at[place], row.slopes[place]
            got = float(row.got.reshape(-1)[i])

            def move(subject: LayerAtPoint, i: int = i) -> Callable[[float], Array]:
                return self._move(change, row.got, {i: 1.0}, subject)

            apart = abs(got - slope)
            clear = apart > CLEAR * row.scale
            if not clear or not self.nearby.allows(got, i, read, move, 0.1 * apart):
                return
            row.wrong.remove(place)
            row.bounds[place] = (min(got, slope), max(got, slope))

    def _look_at_ties(self, row: Row, change: Change) -> None:
        """Whether the gradients of numbers that share a kink add up to one slope."""
        middle = self.subject.outputs(lambda *_: None)

        def value(shift: Shift) -> float:
            above = self._move(change, row.got, shift)(1.0)
            return float((self.dout * (above - middle)).sum())

        gaps = {
            row.at[place]: high - low for place, (low, high) in row.bounds.items() if high > low
        }
        got = {i: float(row.got.reshape(-1)[i]) for i in gaps}
        row.breach = breach(value, gaps, got, 1.0)
        if row.breach is not None:
            row.wrong += [place for place, i in enumerate(row.at) if i in row.breach.way]

    def _judge(self, row: Row, place: int, measured: Slope, change: Change) -> None:
        """Put an element among those that are wrong, or on a kink, if it is."""
        i, got = row.at[place], float(row.got.reshape(-1)[row.at[place]])
        known = measured.value if np.isfinite(measured.value) else 0.0
        allowed = self._allowed(known, row.scale) + self._blur * row.scale
        if abs(got - measured.value) <= allowed + measured.doubt:
            return
        if (closer := self._closer(row, i, change)) is not None:
            row.slopes[place] = closer
            return
        if len(row.wrong) >= ALL // 8:  # wrong beyond doubt; kinks need no more telling apart
            row.wrong.append(place)
            return
        move = self._move(change, row.got, {i: 1.0})
        question = Question(got, allowed, row.scale)
        verdict, low, high = standing(question, move, self.dout, self.precision, measured)
        if verdict == "edge":
            row.edges.append(place)
            row.slopes[place] = 0.0  # unknown
        if verdict == "wrong":
            row.wrong.append(place)
        if verdict == "wrong" or low == high:
            row.slopes[place] = (low + high) / 2
        if verdict == "kink":
            row.bounds[place] = (low, high)

    @cached_property
    def _blur(self) -> float:
        """Part of a slope that is lost where numbers are far from 0 and near to each other."""
        sizes = [
            (float(np.abs(x).max()), float(np.std(x)))
            for x in self.subject.inputs
            if is_number(x) and np.size(x) > 1
        ]
        far = [most for most, spread in sizes if most > 1e3 * spread > 0]
        return 64 * EPS * max(far, default=0.0) / self.precision.step

    def _closer(self, row: Row, i: int, change: Change) -> float | None:
        """The slope over steps for what bends within tiny numbers, if backward agrees with it."""
        got = float(row.got.reshape(-1)[i])
        for size in (self.size, *CLOSER):
            if not 0 < size < 0.1:
                continue
            value, doubt = self._scaled(change, row.got, i, size)
            most = 1e-3 if size == self.size else 1e-7
            allowed = self._allowed(value, row.scale)
            sharp = doubt <= max(most * max(abs(value), abs(got)), allowed)
            if sharp and abs(got - value) <= allowed + doubt:
                return value
        return None

    def _scaled(self, change: Change, like: Array, i: int, size: float) -> tuple[float, float]:
        measured = slope(self._move(change, like, {i: size}), self.dout, self.precision)
        return measured.value / size, measured.doubt / size

    def _look_everywhere(self, row: Row, change: Change) -> None:
        """Move all elements at once; where that disagrees, halve until one element is left."""
        everything = np.arange(row.got.size)
        for _ in range(DENSE):
            signs = self.rng.choice([-1.0, 1.0], row.got.size)
            if self._agrees(row, change, everything, signs):
                continue
            part = everything
            while part.size > 1:
                half = part[: part.size // 2]
                part = part[part.size // 2 :] if self._agrees(row, change, half, signs) else half
            row.at.append(int(part[0]))
            measured = self._slope(change, row.got, {row.at[-1]: 1.0})
            row.slopes.append(measured.value)
            self._judge(row, len(row.at) - 1, measured, change)
            return

    def _agrees(self, row: Row, change: Change, part: Array, signs: Array) -> bool:
        weights = {int(i): float(signs[i]) for i in part}
        measured = self._slope(change, row.got, weights)
        got = float((row.got.reshape(-1)[part] * signs[part]).sum())
        allowed = self._allowed(row.scale * len(part) ** 0.5, row.scale)
        if abs(got - measured.value) <= allowed + measured.doubt:
            return True
        move = self._move(change, row.got, weights)
        question = Question(got, allowed, row.scale)
        verdict = standing(question, move, self.dout, self.precision, measured)[0]
        return verdict not in ("wrong", "edge")

    def _allowed(self, value: float, scale: float) -> float:
        return self.precision.tolerance * (abs(value) + 0.01 * scale) + self.faint

    def _slope(self, change: Change, like: Array, weights: dict[int, float]) -> Slope:
        return slope(self._move(change, like, weights), self.dout, self.precision)

    def _move(
        self,
        change: Change,
        like: Array,
        weights: dict[int, float],
        subject: LayerAtPoint | None = None,
    ) -> Callable[[float], Array]:
        there = subject or self.subject
        flat = np.zeros(like.size)
        flat[list(weights)] = list(weights.values())
        way: Array = flat.reshape(like.shape)

        def move(t: float) -> Array:
            return there.outputs(lambda layer, inputs: change(layer, inputs, t * way))

        return move
