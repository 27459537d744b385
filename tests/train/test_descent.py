"""The first-order test: drop of the loss, beside what its gradient promises."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import gradatim as gd
from gradatim.train.descent import BATCHES, Descent, try_updates
from gradatim.train.twin import Twin


class Bowl(gd.nn.Module):
    """x² + y², wherever the inputs are."""

    def __init__(self, place):
        self.place = gd.Parameter(place)

    def forward(self, x):
        return self.place * 1


def square(outputs, targets):
    return (outputs**2).sum()


def tried(model, lr, scales, loss=square, kind=gd.optim.SGD, data=None, **settings):
    data = data or gd.data.Dataset(np.zeros((4, 2)), np.zeros(4))
    loader = gd.data.Loader(data, min(100, len(data)), seed=0)
    optimizer = kind(model, lr=lr)
    state = SimpleNamespace(loader=loader, step=0)
    return try_updates(state, Twin(model, optimizer), loss, scales, **settings)


@pytest.mark.parametrize(("lr", "ratio"), [(1e-10, 1), (0.1, 0.9), (0.5, 0.5), (1, 0), (10, -9)])
def test_on_a_parabola_the_ratio_is_one_less_the_rate(lr, ratio):
    found = tried(Bowl([-3.0, 4.0]), lr, [1.0])

    # At a rate of 1e-10 the drop is known to 1e-5 of itself: float64 keeps 16 digits of 25.
    assert found.medians[0] == pytest.approx(ratio, abs=2e-5)
    assert found.ratios.shape == (BATCHES, 1)
    assert found.rising == (BATCHES if ratio <= 0 else 0)


@pytest.mark.parametrize(("lr", "batches"), [(0.1, 1), (10, BATCHES)])
def test_it_may_end_with_the_first_batch_whose_loss_falls(lr, batches):
    found = tried(Bowl([-3.0, 4.0]), lr, [1.0], while_rising=True)

    assert found.ratios.shape == (batches, 1)
    assert (found.rising == BATCHES) is (lr == 10)


def test_the_largest_good_size_lands_on_the_lowest_point():
    found = tried(Bowl([-3.0, 4.0]), 10.0, [1, 0.5, 0.25, 0.1, 0.05, 0.01])

    assert found.scales[found.largest()] == 0.05
    assert found.drops[0, found.largest()] == pytest.approx(1)


def test_without_a_good_size_there_is_none():
    assert tried(Bowl([1.0]), 10.0, [1, 2]).largest() is None


def test_where_the_gradient_is_nothing_so_is_the_ratio():
    found = tried(Bowl([0.0]), 1.0, [1])

    assert np.isnan(found.medians[0])
    assert found.largest() is None
    assert found.rising == 0


def test_what_overflows_has_risen():
    with np.errstate(all="ignore"):
        found = tried(Bowl([1.0]), 1e300, [1])

    assert found.rising == BATCHES


def test_adam_is_judged_by_its_own_update():
    found = tried(Bowl([-3.0, 4.0]), 0.01, [1, 1000], kind=gd.optim.Adam)
    promise, drop = 0.01 * (6 + 8), 25 - (2.99**2 + 3.99**2)

    assert found.medians[0] == pytest.approx(drop / promise)
    assert found.medians[1] < 0


def test_the_figures_of_the_notebooks_network(digits):
    """784-50-10, sigmoid, N(0, 1): .9991-.9998 at 1e-3, .990-.998 at 1e-2, .90-.98 at .1."""
    train = digits[0].subset(slice(2000))
    for seed in range(3):
        model = gd.nn.MLP([784, 50, 10], "sigmoid", init="normal:1", rng=seed)
        found = tried(model, 1.0, [0.001, 0.01, 0.1], gd.cross_entropy, data=train)

        assert np.all((found.ratios[:, 0] > 0.9985) & (found.ratios[:, 0] < 0.9999))
        assert np.all((found.ratios[:, 1] > 0.985) & (found.ratios[:, 1] < 0.999))
        assert np.all((found.ratios[:, 2] > 0.85) & (found.ratios[:, 2] < 0.985))


def test_a_batch_without_a_promise_does_not_count():
    ratios = np.array([[0.9], [np.nan], [0.7]])

    assert Descent(np.ones(1), ratios, ratios).medians == pytest.approx([0.8])


def test_the_twin_is_where_it_was():
    model = Bowl([-3.0, 4.0])
    tried(model, 0.1, [1, 2, 3])

    assert model.place.tolist() == [-3, 4]
