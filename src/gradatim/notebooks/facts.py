"""Facts that all notebooks share: MNIST itself, and three numbers known from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradatim import book
from gradatim.autograd import Tensor, grad, hessian
from gradatim.data import mnist
from gradatim.notebooks.claim import Claim, Notebook, exact, near
from gradatim.notebooks.session import Session

NOTEBOOK = Notebook("facts", "what all notebooks share")

COUNTS = {
    "train": [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
    "test": [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
}


@NOTEBOOK.row("C.1", "E", "MNIST")
def digits(session: Session) -> Iterator[Claim]:
    """Look at shapes, labels, counts and levels."""
    for name, part, count in zip(("train", "test"), mnist(), (60000, 10000)):
        yield exact(f"{name} images", (count, 28, 28), part.inputs.shape)
        found = np.bincount(part.targets, minlength=10)
        yield exact(f"{name} images of each digit", COUNTS[name], found)
    x, t, x_test, t_test = session.digits
    yield exact("first train labels", [5, 0, 4, 1, 9, 2, 1, 3, 1, 4], t[:10])
    yield exact("first test labels", [7, 2, 1, 0, 4, 1, 4, 9, 5, 9], t_test[:10])
    yield exact("dtype", "float32", x.dtype.name)
    yield exact("least and largest", [0.0, 1.0], [float(x.min()), float(x.max())])
    yield near("train mean", 0.1306604774, x.mean(dtype=float), within=1e-9)
    yield near("train std", 0.3081078055, x.std(dtype=float), within=1e-9)
    yield near("test mean", 0.1325146070, x_test.mean(dtype=float), within=1e-9)


@NOTEBOOK.row(
    "C.2",
    "E",
    "load_mnist(normalize, flatten, one_hot_label)",
    why="Images are float32 and one-hot labels float64, as in the book.",
)
def loading(session: Session) -> Iterator[Claim]:
    """Load with the settings of the book."""
    (x, t), (_, t_test) = book.load_mnist(normalize=False, flatten=False, one_hot_label=True)
    yield exact("flatten=False", (60000, 1, 28, 28), x.shape)
    yield exact("normalize=False", "uint8", x.dtype.name)
    yield exact("one_hot_label=True", [(60000, 10), (10000, 10)], [t.shape, t_test.shape])
    yield exact("its dtype", "float64", t.dtype.name)
    yield exact("its sums", 60000.0, float(t.sum()))


@NOTEBOOK.row("G.1", "E", "the example of micrograd's README")
def micrograd(session: Session) -> Iterator[Claim]:
    """Compute g and its gradients."""
    a, b = Tensor(-4.0, requires_grad=True), Tensor(2.0, requires_grad=True)
    c = a + b
    d = a * b + b**3
    c = c + c + 1
    c = c + 1 + c + (-a)
    d = d + d * 2 + (b + a).relu()
    d = d + 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g = g + 10.0 / f
    g.backward()
    yield near("g", 24.7041, g.item(), within=5e-5)
    for name, leaf, right in (("dg/da", a, 138.8338), ("dg/db", b, 645.5773)):
        yield near(name, right, np.nan if leaf.grad is None else leaf.grad.item(), within=5e-5)


@NOTEBOOK.row("G.2", "E", "second derivative of x**4 - 2 x**2 at 2 (DeZero, steps 29 and 36)")
def dezero(session: Session) -> Iterator[Claim]:
    """Differentiate twice."""
    yield exact("44", 44.0, float(hessian(lambda x: x**4 - 2 * x**2)(2.0).numpy()))


@NOTEBOOK.row("G.3", "E", "gradient of Rosenbrock's function at (0, 2)")
def rosenbrock(session: Session) -> Iterator[Claim]:
    """Differentiate 100 (y - x**2)**2 + (x - 1)**2."""
    found = grad(lambda p: 100 * (p[1] - p[0] ** 2) ** 2 + (p[0] - 1) ** 2)(np.array([0.0, 2.0]))
    yield exact("gradient", [-2.0, 400.0], found.numpy())
