"""The table of mistakes; that each is found in a layer is in test_cause.py."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.check.layers.mistake import MISTAKES, alike, mended


def test_each_mistake_has_a_kind_of_its_own_and_names_the_gradient():
    kinds = [mistake.kind for mistake in MISTAKES]

    assert len(set(kinds)) == len(kinds)
    for mistake in MISTAKES:
        assert mistake.what.format(name="dW").startswith("dW ")
        assert "{" not in mistake.fix.format(name="dW")


@pytest.mark.parametrize(
    ("b", "are"),
    [
        ([1.0, 2e6], True),
        ([1.0, 2e6 * (1 + 1e-6)], True),
        ([1.5, 2e6], True),
        ([1.0, 2e6 * (1 + 1e-4)], False),
        ([np.nan, 2e6], False),
    ],
)
def test_gradients_are_alike_but_for_rounding_of_the_largest(b, are):
    assert alike(np.array([1.0, 2e6]), np.array(b)) is are


@pytest.mark.parametrize(
    ("line", "is_told"),
    [
        ("return dout @ self.W", True),
        ("dx = np.dot(dout, self.W)", True),
        ("dx = np.dot(dout, self.W.T)", False),
        ("return dout @ self.W.T", False),
        ("return dout @ self.W2", False),
        ("", False),
    ],
)
def test_a_line_without_its_transpose(line, is_told):
    assert bool(mended(line)) is is_told
