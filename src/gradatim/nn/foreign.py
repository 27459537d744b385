"""What a layer of somebody else's learns: its arrays, found inside it, and their gradients.

The book keeps weights as attributes ``W`` and ``b`` with gradients ``dW`` and ``db``, and in its
second volume as lists ``params`` and ``grads``. Networks hold layers in lists and dicts. Readers
have other names for these, and `gradatim.check.layer` knows the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from gradatim.errors import GraphError
from gradatim.nn.place import (
    HOLDERS,
    Place,
    Spot,
    Trail,
    attributes,
    reach,
    spell,
    spellings,
    spots,
)
from gradatim.types import Shape

_NAMES = {"W", "w", "b", "B", "Wx", "Wh", "gamma", "beta", "weight", "weights", "bias"}
_NOT_LEARNED = {"x", "y", "out"}  # with dx, dy, dout beside them they are passing values


@dataclass
class Weight:
    """An array that a layer learns.

    Parameters
    ----------
    name : str
        Path in the layer.
    places : list of Place
        Everywhere where this very array stands: a network has it in ``params`` and in a layer.
    grads : list of Trail
        Where its gradient may stand after ``backward``.
    shown : array
        What was last put there.
    """

    name: str
    places: list[Place]
    grads: list[Trail]
    shown: Any

    def show(self, value: Any) -> None:
        """Let the layer compute with ``value``."""
        for place in self.places:
            if place.value is not value:  # another tuple would look like another state
                place.put(value)
        self.shown = value

    def replacement(self) -> Any:
        """Return what somebody else put in a place meanwhile, or None."""
        values = (place.value for place in self.places)
        return next((value for value in values if value is not self.shown), None)

    def gradient(self) -> Any:
        """Return the gradient that the layer left, or None."""
        found = map(reach, self.grads)
        return next((value for value in found if value is not None), None)


def weights(layer: Any) -> list[Weight]:
    """Return what a layer learns, in the order in which it is written there.

    Raises
    ------
    GraphError
        If the layer holds a view of one of these arrays, which would keep the old numbers.
    """
    found: dict[int, Weight] = {}
    names: set[str] = set()
    every = spots(layer)
    for spot in filter(_is_learned, every):
        if isinstance(spot.value, (float, np.floating)):
            # Equal floats may be one object, so only this place is meant.
            spot.value = np.array(spot.value)
            spot.place.put(spot.value)
        if id(spot.value) not in found:
            name = spot.short if spot.short not in names else spot.path
            names.add(name)
            found[id(spot.value)] = Weight(name, [], [], spot.value)
    for spot in every:
        weight = found.get(id(spot.value))
        if weight is not None:
            weight.places.append(spot.place)
            weight.grads += spot.gradients()
        elif isinstance(spot.value, np.ndarray):
            _check_own(layer, spot.path, spot.value, found)
    return list(found.values())


def _check_own(layer: Any, path: str, array: Any, found: dict[int, Weight]) -> None:
    for weight in found.values():
        if np.may_share_memory(array, weight.shown):
            raise GraphError(
                f"Book: {type(layer).__name__} holds {path}, a view of {weight.name}; it would "
                f"keep the old numbers when {weight.name} learns.\n"
                "  Try making the view in forward, where it is used."
            )


def _is_learned(spot: Spot) -> bool:
    """Whether it has a place for its gradient beside it, or is called as parameters are."""
    key = spot.place.key
    if not _is_number(spot.value):
        return False
    held = any(len(steps) > 1 and steps[0] in HOLDERS for _, steps in spot.trails)
    if held or key in _NOT_LEARNED:
        return held
    prepared = any(_has_place(owner, steps) for owner, steps in spot.trails)
    return prepared or (_is_array(spot.value) and key in _NAMES)


def _has_place(owner: Any, steps: tuple[Any, ...]) -> bool:
    names = spellings(steps[0])
    own = attributes(owner)
    return any(name in own or hasattr(type(owner), name) for name in names)


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind in "fiu"


def _is_number(value: Any) -> bool:
    return _is_array(value) or isinstance(value, (float, np.floating))


# --- what was overlooked ------------------------------------------------------------------------
class Overlooked(NamedTuple):
    """A number that is not learned though there is something like a gradient of it.

    ``name`` and ``gradient`` as Python would write them; ``remedy`` is the attribute that would
    have told; ``certain`` if the gradient is called after it, and not only of its shape.
    """

    name: str
    gradient: str
    remedy: str
    certain: bool


class Others:
    """What of a layer is not among the weights, watched through the first ``backward``.

    Parameters
    ----------
    layer : object
        Whose weights were found.
    known : list of Weight
        These.
    """

    def __init__(self, layer: Any, known: list[Weight]) -> None:
        shown = {id(weight.shown) for weight in known}
        self._layer = layer
        self._shapes = {np.shape(weight.shown) for weight in known}
        self._others = [
            (spot, _copied(spot.value))
            for spot in spots(layer)
            if _is_number(spot.value) and id(spot.value) not in shown and spot.trails
        ]
        self._before: dict[int, tuple[Any, Any]] = {}

    def look(self) -> None:
        """Note what stands in the layer before it goes back."""
        found = (spot.value for spot in spots(self._layer))
        self._before = {id(value): (value, _copied(value)) for value in found if _is_array(value)}

    def overlooked(self, passing: set[Shape]) -> Overlooked | None:
        """Return what should have been learned, if anything.

        Parameters
        ----------
        passing : set of tuple of int
            Shapes of the inputs and outputs: what has one of these is taken for theirs.
        """
        now = {spot.path: spot for spot in spots(self._layer)}
        still = [
            spot
            for spot, then in self._others
            if spot.place.key not in _NOT_LEARNED
            and spot.path in now
            and _is_same(now[spot.path].value, spot.value)
            and np.array_equal(spot.value, then, equal_nan=_is_floating(then))
        ]
        for spot in still:
            for trail in spot.gradients():
                if _is_number(reach(trail)):
                    return _overlooked(spot, spell(trail[1]), certain=True)
        left = [spot for spot in now.values() if self._is_left(spot, passing)]
        for spot in still:
            for other in left:
                if _is_floating(spot.value) and np.shape(spot.value) == np.shape(other.value):
                    return _overlooked(spot, spell(other.trails[0][1]), certain=False)
        return None

    def _is_left(self, spot: Spot, passing: set[Shape]) -> bool:
        """Whether ``backward`` made or changed an array that is nobody's gradient so far."""
        value = spot.value
        if not (_is_array(value) and value.ndim and spot.trails):
            return False
        if value.shape in self._shapes or value.shape in passing:
            return False
        before, then = self._before.get(id(value), (None, None))
        return before is not value or not np.array_equal(value, then, equal_nan=_is_floating(then))


def _overlooked(spot: Spot, gradient: str, *, certain: bool) -> Overlooked:
    steps = spot.trails[0][1]
    return Overlooked(spell(steps), gradient, f"d{steps[0]}", certain)


def _is_same(now: Any, then: Any) -> bool:
    return now is then or (isinstance(then, (float, np.floating)) and bool(now == then))


def _is_floating(value: Any) -> bool:
    return np.asarray(value).dtype.kind == "f"


def _copied(value: Any) -> Any:
    return np.array(value) if isinstance(value, np.ndarray) else value
