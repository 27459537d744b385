"""The surface of a loss: planes through the space of weights, and heights over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradatim.autograd import Tensor, no_grad
from gradatim.data import Dataset
from gradatim.errors import DataError
from gradatim.nn import Module
from gradatim.nn.snapshot import put_back
from gradatim.types import Array

_FINE = 61
"""Points of a line that no eye tells from a curve."""

Weights = Mapping[str, Array]
"""A point in the space of weights: arrays by the paths of the parameters."""


@dataclass(frozen=True, eq=False)
class Plane:
    """Two directions from a model's weights, and how far to go.

    Parameters
    ----------
    directions : tuple of two mappings
        By the paths of the parameters.
    names : tuple of two str
        Of the axes.
    bounds : array of shape (2, 2)
        The least and the greatest coordinate of each.
    walk : array of shape (steps, 2), optional
        The path, projected.
    """

    directions: tuple[Weights, Weights]
    names: tuple[str, str]
    bounds: Array
    walk: Array | None = None

    def lines(self, cells: int) -> tuple[Array, Array]:
        """Return the coordinates of a grid of ``cells`` points each way."""
        (a, b), (c, d) = self.bounds
        return np.linspace(a, b, cells), np.linspace(c, d, cells)


def walk_of(model: Module, points: Sequence[Weights]) -> list[Weights]:
    """Check a path against a model, and end it where the model stands.

    Parameters
    ----------
    model : Module
        The end.
    points : sequence of mappings of str to array
        Weights on the way.

    Returns
    -------
    list of mappings
        Differences from the model's weights, float64; the last is 0.

    Raises
    ------
    DataError
        A point has not the parameters of the model, or nothing moves.
    """
    here = _weights(model)
    for place, point in enumerate(points):
        odd = [
            path
            for path, w in here.items()
            if path not in point or np.shape(point[path]) != w.shape
        ]
        if odd:
            raise DataError(
                f"landscape: point {place} of the path has no {odd[0]} of shape "
                f"{here[odd[0]].shape}; it must be of the same model. Was it trained anew since?"
            )
    walk = [{path: point[path] - w for path, w in here.items()} for point in points]
    walk.append({path: np.zeros_like(w) for path, w in here.items()})
    if len(walk) > 1 and not any(d.any() for d in walk[-2].values()):
        walk.pop()
    if not any(d.any() for point in walk for d in point.values()):
        raise DataError(
            "landscape: the path does not move; it must hold weights from before the training."
        )
    return [dict(point) for point in walk]


def path_plane(model: Module, walk: Sequence[Weights]) -> Plane:
    """Return the plane in which a path goes furthest: its two principal components.

    Parameters
    ----------
    model : Module
        Where it ends.
    walk : sequence of mappings
        From `walk_of`.
    """
    moves = np.stack([_flat(point) for point in walk])
    # The few points have the same components as the many weights.
    strengths, mixes = np.linalg.eigh(moves @ moves.T)
    strengths, mixes = np.maximum(strengths[::-1], 0), mixes[:, ::-1]
    second = strengths[1:2].sum() > 1e-12 * strengths[0]
    axes = [_unit(moves.T @ mixes[:, 0])]
    axes.append(_unit(moves.T @ mixes[:, 1]) if second else _across(axes[0]))
    coordinates = moves @ np.stack(axes, axis=1)
    shares = strengths[:2] / strengths.sum()
    shares = np.pad(shares, (0, 2 - len(shares)))
    names = [
        f"direction {k + 1} of the path: {share:.0%} of its movement"
        for k, share in enumerate(shares)
    ]
    return Plane(
        (_shaped(model, axes[0]), _shaped(model, axes[1])),
        (names[0], names[1]),
        _bounds(coordinates),
        coordinates,
    )


def random_plane(model: Module, walk: Sequence[Weights] | None, seed: int, reach: float) -> Plane:
    """Return a plane of two random directions, scaled like the weights, column by column.

    Parameters
    ----------
    model : Module
        Where they start.
    walk : sequence of mappings, optional
        From `walk_of`; projected.
    seed : int
        Of the directions.
    reach : float
        How far to go.
    """
    rng = np.random.default_rng(seed)
    first, second = _scaled(model, rng), _scaled(model, rng)
    bounds = np.array([[-reach, reach]] * 2, np.float64)
    names = [f"random direction {k}, in lengths of the weights" for k in (1, 2)]
    coordinates = None
    if walk is not None:
        basis = np.stack([_flat(first), _flat(second)], axis=1)
        moves = np.stack([_flat(point) for point in walk])
        coordinates = np.linalg.lstsq(basis, moves.T, rcond=None)[0].T
        both = _bounds(coordinates)
        bounds = np.stack([np.minimum(bounds, both)[:, 0], np.maximum(bounds, both)[:, 1]], axis=1)
    return Plane((first, second), (names[0], names[1]), bounds, coordinates)


def heights(
    model: Module,
    loss: Any,
    data: Any,
    t: Any,
    plane: Plane,
    lines: tuple[Array, Array],
    samples: int,
) -> Array:
    """Return the loss over a grid; the model is left as it was.

    Parameters
    ----------
    model : Module
        Evaluates meanwhile.
    loss : callable
        ``loss(outputs, targets)``.
    data, t : Dataset, tuple or arrays
        Inputs and targets.
    plane : Plane
        What moves.
    lines : tuple of two arrays
        Coordinates: columns, then rows.
    samples : int
        How many samples are used at most, spread over all.

    Returns
    -------
    array of float64, shape (rows, columns)
        Not finite where the loss is not.
    """
    x, targets = _batch(model, data, t, samples)
    here = dict(model.named_parameters())
    found = np.empty((len(lines[1]), len(lines[0])))
    with put_back(model, loss), no_grad(), np.errstate(all="ignore"):
        model.eval()
        start = {path: p.raw for path, p in here.items()}
        for i, b in enumerate(lines[1]):
            for j, a in enumerate(lines[0]):
                for path, p in here.items():
                    move = a * plane.directions[0][path] + b * plane.directions[1][path]
                    p.raw = (start[path] + move).astype(p.dtype)
                found[i, j] = float(np.asarray(loss(model(x), targets).data))
    return found


def refined(lines: tuple[Array, Array], found: Array) -> tuple[tuple[Array, Array], Array]:
    """Put points between those of a coarse grid, by cubic curves through the neighbours.

    Parameters
    ----------
    lines : tuple of two arrays
        Coordinates: columns, then rows, evenly spaced.
    found : array of shape (rows, columns)
        Heights; where one is not finite, nothing is put between any.

    Returns
    -------
    lines : tuple of two arrays
        Coordinates of 61 points or more each, those given among them.
    found : array of shape (rows, columns)
        The same heights at the points given.

    Examples
    --------
    >>> line = np.arange(4.0)
    >>> lines, heights = refined((line, line), np.add.outer(line, 2 * line))
    >>> heights.shape, float(heights[0, 30])
    ((61, 61), 3.0)
    """
    if not np.isfinite(found).all():
        return lines, found
    columns, rows = lines
    across, down = _between(len(columns)), _between(len(rows))
    fine = _along(_along(found, across).T, down).T
    return (_spaced(columns, across), _spaced(rows, down)), fine


def _between(count: int) -> int:
    """How many steps are made of one."""
    return -(-(_FINE - 1) // (count - 1))


def _spaced(line: Array, times: int) -> Array:
    return np.linspace(line[0], line[-1], (len(line) - 1) * times + 1)


def _along(found: Array, times: int) -> Array:
    """Catmull-Rom curves along the rows; beyond the ends they go on straight."""
    if times == 1:
        return found
    first, last = 2 * found[:, :1] - found[:, 1:2], 2 * found[:, -1:] - found[:, -2:-1]
    p = np.concatenate([first, found, last], axis=1)
    a, b, c, d = (p[:, k : p.shape[1] - 3 + k, None] for k in range(4))
    s = np.arange(times) / times
    curves = b + s / 2 * (c - a + s * (2 * a - 5 * b + 4 * c - d + s * (3 * (b - c) + d - a)))
    return np.concatenate([curves.reshape(len(found), -1), found[:, -1:]], axis=1)


def _batch(model: Module, data: Any, t: Any, samples: int) -> tuple[Tensor, Tensor]:
    if isinstance(data, tuple) and len(data) == 2 and t is None:
        data, t = data
    dataset = data if isinstance(data, Dataset) else Dataset(_plain(data), _plain(t))
    count = min(len(dataset), max(1, samples))
    rows = np.unique(np.linspace(0, len(dataset) - 1, count).astype(int))
    x, targets = dataset.batch(rows, model.parameters()[0].dtype)
    return Tensor(x), Tensor(targets)


def _plain(values: Any) -> Array:
    if values is None:
        raise DataError(
            "landscape: there are no targets; they must be given. Try landscape(model, loss, x, t) "
            "or a Dataset."
        )
    return np.asarray(values.data if isinstance(values, Tensor) else values)


def _weights(model: Module) -> dict[str, Array]:
    return {path: np.asarray(p.data, np.float64) for path, p in model.named_parameters()}


def _scaled(model: Module, rng: np.random.Generator) -> Weights:
    """A random direction whose columns are as long as those of the weights; biases stay."""
    directions = {}
    for path, w in _weights(model).items():
        drawn = rng.normal(size=w.shape)
        axes = tuple(range(w.ndim - 1))
        lengths = np.sqrt((drawn**2).sum(axis=axes, keepdims=True))
        wanted = np.sqrt((w**2).sum(axis=axes, keepdims=True))
        directions[path] = drawn * wanted / lengths if w.ndim > 1 else np.zeros_like(w)
    return directions


def _flat(point: Weights) -> Array:
    return np.concatenate([np.ravel(d) for d in point.values()])


def _shaped(model: Module, flat: Array) -> Weights:
    here = _weights(model)
    ends = np.cumsum([w.size for w in here.values()])[:-1]
    return {path: d.reshape(here[path].shape) for path, d in zip(here, np.split(flat, ends))}


def _unit(vector: Array) -> Array:
    return np.asarray(vector / np.linalg.norm(vector))


def _across(unit: Array) -> Array:
    """Some direction at right angles to one, for a path that is straight."""
    drawn = np.random.default_rng(0).normal(size=unit.shape)
    return _unit(drawn - (drawn @ unit) * unit) if unit.size > 1 else np.zeros_like(unit)


def _bounds(walk: Array) -> Array:
    """The path with room around it, no panel narrower than a third of its width."""
    low, high = walk.min(axis=0), walk.max(axis=0)
    widest = float((high - low).max()) or 1.0
    room = 0.25 * np.maximum(high - low, widest / 3)
    short = np.maximum(0, widest / 3 - (high - low)) / 2
    return np.stack([low - room - short, high + room + short], axis=1)
