"""Random numbers, drawn by primitives: a drawing, a listener and a compiled step see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy import dtype as dtype_of
from numpy import float32, float64, result_type
from numpy.random import Generator, RandomState

from gradatim.autograd.tensor import Tensor, TensorLike, bind, lift
from gradatim.errors import DtypeError, ShapeError
from gradatim.functions.shaping import astype
from gradatim.functions.sizes import Sizes, common_shape, plain_shape
from gradatim.primitives import Primitive, chance
from gradatim.types import Random

if TYPE_CHECKING:
    from numpy.typing import DTypeLike


def uniform(
    low: TensorLike = 0.0,
    high: TensorLike = 1.0,
    size: Sizes | None = None,
    *,
    rng: Random,
    dtype: DTypeLike | None = None,
) -> Tensor:
    """Draw numbers from an interval, each equally likely: ``low + (high - low) * u``.

    Parameters
    ----------
    low, high : Tensor or array_like of float
        The ends; ``high`` itself is not drawn. Of any shapes that broadcast.
    size : int or sequence of int, optional
        Shape of the result; that of the ends if not given.
    rng : Generator or RandomState
        What is drawn from. It goes on from where it stands, in a compiled step too.
    dtype : dtype, optional
        Float; that of the ends if not given.

    Returns
    -------
    Tensor
        Gradient: ``g * (1 - u)`` to ``low`` and ``g * u`` to ``high``.

    Raises
    ------
    DtypeError
        If ``rng`` is no generator, or the dtype is not float.
    ShapeError
        If the ends do not broadcast to the size.

    Notes
    -----
    The numbers are those of NumPy's ``rng.random``: one float64 takes 64 bits of the stream.

    Examples
    --------
    >>> import numpy as np
    >>> import gradatim as gd
    >>> rng = np.random.default_rng(0)
    >>> (gd.uniform(size=2, rng=rng) * 100).round()
    Tensor([64., 27.])
    """
    begin, end, drawn = _drawn("uniform", chance.random, low, high, size, rng, dtype)
    return begin + (end - begin) * drawn


def normal(
    loc: TensorLike = 0.0,
    scale: TensorLike = 1.0,
    size: Sizes | None = None,
    *,
    rng: Random,
    dtype: DTypeLike | None = None,
) -> Tensor:
    """Draw numbers from the normal distribution: ``loc + scale * z``.

    Parameters
    ----------
    loc, scale : Tensor or array_like of float
        Mean and standard deviation, of any shapes that broadcast.
    size : int or sequence of int, optional
        Shape of the result; that of ``loc`` and ``scale`` if not given.
    rng : Generator or RandomState
        What is drawn from. It goes on from where it stands, in a compiled step too.
    dtype : dtype, optional
        Float; that of ``loc`` and ``scale`` if not given.

    Returns
    -------
    Tensor
        Gradient: ``g`` to ``loc`` and ``g * z`` to ``scale`` (the reparameterisation of
        variational autoencoders).

    Raises
    ------
    DtypeError
        If ``rng`` is no generator, or the dtype is not float.
    ShapeError
        If ``loc`` and ``scale`` do not broadcast to the size.

    Notes
    -----
    The numbers are those of NumPy's ``rng.standard_normal``.
    Source: Kingma and Welling, Auto-encoding variational Bayes, 2013, section 2.4.

    Examples
    --------
    >>> import numpy as np
    >>> import gradatim as gd
    >>> rng = np.random.default_rng(0)
    >>> (gd.normal(10.0, 2.0, 3, rng=rng)).round(2)
    Tensor([10.25,  9.74, 11.28])
    """
    mean, deviation, drawn = _drawn("normal", chance.standard_normal, loc, scale, size, rng, dtype)
    return mean + deviation * drawn


def _drawn(
    called: str,
    primitive: Primitive,
    a: TensorLike,
    b: TensorLike,
    size: Sizes | None,
    rng: Random,
    dtype: DTypeLike | None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Both parameters in one dtype, and as many draws as are wanted."""
    if not isinstance(rng, (Generator, RandomState)):
        raise DtypeError(
            f"{called}: rng is {rng!r}; it must be a generator, which goes on from call to call.\n"
            "  Try rng = np.random.default_rng(0) once, outside the function."
        )
    first = lift(a, b if isinstance(b, Tensor) else None)
    second = lift(b, first)
    common = result_type(first.dtype, second.dtype)
    wanted = dtype_of(dtype) if dtype is not None else common
    if dtype is None and wanted.kind != "f":
        wanted = dtype_of(float64)
    if wanted.kind != "f":
        raise DtypeError(f"{called}: dtype is {wanted}; it must be float.\n  Try dtype=np.float32.")
    shapes = [first.shape, second.shape]
    shape = common_shape(called, shapes) if size is None else plain_shape(size)
    if common_shape(called, [*shapes, shape]) != shape:
        raise ShapeError(
            f"{called}: its parameters have shapes {shapes[0]} and {shapes[1]}; they must "
            f"broadcast to the size {shape}.\n  Try a larger size, or none."
        )
    single = wanted == float32 and isinstance(rng, Generator)
    source = dtype_of(float32 if single else float64)
    drawn = bind(primitive, rng=rng, shape=shape, dtype=source)
    return astype(first, wanted), astype(second, wanted), astype(drawn, wanted)
