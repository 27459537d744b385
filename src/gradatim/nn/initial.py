"""How the weights of a layer begin.

Numbers are drawn in double precision and then rounded to the layer's dtype, so one seed gives the
same network in float32 and in float64, up to that rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradatim.errors import DtypeError, ShapeError
from gradatim.types import Array, Random, Shape

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

Seed = Random | int | None
"""A source of random numbers, a seed for one, or ``None`` for one that is never the same."""


def generator(rng: Seed) -> Random:
    """Make a source of random numbers of a seed; one that is given stays as it is."""
    if isinstance(rng, (np.random.Generator, np.random.RandomState)):
        return rng
    return np.random.default_rng(rng)


def _normal(rng: Random, shape: Shape, std: float) -> Array:
    return std * rng.standard_normal(shape)


def _uniform(rng: Random, shape: Shape, bound: float) -> Array:
    return rng.uniform(-bound, bound, shape)


def _constant(rng: Random, shape: Shape, value: float) -> Array:
    return np.full(shape, value)


Draw = Callable[[Random, Shape, float], Array]
Scale = Callable[[int, int], float]

# How to draw, and from the sizes in and out how wide; None: the width is given in the name.
_KINDS: dict[str, tuple[Draw, Scale | None]] = {
    "normal": (_normal, None),
    "uniform": (_uniform, None),
    "constant": (_constant, None),
    "zeros": (_constant, lambda n_in, n_out: 0.0),
    "xavier_normal": (_normal, lambda n_in, n_out: math.sqrt(2 / (n_in + n_out))),
    "xavier_uniform": (_uniform, lambda n_in, n_out: math.sqrt(6 / (n_in + n_out))),
    "he_normal": (_normal, lambda n_in, n_out: math.sqrt(2 / n_in)),
    "he_uniform": (_uniform, lambda n_in, n_out: math.sqrt(6 / n_in)),
}
_SHORT = {"he": "he_normal", "xavier": "xavier_normal"}


@dataclass(frozen=True)
class Initial:
    """A rule by which the weights of a layer begin.

    Parameters
    ----------
    kind : str
        Name of the rule; see :func:`initial`.
    value : float, optional
        Standard deviation of ``normal``, bound of ``uniform``, value of ``constant``.

    Raises
    ------
    ShapeError
        If the shape has not the axes that the rule asks for.

    Examples
    --------
    >>> import numpy as np
    >>> Initial("constant", 0.5)((1, 2), None, np.float64)
    array([[0.5, 0.5]])
    """

    kind: str
    value: float | None = None

    def __call__(self, shape: Shape, rng: Seed = None, dtype: DTypeLike = np.float32) -> Array:
        """Return an array of ``shape`` and ``dtype``, drawn from ``rng``."""
        draw, scale = _KINDS[self.kind]
        width = self.value if scale is None else scale(*_fans(shape, self.kind))
        assert width is not None
        return draw(generator(rng), shape, width).astype(dtype)

    def __str__(self) -> str:
        return self.kind if self.value is None else f"{self.kind}:{self.value:.15g}"


def _fans(shape: Shape, kind: str) -> tuple[int, int]:
    """How many numbers come into, and leave, each of a layer's sums."""
    if kind == "zeros":
        return 1, 1
    if len(shape) != 2 or 0 in shape:
        raise ShapeError(
            f"{kind}: the shape is {shape}; it must be (n_in, n_out), both at least 1.\n"
            "  Try normal(std) or zeros() for other shapes."
        )
    return shape[0], shape[1]


def initial(rule: str | Initial | Callable[..., Any]) -> Callable[..., Any]:
    """Return the initialiser that a name, as typed on a command line, stands for.

    Parameters
    ----------
    rule : str, Initial or callable
        ``he`` (``he_normal``), ``he_uniform``, ``xavier`` (``xavier_normal``),
        ``xavier_uniform``, ``zeros``, ``normal:0.01``, ``uniform:0.1``, ``constant:1``. A
        callable ``f(shape, rng, dtype)`` stays as it is.

    Returns
    -------
    callable
        ``f(shape, rng, dtype)`` that returns an array.

    Raises
    ------
    DtypeError
        If no rule has that name, or its number is missing, too many or not a number.

    Examples
    --------
    >>> import gradatim as gd
    >>> str(gd.nn.initial("normal:0.01"))
    'normal:0.01'
    """
    if not isinstance(rule, str):
        if not callable(rule):
            raise DtypeError(f"initial: {rule!r} is neither a name nor a function.{_known()}")
        return rule
    name, _, number = rule.partition(":")
    kind = _SHORT.get(name, name)
    if kind not in _KINDS:
        raise DtypeError(f"initial: there is no rule named {name!r}.{_known()}")
    if _KINDS[kind][1] is not None:
        if number:
            raise DtypeError(f"initial: {rule!r}: {kind} takes no number.\n  Try {name!r}.")
        return Initial(kind)
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    return _checked(kind, value, rule)


def _checked(kind: str, value: float, given: object) -> Initial:
    if not math.isfinite(value) or (value < 0 and kind != "constant"):
        least = "a number" if kind == "constant" else "a number of 0 or more"
        raise DtypeError(
            f"initial: {given!r}: {kind} needs {least} after a colon.\n  Try '{kind}:0.01'."
        )
    return Initial(kind, float(value))


def _known() -> str:
    names = [kind if scale else f"{kind}:NUMBER" for kind, (_, scale) in _KINDS.items()]
    return f"\n  Try one of {', '.join([*_SHORT, *names])}."


def normal(std: float = 0.01) -> Initial:
    """Return the rule: normal with mean 0.

    Parameters
    ----------
    std : float
        Standard deviation.

    Returns
    -------
    Initial
        ``f(shape, rng, dtype)``.

    Raises
    ------
    DtypeError
        If ``std`` is negative or not finite.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nn.normal(0.01)((2, 3), 0).shape
    (2, 3)
    """
    return _checked("normal", std, std)


def uniform(bound: float) -> Initial:
    """Return the rule: uniform between ``-bound`` and ``bound``.

    Parameters
    ----------
    bound : float
        Largest absolute value.

    Returns
    -------
    Initial
        ``f(shape, rng, dtype)``.

    Raises
    ------
    DtypeError
        If ``bound`` is negative or not finite.

    Examples
    --------
    >>> import gradatim as gd
    >>> abs(gd.nn.uniform(0.1)((2, 3), 0)).max() <= 0.1
    np.True_
    """
    return _checked("uniform", bound, bound)


def constant(value: float) -> Initial:
    """Return the rule: every element is ``value``.

    Parameters
    ----------
    value : float
        What every element is.

    Returns
    -------
    Initial
        ``f(shape, rng, dtype)``.

    Raises
    ------
    DtypeError
        If ``value`` is not finite.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nn.constant(2.0)((3,))
    array([2., 2., 2.], dtype=float32)
    """
    return _checked("constant", value, value)


def zeros() -> Initial:
    """Return the rule: every element is 0.

    Returns
    -------
    Initial
        ``f(shape, rng, dtype)``.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nn.zeros()((2,))
    array([0., 0.], dtype=float32)
    """
    return Initial("zeros")


def xavier_normal() -> Initial:
    """Return the rule: normal, variance ``2 / (n_in + n_out)``; for sigmoid, tanh and none.

    Returns
    -------
    Initial
        ``f((n_in, n_out), rng, dtype)``.

    Notes
    -----
    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
    networks, 2010, equation 12.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nn.xavier_normal()((2, 3), 0).shape
    (2, 3)
    """
    return Initial("xavier_normal")


def xavier_uniform() -> Initial:
    """Return the rule: uniform, variance ``2 / (n_in + n_out)``; for sigmoid, tanh and none.

    Returns
    -------
    Initial
        ``f((n_in, n_out), rng, dtype)``.

    Notes
    -----
    Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
    networks, 2010, equation 16.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nn.xavier_uniform()((2, 3), 0).shape
    (2, 3)
    """
    return Initial("xavier_uniform")


def he_normal() -> Initial:
    """Return the rule: normal, variance ``2 / n_in``; for relu and its relatives.

    Returns
    -------
    Initial
        ``f((n_in, n_out), rng, dtype)``.

    Notes
    -----
    Source: He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015, equation 10.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nn.he_normal()((2, 3), 0).shape
    (2, 3)
    """
    return Initial("he_normal")


def he_uniform() -> Initial:
    """Return the rule: uniform, variance ``2 / n_in``; for relu and its relatives.

    Returns
    -------
    Initial
        ``f((n_in, n_out), rng, dtype)``.

    Notes
    -----
    Source: He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015, equation 10.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nn.he_uniform()((2, 3), 0).shape
    (2, 3)
    """
    return Initial("he_uniform")
