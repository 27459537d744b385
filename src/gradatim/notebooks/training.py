"""Notebook `training`: the layers once more, and 784-50-10 trained on MNIST."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from gradatim import book, check
from gradatim.autograd import grad
from gradatim.data import Dataset, Loader
from gradatim.functions import cross_entropy
from gradatim.nn import MLP, per_sample_gradients
from gradatim.notebooks import original
from gradatim.notebooks.claim import Claim, Notebook, below, between, exact, near
from gradatim.notebooks.session import Session
from gradatim.optim import SGD
from gradatim.train import Trainer
from gradatim.train.plan import make_plan

NOTEBOOK = Notebook("training", "Relu, Affine, SoftmaxWithLoss; 784-50-10 trained on MNIST")

PRINTED = (2.30128645314626, 2.30111522163805, 2.30157364021705)
"""First loss line of ``np.random.seed`` 0, 1, 2."""

SCORES: dict[int, dict[int, tuple[float, float]]] = {
    0: {600: (0.905133, 0.9069), 9600: (0.978583, 0.9699), 9999: (0.978883, 0.9704)},
    1: {600: (0.904117, 0.9068), 9600: (0.979967, 0.9719), 9999: (0.9796, 0.9721)},
    2: {600: (0.90565, 0.9090), 9600: (0.9779, 0.9683), 9999: (0.979433, 0.9694)},
}
"""Accuracy on training and test images, by seed and step i."""


@NOTEBOOK.row("0.1", "T", "Relu and Sigmoid, backward")
def activations(session: Session) -> Iterator[Claim]:
    """Compare with differences, and go to the ends."""
    x = np.array([-2.0, -0.5, 0.3, 4.0])
    dout = np.array([1.0, -2.0, 3.0, 0.5])
    for layer in (book.Relu(), book.Sigmoid()):
        name = type(layer).__name__
        layer.forward(x)
        found = layer.backward(dout.copy())
        numerical = check.numerical_gradient(lambda p: (layer.forward(p) * dout).sum(), x)  # noqa: B023
        yield near(f"{name} against differences", numerical, found, within=1e-7)
    layer = book.Relu()
    layer.forward(np.zeros(1))
    yield exact("gradient of Relu at 0", [0.0], layer.backward(np.ones(1)))
    with np.errstate(all="raise", under="ignore"):
        ends = book.Sigmoid().forward(np.array([-1000.0, 1000.0]))
    yield exact("Sigmoid at -1000 and 1000, no overflow", [0.0, 1.0], ends)


@NOTEBOOK.row("0.2", "E", "Affine of a tensor: x (2, 3, 4), W (12, 5)")
def tensor_input(session: Session) -> Iterator[Claim]:
    """Look at the shapes."""
    rng = np.random.default_rng(0)
    layer = book.Affine(rng.standard_normal((12, 5)), np.zeros(5))
    x = rng.standard_normal((2, 3, 4))
    out = layer.forward(x)
    dx = layer.backward(np.ones((2, 5)))
    shapes = {"out": out, "dx": dx, "dW": layer.dW, "db": layer.db}
    for (name, array), right in zip(shapes.items(), ((2, 5), (2, 3, 4), (12, 5), (5,))):
        yield exact(name, right, np.shape(array))


@NOTEBOOK.row("0.3", "T", "SoftmaxWithLoss: one-hot targets and labels give (y - t) / N")
def both_branches(session: Session) -> Iterator[Claim]:
    """Take both branches."""
    rng = np.random.default_rng(0)
    z, t = rng.standard_normal((6, 10)), rng.integers(0, 10, 6)
    right = (book.softmax(z) - np.eye(10)[t]) / 6
    for name, target in (("one-hot", np.eye(10)[t]), ("labels", t)):
        layer = book.SoftmaxWithLoss()
        layer.forward(z, target)
        yield below(f"book, {name}", 1e-15, _gap(layer.backward(), right))
        found = grad(lambda x: cross_entropy(x, target))(z).numpy()  # noqa: B023
        yield below(f"gd.cross_entropy, {name}", 1e-15, _gap(found, right))


@NOTEBOOK.row("0.4", "S", "the first loss that is printed", why="The notebook's was 2.30149.")
def first_loss(session: Session) -> Iterator[Claim]:
    """Make one update from each seed."""
    for seed, right in enumerate(PRINTED):
        run = session.golden(seed, None if seed in session.seeds else 1)
        yield near(f"seed {seed}", right, run.printed, within=1e-9)
    runs = [session.golden(s, None if s in session.seeds else 1).printed for s in range(3)]
    yield between("all three", 2.300, 2.3026, runs)


@NOTEBOOK.row(
    "0.5",
    "T",
    "golden runs: accuracies after np.random.seed(0), (1), (2)",
    why="Within 0.003, since the order of sums in matrix products is the machine's own.",
)
def golden(session: Session) -> Iterator[Claim]:
    """Train with the notebook's own random numbers."""
    for seed in session.seeds:
        scores = session.golden(seed).scores
        for i, right in SCORES[seed].items():
            if i in scores and (session.full or i == 600):
                yield near(f"seed {seed}, i = {i}: train, test", right, scores[i], within=0.003)


@NOTEBOOK.row(
    "0.6",
    "S",
    "the last line printed",
    why="The notebook's was .97807 and .9683, after 9,601 updates.",
)
def last_line(session: Session) -> Iterator[Claim]:
    """Look at the last golden run."""
    if session.full:
        train, test = session.golden(2).scores[9600]
        yield between("train accuracy, i = 9600", 0.977, 0.981, train)
        yield between("test accuracy, i = 9600", 0.966, 0.973, test)
    else:
        yield between(
            "second line instead: train, test", 0.895, 0.914, session.golden(0).scores[600]
        )


@NOTEBOOK.row(
    "0.7",
    "B",
    "Relu.backward and the gradient it is given",
    why="dout[mask] = 0 writes into the caller's array.",
)
def untouched(session: Session) -> Iterator[Claim]:
    """Keep the gradient that was handed in, and look at it."""
    kept = {}
    for layer in (original.Relu(), book.Relu()):
        dout = np.ones(3)
        layer.forward(np.array([-1.0, 1.0, 2.0]))
        layer.backward(dout)
        kept[layer] = dout
    theirs, ours = kept.values()
    yield exact("dout afterwards", [1.0, 1.0, 1.0], ours, notebook=theirs)


@NOTEBOOK.row(
    "0.8",
    "B",
    "SoftmaxWithLoss of one sample",
    why="Of a target of shape (10,) it takes 10 for the batch size, so the gradient is ten times "
    "too small. And dout is ignored. One sample is a batch of one.",
)
def one_sample(session: Session) -> Iterator[Claim]:
    """Hand in one sample without the axis of the batch."""
    z, t = np.random.default_rng(0).standard_normal(10), np.eye(10)[3]
    right = original.softmax_rows(z) - t
    theirs = original.SoftmaxWithLossBySize()
    theirs.forward(z, t)
    ours = book.SoftmaxWithLoss()
    ours.forward(z, t)
    wrong = float((theirs.backward() / right).mean())
    found = np.asarray(ours.backward()).reshape(-1)
    yield near("gradient / (y - t)", 1, float((found / right).mean()), within=1e-14, notebook=wrong)
    ours.forward(z, t)
    scaled = np.asarray(ours.backward(3)).reshape(-1)
    same = theirs.backward(3) / theirs.backward(1)
    ratio = float((scaled / right).mean())
    yield near("from dout = 3 / from 1", 3, ratio, within=1e-13, notebook=float(same.mean()))
    found = grad(lambda x: cross_entropy(x, t))(z).numpy()
    yield near("gd.cross_entropy", 1, float((found / right).mean()), within=1e-14)


@NOTEBOOK.row(
    "0.9",
    "B",
    "N labels for one output each",
    why="t.size == y.size takes labels (N,) beside outputs (N, 1) for one-hot rows, and y - t "
    "broadcasts to (N, N). Shapes decide here, and what does not fit is refused.",
)
def by_size(session: Session) -> Iterator[Claim]:
    """Hand in labels for a network with one output."""
    z, t = np.zeros((4, 1)), np.array([0, 0, 0, 0])
    theirs = original.SoftmaxWithLossBySize()
    theirs.t, theirs.y = t, original.softmax_rows(z)
    wrong = np.shape(theirs.backward())
    ours = book.SoftmaxWithLoss()
    ours.forward(z, t)
    yield exact("shape of the gradient", (4, 1), np.shape(ours.backward()), notebook=wrong)
    yield exact("gd.cross_entropy", (4, 1), grad(lambda x: cross_entropy(x, t))(z).shape)


@NOTEBOOK.row(
    "0.10",
    "B",
    "gradient check of the book's loss, which adds 1e-7",
    why="The loss has an epsilon, the gradient y - t has none: they belong to two functions, "
    "1000 times farther apart than rounding. The exact loss needs no epsilon.",
)
def with_epsilon(session: Session) -> Iterator[Claim]:
    """Check the last layer with and without epsilon."""
    gaps = {}
    for epsilon in (True, False):
        network = _book_network(session, epsilon)
        x, t = session.digits.x[:3].astype(np.float64), session.digits.t[:3]
        backprop = network.gradient(x, t)
        for key in ("b1", "W2", "b2"):
            found = book.numerical_gradient(lambda _: network.loss(x, t), network.params[key])  # noqa: B023
            gaps[key, epsilon] = float(np.abs(found - backprop[key]).mean())
    measured = {"b1": 2.8e-9, "W2": 6.1e-9, "b2": 1.40e-7}
    bounds = {"b1": 3e-12, "W2": 2e-12, "b2": 1.25e-10}
    for key, bound in bounds.items():
        yield below(f"{key}: mean difference", bound, gaps[key, False], notebook=gaps[key, True])
    for key, right in measured.items():
        yield near(f"{key} with the epsilon", right, gaps[key, True], 0, relative=0.25)


def _book_network(session: Session, epsilon: bool) -> Any:
    """Return the book's network with the weights of seed 0."""
    network = book.TwoLayerNet(784, 50, 10)
    for array, parameter in zip(network.params.values(), session.network(0).parameters()):
        array[...] = parameter.numpy()
    network.lastLayer.book_epsilon = epsilon
    return network


@NOTEBOOK.row(
    "0.11",
    "B",
    "how often 10,000 steps are evaluated",
    why="60000 / 128 is 468.75 and `i % 468.75 == 0` holds at every fourth epoch only. Evaluations "
    "are counted in whole steps here.",
)
def events(session: Session) -> Iterator[Claim]:
    """Count evaluations for four sizes of a batch."""
    for batch in (100, 64, 128, 256):
        whole = -(-60000 // batch)
        plan = make_plan(steps=10000, epochs=None, evaluate_every=None, epoch_steps=whole)
        theirs = len(original.evaluations(60000, batch, 10000))
        right = len({*range(0, 10000, whole), 10000})
        found = sum(plan.is_event(step) for step in range(10001))
        yield exact(f"batch {batch}", right, found, notebook=theirs)


@NOTEBOOK.row(
    "0.12",
    "B",
    "what an epoch sees, which loss is told, and the last model",
    why="Batches drawn with replacement leave 37 % of the images out of an epoch; the loss printed "
    "is that of the batch just learned from; step 9999 is never evaluated. sampling= says which, "
    "History.losses are taken before the update, and the last evaluation is always made.",
)
def epochs(session: Session) -> Iterator[Claim]:
    """Count the images of an epoch, and look at both losses of a step."""
    data = Dataset(session.digits.x[:, :1], session.digits.t)
    seen = {}
    for sampling in ("replacement", "epoch"):
        loader = Loader(data, 100, sampling=sampling, seed=0)
        rows = np.concatenate([loader.indices(step) for step in range(len(loader))])
        seen[sampling] = len(np.unique(rows))
    yield near("share seen with replacement", 0.631, seen["replacement"] / 60000, within=0.005)
    yield exact("images seen in an epoch", 60000, seen["epoch"], notebook=seen["replacement"])
    run = session.golden(0)
    yield exact("loss before the update is above that after it", True, run.losses[0] > run.printed)
    x, t = session.digits.x[:300], session.digits.t[:300]
    model = MLP([784, 5, 10], rng=0)
    history = Trainer(model, cross_entropy, SGD(model, lr=0.1), progress="none").fit(
        (x, t), steps=8, batch_size=100
    )
    steps = [row["step"] for row in history.rows]
    yield exact("evaluated, of 8 steps, 3 an epoch", [0, 3, 6, 8], steps, notebook=[0, 3, 6])


@NOTEBOOK.row(
    "0.13",
    "B",
    "params[key] = params[key] - rate * grad",
    why="Without -= the dict gets a new array while the layer keeps the old one: nothing learns, "
    "without any error. In gradatim.book layers and params are one owner.",
)
def one_owner(session: Session) -> Iterator[Claim]:
    """Replace a parameter, and look whether the network noticed."""
    x = np.ones((1, 4))
    params = {"W1": np.ones((4, 3)), "b1": np.zeros(3)}
    layer = book.Affine(params["W1"], params["b1"])
    before = layer.forward(x)
    params["W1"] = params["W1"] - 0.5
    stale = float(np.abs(layer.forward(x) - before).max())
    network = book.TwoLayerNet(4, 3, 2)
    network.params["W1"] = np.ones((4, 3))
    network.params["b1"] = network.params["b1"] + 1.0
    found = network.layers["Affine1"].forward(x)
    yield exact(
        "Affine1 after both were replaced", [[5.0] * 3], found, notebook=f"moved by {stale}"
    )
    model = MLP([4, 3, 2], dtype=np.float64, rng=0)
    path = "layers.0.weight"
    model.load_state_dict({**model.state_dict(), path: np.ones((4, 3))})
    yield exact("nn.MLP after loading", [[4.0] * 3], model[0](x).numpy())


@NOTEBOOK.row(
    "0.14",
    "B",
    "networks of other depths",
    why="W1, b1, W2, b2 and two layers are written into the class.",
)
def any_depth(session: Session) -> Iterator[Claim]:
    """Train networks of one to five layers through one interface."""
    x, t = session.digits.x[:200], session.digits.t[:200]
    for sizes in ([784, 10], [784, 50, 10], [784, 30, 20, 20, 15, 10]):
        model = MLP(sizes, rng=0)
        optimizer = SGD(model, lr=0.1)
        losses = []
        for _ in range(20):
            loss = cross_entropy(model(x), t)
            losses.append(loss.item())
            loss.backward()
            optimizer.step()
        name = "-".join(map(str, sizes))
        yield between(f"{name}: loss after 20 steps / before", 0.0, 0.95, losses[-1] / losses[0])


@NOTEBOOK.row(
    "0.15",
    "N",
    "why divide by the batch?",
    why="dW = xᵀ dout sums over the samples. Divided by N it is the mean of what each sample "
    "wants, so one learning rate suits every size of a batch.",
)
def division(session: Session) -> Iterator[Claim]:
    """Compare the gradient of a batch with those of its samples."""
    model = session.network(0)
    x, t = session.digits.x[:20].astype(np.float64), session.digits.t[:20]
    single = per_sample_gradients(model, cross_entropy, x, t)
    cross_entropy(model(x), t).backward()
    for path, parameter in model.named_parameters():
        whole = np.zeros(()) if parameter.grad is None else parameter.grad.numpy()
        gap = _gap(single[path].mean(axis=0), whole)
        yield below(f"{path}: mean of 20 samples against batch", 1e-15, gap)


def _gap(a: Any, b: Any) -> float:
    return float(np.abs(np.asarray(a) - np.asarray(b)).max())
