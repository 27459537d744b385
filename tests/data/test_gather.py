from __future__ import annotations

import numpy as np
import pytest

from gradatim.data import gather
from gradatim.data.gather import (
    as_floats,
    checked_rows,
    floating,
    gathered,
    gathered_floats,
    owned,
    whole_divisor,
)
from gradatim.errors import DataError, DtypeError
from gradatim.native import engine
from gradatim.native.picking import Picking

BYTES = np.arange(256, dtype=np.uint8)


class TestCheckedRows:
    def test_negative_indices_count_from_the_end(self):
        assert checked_rows([-1, 0, -10, 9], 10).tolist() == [9, 0, 0, 9]

    def test_the_callers_indices_are_left_alone(self):
        rows = np.array([-1, 3])
        checked_rows(rows, 10)
        assert rows.tolist() == [-1, 3]

    @pytest.mark.parametrize("dtype", ["i1", "u1", "i4", "u4", "i8", "u8"])
    def test_any_integers_will_do(self, dtype):
        assert checked_rows(np.array([3, 1], dtype), 4).dtype == np.intp

    def test_none_at_all_will_do(self):
        assert checked_rows([], 4).shape == (0,)

    @pytest.mark.parametrize("wrong", [10, -11, 2**63 - 1])
    def test_an_index_out_of_range_is_named(self, wrong):
        with pytest.raises(DataError, match=rf"index {wrong} is out of range.*\n.*0 to 9, or -10"):
            checked_rows([0, wrong], 10)

    def test_an_unsigned_index_does_not_wrap_round(self):
        with pytest.raises(DataError, match="index 18446744073709551615 is out of range"):
            checked_rows(np.array([2**64 - 1], np.uint64), 10)

    @pytest.mark.parametrize("wrong", [[0.0, 1.0], [True, False], [[0, 1]], 3, ["a"]])
    def test_what_is_no_row_of_integers_is_refused(self, wrong):
        with pytest.raises(DataError, match=r"one row of integers.*np\.flatnonzero\(mask\)"):
            checked_rows(wrong, 10)


class TestAsFloats:
    @pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
    def test_bytes_over_255_equal_division_to_the_last_bit(self, dtype):
        scaled = as_floats(BYTES, np.dtype(dtype), 1 / 255)
        assert scaled.dtype == dtype
        assert scaled.tobytes() == (BYTES.astype(dtype) / dtype(255)).tobytes()

    def test_multiplying_would_not_be_the_same(self):
        multiplied = BYTES.astype(np.float32) * np.float32(1 / 255)
        assert np.count_nonzero(multiplied != as_floats(BYTES, np.dtype("f4"), 1 / 255)) == 126

    @pytest.mark.parametrize("stored", [np.int64, np.float64, np.float32, np.bool_])
    def test_any_numbers_are_scaled(self, stored):
        array = np.array([0, 1, 1], dtype=stored)
        assert as_floats(array, np.dtype("f4"), 0.3).tolist() == [
            0,
            np.float32(0.3),
            np.float32(0.3),
        ]

    def test_a_view_is_copied_a_fresh_array_is_not(self):
        fresh = np.ones(3, np.float32)
        assert as_floats(fresh, np.dtype("f4")) is fresh
        assert not np.shares_memory(as_floats(fresh[:], np.dtype("f4")), fresh)


@pytest.mark.parametrize(
    ("scale", "divisor"),
    [(1 / 255, 255), (1.0, 1), (0.5, 2), (0.3, None), (2.0, None), (1e9, None)],
)
def test_a_scale_that_is_one_over_a_whole_number_is_known(scale, divisor):
    assert whole_divisor(scale) == divisor


def test_every_whole_divisor_to_1000_is_known():
    assert [whole_divisor(1 / n) for n in range(1, 1001)] == list(range(1, 1001))


def test_gathered_samples_are_fresh():
    array = np.arange(6).reshape(3, 2)
    rows = gathered(array, np.array([2, 0]))
    assert rows.tolist() == [[4, 5], [0, 1]]
    assert not np.shares_memory(rows, array)
    assert owned(rows) is rows


@pytest.mark.parametrize("dtype", [np.int64, bool, np.complex64, "U3"])
def test_a_dtype_that_is_not_floating_is_refused_by_name(dtype):
    with pytest.raises(
        DtypeError, match=rf"Loader: dtype is {np.dtype(dtype)}.*\n.*np\.float32 or"
    ):
        floating(dtype, "Loader")


class TestGatheredFloats:
    ROWS = np.random.default_rng(0).integers(0, 300, 64)

    @pytest.fixture
    def picked(self, monkeypatch):
        """How often machine code has gathered; it is worth it from the first time on."""
        calls = []
        gather_all = Picking.__call__

        def count(self, array, rows):
            calls.append(len(rows))
            return gather_all(self, array, rows)

        monkeypatch.setattr(Picking, "__call__", count)
        monkeypatch.setattr(gather, "_WORTH", -1)
        monkeypatch.delenv("GRADATIM_BACKEND", raising=False)
        return calls

    def pixels(self, stored="u1", row=300):
        return np.random.default_rng(1).integers(0, 2**8, (300, row)).astype(stored)

    @pytest.mark.skipif(not engine.is_there(), reason="no machine code can be made here")
    def test_many_bytes_are_gathered_by_machine_code(self, picked):
        found = gathered_floats(self.pixels(), self.ROWS, np.dtype("f4"), 1 / 255)
        assert picked == [64]
        np.testing.assert_array_equal(found, self.pixels()[self.ROWS] / np.float32(255))

    def test_only_after_so_many_that_it_pays(self, picked, monkeypatch):
        monkeypatch.setattr(gather, "_WORTH", 64 * 300)
        monkeypatch.setattr(gather, "_picked", {})
        for _ in range(4):
            gathered_floats(self.pixels(), self.ROWS, np.dtype("f4"), 1 / 255)
        assert len(picked) == 2 * engine.is_there()

    @pytest.mark.parametrize(
        ("array", "rows", "dtype"),
        [
            (pixels(None, "i2"), ROWS, "f4"),
            (pixels(None)[:, ::2], ROWS, "f4"),
            (pixels(None), ROWS[::2], "f4"),
            (pixels(None), ROWS[:8], "f4"),
            (pixels(None, row=60), np.tile(ROWS, 9), "f4"),
            (pixels(None).astype(">u2"), ROWS, "f4"),
            (pixels(None), ROWS, "f2"),
        ],
        ids=["type", "layout", "rows", "few", "small", "order", "float"],
    )
    def test_numpy_gathers_all_else(self, picked, array, rows, dtype):
        found = gathered_floats(array, rows, np.dtype(dtype), 0.5)
        assert not picked
        np.testing.assert_array_equal(found, array[rows].astype(dtype) * np.dtype(dtype).type(0.5))

    def test_and_everything_where_it_is_the_backend(self, picked, monkeypatch):
        monkeypatch.setenv("GRADATIM_BACKEND", "numpy")
        gathered_floats(self.pixels(), self.ROWS, np.dtype("f4"))
        assert not picked
