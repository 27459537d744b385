"""What is said of a layer one of whose modes cannot be judged."""

from __future__ import annotations

import pytest

from check import book_layers
from gradatim.check import layer
from gradatim.errors import GradatimError

NOT_CHECKED = "evaluation (train_flg=False)"


def test_what_has_no_backward_in_evaluation_is_checked_in_training():
    source = book_layers.spoilt(book_layers.DROPOUT, "train_flg=True", "train_flg=False")
    made, inputs = book_layers.layer("Dropout", source)

    check = layer(made, *inputs)

    check.assert_passed()
    assert check.unchecked == (NOT_CHECKED,)


def test_what_is_asked_for_and_cannot_be_is_refused():
    made, inputs = book_layers.layer("Dropout")

    with pytest.raises(GradatimError) as caught:
        layer(made, *inputs, train_flg=False)

    assert str(caught.value) == (
        f"layer: Dropout cannot be checked in {NOT_CHECKED}: backward hangs on what an earlier "
        "call has left.\n"
        "  Nothing is learnt in evaluation, and a layer need have no backward there.\n"
        "  Try with train_flg=True."
    )


def test_a_mode_whose_opening_is_refused_was_not_checked():
    source = book_layers.spoilt(
        book_layers.DROPOUT, "return x * (1.0 - self.dropout_ratio)", "self.mask = 1; return x / 0"
    )
    made, inputs = book_layers.layer("Dropout", source)

    check = layer(made, *inputs)

    check.assert_passed()
    assert check.unchecked == (NOT_CHECKED,)
    assert check.remarks[-1].startswith(
        f"{NOT_CHECKED} was not checked: layer: Dropout.forward gives nan or inf"
    )
