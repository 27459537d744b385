"""Trying a row: calling its door, its gradient both ways, and a numeric derivative of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cases.case import Case, Sample
from gradatim.autograd.backward import backward
from gradatim.autograd.tensor import Tensor, constant

STEP = 1e-4


def leaf(x: Any) -> Tensor:
    """A Tensor on the very memory of an array, so that strides and write protection matter."""
    t = constant(x)
    t.requires_grad = True
    return t


def parts(result: Any) -> list[Any]:
    """The outputs of a door as a list, however many there are."""
    return list(result) if isinstance(result, (tuple, list)) else [result]


def value(case: Case, sample: Sample) -> list[np.ndarray]:
    """What the door gives, as arrays."""
    return [y.numpy() for y in parts(case.door(*sample.inputs, **sample.settings))]


def expected(case: Case, sample: Sample) -> list[np.ndarray]:
    """What the plain NumPy form gives, as arrays."""
    return [np.asarray(y) for y in parts(case.reference(*sample.inputs, **sample.settings))]


def weights(outputs: list[Any]) -> list[np.ndarray | None]:
    """Random numbers to weigh every element of every float output with."""
    random = np.random.default_rng(7)
    return [
        random.uniform(0.5, 1.5, y.shape).astype(y.dtype) if y.dtype.kind == "f" else None
        for y in outputs
    ]


def weighed(outputs: list[Any]) -> Any:
    """One number that depends on every element of every float output."""
    terms = [(y * w).sum() for y, w in zip(outputs, weights(outputs)) if w is not None]
    return sum(terms[1:], terms[0])


def tracked(case: Case, sample: Sample) -> tuple[list[Tensor], list[Tensor]]:
    """Leaves for the inputs with a gradient, and the outputs computed from them."""
    inputs = list(sample.inputs)
    for i in case.positions(sample):
        inputs[i] = leaf(inputs[i])
    outputs = parts(case.door(*inputs, **sample.settings))
    return [inputs[i] for i in case.positions(sample)], outputs


def gradients(case: Case, sample: Sample, **modes: Any) -> list[Tensor]:
    """Gradient of :func:`weighed` of the outputs for every input that has one.

    The gradient arrives at each output as a seed, so nothing but the door is differentiated.
    """
    xs, outputs = tracked(case, sample)
    for y, w in zip(outputs, weights(outputs)):
        if w is not None and y.requires_grad:
            backward(y, np.array(w), **modes)
    return [constant(np.zeros_like(x.data)) if x.grad is None else x.grad for x in xs]


def numeric_gradient(f: Callable[..., float], inputs: tuple[Any, ...], position: int) -> np.ndarray:
    """Central difference of fourth order: ``(8 (f(+h) - f(-h)) - (f(+2h) - f(-2h))) / 12h``."""
    x = np.array(inputs[position], dtype=np.float64)
    slopes = np.zeros_like(x)

    def at(place: tuple[int, ...], step: float) -> float:
        moved = x.copy()
        moved[place] += step
        return f(*inputs[:position], moved, *inputs[position + 1 :])

    for place in np.ndindex(x.shape):
        near = at(place, STEP) - at(place, -STEP)
        far = at(place, 2 * STEP) - at(place, -2 * STEP)
        slopes[place] = (8 * near - far) / (12 * STEP)
    return slopes


def assert_slopes_agree(found: Any, numeric: np.ndarray, tolerance: float) -> None:
    """The error of a derivative counts relative to the largest of them."""
    scale = max(1.0, float(np.abs(numeric).max(initial=0.0)))
    np.testing.assert_allclose(found, numeric, rtol=0, atol=tolerance * scale)
