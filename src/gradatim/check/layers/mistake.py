"""Mistakes that learners make often: what they write in place of a gradient, and what to try."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradatim.check.layers.trial import Row, Trial
from gradatim.types import Array


@dataclass(frozen=True)
class Mistake:
    """Something in place of a gradient.

    Parameters
    ----------
    kind : str
        Its name.
    what : str
        In words, with ``{name}`` for that of the gradient.
    fix : str
        What to try.
    value : callable
        ``value(trial, row)`` gives what would then stand in the place of the gradient.
    """

    kind: str
    what: str
    fix: str
    value: Callable[[Trial, Row], Any]

    def fits(self, trial: Trial, row: Row) -> bool:
        """Whether that is what stands there, and no mere neighbour of what is right."""
        try:
            with np.errstate(all="ignore"):
                candidate = np.asarray(self.value(trial, row), dtype=np.float64)
        except (ValueError, TypeError, AttributeError, IndexError, KeyError):
            return False
        if candidate.shape != row.got.shape or not np.isfinite(candidate).all():
            return False
        apart = float(np.abs(row.found - candidate.reshape(-1)[row.at]).max(initial=0.0))
        better = apart < 0.01 * float(np.abs(row.found - row.expected).max(initial=0.0))
        return bool(better and candidate.any() and alike(row.got, candidate))


def alike(a: Array, b: Array) -> bool:
    """Whether gradients are equal but for rounding."""
    scale = float(max(np.abs(a).max(initial=0.0), np.abs(b).max(initial=0.0)))
    return bool(np.isfinite(a).all() and np.allclose(a, b, rtol=1e-5, atol=1e-6 * scale))


def _x(trial: Trial) -> Array:
    return np.asarray(trial.subject.inputs[0])


def _out(trial: Trial) -> Array:
    return np.asarray(trial.call.output)


def _dout(trial: Trial) -> Array:
    return np.asarray(trial.call.dout)


def _weight(trial: Trial) -> Array:
    layer = trial.subject.layer
    return np.asarray(layer.W if hasattr(layer, "W") else layer.params[0])


def _transposed(trial: Trial, row: Row) -> Array:
    if row.got.ndim != 2 or row.got.shape[0] != row.got.shape[1] or len(row.at) < row.got.size:
        raise ValueError
    return row.expected[np.argsort(row.at)].reshape(row.got.shape).T


MISTAKES = [
    Mistake("transposed", "{name} is transposed: rows and columns are exchanged.",
            "look for a missing, or a needless, .T in {name}", _transposed),
    Mistake("not transposed", "{name} is dout · W; it must be dout · Wᵀ.",
            "dx = np.dot(dout, self.W.T)", lambda t, r: _dout(t) @ _weight(t)),
    Mistake("passes dout on", "{name} is dout itself: the layer's own slope is forgotten.",
            "dx = dout * (the slope of forward)", lambda t, r: _dout(t)),
    Mistake("x for slope", "{name} is dout * x; it must be dout times the slope of forward at x.",
            "dx = dout * (the slope of forward)", lambda t, r: _dout(t) * _x(t)),
    Mistake("out for slope", "{name} is dout * out; it must be dout times the slope of forward.",
            "dx = dout * (the slope of forward); for a sigmoid that is (1 - out) * out",
            lambda t, r: _dout(t) * _out(t)),
    Mistake("half a sigmoid", "{name} is dout * (1 - out): the factor out is missing.",
            "dx = dout * (1.0 - self.out) * self.out", lambda t, r: _dout(t) * (1 - _out(t))),
    Mistake("x in place of out", "{name} is dout * (1 - x) * x: it uses the input where the output "
            "belongs.",
            "dx = dout * (1.0 - self.out) * self.out", lambda t, r: _dout(t) * (1 - _x(t)) * _x(t)),
    Mistake("sigmoid of another", "{name} is dout * (1 - out) * out, the slope of a sigmoid; "
            "forward is something else.", "derive the slope of your own forward",
            lambda t, r: _dout(t) * (1 - _out(t)) * _out(t)),
    Mistake("inverted mask", "{name} passes dout on where x <= 0 and stops it where x > 0: the "
            "mask is the wrong way round.", "dx[self.mask] = 0 with self.mask = (x <= 0)",
            lambda t, r: _dout(t) * (_x(t) <= 0)),
    Mistake("relu of another", "{name} is dout where x > 0 and else 0, the slope of relu; forward "
            "is something else.", "derive the slope of your own forward",
            lambda t, r: _dout(t) * (_x(t) > 0)),
    Mistake("wrong axis", "{name} sums over the wrong axis.",
            "self.{name} = np.sum(dout, axis=0)", lambda t, r: _dout(t).sum(axis=1)),
]  # fmt: skip
"""In this order they are tried."""


_UNTRANSPOSED = re.compile(r"dout\s*@\s*self\.W\b(?!\.)|dot\(dout,\s*self\.W\)")


def mended(line: str) -> str:
    """What to try in place of a line that raises, where that can be told; else nothing."""
    return "dx = np.dot(dout, self.W.T)" if _UNTRANSPOSED.search(line) else ""
