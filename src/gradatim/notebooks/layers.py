"""Notebook `layers`: Affine, SoftmaxWithLoss, the gradient check and learning."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from gradatim import book, check
from gradatim.autograd import grad
from gradatim.errors import ShapeError
from gradatim.functions import cross_entropy
from gradatim.nn import Linear
from gradatim.notebooks import original
from gradatim.notebooks.apples import BANDS, NAMES
from gradatim.notebooks.claim import Claim, Notebook, below, between, exact, near
from gradatim.notebooks.figure import figure
from gradatim.notebooks.session import Session
from gradatim.types import Array

NOTEBOOK = Notebook("layers", "Affine and SoftmaxWithLoss, their check, learning by backprop")


@NOTEBOOK.row(
    "3.1",
    "N",
    "four figures: Affine, its mini-batch, the whole network, SoftmaxWithLoss",
    why="Each is drawn by one call from code that runs, with values above and gradients below: "
    "gradatim draw affine, batch, layers, softmax.",
)
def figures(session: Session) -> Iterator[Claim]:
    """Draw them, and look at shapes and gradients."""
    for title, name, shapes in _FIGURES:
        drawing = figure(name)
        quantities = {each.name: each for each in drawing.picture.quantities if each.name}
        yield exact(f"{title}: shapes", shapes, [quantities[each].shape for each in _NAMES[name]])
        lacking = [each.name for each in quantities.values() if each.wanted and not each.gradient]
        yield exact(f"{title}: values without a gradient", [], lacking)
        yield exact(f"{title}: drawn", True, drawing.svg().startswith("<svg"))


_NAMES = {
    "affine": ("x", "W", "b", "out"),
    "batch": ("X", "W", "b", "out"),
    "layers": ("x", "loss"),
    "softmax": ("a", "y", "t", "L"),
}
_FIGURES = (
    ("affine-graph", "affine", [(1, 2), (2, 3), (3,), (1, 3)]),
    ("affine-graph2, N = 3", "batch", [(3, 2), (2, 3), (3,), (3, 3)]),
    ("output-neuron-backpropagation", "layers", [(3, 784), ()]),
    ("softmax-with-loss-graph", "softmax", [(3,), (3,), (3,), ()]),
)


@NOTEBOOK.row("3.2", "T", "Affine: dx = dout Wᵀ, dW = xᵀ dout, db = sum of dout; Relu and Sigmoid")
def affine(session: Session) -> Iterator[Claim]:
    """Compare the layer with differences and with the formulas."""
    rng = np.random.default_rng(0)
    x, w, b, dout = (rng.standard_normal(s) for s in ((4, 3), (3, 5), (5,), (4, 5)))
    layer = book.Affine(w, b)
    layer.forward(x)
    dx = layer.backward(dout)
    formulas = {"dx": dout @ w.T, "dW": x.T @ dout, "db": dout.sum(axis=0)}
    found = {"dx": dx, "dW": layer.dW, "db": layer.db}
    slopes = check.numerical_gradient(lambda p: ((p[0] @ p[1] + p[2]) * dout).sum(), [x, w, b])
    for (name, right), numerical in zip(formulas.items(), slopes):
        yield below(f"{name} against the formula", 1e-12, _gap(found[name], right))
        yield below(f"{name} against differences", 1e-9, _gap(found[name], numerical))
    linear = Linear(3, 5, dtype=np.float64, rng=0)
    result = check.gradient(linear, x, wrt="all")
    yield exact("nn.Linear by gradient check", "right", "right" if result.passed else "wrong")
    yield from _activations(rng.standard_normal((4, 3)), rng.standard_normal((4, 3)))


def _activations(x: Array, dout: Array) -> Iterator[Claim]:
    """Compare Relu and Sigmoid with their formulas, and see that they write into nothing."""
    s = 1 / (1 + np.exp(-x))
    cases: tuple[tuple[type[book.Relu | book.Sigmoid], Array], ...] = (
        (book.Relu, dout * (x > 0)),
        (book.Sigmoid, dout * s * (1 - s)),
    )
    for kind, right in cases:
        layer, given, pulled = kind(), x.copy(), dout.copy()
        layer.forward(given)
        dx = layer.backward(pulled)
        yield below(f"{kind.__name__}: dx against the formula", 1e-15, _gap(dx, right))
        stay = np.array_equal(given, x) and np.array_equal(pulled, dout)
        yield exact(f"{kind.__name__}: x and dout unchanged", True, stay)


@NOTEBOOK.row(
    "3.3",
    "T",
    "gradient check of 784-50-10: mean difference",
    why="The notebook printed W1 2.585e-13, b1 1.178e-12, b2 1.199e-10, W2 8.689e-13.",
)
def gradient_check(session: Session) -> Iterator[Claim]:
    """Look at the check of 4.6: the notebooks make the same one."""
    found = session.gradient_check(0)
    for path, name in NAMES.items():
        yield between(name, *BANDS[name], found[path].mean)


@NOTEBOOK.row(
    "3.4",
    "S",
    "learning: 17 pairs of accuracies",
    why="The notebook's last pair was .9802 and .9678, after 9,601 updates.",
)
def learning(session: Session) -> Iterator[Claim]:
    """Look at the training that all notebooks share."""
    seed = 1 if session.full else 0
    scores = session.golden(seed).scores
    yield exact("training images", 60000, len(session.digits.x))
    yield between("first pair", 0.05, 0.20, scores[0])
    if session.full:
        yield exact("pairs", 17, len([i for i in scores if i % 600 == 0]))
        yield between("last train accuracy", 0.977, 0.981, scores[9600][0])
        yield between("last test accuracy", 0.966, 0.973, scores[9600][1])
    else:
        yield between("second pair", 0.895, 0.914, scores[600])


@NOTEBOOK.row(
    "3.5",
    "B",
    "SoftmaxWithLoss with labels instead of one-hot targets",
    why="y - t of (10, 10) and (10,) broadcasts when the batch has as many samples as there are "
    "classes: no error, and a wrong gradient. Labels are understood here, other shapes refused.",
)
def labels(session: Session) -> Iterator[Claim]:
    """Hand in a batch of ten labels."""
    rng = np.random.default_rng(0)
    z, t = rng.standard_normal((10, 10)), np.arange(10)[::-1].copy()
    right = (original.softmax_rows(z) - np.eye(10)[t]) / 10
    theirs = original.SoftmaxWithLoss()
    theirs.forward(z, t)
    wrong = _gap(theirs.backward(), right)
    ours = book.SoftmaxWithLoss()
    ours.forward(z, t)
    gap = _gap(ours.backward(), right)
    yield below("book, labels: difference from (y - t) / N", 1e-15, gap, notebook=wrong)
    leaf = _gradient(lambda x: cross_entropy(x, t), z)
    yield below("gd.cross_entropy, labels: the same", 1e-15, _gap(leaf, right))
    for name, call in (
        ("book", lambda: book.SoftmaxWithLoss().forward(z, np.zeros((5, 2)))),
        ("gd.cross_entropy", lambda: cross_entropy(z, np.zeros((5, 2)))),
    ):
        yield exact(f"{name}, a target of (5, 2)", "ShapeError", _error(call))


@NOTEBOOK.row(
    "3.6",
    "B",
    "a loss that is scaled by 2",
    why="backward takes dout and does not use it: a scaled loss gets the gradient of an unscaled.",
)
def scaled(session: Session) -> Iterator[Claim]:
    """Go back from 2 instead of 1."""
    z, t = np.random.default_rng(0).standard_normal((4, 10)), np.array([3, 1, 4, 1])
    ratios = []
    for layer in (original.SoftmaxWithLoss(), book.SoftmaxWithLoss()):
        layer.forward(z, np.eye(10)[t])
        once = layer.backward(1)
        layer.forward(z, np.eye(10)[t])
        ratios.append(float((layer.backward(2) / once).mean()))
    yield near("book: gradient from dout = 2 / from 1", 2, ratios[1], 1e-14, notebook=ratios[0])
    once = _gradient(lambda x: cross_entropy(x, t), z)
    twice = _gradient(lambda x: 2 * cross_entropy(x, t), z)
    yield near("Tensors: the same", 2, float((twice / once).mean()), within=1e-14)


@NOTEBOOK.row(
    "3.7",
    "B",
    "the loss of a sure and wrong answer",
    why="Softmax rounds to 0 and log(0) is minus infinity. log-softmax never forms that 0.",
)
def sure(session: Session) -> Iterator[Claim]:
    """Ask for class 1 at the logits (1000, 0)."""
    z, t = np.array([[1000.0, 0.0]]), np.array([1])
    with np.errstate(divide="ignore"):
        theirs = original.SoftmaxWithLoss().forward(z, np.eye(2)[t])
    yield exact("gd.cross_entropy", 1000.0, cross_entropy(z, t).item(), notebook=theirs)
    layer = book.SoftmaxWithLoss()
    yield exact("book.SoftmaxWithLoss", 1000.0, float(layer.forward(z, t)), notebook=theirs)
    yield exact("its gradient", [[1.0, -1.0]], layer.backward())
    yield exact("gradient by Tensors", [[1.0, -1.0]], _gradient(lambda x: cross_entropy(x, t), z))
    extremes = [cross_entropy([[a, -a]], [k]).item() for a in (1e4, -1e4) for k in (0, 1)]
    yield exact("logits of ±10,000", [0.0, 20000.0, 20000.0, 0.0], extremes)


@NOTEBOOK.row(
    "3.8",
    "B",
    "attributes that are declared and not used, or used and not declared",
    why="SoftmaxWithLoss declares x and uses t. Nothing to compute; ours has no attribute x.",
)
def attributes(session: Session) -> Iterator[Claim]:
    """Look for what nobody uses."""
    layer = book.SoftmaxWithLoss()
    yield exact("SoftmaxWithLoss has an unused x", False, hasattr(layer, "x"))


def _gradient(f: Callable[[Any], Any], x: Array) -> Array:
    return np.asarray(grad(f)(x).numpy())


def _gap(a: Any, b: Any) -> float:
    return float(np.abs(np.asarray(a) - np.asarray(b)).max())


def _error(call: Callable[[], Any]) -> str:
    try:
        call()
    except ShapeError:
        return "ShapeError"
    return "no error"
