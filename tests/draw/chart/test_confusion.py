"""What is taken for what, with counts; the diagonal is told apart."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.draw import confusion
from gradatim.errors import DataError

pytest.importorskip("matplotlib")

TRUE = [0, 0, 0, 1, 1, 2]
TAKEN = np.array([0, 1, 1, 1, 0, 2])


def model(x):
    return np.eye(3)[TAKEN[np.asarray(x.data)[:, 0].astype(int)]]


def drawn(t=TRUE):
    return confusion(model, np.arange(6.0)[:, None], t).figure.axes


def test_a_row_is_a_true_class_and_a_column_what_it_was_taken_for():
    found = {text.get_position(): text.get_text() for text in drawn()[0].texts}

    assert found == {(0, 0): "1", (1, 0): "2", (0, 1): "1", (1, 1): "1", (2, 2): "1"}
    assert (drawn()[0].get_ylabel(), drawn()[0].get_xlabel()) == ("is", "taken for")


def test_the_diagonal_is_framed_and_bold():
    axes = drawn()[0]

    assert [frame.get_xy() for frame in axes.patches] == [(k - 0.5, k - 0.5) for k in range(3)]
    bold = [t.get_position() for t in axes.texts if t.get_fontweight() == "bold"]
    assert bold == [(0, 0), (1, 1), (2, 2)]


def test_more_mistakes_are_darker_and_none_is_white():
    colours = drawn()[0].images[0].get_array()

    assert colours[0, 1].sum() < colours[1, 0].sum() < colours[0, 2].sum() == 3


def test_the_most_frequent_mistakes_are_told_in_words():
    words = "\n".join(text.get_text() for text in drawn()[1].texts)

    assert "50.00% right" in words
    assert "3 of 6 wrong" in words
    assert "0 taken for 1: 2 times\n1 taken for 0: once" in words


def test_without_mistakes_there_is_nothing_to_list():
    words = [text.get_text() for text in drawn(TAKEN)[1].texts]

    assert words == ["100.00% right", "0 of 6 wrong"]


def test_labels_beyond_the_classes_of_the_model_are_refused():
    with pytest.raises(DataError) as caught:
        drawn([0, 0, 0, 1, 1, 102])
    assert str(caught.value) == (
        "confusion: a sample is of class 102, but the model tells 3 classes apart, 0 to 2; it must "
        "have an output for each. Are these the data that it learned from?"
    )
    with pytest.raises(DataError, match="a sample is of class 2, but the model tells 2 classes"):
        confusion(lambda x: x.data[:, 0] / 9, np.arange(6.0)[:, None], TRUE)


def test_labels_must_be_given():
    with pytest.raises(DataError, match=r"^confusion: nothing says what the samples are; .*x, t\)"):
        drawn(None)
