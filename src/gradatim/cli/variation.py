"""Variations of an attempt: a layer with another stride, and with images in place of rows."""

from __future__ import annotations

import contextlib
import copy
import inspect
import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from gradatim.chance import chance_kept, freeze_chance
from gradatim.cli.attempt import SIZES, Attempt, failure_of, joined, makes, told_of
from gradatim.types import Array

PLAIN, OTHER = {"stride": 1, "pad": 0, "padding": 0}, {"stride": 2, "pad": 1, "padding": 1}
"""Whole numbers by which layers differ in kind: the plainest, and those tried beside them."""

CHANNELS = (2, 3, 3)
"""Samples, height and width of images for a layer with one gamma for each channel."""


def variations(value: Any, tried: Attempt) -> list[Attempt]:
    """Return what forward accepts as well, and what a backward may have forgotten."""
    return [*_other_settings(value, tried), *_images(tried)]


def refused(value: Any, tried: Attempt) -> list[str]:
    """Other settings with which forward does not run, in words."""
    settings = _settings(value)
    if _with(value, tried, settings) is not None:
        return []
    single = {key: _with(value, tried, {key: number}) for key, number in settings.items()}
    return [f"{key} {settings[key]}" for key, found in single.items() if found is None]


def _settings(value: Any) -> dict[str, int]:
    """Another value for each whole number that the constructor takes and that is known."""
    if not makes(value):
        return {}
    with contextlib.suppress(TypeError, ValueError):
        found = inspect.signature(value).parameters
        used = {
            key: p.default if p.default is not p.empty else SIZES[key]
            for key, p in found.items()
            if key in OTHER
        }
        return {key: OTHER[key] if used[key] == PLAIN[key] else PLAIN[key] for key in used}
    return {}


def _other_settings(value: Any, tried: Attempt) -> Iterator[Attempt]:
    """All settings changed at once; if forward does not run then, each by itself."""
    settings = _settings(value)
    together = _with(value, tried, settings) if settings else None
    if together is not None or len(settings) < 2:
        yield from [together] if together else []
        return
    for key, number in settings.items():
        single = _with(value, tried, {key: number})
        if single is not None:
            yield single


def _with(value: Any, tried: Attempt, settings: dict[str, int]) -> Attempt | None:
    given = {**tried.made_of, **settings}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            layer = value(**copy.deepcopy(given))
    except (Exception, SystemExit):
        return None
    if failure_of(layer, tried.inputs) is not None:
        return None
    words = joined(told_of(given), tried.words.rpartition("; ")[2])
    return replace(tried, layer=layer, words=words, made_of=given)


def _images(tried: Attempt) -> Iterator[Attempt]:
    """Images that forward takes for the same rows, and images of as many channels as columns."""
    x = tried.inputs[0]
    if len(tried.inputs) != 1 or np.ndim(x) != 2 or x.dtype.kind != "f":
        return
    count, columns = x.shape
    height = 2 if columns % 2 == 0 else 1
    image = x.reshape(count, 1, height, columns // height)
    flat, out = _output(tried.layer, x), _output(tried.layer, image)
    same = flat is not None and out is not None and np.array_equal(flat.ravel(), out.ravel())
    alike = out is not None and out.shape == image.shape
    if same and (tried.made_of or not alike):  # else it works on each number
        yield _given(tried, image)
    if tried.made_of.keys() & {"gamma", "beta"}:
        many, *sides = CHANNELS
        image = np.random.default_rng(7).normal(size=(many, columns, *sides))
        out = _output(tried.layer, image)
        if out is not None and out.shape == image.shape:
            yield _given(tried, image)


def _given(tried: Attempt, x: Array) -> Attempt:
    made, semicolon, told = tried.words.rpartition("; ")
    words = f"{made}{semicolon}{told.split(' ')[0]} {x.shape}"
    return replace(tried, inputs=(x,), words=words)


def _output(layer: Any, x: Array) -> Array | None:
    """What forward of a copy gives, where that is an array; the same random numbers each time."""
    try:
        with chance_kept(), contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
            freeze_chance(7)
            found = copy.deepcopy(layer).forward(x.copy())
    except (Exception, SystemExit):
        return None
    return found if isinstance(found, np.ndarray) else None
