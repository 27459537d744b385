"""The notebooks' network is the one that NumPy's own seed would draw."""

from __future__ import annotations

import numpy as np

from gradatim.cli import budget


def test_the_weights_are_those_of_the_notebooks():
    state = budget.network(0).state_dict()
    random = np.random.RandomState(0)
    first, second = 0.01 * random.randn(784, 50), 0.01 * random.randn(50, 10)

    names = list(state)
    assert np.array_equal(state[names[0]], first)
    assert np.array_equal(state[names[2]], second)
    assert not state[names[1]].any()
    assert state[names[0]].dtype == np.float64


def test_the_digits_are_the_first_of_the_training_images():
    x, t = budget.digits()

    assert x.shape == (3, 784)
    assert x.dtype == np.float64
    assert t.tolist() == [5, 0, 4]
