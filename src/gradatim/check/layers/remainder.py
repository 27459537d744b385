"""The remainder of a layer: what its output hangs on, or backward leaves, and nobody compares."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from gradatim.check.layers.call import STOPS, Call, LayerAtPoint
from gradatim.check.layers.returned import parameter_gradient
from gradatim.check.layers.specimen import MISSING, Path, Place, members, places, put, reach
from gradatim.types import Array

NUDGE = 0.37
"""How far an array is moved, for its own size and more, to see whether the output moves."""

STATISTICS = ("running_", "moving_")
"""Beginnings of names of what a layer has counted itself; nothing learns these."""

_GRADIENT = re.compile(r"_?(d_?[A-Z]\w*|d_?(w|b|gamma|beta|weights?|bias|a|alpha)\d*|\w*grad\w*)$")
"""Names that learners give to gradients of parameters; dx and dout are none of them."""


def ungraded(subject: LayerAtPoint, compared: list[Place]) -> list[Place]:
    """Arrays in a layer that move its output, and have no gradient that is compared."""
    known = {place.path for place in compared}
    groups = [g for g in places(subject.layer) if not any(p.path in known for p in g)]
    groups = [g for g in groups if not any(p.name.startswith(STATISTICS) for p in g)]
    held = [group[0] for group in groups if _is_array(reach(subject.layer, group[0].path))]
    return [place for place in held if moves(subject, place)]


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f" and value.size > 0


def moves(subject: LayerAtPoint, place: Place) -> bool:
    """Whether the output changes with an array; one that forward overwrites is a note of x."""

    def change(layer: Any, _: list[Any]) -> None:
        held = np.asarray(reach(layer, place.path))
        put(layer, place.path, held * (1 + NUDGE) + NUDGE)

    try:
        before, after = subject.outputs(lambda *_: None), subject.outputs(change)
    except STOPS:
        return False
    return before.shape != after.shape or not np.array_equal(before, after, equal_nan=True)


def uncompared(call: Call, before: Any, compared: list[Place]) -> list[Path]:
    """Gradients that backward has left and that belong to no parameter."""
    used = [parameter_gradient(call.layer, place) for place in compared]
    taken = {id(each) for each in used}
    found = []
    for path, value in members(call.layer):
        if id(value) in taken or not _is_array(value) or not _is_new(before, path, value):
            continue
        names = [str(key) for kind, key in path if kind == "attribute"]
        if any(_GRADIENT.match(name) for name in names[-1:] or [""]):
            found.append(path)
    return found


def _is_new(before: Any, path: Any, value: Array) -> bool:
    """Whether an array was not there, or was another, before forward and backward."""
    was = reach(before, path)
    return was is MISSING or np.shape(was) != value.shape or not np.array_equal(was, value)
