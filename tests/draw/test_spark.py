"""A curve in one line of text."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.draw.spark import spark


def test_the_least_is_lowest_and_the_greatest_highest():
    assert spark(np.arange(8.0)) == "▁▂▃▄▅▆▇█"
    assert spark(np.arange(8.0), blocks=False) == "_.-=+*%#"


def test_a_scale_may_be_given():
    assert spark(np.array([0.0, 1.0]), low=-1.0, high=1.0) == "▅█"
    assert spark(np.array([-5.0, 5.0]), low=0.0, high=1.0) == "▁█"


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_a_blank(odd):
    assert spark(np.array([0.0, odd, 1.0])) == "▁ █"


def test_of_many_values_each_letter_is_a_mean():
    values = np.repeat([0.0, 1.0, np.nan], 100)

    assert spark(values, 3) == "▁█ "
    assert len(spark(values, 24)) == 24


@pytest.mark.parametrize(
    ("values", "shown"), [([], ""), ([np.nan], " "), ([2.0], "▁"), ([2.0, 2.0], "▁▁")]
)
def test_next_to_nothing_is_shown(values, shown):
    assert spark(np.array(values)) == shown
