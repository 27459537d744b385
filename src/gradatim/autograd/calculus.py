"""Derivatives beyond the gradient: jvp, vjp, jacobian, hessian, hvp."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from gradatim.autograd import modes
from gradatim.autograd.chain import Gradients, pull_back
from gradatim.autograd.gradient import Variables, grad
from gradatim.autograd.tensor import Tensor, bind, constant, lift
from gradatim.errors import ShapeError
from gradatim.primitives import shape
from gradatim.types import Shape


def vjp(f: Callable[..., Any], *primals: Any) -> tuple[Tensor, Callable[[Any], tuple[Any, ...]]]:
    """Value of ``f`` and a function that multiplies a vector by its Jacobian from the left.

    Parameters
    ----------
    f : callable
        Returns one Tensor of any shape.
    *primals : number, array, Tensor, or container of such
        Where to evaluate.

    Returns
    -------
    value : Tensor
        ``f(*primals)``.
    pull : callable
        ``pull(v)`` with v of the value's shape returns ``v @ J`` for each primal.

    Raises
    ------
    ShapeError
        If ``v`` has another shape than the value.

    Examples
    --------
    >>> import gradatim as gd
    >>> value, pull = gd.vjp(lambda x: x * x, [1.0, 2.0])
    >>> pull([1.0, 10.0])
    (Tensor([ 2., 40.]),)
    """
    variables = Variables()
    given = [variables.take(p) for p in primals]
    nested = modes.current().depth > 0
    with modes.taping(True), modes.deeper():
        value = lift(f(*given))

    def pull(v: Any) -> tuple[Any, ...]:
        seed = _like(v, value, "vjp")
        grads = variables.pull(value, seed, nested)
        return tuple(variables.collect(g, grads) for g in given)

    return value, pull


def jvp(
    f: Callable[..., Any], primals: tuple[Any, ...], tangents: tuple[Any, ...]
) -> tuple[Tensor, Tensor]:
    """Value of ``f`` and its directional derivative ``J @ t``.

    Computed by two backward passes: ``v @ J`` is linear in v, and its derivative with respect to
    v in the direction t is ``J @ t``. Cost: about 4 evaluations of ``f``.

    Parameters
    ----------
    f : callable
        Returns one Tensor of any shape.
    primals : tuple of number, array or Tensor
        Where to evaluate.
    tangents : tuple of the same shapes
        The direction.

    Returns
    -------
    value, derivative : Tensor, Tensor
        Both of the value's shape.

    Raises
    ------
    ShapeError
        If a tangent has another shape than its primal, or their numbers differ.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.jvp(lambda x: x**3, (2.0,), (1.0,))
    (Tensor(8.), Tensor(12.))
    """
    if len(primals) != len(tangents):
        raise ShapeError(f"jvp: {len(primals)} primals and {len(tangents)} tangents arrived")
    directions = [_like(t, lift(p), "jvp") for p, t in zip(primals, tangents)]
    variables = Variables()
    given = [variables.take(p) for p in primals]
    nested = modes.current().depth > 0
    with modes.taping(True), modes.deeper():
        value = lift(f(*given))
        probe = constant(np.zeros_like(value.raw)[()])
        probe.wanted = True
        grads = variables.pull(value, probe)
        products = [(grads[x] * t).sum() for x, t in zip(given, directions) if x in grads]
        total = sum(products[1:], products[0]) if products else probe.sum() * 0
        slopes: Gradients = {}
        if total.wanted:
            deeper = nested or variables.linked
            slopes = pull_back(
                total, constant(np.ones_like(total.raw)[()]), targets=[probe], create_graph=deeper
            )
    slope = slopes.get(probe)
    return value, constant(np.zeros_like(value.raw)[()]) if slope is None else slope


def jacobian(f: Callable[..., Any], argnum: int = 0) -> Callable[..., Tensor]:
    """Return a function that computes all first derivatives of ``f``.

    Parameters
    ----------
    f : callable
        Returns one Tensor of any shape.
    argnum : int
        Which positional argument (a number, array or Tensor) to differentiate with respect to.

    Returns
    -------
    callable
        Takes what ``f`` takes; returns a Tensor of shape ``value.shape + argument.shape``.
        Cost: one backward pass for each element of the value.

    Raises
    ------
    DtypeError
        If the argument is made of integers.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.jacobian(lambda x: x * x)([1.0, 2.0])
    Tensor([[2., 0.],
            [0., 4.]])
    """

    @wraps(f)
    def all_slopes(*args: Any, **kwargs: Any) -> Tensor:
        def of_one(x: Any) -> Any:
            return f(*args[:argnum], x, *args[argnum + 1 :], **kwargs)

        value, pull = vjp(of_one, args[argnum])
        seeds = np.eye(value.size, dtype=value.dtype).reshape(value.size, *value.shape)
        rows = [pull(seed)[0] for seed in seeds]
        return _stacked(rows, value.shape + lift(args[argnum]).shape)

    return all_slopes


def _stacked(rows: list[Tensor], whole: Shape) -> Tensor:
    if not rows:
        return constant(np.zeros(whole))
    flat = [bind(shape.reshape, row, shape=(1, row.size)) for row in rows]
    return bind(shape.reshape, bind(shape.concatenate, *flat, axis=0), shape=whole)


def hessian(f: Callable[..., Any], argnum: int = 0) -> Callable[..., Tensor]:
    """Return a function that computes all second derivatives of ``f``.

    Parameters
    ----------
    f : callable
        Returns one number.
    argnum : int
        Which positional argument (a number, array or Tensor) to differentiate with respect to.

    Returns
    -------
    callable
        Takes what ``f`` takes; returns a Tensor of shape ``argument.shape * 2``.
        Cost: one backward pass through the gradient for each element of the argument.

    Raises
    ------
    ShapeError
        If ``f`` returns anything but one number.
    DtypeError
        If the argument is made of integers.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.hessian(lambda x: x[0] ** 2 * x[1])([1.0, 2.0])
    Tensor([[4., 2.],
            [2., 0.]])
    """
    return jacobian(grad(f, argnum), argnum)


def hvp(f: Callable[..., Any], x: Any, v: Any) -> Tensor:
    """Hessian of ``f`` at ``x`` times the vector ``v``, without forming the Hessian.

    Parameters
    ----------
    f : callable
        Takes one array, returns one number.
    x : number, array or Tensor
        Where to evaluate.
    v : of the same shape
        The vector.

    Returns
    -------
    Tensor
        Of the shape of ``x``. Cost: about two gradients.

    Raises
    ------
    ShapeError
        If ``v`` has another shape than ``x``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.hvp(lambda x: x[0] ** 2 * x[1], [1.0, 2.0], [1.0, 0.0])
    Tensor([4., 2.])
    """
    direction = _like(v, lift(x), "hvp")
    slope: Tensor = grad(lambda x: (grad(f)(x) * direction).sum())(x)
    return slope


def _like(v: Any, like: Tensor, called: str) -> Tensor:
    t = lift(v, like)
    if t.shape != like.shape:
        raise ShapeError(f"{called}: the vector has shape {t.shape}; it must have {like.shape}")
    return t
