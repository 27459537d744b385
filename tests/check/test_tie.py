"""Numbers that share a kink share one slope, and their gradients add up to it."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from check import book_layers
from gradatim.check import gradient, layer
from gradatim.check.tie import breach


def of(f, x):
    """A change of f round x, for shifts of single numbers."""

    def value(shift):
        moved = np.array(x, dtype=float)
        moved[list(shift)] += list(shift.values())
        return f(moved) - f(np.array(x, dtype=float))

    return value


def found(f, x, got):
    return breach(of(f, x), dict.fromkeys(range(len(x)), 1.0), dict(enumerate(got)), 1.0)


@pytest.mark.parametrize("got", [(1, 0), (0, 1), (0.5, 0.5)])
def test_a_maximum_may_go_to_either_or_be_shared(got):
    assert found(np.max, [2.0, 2.0], got) is None


@pytest.mark.parametrize(("got", "total"), [((1, 1), 2), ((0, 0), 0), ((0.3, 0.3), 0.6)])
def test_it_goes_to_them_once(got, total):
    seen = found(np.max, [2.0, 2.0], got)

    assert seen is not None
    assert (dict(seen.way), seen.found) == ({0: 1.0, 1: 1.0}, total)
    assert seen.slope == pytest.approx(1)


@pytest.mark.parametrize(("got", "right"), [((1, 0, 0), True), ((0, 0, 0), False)])
def test_of_three_the_three_are_looked_at_together(got, right):
    assert (found(np.max, [2.0, 2.0, 2.0], got) is None) == right


def test_numbers_that_move_against_each_other_tie_as_well():
    def top(x):
        return max(x[0], -x[1])

    assert found(top, [0.0, 0.0], (1, 0)) is None
    assert dict(found(top, [0.0, 0.0], (1, -1)).way) == {0: 1.0, 1: -1.0}


def test_kinks_that_are_not_shared_are_no_tie():
    def two(x):
        return max(x[0], 0) - max(-x[1], 0)

    assert found(two, [0.0, 0.0], (0, 0)) is None
    assert found(two, [0.0, 0.0], (1, 1)) is None


def test_many_kinks_along_every_direction_prove_nothing():
    weight = np.random.default_rng(0).normal(size=(3, 20))

    assert found(lambda x: np.maximum(x @ weight, 0).sum(), [0.0, 0.0, 0.0], (0, 0, 0)) is None


def greedy(x):
    """A maximum that hands its whole gradient to each of the tied."""
    y = (x * (x.data == x.data.max())).sum()
    return y - gd.stop_gradient(y) + gd.stop_gradient(gd.max(x))


@pytest.mark.parametrize("x", [[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 0.0]])
def test_a_gradient_that_is_given_twice_is_wrong(x):
    check = gradient(greedy, np.array(x))

    assert check.rows[0].verdict == "WRONG"
    assert "a tie; moved together the slope is 1, backprop adds up to " in str(check)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (gd.max, [1.0, 1.0, 0.0]),
        (gd.max, [1.0, 1.0, 1.0]),
        (lambda x: gd.max(x.reshape(2, 3), axis=1).sum(), [1.0, 1.0, 1.0, 2.0, 2.0, 0.0]),
        (lambda x: (gd.sort(x) * np.arange(4.0)).sum(), [1.0, 1.0, 0.0, 2.0]),
        (gd.median, [1.0, 1.0, 0.0, 2.0]),
        (lambda x: gd.abs(x[0] - x[1]) + gd.abs(x[1] - x[2]), [1.0, 1.0, 1.0]),
        (lambda x: gd.relu(x)[0] - gd.relu(-x)[1], [0.0, 0.0, 0.0]),
    ],
)
def test_ties_of_gradatims_own_are_right(f, x):
    gradient(f, np.array(x)).assert_passed()


class Pool:
    """A maximum over windows of 2 x 2."""

    def forward(self, x):
        self.x = x
        n, c, h, w = x.shape
        self.y = x.reshape(n, c, h // 2, 2, w // 2, 2).max(axis=(3, 5))
        return self.y

    def spread(self, array):
        return array.repeat(2, axis=2).repeat(2, axis=3)


class ToEach(Pool):
    def backward(self, dout):
        return self.spread(dout) * (self.x == self.spread(self.y))


class Shared(Pool):
    def backward(self, dout):
        top = self.x == self.spread(self.y)
        n, c, h, w = top.shape
        count = top.reshape(n, c, h // 2, 2, w // 2, 2).sum(axis=(3, 5))
        return self.spread(dout / count) * top


@pytest.mark.parametrize("seed", range(5))
def test_a_pooling_that_pays_every_winner_in_full_is_wrong(seed):
    x = np.random.default_rng(seed).normal(size=(2, 1, 4, 4))

    (finding,) = layer(ToEach(), x, seed=seed).findings

    assert (finding.about, finding.kind) == ("dx", "tie")
    assert finding.what.startswith("dx is wrong at a tie: x[")
    assert finding.evidence[0].startswith("Where they move together dx adds up to ")


@pytest.mark.parametrize("x", [np.ones((2, 1, 4, 4)), np.arange(32.0).reshape(2, 1, 4, 4)])
def test_a_pooling_that_shares_or_chooses_is_right(x):
    layer(Shared(), x).assert_passed()
    layer(book_layers.layer("Pooling")[0], x).assert_passed()
