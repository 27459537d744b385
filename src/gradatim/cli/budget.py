"""The notebooks' gradient check, with what its differences are made of."""

from __future__ import annotations

import textwrap
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from gradatim import check as checking
from gradatim import data, nn
from gradatim.check import Comparison, GradientCheck, Sweep
from gradatim.draw import sweep
from gradatim.functions import cross_entropy, softmax
from gradatim.types import Array

SIZES = (784, 50, 10)
DIGITS = 3
"""The notebooks' network, and how many training images they check it on."""

_HEAD = ("", "numbers", "differ by", "wide step", "rounding", "Richardson", "verdict")


def network(seed: int = 0) -> nn.MLP:
    """Return the notebooks' network, drawn as ``np.random.seed(seed)`` and ``randn`` would."""
    random = np.random.RandomState(seed)
    model = nn.MLP(SIZES, init="zeros", dtype=np.float64)
    state = {
        name: 0.01 * random.standard_normal(values.shape) if np.ndim(values) == 2 else values
        for name, values in model.state_dict().items()
    }
    model.load_state_dict(state)
    return model


def digits() -> tuple[Array, Array]:
    """Return the first training images, as float64, and their labels."""
    train, _ = data.mnist()
    x, t = train.flatten().batch(list(range(DIGITS)), np.float64)
    return np.asarray(x), np.asarray(t)


def check_notebooks() -> bool:
    """Check every parameter, print the table and what it shows; return whether all is right."""
    model, (x, t) = network(), digits()
    started = time.perf_counter()
    found = checking.gradient(model, x, t, loss=cross_entropy)
    seconds = time.perf_counter() - started
    print(page(found, np.asarray(softmax(model(x), axis=-1).data)))
    count = sum(row.count for row in found.rows)
    print(f"\n{count:,} numbers, each moved both ways: {seconds:.1f} s.")
    print("Backprop is right." if found.passed else "Backprop is WRONG.")
    return found.passed


def draw(path: Path) -> None:
    """Draw the differences over the step, from wide to narrow."""
    x, t = digits()
    found = checking.sweep(network(), x, t, loss=cross_entropy)
    rows = [replace(row, name=name) for name, row in zip(_names(len(found.rows)), found.rows)]
    title = f"{'-'.join(map(str, SIZES))} on {DIGITS} digits: backprop and central differences"
    sweep(Sweep(tuple(rows)), title=title).save(path)
    print(f"Drew {path}")


def page(found: GradientCheck, p: Array) -> str:
    """The table, and below it why some differences are larger than others."""
    rows = [_cells(name, row) for name, row in zip(_names(len(found.rows)), found.rows)]
    widths = [max(map(len, column)) for column in zip(_HEAD, *rows)]
    title = f"Backprop against central differences: {'-'.join(map(str, SIZES))} on {DIGITS} digits,"
    lines = [f"{title} h = {found.h:g}", "", *(_line(cells, widths) for cells in (_HEAD, *rows))]
    told = [
        "Differ by: mean difference of the two gradients. Two things make it up, and both are "
        "predicted. The wide step: a difference over h leaves out h²/6 times the third "
        "derivative. Rounding: eps times the loss, divided by h. Richardson, which takes a second "
        "step to cancel the first, is left with rounding alone.",
        _about_bias(found, p),
        *(f"{row}" for row in found.rows if not row.passed),
    ]
    return "\n".join([*lines, "", *("\n".join(textwrap.wrap(each, 79)) for each in told if each)])


def _names(count: int) -> list[str]:
    """The notebooks' names of weights and biases: W1 b1 W2 b2."""
    return [f"{'Wb'[i % 2]}{i // 2 + 1}" for i in range(count)]


def _cells(name: str, row: Comparison) -> tuple[str, ...]:
    figures = (row.mean, row.truncation, row.round_off, row.richardson)
    told = ["-" if np.isnan(x) else f"{x:.1e}" for x in figures]
    verdict = "right" if row.passed else row.verdict
    return (name, f"{row.count:,}", *told, verdict)


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    middle = [cell.rjust(width) for cell, width in zip(cells[1:-1], widths[1:-1])]
    return "   ".join([cells[0].ljust(widths[0]), *middle, cells[-1]])


def _about_bias(found: GradientCheck, p: Array) -> str:
    """Why the last bias stands out: its third derivative is known by heart."""
    last = found.rows[-1]
    third = float(np.abs((p * (1 - p) * (1 - 2 * p)).mean(axis=0)).mean())
    return (
        f"Why is {_names(len(found.rows))[-1]} different? Its third derivative is "
        f"p(1-p)(1-2p), and every p is still near 1/{p.shape[-1]}: h²/6 · {third:.3f} = "
        f"{found.h**2 / 6 * third:.1e}. It differs by {last.mean:.1e}. For the others, small "
        "weights and hidden values come in, to the third power."
    )
