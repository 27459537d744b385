"""Picked samples: NumPy's numbers to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.data.gather import as_floats, gathered, whole_divisor
from gradatim.native import engine
from gradatim.native.picking import Picking

pytestmark = pytest.mark.skipif(not engine.is_there(), reason="no machine code can be made here")

ROWS = np.array([4, 0, 4, 1, 2])


@pytest.mark.parametrize("row", [1, 7, 8, 31, 32, 33, 784])
@pytest.mark.parametrize("target", ["f4", "f8"])
@pytest.mark.parametrize("source", ["u1", "u2"])
@pytest.mark.parametrize("scale", [None, 1 / 255, 1 / 65535, 0.3])
def test_samples_of_any_size_and_scale(source, target, row, scale):
    array = np.random.default_rng(0).integers(0, 2**16, (5, row)).astype(source)
    divisor = None if scale is None else whole_divisor(scale)
    factor = 1.0 if scale is None or divisor else scale
    found = Picking(array.dtype, row, np.dtype(target), factor, divisor)(array, ROWS)
    expected = as_floats(gathered(array, ROWS), np.dtype(target), scale)
    assert found.dtype == target
    assert found.tobytes() == expected.tobytes()


def test_every_quotient_of_16_bits():
    array = np.arange(2**16, dtype=np.uint16).reshape(1, -1)
    picking = Picking(array.dtype, 2**16, np.dtype("f4"), divisor=65535)
    expected = array / np.float32(65535)
    assert picking(array, np.zeros(1, np.intp)).tobytes() == expected.tobytes()


def test_quotients_of_what_is_no_whole_number():
    array = np.array([[np.inf, -np.inf, np.nan, -0.0, 0.1, 1e38, 1e-45, 3.0]] * 5, "f4")
    found = Picking(array.dtype, 8, np.dtype("f4"), divisor=255)(array, ROWS)
    expected = array[ROWS] / np.float32(255)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(np.signbit(found), np.signbit(expected))


def test_the_shape_of_a_sample_is_kept_and_none_is_no_error():
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    picking = Picking(array.dtype, 12, np.dtype("f4"))
    assert picking(array, np.array([1])).tolist() == array[1:].tolist()
    assert picking(array, np.empty(0, np.intp)).shape == (0, 3, 4)
