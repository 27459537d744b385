"""A failed call in words."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.autograd.explain import explain
from gradatim.errors import GradatimError, GraphError, ShapeError
from gradatim.primitives import TABLE


def test_what_was_called_what_arrived_what_must_hold_what_to_try() -> None:
    with pytest.raises(ShapeError) as caught:
        gd.Tensor(np.ones((100, 784))) @ gd.Tensor(np.ones((50, 784)))
    assert str(caught.value) == (
        "matmul: a is (100, 784), b is (50, 784): inner sizes differ.\n"
        "  The last axis of a (784) must equal the second to last of b (50).\n"
        "  Did you mean a @ b.mT?"
    )


def test_reshape_counts() -> None:
    with pytest.raises(ShapeError, match=r"6 elements cannot be arranged as \(4, 2\)|6 elements"):
        gd.Tensor(np.ones((2, 3))).reshape(4, 2)


def test_a_singular_matrix() -> None:
    with pytest.raises(GraphError, match=r"(?i)singular"):
        gd.linalg.inv(np.zeros((2, 2)))


def test_what_is_not_a_mistake_of_the_call_passes_unchanged() -> None:
    error = MemoryError("no room")
    assert explain(TABLE["exp"], (np.ones(1),), {}, error) is error
    ours = GradatimError("already explained")
    assert explain(TABLE["exp"], (np.ones(1),), {}, ours) is ours


def test_the_first_cause_is_kept() -> None:
    with pytest.raises(ShapeError) as caught:
        gd.Tensor([1.0, 2.0]) + np.ones(3)
    assert isinstance(caught.value.__cause__, ValueError)
