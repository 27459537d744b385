"""Every gradient of a graph part by part: which rule handed how much to which input."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any

import numpy as np

from gradatim.autograd import modes
from gradatim.autograd.chain import stale_error
from gradatim.autograd.graph import ancestry
from gradatim.autograd.pull import PULLS, fit, plain_pulls
from gradatim.autograd.tensor import Tensor, lift
from gradatim.errors import ShapeError, StaleGraphError
from gradatim.primitives import Primitive
from gradatim.types import Raw, Settings


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What the rule of one primitive handed to one of its inputs.

    Attributes
    ----------
    result : Tensor
        What the primitive gave; its gradient was complete when the rule was asked.
    position : int
        Which input it is. A Tensor used twice, as in ``x * x``, gets two parts.
    into : Tensor
        That input.
    gradient : array or NumPy scalar, of the shape and dtype of ``into``
        The part, with broadcasting undone.
    """

    result: Tensor
    position: int
    into: Tensor
    gradient: Raw

    @property
    def primitive(self) -> Primitive:
        """The primitive whose rule it was."""
        return _made(self.result)[0]


@dataclass(frozen=True, eq=False)
class Flow:
    """A graph with its values and gradients, as they were when it was asked; plain data.

    Attributes
    ----------
    output : Tensor
        What was asked about.
    tensors : tuple of Tensor
        All of the graph in order of birth: inputs before results, each leaf just before the
        first result that reads it.
    values : mapping of Tensor to array or NumPy scalar
        The numbers of each at that time. What may be overwritten later, as an optimizer does with
        weights, is copied; the rest is the Tensor's own.
    seed : array or NumPy scalar, or None
        Gradient that arrives at ``output``; None where there is none.
    parts : tuple of Part
        In the order in which backward comes to them; none where nothing wants a gradient, where
        no seed is known, and where the graph is stale.
    gradients : mapping of Tensor to array or NumPy scalar
        The total of each Tensor that a gradient arrives at.
    stale : StaleGraphError or None
        Why the gradients cannot be told: an input was overwritten after it was used.
    overwritten : tuple of Tensor
        All such inputs, and what looks into their memory: they no longer hold what was computed
        with.
    """

    output: Tensor
    tensors: tuple[Tensor, ...]
    values: Mapping[Tensor, Raw]
    seed: Raw | None
    parts: tuple[Part, ...]
    gradients: Mapping[Tensor, Raw]
    stale: StaleGraphError | None
    overwritten: tuple[Tensor, ...] = ()

    @property
    def results(self) -> tuple[Tensor, ...]:
        """Tensors that a primitive made, the first born first."""
        return tuple(t for t in self.tensors if t.origin is not None)

    @property
    def leaves(self) -> tuple[Tensor, ...]:
        """Tensors that were given, not computed: variables, parameters, data, constants."""
        return tuple(t for t in self.tensors if t.origin is None)

    @property
    def has_gradients(self) -> bool:
        """Whether ``backward`` was called on this very output."""
        return self.output.grad is not None

    def parts_into(self, x: Tensor) -> tuple[Part, ...]:
        """Return the parts that add up to the gradient of ``x``, in the order of adding."""
        return self._arriving.get(x, ())

    def parts_from(self, y: Tensor) -> tuple[Part, ...]:
        """Return the parts that the rules of the primitive behind ``y`` handed to its inputs."""
        return self._leaving.get(y, ())

    @cached_property
    def _arriving(self) -> dict[Tensor, tuple[Part, ...]]:
        return _grouped(self.parts, attrgetter("into"))

    @cached_property
    def _leaving(self) -> dict[Tensor, tuple[Part, ...]]:
        return _grouped(self.parts, attrgetter("result"))


def _grouped(
    parts: tuple[Part, ...], end: Callable[[Part], Tensor]
) -> dict[Tensor, tuple[Part, ...]]:
    groups: dict[Tensor, list[Part]] = {}
    for part in parts:
        groups.setdefault(end(part), []).append(part)
    return {tensor: tuple(group) for tensor, group in groups.items()}


def flow_of(output: Tensor, seed: Any = None) -> Flow:
    """Return the graph behind ``output`` with every part of every gradient.

    Nothing is run again, stored or changed: values are those of the graph, ``grad`` of no Tensor
    is touched, and listeners do not hear of it.

    Parameters
    ----------
    output : Tensor of any shape
        A loss, or any other result.
    seed : array_like of the same shape, optional
        Gradient that arrives there. If not given: what ``backward`` was called with, else 1 for
        one number, else none, and then there are no gradients.

    Returns
    -------
    Flow
        Cost: one backward pass, whose gradients stay in memory as long as the Flow, and so does a
        copy of the leaves. What is written into them later changes nothing in it.

    Raises
    ------
    ShapeError
        If the seed has another shape than ``output``.

    Examples
    --------
    >>> import gradatim as gd
    >>> from gradatim.derivation import flow_of
    >>> x = gd.Tensor(3.0, requires_grad=True)
    >>> flow = flow_of(x * x + x)
    >>> [(part.primitive.name, float(part.gradient)) for part in flow.parts_into(x)]
    [('add', 1.0), ('multiply', 3.0), ('multiply', 3.0)]
    >>> float(flow.gradients[x])
    7.0
    """
    order = ancestry(output)
    arriving, parts, gradients = _seed(output, seed), [], {}
    stale = _staleness(order)
    if arriving is not None and stale is None:
        gradients[output] = arriving
        quiet = np.errstate(all="ignore")  # NaN and infinity are shown, not complained of
        with modes.phase("backward", taping=False), modes.unheard(), quiet:
            parts = [part for y in order for part in _parts(y, gradients)]
    tensors = _in_order_of_birth(output, order)
    values = _kept(tensors)
    return Flow(
        output, tensors, values, arriving, tuple(parts), gradients, stale, _overwritten(order)
    )


def _kept(tensors: tuple[Tensor, ...]) -> dict[Tensor, Raw]:
    """Numbers that nobody writes into: leaves are copied, and what looks into their memory."""
    leaves = {id(_memory(t.raw)) for t in tensors if t.origin is None}
    return {t: t.raw.copy(order="K") if id(_memory(t.raw)) in leaves else t.raw for t in tensors}


def _memory(raw: Raw) -> Raw:
    """The array whose memory an array looks into, often itself."""
    while isinstance(raw, np.ndarray) and isinstance(raw.base, np.ndarray):
        raw = raw.base
    return raw


def _parts(y: Tensor, gradients: dict[Tensor, Raw]) -> list[Part]:
    """Ask the rules behind one result, and add what they give; the results born later are done."""
    g = gradients.get(y)
    if g is None:
        return []
    primitive, inputs, settings = _made(y)
    raws = [x.raw for x in inputs]
    found = []
    pulls = PULLS.get(primitive) or plain_pulls(primitive, len(inputs))
    for i, (x, pull) in enumerate(zip(inputs, pulls)):
        if pull is None or not x.wanted:
            continue
        part = fit(pull(g, y.raw, *raws, **settings), x.raw)
        gradients[x] = gradients[x] + part if x in gradients else part
        found.append(Part(y, i, x, part))
    return found


def _made(y: Tensor) -> tuple[Primitive, tuple[Tensor, ...], Settings]:
    assert y.origin is not None
    return y.origin


def _staleness(order: list[Tensor]) -> StaleGraphError | None:
    """The first reason, in the order of backward, why values and gradients no longer agree."""
    written = ((y, x) for y in order for x in _made(y)[1] if x.written > y.born)
    return next((stale_error(y, x) for y, x in written), None)


def _overwritten(order: list[Tensor]) -> tuple[Tensor, ...]:
    """Inputs written after use, and results such as a transpose that look into their memory."""
    found: dict[Tensor, None] = {}
    for y in reversed(order):
        inputs = _made(y)[1]
        found |= dict.fromkeys(x for x in inputs if x.written > y.born)
        if any(x in found and np.may_share_memory(x.raw, y.raw) for x in inputs):
            found[y] = None
    return tuple(found)


def _in_order_of_birth(output: Tensor, order: list[Tensor]) -> tuple[Tensor, ...]:
    found: dict[Tensor, None] = {}
    for y in reversed(order):
        found |= dict.fromkeys(_made(y)[1])
        found[y] = None
    found[output] = None
    return tuple(found)


def _seed(output: Tensor, seed: Any) -> Raw | None:
    if not output.wanted:
        return None
    if seed is None and output.grad is not None and output.origin is not None:
        return output.grad.raw.copy()
    if seed is None:
        one = output.raw.dtype.type(1)
        return None if output.size != 1 else one if output.ndim == 0 else np.full(output.shape, one)
    given = lift(seed, output)
    if given.shape != output.shape:
        raise ShapeError(
            f"flow_of: the seed has shape {given.shape}; it must have that of the Tensor, "
            f"{output.shape}.\n  Try no seed, if the Tensor is a loss of one number."
        )
    return fit(given.raw, output.raw)
