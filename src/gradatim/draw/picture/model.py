"""The account of what a model, or any function, does to its inputs: it is run once."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradatim.autograd.modes import listen, no_grad, unheard, watching
from gradatim.autograd.place import here
from gradatim.autograd.tensor import Tensor, lift
from gradatim.autograd.tree import Container, walk
from gradatim.draw.picture.account import Call, Scope, aliases
from gradatim.draw.picture.module import scope_of
from gradatim.draw.picture.moment import Moments
from gradatim.draw.picture.picture import Kind
from gradatim.draw.picture.trace import place_text
from gradatim.errors import NoGradientError, ShapeError
from gradatim.nn.snapshot import put_back
from gradatim.primitives import Primitive
from gradatim.types import Raw, Settings, Shape


class Run:
    """One run of a model or a function, without tape; whatever it changes is put back.

    Its tensors are moments: what a Tensor held when it was read or made, whatever is written into
    it afterwards.

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
    results : sequence of Moment
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
        self._moments = Moments()
        given = tuple(self._given(x, name) for x, name in zip(inputs, _parameters(function)))
        self._all: list[Call] = []
        self._open: list[Scope] = []
        self._root: Any = None
        watched = watching(self._enter_or_leave)
        reached = _reached(function)
        for part in reached:
            self._meet(part)
        with put_back(function, inputs, *reached), unheard(), no_grad(), listen(self._see), watched:
            returned = _returned(function, given)
            moments = [self._moments.of(x) for x in _tensors(returned)]
        self.results: Sequence[Hashable] = tuple(dict.fromkeys(moments))
        if not self.results:
            raise ShapeError(
                f"draw: {_called(function)} returned {type(returned).__name__}; it must return a "
                "Tensor, or several, for something to be drawn.\n"
                "  Try to return what was computed as a Tensor, not as a number or an array."
            )
        self.calls: Sequence[Call] = _leading_to(self.results, self._all)
        self._moments.call(self._names)
        del self._moments, self._root, self._all  # the Tensors may go
        self._aliases = aliases(self.calls, self.name)

    # --- while it runs --------------------------------------------------------------------------
    def _given(self, x: Any, name: str) -> Any:
        if isinstance(x, (np.ndarray, np.generic, float, int)):
            x = lift(x)
        if isinstance(x, list) and not any(isinstance(part, Tensor) for _, part in walk(x)):
            x = lift(x)
        if isinstance(x, Container):
            self._meet(x)
            return x
        for path, part in walk(x):
            if isinstance(part, Tensor):
                self._names.setdefault(id(part), f"{name}[{path}]" if path else name)
                self._moments.of(part, "input")
        return x

    def _meet(self, holder: Any) -> None:
        """Look at all Tensors of a model before it changes them."""
        for path, part in walk(holder):
            if isinstance(part, Tensor):
                self._names.setdefault(id(part), path)
                self._moments.of(part)

    def _see(
        self, primitive: Primitive, inputs: tuple[Tensor, ...], settings: Settings, y: Tensor
    ) -> None:
        if primitive.kind == "effect":
            read = (self._moments.before(y), *map(self._moments.of, inputs[1:]))
            made = self._moments.written(y)
        else:
            read, made = tuple(map(self._moments.of, inputs)), self._moments.of(y)
        note = place_text(here(3))
        self._all.append(Call(made, primitive, read, settings, tuple(self._open), note))

    def _enter_or_leave(self, module: Container, event: str, _: Any) -> None:
        if event == "leave":
            self._open.pop()
            return
        if not self._open:
            self._root = module
            self._meet(module)
        scope = scope_of(module, self._root, self._names)
        owned = {x: self._moments.latest(x) for x in scope.owned if isinstance(x, Tensor)}
        self._open.append(replace(scope, owned=frozenset(filter(None, owned.values()))))

    # --- what is known --------------------------------------------------------------------------
    def kind(self, leaf: Any) -> Kind:
        """Return whether a leaf is an input, learned, wants a gradient, or none of these."""
        return leaf.kind

    def name(self, x: Any) -> str:
        """Return a Tensor's own name, else that of the user's variable or of the argument."""
        return x.name

    def alias(self, x: Any) -> str:
        """Return what lists call it."""
        return self._aliases.get(x, "")

    def shape(self, x: Any) -> Shape:
        """Return the sizes of its axes."""
        return x.shape

    def dtype(self, x: Any) -> str:
        """Return the type of its elements."""
        return x.dtype

    def wanted(self, x: Any) -> bool:
        """Return whether its gradient is wanted."""
        return x.wanted

    def value(self, x: Any) -> Raw | None:
        """Return what it held when it was read or made."""
        return x.raw

    def gradient(self, x: Any) -> Raw | None:
        """Return nothing: there is no loss."""

    def part(self, call: Call, position: int) -> Raw | None:
        """Return nothing: there is no loss."""


def _returned(function: Callable[..., Any], given: tuple[Any, ...]) -> Any:
    try:
        return function(*given)
    except NoGradientError as error:
        raise NoGradientError(
            f"draw: {_called(function)} asks for gradients; a function that is given to draw runs "
            "forward only, and nothing is kept for backward.\n"
            "  Try y = f(x), then y.backward() and gd.draw(y)."
        ) from error


def _reached(function: Any) -> list[Any]:
    """Tensors and models that a function knows from outside, and may write into."""
    try:
        known = inspect.getclosurevars(function)
    except (TypeError, ValueError):
        return []
    outside = [*known.nonlocals.values(), *known.globals.values()]
    return [x for x in outside if isinstance(x, (Tensor, Container))]


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
