"""The projection of outputs: each counts, and only what changes is rounded."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.autograd.tensor import Tensor
from gradatim.check.projection import Projection
from gradatim.errors import ShapeError


def raws(*values):
    return [np.asarray(value, float) for value in values]


def test_one_number_is_taken_as_it_is():
    projection = Projection([Tensor(2.0)])

    assert projection.difference(raws(3.0), raws(1.0)) == 2
    assert projection.scale(raws(3.0), raws(-5.0)) == 5


def test_each_element_of_each_output_has_a_weight_of_its_own():
    projection = Projection([Tensor(np.zeros(3)), Tensor(np.zeros((2, 2)))])
    weights = np.concatenate([w.ravel() for w in projection.weights])

    assert len(set(np.abs(weights))) == 7
    assert (np.abs(weights) >= 0.5).all()


def test_the_difference_is_the_weighed_sum():
    projection = Projection([Tensor(np.zeros(3))])
    a, b = np.array([1.0, 2, 3]), np.array([0.0, 2, 5])

    assert projection.difference([a], [b]) == pytest.approx((projection.weights[0] * (a - b)).sum())


def test_what_did_not_change_has_no_part_in_the_scale():
    projection = Projection([Tensor(np.zeros(2))])
    above, below = raws([1e8, 2.0]), raws([1e8, 1.0])

    assert projection.scale(above, below) == pytest.approx(2 * abs(projection.weights[0][1]))


def test_what_changed_once_is_remembered():
    projection = Projection([Tensor(np.zeros(2))])
    touched = [np.zeros(2, bool)]
    projection.scale(raws([1e8 + 1, 2.0]), raws([1e8, 1.0]), touched)

    assert projection.scale(raws([1e8, 2.0]), raws([1e8, 1.0]), touched) > 1e7


def test_a_shape_that_changes_is_refused():
    projection = Projection([Tensor(np.zeros(2))])

    with pytest.raises(ShapeError, match=r"shapes \[\(2,\)\], and \[\(3,\)\] when one number was"):
        projection.difference(raws([1.0, 2, 3]), raws([1.0, 2]))
