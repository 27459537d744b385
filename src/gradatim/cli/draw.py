"""`gradatim draw`: a computation as a picture with its values and gradients."""

from __future__ import annotations

import inspect
import webbrowser
from collections.abc import Sequence
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np

from gradatim.autograd import Tensor
from gradatim.cli import script, source, terminal
from gradatim.cli.saved import SavedRun, open_run
from gradatim.cli.shape import shape_of
from gradatim.cli.subject import last_result, named_in, own_variables
from gradatim.draw import Drawing, digit_text
from gradatim.draw import draw as drawn
from gradatim.errors import DataError, GradatimError
from gradatim.functions import cross_entropy, softmax
from gradatim.nn import Module
from gradatim.notebooks.figure import FIGURES, figure
from gradatim.types import Array, Raw

_PICTURE = "picture"
"""What the network of a run is shown."""

_WIDE = 28
"""Columns of the terminal that it takes."""


def draw(
    target: str,
    /,
    *,
    out: Path | None = None,
    open: bool = False,
    depth: str | None = None,
    input: tuple[str, ...] | None = None,
) -> int:
    """Draw a computation: values go forward above the lines, gradients come back below.

    Without a file, and without --open, the picture is printed as text. A page (.html) plays the
    computation step by step, forward and backward.

    Parameters
    ----------
    target
        A figure of the notebooks: apple, apples, affine, batch, softmax or layers; the folder of
        a run; FILE.py, or FILE.py:NAME of a Tensor, a model or a function.
    out
        File to write: .svg, .png, .html, .md, .mmd, .dot or .txt.
    open
        Show the picture as a page in the browser.
    depth
        Levels of modules to open, such as 1, or all.
    input
        Shape of an input of the model or function, such as 3x784, or a number; once for each.
    """
    random = np.random.default_rng(0)
    inputs = [_input(text, random) for text in input or ()]
    drawing = _drawing(target, _level(depth), inputs)
    if out is not None:
        drawing.save(out)
        print(f"Drew {out}")
    if open and out is not None:
        webbrowser.open(out.resolve().as_uri())
    elif open:
        drawing.open()
    elif out is None:
        _print(drawing)
    return 0


def _print(drawing: Drawing) -> None:
    """Print a drawing, and over it the picture that a network was shown."""
    flow = drawing.flow
    first = flow.leaves[0] if flow is not None and flow.leaves else None
    if first is not None and first.name == _PICTURE:
        grey = terminal.shows_grey()
        plane = first.data[0] if first.ndim == 3 else first.data[0].mean(axis=0)
        text = digit_text(np.round(255 * plane).astype(np.uint8), _WIDE, color=grey)
        if grey:
            terminal.print_grey(f"{text}\n")
        else:
            print("\n".join(line.rstrip() for line in text.splitlines()), end="\n\n")
    print(drawing.text(terminal.columns()))


def _input(text: str, random: np.random.Generator) -> Raw:
    """A number as it was typed, or an array of random numbers of the shape that was."""
    with suppress(ValueError):
        if not text.isdecimal():
            return np.float64(text)
    return np.asarray(random.standard_normal(shape_of(text)))


def _drawing(target: str, depth: Any, inputs: Sequence[Raw]) -> Drawing:
    if target in FIGURES:
        return figure(target, depth)
    path, name = script.split_target(target)
    if path.suffix == ".py" or name is not None:
        return _of_file(path, name, depth, inputs)
    if not path.exists():
        raise DataError(_absent(target))
    if path.is_file() and path.suffix != ".safetensors":
        raise DataError(f"draw: {path}: this is neither a file of Python nor a run.")
    return _of_run(path, depth)


def _absent(target: str) -> str:
    near = get_close_matches(target, FIGURES, n=1)
    tip = f"did you mean {near[0]}?" if near else f"the figures are {', '.join(FIGURES)}."
    return f"draw: {target}: there is no such figure, run or file; {tip}"


def _of_run(path: Path, depth: Any) -> Drawing:
    """What the network of a run does with the first picture that it is tested on."""
    saved = open_run(path)
    data = str(saved.noted("data").get("path", source.MNIST))
    _, test = source.load(data, saved.reading())
    images, labels = test.batch([0], saved.dtype)
    picture = Tensor(images, requires_grad=True, name=_PICTURE)  # else its shape is not kept
    truth = Tensor(labels, name="truth")
    scores = saved.model(picture.reshape(1, -1))
    loss = cross_entropy(scores, truth, "sum")
    scores.name, loss.name = "scores", "loss"
    loss.backward()
    return drawn(loss, depth=depth, note=_reading(saved, softmax(scores).data[0], labels[0]))


def _reading(saved: SavedRun, probabilities: Array, label: int) -> str:
    names = saved.class_names or [str(digit) for digit in range(len(probabilities))]
    likely = int(probabilities.argmax())
    right = "rightly" if likely == label else f"but it is {names[label]}"
    return f"taken for {names[likely]} ({probabilities[likely]:.1%}), {right}"


# --- a file of the user's --------------------------------------------------------------------


def _of_file(path: Path, name: str | None, depth: Any, inputs: Sequence[Raw]) -> Drawing:
    module = script.run(path)
    known = own_variables(module)
    value = last_result(path, known) if name is None else named_in(path, module, name)
    names = {key: each for key, each in known.items() if isinstance(each, (Tensor, Module))}
    try:
        return _of_value(path, name or "", value, names, depth, inputs)
    except GradatimError:
        raise
    except Exception as error:
        place, line = script.place_of(error, path)
        told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        raise DataError(f"draw: {place}: {told}" + (f"\nin {line}" if line else "")) from error


def _of_value(
    path: Path,
    name: str,
    value: Any,
    names: dict[str, Any],
    depth: Any,
    inputs: Sequence[Raw],
) -> Drawing:
    if isinstance(value, Drawing):
        return value
    if isinstance(value, Tensor):
        return drawn(value, names=names, depth=depth)
    if inputs and callable(value) and not inspect.isclass(value):
        return drawn(value, *inputs, names=names, depth=depth)
    if isinstance(value, Module):
        raise DataError(
            f"draw: {path}: {name} is a model; say what it is called with: {_try(value)}"
        )
    needed = _needed(value)
    if needed:
        each = " ".join(["--input 3x4"] * len(needed))
        raise DataError(
            f"draw: {path}: {name} takes {', '.join(needed)}; say of what shape, or which number: "
            f"{each}, or {each.replace('3x4', '2.0')}?"
        )
    if callable(value):
        return _of_value(path, f"what {name} returns", value(), names, depth, inputs)
    raise DataError(
        f"draw: {path}: {name} is of type {type(value).__name__}; it must be a Tensor, a model, or "
        "a function that returns one."
    )


def _needed(value: Any) -> list[str]:
    """The arguments without which a function cannot be called."""
    try:
        listed = inspect.signature(value).parameters.values() if callable(value) else ()
    except (TypeError, ValueError):
        return []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [each.name for each in listed if each.kind in kinds and each.default is each.empty]


def _try(model: Module) -> str:
    """An option that may fit: three samples for the first weight."""
    weights = [each for each in model.parameters() if each.ndim == 2]
    return f"--input 3x{weights[0].shape[0]}?" if weights else "--input 3x4?"


# --- options ---------------------------------------------------------------------------------


def _level(depth: str | None) -> Any:
    if depth is None or depth == "all":
        return depth
    if not depth.isdecimal():
        raise DataError(f"--depth {depth}: it must be a number of levels, or all; try --depth 1.")
    return int(depth)
