"""How products are cut: every column in one strip, every sum in a register, few kinds of tiles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.machine.crew import recorded
from gradatim.compiler.machine.blocking import LONGEST, REGISTERS, WALKED_ROWS, Blocking, _best
from gradatim.compiler.machine.schedule import schedule
from gradatim.native.engine import host

SIZES = st.integers(1, 3000)
AVX2 = {"float": 8, "double": 4, "i64": 4}


def cut(height, inner, width, lanes=AVX2, threads=1, turned=(False, False), **bands):
    left = np.ones((inner, height) if turned[0] else (height, inner), "f4")
    right = np.ones((width, inner) if turned[1] else (inner, width), "f4")

    def step(left, right):
        return (left.T if turned[0] else left) @ (right.T if turned[1] else right)

    kernel = schedule(recorded(step, left, right)[0]).kernels[0]
    vars(kernel).update(bands)
    return Blocking.of(kernel, lanes, threads)


@given(height=SIZES, width=SIZES, lanes=st.sampled_from([4, 8, 16]))
def test_every_vector_is_in_one_strip_and_every_sum_in_a_register(height, width, lanes):
    vectors = -(-width // lanes)
    ragged = width % lanes > 0 and vectors > 1
    tall, runs = _best(height, vectors, 2 if ragged else 1, REGISTERS[lanes])
    covered = [
        run.first + strip * run.vectors + i
        for run in runs
        for strip in range(run.count)
        for i in range(run.vectors)
    ]
    assert covered == list(range(vectors))
    assert not ragged or all(run.vectors > 1 for run in runs), "the last one overlaps another"
    assert all(tall * r.vectors + min(tall, r.vectors) < REGISTERS[lanes] for r in runs)
    assert tall <= height


@pytest.mark.parametrize(
    ("height", "width", "tall", "strips"),
    [
        (96, 48, 6, [2, 2, 2]),
        (784, 56, 4, [2, 2, 3]),  # no lower tile at the end
        (6, 64, 6, [2] * 4),
        (10, 512, 5, [2] * 32),  # five rows and five are better than six and four
        (1, 64, 1, [8]),  # sums that do not wait for each other
        (3, 7, 3, [1]),
    ],
)
def test_tiles_of_avx2(height, width, tall, strips):
    found = cut(height, 20, width)
    assert found.tall == tall
    assert [run.vectors for run in found.runs for _ in range(run.count)] == strips


def test_the_inner_axis_is_cut_where_few_rows_walk_down_a_wide_matrix():
    assert cut(10, 784, 512).inner <= WALKED_ROWS
    assert cut(10, 784, 50).inner == 784, "a narrow one lies close together"
    assert cut(200, 784, 512).inner == 784, "of many rows a copy is made"
    assert cut(200, 4096, 512).inner <= LONGEST, "but it is long"


def test_what_is_copied():
    assert cut(200, 30, 512).copies_right
    assert not cut(10, 30, 512).copies_right
    assert cut(10, 30, 64, turned=(False, True)).copies_right
    assert cut(600, 300, 512, turned=(True, False)).copies_left
    assert not cut(600, 300, 512).copies_left
    assert not cut(600, 30, 512, turned=(True, False)).copies_left, "few steps down"


def test_what_lies_in_bands_is_read_as_it_lies():
    found = cut(40, 300, 512, reads_bands=True)
    assert cut(100, 300, 512).copies_right
    assert not cut(100, 300, 512, reads_bands=True).copies_right
    assert (cut(10, 300, 512).inner, found.inner) == (100, 300)
    assert found.rows < cut(40, 300, 512).rows, "nor must many rows make up for a walk"


def test_a_band_is_written_in_long_parts():
    plain, found = (cut(784, 10, 512, turned=(True, False), writes_bands=x) for x in (False, True))
    assert plain.rows < found.rows
    assert cut(784, 2000, 512, turned=(True, False), writes_bands=True).rows >= plain.rows


def test_threads_share_columns_where_rows_are_few():
    assert cut(10, 784, 512, threads=2).by_columns
    assert cut(7, 784, 50, threads=2).by_columns
    assert not cut(100, 784, 50, threads=2).by_columns
    assert not cut(784, 10, 512, threads=2).by_columns
    assert not cut(7, 784, 50, threads=1).by_columns


def test_the_processor_here_is_one_of_those_that_are_known():
    assert host().lanes["float"] in REGISTERS
