"""Chart: what one look at a network shows, layer by layer, on a sample of the training data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradatim.autograd import Tensor, listen
from gradatim.autograd.chain import pull_back
from gradatim.autograd.tensor import constant
from gradatim.autograd.tree import tensors
from gradatim.nn import Module
from gradatim.primitives import Primitive
from gradatim.train.metrics import Loss
from gradatim.types import Array, Raw, Settings

Call = tuple[Primitive, tuple[Tensor, ...], Settings, Tensor]

BENT = ("relu", "sigmoid", "tanh")
PRODUCTS = ("matmul", "einsum")
RENAMED = ("reshape", "transpose", "cast")
SOFTMAX = ("softmax", "log_softmax", "cross_entropy")


@dataclass(frozen=True, eq=False)
class Layer:
    """A product with a weight: its path, what it was given, the weight and what came out.

    ``is_first`` says that nothing which learns comes before it.
    """

    path: str
    given: Raw
    weight: Tensor
    output: Tensor
    is_first: bool = False

    @property
    def steepness(self) -> float:
        """Root mean square of the loss's gradient with respect to the output, once it is taken."""
        grad = self.output.grad
        return 0.0 if grad is None else float(np.sqrt(np.mean(np.square(grad.raw))))


@dataclass(frozen=True, eq=False)
class Bend:
    """A relu, sigmoid or tanh: its kind, the layer before it, and what came out."""

    kind: str
    after: str
    raw: Raw

    @property
    def units(self) -> Array:
        """The outputs as a matrix with one column for each unit."""
        axis = 1 if self.raw.ndim == 4 else -1
        return np.moveaxis(np.atleast_2d(self.raw), axis, -1).reshape(-1, self.raw.shape[axis])


class Chart:
    """One forward pass over a sample, and a backward pass where somebody wants it.

    Parameters
    ----------
    model : Module
        A copy of what is trained.
    criterion : callable
        ``criterion(outputs, targets)``.
    x : Array
        Shape (N, ...), inputs.
    t : Array
        Shape (N, ...), targets.

    Attributes
    ----------
    loss : float
        Of the sample.
    layers : list of Layer
        In the order of the forward pass.
    bends : list of Bend
        Hidden activations; gates, which are multiplied with a signal, are left out.
    squeezed : list of Array
        What was given to softmax, also inside of losses.
    """

    def __init__(self, model: Module, criterion: Loss, x: Array, t: Array) -> None:
        calls: list[Call] = []
        with listen(lambda *call: calls.append(call)):
            outputs = model(x)
            loss = criterion(outputs, t)
        self._loss, self._is_pulled = loss, not loss.requires_grad
        self.loss = float(loss.raw)
        self.layers = list(_layers(model, calls))
        self.bends = list(_bends(calls, self.layers, outputs))
        self.squeezed = [
            inputs[0].raw for primitive, inputs, *_ in calls
            if primitive.name in SOFTMAX and inputs[0].requires_grad
        ]  # fmt: skip

    def pull_back(self) -> None:
        """Take the gradients of the layers' outputs, after which layers know their steepness.

        Most charts of a healthy training are read without. The gradients of the weights, by far
        the most of a backward pass, are not taken.
        """
        if self._is_pulled:
            return
        self._is_pulled = True
        loss, seed = self._loss, constant(np.ones_like(self._loss.raw)[()])
        ends = [layer.output for layer in self.layers if layer.is_first]
        found = pull_back(loss, seed, targets=ends, retain=True)
        if any(layer.output not in found for layer in self.layers):  # it lies on another way
            found = pull_back(loss, seed, retain=True)
        for layer in self.layers:
            layer.output.grad = found.get(layer.output)


def _layers(model: Module, calls: list[Call]) -> Iterator[Layer]:
    paths = {id(tensor): path for path, tensor in tensors(model).items()}
    for primitive, inputs, _, output in calls:
        if primitive.name in PRODUCTS and len(inputs) == 2:
            a, b = map(_named, inputs)
            for weight, other in ((b, inputs[0]), (a, inputs[1])):
                if id(weight) in paths and weight.ndim >= 2 and id(_named(other)) not in paths:
                    path = paths[id(weight)]
                    place, is_first = path.rpartition(".")[0] or path, not other.requires_grad
                    yield Layer(place, other.raw, weight, output, is_first)
                    break


def _named(x: Tensor) -> Tensor:
    """Go back from a transposed or reshaped weight to the weight."""
    while x.origin is not None and x.origin[0].name in RENAMED:
        x = x.origin[1][0]
    return x


def _bends(calls: list[Call], layers: list[Layer], outputs: Any) -> Iterator[Bend]:
    multiplied = {
        id(x)
        for primitive, inputs, *_ in calls
        if primitive.name == "multiply" and all(x.requires_grad for x in inputs)
        for x in inputs
    }
    paths = {id(layer.output): layer.path for layer in layers}
    after = ""
    for primitive, _, _, output in calls:
        after = paths.get(id(output), after)
        hidden = output is not outputs and id(output) not in multiplied
        if primitive.name in BENT and hidden and output.requires_grad and output.ndim:
            yield Bend(primitive.name, after, output.raw)
