"""A glance takes no call for like an earlier one that is not."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

import gradatim as gd
from gradatim.compiler.glance import FEW, Glance

X, T = np.ones((2, 3), np.float32), np.array([0, 1])
W = gd.Tensor(np.ones(3))
FIRST = (X, W, 2, None, np.float64(0.5))
NOWHERE: frozenset[int] = frozenset()


def seen(*arguments, taping=True, inside=NOWHERE):
    return Glance(FIRST, True).arrays(arguments, taping, inside)


def test_arrays_of_the_same_form_are_handed_on_as_tensors():
    x, w = np.zeros((2, 3), np.float32), gd.Tensor(np.zeros(3))
    found = seen(x, w, 2, None, np.float64(0.25))
    assert found[0].raw is x
    assert found[1] is w
    assert found[2].item() == 0.25


def grown():
    w = gd.Tensor(np.ones(3))
    w.grad = w
    return w


@pytest.mark.parametrize(
    "arguments",
    [
        FIRST[:4],
        (*FIRST, 1),
        (X.astype(float), *FIRST[1:]),
        (X.astype(">f4"), *FIRST[1:]),
        (X.T, *FIRST[1:]),
        (W, *FIRST[1:]),
        (gd.Tensor(X), *FIRST[1:]),
        (X, X, *FIRST[2:]),
        (X, gd.Parameter(np.ones(3)), *FIRST[2:]),
        (X, gd.Tensor(np.ones(3), requires_grad=True), *FIRST[2:]),
        (X, grown(), *FIRST[2:]),
        (X, W, 3, *FIRST[3:]),
        (X, W, 2.0, *FIRST[3:]),
        (X, W, True, *FIRST[3:]),
        (X, W, 2, 0, FIRST[4]),
    ],
)
def test_another_form_is_not_taken_for_the_same(arguments):
    assert seen(*arguments) is None


def test_a_result_with_a_history_is_not_taken():
    form = Glance((gd.Parameter(np.ones(3)) * 2,), True)
    assert form.arrays((gd.Parameter(np.ones(3)) * 2,), True, NOWHERE) is None


def test_where_gradients_cannot_be_taken_the_form_is_another():
    assert seen(*FIRST, taping=False) is None


@pytest.mark.parametrize("inside", [id(W), id(W.raw), id(X)], ids=["W", "W.raw", "X"])
def test_what_the_step_sees_anyway_is_not_taken(inside):
    assert seen(*FIRST, inside={inside}) is None


@pytest.mark.parametrize("count", [2, 3, FEW + 1, 9])
def test_one_array_twice_is_not_two_arrays(count):
    rows = [np.ones((2, 3), np.float32) for _ in range(count)]
    form = Glance(rows, True)
    assert len(form.arrays(tuple(rows), True, NOWHERE)) == count
    for i, j in combinations(range(count), 2):
        again = [rows[i] if k == j else x for k, x in enumerate(rows)]
        assert form.arrays(tuple(again), True, NOWHERE) is None


def test_two_tensors_of_one_array_are_not_two_arrays():
    form = Glance((gd.Tensor(X), gd.Tensor(X)), True)
    one = gd.Tensor(X)
    other = gd.Tensor(X)
    other.raw = one.raw
    assert form.arrays((one, other), True, NOWHERE) is None


def test_without_arrays_there_are_none_to_tell_apart():
    assert Glance((2, None), True).arrays((2, None), True, {id(X)}) == []
    assert Glance((), True).arrays((), True, NOWHERE) == []
    assert Glance((), True).arrays((X,), True, NOWHERE) is None


@pytest.mark.parametrize("nested", [[X], (X,), {"x": X}])
def test_arguments_that_hold_others_are_left_to_the_thorough_look(nested):
    assert Glance.suits((X, 1, None))
    assert not Glance.suits((X, nested))


@pytest.mark.parametrize("foreign", [X.astype(X.dtype.newbyteorder()), X.view(np.memmap)])
def test_arrays_that_must_be_converted_are_left_to_it_too(foreign):
    assert Glance.suits((X, np.float64(1)))
    assert not Glance.suits((X, foreign))
