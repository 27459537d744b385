"""What makes two calls alike."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.compiler.signature import Call

X, Y, W = np.ones(2), gd.Tensor([1.0, 2.0]), gd.Parameter([1.0, 2.0])


def key(*arguments, **settings):
    return Call(["a", "b"], arguments, settings).key(lambda x: None)


def test_arrays_are_alike_by_shape_and_dtype():
    assert key(np.zeros((2, 3))) == key(gd.Tensor(np.ones((2, 3))))
    assert key(np.zeros((2, 3))) != key(np.zeros((3, 2)))
    assert key(np.zeros(2)) != key(np.zeros(2, np.float32))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ((1,), (True,)),
        ((1,), (1.0,)),
        ((0.0,), (-0.0,)),
        (([np.ones(2)], np.ones(2)), (np.ones(2), [np.ones(2)])),
        (({"a": np.ones(2)},), ({"b": np.ones(2)},)),
        (((np.ones(2),),), ([np.ones(2)],)),
        ((gd.Tensor([1.0]),), (gd.Tensor([1.0], requires_grad=True),)),
        (([],), ((),)),
        ((object(),), (object(),)),
    ],
)
def test_calls_that_are_not_alike(one, two):
    assert key(*one) != key(*two)
    hash(key(*one))


def test_not_a_number_is_like_itself():
    assert key(float("nan")) == key(float("nan"))


def test_one_array_twice_is_not_two_arrays():
    x = np.ones(2)
    assert key(x, x) != key(x, x.copy())


@pytest.mark.parametrize(
    ("arguments", "is_apart"),
    [((), True), ((X, Y, 2), True), ((X, X), False), ((X, W), False), ((Y, Y.raw), False)],
)
def test_arrays_that_have_nothing_to_do_with_each_other(arguments, is_apart):
    assert Call((), arguments, {}).is_apart(lambda x: 0 if x is W else None) == is_apart


def test_names_of_arrays():
    call = Call(["a"], ({"x": np.ones(1)}, [np.ones(1)]), {"c": np.ones(1), "d": 3})
    assert call.names == ["a_x", "argument_1_0", "c"]
    assert call.others == [3]


def test_lists_of_numbers_are_settings():
    assert Call(["a"], ([[1.0, 2.0], [3.0, 4.0]],), {}).arrays == []
    assert key([1, 2]) == key([1, 2])
    assert key([1, 2]) != key([1, 3])
