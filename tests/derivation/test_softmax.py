"""Softmax with cross-entropy is found by its numbers, however it is spelled, and only there."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.derivation import explain, flow_of
from gradatim.derivation.softmax import find_meetings

LABELS = np.array([2, 0, 1, 1])
ONE_HOT = np.eye(3)[LABELS]


def scores(dtype=np.float64):
    numbers = np.random.default_rng(1).normal(size=(4, 3)).astype(dtype)
    return gd.Tensor(numbers, requires_grad=True, name="scores")


def by_hand(x):
    grown = gd.exp(x - gd.max(x, axis=1, keepdims=True).detach())
    y = grown / gd.sum(grown, axis=1, keepdims=True)
    return -(gd.Tensor(ONE_HOT) * gd.log(y)).sum() / 4


SPELLINGS = {
    "fused, labels": lambda x: gd.cross_entropy(x, LABELS),
    "fused, one-hot": lambda x: gd.cross_entropy(x, ONE_HOT),
    "nll of log_softmax": lambda x: gd.nll(gd.log_softmax(x), LABELS),
    "log of softmax": lambda x: -(ONE_HOT * gd.log(gd.softmax(x))).sum() / 4,
    "by hand": by_hand,
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_every_spelling_is_found(spelling):
    x = scores()

    (found,) = find_meetings(flow_of(spelling(x)))

    assert found.scores is x
    assert found.samples == 4
    assert found.factor == pytest.approx(1 / 4)
    np.testing.assert_allclose(found.shares, ONE_HOT)


def test_float32_is_compared_with_its_own_precision():
    (found,) = find_meetings(flow_of(gd.cross_entropy(scores(np.float32), LABELS)))

    assert found.factor == pytest.approx(1 / 4, rel=1e-5)


@pytest.mark.parametrize(
    "loss",
    [
        lambda x: gd.softmax(x).sum(),
        lambda x: (gd.softmax(x) * ONE_HOT).sum(),
        lambda x: gd.cross_entropy(x, LABELS) + (x * x).sum(),
        lambda x: -(ONE_HOT * gd.log(gd.softmax(x) + 1e-7)).sum(),
    ],
)
def test_where_the_gradient_is_another_nothing_is_claimed(loss):
    assert not list(find_meetings(flow_of(loss(scores()))))


def test_the_story_ends_with_the_numbers_of_the_graph():
    x = scores()

    text = str(explain(gd.cross_entropy(x, LABELS), wrt=x))

    assert "Why dscores is (y - t) / 4" in text
    assert "= y_i - t_i" in text
    assert "The loss is the mean over N = 4 samples" in " ".join(text.split())
    assert "the primitive cross_entropy does both at once" in " ".join(text.split())
    assert "t       = [0, 0, 1]    (of the first sample)" in text


@pytest.mark.parametrize(
    ("loss", "told"),
    [
        (lambda x: gd.cross_entropy(x, LABELS, "sum"), "Why dscores is y - t\n"),
        (lambda x: gd.cross_entropy(x, LABELS) * 2, "Why dscores is (y - t) * 0.5\n"),
    ],
)
def test_what_multiplies_the_difference_is_told(loss, told):
    assert told in str(explain(loss(scores())))


def test_it_is_said_what_the_letters_stand_for():
    rows, one = scores(), gd.Tensor([0.5, 1.0], requires_grad=True, name="a")

    x = gd.Tensor(ONE_HOT, name="x")
    of_others = str(explain(gd.cross_entropy(x * rows, LABELS)))
    of_rows = " ".join(str(explain(gd.cross_entropy(rows, LABELS))).split())
    of_one = " ".join(str(explain(-(np.array([0.0, 1.0]) * gd.log_softmax(one)).sum())).split())

    assert "Let x be a row of scores: the scores of one sample, x_i that of class i." in of_rows
    assert "a_i is the score of class i. y = softmax(a) are the shares" in of_one
    assert "dl/da_i = sum_k" in of_one
    assert "Let a be a row of h1" in of_others  # x is something else there


def test_an_empty_array_has_no_scores():
    x = gd.Tensor(np.zeros((0, 3)), requires_grad=True, name="x")

    assert "Why" not in str(explain(gd.exp(x).sum()))
