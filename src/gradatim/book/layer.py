"""Relu, Sigmoid, Affine and SoftmaxWithLoss: the layers of the book."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.book.activation import ReLU, log_softmax, sigmoid, softmax
from gradatim.book.loss import EPSILON, check_some, mean_product
from gradatim.book.number import floats
from gradatim.book.reuse import OnePlace
from gradatim.book.target import one_hot
from gradatim.errors import ShapeError
from gradatim.types import Array, Raw, Shape


class Relu(OnePlace):
    """``max(x, 0)``; its slope at 0 is 0.

    Attributes
    ----------
    mask : array of bool or None
        Where the input of the last forward was 0 or less.

    Raises
    ------
    GraphError
        If ``backward`` comes before ``forward``, or if an instance used twice is asked twice.
    ShapeError
        If ``dout`` has not the shape of the output.

    Notes
    -----
    Right here: the notebooks' ``backward`` writes its zeros into the caller's ``dout``.

    Examples
    --------
    >>> layer = Relu()
    >>> layer.forward(np.array([-1.0, 0.0, 2.0]))
    array([0., 0., 2.])
    >>> layer.backward(np.ones(3))
    array([0., 0., 1.])
    """

    def __init__(self) -> None:
        self.mask: Any = None

    def forward(self, x: Any) -> Raw:
        """Return ``x`` with 0.0 for what is 0 or less; ``x`` is not changed."""
        out = ReLU(x)
        self._remember()
        self.mask = np.asarray(x) <= 0
        return out

    def backward(self, dout: Any) -> Raw:
        """Return ``dout`` where the input was positive and 0 elsewhere; it is not changed."""
        self._recall()
        dx = np.array(_checked("Relu", dout, self.mask.shape))
        dx[self.mask] = 0
        return dx[()]


class Sigmoid(OnePlace):
    """``1 / (1 + e^-x)``; its slope is ``out (1 - out)``.

    Attributes
    ----------
    out : array or None
        The output of the last forward.

    Raises
    ------
    GraphError
        If ``backward`` comes before ``forward``, or if an instance used twice is asked twice.
    ShapeError
        If ``dout`` has not the shape of the output.

    Notes
    -----
    Right here: no overflow at -1000, see :func:`sigmoid`.

    Examples
    --------
    >>> layer = Sigmoid()
    >>> layer.forward(np.zeros(2))
    array([0.5, 0.5])
    >>> layer.backward(np.ones(2))
    array([0.25, 0.25])
    """

    def __init__(self) -> None:
        self.out: Any = None

    def forward(self, x: Any) -> Raw:
        """Return the sigmoid of every element of ``x``."""
        out = sigmoid(x)
        self._remember()
        self.out = np.array(out)[()]  # the caller may write into what is returned
        return out

    def backward(self, dout: Any) -> Raw:
        """Return ``dout (1 - out) out``."""
        self._recall()
        return _checked("Sigmoid", dout, np.shape(self.out)) * (1.0 - self.out) * self.out


class Affine(OnePlace):
    """``x W + b``, the fully connected layer.

    Parameters
    ----------
    W : array (n_in, n_out)
        Weights. Not copied: who writes into the array (``params["W1"] -= ...``) writes into the
        layer. The layer itself never does.
    b : array (n_out,)
        Biases; not copied either.

    Attributes
    ----------
    dW, db : array or None
        Gradients of the last backward: ``x^T dout`` and the sum of ``dout`` over the samples.
    x : array or None
        The input of the last forward as a matrix (N, n_in); a copy.
    original_x_shape : tuple of int or None
        The shape in which it came.

    Raises
    ------
    GraphError
        If ``backward`` comes before ``forward``, or if an instance used twice is asked twice.
    ShapeError
        If W, b, the input or ``dout`` do not fit together.

    Notes
    -----
    An input of shape (N, ...) is taken as N samples with all other axes joined; ``dx`` comes back
    in the same shape. Right here: an input of shape (n_in,) is a batch of one and gives (n_out,);
    a ``dout`` of another shape than the output is an error and does not broadcast. In a network
    of the room, layers and ``params`` are one: see :class:`TwoLayerNet`.

    Source: K. Saitoh, "Deep Learning from Scratch", section 5.6.

    Examples
    --------
    >>> layer = Affine(np.ones((12, 5)), np.zeros(5))
    >>> layer.forward(np.ones((2, 3, 4))).shape
    (2, 5)
    >>> layer.backward(np.ones((2, 5))).shape, layer.dW.shape, layer.db.shape
    ((2, 3, 4), (12, 5), (5,))
    """

    def __init__(self, W: Any, b: Any) -> None:
        self.W, self.b = np.asarray(W), np.asarray(b)
        if self.W.ndim != 2 or self.b.shape != self.W.shape[1:]:
            raise ShapeError(
                f"Affine: W has shape {self.W.shape} and b {self.b.shape}; they must be "
                "(n_in, n_out) and (n_out,)."
            )
        self.x: Any = None
        self.original_x_shape: Shape | None = None
        self.dW: Any = None
        self.db: Any = None

    def forward(self, x: Any) -> Array:
        """Return ``x W + b``: (N, n_out), or (n_out,) for a single sample."""
        given = np.asarray(x)
        rows = given.reshape(1 if given.ndim < 2 else len(given), -1)
        if rows.shape[1] != self.W.shape[0]:
            raise ShapeError(_misfit(given.shape, self.W.shape))
        out = np.dot(rows, self.W) + self.b
        self._remember()
        self.x, self.original_x_shape = np.array(rows), given.shape
        return out if given.ndim > 1 else out[0]

    def backward(self, dout: Any) -> Array:
        """Return ``dout W^T`` in the shape of the input, and leave ``dW`` and ``db``."""
        self._recall()
        shape = self.original_x_shape or ()
        n_out = self.W.shape[1]
        g = _checked("Affine", dout, (shape[0], n_out) if len(shape) > 1 else (n_out,))
        g = g.reshape(-1, n_out)
        self.dW = np.dot(self.x.T, g)
        self.db = np.sum(g, axis=0)
        return np.dot(g, self.W.T).reshape(shape)


class SoftmaxWithLoss(OnePlace):
    """The cross entropy of the softmax of scores, averaged over the samples: the last layer.

    Parameters
    ----------
    book_epsilon : bool
        Report the loss with the book's 1e-7 added to each probability. The gradient stays that
        of the exact loss, as in the book: a check then shows 1e-7 where it should show 1e-10.

    Attributes
    ----------
    loss : float or None
        Of the last forward.
    y : array or None
        Its probabilities, of the shape of the scores.
    t : array or None
        Its target, a copy.

    Raises
    ------
    GraphError
        If ``backward`` comes before ``forward``, or if an instance used twice is asked twice.
    ShapeError
        If the target fits neither as labels nor as rows, the batch is empty, or ``dout`` is not
        one number.
    DtypeError
        If labels are no integers.
    DataError
        If a label lies outside of the classes.

    Notes
    -----
    Right here: labels (N,) and one-hot rows (N, C) are told apart by shape and give the same
    gradient, also where N = C, where a notebook's ``y - t`` broadcasts without complaint;
    ``dout`` scales the gradient; scores of shape (C,) are a batch of one, not of C; the loss comes
    from log-softmax and is finite for any finite scores. For rows that do not sum to 1 the
    gradient is that of ``-sum(t log y)`` too: ``y sum(t) - t``.

    Source: K. Saitoh, "Deep Learning from Scratch", section 5.6.3.

    Examples
    --------
    >>> layer = SoftmaxWithLoss()
    >>> float(layer.forward(np.array([[1000.0, 0.0]]), np.array([1])))
    1000.0
    >>> layer.backward()
    array([[ 1., -1.]])
    """

    def __init__(self, book_epsilon: bool = False) -> None:
        self.book_epsilon = book_epsilon
        self.loss: Any = None
        self.y: Any = None
        self.t: Any = None
        self._rows: Any = None

    def forward(self, x: Any, t: Any) -> Raw:
        """Return the loss of scores ``x``, (N, C) or (C,), and their target ``t``."""
        scores = floats("SoftmaxWithLoss.forward", x)
        rows = one_hot("SoftmaxWithLoss.forward", t, scores.shape)
        check_some("SoftmaxWithLoss.forward", rows)
        logarithms = log_softmax(scores)
        self._remember()
        self.t, self._rows, self.y = np.array(t), rows, softmax(scores)
        if self.book_epsilon:
            logarithms = np.log(self.y + EPSILON)
        self.loss = mean_product(rows, logarithms.reshape(rows.shape))
        return self.loss

    def backward(self, dout: Any = 1) -> Array:
        """Return ``dout (y - t) / N`` in the shape of the scores."""
        self._recall()
        if np.size(dout) != 1:
            raise ShapeError(
                f"SoftmaxWithLoss.backward: dout has shape {np.shape(dout)}; the loss is one "
                "number, so its gradient must be one number too.\n  Try dout=1."
            )
        y = self.y.reshape(self._rows.shape)
        dx = (y * self._rows.sum(axis=1, keepdims=True) - self._rows) / len(self._rows)
        return (dx * np.reshape(dout, ())).reshape(self.y.shape)


def _checked(called: str, dout: Any, shape: Shape) -> Array:
    g = np.asarray(dout)
    if g.shape != shape:
        raise ShapeError(
            f"{called}.backward: dout has shape {g.shape}, but forward returned {shape}; it must "
            "be the gradient of that output."
        )
    return g


def _misfit(given: Shape, weights: Shape) -> str:
    n_in = weights[0]
    hint = "Try an input (N, ...) whose other axes hold that many numbers."
    if len(given) == 1 and n_in == 1:
        hint = "Did you mean x.reshape(-1, 1), a batch of single numbers?"
    return (
        f"Affine.forward: the input has shape {given} and W {weights}; each sample must hold "
        f"{n_in} numbers.\n  {hint}"
    )
