"""Every side is given the same work, and that is the work of the library's own loader."""

from __future__ import annotations

import numpy as np
import pytest
from sides.growth import TITLES, works
from sides.work import SEED, WORKS, Samples, Work, first_weights

import gradatim as gd

SMALL = Work("small", sizes=(784, 5, 10), batch=7)


def test_rows_of_a_round_are_those_of_a_loader(folder):
    samples = Samples(folder, SMALL)
    data = gd.data.Dataset(samples.images, samples.labels)
    loader = gd.data.Loader(data, 7, sampling="replacement", seed=SEED)

    rows = samples.rows(SMALL)

    assert all(np.array_equal(rows[step], loader.indices(step)) for step in (0, 1, 171, 172, 499))


def test_loss_is_that_of_the_library(folder):
    samples, weights = Samples(folder, SMALL), first_weights(SMALL)
    model = gd.nn.MLP(SMALL.sizes, "relu", dtype="float64")
    model.load_state_dict(dict(zip(model.state_dict(), weights)))

    expected = gd.cross_entropy(model(samples.images[:1000] / 255), samples.labels[:1000])

    assert samples.loss(SMALL, weights) == pytest.approx(expected.item(), rel=1e-12)


def test_images_without_zeros_are_the_same_images_otherwise(folder):
    plain, dense = (Samples(folder, WORKS[name]).images for name in ("W1", "W1d"))
    assert (dense > 0).all()
    assert np.array_equal(dense[plain > 0], plain[plain > 0])
    assert "images without zeros" in WORKS["W1d"].title
    assert "zeros" not in WORKS["W1"].title


def test_floats_are_bytes_from_0_to_1(folder):
    samples = Samples(folder, SMALL)

    assert np.allclose(samples.floats(), samples.images / 255, atol=1e-7)


def test_flops_are_those_of_the_products():
    forward_and_weights = 2 * 100 * 2 * (784 * 50 + 50 * 10)

    assert WORKS["W1"].flops == forward_and_weights + 2 * 100 * 50 * 10
    assert WORKS["W6"].flops == 0


def test_rounds_are_neither_endless_nor_too_short_to_be_timed():
    every = [*WORKS.values(), *(work for along in TITLES for work in works(along).values())]

    assert all(24 <= work.steps <= 500 for work in every)
    assert all(work.steps * work.flops < 1e12 for work in every)


def test_a_work_survives_the_way_to_another_process():
    assert [Work.of(work.text()) for work in WORKS.values()] == list(WORKS.values())


def test_growth_goes_one_way_at_a_time():
    with pytest.raises(ValueError, match="must be batch, width or depth"):
        works("height")
