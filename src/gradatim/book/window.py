"""im2col and col2im: windows of images as rows of a matrix, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradatim.errors import ShapeError
from gradatim.types import Array, Shape


def im2col(input_data: Any, filter_h: int, filter_w: int, stride: int = 1, pad: int = 0) -> Array:
    """Return each window of each image as a row, so that a convolution is a matrix product.

    Parameters
    ----------
    input_data : array (N, C, H, W)
        Images. Not changed.
    filter_h, filter_w : int
        Size of the window.
    stride : int
        How far the window moves at a time.
    pad : int
        Zeros added on each side.

    Returns
    -------
    array (N * out_h * out_w, C * filter_h * filter_w)
        A copy, of the dtype of the images; ``out_h = (H + 2 pad - filter_h) // stride + 1``.

    Raises
    ------
    ShapeError
        If there are not 4 axes, the window is larger than a padded image, or a size is not a
        positive integer.

    Notes
    -----
    Its transpose, which gives its gradient, is :func:`col2im`.

    Source: K. Saitoh, "Deep Learning from Scratch", section 7.4.

    Examples
    --------
    >>> im2col(np.arange(9.0).reshape(1, 1, 3, 3), 2, 2)
    array([[0., 1., 3., 4.],
           [1., 2., 4., 5.],
           [3., 4., 6., 7.],
           [4., 5., 7., 8.]])
    """
    images = np.asarray(input_data)
    _out_sizes("im2col", images.shape, filter_h, filter_w, stride, pad)
    padded = np.pad(images, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, (filter_h, filter_w), (2, 3))
    windows = windows[:, :, ::stride, ::stride].transpose(0, 2, 3, 1, 4, 5)
    return windows.reshape(-1, images.shape[1] * filter_h * filter_w).copy()


def col2im(
    col: Any, input_shape: Shape, filter_h: int, filter_w: int, stride: int = 1, pad: int = 0
) -> Array:
    """Return the images whose pixels are the sums of what the windows hold of them.

    Parameters
    ----------
    col : array (N * out_h * out_w, C * filter_h * filter_w)
        Rows as :func:`im2col` makes them. Not changed.
    input_shape : tuple of int
        Shape (N, C, H, W) of the images.
    filter_h, filter_w : int
        Size of the window.
    stride : int
        How far the window moves at a time.
    pad : int
        Zeros that were added on each side; they are cut off.

    Returns
    -------
    array (N, C, H, W)
        Of the dtype of ``col``. It undoes :func:`im2col` only where windows do not overlap.

    Raises
    ------
    ShapeError
        If ``col`` has not the shape that the sizes ask for.

    Notes
    -----
    The gradient of :func:`im2col`: a pixel that was copied into k windows gets k contributions.

    Examples
    --------
    >>> col2im(np.ones((4, 4)), (1, 1, 3, 3), 2, 2)
    array([[[[1., 2., 1.],
             [2., 4., 2.],
             [1., 2., 1.]]]])
    """
    rows, shape = np.asarray(col), tuple(input_shape)
    out_h, out_w = _out_sizes("col2im", shape, filter_h, filter_w, stride, pad)
    n, c, h, w = shape
    wanted = (n * out_h * out_w, c * filter_h * filter_w)
    if rows.shape != wanted:
        raise ShapeError(
            f"col2im: col has shape {rows.shape}; for images {shape}, windows "
            f"{(filter_h, filter_w)}, stride {stride} and pad {pad} it must be {wanted}."
        )
    windows = rows.reshape(n, out_h, out_w, c, filter_h, filter_w).transpose(0, 3, 4, 5, 1, 2)
    padded = np.zeros((n, c, h + 2 * pad, w + 2 * pad), rows.dtype)
    for i in range(filter_h):
        for j in range(filter_w):
            down = slice(i, i + stride * out_h, stride)
            across = slice(j, j + stride * out_w, stride)
            padded[:, :, down, across] += windows[:, :, i, j]
    return padded[:, :, pad : pad + h, pad : pad + w].copy()


def _out_sizes(
    called: str, shape: Shape, filter_h: int, filter_w: int, stride: int, pad: int
) -> tuple[int, int]:
    """Return how many windows there are downwards and across."""
    if len(shape) != 4:
        raise ShapeError(
            f"{called}: the images have shape {shape}; it must be (N, C, H, W).\n"
            "  Try x[np.newaxis] for one image, x[:, np.newaxis] for images without channels."
        )
    if min(filter_h, filter_w, stride) < 1 or pad < 0:
        raise ShapeError(
            f"{called}: window {(filter_h, filter_w)}, stride {stride}, pad {pad}; window and "
            "stride must be 1 or more, pad 0 or more."
        )
    height, width = shape[2] + 2 * pad, shape[3] + 2 * pad
    if filter_h > height or filter_w > width:
        raise ShapeError(
            f"{called}: the window {(filter_h, filter_w)} is larger than a padded image "
            f"{(height, width)}.\n  Try a larger pad or a smaller window."
        )
    return (height - filter_h) // stride + 1, (width - filter_w) // stride + 1
