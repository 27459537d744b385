"""The course of a function along one line: which steps are taken, and what they tell."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.autograd import Tensor
from gradatim.check.course import Course, number
from gradatim.check.projection import Projection


class Line:
    """A function of one number, and every step that was taken along it."""

    def __init__(self, f, x, h):
        self.ways = []
        numbers = np.array([x])
        move = number(numbers, 0)

        def noted(way):
            self.ways.append(way)
            return move(way)

        middle = [np.asarray(f(numbers[0]))]
        projection = Projection([Tensor(middle[0])])
        self.weight = float(projection.weights[0])
        self.course = Course(
            noted, lambda: [np.asarray(f(numbers[0]))], projection, middle, h, at=x
        )

    def truncation(self, slope):
        return self.course.truncation(self.weight * slope) / self.weight


@pytest.mark.parametrize("h", [1e-4, 1e-3, 0.01, 0.03, 0.032, 0.1, 0.5])
def test_truncation_follows_from_steps_that_are_no_narrower_than_h(h):
    line = Line(np.exp, 0.3, h)

    # Its first two terms: h**2 / 6 and h**4 / 120 of a derivative.
    expected = np.exp(0.3) * (h**2 / 6 + h**4 / 120)
    assert line.truncation(np.exp(0.3)) == pytest.approx(expected, rel=0.06)
    assert {abs(way) for way in line.ways if abs(way) < h} == {0.0}


@pytest.mark.parametrize("h", [1e-4, 0.1, 0.5])
def test_a_straight_line_has_no_truncation(h):
    assert Line(lambda x: 3 * x, 0.3, h).truncation(3.0) == pytest.approx(0, abs=1e-10)
