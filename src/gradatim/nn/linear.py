"""Linear: the fully connected layer."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradatim.autograd.tensor import Parameter, Tensor, TensorLike, lift
from gradatim.errors import DtypeError, ShapeError
from gradatim.nn.architecture import layer
from gradatim.nn.initial import Seed, generator, initial
from gradatim.nn.module import Module
from gradatim.types import Array, Shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import DTypeLike


@layer
class Linear(Module):
    """Fully connected layer, ``y = x W + b``.

    Parameters
    ----------
    n_in : int
        Size of the last axis of the input.
    n_out : int
        Size of the last axis of the output.
    bias : bool
        Whether there is a ``b``; it begins at 0.
    init : str or callable, optional
        How W begins, see :func:`initial`; ``he`` if not given, for most layers stand before a
        relu. ``MLP`` chooses by the activation.
    flatten : bool
        Whether all axes of the input but the first are joined to one: (2, 3, 4) is taken as
        (2, 12).
    dtype : dtype
        Of W and b; float32 if not given.
    rng : Generator, int or None
        What W is drawn from, or a seed for it.

    Raises
    ------
    ShapeError
        If a size is below 1, or the input does not end in ``n_in``.
    DtypeError
        If ``dtype`` is not a float dtype.

    Notes
    -----
    W has shape (n_in, n_out) and b (n_out,). An input of shape (..., n_in) gives (..., n_out); one
    of (n_in,) is a single sample and gives (n_out,). Gradients: dx = g W^T, dW = x^T g,
    db = g summed over the samples. Costs N * n_in * n_out multiply-adds forward, twice that
    backward.

    Examples
    --------
    >>> import gradatim as gd
    >>> layer = gd.nn.Linear(784, 50, rng=0)
    >>> layer
    Linear(784, 50)
    >>> layer([[0.0] * 784] * 3).shape
    (3, 50)
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        *,
        bias: bool = True,
        init: str | Callable[..., Any] | None = None,
        flatten: bool = False,
        dtype: DTypeLike = np.float32,
        rng: Seed = None,
    ) -> None:
        self.n_in = _size("n_in", n_in)
        self.n_out = _size("n_out", n_out)
        self.flatten = bool(flatten)
        self.init = initial("he" if init is None else init)
        kind = float_dtype("Linear", dtype)
        self.weight = Parameter(_drawn(self.init, (n_in, n_out), rng, kind), dtype=kind)
        self.bias = Parameter(np.zeros(n_out, kind)) if bias else None

    def forward(self, x: TensorLike) -> Tensor:
        """Return ``x W + b``."""
        rows = self._rows(lift(x))
        y = (rows if rows.ndim < 3 else rows.reshape((-1, self.n_in))) @ self.weight
        if self.bias is not None:
            y = y + self.bias
        return y if rows.ndim < 3 else y.reshape((*rows.shape[:-1], self.n_out))

    def _rows(self, x: Tensor) -> Tensor:
        shape = x.shape
        if self.flatten and len(shape) > 2:
            shape = (shape[0], math.prod(shape[1:]))
        if not shape or shape[-1] != self.n_in:
            raise ShapeError(self._mismatch(x.shape, shape))
        return x if shape == x.shape else x.reshape(shape)

    def _mismatch(self, given: Shape, taken: Shape) -> str:
        joined = f", taken as {taken}" if taken != given else ""
        size = f"last axis is {taken[-1]}" if taken else "input has no axis"
        hint = "Try another n_in, or another input."
        if not self.flatten and math.prod(given[1:]) == self.n_in:
            hint = f"Did you mean Linear({self.n_in}, {self.n_out}, flatten=True), or nn.Flatten()?"
        elif not self.flatten and math.prod(given) == self.n_in:
            hint = "Did you mean x.reshape(-1), one sample?"
        elif len(given) == 2 and given[0] == self.n_in:
            hint = "Did you mean x.T?"
        return (
            f"Linear: the input is {given}{joined}, W is {(self.n_in, self.n_out)}: the {size}; "
            f"it must be {self.n_in}.\n  {hint}"
        )

    def settings(self) -> dict[str, Any]:
        """Return the arguments of the constructor as what JSON can hold."""
        return {
            "n_in": self.n_in,
            "n_out": self.n_out,
            "bias": self.bias is not None,
            "flatten": self.flatten,
            "dtype": self.weight.dtype.name,
        }

    def _label(self) -> str:
        label = f"{self.n_in}, {self.n_out}"
        label += "" if self.bias is not None else ", bias=False"
        label += ", flatten=True" if self.flatten else ""
        dtype = self.weight.dtype.name
        return label if dtype == "float32" else f"{label}, dtype={dtype}"


def float_dtype(called: str, dtype: DTypeLike) -> np.dtype[Any]:
    """Check that parameters can be of a dtype."""
    kind = np.dtype(dtype)
    if kind.kind != "f":
        raise DtypeError(
            f"{called}: parameters cannot be {kind}; they must be floats to be learned.\n"
            "  Try dtype=np.float32 or dtype=np.float64."
        )
    return kind


def _size(name: str, size: int) -> int:
    if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < 1:
        raise ShapeError(f"Linear: {name} is {size!r}; it must be an integer of 1 or more.")
    return int(size)


def _drawn(rule: Callable[..., Any], shape: Shape, rng: Seed, dtype: np.dtype[Any]) -> Array:
    weight = np.asarray(rule(shape, generator(rng), dtype))
    if weight.shape != shape:
        raise ShapeError(
            f"Linear: init gave an array of shape {weight.shape}; it must be (n_in, n_out) = "
            f"{shape}.\n  An initialiser is called as init(shape, rng, dtype)."
        )
    return weight
