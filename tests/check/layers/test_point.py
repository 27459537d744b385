"""Points of every kind are made from the inputs given."""

from __future__ import annotations

import numpy as np

from gradatim.check.layers.point import moved, points, scale_of

X = np.random.default_rng(0).normal(size=(5, 4))
LABELS = np.array([0, 2, 1, 3, 1])


def by_label(*inputs, kinds=("moves",), free=False):
    return {point.label: point for point in points(inputs, kinds, 0, free)}


def test_numbers_differ_in_sign_and_size():
    found = {label: point.inputs[0] for label, point in by_label(X).items()}

    assert found["as given"] is X
    assert (found["at negative numbers"] < 0).all()
    assert (found["at positive numbers"] > 0).all()
    assert np.abs(found["at large numbers"]).max() > 5 * np.abs(X).max()
    assert np.abs(found["at small numbers"]).max() < 0.1 * np.abs(X).max()
    whole = found["at whole numbers"]
    assert (whole == np.round(whole)).all()
    assert (whole == 0).any()


def test_the_batch_is_of_other_sizes_one_as_large_as_the_columns():
    samples = {point.samples for point in points((X,), ("moves",), 0)}

    assert samples >= {1, 4, 5, 7, 10}


def test_labels_stay_labels_and_rows_stay_one_hot():
    for t in (LABELS, np.eye(4)[LABELS]):
        for point in points((X, t), ("moves", "target"), 0):
            x, other = point.inputs
            assert len(other) == len(x)
            if point.like is None:
                assert other.dtype == t.dtype
                assert other.ndim == t.ndim
            assert other.max() <= 3
            assert (other.sum(axis=-1) == 1).all() or other.ndim == 1


def test_a_loss_is_tried_with_the_other_kind_of_target():
    labels = by_label(X, LABELS, kinds=("moves", "target"))["for one-hot rows"].inputs[1]
    rows = by_label(X, np.eye(4)[LABELS], kinds=("moves", "target"))["for labels"].inputs[1]

    assert labels.shape == (4, 4)
    assert rows.shape == (4,)


def test_other_sizes_are_tried_where_no_parameter_fixes_them():
    square = np.ones((2, 3, 3, 3))

    assert by_label(square, free=True)["for shape (2, 5, 7, 9)"].inputs[0].shape == (2, 5, 7, 9)
    assert not any(label.startswith("for shape") for label in by_label(square))


def test_numbers_without_axes_have_no_batch():
    assert {point.samples for point in points((3.0, 2.0), ("moves", "moves"), 0)} == {None}


def test_parameters_are_moved_as_far_as_the_point_says():
    values, rng = np.array([1.0, 2.0]), np.random.default_rng(0)

    assert moved(values, "given", rng) is values
    assert 0 < np.abs(moved(values, "near", rng) - values).max() < 0.5
    assert np.abs(moved(np.zeros(3), "random", rng)).min() > 0


def test_the_scale_of_numbers_is_never_0():
    assert scale_of(np.zeros(3)) == 1.0
    assert scale_of(np.full(3, -7.0)) == 7.0
    assert scale_of(np.array([np.nan, 1.0, 3.0])) == 1.0
