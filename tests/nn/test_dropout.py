"""Dropout: its share while learning, nothing while evaluating, numbers of its own."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd
from gradatim import nn
from gradatim.errors import ShapeError

X = np.array([[-2.0, -0.5, 0.0], [0.5, 1.0, 3.0]])


def test_dropout_leaves_out_its_share_and_keeps_the_mean():
    y = nn.Dropout(0.3, rng=0)(np.ones(100_000)).numpy()

    assert set(np.unique(y)) == {0, 1 / 0.7}
    assert (y == 0).mean() == pytest.approx(0.3, abs=0.01)
    assert y.mean() == pytest.approx(1, abs=0.01)


def test_dropout_passes_everything_while_evaluating():
    layer = nn.Dropout(0.9, rng=0).eval()

    np.testing.assert_array_equal(layer(X).numpy(), X)


def test_dropout_of_nothing_passes_everything():
    np.testing.assert_array_equal(nn.Dropout(0)(X).numpy(), X)


def test_the_gradient_passes_where_the_value_passed():
    x = gd.Tensor(np.ones(50), requires_grad=True)

    y = nn.Dropout(0.5, rng=0)(x)
    y.sum().backward()

    np.testing.assert_array_equal(x.grad.numpy(), y.numpy())


def test_dropout_draws_from_a_source_of_its_own():
    first, again = nn.Dropout(0.5, rng=4), nn.Dropout(0.5, rng=4)

    drawn = [first(X).tolist() for _ in range(3)]

    assert drawn == [again(X).tolist() for _ in range(3)]
    assert drawn[0] != drawn[1]


def test_dropout_keeps_float32():
    assert nn.Dropout(0.5, rng=0)(np.ones(3, np.float32)).dtype == np.float32


@pytest.mark.parametrize("source", [np.random.default_rng, np.random.RandomState])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64])
@pytest.mark.parametrize("p", [1e-9, 0.3, 0.5, 0.999])
def test_the_same_seed_leaves_out_the_same_elements_in_every_version(p, dtype, source):
    layer, numpys = nn.Dropout(p, rng=source(7)), source(7)
    for shape in ((5, 3), (4,), ()):
        x = np.ones(shape, dtype)
        kept = (numpys.random(shape) >= p) / (1 - p)
        expected = x * np.asarray(kept, dtype if np.dtype(dtype).kind == "f" else float)
        y = layer(x).numpy()
        assert (y.dtype, y.tobytes()) == (expected.dtype, expected.tobytes())


@pytest.mark.parametrize("p", [-0.1, 1, 1.5, float("nan")])
def test_dropout_wants_a_probability_below_one(p):
    with pytest.raises(ShapeError, match="it must be 0 or more and below 1"):
        nn.Dropout(p)
