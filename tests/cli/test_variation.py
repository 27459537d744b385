"""What is right with one stride, or for rows, may be wrong with another, or for images."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.cli.attempt import attempt
from gradatim.cli.variation import refused, variations


class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        return x.reshape(len(x), -1) @ self.W + self.b


class Strict(Affine):
    def forward(self, x):
        return x @ self.W + self.b


class Norm:
    def __init__(self, gamma, beta):
        self.gamma, self.beta = gamma, beta

    def forward(self, x):
        shape = (-1, 1, 1) if x.ndim == 4 else (-1,)
        return self.gamma.reshape(shape) * x + self.beta.reshape(shape)


class Softmax:
    def forward(self, x):
        return np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)


class Convolution:
    def __init__(self, W, stride=1, pad=0):
        self.stride, self.pad = stride, pad

    def forward(self, x):
        return np.pad(x, self.pad)[:, :, :: self.stride]


class Pooling:
    def __init__(self, pool_h, pool_w, stride=2, pad=0):
        self.given = (stride, pad)

    def forward(self, x):
        if self.given[1]:
            raise ValueError("pad")
        return x[:, :, ::2]


class Chance:
    def forward(self, x):
        return x * (np.random.rand(*x.shape) > 0.5)


class Flatten(Chance):
    def forward(self, x):
        return super().forward(x).reshape(len(x), -1)


class Loss:
    def forward(self, x, t):
        return (x * t).sum()


def shapes(made):
    name = made.__name__
    return [each.inputs[0].shape for each in variations(made, attempt(name, made, []))]


@pytest.mark.parametrize(
    ("made", "images"),
    [
        (Affine, [(5, 1, 2, 2)]),
        (Strict, []),
        (Norm, [(2, 4, 3, 3)]),
        (Softmax, []),
        (Chance, []),
        (Flatten, [(5, 1, 2, 2)]),
        (Loss, []),
    ],
)
def test_images_are_tried_where_forward_takes_them_for_the_same_rows(made, images):
    assert shapes(made) == images


def test_images_are_told():
    (found,) = variations(Affine, attempt("Affine", Affine, [(2, 7)]))

    assert found.words == "W (7, 3), b (3,); x (2, 1, 1, 7)"


def test_another_stride_and_pad_are_tried_together():
    (found,) = variations(Convolution, attempt("Convolution", Convolution, []))

    assert (found.layer.stride, found.layer.pad) == (2, 1)
    assert found.words == "W (3, 2, 2, 2), stride 2, pad 1; x (2, 2, 4, 4)"


def test_or_each_by_itself_and_what_forward_refuses_is_named():
    tried = attempt("Pooling", Pooling, [])

    assert [each.layer.given for each in variations(Pooling, tried)] == [(1, 0)]
    assert refused(Pooling, tried) == ["pad 1"]


def test_an_object_is_taken_as_it_is():
    layer = Convolution(None)

    assert variations(layer, attempt("layer", layer, [(2, 2, 4, 4)])) == []
    assert refused(layer, attempt("layer", layer, [(2, 2, 4, 4)])) == []


def test_numpys_random_numbers_go_on_as_if_nothing_had_been():
    tried = attempt("Chance", Chance, [])
    np.random.seed(1)
    before = np.random.get_state(legacy=False)["state"]["pos"]

    variations(Chance, tried)

    assert np.random.get_state(legacy=False)["state"]["pos"] == before
