"""Whether the learning rate suits, and which one is proposed."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.train.descent import Descent
from gradatim.train.plan import Plan
from gradatim.train.rate import (
    is_no_better,
    is_surely_too_high,
    rounded_down,
    sign_of_growth,
    sign_of_too_high,
    sizes_to_try,
)


class Optimizer:
    lr = 0.1


class State:
    """As much of a training as is asked for."""

    def __init__(self, losses, step=100, stop=100):
        self.history = self
        self.rows = [{"train_loss": loss} for loss in losses]
        self.step, self.optimizer = step, Optimizer()
        self.plan = Plan(0, stop, 10, 10)


def descent(*ratios):
    column = np.array(ratios)[:, None]
    return Descent(np.ones(1), column, column)


def test_a_rate_is_suspected_if_each_batch_rises():
    text = sign_of_too_high(State([2.0], step=0), descent(*[-0.5] * 8))

    assert text.startswith("at step 0 the loss of each of 8 batches rises by its own update")
    assert "drop / (update * gradient) is -0.5, near 1 if all is well" in text


def test_not_if_one_does_not():
    assert sign_of_too_high(State([2.0]), descent(*[-0.5] * 7, 0.1)) is None


def test_not_while_the_training_gets_better():
    rising = descent(*[-0.5] * 8)

    assert sign_of_too_high(State([2.0, 1.5]), rising) is None
    assert sign_of_too_high(State([2.0, 1.99]), rising) is not None


def test_it_is_sure_if_the_loss_rises_by_more_than_twice_the_promise():
    assert is_surely_too_high(descent(*[-9.0] * 8))
    assert not is_surely_too_high(descent(*[-1.0] * 8))


def test_growth_and_getting_better():
    assert "was 2 at first and is 3.1 after 100 steps" in sign_of_growth(State([2.0, 3.1]))
    assert sign_of_growth(State([2.0, 2.9])) is None
    assert "is 50 after" in sign_of_growth(State([2.0]), 50.0)
    assert is_no_better(State([2.0, 1.9]), 2.0)
    assert not is_no_better(State([2.0, 1.7]), 2.0)


@pytest.mark.parametrize(
    ("losses", "step", "sizes"),
    [([2, 1.99], 100, (1, 100)), ([2, 1.99], 10, (1,)), ([2, 0.5], 100, (1,)), ([0, 0], 100, (1,))],
)
def test_larger_updates_are_tried_where_the_loss_hardly_falls(losses, step, sizes):
    assert sizes_to_try(State(losses, step)) == sizes


@pytest.mark.parametrize(("stop", "sizes"), [(100, (1, 100)), (200, (1, 100)), (300, (1,))])
def test_larger_updates_are_not_tried_where_the_loss_will_fall_in_time(stop, sizes):
    assert sizes_to_try(State([2, 1.6], 100, stop)) == sizes  # a fifth of itself in 100 steps


@pytest.mark.parametrize(
    ("rate", "rounded"), [(0.3125, 0.3), (0.1, 0.1), (1.0, 1.0), (0.0999, 0.09), (160.0, 100.0)]
)
def test_a_proposal_has_one_digit(rate, rounded):
    assert rounded_down(rate) == rounded
