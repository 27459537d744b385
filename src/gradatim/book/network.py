"""TwoLayerNet and MultiLayerNet: the networks of the book, whose layers and params are one."""

from __future__ import annotations

import difflib
from collections import OrderedDict
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from gradatim.book.difference import numerical_gradient
from gradatim.book.layer import Affine, Relu, Sigmoid, SoftmaxWithLoss
from gradatim.book.target import labels
from gradatim.errors import DtypeError, ShapeError, StateError
from gradatim.types import Array, Raw

_ACTIVATIONS = {"relu": Relu, "sigmoid": Sigmoid}


class Params(MutableMapping[str, Array]):
    """The parameters of a network by name, read from its layers and written into them.

    There is one array for each, owned by its layer. Whether a value is changed in place
    (``params["W1"] -= ...``), assigned (``params["W1"] = ...``) or loaded
    (``params.update(...)``), its numbers are written into that array: the layer learns in each
    case, and the array that was assigned is not kept.

    Parameters
    ----------
    layers : sequence of Affine
        The first holds W1 and b1, the second W2 and b2, and so on.

    Raises
    ------
    StateError
        If there is no parameter of a name, or one would be deleted.
    ShapeError
        If a value has another shape than its parameter.
    DtypeError
        If a value does not hold numbers.

    Examples
    --------
    >>> layer = Affine(np.zeros((2, 3)), np.zeros(3))
    >>> params = Params([layer])
    >>> params["b1"] = params["b1"] + 1
    >>> layer.b
    array([1., 1., 1.])
    """

    def __init__(self, layers: Sequence[Affine]) -> None:
        self._places = {
            f"{kind}{i}": (layer, kind) for i, layer in enumerate(layers, 1) for kind in ("W", "b")
        }

    def __getitem__(self, name: str) -> Array:
        layer, kind = self._place(name)
        return getattr(layer, kind)

    def __setitem__(self, name: str, value: Any) -> None:
        array = self[name]
        if value is not array:
            array[...] = self.checked(name, value)

    def checked(self, name: str, value: Any) -> Array:
        """Return ``value`` as an array that fits the parameter ``name``, or raise."""
        array, given = self[name], np.asarray(value)
        if given.dtype.kind not in "fiub":
            raise DtypeError(
                f"params[{name!r}]: a value of dtype {given.dtype}; it must hold numbers."
            )
        if given.shape != array.shape:
            turned = "\n  Did you mean value.T?" if given.shape == array.shape[::-1] else ""
            raise ShapeError(
                f"params[{name!r}]: a value of shape {given.shape}; it must be {array.shape}, the "
                f"shape of the parameter.{turned}"
            )
        return given

    def __delitem__(self, name: str) -> None:
        raise StateError(f"params: {name!r} cannot be deleted; its layer needs it.")

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __repr__(self) -> str:
        return f"Params({', '.join(f'{name} {value.shape}' for name, value in self.items())})"

    def copy(self) -> dict[str, Array]:
        """Return a dict with a copy of every array, which training does not change."""
        return {name: value.copy() for name, value in self.items()}

    def _place(self, name: str) -> tuple[Affine, str]:
        if name in self._places:
            return self._places[name]
        alike = [known for known in self._places if known.lower() == str(name).lower()]
        near = alike or difflib.get_close_matches(str(name), self._places, 1, 0.5)
        hint = f"\n  Did you mean {near[0]!r}?" if near else ""
        raise StateError(
            f"params: there is no {name!r}; the parameters are {', '.join(self._places)}.{hint}"
        )


class MultiLayerNet:
    """Affine layers with an activation between them and a softmax with loss at the end.

    Parameters
    ----------
    input_size : int
        Numbers in a sample.
    hidden_size_list : sequence of int
        Size of each hidden layer; as many as you like, or none.
    output_size : int
        Number of classes.
    activation : str
        After each hidden layer: ``"relu"`` or ``"sigmoid"``.
    weight_init_std : float or str
        Standard deviation of the weights; ``"he"`` or ``"relu"`` for sqrt(2 / n_in), ``"xavier"``
        or ``"sigmoid"`` for sqrt(1 / n_in). Biases begin at 0.
    book_epsilon : bool
        Report losses with the book's 1e-7, see :class:`SoftmaxWithLoss`.

    Attributes
    ----------
    layers : OrderedDict
        ``Affine1``, ``Relu1``, ``Affine2`` and so on.
    lastLayer : SoftmaxWithLoss
        The last layer.

    Raises
    ------
    ShapeError
        If a size is not a positive integer.
    StateError
        If there is no activation or rule for the weights of a name.

    Notes
    -----
    Weights are drawn by ``np.random.randn``, W1 first, as in the book: ``np.random.seed`` gives
    the numbers of a notebook again. ``params`` has W1, b1, W2, b2, ... for any depth and is one
    with the layers, see :class:`Params`: assigning or loading a parameter trains like changing it
    in place, where in the notebooks it trains nothing.

    Source: K. Saitoh, "Deep Learning from Scratch", section 6.6.

    Examples
    --------
    >>> net = MultiLayerNet(784, [50, 30], 10)
    >>> net.params
    Params(W1 (784, 50), b1 (50,), W2 (50, 30), b2 (30,), W3 (30, 10), b3 (10,))
    """

    def __init__(
        self,
        input_size: int,
        hidden_size_list: Sequence[int],
        output_size: int,
        activation: str = "relu",
        weight_init_std: float | str = "relu",
        *,
        book_epsilon: bool = False,
    ) -> None:
        if activation not in _ACTIVATIONS:
            raise StateError(
                f"{type(self).__name__}: there is no activation {activation!r}; try one of "
                f"{', '.join(map(repr, _ACTIVATIONS))}."
            )
        kind = _ACTIVATIONS[activation]
        sizes = _checked_sizes(type(self).__name__, [input_size, *hidden_size_list, output_size])
        self.layers: OrderedDict[str, Any] = OrderedDict()
        last = len(sizes) - 1
        for i, (n_in, n_out) in enumerate(pairwise(sizes), 1):
            W = _scale(type(self).__name__, weight_init_std, n_in) * np.random.randn(n_in, n_out)
            self.layers[f"Affine{i}"] = Affine(W, np.zeros(n_out))
            if i < last:
                self.layers[f"{kind.__name__}{i}"] = kind()
        self.lastLayer = SoftmaxWithLoss(book_epsilon)
        self._params = Params(self._affines())

    @property
    def params(self) -> Params:
        """The parameters by name; assigning a dict writes all of it into the layers, or none."""
        return self._params

    @params.setter
    def params(self, values: Mapping[str, Any]) -> None:
        lacking = sorted(set(self._params) - set(values))
        if lacking:
            raise StateError(
                f"{type(self).__name__}.params: {', '.join(lacking)} missing; assign all "
                f"parameters at once, or one by params[{lacking[0]!r}] = ..."
            )
        fitting = {name: self._params.checked(name, value) for name, value in values.items()}
        self._params.update(fitting)

    def predict(self, x: Any) -> Array:
        """Return the scores of ``x``: (N, classes), or (classes,) for a single sample."""
        for layer in self.layers.values():
            x = layer.forward(x)
        return x

    def loss(self, x: Any, t: Any) -> Raw:
        """Return the mean cross entropy of samples ``x`` and labels or one-hot rows ``t``."""
        return self.lastLayer.forward(self.predict(x), t)

    def accuracy(self, x: Any, t: Any) -> float:
        """Return the share of ``x`` whose highest score is that of ``t``, labels or one-hot."""
        y = self.predict(x)
        right = labels(f"{type(self).__name__}.accuracy", t, y.shape)
        return float(np.mean(y.reshape(len(right), -1).argmax(axis=1) == right))

    def numerical_gradient(self, x: Any, t: Any) -> dict[str, Array]:
        """Return the gradient of ``loss(x, t)`` by central differences, by parameter name."""
        return {
            name: numerical_gradient(lambda _: self.loss(x, t), value)
            for name, value in self.params.items()
        }

    def gradient(self, x: Any, t: Any) -> dict[str, Array]:
        """Return the gradient of ``loss(x, t)`` by backpropagation, by parameter name."""
        self.loss(x, t)
        dout = self.lastLayer.backward(1)
        for layer in reversed(self.layers.values()):
            dout = layer.backward(dout)
        pairs = [(layer.dW, layer.db) for layer in self._affines()]
        return dict(zip(self.params, (gradient for pair in pairs for gradient in pair)))

    def _affines(self) -> list[Affine]:
        return [layer for layer in self.layers.values() if isinstance(layer, Affine)]


class TwoLayerNet(MultiLayerNet):
    """Affine, Relu, Affine, SoftmaxWithLoss: the network of the notebooks.

    Parameters
    ----------
    input_size : int
        Numbers in a sample.
    hidden_size : int
        Size of the hidden layer.
    output_size : int
        Number of classes.
    weight_init_std : float
        Standard deviation of the weights; biases begin at 0.
    book_epsilon : bool
        Report losses with the book's 1e-7, see :class:`SoftmaxWithLoss`.

    Raises
    ------
    ShapeError
        If a size is not a positive integer.

    Notes
    -----
    Like :class:`MultiLayerNet`, which is the same at any depth. Right here: ``params`` and layers
    are one, a single sample is a batch of one, labels and one-hot rows are both taken.

    Examples
    --------
    >>> net = TwoLayerNet(784, 50, 10)
    >>> x, t = np.ones((3, 784)), np.array([5, 0, 4])
    >>> gradient = net.gradient(x, t)
    >>> for key in ("W1", "b1", "W2", "b2"):
    ...     net.params[key] -= 0.1 * gradient[key]
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        output_size: int,
        weight_init_std: float = 0.01,
        *,
        book_epsilon: bool = False,
    ) -> None:
        super().__init__(
            input_size,
            [hidden_size],
            output_size,
            weight_init_std=weight_init_std,
            book_epsilon=book_epsilon,
        )


def _checked_sizes(called: str, sizes: Sequence[Any]) -> list[int]:
    for size in sizes:
        if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < 1:
            raise ShapeError(f"{called}: a size is {size!r}; each must be an integer of 1 or more.")
    return [int(size) for size in sizes]


def _scale(called: str, given: float | str, n_in: int) -> float:
    """Return the standard deviation of the weights of a layer with ``n_in`` inputs."""
    if not isinstance(given, str):
        return given
    factor = {"he": 2, "relu": 2, "xavier": 1, "sigmoid": 1}.get(given.lower())
    if factor is None:
        raise StateError(
            f"{called}: there is no rule {given!r} for the weights; try 'he', 'xavier' or a number."
        )
    return float(np.sqrt(factor / n_in))
