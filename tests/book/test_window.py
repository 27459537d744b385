from __future__ import annotations

import numpy as np
import pytest

from gradatim.book import col2im, im2col
from gradatim.errors import ShapeError

SETTINGS = [(1, 1, 1, 0), (2, 2, 1, 0), (3, 2, 1, 1), (3, 3, 2, 1), (2, 2, 2, 0), (5, 7, 3, 2)]


def book_im2col(x, filter_h, filter_w, stride, pad):
    """As the book has it."""
    n, c, h, w = x.shape
    out_h = (h + 2 * pad - filter_h) // stride + 1
    out_w = (w + 2 * pad - filter_w) // stride + 1
    img = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)], "constant")
    col = np.zeros((n, c, filter_h, filter_w, out_h, out_w))
    for y in range(filter_h):
        y_max = y + stride * out_h
        for i in range(filter_w):
            i_max = i + stride * out_w
            col[:, :, y, i, :, :] = img[:, :, y:y_max:stride, i:i_max:stride]
    return col.transpose(0, 4, 5, 1, 2, 3).reshape(n * out_h * out_w, -1)


@pytest.mark.parametrize("settings", SETTINGS)
def test_im2col_is_that_of_the_book(settings):
    x = np.random.randn(2, 3, 5, 7)
    np.testing.assert_array_equal(im2col(x, *settings), book_im2col(x, *settings))


@pytest.mark.parametrize("settings", SETTINGS)
def test_col2im_is_the_transpose_of_im2col(settings):
    x = np.random.randn(2, 3, 5, 7)
    col = im2col(x, *settings)
    other = np.random.randn(*col.shape)
    np.testing.assert_allclose((col * other).sum(), (x * col2im(other, x.shape, *settings)).sum())


def test_windows_that_do_not_overlap_come_back_as_they_were():
    x = np.random.randn(2, 3, 4, 6)
    np.testing.assert_array_equal(col2im(im2col(x, 2, 3, 1), (2, 3, 4, 6), 2, 3, 1).shape, x.shape)
    np.testing.assert_array_equal(col2im(im2col(x, 2, 2, 2), x.shape, 2, 2, 2), x)


def test_dtypes_stay_and_nothing_is_changed():
    x = np.arange(32, dtype=np.float32).reshape(1, 2, 4, 4)
    before = x.copy()
    col = im2col(x, 1, 1)
    assert col.dtype == col2im(col, x.shape, 1, 1).dtype == np.float32
    col[...] = 7
    col2im(col, x.shape, 1, 1)[...] = 8
    assert (col == 7).all()
    np.testing.assert_array_equal(x, before)


def test_images_need_four_axes():
    with pytest.raises(
        ShapeError, match=r"im2col: .* \(28, 28\); it must be \(N, C, H, W\).\n  Try"
    ):
        im2col(np.zeros((28, 28)), 3, 3)


def test_a_window_must_fit():
    with pytest.raises(ShapeError, match=r"im2col: the window \(6, 2\) is larger than .* \(5, 7\)"):
        im2col(np.zeros((1, 1, 5, 7)), 6, 2)


@pytest.mark.parametrize("settings", [(0, 1, 1, 0), (1, 1, 0, 0), (1, 1, 1, -1)])
def test_sizes_must_be_positive(settings):
    with pytest.raises(ShapeError, match=r"im2col: window .*; window and stride must be 1 or more"):
        im2col(np.zeros((1, 1, 5, 7)), *settings)


def test_rows_must_be_those_of_the_images():
    with pytest.raises(ShapeError, match=r"col2im: col has shape \(4, 5\);.* it must be \(4, 4\)"):
        col2im(np.zeros((4, 5)), (1, 1, 3, 3), 2, 2)
