"""MLP_Network: the network of notebook `mlp`, of any depth, learning by whole batches."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, pairwise
from typing import Any

import numpy as np

from gradatim.autograd.calculus import vjp
from gradatim.book.activation import ReLU, log_softmax, no_activation, sigmoid, softmax
from gradatim.book.loader import dataloader
from gradatim.book.loss import surprise
from gradatim.book.number import floats
from gradatim.book.target import one_hot
from gradatim.errors import DataError, GraphError, ShapeError
from gradatim.types import Array

Activation = Callable[[Any], Any]
Gradients = list[Array]

_SLOPES: dict[Activation, Callable[[Array], Any]] = {
    ReLU: lambda z: z > 0,
    sigmoid: lambda z: sigmoid(z) * (1 - sigmoid(z)),
    no_activation: lambda z: 1.0,
}
_AT_ONCE = 1000  # samples evaluated together: quick, and small in memory


class MLP_Network:
    """Fully connected layers of any number; learns by stochastic gradient descent.

    Parameters
    ----------
    sizes : sequence of int
        Sizes of the input, of each hidden layer and of the output.
    activation_function : callable, optional
        After every hidden layer; :func:`ReLU` if not given. ``sigmoid`` and any function written
        in NumPy's operators and functions can be learned with too.
    last_activation : callable, optional
        After the last layer. The notebook has two classes of this name, and this is both: given
        sizes alone, the one that learns, which ends in ``softmax``; given an
        ``activation_function``, the one that ends in ``no_activation``.

    Attributes
    ----------
    biases : list of array (n_out,)
        One for each layer.
    weights : list of array (n_out, n_in)
        One for each layer; turned as against :class:`Affine`, as in the notebook.
    num_layers : int
        Number of sizes.
    eye : array
        The one-hot rows of the labels.

    Raises
    ------
    ShapeError
        If there are fewer than two sizes or one is no positive integer, or if samples have not
        as many numbers as the first size says.
    GraphError
        If a loss or a gradient is asked for and the last activation is not ``softmax``.
    DataError
        If a label lies outside of the classes, or there are no samples.

    Notes
    -----
    Biases are drawn before weights, by ``np.random.randn``, as in the notebook. Such weights of
    standard deviation 1 are too large to learn well: with ``lambda_`` 1.0 most hidden units die in
    the first epoch. Try ``net.weights = [w * np.sqrt(2 / w.shape[1]) for w in net.weights]`` and
    ``lambda_`` 0.1.

    Right here: ``activation_function`` is used, where the notebook always takes ReLU; weights and
    biases are updated by their own gradients; softmax and loss are computed row by row and are
    finite; a batch is computed as one matrix product; and the loader serves each sample once an
    epoch. With a softmax at the end the gradient of the scores is ``a - y`` in all components, not
    only where ``y`` is 1, as the notebook's text has it.

    Examples
    --------
    >>> net = MLP_Network([2, 3, 6, 4, 10, 10], activation_function=sigmoid)
    >>> net.forward(np.zeros(2)).shape, net.forward(np.zeros((5, 2))).shape
    ((10,), (5, 10))
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation_function: Activation | None = None,
        last_activation: Activation | None = None,
    ) -> None:
        self.sizes = _checked_sizes(sizes)
        self.num_layers = len(self.sizes)
        self.biases = [np.random.randn(n) for n in self.sizes[1:]]
        self.weights = [np.random.randn(n_out, n_in) for n_in, n_out in pairwise(self.sizes)]
        end = softmax if activation_function is None else no_activation
        self.activation_function: Activation = activation_function or ReLU
        self.last_activation: Activation = last_activation or end
        self.eye = np.eye(self.sizes[-1])

    def forward(self, a: Any) -> Array:
        """Return the output for ``a``: (n_in,) gives (n_out,), (N, n_in) gives (N, n_out)."""
        rows, is_single = self._rows(a)
        y = self.last_activation(self._scores(rows)[0][-1])
        return y[0] if is_single else y

    def backward(self, x: Any, y: Any) -> list[Gradients]:
        """Return the gradients ``[grad_bs, grad_ws]`` of the loss of ``x`` and its label ``y``.

        Of a batch (N, n_in) and its N labels they are summed over the samples.
        """
        self._check_end("backward")
        rows, _ = self._rows(x)
        scores, inputs = self._scores(rows)
        dz = softmax(scores[-1]) - one_hot("MLP_Network.backward", y, scores[-1].shape)
        grad_bs, grad_ws = [dz.sum(axis=0)], [dz.T @ inputs[-1]]
        for l in range(self.num_layers - 2, 0, -1):  # noqa: E741 (the notebook's letter)
            dz = _through(self.activation_function, scores[l - 1], dz @ self.weights[l])
            grad_bs.insert(0, dz.sum(axis=0))
            grad_ws.insert(0, dz.T @ inputs[l - 1])
        return [grad_bs, grad_ws]

    def ReLU_prime(self, z: Any) -> Array:
        """Return the slope of ReLU at ``z``: 1 where it is positive, else 0."""
        return (np.asarray(z) > 0).astype(int)

    def grad_batch(self, batch: Iterable[tuple[Any, Any]]) -> tuple[Gradients, Gradients]:
        """Return the gradients of biases and of weights, summed over the samples of ``batch``."""
        images, labels = _stacked(list(batch))
        grad_bs, grad_ws = self.backward(images, labels)
        return grad_bs, grad_ws

    def update_batch(self, batch: Sequence[tuple[Any, Any]], lambda_: float) -> None:
        """Take ``lambda_`` times the mean gradient of ``batch`` off the parameters."""
        grad_bs, grad_ws = self.grad_batch(batch)
        rate = lambda_ / len(batch)
        self.weights = [_stepped(w, g, rate) for w, g in zip(self.weights, grad_ws)]
        self.biases = [_stepped(b, g, rate) for b, g in zip(self.biases, grad_bs)]

    def SGD(self, dataset: Any, epochs: int, batch_size: int, lambda_: float) -> None:
        """Learn ``dataset`` for ``epochs``, by batches of ``batch_size``, at rate ``lambda_``.

        After each epoch the accuracy and the loss over the data set are printed.
        """
        training_dataloader = dataloader(dataset, batch_size)
        for j in range(epochs):
            for mini_batch in training_dataloader:
                self.update_batch(mini_batch, lambda_)
            print(f"Epoch {j} complete")
            self.accuracy(dataset)
            self.loss_dataset(dataset)

    def accuracy(self, dataset: Any) -> float:
        """Print and return the share of ``dataset`` whose largest output is at its label."""
        right = [
            self.forward(images).argmax(axis=1) == labels for images, labels in _portions(dataset)
        ]
        share = float(np.mean(np.concatenate(right)))
        print(f"Accuracy is {share}")
        return share

    def loss(self, img: Any, label: Any) -> float:
        """Return the cross entropy of ``img`` and its ``label``; of a batch, the sum."""
        self._check_end("loss")
        rows, _ = self._rows(img)
        logarithms = log_softmax(self._scores(rows)[0][-1])
        return float(
            surprise(one_hot("MLP_Network.loss", label, logarithms.shape), logarithms).sum()
        )

    def loss_dataset(self, dataset: Any) -> float:
        """Print and return the mean loss over ``dataset``."""
        parts = [(self.loss(images, labels), len(labels)) for images, labels in _portions(dataset)]
        mean = sum(loss for loss, _ in parts) / sum(count for _, count in parts)
        print(f"Loss is {mean}")
        return mean

    def _rows(self, a: Any) -> tuple[Array, bool]:
        """Return the input as (N, n_in), and whether it was a single sample."""
        given = floats("MLP_Network", a)
        is_single = given.ndim < 2
        rows = given.reshape(1, -1) if is_single else given
        if rows.shape[1:] != (self.sizes[0],):
            raise ShapeError(
                f"MLP_Network: the input has shape {given.shape}; it must be ({self.sizes[0]},) or "
                f"(N, {self.sizes[0]}).\n  Try x.reshape(-1) for one image."
            )
        return rows, is_single

    def _scores(self, rows: Array) -> tuple[list[Array], list[Array]]:
        """Return each layer's output before its activation, and each layer's input."""
        scores: list[Array] = []
        inputs = [rows]
        for weight, bias in zip(self.weights, self.biases):
            if scores:
                inputs.append(self.activation_function(scores[-1]))
            scores.append(inputs[-1] @ weight.T + bias)
        return scores, inputs

    def _check_end(self, called: str) -> None:
        if self.last_activation is not softmax:
            name = getattr(self.last_activation, "__name__", repr(self.last_activation))
            raise GraphError(
                f"MLP_Network.{called}: the last activation is {name}; the loss is the cross "
                "entropy of probabilities, so it must be softmax.\n"
                "  Try MLP_Network(sizes, activation, last_activation=softmax), with the softmax "
                "of gradatim.book."
            )


def _through(activation: Activation, z: Array, gradient: Array) -> Array:
    """Take a gradient back through an activation; the slope of an unknown one is derived."""
    slope = _SLOPES.get(activation)
    if slope is not None:
        return gradient * slope(z)
    pull = vjp(activation, z)[1]
    return pull(gradient)[0].numpy()


def _stepped(old: Array, gradient: Array, rate: float) -> Array:
    if gradient.shape != np.shape(old):
        raise ShapeError(
            f"MLP_Network.update_batch: a parameter of shape {np.shape(old)} has a gradient of "
            f"shape {gradient.shape}; they must be equal."
        )
    gradient *= rate
    return np.subtract(old, gradient, out=gradient)


def _portions(dataset: Any) -> Iterator[tuple[Array, Array]]:
    """Images and labels of a whole data set, some at a time."""
    together = getattr(dataset, "samples_at", None)
    if together is not None:
        for start in range(0, len(dataset), _AT_ONCE):
            yield _stacked(together(np.arange(start, min(start + _AT_ONCE, len(dataset)))))
        return
    samples = iter(dataset)
    portion = list(islice(samples, _AT_ONCE))
    if not portion:
        _stacked(portion)
    while portion:
        yield _stacked(portion)
        portion = list(islice(samples, _AT_ONCE))


def _stacked(batch: Sequence[tuple[Any, Any]]) -> tuple[Array, Array]:
    if not batch:
        raise DataError("MLP_Network: there are no samples; a batch must hold one or more.")
    try:
        images = np.stack([np.reshape(image, -1) for image, _ in batch])
        return images, np.array([operator.index(label) for _, label in batch])
    except (TypeError, ValueError) as error:
        raise DataError(
            f"MLP_Network: a batch must be a list of pairs (image, label) with images of one size "
            f"and labels of int: {error}"
        ) from error


def _checked_sizes(sizes: Sequence[Any]) -> list[int]:
    if len(sizes) < 2 or any(
        isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1 for n in sizes
    ):
        raise ShapeError(
            f"MLP_Network: sizes is {list(sizes)}; it must be two integers or more, each of 1 or "
            "more.\n  Try MLP_Network([784, 512, 10])."
        )
    return [int(n) for n in sizes]
