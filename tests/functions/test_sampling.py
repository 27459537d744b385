"""Random numbers: NumPy's own, from the generator that is given, and no other."""

from __future__ import annotations

import numpy as np
import pytest

import gradatim as gd


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_go_on_from_call_to_call(dtype):
    rng, numpys = np.random.default_rng(1), np.random.default_rng(1)

    for size in (3, (2, 4), 1):
        np.testing.assert_array_equal(
            gd.uniform(size=size, rng=rng, dtype=dtype).numpy(), numpys.random(size, dtype)
        )
        np.testing.assert_array_equal(
            gd.normal(size=size, rng=rng, dtype=dtype).numpy(), numpys.standard_normal(size, dtype)
        )


def test_the_ends_give_the_dtype():
    rng = np.random.default_rng(0)
    ends = gd.Tensor(np.ones(3, np.float32))

    assert gd.uniform(0.0, ends, rng=rng).dtype == np.float32
    assert gd.normal(ends, 2.0, rng=rng).dtype == np.float32
    assert gd.normal(0, 1, rng=rng).dtype == np.float64


def test_a_legacy_generator_draws_doubles_and_gives_what_is_wanted():
    single = gd.uniform(size=5, rng=np.random.RandomState(2), dtype=np.float32)

    assert single.dtype == np.float32
    np.testing.assert_array_equal(
        single.numpy(), np.random.RandomState(2).random_sample(5).astype(np.float32)
    )


def test_the_gradient_goes_to_the_parameters():
    z = np.random.default_rng(3).standard_normal((4, 2))

    def f(mean, deviation):
        return gd.normal(mean, deviation, (4, 2), rng=np.random.default_rng(3)).sum()

    d_mean, d_deviation = gd.grad(f, (0, 1))([0.5, 1.0], 2.0)

    np.testing.assert_allclose(d_mean.numpy(), [4.0, 4.0])
    np.testing.assert_allclose(d_deviation.numpy(), z.sum())
