"""Why softmax with cross-entropy hands back y - t: found in a graph by its numbers, and told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gradatim.autograd.tensor import Tensor
from gradatim.derivation.flow import Flow
from gradatim.primitives import TABLE
from gradatim.types import Array, Raw


@dataclass(frozen=True, slots=True, eq=False)
class Meeting:
    """Softmax and cross-entropy in one graph.

    Attributes
    ----------
    scores : Tensor of shape (..., C)
        What softmax was, or would be, taken of.
    target : Tensor
        Labels or shares of the classes.
    probabilities, shares : array of shape (..., C)
        y, the softmax of the scores, and t, the target as shares.
    factor : float
        What y - t is multiplied with: 1/N where the loss is a mean over N samples.
    fused : bool
        Whether one primitive did both.
    """

    scores: Tensor
    target: Tensor
    probabilities: Array
    shares: Array
    factor: float
    fused: bool

    @property
    def samples(self) -> int:
        """Number of samples N."""
        return self.probabilities.size // self.probabilities.shape[-1]


def find_meetings(flow: Flow) -> Iterator[Meeting]:
    """Yield where a gradient is (y - t) times one number, y being a softmax.

    It is the numbers that decide, so all spellings are found: the fused primitive, log_softmax
    with a product, softmax with a logarithm, and exp divided by its sum.

    Parameters
    ----------
    flow : Flow
        The graph.

    Yields
    ------
    Meeting
        At most one for each Tensor of scores.
    """
    seen: set[Tensor] = set()
    for result in flow.results:
        for scores in _scores(result):
            if scores in seen or scores not in flow.gradients or not (scores.ndim and scores.size):
                continue
            seen.add(scores)
            found = _meeting(flow, scores, result)
            if found is not None:
                yield found


def _scores(result: Tensor) -> Iterator[Tensor]:
    """What a result may be the softmax of."""
    assert result.origin is not None
    primitive, inputs, _ = result.origin
    if primitive.name in ("cross_entropy", "softmax", "log_softmax", "logsumexp", "exp"):
        yield _unshifted(inputs[0]) if primitive.name == "exp" else inputs[0]


def _unshifted(x: Tensor) -> Tensor:
    """The scores before their largest was taken off, as it is against overflow."""
    if x.origin is not None and x.origin[0].name == "subtract":
        whole = x.origin[1][0]
        if whole.shape == x.shape:
            return whole
    return x


def _meeting(flow: Flow, scores: Tensor, result: Tensor) -> Meeting | None:
    gradient = np.asarray(flow.gradients[scores])
    with np.errstate(all="ignore"):
        y = np.asarray(TABLE["softmax"].forward(flow.values[scores], axis=-1))
    fused = result.origin is not None and result.origin[0].name == "cross_entropy"
    for target in _targets(flow, result):
        shares = _shares(flow.values[target], y)
        if shares is None:
            continue
        factor = _factor(gradient, y - shares)
        if factor is not None:
            return Meeting(scores, target, y, shares, factor, fused)
    return None


def _targets(flow: Flow, result: Tensor) -> Iterator[Tensor]:
    assert result.origin is not None
    if result.origin[0].name == "cross_entropy":
        yield result.origin[1][1]
        return
    yield from (t for t in flow.tensors if t.origin is None and not t.wanted and t.size > 1)
    yield from (t for t in flow.tensors if t.origin is None and t.raw.dtype.kind == "i")


def _shares(target: Raw, y: Array) -> Array | None:
    """A target as shares of the classes that add up to 1, if it is one."""
    t, classes = np.asarray(target), y.shape[-1]
    if t.dtype.kind in "iu" and t.shape != y.shape:
        t = t[..., 0] if t.shape == (*y.shape[:-1], 1) else t
        if t.shape != y.shape[:-1] or not t.size or t.min() < 0 or t.max() >= classes:
            return None
        return np.eye(classes)[t]
    if t.shape != y.shape or t.dtype.kind not in "fiu" or not t.size or np.min(t) < 0:
        return None
    return t.astype(y.dtype) if np.allclose(t.sum(-1), 1, atol=1e-6) else None


def _factor(gradient: Array, difference: Array) -> float | None:
    """The one number by which the gradient is a multiple of the difference, if there is one."""
    if gradient.shape != difference.shape or not np.isfinite(gradient).all():
        return None
    whole = float((difference * difference).sum())
    if not whole:
        return None
    factor = float((gradient * difference).sum()) / whole
    tolerance = 1e-10 if gradient.dtype == np.float64 else 1e-4
    scale = abs(factor) * float(np.abs(difference).max())
    alike = np.abs(gradient - factor * difference).max() <= tolerance * scale
    return factor if factor and alike else None
