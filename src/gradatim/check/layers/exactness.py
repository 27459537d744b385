"""The exactness of a layer: in how many digits it computes, and in what steps its outputs move."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradatim.check.layers.call import Beyond, Call, LayerAtPoint, takes_dout
from gradatim.check.layers.point import Kind
from gradatim.check.layers.slope import ROUNDINGS, Precision
from gradatim.check.layers.specimen import is_number, members
from gradatim.errors import GradatimError
from gradatim.types import Array

SINGLE, DOUBLE = float(np.finfo(np.float32).eps), float(np.finfo(np.float64).eps)

SCALED = 1.2345678
"""By what dout is multiplied, to see how exactly backward follows."""

ROUGH = 1e-9
"""From how much rounding on backward is said to compute in float32."""

NUDGE = 1e-11
"""A move that every output in float64 follows."""

MOVES = (1e-3, 1e-2, 0.1, 1.0)
"""Moves that are tried, until one is large enough for outputs that the nudge has left at rest."""

HALVINGS = 48
"""How often the stretch is halved in which an output has moved, until only its jump is left."""

COARSE = 0.02
"""Steps in which outputs move, from which on no slope over many of them is left to compare with."""


@dataclass
class Exactness:
    """How exactly slopes can be taken, and what is to be said of that."""

    precision: Precision
    remarks: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)


def exactness(subject: LayerAtPoint, first: Call, kinds: tuple[Kind, ...]) -> Exactness:
    """Find by moving the inputs whether forward rounds, and from dout whether backward does."""
    line = _Line(subject, kinds)
    jump = line.jump()
    single = np.asarray(first.output).dtype == np.float32
    if jump is not None and _is_step(*jump):
        return _in_steps(jump[0], first)
    if jump is not None or single:
        told = "forward computes in float32: only 3 digits could be checked."
        return Exactness(Precision(SINGLE), [told])
    rounded = _rounding_of_backward(subject, first)
    told = "backward computes in float32: only 5 digits could be checked."
    return Exactness(Precision(DOUBLE, rounded), [told] if rounded > ROUGH else [])


class _Line:
    """Outputs of a layer, all of whose inputs move together."""

    def __init__(self, subject: LayerAtPoint, kinds: tuple[Kind, ...]) -> None:
        self.subject, self.kinds = subject, kinds

    def at(self, size: float) -> Array | None:
        """Outputs with all numbers moved; None where forward refuses them."""

        def change(_: Any, inputs: list[Any]) -> None:
            for i, kind in enumerate(self.kinds):
                if kind == "moves":
                    inputs[i] = inputs[i] * (1 + size) + size

        try:
            return self.subject.outputs(change)
        except Beyond:
            return None

    def jump(self) -> tuple[float, float] | None:
        """Height of the first jump, and the output after it; None if outputs move without any."""
        start = self.at(0.0)
        if start is None or not np.array_equal(_or_nan(self.at(NUDGE)), start):
            return None
        for size in MOVES:
            end = self.at(size)
            if end is not None and end.shape == start.shape and not np.array_equal(end, start):
                return self._between(start, 0.0, size)
        return None

    def _between(self, start: Array, low: float, high: float) -> tuple[float, float] | None:
        """Halve the stretch at whose end outputs have moved."""
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            there = self.at(middle)
            still = there is not None and np.array_equal(there, start)
            low, high = (middle, high) if still else (low, middle)
        end = self.at(high)
        if end is None:
            return None
        apart = np.abs(end - start)
        at = int(apart.argmax())
        height = float(apart.flat[at])
        return (height, float(end.flat[at])) if height > 1e-10 else None


def _or_nan(outputs: Array | None) -> Array:
    return np.array(np.nan) if outputs is None else outputs


def _is_step(height: float, output: float) -> bool:
    """Whether a jump is one of a grid, and none that rounding to float32 makes."""
    ulps = height / (SINGLE * max(abs(output), 1.0))
    binary = abs(np.log2(height) - round(np.log2(height))) < 1e-6
    on_grid = abs(output / height - round(output / height)) < 0.01
    return ulps > 64 or (ulps > 2 and on_grid and not binary)


def _in_steps(step: float, first: Call) -> Exactness:
    """What can be said of a layer whose outputs move in steps, as after rounding."""
    if not any(np.any(each) for each in _numbers(first)):
        return Exactness(Precision(DOUBLE))  # the slope between the steps, and rightly 0
    told = f"forward's outputs move in steps of {step:.3g}"
    if step > COARSE:
        name = type(first.layer).__name__
        raise GradatimError(
            f"layer: {name}: {told}: between them the slope is 0, and backward gives something "
            "else.\n  What passes a gradient straight through such steps cannot be told right or "
            "wrong by slopes.\n  Try the layer without its rounding."
        )
    remark = f"{told}; backward was compared with the slope over many of these, not with theirs."
    return Exactness(
        Precision(2 * step / ROUNDINGS), [remark], [f"the steps of {step:.3g} in forward's outputs"]
    )


def _rounding_of_backward(subject: LayerAtPoint, first: Call) -> float:
    """By how much backward fails to be linear in dout; 0 if by more than rounding can."""
    if any(getattr(x, "dtype", None) == np.float32 for _, x in members(first.layer)):
        return SINGLE
    again = subject.call(lambda out: np.multiply(first.dout, SCALED)[()])
    if first.raised is not None or again.raised is not None or not takes_dout(subject.layer):
        return 0.0
    rounded = 0.0
    for one, other in zip(_numbers(first), _numbers(again)):
        size = float(np.abs(one).max(initial=0.0))
        if one.shape == other.shape and 0 < size < np.inf:
            rounded = max(rounded, float(np.abs(other / SCALED - one).max()) / size)
    return rounded if rounded < SINGLE else 0.0


def _numbers(call: Call) -> list[Array]:
    """What backward has returned, as far as it is numbers."""
    several = isinstance(call.returned, (tuple, list))
    held = call.returned if several else [call.returned]
    return [np.asarray(each) for each in held if is_number(each)]
