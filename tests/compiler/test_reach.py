"""What a function can see: its own code is followed, that of installed libraries is not."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.compiler.reach import Reach

FACTOR = 2.0


def test_libraries_are_not_followed():
    def step(x):
        return pytest.approx(x), np.ones(3), gd.tanh(x)

    assert len(Reach([("step", step)]).entries) < 40


def test_only_names_in_the_code_are_followed():
    def step(x):
        return x * FACTOR

    keys = [key for _, key, _, _ in Reach([("step", step)]).entries]
    assert keys == ["FACTOR"]


def test_a_chain_of_objects_is_no_recursion():
    chain = []
    for _ in range(5000):
        chain = [chain]
    assert len(Reach([("chain", chain)]).rows) == 5001


def test_tensors_arrays_and_generators_are_found():
    w, array, random = gd.Parameter([1.0], name="w"), np.ones(2), np.random.default_rng(0)
    found = Reach([("it", {"w": [w, w], "a": array, "r": random})])
    assert found.tensors == [(w, "w")]
    assert [a is array for a, _ in found.arrays] == [True]
    assert found.generators == [random]
