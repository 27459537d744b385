"""Derivatives without backprop: each number is moved a little both ways.

``(f(x + h) - f(x - h)) / 2h`` is off by ``h**2 / 6`` times the third derivative (truncation), and
by about ``eps |f| / h`` (round-off): with h = 1e-4 some ten digits are right where f and its
derivatives are near 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradatim.autograd.double import double_array, double_model, shown, variable
from gradatim.autograd.modes import no_grad
from gradatim.autograd.tensor import Tensor, constant
from gradatim.autograd.tree import Container, map_leaves, tensors
from gradatim.errors import DtypeError, GradatimError, ShapeError
from gradatim.types import Array, Raw

STEP = 1e-4
"""How far a number is moved each way; the notebooks' and the book's choice."""

Difference = Callable[[Any, Any], float]
"""``difference(above, below)`` of two values of a function."""


def numerical_diff(
    f: Callable[[float], Any], x: float, h: float = STEP, *, richardson: bool = False
) -> float:
    """Derivative of a function of one number, ``(f(x + h) - f(x - h)) / 2h``.

    Parameters
    ----------
    f : callable
        Takes a float; returns a number, an array without axes or such a Tensor.
    x : float
        Where; an integer is taken as a float.
    h : float
        How far x is moved each way.
    richardson : bool
        Whether the differences D over h and over h/2 are combined to ``(4 D(h/2) - D(h)) / 3``,
        in which the truncation cancels. It pays with a wide step, such as 1e-2.

    Returns
    -------
    float
        Off by ``h**2 f'''/ 6`` and by round-off, about ``1e-16 |f| / h``; with Richardson by
        ``h**4 / 480`` times the fifth derivative and some three times the round-off.

    Raises
    ------
    ShapeError
        If x, or what f returns, has axes.
    DtypeError
        If x, or what f returns, is not a number, or is of too few digits (float32).
    GradatimError
        If h is not above 0, or so small beside x that ``x + h`` is x.

    Notes
    -----
    Cost: two calls of f; four with Richardson.
    Source: K. Saitoh, "Deep Learning from Scratch", section 4.3.1.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.check.numerical_diff(lambda x0: x0 * x0 + 4.0**2, 3.0)
    6.00000000000378
    >>> abs(gd.check.numerical_diff(np.exp, 0.0, 1e-2, richardson=True) - 1) < 1e-10
    True
    """
    at = double_array("numerical_diff", x)
    if at.ndim:
        raise ShapeError(
            f"numerical_diff: x has shape {at.shape}; it must be one number.\n"
            "  Did you mean numerical_gradient(f, x)?"
        )
    check_step("numerical_diff", at, h)
    middle = float(at)

    def over(h: float) -> float:
        above = as_number("numerical_diff", f(middle + h))
        below = as_number("numerical_diff", f(middle - h))
        return (above - below) / (2 * h)

    with no_grad():
        return extrapolated(over(h), over(h / 2)) if richardson else over(h)


def numerical_gradient(
    f: Callable[[Any], Any], x: Any, h: float = STEP, *, richardson: bool = False
) -> Any:
    """Gradient of a function by central differences: each number is moved on its own.

    Parameters
    ----------
    f : callable
        Takes x, as float64; returns one number: a float, an array without axes or such a Tensor.
    x : array_like, Tensor, model, or list, tuple or dict of such
        Where. Integers and float32 are computed with as float64. Never changed: f is handed a
        copy (a Tensor for a Tensor, an array for numbers), which it cannot write into.
    h : float
        How far each number is moved each way.
    richardson : bool
        Whether the differences D over h and over h/2 are combined to ``(4 D(h/2) - D(h)) / 3``,
        in which the truncation cancels. It pays with a wide step, such as 1e-2.

    Returns
    -------
    array or tree of arrays of float64
        In the form of x; for a model a dict from path to the gradient of each parameter.

    Raises
    ------
    ShapeError
        If f returns anything with axes.
    DtypeError
        If x, or what f returns, is not real numbers, or f returns too few digits (float32).
    GradatimError
        If h is not above 0, or so small beside a number that adding it changes nothing.

    Notes
    -----
    f must use the argument that it is handed. One that looks at an array outside of it instead
    does not see it move, and its gradient is 0.

    Cost: two calls of f for each number; four with Richardson.
    Source: K. Saitoh, "Deep Learning from Scratch", section 4.4.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.check.numerical_gradient(lambda x: (x**2).sum(), [3.0, 4.0])
    array([6., 8.])
    >>> gd.check.numerical_gradient(lambda p: p["w"] * p["b"], {"w": 2.0, "b": 5.0})
    {'w': array(5.), 'b': array(2.)}
    """
    moved: dict[int, Array] = {}
    given = map_leaves(lambda leaf: _handed(leaf, moved), x)

    def evaluate() -> float:
        return as_number("numerical_gradient", f(given))

    def found(leaf: Any) -> Any:
        if isinstance(leaf, Container):
            return {path: found(t) for path, t in tensors(leaf).items() if id(t) in moved}
        numbers = moved[id(leaf)]

        def over(h: float) -> Array:
            return slopes("numerical_gradient", evaluate, numbers, h, float.__sub__)

        return extrapolated(over(h), over(h / 2)) if richardson else over(h)

    with no_grad():
        return map_leaves(lambda leaf: found(leaf) if _moves(leaf) else leaf, given)


def slopes(
    called: str, evaluate: Callable[[], Raw], numbers: Array, h: float, difference: Difference
) -> Array:
    """Central difference of what ``evaluate`` gives for each of the numbers, moved in place."""
    check_step(called, numbers, h)
    flat = numbers.reshape(-1)
    found = np.empty(flat.shape)
    for i, middle in enumerate(flat.tolist()):
        flat[i] = middle + h
        above = evaluate()
        flat[i] = middle - h
        below = evaluate()
        flat[i] = middle
        found[i] = difference(above, below) / (2 * h)
    return found.reshape(numbers.shape)


def extrapolated(wide: Any, narrow: Any) -> Any:
    """Richardson's extrapolation of central differences over a step and over half of it."""
    return (4 * narrow - wide) / 3


def check_step(called: str, numbers: Array, h: float) -> None:
    """Refuse a step that moves nothing."""
    if not (isinstance(h, (float, int, np.floating)) and 0 < h < np.inf):
        raise GradatimError(f"{called}: h is {h!r}; it must be a number above 0, such as 1e-4.")
    lost = numbers[np.isfinite(numbers) & (numbers + h == numbers)]
    if lost.size:
        raise GradatimError(
            f"{called}: h = {h:g} is lost beside {lost[0]:g}: their sum is {lost[0]:g} again.\n"
            "  Try a larger h, or scale the numbers down."
        )


def as_number(called: str, value: Any) -> float:
    """Take one number of enough digits out of what a function returned."""
    raw = value.raw if isinstance(value, Tensor) else value
    if isinstance(raw, float):
        return float(raw)
    array = np.asarray(raw)
    if array.dtype.kind not in "fiu":
        told = "None; did it forget to return?" if value is None else f"{array.dtype}."
        raise DtypeError(f"{called}: the function must return one real number, it returned {told}")
    check_digits(called, array.dtype)
    if array.ndim:
        raise ShapeError(
            f"{called}: the function returned shape {array.shape}; it must return one number.\n"
            "  Try .sum() or .mean() at its end."
        )
    return float(array)


def check_digits(called: str, dtype: np.dtype[Any]) -> None:
    """Refuse results in which a small step drowns in rounding."""
    if dtype.kind == "f" and dtype.itemsize < 8:
        raise DtypeError(
            f"{called}: the function was given float64 and returned {dtype}; a difference over a "
            "small step has no digits left in it.\n"
            f"  Try without .astype({dtype}) in the function."
        )


def _handed(leaf: Any, moved: dict[int, Array]) -> Any:
    """What the function gets in place of an argument; ``moved`` learns the memory behind it."""
    if isinstance(leaf, Container):
        double = double_model(leaf, {})
        for t in tensors(double).values():
            if t.wanted:
                moved[id(t)] = variable(t).numbers
        return double
    if not _moves(leaf):
        return leaf
    numbers = double_array("numerical_gradient", leaf)
    handed = constant(shown(numbers)) if isinstance(leaf, Tensor) else shown(numbers)
    moved[id(handed)] = numbers
    return handed


def _moves(leaf: Any) -> bool:
    return leaf is not None and not isinstance(leaf, str)
