"""The account of what a model, or any function, does to its inputs: it is run once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from gradatim.autograd.modes import listen, no_grad, unheard, watching
from gradatim.autograd.place import here
from gradatim.autograd.tensor import Parameter, Tensor, lift
from gradatim.autograd.tree import Container, walk
from gradatim.draw.picture.account import Call, Scope, aliases
from gradatim.draw.picture.held import Held
from gradatim.draw.picture.module import scope_of
from gradatim.draw.picture.picture import Kind
from gradatim.draw.picture.trace import name_of, place_text
from gradatim.errors import ShapeError
from gradatim.nn.snapshot import put_back
from gradatim.primitives import Primitive
from gradatim.types import Raw, Settings


class Run(Held):
    """One run of a model or a function, without tape; whatever it changes is put back.

    Parameters
    ----------
    function : Module or callable
        What is run.
    inputs : tuple
        What it is called with. Arrays and lists of numbers are made Tensors.
    names : mapping of int to str
        What Tensors and models are called that have no name, by identity.

    Attributes
    ----------
    calls : sequence of Call
        The primitives that its results were computed with, those inside of modules too.
    results : sequence of Tensor
        The Tensors that it returned, in lists, tuples and dicts too.

    Raises
    ------
    ShapeError
        If it returns no Tensor.
    """

    def __init__(
        self, function: Callable[..., Any], inputs: tuple[Any, ...], names: Mapping[int, str]
    ) -> None:
        self._names = dict(names)
        self._inputs: dict[int, Any] = {}
        given = tuple(self._given(x, name) for x, name in zip(inputs, _parameters(function)))
        self._all: list[Call] = []
        self._open: list[Scope] = []
        self._root: Any = None
        watched = watching(self._enter_or_leave)
        with put_back(function, inputs), unheard(), no_grad(), listen(self._see), watched:
            returned = function(*given)
        self.results: Sequence[Hashable] = tuple(dict.fromkeys(_tensors(returned)))
        if not self.results:
            raise ShapeError(
                f"draw: {_called(function)} returned {type(returned).__name__}; it must return a "
                "Tensor, or several, for something to be drawn.\n"
                "  Try to return what was computed as a Tensor, not as a number or an array."
            )
        self.calls: Sequence[Call] = _leading_to(self.results, self._all)
        self._aliases = aliases(self.calls, self.name)

    # --- while it runs --------------------------------------------------------------------------
    def _given(self, x: Any, name: str) -> Any:
        if isinstance(x, (np.ndarray, np.generic, float, int, list)):
            x = lift(x)
        if isinstance(x, Tensor):
            self._inputs[id(x)] = x
            self._names.setdefault(id(x), name)
        return x

    def _see(
        self, primitive: Primitive, inputs: tuple[Tensor, ...], settings: Settings, y: Tensor
    ) -> None:
        note = place_text(here(3))
        self._all.append(Call(y, primitive, inputs, settings, tuple(self._open), note))

    def _enter_or_leave(self, module: Container, event: str, _: Any) -> None:
        if event == "leave":
            self._open.pop()
            return
        outer = self._open[0] if self._open else None
        if outer is None:
            self._root = module
            for path, part in walk(module):
                if isinstance(part, Tensor):
                    self._names.setdefault(id(part), path)
        self._open.append(scope_of(module, self._root, self._names))

    # --- what is known --------------------------------------------------------------------------
    def kind(self, leaf: Any) -> Kind:
        """Return whether a leaf is an input, learned, wants a gradient, or none of these."""
        if id(leaf) in self._inputs:
            return "input"
        if isinstance(leaf, Parameter):
            return "parameter"
        return "variable" if leaf.wanted else "constant"

    def name(self, x: Any) -> str:
        """Return a Tensor's own name, else that of the user's variable or of the argument."""
        return name_of(x, self._names)

    def alias(self, x: Any) -> str:
        """Return what lists call it."""
        return self._aliases.get(x, "")

    def gradient(self, x: Any) -> Raw | None:
        """Return nothing: there is no loss."""

    def part(self, call: Call, position: int) -> Raw | None:
        """Return nothing: there is no loss."""


def _called(function: Any) -> str:
    return getattr(function, "__name__", type(function).__name__)


def _parameters(function: Any) -> Iterator[str]:
    """Names of what can be given by position; then none, for ever."""
    try:
        listed = [*inspect.signature(getattr(function, "forward", function)).parameters.values()]
    except (TypeError, ValueError):
        listed = []
    yield from (p.name for p in listed if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD))
    while True:
        yield ""


def _tensors(returned: Any) -> Iterator[Tensor]:
    if isinstance(returned, Tensor):
        yield returned
    elif isinstance(returned, (list, tuple)):
        for part in returned:
            yield from _tensors(part)
    elif isinstance(returned, dict):
        yield from _tensors(list(returned.values()))


def _leading_to(results: Sequence[Hashable], calls: Sequence[Call]) -> list[Call]:
    """The calls without which the results would not be."""
    needed, kept = set(results), []
    for call in reversed(calls):
        if call.output in needed:
            needed.update(call.inputs)
            kept.append(call)
    return kept[::-1]
