"""Rightly classified samples, counted by primitives as NumPy counts them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradatim import Tensor
from gradatim.train.hits import hits, is_labelled
from gradatim.train.metrics import count_right


@given(st.data(), st.integers(1, 9), st.integers(2, 6), st.sampled_from(["f4", "f8"]))
def test_the_first_largest_counts_where_several_are(data, count, classes, dtype):
    scores = st.lists(st.integers(-2, 2), min_size=classes, max_size=classes)
    outputs = np.array([data.draw(scores) for _ in range(count)], dtype)
    labels = np.array([data.draw(st.integers(-1, classes)) for _ in range(count)])
    found = hits(Tensor(outputs), Tensor(labels))
    assert found.dtype == dtype
    assert found.item() == count_right(outputs, labels)


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_what_is_not_finite_is_left_to_a_closer_look(odd):
    outputs = np.array([[0.0, 1.0], [odd, 1.0]])
    assert np.isnan(hits(Tensor(outputs), Tensor([1, 1])).item())


def test_what_is_infinitely_small_is_never_the_largest():
    assert hits(Tensor([[-np.inf, 1.0]]), Tensor([1])).item() == 1


SCORES, LABELS = Tensor(np.ones((3, 2))), Tensor([0, 1, 0])


def test_scores_and_labels_go_together():
    assert is_labelled(SCORES, LABELS)
    assert is_labelled(SCORES, Tensor(np.array([0, 1, 0], np.uint8)))


@pytest.mark.parametrize(
    ("outputs", "t"),
    [
        ((SCORES, SCORES), LABELS),
        (SCORES, (LABELS,)),
        (Tensor(np.ones(3)), LABELS),
        (Tensor(np.ones((3, 1))), LABELS),
        (Tensor(np.ones((3, 2, 2))), LABELS),
        (Tensor(np.ones((3, 2), int)), LABELS),
        (Tensor(np.ones((3, 2), "f2")), LABELS),  # no half tells 2,049 from 2,048
        (SCORES, SCORES),
        (SCORES, Tensor([0.0, 1.0, 0.0])),
        (SCORES, Tensor([0, 1])),
    ],
)
def test_other_outputs_and_targets_do_not(outputs, t):
    assert not is_labelled(outputs, t)
