"""How products that leave out zeros are cut: what fits which cache decides."""

from __future__ import annotations

import numpy as np
import pytest

from compiler.machine.crew import recorded
from gradatim.compiler.machine.cut import GROUP, Cut, sparse_elements
from gradatim.compiler.machine.schedule import schedule

AVX2 = {"float": 8, "double": 4, "i64": 4}


def product(height, inner, width, dtype="f4"):
    left, right = np.ones((height, inner), dtype), np.ones((inner, width), dtype)
    (kernel,) = schedule(recorded(lambda x, y: x @ y, left, right)[0]).kernels
    return kernel


@pytest.mark.parametrize(
    ("inner", "width", "dtype", "block"),
    [
        (128, 64, "f4", 2),  # 32 KiB are read again from the first cache
        (129, 64, "f4", 2),
        (784, 50, "f4", 2),
        (784, 30, "f4", 4),
        (784, 50, "f8", 1),
        (784, 128, "f4", 1),
        (784, 129, "f4", 13),  # a word tells of more than the cache holds: all at a time
        (100, 72, "f4", 2),  # less than the cache holds, though not in whole words
        (784, 400, "f4", 13),  # too much for the second cache, too: strip by strip
    ],
)
def test_a_block_is_what_the_first_cache_holds(inner, width, dtype, block):
    assert Cut.of(product(100, inner, width, dtype), AVX2, 1).block == block


@pytest.mark.parametrize(
    ("inner", "width", "is_far"),
    [
        (2048, 128, False),  # as much as the second cache holds
        (2049, 128, True),
        (8000, 64, False),  # there is but one strip
    ],
)
def test_a_matrix_beyond_the_second_cache_is_copied_strip_by_strip(inner, width, is_far):
    assert Cut.of(product(10, inner, width), AVX2, 1).is_far is is_far


@pytest.mark.parametrize(
    ("width", "threads", "by_columns"),
    [(128, 1, False), (128, 2, True), (128, 3, False), (192, 3, True)],
)
def test_threads_share_strips_if_there_is_one_for_each(width, threads, by_columns):
    assert Cut.of(product(10, 3000, width), AVX2, threads).by_columns is by_columns


@pytest.mark.parametrize(
    ("height", "inner", "width", "words", "beside"),
    [
        (10, 100, 64, 10 * 2 * 8 + 32, 0),  # in whole lines
        (10, 784, 50, 10 * 13 * 8 + 48, 10 * 56 * 4),  # sums of all rows, in whole vectors
        (GROUP + 1, 784, 50, 129 * 13 * 8 + 24, GROUP * 56 * 4),
        (10, 3000, 129, 10 * 47 * 8 + 16, 3000 * 48 * 4),  # a copy of the widest strip
    ],
)
def test_each_thread_has_room_for_words_and_for_sums_or_a_strip(
    height, inner, width, words, beside
):
    kernel = product(height, inner, width)
    assert Cut.of(kernel, AVX2, 1).room(kernel) == (words, beside)
    assert sparse_elements(kernel, AVX2, 1) == (words + beside) // 4
    assert sparse_elements(kernel, AVX2, 2) == 2 * sparse_elements(kernel, AVX2, 1)
