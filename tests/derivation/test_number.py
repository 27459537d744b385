"""How numbers are written: short, without round-off, and arrays by what is common to them."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.derivation.number import array_text, number_text, read


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (220.00000000000003, "220"),
        (1.1, "1.1"),
        (-0.0, "0"),
        (1 / 3, "0.33333"),
        (1e-7, "1e-7"),
        (60000, "60000"),
        (float("nan"), "NaN"),
        (float("-inf"), "-∞"),
    ],
)
def test_a_number_is_short(x, text):
    assert number_text(x) == text


@pytest.mark.parametrize(
    ("x", "digits", "text"),
    [
        (2.0000001, 8, "2.0000001"),
        (2.0, 8, "2"),
        (1 / 3, 12, "0.333333333333"),
        (0.1 + 0.2, 17, "0.30000000000000004"),
        (1.25e-7, 17, "1.25e-7"),
        (1e23, 17, "1e23"),
    ],
)
def test_more_digits_are_written_where_they_are_asked_for(x, digits, text):
    assert number_text(x, digits) == text


def test_a_number_is_read_as_it_is_written():
    assert read(1 / 3, 5) == 0.33333
    assert read(float("inf"), 5) == float("inf")


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (np.float32(0.1), "0.1"),
        (np.array([1.0, -2.5]), "[1, -2.5]"),
        (np.eye(2), "[[1, 0], [0, 1]]"),
        (np.arange(7.0), "shape (7,)"),
        (np.full((3, 4), 0.25), "shape (3, 4), all 0.25"),
        (np.full((3, 4), np.nan), "shape (3, 4)"),
        (np.zeros((0, 2)), "shape (0, 2)"),
    ],
)
def test_an_array_is_written_out_if_it_is_small(x, text):
    assert array_text(x) == text
