"""The conduct of a layer: what it does to what it is handed, and to itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.check.layers.call import Call, LayerAtPoint, dout_is_optional
from gradatim.check.layers.finding import LayerFinding
from gradatim.check.layers.opening import Opening
from gradatim.check.layers.specimen import copied, put, reach
from gradatim.check.layers.trial import Trial


def changes(trial: Trial, names: list[str]) -> list[LayerFinding]:
    """Whether forward or backward writes into what belongs to others."""
    found = []
    for stage, name in trial.call.changed:
        what, fix = _change(stage, name, name in names)
        found.append(LayerFinding(name, "changes", what, (), fix))
    return found


def memory(trial: Trial, opening: Opening) -> list[LayerFinding]:
    """Whether forward of a layer that was used before differs from that of a new one."""
    if opening.chancy or getattr(opening.layer, "stateful", False):
        return []
    layer = copied(opening.layer)
    for place in opening.parameters:
        put(layer, place.path, np.asarray(reach(trial.subject.layer, place.path)))
    point, call = trial.point, trial.call
    new = LayerAtPoint(layer, point.inputs, opening.settings, point.seed).call(
        lambda out: opening.dout(out, point.seed)
    )
    refuses = call.output is None and point.history == "called twice"
    if new.output is None or refuses or _alike(call.output, new.output):
        return []
    failed = call.raised if call.output is None else None
    told = f"raises {failed.said}" if failed else "gives other numbers"
    return [
        LayerFinding(
            "forward", "remembers",
            f"forward {told} when the layer has been used before: something is kept from an "
            "earlier call.", (), "let forward compute everything anew from x and the parameters",
        )
    ]  # fmt: skip


def default(subject: LayerAtPoint, call: Call) -> list[LayerFinding]:
    """Whether backward() of a loss is backward(1): that is how the book calls it."""
    if np.ndim(call.output) or not dout_is_optional(subject.layer):
        return []
    bare, one = (subject.call(lambda out: 1.0, bare=bare) for bare in (True, False))
    if bare.raised is not None or _alike(bare.returned, one.returned):
        return []
    return [
        LayerFinding(
            "dout", "default",
            "backward() gives something else than backward(1): dout has the wrong default.",
            (), "def backward(self, dout=1):",
        )
    ]  # fmt: skip


def _alike(some: Any, others: Any) -> bool:
    if isinstance(some, (tuple, list)):
        return len(some) == len(others) and all(map(_alike, some, others))
    if some is None or np.shape(some) != np.shape(others):
        return False
    return np.allclose(some, others, 1e-12, 1e-12, equal_nan=True)


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
