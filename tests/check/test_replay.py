"""Replay: the same numbers in less time, and only where it is sure of them."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

import gradatim as gd
from gradatim.check import gradient
from gradatim.check.replay import Replay
from gradatim.check.subject import Subject

X = np.random.default_rng(0).normal(size=(3, 4))
H = 1e-4


def agrees(f, *inputs):
    subject = Subject(f, inputs, None, None, {})
    with gd.no_grad():
        replay = Replay(subject.run)
        return replay.agrees(subject.run, list(subject.variables.values()), H)


class Hidden:
    """A function that takes one element past the primitives."""

    def __call__(self, x):
        return x * float(x.numpy()[2, 3])


def grown(x, total=gd.Tensor(np.zeros(()))):  # noqa: B008 - it is the fault that is tried
    total.assign(total.data + 1)
    return x * total


@pytest.mark.parametrize(
    "f",
    [
        lambda x: gd.tanh(x) @ x.T,
        lambda x: x,
        lambda x: x.T[1:].sum() + x[0],
        lambda x: x * x.detach(),  # the same memory, so it moves along
        lambda x: gd.softmax(x) * np.ones(4),
        lambda x: (gd.sort(x, axis=1), gd.relu(x)),
        lambda x: np.ones(3),
    ],
)
def test_it_serves_what_is_made_of_primitives(f):
    assert agrees(f, X)


@pytest.mark.parametrize(
    "f",
    [
        Hidden(),
        lambda x: x * gd.tanh(x.detach()),
        lambda x: (x * 2).detach() * x,
        lambda x: np.sum(x.numpy() ** 2),
        lambda x: x * gd.Tensor(x.numpy() ** 2),
        lambda x: x + (x.numpy()[1, 1] > X[1, 1]),
        grown,
    ],
    ids=["one element", "detached", "detached result", "NumPy", "copied", "branch", "effect"],
)
def test_it_declines_what_it_cannot_see(f):
    assert not agrees(f, X)


def test_it_declines_every_effect_even_one_that_seems_harmless():
    scratch = gd.Tensor(np.zeros((3, 4)))

    assert not agrees(lambda x: (scratch.assign(x.detach()), gd.tanh(x))[1], X)


def test_trying_it_leaves_everything_where_it_was():
    subject = Subject(lambda x: gd.tanh(x), (X,), None, None, {})
    replay = Replay(subject.run)
    replay.agrees(subject.run, list(subject.variables.values()), H)

    np.testing.assert_array_equal(subject.variables["x"].numbers, X)
    np.testing.assert_array_equal(replay.values()[0], np.tanh(X))


def forced(monkeypatch, few, call):
    monkeypatch.setattr(import_module("gradatim.check.measure"), "FEW", few)
    return call()


def test_with_and_without_it_every_bit_is_the_same(monkeypatch):
    model = gd.nn.MLP([4, 6, 5, 3], rng=0)
    x = np.maximum(X, 0)  # zeros, where a weight has no influence and the replay stops early

    def call():
        return gradient(model, x, [0, 1, 2], loss=gd.cross_entropy, wrt="all")

    with_it, without = forced(monkeypatch, 0, call), forced(monkeypatch, 10**9, call)

    assert len(with_it.rows) == 7
    for a, b in zip(with_it.rows, without.rows):
        np.testing.assert_array_equal(a.numerical, b.numerical)


def test_only_what_depends_on_the_variable_runs_again():
    subject = Subject(lambda a, b: gd.tanh(a) + gd.exp(b), (X, X), None, None, {})
    replay = Replay(subject.run)
    _, b = subject.variables.values()
    first = replay.calls[0][3].raw
    b.numbers[...] = 0.0
    replay.after([b])()

    assert replay.calls[0][3].raw is first
    np.testing.assert_array_equal(replay.values()[0], np.tanh(X) + 1)


def test_it_stops_where_nothing_changed():
    subject = Subject(
        lambda w: gd.exp(gd.tanh(w * np.array([0.0, 1.0]))), ([1.0, 2.0],), None, None, {}
    )
    replay = Replay(subject.run)
    (w,) = subject.variables.values()
    before = replay.values()[0]
    again = replay.after([w])

    w.numbers[0] = 5.0
    again()
    assert replay.values()[0] is before

    w.numbers[1] = 0.0
    again()
    np.testing.assert_array_equal(replay.values()[0], [1, 1])
