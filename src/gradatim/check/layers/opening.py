"""The opening of an examination: one call of a layer, and all that follows from it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

from gradatim.check.layers.call import (
    STOPS,
    Call,
    LayerAtPoint,
    fresh,
    input_names,
    takes_dout,
)
from gradatim.check.layers.exactness import exactness
from gradatim.check.layers.point import TARGETS, Kind, as_moving, is_one_hot
from gradatim.check.layers.remainder import moves, uncompared, ungraded
from gradatim.check.layers.returned import parameter_gradient
from gradatim.check.layers.scope import lend
from gradatim.check.layers.slope import Precision
from gradatim.check.layers.specimen import (
    Place,
    copied,
    generators,
    in_double,
    is_number,
    places,
    put,
    reach,
)
from gradatim.errors import GradatimError


class Opening:
    """A copied layer, which of its inputs move, its parameters, and how exactly it computes."""

    def __init__(
        self, layer: Any, inputs: tuple[Any, ...], settings: dict[str, Any], seed: int
    ) -> None:
        self.name = type(layer).__name__
        own = copied(layer)
        self.lent = lend(own)
        self.layer = in_double(own)
        self.settings, self.seed = settings, seed
        self.names = input_names(layer, len(inputs))
        self.remarks: list[str] = []
        self.kinds, self.inputs, first = self._first(inputs)
        self.precision = self._precision(first)
        self.parameters = self._parameters(first)

    def _first(self, given: tuple[Any, ...]) -> tuple[tuple[Kind, ...], tuple[Any, ...], Call]:
        """Which inputs move, found by calling: whole numbers may be numbers, or labels."""
        first: Call | None = None
        for labels in (False, True):
            kinds = tuple(_kind(n, x, i, labels) for i, (n, x) in enumerate(zip(self.names, given)))
            inputs = tuple(as_moving(x) if kind == "moves" else x for x, kind in zip(given, kinds))
            call = LayerAtPoint(self.layer, inputs, self.settings, self.seed).call(
                lambda out: self.dout(out, self.seed)
            )
            first = first or call
            if call.stage == "backward":
                self._check_output(call)
                kinds = _with_targets(kinds, call)
                self._tell_targets(kinds, inputs, call)
                return kinds, inputs, call
        raise self._refusal(first)

    def _tell_targets(self, kinds: tuple[Kind, ...], inputs: tuple[Any, ...], call: Call) -> None:
        """Say that the gradient of a target is not checked, unless it can be none but that."""
        for name, kind, t in zip(self.names, kinds, inputs):
            floats = isinstance(t, np.ndarray) and t.dtype.kind == "f" and not is_one_hot(t)
            if kind == "target" and floats and isinstance(call.returned, (np.ndarray, np.generic)):
                self.remarks.append(
                    f"d{name} was not checked: backward returns one gradient, so {name} is taken "
                    "for what the output is compared with."
                )

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

    def dout(self, out: Any, seed: int) -> Any:
        """Random numbers of either sign, none of them small; 1 if backward takes no dout."""
        if not takes_dout(self.layer):
            return np.ones(np.shape(out))[()]
        rng = np.random.default_rng(seed)
        sign = rng.choice([-1.0, 1.0], np.shape(out))
        return (rng.uniform(0.5, 2.5, np.shape(out)) * sign)[()]

    def _precision(self, first: Call) -> Precision:
        """How exactly the layer computes; it must give the same numbers twice."""
        subject = LayerAtPoint(self.layer, self.inputs, self.settings, self.seed)
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
        found = exactness(subject, first, self.kinds)
        self.remarks += found.remarks
        self.unchecked = found.unchecked
        return found.precision

    def _parameters(self, first: Call) -> list[Place]:
        """Parameters: what has a gradient after backward, or is called as parameters are."""
        every = []
        for group in places(self.layer):
            graded = [p for p in group if parameter_gradient(first.layer, p) is not None]
            kept = [p for p in graded if self._is_kept(p) and self._counts(p)]
            called = [p for p in group if p.is_called_parameter and not self._is_lent(p)]
            found = [p for p in graded if p in kept or p in called] or called
            every += found[:1]
        return [*every, *self._left_over(first, every)]

    def _is_lent(self, place: Place) -> bool:
        return place.path[0][1] in self.lent

    def _left_over(self, first: Call, known: list[Place]) -> list[Place]:
        """Arrays outside of the layer with gradients left, where only one has the other's shape."""
        subject = LayerAtPoint(self.layer, self.inputs, self.settings, self.seed)
        lost = [place for place in ungraded(subject, known) if self._is_lent(place)]
        left = uncompared(first, self.layer, known)
        shapes = [np.shape(reach(self.layer, place.path)) for place in lost]
        given = [np.shape(reach(first.layer, path)) for path in left]
        return [
            Place(place.path, (left[given.index(shape)],))
            for place, shape in zip(lost, shapes)
            if shapes.count(shape) == given.count(shape) == 1
        ]

    def _counts(self, place: Place) -> bool:
        """Whether an array among others in a list or dict is one that the output hangs on."""
        subject = LayerAtPoint(self.layer, self.inputs, self.settings, self.seed)
        return not place.may_be_another or moves(subject, place)

    def _is_kept(self, place: Place) -> bool:
        """Whether forward leaves an array as it finds it: a parameter, and not a note of x."""
        layer = copied(self.layer)
        other = np.asarray(reach(layer, place.path)) + 1.0
        put(layer, place.path, other)
        with suppress(*STOPS):
            layer.forward(*map(fresh, self.inputs), **self.settings)
        now = reach(layer, place.path)
        return np.shape(now) == other.shape and np.array_equal(now, other)


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
