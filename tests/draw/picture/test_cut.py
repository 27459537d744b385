"""A large graph keeps its beginning and its end, and the rest makes no circle."""

from __future__ import annotations

import random

import pytest

from gradatim.draw.picture.account import Call
from gradatim.draw.picture.cut import cut
from gradatim.draw.picture.fold import Box
from gradatim.errors import ShapeError
from gradatim.primitives import TABLE


def graph(inputs):
    """A box for each entry, which lists the boxes it reads."""
    return [Box((Call(i, TABLE["relu"], tuple(read), {}),)) for i, read in enumerate(inputs)]


def outputs(box):
    return [call.output for call in box.calls]


def test_a_graph_that_is_small_enough_stays():
    boxes = graph([[], [0], [1]])

    assert cut(boxes, 3) == boxes
    assert cut(graph([[]] * 500), None)[499].calls


def test_a_chain_keeps_its_ends():
    boxes = cut(graph([[], *([i] for i in range(19))]), 7)

    assert [box.is_rest for box in boxes] == [False] * 3 + [True] + [False] * 3
    assert outputs(boxes[3]) == list(range(3, 17))


def test_nearness_counts_and_not_the_time_of_computing():
    first = [[], *([i] for i in range(9))]
    second = [[], *([i] for i in range(10, 19))]
    boxes = cut(graph([*first, *second, [9, 19]]), 7)

    assert sorted(x for box in boxes if not box.is_rest for x in outputs(box)) == [
        0, 1, 9, 10, 19, 20,
    ]  # fmt: skip


def test_the_longest_way_counts_and_not_the_shortest():
    chain = [[], *([i] for i in range(18))]
    boxes = cut(graph([*chain, [18, 5]]), 7)  # 5 is read by the last one too

    assert outputs(next(box for box in boxes if box.is_rest)) == list(range(3, 17))


def test_nothing_is_lost_or_doubled():
    boxes = cut(graph([[], *([i] for i in range(19))]), 7)

    assert sorted(x for box in boxes for x in outputs(box)) == list(range(20))


@pytest.mark.parametrize("seed", range(8))
def test_what_is_left_stands_in_an_order_of_computing(seed):
    rng = random.Random(seed)
    inputs = [[]] + [rng.sample(range(i), min(i, rng.randint(1, 3))) for i in range(1, 60)]
    seen = set()
    boxes = cut(graph(inputs), 12)
    for box in boxes:
        made = set(outputs(box))
        needed = {x for call in box.calls for x in call.inputs} - made
        assert needed <= seen, "a box reads what is computed later"
        seen |= made

    assert len(boxes) == 12
    assert sum(box.is_rest for box in boxes) == 1


@pytest.mark.parametrize("most", [2, 0, -5, "all", 3.5])
def test_fewer_than_three_are_refused(most):
    with pytest.raises(ShapeError, match=r"draw: nodes is .*; it must be 3 or more") as caught:
        cut(graph([[]]), most)

    assert "Try nodes=None to show all." in str(caught.value)
