"""Labels keep their order and move as little as they must."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.draw.chart.label import parted


def test_what_does_not_touch_stays():
    assert parted([5.0, 0.0, 2.5], 2.0) == [5.0, 0.0, 2.5]
    assert parted([], 2.0) == []


def test_two_that_meet_part_evenly():
    assert parted([1.0, 1.0], 2.0) == [0.0, 2.0]


def test_a_pushed_label_pushes_the_next():
    assert parted([0.0, 0.5, 2.5], 2.0) == pytest.approx([-1.0, 1.0, 3.0])


def test_many_have_their_gaps_and_their_order():
    heights = np.random.default_rng(0).normal(size=30)
    places = np.array(parted(heights.tolist(), 0.5))
    assert (np.argsort(places) == np.argsort(heights)).all()
    assert np.diff(np.sort(places)).min() >= 0.5 - 1e-12
    assert places.mean() == pytest.approx(heights.mean())


def test_bounds_are_kept_while_there_is_room():
    assert parted([0.0, 0.0], 2.0, low=0.0) == [0.0, 2.0]
    assert parted([9.0, 9.5], 2.0, high=9.5) == [7.5, 9.5]
    assert parted([0.0, 0.0, 0.0], 2.0, low=0.0, high=2.0) == [0.0, 2.0, 4.0]
