"""Notebook `losses`: losses, numerical derivatives, descent, and one step by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from gradatim import book, check
from gradatim.autograd import Parameter
from gradatim.functions import cross_entropy, nll, softmax, sse
from gradatim.nn import MLP, Module
from gradatim.notebooks import original
from gradatim.notebooks.claim import Claim, Notebook, below, between, exact, near
from gradatim.notebooks.session import Session
from gradatim.notebooks.step import (
    capped_cross_entropy,
    numerical_step,
    one_step,
    sigmoid_network,
)
from gradatim.optim import SGD
from gradatim.train import Doctor, Trainer
from gradatim.types import Array

NOTEBOOK = Notebook("losses", "losses, numerical derivatives, descent, one step of a network")

Y = np.array([0, 0, 1, 0, 0, 0, 0, 0, 0, 0])
Y_PRED = np.array([0.1, 0.05, 0.6, 0, 0.05, 0.1, 0, 0.1, 0, 0])
POINTS = ([3.0, 4.0], [8.0, 10.0], [-5.0, -3.0])
START = (-3.0, 4.0)


def squares(x: Array) -> Any:
    """Return the sum of squares, the notebook's ``function_2``."""
    return np.sum(x**2)


@NOTEBOOK.row(
    "2.1",
    "E",
    "sum of squared errors, without and with one half",
    why="The notebook leaves the book's one half out. gd.sse(half=True) has it.",
)
def squared_errors(session: Session) -> Iterator[Claim]:
    """Compare both."""
    yield exact("sse", 0.19500000000000006, sse(Y_PRED, Y.astype(float)).item())
    yield exact("sse with one half", 0.09750000000000003, sse(Y_PRED, Y * 1.0, half=True).item())
    yield exact("book.sse", 0.19500000000000006, float(book.sse(Y_PRED, Y)))


@NOTEBOOK.row(
    "2.2",
    "E",
    "cross-entropy of 0.6, exact and with the notebook's 1e-7",
    why="1e-7 keeps log(0) finite, but the loss is then no longer that of the gradient y - t.",
)
def entropy(session: Session) -> Iterator[Claim]:
    """Take the logarithm of the probability, or of a little more."""
    with np.errstate(divide="ignore"):
        ours = nll(np.log(Y_PRED), Y.astype(float)).item()
    yield exact("exact, -ln 0.6", 0.5108256237659907, ours)
    theirs = float(original.cross_entropy(Y, Y_PRED))
    yield exact("with 1e-7, as printed", 0.510825457099338, theirs)
    printed = Y * np.log(Y_PRED + 1e-7)
    yield exact("the printed vector at 2", "-0.51082546", f"{printed[2]:.8f}")


@NOTEBOOK.row(
    "2.3",
    "T",
    "one-hot, labels, one sample, one int: one loss",
    why="The notebook's two functions have one name; y.reshape fails where a label is an int.",
)
def target_kinds(session: Session) -> Iterator[Claim]:
    """Write the same target in four ways."""
    rng = np.random.default_rng(0)
    z, labels = rng.standard_normal((7, 10)), rng.integers(0, 10, 7)
    with_labels = cross_entropy(z, labels).item()
    one_hot = cross_entropy(z, np.eye(10)[labels]).item()
    yield near("mini-batch, one-hot against labels", one_hot, with_labels, within=1e-15)
    batch = cross_entropy(z[:1], labels[:1]).item()
    alone = cross_entropy(z[0], int(labels[0])).item()
    yield near("a sample with an int against a batch of one", batch, alone, within=1e-15)
    single = cross_entropy(z[0], np.eye(10)[labels[0]]).item()
    yield near("a sample, one-hot, against a batch of one", batch, single, within=1e-15)
    y = book.softmax(z)
    books = [float(book.cross_entropy_error(y, t)) for t in (labels, np.eye(10)[labels])]
    yield near(
        "book.cross_entropy_error, labels and one-hot", [with_labels] * 2, books, within=1e-15
    )
    alone = float(book.cross_entropy_error(y[0], int(labels[0])))
    theirs = raised(lambda: original.cross_entropy_labels(int(labels[0]), y[0]))
    yield near("book.cross_entropy_error of an int", batch, alone, within=1e-15, notebook=theirs)


def raised(call: Callable[[], Any]) -> str:
    """Return which error a call ends with."""
    try:
        call()
    except Exception as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"
    return "no error"


@NOTEBOOK.row("2.4", "E", "numerical derivative of x0**2 + 16 at 3, and of 9 + x1**2 at 4")
def derivatives(session: Session) -> Iterator[Claim]:
    """Take central differences with h = 1e-4."""
    for name, diff in (("", check.numerical_diff), ("book: ", book.numerical_diff)):
        yield exact(
            f"{name}slope of x0**2 + 16", 6.00000000000378, diff(lambda x: x * x + 4.0**2, 3.0)
        )
        yield exact(
            f"{name}slope of 9 + x1**2", 7.999999999999119, diff(lambda x: 3.0**2 + x * x, 4.0)
        )


@NOTEBOOK.row(
    "2.5",
    "B",
    "gradient of x0**2 + x1**2",
    why="`return` stands inside the loop, so only the first partial derivative is taken.",
)
def gradients(session: Session) -> Iterator[Claim]:
    """Take every partial derivative."""
    expected = (
        [6.00000000000378, 7.999999999999119],
        [15.99999999996271, 19.99999999995339],
        [-9.999999999976694, -5.9999999999860165],
    )
    for point, right in zip(POINTS, expected):
        ours = check.numerical_gradient(squares, point)
        theirs = original.numerical_gradient(squares, np.array(point))
        yield exact(f"at {point}", right, ours, theirs)
        books = book.numerical_gradient(squares, np.array(point))
        yield exact(f"book.numerical_gradient at {point}", right, books)


@NOTEBOOK.row(
    "2.6",
    "B",
    "descent from (-3, 4), rate 0.1, 100 steps",
    why="The same `return`: the second number is never moved.",
)
def descent(session: Session) -> Iterator[Claim]:
    """Go down both ways."""
    right = [-6.111107928998789e-10, 8.148143905314271e-10]
    theirs = original.gradient_descent(squares, np.array(START), lr=0.1)
    found = book.gradient_descent(squares, np.array(START), lr=0.1, step_num=100)
    yield near("(x0, x1)", right, found, 0, relative=1e-9, notebook=theirs)
    powers = np.array(START) * 0.8**100
    yield exact("0.8**100 of the start", [-6.111107929003493e-10, 8.14814390533799e-10], powers)
    yield near("against 0.8**100 of the start", powers, found, 0, relative=1e-11)


@NOTEBOOK.row(
    "2.7",
    "N",
    "descent with a rate too high and one too low",
    why="Beyond a rate of 1 each step of x**2 lands farther away than it began. What the first one "
    "ends at is rounding magnified, so only its size is compared.",
)
def rates(session: Session) -> Iterator[Claim]:
    """Take the rates 10 and 1e-10."""
    high = book.gradient_descent(squares, np.array(START), lr=10.0, step_num=100)
    sizes = [2.5898374737328363e13, 1.2952486168965398e12]
    yield near("rate 10: sizes", sizes, np.abs(high), 0, relative=1e-3)
    low = book.gradient_descent(squares, np.array(START), lr=1e-10, step_num=100)
    right = [-2.999999939999995, 3.9999999199999934]
    yield near("rate 1e-10", right, low, within=1e-12)
    for rate, name in ((10.0, "learning rate too high"), (1e-10, "learning rate too low")):
        yield exact(f"rate {rate:g}: the Doctor names", [name], diagnosis(rate))
    yield exact("rate 0.1: the Doctor names", [], diagnosis(0.1))


class Point(Module):
    """A model that is a position, whatever its input."""

    def __init__(self) -> None:
        self.position = Parameter(np.array(START))

    def forward(self, x: Any) -> Any:
        """Return the position for each sample of ``x``."""
        return x * self.position


def diagnosis(rate: float) -> list[str]:
    """Return what the Doctor finds in a descent over ``x**2 + y**2``.

    Parameters
    ----------
    rate : float
        Learning rate.

    Returns
    -------
    list of str
        Names of the findings; none for a rate that suits.

    Examples
    --------
    >>> diagnosis(0.1)
    []
    """
    model, doctor = Point(), Doctor()

    def height(position: Any, _: Any) -> Any:
        return (position**2).sum()

    trainer = Trainer(model, height, SGD(model, lr=rate), callbacks=[doctor], progress="none")
    trainer.fit((np.ones((1, 2)), np.zeros((1, 2))), steps=100, batch_size=1, evaluate_every=10)
    return [finding.name for finding in doctor.findings]


@NOTEBOOK.row(
    "2.8",
    "B",
    "gradient at integers",
    why="x + h is written back into an array of integers, which cuts it off; ours are float64.",
)
def integers(session: Session) -> Iterator[Claim]:
    """Hand in [3, 4] without a decimal point."""
    theirs = original.numerical_gradient_in_place(squares, np.array([3, 4]))
    for name, function in GRADIENTS.items():
        found = function(squares, np.array([3, 4]))
        yield near(f"{name} at [3, 4]", [6, 8], found, within=1e-9, notebook=theirs)


@NOTEBOOK.row(
    "2.9",
    "B",
    "gradient at float32",
    why="float32 has 7 digits, of which the division by 2h leaves 3; ours computes in float64.",
)
def single(session: Session) -> Iterator[Claim]:
    """Hand in float32."""
    x = np.array([3, 4], np.float32)
    theirs = original.numerical_gradient_in_place(squares, x.copy())
    for name, function in GRADIENTS.items():
        yield near(f"{name}", [6, 8], function(squares, x), within=1e-9, notebook=theirs)


@NOTEBOOK.row(
    "2.10",
    "B",
    "who owns the array",
    why="x is written in place: descent moves the caller's start, and an error in f leaves x "
    "moved.",
)
def ownership(session: Session) -> Iterator[Claim]:
    """Look at the caller's array afterwards."""
    mine, theirs = np.array(START), np.array(START)
    book.gradient_descent(squares, mine, lr=0.1, step_num=3)
    original.gradient_descent(squares, theirs, lr=0.1, step_num=3)
    yield exact("start after descent", list(START), mine, theirs)
    for name, function in GRADIENTS.items():
        mine, theirs = np.array([3.0, 4.0]), np.array([3.0, 4.0])
        raised(lambda: function(failing(2), mine))  # noqa: B023
        raised(lambda: original.numerical_gradient_in_place(failing(2), theirs))  # noqa: B023
        yield exact(f"x after an error in f, {name}", [3.0, 4.0], mine, theirs)


GRADIENTS: dict[str, Callable[..., Any]] = {
    "gd.check.numerical_gradient": check.numerical_gradient,
    "book.numerical_gradient": book.numerical_gradient,
}


def failing(calls: int) -> Callable[[Array], Any]:
    """Return the sum of squares as a function that fails at some call."""
    seen = iter(range(1, calls + 1))

    def f(x: Array) -> Any:
        if next(seen) == calls:
            raise ArithmeticError("out of range")
        return squares(x)

    return f


@NOTEBOOK.row(
    "2.11",
    "B",
    "two functions named cross_entropy, with (y, y_pred) where the book has (y, t)",
    why="The later definition replaces the earlier one, which then takes one-hot targets as indices"
    " of 0 and 1 without complaint. gd.cross_entropy(logits, target) looks at dtype and shape.",
)
def one_name(session: Session) -> Iterator[Claim]:
    """Hand one-hot targets to whatever the name stands for."""
    t = np.array([[0, 0, 1], [0, 1, 0]])
    y = np.array([[0.1, 0.2, 0.7], [0.3, 0.5, 0.2]])
    right = -(np.log(0.7) + np.log(0.5)) / 2
    theirs = raised(lambda: original.cross_entropy_labels(t, y))
    ours = cross_entropy(np.log(y), t.astype(float)).item()
    yield near("one-hot targets", right, ours, within=1e-15, notebook=theirs)
    yield near("book, (y, t)", right, float(book.cross_entropy_error(y, t)), within=1e-15)


@NOTEBOOK.row("2.12", "T", "softmax and sigmoid")
def activations(session: Session) -> Iterator[Claim]:
    """Compare the form through the transpose with that along an axis."""
    z = np.random.default_rng(0).standard_normal((5, 4)) * 10
    theirs = original.softmax_rows(z)
    for name, found in (("gd", softmax(z, axis=-1).numpy()), ("book", book.softmax(z))):
        gap = float(np.abs(found - theirs).max())
        yield below(f"{name}.softmax against the transpose", 1e-15, gap)
    right = [0.09003057317038046, 0.24472847105479764, 0.6652409557748218]
    for name, found in (
        ("gd", softmax([1000.0, 1001.0, 1002.0]).numpy()),
        ("book", book.softmax(np.array([1000.0, 1001.0, 1002.0]))),
    ):
        yield near(f"{name}.softmax([1000, 1001, 1002])", right, found, within=1e-15)
    x = np.array([-1000.0, -1.0, 0.0, 1.0, 1000.0])
    right = [0.0, 1 / (1 + np.e), 0.5, 1 / (1 + np.exp(-1.0)), 1.0]
    with np.errstate(all="raise", under="ignore"):
        yield near(
            "sigmoid(-1000 ... 1000), without overflow", right, book.sigmoid(x), within=1e-15
        )


@NOTEBOOK.row(
    "2.13",
    "S",
    "one numerical step of 784-50-10 with sigmoids, rate 0.1, batch of 100",
    why="The notebook came from 7.7230 to 7.2065. Its 1e-7 caps a sample's loss at 16.1, so that "
    "loss falls by less than the gradient y - t promises; the exact loss keeps to it.",
)
def by_hand(session: Session) -> Iterator[Claim]:
    """Make one step by central differences, and twenty by backprop."""
    step, gap = numerical_step(0, session.digits, 0.1, session.tell)
    yield below("numerical gradient against backprop", 1e-7, gap)
    yield between("numerical step: loss before", 5.38, 10.46, step.before)
    yield between("numerical step: drop", 0.20, 1.28, step.drop)
    steps = [one_step(s, session.digits, 0.1, capped_cross_entropy) for s in range(20)]
    yield between("20 seeds: loss before", 5.38, 10.46, [s.before for s in steps])
    yield near("20 seeds: mean before", 7.67, np.mean([s.before for s in steps]), within=0.01)
    yield between("20 seeds: drop", 0.20, 1.29, [s.drop for s in steps])
    yield near("20 seeds: mean drop", 0.66, np.mean([s.drop for s in steps]), within=0.01)
    yield near(
        "drop / (rate |g|**2) with 1e-7", 0.86, np.mean([s.kept for s in steps]), within=0.02
    )
    for rate, low, high in ((1e-3, 0.9990, 0.9998), (1e-2, 0.990, 0.998), (0.1, 0.90, 0.98)):
        kept = [one_step(s, session.digits, rate).kept for s in range(20)]
        yield between(f"drop / (rate |g|**2), exact loss, rate {rate:g}", low, high, kept)


@NOTEBOOK.row(
    "2.14",
    "B",
    "a loss that looks at global names",
    why="loss_func(W) ignores W and reads global arrays; the numerical gradient only works because "
    "it writes into them, and predict unpacks exactly two layers. Ours moves a copy.",
)
def pure(session: Session) -> Iterator[Claim]:
    """Take the gradient of a function of a tree of parameters, of three layers."""
    rng = np.random.default_rng(0)
    params: dict[str, Any] = {
        "w": [rng.standard_normal((3, 3)) for _ in range(3)],
        "b": rng.standard_normal(3),
    }
    x, t = rng.standard_normal((4, 3)), np.array([0, 1, 2, 1])

    def ignoring(p: Any) -> float:
        return loss(params)

    def loss(p: Any) -> float:
        a = x
        for w in p["w"]:
            a = np.tanh(a @ w + p["b"])
        return cross_entropy(a, t).item()

    found = check.numerical_gradient(loss, params)
    sizes = [float(np.abs(g).max()) > 1e-3 for g in [*found["w"], found["b"]]]
    yield exact("a gradient for each of three layers", [True] * 4, sizes)
    nothing = check.numerical_gradient(ignoring, params)
    yield exact(
        "of a function that ignores its argument",
        0.0,
        float(np.abs(nothing["b"]).max()),
        _through_alias(ignoring, params["b"]),
    )
    model = MLP([3, 5, 4, 3], "tanh", dtype=np.float64, rng=0)
    result = check.gradient(model, x, t, loss=cross_entropy)
    yield exact("backprop of three layers is", "right", "right" if result.passed else "wrong")


def _through_alias(f: Callable[[Any], Any], x: Array) -> float:
    """Largest slope that the notebook finds by writing into an array which f looks at."""
    return float(np.abs(original.numerical_gradient_in_place(f, x)).max())


@NOTEBOOK.row(
    "2.15",
    "N",
    "six steps of learning, and why accuracy is no loss",
    why="Accuracy is piecewise constant: moving a weight a little changes no answer, so its "
    "gradient is 0 almost everywhere and tells nothing.",
)
def story(session: Session) -> Iterator[Claim]:
    """Go down the gradient of the loss, and look at that of the accuracy."""
    model, x, t = sigmoid_network(0, session.digits)
    w1, b1, *last = [p.numpy() for p in model.parameters()]
    hidden = book.sigmoid(x @ w1 + b1)
    flat = check.numerical_gradient(lambda p: -accuracy_of(hidden, p, t), last)
    slope = check.numerical_gradient(lambda p: cross_entropy(hidden @ p[0] + p[1], t).item(), last)
    share = [float(np.mean(np.concatenate([g.ravel() for g in gs]) == 0)) for gs in (flat, slope)]
    yield exact("of 510 slopes of the accuracy, share that is 0", 1.0, share[0])
    yield exact("of 510 slopes of the loss, share that is 0", 0.0, share[1])
    before = cross_entropy(hidden @ last[0] + last[1], t).item()
    moved = [p - 0.1 * g for p, g in zip(last, slope)]
    after = cross_entropy(hidden @ moved[0] + moved[1], t).item()
    yield between("loss after one step / before", 0.5, 0.99, after / before)


def accuracy_of(hidden: Array, last: list[Array], t: Array) -> float:
    """Return the share of right answers of a last layer."""
    return float(np.mean((hidden @ last[0] + last[1]).argmax(axis=1) == t))
