"""Attempts at making a learner's layer, and inputs for it, from the names of their arguments."""

from __future__ import annotations

import contextlib
import copy
import inspect
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gradatim.check.layers.point import TARGETS
from gradatim.errors import DataError
from gradatim.types import Array, Shape

SAMPLES, COLUMNS, OUTPUTS = 5, 4, 3
IMAGES: Shape = (2, 2, 4, 4)

SIZES = {
    "input_size": COLUMNS, "n_in": COLUMNS, "in_features": COLUMNS, "in_size": COLUMNS,
    "input_dim": COLUMNS, "num_features": COLUMNS, "features": COLUMNS, "size": COLUMNS,
    "dim": COLUMNS, "d": COLUMNS, "hidden_size": 6, "output_size": OUTPUTS, "n_out": OUTPUTS,
    "out_features": OUTPUTS, "out_size": OUTPUTS, "output_dim": OUTPUTS, "stride": 1, "pad": 0,
    "padding": 0, "pool_h": 2, "pool_w": 2, "pool_size": 2, "kernel_size": 2, "dropout_ratio": 0.5,
    "ratio": 0.5, "p": 0.5, "alpha": 0.3, "slope": 0.3, "eps": 1e-7, "momentum": 0.9,
    "weight_init_std": 1.0,
}  # fmt: skip
"""Numbers for arguments of constructors, by their usual names."""

_DENSE: dict[str, Shape] = {
    **dict.fromkeys(("W", "w", "weight", "weights"), (COLUMNS, OUTPUTS)),
    **dict.fromkeys(("b", "bias"), (OUTPUTS,)),
    **dict.fromkeys(("gamma", "beta"), (COLUMNS,)),
}
_IMAGE: dict[str, Shape] = {**_DENSE, **dict.fromkeys(("W", "w", "weight"), (3, 2, 2, 2))}


@dataclass(frozen=True)
class Attempt:
    """A layer, inputs for it, and how both came about, in words."""

    layer: Any
    inputs: tuple[Any, ...]
    words: str
    made_of: dict[str, Any] = field(default_factory=dict)
    has_target: bool = False


def attempt(name: str, value: Any, shapes: Sequence[Shape]) -> Attempt:
    """Return a layer and inputs with which forward runs, the likeliest."""
    return next(attempts(name, value, shapes))


def attempts(name: str, value: Any, shapes: Sequence[Shape]) -> Iterator[Attempt]:
    """Yield layers and inputs with which forward runs, the likeliest first.

    ``shapes`` are those that the caller wants; else a batch of samples, a batch of images, a
    single sample and a number for each sample are tried in turn, and whole numbers where nothing
    else will do.
    """
    failures: list[str] = []
    for parameters, first in _settings(name, shapes):
        random = np.random.default_rng(7)
        made, given = _made(name, value, parameters, random)
        for inputs, told in _inputs(made, first, shapes, random):
            failure = failure_of(made, inputs)
            if failure is None:
                words = joined(told_of(given), told)
                yield Attempt(made, inputs, words, given, told.rpartition(", ")[2][:2] == "t ")
            failures.append(failure or "")
    if not all(failures):
        return
    whole = _of_whole_numbers(name, value, shapes)
    if whole is None:
        raise DataError(f"check: {name}: forward raises {failures[0]}{_tip(failures[0])}")
    yield whole


def _of_whole_numbers(name: str, value: Any, shapes: Sequence[Shape]) -> Attempt | None:
    """An attempt with indices, as an embedding takes them."""
    random = np.random.default_rng(7)
    made, given = _made(name, value, _DENSE, random)
    shape = shapes[0] if shapes else (SAMPLES,)
    x = np.arange(int(np.prod(shape))).reshape(shape) % COLUMNS
    if failure_of(made, (x,)) is not None:
        return None
    names = [p.name for p in required(made.forward)] or ["x"]
    return Attempt(made, (x,), joined(told_of(given), f"{names[0]} {shape} whole"), given)


def _tip(failure: str) -> str:
    """What to do where forward wants inputs that cannot be guessed."""
    if "integer" not in failure and "unpack" not in failure and "missing" not in failure:
        return ""
    return ".\nFrom Python any input can be given: gradatim.check.layer(layer, x)."


def _settings(name: str, shapes: Sequence[Shape]) -> list[tuple[dict[str, Shape], Shape]]:
    """Shapes of parameters, and of the first input, the likeliest first."""
    dense, image = (_DENSE, (SAMPLES, COLUMNS)), (_IMAGE, IMAGES)
    if shapes:
        first = shapes[0]
        flat = (_sized(first), first)
        return [(_channels(first), first), flat] if len(first) == 4 else [flat]
    if any(word in name.lower() for word in ("conv", "pool")):
        return [image, dense]
    return [dense, image, (_DENSE, (SAMPLES,)), (_DENSE, (COLUMNS,)), (_DENSE, ())]


def _channels(first: Shape) -> dict[str, Shape]:
    """Shapes of parameters of a convolution, and of one gamma for each channel."""
    channels = first[1]
    return {
        **dict.fromkeys(_DENSE, (channels,)),
        **dict.fromkeys(("W", "w", "weight", "weights"), (3, channels, 2, 2)),
        **dict.fromkeys(("b", "bias"), (3,)),
    }


def _sized(first: Shape) -> dict[str, Shape]:
    """Shapes of dense parameters that fit an input."""
    columns = int(np.prod(first[1:])) if len(first) > 1 else int(np.prod(first))
    return {
        name: tuple(columns if size == COLUMNS else size for size in shape)
        for name, shape in _DENSE.items()
    }


def _made(
    name: str, value: Any, shapes: dict[str, Shape], random: np.random.Generator
) -> tuple[Any, dict[str, Any]]:
    """Make the layer: an object is taken as it is, a class or function is called."""
    if not makes(value):
        return value, {}
    given: dict[str, Any] = {}
    for p in required(value):
        if p.name in shapes:
            given[p.name] = random.normal(size=shapes[p.name])
        elif p.name in SIZES:
            given[p.name] = SIZES[p.name]
        else:
            raise DataError(
                f"{name} wants an argument {p.name}, and nobody knows what to give it.\n"
                f"Write a function that makes one, def make(): return {name}(...), and check make."
            )
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return value(**given), given
    except (Exception, SystemExit) as error:
        raise DataError(f"check: {name}(...) raises {type(error).__name__}: {error}") from error


def makes(value: Any) -> bool:
    """Whether a layer is made by a call of this."""
    return inspect.isclass(value) or (callable(value) and not hasattr(value, "forward"))


def told_of(given: dict[str, Any]) -> list[str]:
    """What a layer was made of, in words."""
    return [f"{key} {_told(each)}" for key, each in given.items()]


def _told(value: Any) -> str:
    return str(value.shape) if isinstance(value, np.ndarray) else str(value)


def required(call: Callable[..., Any]) -> list[inspect.Parameter]:
    """Arguments that have to be given, by position or name."""
    try:
        parameters = inspect.signature(call).parameters.values()
    except (TypeError, ValueError):
        return []
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [p for p in parameters if p.default is p.empty and p.kind in kinds]


def _inputs(
    layer: Any, first: Shape, shapes: Sequence[Shape], random: np.random.Generator
) -> list[tuple[tuple[Any, ...], str]]:
    """Inputs for forward, in words too; with a target, one-hot rows first and then labels."""
    if not callable(getattr(layer, "forward", None)):
        raise DataError(f"{type(layer).__name__} has no forward; a layer has forward and backward.")
    names = [p.name for p in required(layer.forward)] or ["x"]
    wanted = [*shapes, *[first] * len(names)][: len(names)]
    moving = {
        name: np.asarray(random.normal(size=shape))[()]
        for name, shape in zip(names, wanted)
        if name not in TARGETS or name == names[0]
    }
    words = ", ".join(f"{name} {_told(np.asarray(each))}" for name, each in moving.items())
    if len(moving) == len(names):
        return [(tuple(moving.values()), words)]
    kinds = _targets(first, random)
    return [(tuple(moving.get(name, t) for name in names), f"{words}, {told}") for t, told in kinds]


def _targets(shape: Shape, random: np.random.Generator) -> list[tuple[Array, str]]:
    """One-hot rows and labels; where there is one number for each sample, 0 or 1 for each."""
    classes = shape[-1] if shape else 1
    labels = random.integers(0, classes, shape[:-1])
    kinds = [(np.eye(classes)[labels], "t one-hot"), (np.asarray(labels), "t labels")]
    if len(shape) != 1 and classes > 1:
        return kinds
    yes = (np.arange(int(np.prod(shape))) % 3 < 2).astype(int).reshape(shape)
    return [(yes, "t of 0 and 1"), *kinds] if shape else kinds


def failure_of(layer: Any, inputs: tuple[Any, ...]) -> str | None:
    """What forward of a copy raises; None if it runs."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
            copy.deepcopy(layer).forward(*copy.deepcopy(inputs))
    except (Exception, SystemExit) as error:
        return f"{type(error).__name__}: {error}"
    return None


def joined(made: list[str], inputs: str) -> str:
    """What a layer was made of and what it was given."""
    return f"{', '.join(made)}; {inputs}" if made else inputs
