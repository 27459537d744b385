"""The messages about what a dataset is made from; `test_dataset.py` has what works."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.data import Dataset
from gradatim.errors import DataError, DtypeError

X = np.zeros((4, 2))


def test_lengths_that_differ_are_both_named():
    with pytest.raises(DataError) as caught:
        Dataset(X, [0, 1, 2])
    assert "4 inputs, but 3 targets: shapes (4, 2) and (3,)" in str(caught.value)
    assert "transposed, or from another file?" in str(caught.value)


def test_no_samples_are_refused():
    with pytest.raises(DataError, match=r"no samples: inputs have shape \(0, 784\).*\n.*filter"):
        Dataset(np.zeros((0, 784)), [])


@pytest.mark.parametrize("values", [["a", "b"], [None, None], [1j, 2j]])
def test_what_is_no_number_is_refused_by_dtype(values):
    with pytest.raises(DtypeError, match=r"Dataset: targets are .*\n.*return_inverse=True"):
        Dataset(X[:2], values)
    with pytest.raises(DtypeError, match="Dataset: inputs are "):
        Dataset(values, [0, 1])


def test_rows_of_several_lengths_are_refused():
    with pytest.raises(DataError, match=r"inputs do not make an array.*(?s:.*)one shape"):
        Dataset([[1, 2], [3]], [0, 1])


def test_a_single_number_is_no_set():
    with pytest.raises(DataError, match=r"inputs are a single number.*\n.*axis of samples"):
        Dataset(3.0, [0])


@pytest.mark.parametrize("scale", [0, -1.0, np.nan, np.inf])
def test_a_scale_is_positive_and_finite(scale):
    with pytest.raises(DataError, match=rf"scale is {scale}.*\n.*Try 1 / 255 for bytes"):
        Dataset(X, [0, 1, 0, 1], scale=scale)


@pytest.mark.parametrize(
    ("targets", "classes", "found"),
    [
        ([0, 1, 2, 3], 3, "labels run from 0 to 3, there are 3 classes"),
        ([-1, 1, -1, 1], None, "labels run from -1 to 1, there are 2 classes"),
    ],
)
def test_labels_lie_within_the_classes(targets, classes, found):
    with pytest.raises(DataError, match=rf"{found}.*\n.*targets\.astype\(float\)"):
        Dataset(X, targets, classes=classes)


@pytest.mark.parametrize("first", [0, 4, 5, -1, 0.0, 1.0, 1.5, 0.1, 0.99, np.nan])
def test_a_split_leaves_no_part_empty(first):
    with pytest.raises(DataError, match=r"first=.* of 4 samples.*\n.*count from 1 to 3, or a frac"):
        Dataset(X, [0, 1, 0, 1]).split(first)


class TestNamesOfClasses:
    def test_they_say_how_many_classes_there_are(self):
        data = Dataset(np.zeros((2, 1)), [0, 1], class_names=["cat", "dog", "emu"])

        assert (data.classes, data.class_names) == (3, ("cat", "dog", "emu"))

    @pytest.mark.parametrize(
        ("targets", "classes", "message"),
        [
            ([0, 1], 3, "class_names are 2 names, but there are 3 classes"),
            ([0.5, 1.5], None, "class_names are 2 names"),
        ],
    )
    def test_there_is_one_for_each_class(self, targets, classes, message):
        if classes is None:
            data = Dataset(np.zeros((2, 1)), targets, class_names=["cat", "dog"])
            assert data.classes == 2
            return
        with pytest.raises(DataError, match=message):
            Dataset(np.zeros((2, 1)), targets, classes=classes, class_names=["cat", "dog"])
