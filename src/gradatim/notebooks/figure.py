"""The figures of the notebooks: each a computation that was run forward and backward."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from gradatim import nn
from gradatim.autograd import Parameter, Tensor
from gradatim.draw import Drawing, draw
from gradatim.draw.picture.fold import Depth
from gradatim.errors import DataError
from gradatim.functions import cross_entropy, log, softmax
from gradatim.notebooks.apples import NAMES

_W = [[1.0, 0.0, -1.0], [0.5, 2.0, 1.0]]
_B = [0.1, 0.2, 0.3]


def figure(name: str, depth: Depth = None) -> Drawing:
    """Return a figure of the notebooks, drawn from code that runs.

    Parameters
    ----------
    name : str
        ``apple``, ``apples``, ``affine``, ``batch``, ``softmax`` or ``layers``; see
        :data:`FIGURES`.
    depth : int, "all" or None
        How many levels of modules are opened, as for :func:`gradatim.draw.draw`.

    Returns
    -------
    Drawing
        With values and gradients.

    Raises
    ------
    DataError
        There is no figure of this name.

    Examples
    --------
    >>> print(figure("apple").text())
    price ...
    """
    if name not in FIGURES:
        raise DataError(
            f"figure: there is no figure {name}; it must be one of {', '.join(FIGURES)}. "
            'Try figure("apples").'
        )
    return FIGURES[name](depth)


def apple(depth: Depth = None) -> Drawing:
    """Two apples at 100 with 10 % of tax."""
    apple, count, tax = _given(apple=100.0, count=2.0, tax=1.1)
    return _drawn(apple * count * tax, "price", depth=depth)


def apples(depth: Depth = None) -> Drawing:
    """Two apples at 100, three oranges at 150, and the tax."""
    apple, count, orange, oranges, tax = _given(
        apple=100.0, apples=2.0, orange=150.0, oranges=3.0, tax=1.1
    )
    return _drawn((apple * count + orange * oranges) * tax, "price", depth=depth)


def affine(depth: Depth = None) -> Drawing:
    """One sample through one layer: ``x @ W + b``."""
    (x,), (w, b) = _given(x=[[1.0, 2.0]]), _learned(W=_W, b=_B)
    return _drawn(x @ w + b, "out", [[1.0, -1.0, 2.0]], depth)


def batch(depth: Depth = None) -> Drawing:
    """Three samples through the same layer: the bias gets the sum of their gradients."""
    (x,), (w, b) = _given(X=[[1.0, 2.0], [0.0, 1.0], [-1.0, 0.5]]), _learned(W=_W, b=_B)
    seed = [[1.0, -1.0, 2.0], [0.5, 0.0, 1.0], [0.0, 2.0, -1.0]]
    return _drawn(x @ w + b, "out", seed, depth)


def softmax_with_loss(depth: Depth = None) -> Drawing:
    """Scores of three classes, softmax, and the cross entropy with a target, step by step."""
    (a,) = _given(a=[0.3, 2.9, 4.0])
    t = Tensor([0.0, 0.0, 1.0], name="t")
    y = softmax(a)
    y.name = "y"
    return _drawn(-(t * log(y)).sum(), "L", depth=depth)


def layers(depth: Depth = None) -> Drawing:
    """The two-layer network of the notebooks with its loss, on three samples."""
    random = np.random.default_rng(0)
    first, second = nn.Linear(784, 50, rng=random), nn.Linear(50, 10, rng=random)
    model = nn.Sequential(first, nn.ReLU(), second)
    for path, parameter in model.named_parameters():
        parameter.name = NAMES[path]
    x = Tensor(random.random((3, 784)), name="x")
    t = Tensor(np.array([5, 0, 4]), name="t")
    return _drawn(cross_entropy(model(x), t), "loss", depth=depth)


FIGURES: Mapping[str, Callable[..., Drawing]] = {
    "apple": apple,
    "apples": apples,
    "affine": affine,
    "batch": batch,
    "softmax": softmax_with_loss,
    "layers": layers,
}
"""The six by name, in the order of the notebooks; each takes a depth."""


def _given(**values: object) -> list[Tensor]:
    return [Tensor(value, requires_grad=True, name=name) for name, value in values.items()]


def _learned(**values: object) -> list[Parameter]:
    return [Parameter(value, name=name) for name, value in values.items()]


def _drawn(result: Tensor, name: str, seed: object = None, depth: Depth = None) -> Drawing:
    result.name = name
    result.backward(seed)
    return draw(result, depth=depth)
