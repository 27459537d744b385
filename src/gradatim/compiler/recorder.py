"""Recording: one eager step, noted primitive by primitive."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from gradatim.autograd import modes
from gradatim.autograd.place import here, line
from gradatim.autograd.tensor import Tensor
from gradatim.autograd.tree import Container, map_leaves, walk
from gradatim.compiler.program import Line, Value
from gradatim.errors import RecordingError
from gradatim.primitives import Primitive
from gradatim.types import Settings

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
    bare : bool
        Whether it had no gradient when it was met.
    """

    value: Value
    tensor: Tensor
    kind: LeafKind
    owner: Tensor | None = None
    bare: bool = True


class Recording:
    """What one eager run of a step did.

    Parameters
    ----------
    arguments : iterable of Tensor
        What the step is called with; each is told apart by identity.

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
    """

    def __init__(self, arguments: Iterable[Tensor]) -> None:
        self.lines: list[Line] = []
        self.leaves: list[Leaf] = []
        self.results: list[Value] = []
        self.returned: Any = None
        self.gradients: dict[Tensor, Value | None] = {}
        self.modules: list[Container] = []
        self._values: dict[int, Value] = {}
        self._by_memory: dict[int, Value] = {}
        self._names: dict[Value, str] = {}
        self._kept: list[Any] = []
        self._paths: dict[int, str] = {}
        for tensor in arguments:
            self._enter(tensor, "argument")

    def run(self, step: Callable[[], Any]) -> Any:
        """Run the step and note what it does; return what it returned, without history."""
        with modes.recording(self):
            returned = step()
        self._note_gradients()
        self.returned = map_leaves(self._result, returned)
        return map_leaves(lambda x: x.detach() if isinstance(x, Tensor) else x, returned)

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
            home = operands[0].home or operands[0]
        value = Value(home.name if home else "", output.shape, output.dtype, home)
        place = line(here(3))
        phase = modes.current().phase
        self.lines.append(Line(value, primitive, operands, dict(settings), phase, place))
        self._remember(output, value)

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
        return found if found is not None else self._enter(x, "tensor")

    def _enter(self, x: Tensor, kind: LeafKind) -> Value:
        owner = None
        if kind == "tensor":
            owner = next((leaf.tensor for leaf in self.leaves if leaf.tensor.grad is x), None)
            if owner is not None:
                kind = "gradient"
        name = f"d_{owner.name}" if owner is not None and owner.name else x.name or ""
        value = Value(name, x.shape, x.dtype)
        self.leaves.append(Leaf(value, x, kind, owner, x.grad is None))
        self._remember(x, value)
        return value

    def _remember(self, x: Tensor, value: Value) -> None:
        self._values[id(x)] = value
        self._by_memory[id(x.raw)] = value
        self._kept.append((x, x.raw))

    def _name(self, x: Tensor) -> str:
        value = self._values.get(id(x))
        return x.name or ("" if value is None else self.name_of(value))

    def _result(self, x: Any) -> Any:
        if isinstance(x, Tensor):
            self.results.append(self._value(x))
            return Slot(len(self.results) - 1)
        if isinstance(x, (np.ndarray, np.generic)):
            raise RecordingError(
                "compile: the step returns a NumPy array, whose numbers would stay as they were.\n"
                "  Return the Tensor itself."
            )
        return x

    def _note_gradients(self) -> None:
        before = {leaf.owner: leaf.tensor for leaf in self.leaves if leaf.owner is not None}
        for leaf in list(self.leaves):
            x = leaf.tensor
            if leaf.kind == "gradient" or x.grad is before.get(x):
                continue
            self.gradients[x] = None if x.grad is None else self._value(x.grad)
            if x.grad is not None and x.name:
                self._names.setdefault(self.gradients[x], f"d_{x.name}")  # type: ignore[arg-type]


@dataclass(frozen=True)
class Slot:
    """Where a result stands in what a step returned."""

    position: int
