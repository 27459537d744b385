"""Indices split into keys and arrays."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim.autograd.key import parse_key
from gradatim.errors import DtypeError
from gradatim.primitives.index import HOLE


def test_plain_parts_stay_in_the_key() -> None:
    key, arrays = parse_key((1, slice(2, None), None, ..., np.int64(3)))
    assert key == (1, slice(2, None), None, ..., 3)
    assert arrays == []


def test_arrays_leave_holes() -> None:
    key, arrays = parse_key((slice(None), [0, 2], np.array([True, False])))
    assert key == (slice(None), HOLE, HOLE)
    assert [a.tolist() for a in arrays] == [[0, 2], [True, False]]


def test_an_empty_list_reads_nothing() -> None:
    _, (positions,) = parse_key([])
    assert positions.dtype == np.intp


def test_floats_are_no_positions() -> None:
    with pytest.raises(DtypeError, match=r"integers or booleans, not float64"):
        parse_key(np.array([1.0]))
    with pytest.raises(DtypeError, match=r"Try \.astype\(int\)"):
        gd.Tensor([1.0, 2.0])[gd.Tensor([0.0])]
