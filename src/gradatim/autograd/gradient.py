"""``grad`` and ``value_and_grad``: gradients as values, without side effects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

import numpy as np

from gradatim.autograd import modes
from gradatim.autograd.chain import Gradients, pull_back
from gradatim.autograd.graph import leaves
from gradatim.autograd.tensor import Tensor, bind1, constant, lift
from gradatim.autograd.tree import Container, map_leaves, tensors
from gradatim.errors import DtypeError, NoGradientError, ShapeError
from gradatim.primitives import pointwise


def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """Return a function that computes the gradient of ``f``.

    Parameters
    ----------
    f : callable
        Returns one number.
    argnums : int or sequence of int
        Which positional arguments to differentiate with respect to. Each may be a number, an
        array, a Tensor, a list, tuple or dict of such, or a module.

    Returns
    -------
    callable
        Takes what ``f`` takes; returns the gradient in the form of the argument (a module's as a
        dict from path to Tensor), or a tuple of gradients for a sequence of ``argnums``. Can be
        differentiated again, to any order.

    Raises
    ------
    ShapeError
        If ``f`` returns anything but one number.
    DtypeError
        If an argument is made of integers.
    NoGradientError
        If the function took the argument's value out of the graph and its result hangs on nothing.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.grad(lambda x: x**4 - 2 * x**2)(2.0)
    Tensor(24.)
    >>> gd.grad(gd.grad(lambda x: x**4 - 2 * x**2))(2.0)
    Tensor(44.)
    """
    both = value_and_grad(f, argnums)

    @wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return gradient


def value_and_grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0
) -> Callable[..., tuple[Tensor, Any]]:
    """Return a function that computes ``f`` and its gradient at once.

    Parameters
    ----------
    f : callable
        Returns one number.
    argnums : int or sequence of int
        Which positional arguments to differentiate with respect to, as for :func:`grad`.

    Returns
    -------
    callable
        Takes what ``f`` takes; returns the value and the gradient.

    Raises
    ------
    ShapeError
        If ``f`` returns anything but one number.
    DtypeError
        If an argument is made of integers.
    NoGradientError
        If the function took the argument's value out of the graph and its result hangs on nothing.

    Examples
    --------
    >>> import gradatim as gd
    >>> value, slope = gd.value_and_grad(lambda p: (p["w"] * p["w"]).sum())({"w": [3.0, 4.0]})
    >>> value, slope["w"]
    (Tensor(25.), Tensor([6., 8.]))
    """
    chosen = (argnums,) if isinstance(argnums, int) else tuple(argnums)

    @wraps(f)
    def both(*args: Any, **kwargs: Any) -> tuple[Tensor, Any]:
        variables = Variables()
        given = list(args)
        for n in chosen:
            given[n] = variables.take(args[n])
        nested = modes.current().depth > 0
        with modes.taping(True), modes.deeper():
            value = lift(f(*given, **kwargs))
            if not value.wanted and modes.current().has_read:
                raise NoGradientError(
                    "grad: the result does not hang on the argument, whose value was taken out "
                    "on the way by float, .item(), .numpy() or .tolist().\n"
                    "  Try gd's functions on the Tensor itself: gd.sin(x) for math.sin(x)."
                )
            if value.size != 1:
                raise ShapeError(
                    f"grad: the function returned shape {value.shape}; a gradient is that of one "
                    "number.\n  Try .sum() or .mean() at its end, or gd.jacobian(f)."
                )
            grads = variables.pull(value, constant(np.ones_like(value.raw)[()]), nested)
        found = tuple(variables.collect(given[n], grads) for n in chosen)
        return value, found[0] if isinstance(argnums, int) else found

    return both


class Variables:
    """The arguments of a differentiated function, as fresh variables at the same point.

    Fresh, so that the gradient of an inner function with respect to its own argument is not
    mixed with that of an outer function that passed its argument on.
    """

    def __init__(self) -> None:
        self.targets: dict[Tensor, None] = {}
        self.linked = False

    def take(self, argument: Any) -> Any:
        """Return the argument with a fresh variable for each number, array and Tensor."""
        return map_leaves(self._take_leaf, argument)

    def _take_leaf(self, leaf: Any) -> Any:
        if isinstance(leaf, Container):
            parameters = [p for p in tensors(leaf).values() if p.wanted and p.origin is None]
            self.targets.update(dict.fromkeys(parameters))
            return leaf
        if leaf is None or isinstance(leaf, str):
            return leaf
        t = lift(leaf)
        if t.raw.dtype.kind != "f":
            raise DtypeError(
                f"grad: an argument is {t.raw.dtype}; only floats have a gradient.\n"
                "  Try a float: 3.0, or x.astype(float)."
            )
        if t.wanted:
            self.linked = True
            with modes.taping(True):
                variable = bind1(pointwise.alias, t)
        else:
            variable = constant(t.raw)
            variable.wanted = True
        variable.name = t.name
        self.targets[variable] = None
        return variable

    def pull(self, output: Tensor, seed: Tensor, nested: bool = False) -> Gradients:
        """Gradients of ``output`` with respect to the variables."""
        if not output.wanted:
            return {}
        others = nested or self.linked or any(x not in self.targets for x in leaves(output))
        return pull_back(output, seed, targets=self.targets, create_graph=others or seed.wanted)

    def collect(self, argument: Any, grads: Gradients) -> Any:
        """Gradients in the form of the argument; zeros for what had no influence."""

        def leaf_gradient(leaf: Any) -> Any:
            if isinstance(leaf, Container):
                found = {p: x for p, x in tensors(leaf).items() if x in self.targets}
                return {path: _gradient(x, grads) for path, x in found.items()}
            return _gradient(leaf, grads) if isinstance(leaf, Tensor) else leaf

        return map_leaves(leaf_gradient, argument)


def _gradient(x: Tensor, grads: Gradients) -> Tensor:
    found = grads.get(x)
    return constant(np.zeros_like(x.raw)[()]) if found is None else found
