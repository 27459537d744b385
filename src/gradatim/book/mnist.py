"""load_mnist, as the book calls it."""

from __future__ import annotations

from gradatim.data import load_mnist as load
from gradatim.types import Array


def load_mnist(
    normalize: bool = True, flatten: bool = True, one_hot_label: bool = False
) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
    """Return MNIST as ``(x_train, t_train), (x_test, t_test)``; nothing is downloaded.

    Parameters
    ----------
    normalize : bool
        True: images as float32 from 0 to 1. False: the bytes, uint8.
    flatten : bool
        True: images of shape (N, 784). False: (N, 1, 28, 28).
    one_hot_label : bool
        True: labels as float64 rows of shape (N, 10), as in the book. False: int64 of shape (N,),
        where the book has uint8, in which ``t - 1`` wraps around.

    Returns
    -------
    train : tuple of array
        Images and labels, N = 60,000.
    test : tuple of array
        Images and labels, N = 10,000.

    Raises
    ------
    DataError
        If the files in the package are damaged.

    Notes
    -----
    ``gd.data.load_mnist`` under the book's argument name. The arrays are the caller's to change.

    Source: K. Saitoh, "Deep Learning from Scratch", section 3.6.1.

    Examples
    --------
    >>> (x_train, t_train), (x_test, t_test) = load_mnist(one_hot_label=True)
    >>> x_test.shape, x_test.dtype, t_test.shape, t_test.dtype
    ((10000, 784), dtype('float32'), (10000, 10), dtype('float64'))
    """
    return load(normalize, flatten, one_hot=one_hot_label)
