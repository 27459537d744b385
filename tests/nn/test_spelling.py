"""Which names are slips of the hand, and which are names of their own."""

from __future__ import annotations

import pytest

from gradatim.nn.spelling import is_slip, misspelt


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("weigths", "weights"),  # swapped
        ("bais", "bias"),
        ("weigh", "weight"),  # one too few
        ("biass", "bias"),  # one too many
        ("momentun", "momentum"),  # one changed
        ("fforward", "forward"),
    ],
)
def test_slips(new, old):
    assert is_slip(new, old)


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("weight", "weight"),
        ("hidden1", "hidden2"),
        ("weight2", "weight"),
        ("encoder", "decoder"),
        ("backprop", "backward"),
        ("mask", "task"),
        ("lr", "l"),
        ("x", "y"),
    ],
)
def test_names_of_their_own(new, old):
    assert not is_slip(new, old)


def test_private_names_are_left_alone():
    assert misspelt(object(), "_weigth", ["_weight"]) is None
    assert misspelt(object(), "weigth", ["_weight", "weight"]) == "weight"


def test_an_object_may_call_things_as_it_likes_while_it_is_made():
    class Made:
        def __init__(self, other):
            self.found = misspelt(self, "weigth", ["weight"]), misspelt(other, "weigth", ["weight"])

    assert Made(object()).found == (None, "weight")
