from __future__ import annotations

import numpy as np

from gradatim import data
from gradatim.book import load_mnist


def test_the_digits_are_those_of_the_library_under_the_books_arguments():
    (x, t), (x_test, t_test) = load_mnist(normalize=True, one_hot_label=True)
    assert (x.shape, x.dtype, x_test.shape) == ((60000, 784), np.float32, (10000, 784))
    assert (t.shape, t.dtype, t_test.shape) == ((60000, 10), np.float64, (10000, 10))
    labels = data.load_mnist()[0][1]
    np.testing.assert_array_equal(t.argmax(axis=1), labels)
    assert t[:10].argmax(axis=1).tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]


def test_images_with_axes_and_bytes():
    (x, t), _ = load_mnist(normalize=False, flatten=False)
    assert (x.shape, x.dtype) == ((60000, 1, 28, 28), np.uint8)
    assert (t.shape, t.dtype) == ((60000,), np.int64)
