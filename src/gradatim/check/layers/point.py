"""The points where a layer is checked: what the caller gave, and some twenty more of their kind.

A gradient may be right at one point by luck: where all inputs are positive, where the batch is as
large as the number of columns, where a bias is still 0. So the numbers, their signs, their size,
the parameters and the number of samples are varied.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from gradatim.check.layers.specimen import is_number
from gradatim.types import Array, Shape

Kind = Literal["moves", "target", "fixed"]
"""An input whose gradient is wanted; one that the others are compared with; anything else."""

TARGETS = {
    "t", "target", "targets", "label", "labels", "y_true", "true", "answer", "teacher", "ts", "tt",
    "idx", "index", "indices", "mask", "train_flg", "train", "training", "is_train",
}  # fmt: skip
"""Names of inputs that have no gradient."""

Spread = Literal["given", "near", "random"]

History = Literal["new", "used", "used often", "called twice"]
"""Whether forward and backward, once or three times, or forward alone were called before."""

MANY, MOST = 64, 2**14
"""A batch larger than any that a learner types, where its inputs have no more numbers than that."""


FAR = {"far out": 50.0, "very far out": 1000.0}
"""How many times as large as usual the numbers are, either sign, at points far from 0."""


@dataclass(frozen=True, eq=False)
class Point:
    """Numbers for a layer's inputs, and how far from the given ones its parameters are moved."""

    label: str
    inputs: tuple[Any, ...]
    spread: Spread
    seed: int
    batch: int | None = None
    history: History = "new"
    like: Point | None = None
    far: bool = False

    @property
    def reused(self) -> bool:
        """Whether the layer has been used before."""
        return self.history != "new"

    @property
    def samples(self) -> int | None:
        """Length of the first axis of the first input that has two axes or more."""
        return batch_of(self.inputs)


def batch_of(inputs: tuple[Any, ...]) -> int | None:
    """Number of samples: the first axis of the first input that has two axes or more."""
    shapes = [np.shape(x) for x in inputs if is_number(x)]
    return next((shape[0] for shape in shapes if len(shape) > 1), None)


def as_moving(value: Any) -> Any:
    """Numbers as float64: an array, or a NumPy scalar where there are no axes."""
    return np.array(value, dtype=np.float64)[()]


def points(
    inputs: tuple[Any, ...], kinds: tuple[Kind, ...], seed: int, free: bool = False
) -> list[Point]:
    """Every point that is tried, the given one first.

    Where no parameters fix the sizes, other sizes are tried as well: ``free``.
    """
    source = Source(inputs, kinds, seed)
    made = [
        Point("as given", inputs, "given", seed),
        Point("nearby", source.inputs("near"), "near", seed + 1),
        Point("at random numbers", source.inputs("random"), "random", seed + 2),
        Point("at random numbers again", source.inputs("random"), "random", seed + 3),
        Point("at negative numbers", source.inputs("negative"), "near", seed + 4),
        Point("at positive numbers", source.inputs("positive"), "near", seed + 5),
        Point("at large numbers", source.inputs("large"), "given", seed + 6),
        Point("at small numbers", source.inputs("small"), "near", seed + 7),
        Point("at whole numbers", source.inputs("whole"), "given", seed + 8),
    ]
    count = batch_of(inputs)
    for i, other in enumerate(_batches(inputs, count)):
        label = f"with {other} sample{'s' if other > 1 else ''}"
        made.append(Point(label, source.inputs("random", other), "random", seed + 9 + i, other))
    more = count and count + 1
    for i, (label, batch, history) in enumerate(_AGAIN):
        size = more if batch else count
        again = source.inputs("random", size)
        made.append(Point(label, again, "near", seed + 20 + i, size, history))
    made += _other_sizes(source) if free else []
    made.append(Point("at equal numbers", source.inputs("equal"), "given", seed + 50))
    made += _other_targets(made, source)
    return [
        *made,
        *_far_out(Source(inputs, kinds, seed + 60)),
        *_much(Source(inputs, kinds, seed + 70)),
    ]


def _much(source: Source) -> list[Point]:
    """A large batch, and a layer that was used more than once."""
    count, seed = source.count, source.seed
    often = Point("on a fourth call", source.inputs("random"), "near", seed, count, "used often")
    size = sum(np.size(x) for x in source.given if is_number(x))
    if not count or count >= MANY or size // count * MANY > MOST:
        return [often]
    large = source.inputs("random", MANY)
    return [Point(f"with {MANY} samples", large, "random", seed + 1, MANY), often]


def _far_out(source: Source) -> list[Point]:
    """Where functions saturate and overflow; not of numbers so large that steps would be lost."""
    sizes = [scale_of(x) for x, kind in zip(source.given, source.kinds) if kind == "moves"]
    return [
        Point(label, source.inputs(label), "given", source.seed + i, far=True)
        for i, (label, times) in enumerate(FAR.items())
        if sizes and "target" not in source.kinds and times * max(sizes) <= 1e5
    ]


def _other_sizes(source: Source) -> list[Point]:
    """Every axis but the first of another size, no two of them alike."""
    shapes: set[Shape] = {
        np.shape(x) for x, kind in zip(source.given, source.kinds) if kind == "moves"
    }
    old = max(shapes, key=len, default=())
    if len(shapes) != 1 or len(old) < 2 or "target" in source.kinds:
        return []
    shape = (old[0], *(size + 2 * (i + 1) for i, size in enumerate(old[1:])))
    inputs = tuple(
        as_moving(source.rng.normal(size=shape)) if kind == "moves" else x
        for x, kind in zip(source.given, source.kinds)
    )
    return [Point(f"for shape {shape}", inputs, "given", source.seed + 40)]


def _other_targets(made: list[Point], source: Source) -> list[Point]:
    """Labels in place of one-hot rows, or the other way round; once with as many as classes."""
    where = [i for i, kind in enumerate(source.kinds) if kind == "target"]
    if len(where) != 1 or len(np.shape(source.given[0])) != 2:
        return []
    square = [p for p in made if p.batch == np.shape(source.given[0])[1]]
    found = []
    for i, point in enumerate([made[2], *square]):
        t = other_target(point.inputs[where[0]], np.shape(point.inputs[0])[1])
        if t is not None:
            inputs = (*point.inputs[: where[0]], t[0], *point.inputs[where[0] + 1 :])
            found.append(Point(t[1], inputs, "given", source.seed + 30 + i, like=point))
    return found


def other_target(t: Any, classes: int) -> tuple[Array, str] | None:
    """One-hot rows as labels, or labels as one-hot rows."""
    array = np.asarray(t)
    if array.ndim == 2 and array.shape[1] == classes and is_one_hot(array):
        return array.argmax(axis=1), "for labels"
    whole = array.ndim == 1 and array.dtype.kind in "iu" and array.max(initial=0) < classes
    return (np.eye(classes)[array], "for one-hot rows") if whole else None


_AGAIN: tuple[tuple[str, bool, History], ...] = (
    ("on a second call", True, "used"),
    ("on a second call", False, "used"),
    ("after two forwards", False, "called twice"),
)


def _batches(inputs: tuple[Any, ...], count: int | None) -> list[int]:
    """Other numbers of samples; one equals the number of columns, where broadcasting misleads."""
    if count is None:
        return []
    first = next(np.shape(x) for x in inputs if is_number(x) and np.ndim(x) > 1)
    wanted = [1, count + 2, 2 * count]
    if first[-1] <= 64:
        wanted.append(first[-1])
    return [n for n in dict.fromkeys(wanted) if n != count]


class Source:
    """Makes inputs of the kind that was given."""

    def __init__(self, inputs: tuple[Any, ...], kinds: tuple[Kind, ...], seed: int) -> None:
        self.given, self.kinds, self.seed = inputs, kinds, seed
        self.rng = np.random.default_rng(seed)
        self.count = batch_of(inputs)

    def inputs(self, how: str, batch: int | None = None) -> tuple[Any, ...]:
        """Inputs of other numbers, and of another number of samples."""
        return tuple(
            self._moving(x, how, batch)
            if kind == "moves"
            else self._target(x, batch)
            if kind == "target" and how != "near"
            else x
            for x, kind in zip(self.given, self.kinds)
        )

    def _shape(self, shape: Shape, batch: int | None, least: int = 2) -> Shape:
        batched = batch is not None and len(shape) >= least and shape[0] == self.count
        return (batch, *shape[1:]) if batched and batch is not None else shape

    def _moving(self, x: Any, how: str, batch: int | None) -> Any:
        shape = self._shape(np.shape(x), batch)
        size = scale_of(np.asarray(x))
        noise = self.rng.normal(size=shape)
        if how == "near":
            return as_moving(x * (1 + 0.1 * noise) + 0.01 * size * self.rng.normal(size=shape))
        if how in ("negative", "positive"):
            noise = np.abs(noise) * (-1 if how == "negative" else 1)
        if how in FAR:
            return as_moving(
                np.copysign(self.rng.uniform(0.8, 1.2, shape), noise) * size * FAR[how]
            )
        if how == "equal":
            return as_moving(np.round(0.5 * noise))
        if how == "whole":
            # Few different numbers: zeros and ties are frequent, for there the kinks are.
            return as_moving(np.round(1.5 * noise))
        return as_moving(noise * size * {"large": 10.0, "small": 0.01}.get(how, 1.0))

    def _target(self, t: Any, batch: int | None) -> Any:
        if not is_number(t) or not np.ndim(t):
            return t
        old = np.asarray(t)
        shape = self._shape(old.shape, batch, least=1)
        if is_one_hot(old):
            return np.eye(shape[-1])[self.rng.integers(0, shape[-1], shape[:-1])].astype(old.dtype)
        if old.dtype.kind in "iu":
            return self.rng.integers(0, self._classes(old), shape).astype(old.dtype)
        return as_moving(self.rng.normal(size=shape) * scale_of(old))

    def _classes(self, labels: Array) -> int:
        """How many classes the labels tell apart: as many as the first input has columns."""
        most = int(labels.max(initial=0)) + 1
        first = np.shape(self.given[0])
        return first[-1] if len(first) > 1 and most <= first[-1] else most


def is_one_hot(t: Array) -> bool:
    """Whether every row holds one 1 and else nothing but 0."""
    return t.ndim > 0 and bool(((t == 0) | (t == 1)).all() and (t.sum(axis=-1) == 1).all())


def scale_of(x: Array) -> float:
    """How large numbers are: their spread, else their size, else 1."""
    numbers = np.asarray(x, dtype=np.float64)
    numbers = numbers[np.isfinite(numbers)]
    if not numbers.size:
        return 1.0
    return float(numbers.std() or np.abs(numbers).mean() or 1.0)


def size_of(inputs: tuple[Any, ...]) -> float:
    """How large the largest number is that a layer is handed."""
    sizes = [float(np.abs(x).max()) for x in inputs if is_number(x) and np.size(x)]
    return max(sizes, default=0.0)


def moved(values: Array, spread: Spread, rng: np.random.Generator) -> Array:
    """Parameters as they are, a little changed, or of other numbers altogether."""
    if spread == "given":
        return values
    size = scale_of(values)
    noise = rng.normal(size=values.shape)
    if spread == "near":
        return np.asarray(values + 0.1 * size * noise)
    return np.asarray(values * (1 + 0.3 * noise) + 0.5 * size * rng.normal(size=values.shape))
