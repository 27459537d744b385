"""`gradatim check`: are the layers in your own file right? And without a file, the notebooks'."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from typing import Any

from gradatim import check as checking
from gradatim.check import LayerCheck
from gradatim.cli import budget, failure, script
from gradatim.cli.attempt import Attempt, attempts
from gradatim.cli.shape import shape_of
from gradatim.cli.variation import refused, variations
from gradatim.errors import DataError, GradatimError
from gradatim.types import Shape

RIGHT, WRONG = 0, 1


def check(
    target: str | None = None,
    /,
    *,
    input: tuple[str, ...] | None = None,
    sweep: Path | None = None,
) -> int:
    """Check the backward of layers that you wrote, or of the notebooks' network.

    The file is run, and each class in it with forward and backward is compared with numerical
    gradients; the report says which gradient is wrong, where, by how much, and what to try.
    Arguments such as W and b are made up by their names; for others write a function without
    arguments that makes the layer, and name that. The exit status is 0 if all is right, 1 if
    something is wrong, 2 if it cannot be run.

    Parameters
    ----------
    target
        FILE, or FILE:NAME of a class, an object or a function. [default: the notebooks' network]
    input
        Shape of an input, such as 3x4; once for each input. [default: what fits]
    sweep
        FILE.png or FILE.svg, for a picture of how far off the notebooks' check is at every step.
    """
    if sweep is not None:
        _check_picture(sweep, target)
    shapes = [shape_of(text) for text in input or ()]
    if target is None:
        right = budget.check_notebooks()
        if sweep is not None:
            budget.draw(sweep)
        return RIGHT if right else WRONG
    path, name = script.split_target(target)
    module = script.run(path)
    found = {name: script.named(module, path, name)} if name else script.layers(module)
    if not found:
        raise DataError(f"check: {path}: no class in this file has forward and backward.")
    statuses = [_check_one(path, each, value, shapes) for each, value in found.items()]
    if len(statuses) > 1:
        print(_total(statuses))
    return WRONG if WRONG in statuses else max(statuses)


def _check_picture(sweep: Path, target: str | None) -> None:
    if target is not None:
        raise DataError(f"--sweep {sweep}: it belongs to the notebooks' check; leave {target} out.")
    if sweep.suffix.lower() not in (".png", ".svg"):
        raise DataError(f"--sweep {sweep}: the picture must be named .png or .svg.")


def _total(statuses: list[int]) -> str:
    words = {RIGHT: "right", WRONG: "wrong", failure.REFUSED: "not checked"}
    counts = [f"{statuses.count(status)} {word}" for status, word in words.items()]
    return f"{len(statuses)} layers: {', '.join(c for c in counts if not c.startswith('0 '))}."


def _check_one(path: Path, name: str, value: Any, shapes: list[Shape]) -> int:
    """Print the report on one layer."""
    try:
        tried, report, told = _reported(name, value, shapes)
    except GradatimError as error:
        sys.stdout.flush()
        return failure.refuse("gradatim check", f"{path}: {failure.refusal(error)}")
    print(_page(tried, report, told), end="\n\n")
    return RIGHT if report.passed else WRONG


def _reported(name: str, value: Any, shapes: list[Shape]) -> tuple[Attempt, LayerCheck, list[str]]:
    """What was tried, the report on it, and what is to be said besides."""
    tried, report, told = _first(name, value, shapes)
    if not report.passed:
        return tried, report, told
    for other in variations(value, tried):
        try:
            further = checking.layer(other.layer, *other.inputs)
        except GradatimError:
            continue
        if not further.passed:
            return other, further, [f"It is right with {tried.words}.", *_hint(tried, other)]
        told.append(f"and right with {other.words}")
    missing = ", ".join(refused(value, tried))
    if missing:
        told.append(f"not checked with {missing}: forward does not run")
    return tried, report, told


def _hint(tried: Attempt, other: Attempt) -> list[str]:
    """Which settings backward may have forgotten."""
    names = [key for key, each in other.made_of.items() if each is not tried.made_of.get(key)]
    return [f"Does backward use {' and '.join(names)} as forward does?"] if names else []


def _first(name: str, value: Any, shapes: list[Shape]) -> tuple[Attempt, LayerCheck, list[str]]:
    """The likeliest attempt; of a loss whose backward refuses that target, one with another."""
    every = attempts(name, value, shapes)
    tried = next(every)
    report = checking.layer(tried.layer, *tried.inputs)
    if not tried.has_target or _compared(report):
        return tried, report, []
    for other in every:
        try:
            further = checking.layer(other.layer, *other.inputs)
        except GradatimError:
            continue
        if further.passed or _compared(further):
            why = " ".join(report.findings[0].what.split())
            return other, further, [f"not with {_target(tried)}, which forward takes: {why}"]
    return tried, report, []


def _compared(report: LayerCheck) -> bool:
    return all(row.points for row in report.rows)


def _target(tried: Attempt) -> str:
    return tried.words.rpartition("; ")[2]


def _page(tried: Attempt, report: LayerCheck, told: list[str]) -> str:
    """The report with what was made up for it under its headline."""
    headline, _, rest = str(report).partition("\n\n")
    lines = [line for each in [tried.words, *told] for line in textwrap.wrap(each, 77)]
    return f"{headline}\n{textwrap.indent(chr(10).join(lines), '  ')}\n\n{rest}"
