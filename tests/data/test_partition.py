"""Each class goes to both parts in proportion."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradatim.data import Dataset
from gradatim.data.partition import stratified
from gradatim.errors import DataError

LABELS = np.repeat([0, 1, 2], [60, 30, 6])


@given(
    labels=st.lists(st.integers(0, 4), min_size=2, max_size=80),
    share=st.floats(0.01, 0.99),
    seed=st.none() | st.integers(0, 9),
)
def test_every_sample_is_in_one_part_and_shares_are_kept(labels, share, seed):
    labels = np.array(labels)
    count = min(max(1, round(share * len(labels))), len(labels) - 1)

    first, rest = stratified(labels, count, seed)

    assert len(first) == count
    assert sorted([*first, *rest]) == list(range(len(labels)))
    for label in np.unique(labels):
        ours, all_of_it = np.sum(labels[first] == label), np.sum(labels == label)
        assert abs(ours - count / len(labels) * all_of_it) <= 1.5


def test_a_seed_decides_which():
    seed = 3
    first, again = (stratified(LABELS, 80, seed)[0] for _ in range(2))

    assert np.array_equal(first, again)
    assert not np.array_equal(first, stratified(LABELS, 80, seed + 1)[0])
    assert np.bincount(LABELS[first]).tolist() == [50, 25, 5]


@given(size=st.integers(2, 60), small=st.integers(1, 60), share=st.floats(0.05, 0.95))
def test_of_two_classes_each_gives_its_share_rounded(size, small, share):
    labels = np.repeat([0, 1], [size, small])
    count = min(max(1, round(share * len(labels))), len(labels) - 1)

    first, _ = stratified(labels, count, seed=0)

    for label, all_of_it in enumerate((size, small)):
        assert abs(np.sum(labels[first] == label) - count * all_of_it / len(labels)) <= 0.5


def test_a_dataset_is_split_so():
    data = Dataset(np.arange(96.0)[:, None], LABELS, class_names="abc")

    train, test = data.split(5 / 6, seed=0, stratify=True)

    assert np.bincount(train.targets).tolist() == [50, 25, 5]
    assert np.bincount(test.targets).tolist() == [10, 5, 1]
    assert train.class_names == ("a", "b", "c")


def test_values_have_no_classes():
    with pytest.raises(DataError, match=r"targets are float64 of shape \(4,\)"):
        Dataset(np.zeros((4, 1)), np.zeros(4)).split(2, stratify=True)
