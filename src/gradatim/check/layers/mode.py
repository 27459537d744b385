"""The mode of a layer: training or evaluation, and whether the other one can be judged.

In evaluation many right layers have no backward worth the name: the book's Dropout multiplies by
the mask of the last training call there. So the other mode is judged only if its backward hangs on
nothing that an earlier call has left: it gives the same after training calls on other numbers, and
when what such a call has left is spoilt.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradatim.check.layers.call import STOPS, Call, LayerAtPoint
from gradatim.check.layers.opening import Opening
from gradatim.check.layers.point import points
from gradatim.check.layers.returned import parameter_gradient
from gradatim.check.layers.specimen import Path, copied, members, reach

SWITCHES = ("train_flg", "train_flag", "training", "train", "is_train", "is_training")
"""Names of what says whether a layer learns."""

OFTEN = 4
"""Training calls on other numbers, after each of which backward must give the same."""

MOST = 200
"""Things that a layer holds of which each is spoilt, to see whether backward hangs on it."""


@dataclass(frozen=True)
class Switch:
    """What says whether a layer learns: an argument of forward, or attributes."""

    name: str
    on: bool
    place: int | None = None
    paths: tuple[Path, ...] = ()

    def set(self, opening: Opening, layer: Any, on: bool) -> LayerAtPoint:
        """The layer itself at the inputs given, with the switch set."""
        inputs, settings = list(opening.inputs), dict(opening.settings)
        if self.paths:
            for *above, (_, key) in self.paths:
                setattr(reach(layer, tuple(above)), key, on)
        elif self.place is not None:
            inputs[self.place] = on
        else:
            settings[self.name] = on
        return LayerAtPoint(layer, tuple(inputs), settings, opening.seed)

    def told(self, on: bool) -> str:
        """The mode in words."""
        return f"{'training' if on else 'evaluation'} ({self.name}={on})"


def switch_of(opening: Opening) -> Switch | None:
    """Find what says whether a layer learns; None if nothing does."""
    parameters = list(inspect.signature(opening.layer.forward).parameters.values())
    for i, p in enumerate(parameters):
        if p.name not in SWITCHES:
            continue
        given = opening.inputs[i] if i < len(opening.inputs) else p.default
        value = opening.settings.get(p.name, given)
        if _is_flag(value):
            place = i if i < len(opening.inputs) else None
            return Switch(p.name, bool(value), place)
    paths = [path for path, value in members(opening.layer) if _is_switch(path, value)]
    own = [name for name in SWITCHES if isinstance(getattr(opening.layer, name, None), bool)]
    paths += [path for name in own if (path := (("attribute", name),)) not in paths]
    if not paths:
        return None
    return Switch(str(paths[0][-1][1]), bool(reach(opening.layer, paths[0])), paths=tuple(paths))


def _is_flag(value: Any) -> bool:
    return isinstance(value, (bool, np.bool_)) or (isinstance(value, int) and value in (0, 1))


def _is_switch(path: Path, value: Any) -> bool:
    kind, name = path[-1]
    return kind == "attribute" and name in SWITCHES and isinstance(value, bool)


class Mode:
    """One mode of a layer that was trained before."""

    def __init__(self, opening: Opening, switch: Switch, on: bool) -> None:
        self.opening, self.switch, self.on = opening, switch, on
        self.subject = switch.set(opening, self._trained(0), on)

    def excuse(self) -> str:
        """Why this mode cannot be judged; nothing if it can."""
        call = self._call(self.subject.layer)
        if call.raised is not None:
            return f"{call.stage} raises {call.raised.said}"
        if call.returned is None:
            return "backward returns nothing"
        stale = any(not self._agrees(call, self._like(self._trained(i + 1))) for i in range(OFTEN))
        if stale or any(not self._agrees(call, layer) for layer in self._spoilt(call)):
            return "backward hangs on what an earlier call has left"
        return ""

    def differs(self) -> bool:
        """Whether forward or backward is another than in the other mode."""
        layer = copied(self.subject.layer)
        other = self.switch.set(self.opening, layer, not self.on).call(self._dout)
        here = self._call(self.subject.layer)
        return not (
            _alike([other.output], [here.output]) and _alike(*map(self._given, (other, here)))
        )

    def _dout(self, output: Any) -> Any:
        return self.opening.dout(output, self.opening.seed)

    def _call(self, layer: Any) -> Call:
        return self.switch.set(self.opening, copied(layer), self.on).call(self._dout)

    def _trained(self, i: int) -> Any:
        """A copy after a training call on numbers of its own."""
        opening = self.opening
        subject = self.switch.set(opening, copied(opening.layer), True)
        other = points(subject.inputs, opening.kinds, opening.seed + 100 * (i + 1))[2]
        inputs = tuple(
            x if kind == "moves" else mine
            for x, mine, kind in zip(other.inputs, subject.inputs, opening.kinds)
        )
        seed = opening.seed + 100 * (i + 1)
        call = LayerAtPoint(subject.layer, inputs, subject.settings, seed).call(
            lambda out: opening.dout(out, seed)
        )
        return call.layer

    def _like(self, layer: Any) -> Any:
        """The layer with the statistics of ours: all that forward of this mode hangs on."""
        mine = self.subject.layer
        self.switch.set(self.opening, layer, self.on)
        before = self._call(layer).output
        for path, value in _state(mine):
            other = copied(layer)
            with suppress(*STOPS):
                _put(other, path, value)
                if not _alike([self._call(other).output], [before]):
                    _put(layer, path, value)
        return layer

    def _spoilt(self, call: Call) -> Iterator[Any]:
        """Copies of the layer, each with something spoilt that forward does not ask for."""
        for path, value in _state(self.subject.layer):
            if _alike([reach(self.opening.layer, path)], [value]):
                continue  # as it was made: no call has left that
            other = copied(self.subject.layer)
            with suppress(*STOPS):
                _put(other, path, _spoil(value))
                if _alike([self._call(other).output], [call.output]):
                    yield other

    def _agrees(self, call: Call, layer: Any) -> bool:
        again = self._call(layer)
        if again.raised is not None or not _alike([call.output], [again.output]):
            return False
        return _alike(self._given(call), self._given(again))

    def _given(self, call: Call) -> list[Any]:
        """All gradients that a call has given."""
        several = isinstance(call.returned, (tuple, list))
        held = [parameter_gradient(call.layer, place) for place in self.opening.parameters]
        return [*(call.returned if several else [call.returned]), *held]


def _state(layer: Any) -> list[tuple[Path, Any]]:
    """Numbers that a layer holds, each at one of its places."""
    found = [
        (path, value)
        for path, value in members(layer)
        if isinstance(value, (np.ndarray, np.generic, float, int)) and path[-1][1] not in SWITCHES
    ]
    return found[:MOST]


def _put(layer: Any, path: Path, value: Any) -> None:
    *above, (kind, key) = path
    owner = reach(layer, tuple(above))
    if kind == "attribute":
        setattr(owner, key, np.copy(value) if isinstance(value, np.ndarray) else value)
    else:
        owner[key] = value


def _spoil(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    numbers = np.asarray(value)
    spoilt = numbers == 0 if numbers.dtype.kind == "b" else (2 * numbers + 1).astype(numbers.dtype)
    return spoilt if numbers.ndim else spoilt[()].item()


def _alike(some: list[Any], others: list[Any]) -> bool:
    def same(a: Any, b: Any) -> bool:
        if a is None or b is None:
            return a is b
        if np.shape(a) != np.shape(b):
            return False
        with suppress(TypeError):
            return np.allclose(a, b, 1e-9, 1e-12, equal_nan=True)
        return a is b

    return len(some) == len(others) and all(map(same, some, others))
