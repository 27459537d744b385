"""The architecture of a model: its layers as blocks, with the shapes between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2, prod
from typing import Any

import numpy as np

from gradatim.autograd import Tensor, no_grad
from gradatim.autograd.modes import watching
from gradatim.draw.chart.answer import Run, opened
from gradatim.draw.chart.sketch import Sketch
from gradatim.draw.form.lettering import width_of
from gradatim.draw.form.mark import Curve, Frame, Mark, Part, Scene, Shape, Words
from gradatim.errors import DataError, DtypeError, GradatimError
from gradatim.nn import Module
from gradatim.nn.snapshot import put_back
from gradatim.types import Shape as Lengths

_SIZE, _SMALL = 15.0, 12.0
_LEAST, _MOST = 58.0, 190.0  # heights of blocks
_PAD, _EDGE, _LINE_GAP = 14.0, 24.0, 40.0
_A_LINE = 9
_UNTOLD = "; layers in the order of their calls, what joins them is not shown"


@dataclass(frozen=True)
class _Block:
    name: str
    remark: str
    shape: Lengths | None
    look: str
    path: str = ""

    @property
    def width(self) -> float:
        words = width_of(self.name, _SIZE, bold=True), width_of(self.remark, _SMALL)
        return max(*words, 40.0) + 2 * _PAD


def architecture(
    model: Module | Run, x: Any = None, *, image_shape: Sequence[int] | None = None, title: str = ""
) -> Sketch:
    """Draw the layers of a model as blocks, in the order of their calls.

    The more numbers come out of a layer, the higher its block, in the logarithm; the arrows say
    their shapes, without the axis of samples. Layers with parameters say how many. Where a layer
    is not given just what the one before it returned, as in a model that skips layers, a line
    says that what joins them is not shown; `gradatim.draw` of the model shows it.

    Parameters
    ----------
    model : Module, or the folder of a run
        Run twice, evaluating, and left as it was.
    x : array or Tensor of shape (N, ...), optional
        An input; by default zeros for the first parameter of shape (n_in, n_out).
    image_shape : sequence of int, optional
        What the input is called instead of its own shape, as (28, 28) for 784.
    title : str
        Above it.

    Returns
    -------
    Sketch
        Shows itself in a notebook; ``save("network.svg")`` writes it.

    Raises
    ------
    DtypeError
        The model is none.
    DataError
        The model cannot be run on the input, or there is none and it cannot be guessed.

    Examples
    --------
    >>> import gradatim as gd
    >>> architecture(gd.nn.MLP([784, 50, 10]))
    Sketch architecture: input 784, Linear 50, ReLU 50, Linear 10; 39,760 parameters
    """
    model = opened(model, "architecture")
    if not isinstance(model, Module):
        raise DtypeError(
            f"architecture: the model is {type(model).__name__}; it must be a Module, as "
            "gd.nn.MLP([784, 50, 10]) is."
        )
    given = _input(model) if x is None else x if isinstance(x, Tensor) else Tensor(np.asarray(x))
    try:
        with put_back(model):
            summary = model.summary(given)
            note = "" if _is_chain(model, given) else _UNTOLD
    except GradatimError as error:
        raise DataError(
            f"architecture: the model cannot be run on an input of shape {given.shape}: "
            f"{error.message}\n  Give it one that fits: architecture(model, x)."
        ) from error
    shown = tuple(map(int, image_shape)) if image_shape is not None else given.shape[1:]
    blocks = [_Block("input", "", shown, "input")]
    for row in summary.rows:
        remark = f"{row.parameters:,} parameters" if row.parameters else ""
        shape = None if row.shape is None else row.shape[1:]
        look = "parameter" if row.parameters else "module"
        blocks.append(_Block(row.kind, remark, shape, look, row.path))
    return Sketch("architecture", _scene(blocks, summary.parameters, note, title))


def _is_chain(model: Module, given: Tensor) -> bool:
    """Whether each layer is given just what the one before it returned."""
    ends: list[Any] = [given]  # all outputs are kept, so that no other Tensor is taken for one
    opened: list[tuple[Any, bool]] = []
    straight = True

    def see(_: Any, event: str, value: Any) -> None:
        nonlocal straight
        if event == "enter":
            opened[:] = [(x, False) for x, _ in opened]
            opened.append((value, True))
            return
        x, is_innermost = opened.pop()
        if is_innermost:
            straight = straight and len(x) == 1 and x[0] is ends[-1]
            ends.append(value)

    with no_grad(), watching(see):
        model.eval()
        output = model(given)
    return straight and output is ends[-1]


def _input(model: Module) -> Tensor:
    for parameter in model.parameters():
        if parameter.ndim == 2:
            return Tensor(np.zeros((1, parameter.shape[0]), parameter.dtype))
    raise DataError(
        "architecture: what the model takes cannot be told from its parameters; an input must be "
        "given. Try architecture(model, x) with a batch of one."
    )


# --- the scene -------------------------------------------------------------------------------


def _scene(blocks: list[_Block], parameters: int, note: str, title: str) -> Scene:
    many = -(-len(blocks) // -(-len(blocks) // _A_LINE))  # lines of about one length
    lines = [blocks[i : i + many] for i in range(0, len(blocks), many)]
    top = _EDGE + (2.8 * _SIZE if title else 0.0)
    parts: list[Part] = []
    width = 0.0
    for place, line in enumerate(lines):
        before = lines[place - 1][-1] if place else None
        drawn, right, bottom = _line(line, before, top, place < len(lines) - 1)
        parts += drawn
        width, top = max(width, right), bottom + _LINE_GAP
    height = top - _LINE_GAP + 2.2 * _SMALL + _EDGE
    total = f"{parameters:,} parameters"
    remark = f"{total} in all{note}"
    words: list[Mark] = [Words(_EDGE, height - _EDGE, remark, _SMALL, "quiet", centred=False)]
    width = max(width, _EDGE + width_of(remark, _SMALL))
    if title:
        words.append(Words(_EDGE, _EDGE + _SIZE, title, 1.15 * _SIZE, "strong", centred=False))
        width = max(width, _EDGE + width_of(title, 1.15 * _SIZE, bold=True))
    told = ", ".join(f"{block.name} {_told(block.shape)}".strip() for block in blocks)
    return Scene(
        width + _EDGE,
        height,
        (Part(("caption",), {}, tuple(words)), *parts),
        title or "architecture",
        f"{told}; {total}{note}",
    )


def _line(
    blocks: list[_Block], before: _Block | None, top: float, goes_on: bool
) -> tuple[list[Part], float, float]:
    """Blocks beside each other on one axis; where they end on the right and below."""
    heights = [_height(block.shape) for block in blocks]
    middle = top + max(heights) / 2
    x, parts = _EDGE, list[Part]()
    if before is not None:
        x = _arrow(parts, x, middle, before.shape)
    for place, (block, height) in enumerate(zip(blocks, heights)):
        parts.append(_part(block, x, middle, height))
        x += block.width
        if place < len(blocks) - 1 or goes_on or block is blocks[-1]:
            last = place == len(blocks) - 1 and not goes_on
            x = _arrow(parts, x, middle, block.shape, "output" if last else "")
    return parts, x, middle + max(heights) / 2


def _part(block: _Block, x: float, middle: float, height: float) -> Part:
    width, centre = block.width, x + block.width / 2
    marks: list[Mark] = [Frame(x, middle - height / 2, width, height, block.look, 7.0)]
    base = middle + 0.35 * _SIZE - (0.65 * _SMALL if block.remark else 0.0)
    marks.append(Words(centre, base, block.name, _SIZE, "strong"))
    if block.remark:
        marks.append(Words(centre, base + 1.5 * _SMALL, block.remark, _SMALL, "quiet"))
    return Part(("node", "layer"), {}, tuple(marks), tip=block.path)


def _arrow(
    parts: list[Part], x: float, middle: float, shape: Lengths | None, end: str = ""
) -> float:
    """An arrow with a shape above it; where it ends."""
    told = _told(shape)
    length = max(38.0, width_of(told, _SMALL) + 16.0, width_of(end, _SMALL) + 16.0)
    tip = x + length - 3.0
    marks: list[Mark] = [
        Curve((((x + 3.0, middle), (tip - 6.0, middle)),), "forward"),
        Shape(((tip, middle), (tip - 8.0, middle - 4.0), (tip - 8.0, middle + 4.0)), "head"),
        Words(x + length / 2 - 3.0, middle - 7.0, told, _SMALL, "value"),
    ]
    if end:
        marks.append(Words(x + length / 2 - 3.0, middle + 7.0 + _SMALL, end, _SMALL, "quiet"))
    parts.append(Part(("edge",), {}, tuple(marks)))
    return x + length


def _height(shape: Lengths | None) -> float:
    """By the logarithm of how many numbers there are: 2048 and more make the highest."""
    return _LEAST + (_MOST - _LEAST) * min(1.0, log2(max(1, prod(shape or (1,)))) / 11)


def _told(shape: Lengths | None) -> str:
    if shape is None:
        return ""
    return " × ".join(map(str, shape)) or "1"
