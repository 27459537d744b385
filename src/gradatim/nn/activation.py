"""Activations as layers, and their names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from gradatim.autograd.tensor import Tensor, TensorLike, lift
from gradatim.errors import DtypeError, StateError
from gradatim.functions import activation as functions
from gradatim.nn.architecture import from_architecture, layer
from gradatim.nn.module import Module


class Activation(Module):
    """Base of the activations that have no settings: a function as a layer."""

    initial: ClassVar[str] = "he"
    """How the weights before it begin, unless something else is asked for."""

    _function: ClassVar[Callable[..., Tensor]]

    def forward(self, x: TensorLike) -> Tensor:
        """Return the function of every element of ``x``."""
        return type(self)._function(x)


@layer
class Identity(Activation):
    """Pass the input on as it is.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nn.Identity()([-1.0, 2.0])
    Tensor([-1.,  2.])
    """

    initial = "xavier"
    _function = staticmethod(lift)


@layer
class ReLU(Activation):
    """``max(x, 0)``; see :func:`gradatim.relu`.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nn.ReLU()([-1.0, 2.0])
    Tensor([0., 2.])
    """

    _function = staticmethod(functions.relu)


@layer
class Sigmoid(Activation):
    """``1 / (1 + e^-x)``; see :func:`gradatim.sigmoid`.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nn.Sigmoid()(0.0)
    Tensor(0.5)
    """

    initial = "xavier"
    _function = staticmethod(functions.sigmoid)


@layer
class Tanh(Activation):
    """Hyperbolic tangent; see :func:`gradatim.tanh`.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nn.Tanh()(0.0)
    Tensor(0.)
    """

    initial = "xavier"
    _function = staticmethod(functions.tanh)


@layer
class Softplus(Activation):
    """``log(1 + e^x)``, a smooth relu; see :func:`gradatim.softplus`.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nn.Softplus()(1000.0)
    Tensor(1000.)
    """

    _function = staticmethod(functions.softplus)


@layer
class GELU(Activation):
    """``x`` times the normal distribution function of ``x``; see :func:`gradatim.gelu`.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nn.GELU()(0.0)
    Tensor(0.)
    """

    _function = staticmethod(functions.gelu)


@layer
class SiLU(Activation):
    """``x sigmoid(x)``; see :func:`gradatim.silu`.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nn.SiLU()(0.0)
    Tensor(0.)
    """

    _function = staticmethod(functions.silu)


@layer
class ELU(Activation):
    """``x`` above 0, ``alpha (e^x - 1)`` below; see :func:`gradatim.elu`.

    Parameters
    ----------
    alpha : float
        What it tends to, negated, far below 0.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nn.ELU()([-1000.0, 2.0])
    Tensor([-1.,  2.])
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = float(alpha)

    def forward(self, x: TensorLike) -> Tensor:
        """Return the function of every element of ``x``."""
        return functions.elu(x, self.alpha)

    def settings(self) -> dict[str, Any]:
        """Return the arguments of the constructor as what JSON can hold."""
        return {"alpha": self.alpha}

    def _label(self) -> str:
        return f"{self.alpha:g}"


@layer
class LeakyReLU(Activation):
    """``x`` above 0, ``slope x`` below; see :func:`gradatim.leaky_relu`.

    Parameters
    ----------
    slope : float
        Derivative below 0.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nn.LeakyReLU(0.1)([-1.0, 2.0])
    Tensor([-0.1,  2. ])
    """

    def __init__(self, slope: float = 0.01) -> None:
        self.slope = float(slope)

    def forward(self, x: TensorLike) -> Tensor:
        """Return the function of every element of ``x``."""
        return functions.leaky_relu(x, self.slope)

    def settings(self) -> dict[str, Any]:
        """Return the arguments of the constructor as what JSON can hold."""
        return {"slope": self.slope}

    def _label(self) -> str:
        return f"{self.slope:g}"


@layer
class Softmax(Activation):
    """Probabilities along an axis; see :func:`gradatim.softmax`.

    The losses take logits, so a model that is to be learned with one must not end in it.

    Parameters
    ----------
    axis : int
        The axis along which they sum to 1.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nn.Softmax()([[0.0, 0.0], [1000.0, 0.0]])
    Tensor([[0.5, 0.5],
            [1. , 0. ]])
    """

    initial = "xavier"
    _function = staticmethod(functions.softmax)

    def __init__(self, axis: int = -1) -> None:
        self.axis = int(axis)

    def forward(self, x: TensorLike) -> Tensor:
        """Return the function of ``x`` along the axis."""
        return type(self)._function(x, axis=self.axis)

    def settings(self) -> dict[str, Any]:
        """Return the arguments of the constructor as what JSON can hold."""
        return {"axis": self.axis}

    def _label(self) -> str:
        return "" if self.axis == -1 else f"axis={self.axis}"


@layer
class LogSoftmax(Softmax):
    """Logarithms of probabilities along an axis; see :func:`gradatim.log_softmax`.

    Parameters
    ----------
    axis : int
        The axis along which the probabilities sum to 1.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nn.LogSoftmax()([[1000.0, 0.0]])
    Tensor([[    0., -1000.]])
    """

    _function = staticmethod(functions.log_softmax)


@layer
class Function(Module):
    """A function of one Tensor as a layer; it cannot be saved as plain data.

    Parameters
    ----------
    function : callable
        Takes a Tensor and returns one.

    Raises
    ------
    DtypeError
        If it is not callable.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nn.Function(lambda x: x * x)(3.0)
    Tensor(9.)
    """

    initial: ClassVar[str] = "he"

    def __init__(self, function: Callable[..., Any]) -> None:
        if not callable(function):
            raise DtypeError(f"Function: {function!r} is not a function.")
        self.function = function

    def forward(self, x: TensorLike) -> Any:
        """Return the function of ``x``."""
        return self.function(lift(x))

    def settings(self) -> dict[str, Any]:
        """Refuse: a function is no plain data.

        Raises
        ------
        StateError
            Always.
        """
        raise StateError(
            f"architecture: {self!r} holds a function, which cannot be saved as plain data.\n"
            "  Try a layer of gd.nn instead."
        )

    def _label(self) -> str:
        return getattr(self.function, "__name__", type(self.function).__name__)


NAMES: dict[str, type[Activation]] = {
    "identity": Identity,
    "relu": ReLU,
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "softplus": Softplus,
    "gelu": GELU,
    "silu": SiLU,
    "elu": ELU,
    "leaky_relu": LeakyReLU,
    "softmax": Softmax,
    "log_softmax": LogSoftmax,
}
"""Each activation by the name of its function."""


def activation(given: Any) -> Module:
    """Return the layer that a name, a function or a class of activation stands for.

    Parameters
    ----------
    given : str, callable, class, Module or dict
        A name of ``gd.nn.NAMES`` (``"relu"``; ``"ReLU"`` is understood too), ``gd.relu``,
        ``gd.nn.ReLU``, plain data of ``architecture``; any other function becomes a
        :class:`Function`. A Module stays as it is.

    Returns
    -------
    Module
        The layer.

    Raises
    ------
    DtypeError
        If there is no activation of that name, or it is none of these.

    Examples
    --------
    >>> import gradatim as gd
    >>> gd.nn.activation("tanh")
    Tanh()
    """
    if isinstance(given, Module):
        return given
    if isinstance(given, dict):
        return from_architecture(given)
    if isinstance(given, str):
        return _named(given)()
    if isinstance(given, type) and issubclass(given, Module):
        return given()
    if not callable(given):
        raise DtypeError(f"activation: {given!r} is neither a name nor a function.\n  {_known()}")
    own = NAMES.get(getattr(given, "__name__", ""))
    is_door = own is not None and getattr(functions, given.__name__, None) is given
    return own() if own is not None and is_door else Function(given)


def _named(name: str) -> type[Activation]:
    by_class = {kind.__name__: kind for kind in NAMES.values()}
    found = NAMES.get(name) or by_class.get(name)
    if found is None:
        raise DtypeError(f"activation: there is none named {name!r}.\n  {_known()}")
    return found


def _known() -> str:
    return f"Try one of {', '.join(NAMES)}."
