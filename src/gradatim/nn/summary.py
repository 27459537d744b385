"""What a model does to one input: shapes, parameters, multiply-adds and bytes, layer by layer."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from gradatim.autograd.modes import listen, no_grad, watching
from gradatim.autograd.tensor import Parameter, Tensor
from gradatim.autograd.tree import Container, children, walk
from gradatim.primitives import Primitive
from gradatim.types import Settings, Shape

_HEAD = ("path", "layer", "output", "parameters", "multiply-adds", "bytes")


@dataclass(frozen=True)
class Row:
    """One call of one layer.

    Parameters
    ----------
    path : str
        Where the layer stands in the model; empty for the model itself.
    kind : str
        Name of its class.
    shape : tuple of int or None
        Shape of what it returned; ``None`` if that was no Tensor.
    parameters : int
        Elements of its own parameters; 0 where they were counted in a row above.
    multiply_adds : int
        Multiplications, each with its addition, in its matrix products.
    bytes : int
        Memory of its own parameters.
    output_bytes : int
        Memory of what it returned.
    """

    path: str
    kind: str
    shape: Shape | None
    parameters: int
    multiply_adds: int
    bytes: int
    output_bytes: int


@dataclass(frozen=True, repr=False)
class Summary:
    """What a model does to one input; printed as a table.

    Parameters
    ----------
    rows : tuple of Row
        One for each layer called, in the order of the calls.
    trainable : int
        Elements of the parameters that are not frozen.
    """

    rows: tuple[Row, ...]
    trainable: int

    @property
    def parameters(self) -> int:
        """Elements of all parameters that took part."""
        return sum(row.parameters for row in self.rows)

    @property
    def multiply_adds(self) -> int:
        """Multiplications, each with its addition, in all matrix products."""
        return sum(row.multiply_adds for row in self.rows)

    @property
    def bytes(self) -> int:
        """Memory of all parameters that took part."""
        return sum(row.bytes for row in self.rows)

    @property
    def output_bytes(self) -> int:
        """Memory of what all layers returned."""
        return sum(row.output_bytes for row in self.rows)

    def __str__(self) -> str:
        rows = [
            (row.path or ".", row.kind, str(row.shape or "-") if row.shape != () else "()",
             f"{row.parameters:,}", f"{row.multiply_adds:,}", f"{row.bytes:,}")
            for row in self.rows
        ]  # fmt: skip
        total = (
            "total", "", "", f"{self.parameters:,}", f"{self.multiply_adds:,}", f"{self.bytes:,}",
        )  # fmt: skip
        widths = [max(map(len, column)) for column in zip(_HEAD, *rows, total)]
        rule = "  ".join("-" * width for width in widths)
        lines = [_line(_HEAD, widths), rule, *(_line(row, widths) for row in rows), rule]
        lines.append(_line(total, widths))
        frozen = self.parameters - self.trainable
        lines.append(
            f"{self.trainable:,} parameters to learn, {frozen:,} frozen; "
            f"outputs take {self.output_bytes:,} bytes"
        )
        return "\n".join(lines)

    __repr__ = __str__


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    left = [cell.ljust(width) for cell, width in zip(cells[:3], widths)]
    right = [cell.rjust(width) for cell, width in zip(cells[3:], widths[3:])]
    return "  ".join([*left, *right]).rstrip()


@dataclass
class _Call:
    """What is noted about a call while it runs."""

    module: Container
    multiply_adds: int = 0
    inner: int = 0
    output: Any = None


@dataclass
class _Watcher:
    """Notes every call of a module, and in which of them each matrix product ran."""

    calls: list[_Call] = field(default_factory=list)
    open: list[_Call] = field(default_factory=list)

    def see_module(self, module: Container, event: str, value: Any) -> None:
        if event == "leave":
            self.open.pop().output = value
            return
        if self.open:
            self.open[-1].inner += 1
        self.open.append(_Call(module))
        self.calls.append(self.open[-1])

    def see_primitive(
        self, primitive: Primitive, inputs: tuple[Tensor, ...], settings: Settings, y: Tensor
    ) -> None:
        if self.open:
            self.open[-1].multiply_adds += _multiply_adds(primitive, inputs, settings, y)


def _multiply_adds(
    primitive: Primitive, inputs: tuple[Tensor, ...], settings: Settings, y: Tensor
) -> int:
    if primitive.name == "matmul":
        return y.size * inputs[0].shape[-1]
    if primitive.name == "einsum":
        terms = settings["subscripts"].split("->")[0].split(",")
        sizes = {c: n for term, x in zip(terms, inputs) for c, n in zip(term, x.shape)}
        return math.prod(sizes.values()) * (len(inputs) - 1)
    return 0


def summarize(module: Any, inputs: tuple[Any, ...]) -> Summary:
    """Run a module once, without tape and in evaluation mode, and note what it does."""
    watcher = _Watcher()
    modules = [part for _, part in walk(module) if hasattr(part, "training")]
    training = [part.training for part in modules]
    for part in modules:
        part.training = False
    try:
        with no_grad(), listen(watcher.see_primitive), watching(watcher.see_module):
            module(*inputs)
    finally:
        for part, was in zip(modules, training):
            part.training = was
    paths = {id(part): path for path, part in walk(module)}
    seen: set[int] = set()
    rows = [_row(call, paths, seen) for call in watcher.calls if _is_shown(call)]
    own = [p for call in watcher.calls for p in _own_parameters(call.module)]
    trainable = {id(p): p.size for p in own if p.requires_grad}
    return Summary(tuple(rows), sum(trainable.values()))


def _is_shown(call: _Call) -> bool:
    """Whether a module does something itself, rather than call others only."""
    return not call.inner or call.multiply_adds > 0 or bool(_own_parameters(call.module))


def _row(call: _Call, paths: dict[int, str], seen: set[int]) -> Row:
    fresh = [p for p in _own_parameters(call.module) if id(p) not in seen]
    seen.update(id(p) for p in fresh)
    output = call.output if isinstance(call.output, Tensor) else None
    return Row(
        paths.get(id(call.module), "?"),
        type(call.module).__name__,
        None if output is None else output.shape,
        sum(p.size for p in fresh),
        call.multiply_adds,
        sum(p.nbytes for p in fresh),
        0 if output is None else output.nbytes,
    )


def _own_parameters(node: Any) -> list[Parameter]:
    """Parameters that a module holds itself, in lists and dicts too, but not in other modules."""
    found: dict[int, Parameter] = {}
    for _, part in children(node):
        if isinstance(part, Parameter):
            found[id(part)] = part
        elif isinstance(part, (list, tuple, dict)):
            found.update((id(p), p) for p in _own_parameters(part))
    return list(found.values())
