"""The account of a graph of Tensors, with its gradients part by part."""

from __future__ import annotations

import linecache
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from gradatim.autograd.place import Place, line
from gradatim.autograd.tensor import Parameter, Tensor
from gradatim.derivation.flow import Flow
from gradatim.derivation.label import names_of
from gradatim.draw.picture.account import Call, Scope
from gradatim.draw.picture.picture import Kind
from gradatim.types import Raw, Shape


class Traced:
    """What is known of the graph behind a Tensor.

    Parameters
    ----------
    flow : Flow
        The graph and its gradients.
    names : mapping of int to str
        What Tensors are called that have no name of their own, by identity.
    scopes : mapping of Tensor to tuple of Scope
        The calls of modules in which results were computed.
    gradients : bool
        Whether gradients are told.

    Attributes
    ----------
    calls : tuple of Call
        Each result with how it was made, in the order of birth.
    results : tuple of Tensor
        What the picture ends in.
    """

    def __init__(
        self,
        flow: Flow,
        names: Mapping[int, str],
        scopes: Mapping[Tensor, tuple[Scope, ...]],
        gradients: bool,
    ) -> None:
        # Names are found and numbers kept at once: what is drawn later shows what was.
        self._names = {x: name_of(x, names) for x in flow.tensors}
        self._values, self._told = flow.values, gradients
        self._overwritten = set(flow.overwritten)
        self._aliases = names_of(flow, names)
        self._gradients = flow.gradients
        self._parts = {(part.result, part.position): part.gradient for part in flow.parts}
        self.calls: Sequence[Call] = tuple(_call(y, scopes.get(y, ())) for y in flow.results)
        self.results: Sequence[Hashable] = (flow.output,)

    def kind(self, leaf: Any) -> Kind:
        """Return whether a leaf is learned, wants a gradient, or neither."""
        if isinstance(leaf, Parameter):
            return "parameter"
        return "variable" if leaf.wanted else "constant"

    def name(self, x: Any) -> str:
        """Return a Tensor's own name, else that of the user's variable."""
        return self._names.get(x, "")

    def alias(self, x: Any) -> str:
        """Return what explanations call a Tensor too; empty for a number that nobody named."""
        return self._aliases.get(x, "")

    def shape(self, x: Any) -> Shape:
        """Return the sizes of its axes."""
        return x.raw.shape

    def dtype(self, x: Any) -> str:
        """Return the type of its elements."""
        return x.raw.dtype.name

    def wanted(self, x: Any) -> bool:
        """Return whether its gradient is wanted."""
        return bool(x.wanted)

    def value(self, x: Any) -> Raw | None:
        """Return its numbers as they were when the graph was asked for, if the graph used these."""
        return None if x in self._overwritten else self._values[x]

    def gradient(self, x: Any) -> Raw | None:
        """Return the whole of its gradient in this graph."""
        return self._gradients.get(x) if self._told else None

    def part(self, call: Call, position: int) -> Raw | None:
        """Return what the rule of a call gave to one of its inputs."""
        return self._parts.get((call.output, position)) if self._told else None  # type: ignore[arg-type]


def name_of(x: Tensor, names: Mapping[int, str]) -> str:
    """Return a Tensor's own name, else that of the variable that holds it or its array."""
    return x.name or names.get(id(x)) or names.get(id(x.raw), "")


def _call(y: Tensor, scopes: tuple[Scope, ...]) -> Call:
    assert y.origin is not None
    primitive, inputs, settings = y.origin
    return Call(y, primitive, inputs, settings, scopes, place_text(y.place))


def place_text(place: Place | None) -> str:
    """Return the user's line, and what is written there as far as it can still be read."""
    if place is None:
        return ""
    where = line(place)
    number = where.rpartition(":")[2]
    code = linecache.getline(place[0].co_filename, int(number)).strip() if number.isdigit() else ""
    return f"{where}  {code}".rstrip()
