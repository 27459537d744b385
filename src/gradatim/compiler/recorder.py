"""Recording: one eager step, noted primitive by primitive."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from gradatim.autograd import modes
from gradatim.autograd.place import Place, here, line
from gradatim.autograd.tensor import Tensor, constant
from gradatim.autograd.tree import Container, map_leaves, walk
from gradatim.compiler.program import Line, Value, origin
from gradatim.errors import RecordingError
from gradatim.primitives import Primitive
from gradatim.types import Array, Settings

LeafKind = Literal["argument", "tensor", "gradient"]


@dataclass(frozen=True, eq=False)
class Leaf:
    """A Tensor that no line of the step computed: an argument, or something met on the way.

    Parameters
    ----------
    value : Value
        What it is in the program.
    tensor : Tensor
        The one that was met. It is kept, so that no other takes its identity.
    kind : {"argument", "tensor", "gradient"}
        ``gradient``: what a leaf held in ``grad`` when the step began.
    owner : Tensor or None
        The leaf whose gradient it is.
    """

    value: Value
    tensor: Tensor
    kind: LeafKind
    owner: Tensor | None = None


class Recording:
    """What one eager run of a step did.

    Parameters
    ----------
    arguments : iterable of Tensor
        What the step is called with; each is told apart by identity.
    around : iterable of Tensor, optional
        Those that the step can see beside its arguments.

    Attributes
    ----------
    lines : list of Line
        The calls of primitives, in their order.
    leaves : list of Leaf
        Every Tensor that was read and not computed, the arguments first.
    results : list of Value
        What the step returned, in the order of its leaves.
    returned : object
        What the step returned, Tensors replaced by their position in ``results``.
    gradients : dict of Tensor to Value or None
        What the step left in ``grad`` of leaves: a value, or None where it took one away.
    modules : list of Container
        The modules that were called.
    initial : dict of Value to array
        What the Tensors held that the step writes into, before it did.
    """

    def __init__(self, arguments: Iterable[Tensor], around: Iterable[Tensor] = ()) -> None:
        self.lines: list[Line] = []
        self.leaves: list[Leaf] = []
        self.results: list[Value] = []
        self.returned: Any = None
        self.gradients: dict[Tensor, Value | None] = {}
        self.modules: list[Container] = []
        self.initial: dict[Value, Array] = {}
        self._values: dict[int, Value] = {}
        self._by_memory: dict[int, Value] = {}
        self._names: dict[Value, str] = {}
        self._kept: list[Any] = []
        self._paths: dict[int, str] = {}
        self._latest: dict[Value, Value] = {}
        self._views: dict[Value, Line] = {}
        self._truths: set[int] = set()
        self._texts: dict[Place, tuple[str, str]] = {}
        given = list(arguments)
        self.around = dict.fromkeys((*around, *given))
        self._before = {t: t.grad for t in self.around}
        self._owners = {id(g): t for t, g in self._before.items() if g is not None}
        for tensor in given:
            self._enter(tensor, "argument")

    def run(self, step: Callable[[], Any]) -> Any:
        """Run the step and note what it does; return what it returned, without history."""
        with modes.recording(self):
            returned = step()
        self._note_gradients()
        self.returned = map_leaves(self._result, returned)
        self._let_go()
        return map_leaves(lambda x: _copied(x) if isinstance(x, Tensor) else x, returned)

    def _let_go(self) -> None:
        """Let go of what was computed: a note of it may wait long for a second call."""
        for known in (self._kept, self._values, self._by_memory, self._latest, self._views):
            known.clear()

    def call_results(self, names: Mapping[int, str]) -> None:
        """Give results that have no name yet the names that the step has for them."""
        for position, name in names.items():
            value = self.results[position]
            if not value.name and value.home is None:
                self._names.setdefault(value, name)

    def name_of(self, value: Value) -> str:
        """Return what a value is called."""
        return self._names.get(value) or value.name

    # --- what the engine tells ----------------------------------------------------------------
    def see(
        self, primitive: Primitive, inputs: tuple[Tensor, ...], settings: Settings, output: Tensor
    ) -> None:
        """Note a call."""
        operands = tuple(self._value(x) for x in inputs)
        home = None
        if primitive.kind == "effect":
            home = origin(operands[0])
        value = Value(home.name if home else "", output.shape, output.dtype, home)
        place = here(3)
        phase = modes.current().phase
        text = self._texts.get(place)
        if text is None:
            text = self._texts[place] = line(place), code_at(place)
        done = Line(value, primitive, operands, dict(settings), phase, *text)
        self.lines.append(done)
        if home is not None:
            self._latest[home] = value
        elif any(_overlap(output.raw, x.raw) for x in inputs):
            self._views[value] = done
        self._remember(output, value)
        if isinstance(output.raw, np.bool_):
            self._truths.add(id(output.raw))  # there are only two, so they tell nothing

    def see_target(self, x: Tensor) -> None:
        """Keep the numbers of what is about to be written, if it was made inside the step."""
        value = self._value(x)
        if x not in self.around and origin(value) not in self.initial:
            self.initial[origin(value)] = np.array(x.raw)

    def see_gradient(self, of: Tensor, gradient: Tensor) -> None:
        """Name a gradient after what it is the gradient of."""
        if of.origin is None:
            self._value(of)  # meet it before it has its gradient
        value, name = self._values.get(id(gradient)), self._name(of)
        if value is not None and name and value not in self._names and not value.name:
            self._names[value] = f"d_{name}"

    def see_module(self, module: Container, moment: str, value: Any) -> None:
        """Name the output of a module after the module."""
        if moment == "enter":
            if not self._paths:
                self._paths = {id(part): path for path, part in walk(module)}
            self.modules.append(module)
            return
        path = self._paths.get(id(module), "")
        for x in value if isinstance(value, (tuple, list)) else [value]:
            known = self._values.get(id(x))
            if known is not None and path and not known.name:
                self._names.setdefault(known, path)

    def see_reading(self, x: Tensor) -> None:
        """Refuse: what Python does with the number would not be done again."""
        raise RecordingError(
            f"compile: {line(here(3))} reads the value of a Tensor of shape {x.shape} in the "
            "middle of the step.\n  A program does only what primitives do: what Python made of it "
            "would stay as it was.\n  Try gd.where instead of if, return the Tensor and "
            "read it outside, or optimizer.lr = ... between steps."
        )

    # --- from Tensors to values ---------------------------------------------------------------
    def _value(self, x: Tensor) -> Value:
        found = self._values.get(id(x))
        if found is None:
            found = self._by_memory.get(id(x.raw))  # x.detach() is the same numbers
        return self._now(found) if found is not None else self._enter(x, "tensor")

    def _now(self, value: Value) -> Value:
        """The newest version of a state; a view of one that was written is looked at again."""
        view = self._views.get(value)
        if view is None:
            return self._latest.get(origin(value), value)
        inputs = tuple(self._now(x) for x in view.inputs)
        if inputs == view.inputs:
            return view.output
        again = replace(view, inputs=inputs, output=replace(value), phase=modes.current().phase)
        self.lines.append(again)
        self._views[value] = again
        self._views[again.output] = again
        return again.output

    def _enter(self, x: Tensor, kind: LeafKind) -> Value:
        owner = self._owners.get(id(x)) if kind == "tensor" else None
        if owner is not None:
            kind = "gradient"
        if id(x.raw) in self._truths:
            raise RecordingError(
                f"compile: {line(here(3))} uses a single truth whose origin is lost.\n"
                "  Try the Tensor itself instead of its detach()."
            )
        name = f"d_{owner.name}" if owner is not None and owner.name else x.name or ""
        value = Value(name, x.shape, x.dtype)
        self.leaves.append(Leaf(value, x, kind, owner))
        self._remember(x, value)
        return value

    def _remember(self, x: Tensor, value: Value) -> None:
        self._values[id(x)] = value
        self._kept.append((x, x.raw))
        if isinstance(x.raw, np.bool_):
            return
        if value.home is not None or id(x.raw) not in self._by_memory:
            self._by_memory[id(x.raw)] = value

    def _name(self, x: Tensor) -> str:
        value = self._values.get(id(x))
        return x.name or ("" if value is None else self.name_of(value))

    def _result(self, x: Any) -> Any:
        if isinstance(x, Tensor):
            value = self._value(x)
            if value not in self.results:
                self.results.append(value)
            return Slot(self.results.index(value))
        if isinstance(x, (np.ndarray, np.generic)):
            raise RecordingError(
                "compile: the step returns a NumPy array, whose numbers would stay as they were.\n"
                "  Return the Tensor itself."
            )
        return x

    def _note_gradients(self) -> None:
        for x in dict.fromkeys((*self.around, *(leaf.tensor for leaf in self.leaves))):
            if x.grad is self._before.get(x) or x.origin is not None:
                continue
            self.gradients[x] = None if x.grad is None else self._value(x.grad)
            if x.grad is not None and x.name:
                self._names.setdefault(self.gradients[x], f"d_{x.name}")  # type: ignore[arg-type]


def code_at(place: Place) -> str:
    """Return what is written at a place, as far as it can still be read."""
    code = place[0]
    number = line(place).rpartition(":")[2]
    return linecache.getline(code.co_filename, int(number)).strip() if number.isdigit() else ""


def _overlap(one: Any, two: Any) -> bool:
    arrays = isinstance(one, np.ndarray) and isinstance(two, np.ndarray)
    return arrays and np.may_share_memory(one, two)


def _copied(x: Tensor) -> Tensor:
    """A result without history, in memory that no later call writes."""
    return constant(x.raw.copy() if isinstance(x.raw, np.ndarray) else x.raw)


@dataclass(frozen=True)
class Slot:
    """Where a result stands in what a step returned."""

    position: int
