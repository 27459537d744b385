import random
from collections import deque

import numpy as np
import pytest

import gradatim as gd
from gradatim.nn.snapshot import put_back


class Slotted:
    __slots__ = ("missing", "number")

    def __init__(self):
        self.number = 1


class Plain:
    def __init__(self):
        self.list, self.dict, self.set, self.deque = [1, [2]], {"a": 1, "b": 2}, {1}, deque([1, 2])
        self.array, self.tensor = np.arange(3.0), gd.Tensor([1.0, 2.0], requires_grad=True)
        self.number, self.tuple, self.slotted = 1, ([1],), Slotted()
        self.myself = self


def spoil(it):
    it.list[1].append(3)
    it.list.pop(0)
    it.dict.pop("a")
    it.dict["a"] = 7
    it.set.add(2)
    it.deque.rotate()
    it.array[:] = 0
    it.tuple[0].clear()
    it.slotted.number = it.slotted.missing = 5
    it.number = it.new = 2
    (it.tensor * it.tensor).sum().backward()
    it.tensor.assign([8.0, 9.0])


@pytest.mark.parametrize("fails", [False, True], ids=["it ends well", "it raises"])
def test_everything_is_as_before(fails):
    it = Plain()
    array, raw = it.array, it.tensor.raw

    try:
        with put_back(it):
            spoil(it)
            if fails:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        assert fails

    assert it.list == [1, [2]]
    assert list(it.dict.items()) == [("a", 1), ("b", 2)]
    assert it.set == {1}
    assert list(it.deque) == [1, 2]
    assert it.array is array
    assert it.array.tolist() == [0, 1, 2]
    assert it.tuple == ([1],)
    assert (it.slotted.number, hasattr(it.slotted, "missing")) == (1, False)
    assert it.number == 1
    assert not hasattr(it, "new")
    assert it.tensor.raw is raw
    assert it.tensor.tolist() == [1, 2]
    assert it.tensor.grad is None
    assert it.tensor.written == 0


@pytest.mark.parametrize(
    "source",
    [np.random.default_rng(0), np.random.RandomState(0), random.Random(0), np.random, random],
    ids=["Generator", "RandomState", "Random", "NumPy's own", "Python's own"],
)
def test_random_numbers_are_drawn_again(source):
    with put_back([source]):
        first = source.random()

    assert source.random() == first


def test_arrays_that_nobody_may_write_are_left_alone():
    array = np.arange(3.0)
    array.flags.writeable = False

    with put_back([array]):
        pass

    assert array.tolist() == [0, 1, 2]


def test_a_gradient_of_before_keeps_its_numbers():
    x = gd.Tensor([1.0], requires_grad=True)
    (3 * x).sum().backward()
    grad = x.grad

    with put_back(x):
        (4 * x).sum().backward()
        grad.data[:] = 0

    assert x.grad is grad
    assert grad.tolist() == [3.0]
