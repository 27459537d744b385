"""Notebook `mlp`, its second half: networks of any depth, trained by hand."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from gradatim import book, check
from gradatim.autograd import value_and_grad
from gradatim.functions import cross_entropy, softmax
from gradatim.functions import relu as rectify
from gradatim.nn import MLP, per_sample_gradients
from gradatim.notebooks import original
from gradatim.notebooks.batches import NOTEBOOK
from gradatim.notebooks.claim import Claim, below, between, exact, near
from gradatim.notebooks.recipe import Result
from gradatim.notebooks.session import Session
from gradatim.optim import SGD
from gradatim.types import Array


@NOTEBOOK.row(
    "1.6",
    "B",
    "the activation that is asked for",
    why="The constructor assigns ReLU whatever its argument says.",
)
def activation(session: Session) -> Iterator[Claim]:
    """Ask for sigmoid."""
    theirs = original.Network([2, 3, 6, 4, 10, 10], activation_function=book.sigmoid)
    theirs_is = theirs.activation_function is book.sigmoid
    ours = book.MLP_Network([2, 3, 6, 4, 10, 10], activation_function=book.sigmoid)
    yield exact(
        "book.MLP_Network uses it", True, ours.activation_function is book.sigmoid, theirs_is
    )
    x = np.random.default_rng(0).standard_normal((50, 2)) * 10
    model = MLP([2, 3, 6, 4, 10, 10], "sigmoid", init="normal:1", dtype=np.float64, rng=0)
    before_last = x
    for layer in list(model)[:-1]:
        before_last = layer(before_last)
    values = before_last.numpy()  # type: ignore[attr-defined]
    yield exact(
        "nn.MLP: all in (0, 1) before the last", True, bool(((values > 0) & (values < 1)).all())
    )
    yield exact("some differ from those of relu", True, bool((values % 1 != 0).any()))


@NOTEBOOK.row("1.7", "E", "2-3-6-4-10-10, forward")
def forward(session: Session) -> Iterator[Claim]:
    """Give it one sample and several."""
    sizes = [2, 3, 6, 4, 10, 10]
    rng = np.random.default_rng(0)
    model = MLP(sizes, "sigmoid", "softmax", init="normal:1", dtype=np.float64, rng=0)
    network = book.MLP_Network(sizes, book.sigmoid, book.softmax)
    for name, function in (("nn.MLP", lambda x: model(x).numpy()), ("book", network.forward)):
        one, many = function(rng.standard_normal(2)), function(rng.standard_normal((5, 2)))
        yield exact(f"{name}: shapes of (2,) and (5, 2)", [(10,), (5, 10)], [one.shape, many.shape])
        sums = [float(one.sum()), *many.sum(axis=1).tolist()]
        yield near(f"{name}: sums of softmax", [1.0] * 6, sums, within=1e-15)


@NOTEBOOK.row(
    "1.8",
    "B",
    "softmax of a batch, and of 1000",
    why="Maximum and sum are those of the whole array, so two rows share one 1. softmax_temp "
    "overflows.",
)
def by_row(session: Session) -> Iterator[Claim]:
    """Sum rows, and go far out."""
    z = np.zeros((2, 3))
    wrong = original.softmax(z).sum(axis=1)
    far = np.array([1000.0, 0.0])
    functions: dict[str, Callable[[Array], Array]] = {
        "book": book.softmax,
        "gd": lambda a: np.asarray(softmax(a).numpy()),
    }
    for name, function in functions.items():
        sums = function(z).sum(axis=1)
        yield near(f"{name}.softmax: sums of two rows", [1, 1], sums, within=1e-15, notebook=wrong)
        temp = original.softmax_temp(far)
        yield exact(f"{name}.softmax([1000, 0])", [1.0, 0.0], function(far), notebook=temp)


@NOTEBOOK.row(
    "1.9",
    "B",
    "the loss of the notebook's own network",
    why="-y log(yhat) is 0 * log(0) = NaN where a class has probability 0, and so is the sum. "
    "Zeros of the target take no part here.",
)
def finite(session: Session) -> Iterator[Claim]:
    """Compute the loss of 784-512-10 with N(0, 1) weights."""
    y, sure = np.array([0.0, 1.0]), np.array([0.0, 1.0])
    wrong = float(original.cross_entropy_loss(y, sure))
    yield exact(
        "of (0, 1) and target (0, 1)", 0.0, abs(float(book.cross_entropy_loss(y, sure))), wrong
    )
    drawn = np.random.RandomState(0)
    b1, b2 = drawn.randn(512), drawn.randn(10)
    w1, w2 = drawn.randn(512, 784), drawn.randn(10, 512)
    x, t = session.digits.x_test[:1000].astype(float), session.digits.t_test[:1000]
    z = np.maximum(x @ w1.T + b1, 0) @ w2.T + b2
    ours = cross_entropy(z, t).item()
    theirs = np.mean(
        [original.cross_entropy_loss(np.eye(10)[k], original.softmax(row)) for row, k in zip(z, t)]
    )
    yield between("initial loss, 1,000 digits", 150, 450, ours, notebook=float(theirs))


@NOTEBOOK.row(
    "1.10",
    "B",
    "relu of a negative number and of minus infinity",
    why="x * (x > 0) gives -0.0 and, of minus infinity times 0, NaN.",
)
def relu(session: Session) -> Iterator[Claim]:
    """Look at signs."""
    x = np.array([-1.0, -np.inf])
    for name, function in (("book.ReLU", book.ReLU), ("gd.relu", gd_relu)):
        found, wrong = function(x), original.relu(x)
        yield exact(f"{name}(-1, -inf)", "[0.0, 0.0]", str(found.tolist()), str(wrong.tolist()))


def gd_relu(x: Array) -> Array:
    """Return gd.relu as an array."""
    return np.asarray(rectify(x).numpy())


@NOTEBOOK.row(
    "1.11",
    "B",
    "names that do not exist, and sums that change places",
    why="eye, mini_batch, training_data and self.backprop are nowhere defined; self.weigths makes "
    "a new attribute; np.int is gone. The sums of weights and biases are exchanged, which raises "
    "for 784-512-10 and silently broadcasts where layers are square.",
)
def slips(session: Session) -> Iterator[Claim]:
    """Update square layers, and misspell an attribute."""
    rng = np.random.default_rng(0)
    w, b = [rng.standard_normal((3, 3))], [rng.standard_normal(3)]
    gw, gb = [rng.standard_normal((3, 3))], [rng.standard_normal(3)]
    swapped = original.update_swapped(w, b, gw, gb, 0.1)
    wrong = np.shape(swapped[1][0])
    model = MLP([3, 3], dtype=np.float64, rng=0)
    x, t = rng.standard_normal((4, 3)), np.array([0, 1, 2, 0])
    cross_entropy(model(x), t).backward()
    SGD(model, lr=0.1).step()
    shapes = [p.shape for p in model.parameters()]
    yield exact("shape of a bias after an update", (3,), shapes[1], notebook=wrong)
    network = book.MLP_Network([4, 4, 4])
    before = [each.copy() for each in [*network.weights, *network.biases]]
    batch = [(rng.random(4), 1), (rng.random(4), 3)]
    sums_b, sums_w = network.grad_batch(batch)
    network.update_batch(batch, 0.5)
    right = [p - 0.25 * g for p, g in zip(before, [*sums_w, *sums_b])]
    gap = max(_gap(a, b) for a, b in zip(right, [*network.weights, *network.biases]))
    yield below("book.MLP_Network: w - λ/n Σg, square layers", 1e-15, gap)
    yield exact("a misspelt attribute of a module", "MisspeltAttributeWarning", _misspell(model))


def _misspell(model: MLP) -> str:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model[0].wieght = 1
    return ", ".join(warning.category.__name__ for warning in caught) or "nothing"


@NOTEBOOK.row(
    "1.12", "T", "backward of each sample: dz = a - y, dW = dz ⊗ a, dz = Wᵀ dz · 1[z > 0]"
)
def per_sample(session: Session) -> Iterator[Claim]:
    """Compare the batch with its samples, and both with differences."""
    rng = np.random.default_rng(0)
    x, t = rng.standard_normal((6, 4)), rng.integers(0, 3, 6)
    network = book.MLP_Network([4, 5, 3])
    model = MLP([4, 5, 3], dtype=np.float64, rng=0)
    parameters = list(model.parameters())
    theirs = [a for pair in zip(network.weights, network.biases) for a in pair]
    for parameter, value in zip(parameters, theirs):
        parameter.assign(value.T)
    _, whole = value_and_grad(lambda m: cross_entropy(m(x), t))(model)
    single = per_sample_gradients(model, cross_entropy, x, t)
    sums_b, sums_w = network.grad_batch(list(zip(x, t)))
    sums = [a for pair in zip(sums_w, sums_b) for a in pair]
    for (path, gradient), total in zip(whole.items(), sums):
        gap = _gap(single[path].mean(axis=0), gradient.numpy())
        yield below(f"{path}: mean of samples against batch", 1e-12, gap)
        yield below(f"{path}: the notebook's loop", 1e-12, _gap(total.T / 6, gradient.numpy()))
    result = check.gradient(model, x, t, loss=cross_entropy)
    yield below("against differences", 1e-7, max(row.max for row in result.rows))


@NOTEBOOK.row("1.13", "T", "update: w - (λ/n) Σg is SGD with rate λ of the mean loss")
def update(session: Session) -> Iterator[Claim]:
    """Make one update both ways."""
    rng = np.random.default_rng(0)
    x, t = rng.standard_normal((6, 4)), rng.integers(0, 3, 6)
    network = book.MLP_Network([4, 5, 3])
    model = MLP([4, 5, 3], dtype=np.float64, rng=0)
    theirs = [a for pair in zip(network.weights, network.biases) for a in pair]
    for parameter, value in zip(model.parameters(), theirs):
        parameter.assign(value.T)
    network.update_batch(list(zip(x, t)), 0.3)
    cross_entropy(model(x), t).backward()
    SGD(model, lr=0.3).step()
    theirs = [a for pair in zip(network.weights, network.biases) for a in pair]
    for (path, parameter), value in zip(model.named_parameters(), theirs):
        yield below(path, 1e-12, _gap(value.T, parameter.numpy()))


@NOTEBOOK.row(
    "1.14",
    "B",
    "dC/dz = a - y for which i?",
    why="The text says: for the i with y_i = 1. It holds for every i; where y_i = 0 it is a_i.",
)
def every_class(session: Session) -> Iterator[Claim]:
    """Compare the formula with differences at every class."""
    z, k = np.array([0.5, -1.0, 2.0, 0.1]), 2
    a = book.softmax(z)
    slopes = check.numerical_gradient(lambda p: cross_entropy(p, k).item(), z)
    wrong = np.where(np.arange(4) == k, a - 1, 0.0)
    yield near("dC/dz", a - np.eye(4)[k], slopes, within=1e-8, notebook=wrong)


@NOTEBOOK.row(
    "1.15",
    "S",
    "MLP_Network([784, 512, 10]).SGD(dataset, 3, 10, 1.0)",
    why="With N(0, 1) weights and a rate of 1 most hidden units die in the first steps and never "
    "come back. He weights and a rate of 0.1 reach 97.5 % within the same three epochs; in batches "
    "of ten the accuracy goes up and down by 0.3 %, so the end may lie below what was reached.",
)
def last_cell(session: Session) -> Iterator[Claim]:
    """Train as the notebook would, and as one should."""
    if session.full:
        yield from _whole(session)
        return
    failing = session.last_cell("normal:1", 1.0)
    yield between("1,000 steps as written: test accuracy", 0.2, 0.7, failing.accuracies[-1])
    yield between("as written: dead hidden units, of 512", 200, 512, failing.dead[-1])
    yield from _diagnosis(failing)
    recipe = session.last_cell(failing.advice["init"], failing.advice["lr"])
    yield between("1,000 steps by the recipe: test accuracy", 0.90, 0.96, recipe.accuracies[-1])
    yield between("by the recipe: dead hidden units", 0, 5, recipe.dead[-1])
    yield exact("by the recipe: the Doctor names", [], list(recipe.findings))


def _diagnosis(failing: Result) -> Iterator[Claim]:
    named = sorted(set(failing.findings))
    yield exact("as written: the Doctor names", ["dead units", "learning rate too high"], named)
    advice = {"init": "he", "lr": 0.1}
    yield exact("its recipe", str(advice), str(dict(sorted(failing.advice.items()))))


def _whole(session: Session) -> Iterator[Claim]:
    failing = session.last_cell("normal:1", 1.0, epochs=2)
    yield between("as written: test accuracy, one epoch", 0.45, 0.75, failing.accuracies[0])
    yield between("as written: dead hidden units, of 512", 350, 480, failing.dead[0])
    yield from _diagnosis(failing)
    yield between("as written: test accuracy, two epochs", 0.45, 0.75, failing.accuracies[1])
    he = session.last_cell("he", 1.0)
    yield between("He, rate 1: test accuracy, one epoch", 0.3, 0.75, he.accuracies[-1])
    yield between("He, rate 1: dead hidden units", 400, 512, he.dead[-1])
    slow = session.last_cell("normal:1", 0.1)
    yield between("N(0, 1), rate 0.1: test accuracy, one epoch", 0.90, 0.94, slow.accuracies[-1])
    recipe = session.last_cell(failing.advice["init"], failing.advice["lr"], epochs=3)
    yield between("by the recipe: reached in three epochs", 0.975, 0.985, max(recipe.accuracies))
    yield between("by the recipe: test accuracy at the end", 0.970, 0.985, recipe.accuracies[-1])
    yield exact("by the recipe: dead hidden units", 0, recipe.dead[-1])
    yield exact("by the recipe: the Doctor names", [], list(recipe.findings))


def _gap(a: Any, b: Any) -> float:
    return float(np.abs(np.asarray(a) - np.asarray(b)).max())
