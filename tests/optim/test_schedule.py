"""Schedules set the rate of an optimizer, one after the other where asked."""

from __future__ import annotations

import json

import numpy as np
import pytest

import gradatim as gd
from gradatim import optim
from gradatim.errors import StateError


@pytest.fixture
def optimizer():
    return optim.SGD([gd.Parameter(1.0)], lr=1.0)


def rates(schedule, steps, metrics=None):
    found = [schedule.optimizer.lr]
    for i in range(steps):
        schedule.step(metrics[i] if metrics else None)
        found.append(schedule.optimizer.lr)
    return found


def test_step(optimizer):
    assert rates(optim.StepLR(optimizer, 2, gamma=0.5), 5) == [1, 1, 0.5, 0.5, 0.25, 0.25]


def test_exponential(optimizer):
    assert rates(optim.ExponentialLR(optimizer, 0.5), 3) == [1, 0.5, 0.25, 0.125]


def test_cosine(optimizer):
    found = rates(optim.CosineAnnealingLR(optimizer, T_max=4, eta_min=0.2), 4)

    np.testing.assert_allclose(found, 0.2 + 0.4 * (1 + np.cos(np.pi * np.arange(5) / 4)))
    assert found[-1] == pytest.approx(0.2)


def test_linear(optimizer):
    schedule = optim.LinearLR(optimizer, start_factor=0.5, end_factor=2.0, total_iters=3)

    assert rates(schedule, 4) == [0.5, 1.0, 1.5, 2.0, 2.0]


def test_warm_up_then_another(optimizer):
    schedule = optim.WarmUp(optim.StepLR(optimizer, 2, gamma=0.5), steps=4, start_factor=0.0)

    assert rates(schedule, 8) == [0, 0.25, 0.5, 0.75, 1.0, 1.0, 0.5, 0.5, 0.25]


def test_warm_up_before_a_plateau(optimizer):
    inner = optim.ReduceLROnPlateau(optimizer, factor=0.5, patience=0)
    schedule = optim.WarmUp(inner, steps=2, start_factor=0.0)

    assert rates(schedule, 5, [3.0, 2.0, 1.0, 1.0, 1.0]) == [0, 0.5, 1.0, 1.0, 0.5, 0.25]


def test_plateau_waits_for_its_patience(optimizer):
    schedule = optim.ReduceLROnPlateau(optimizer, factor=0.5, patience=2)

    found = rates(schedule, 6, [1.0, 1.0, 1.0, 1.0, 0.5, 0.5])

    assert found == [1, 1, 1, 1, 0.5, 0.5, 0.5]


def test_plateau_counts_nan_as_no_better(optimizer):
    schedule = optim.ReduceLROnPlateau(optimizer, factor=0.5, patience=0)

    assert rates(schedule, 2, [1.0, float("nan")])[-1] == 0.5


def test_plateau_of_a_metric_to_be_raised(optimizer):
    schedule = optim.ReduceLROnPlateau(optimizer, mode="max", factor=0.5, patience=0)

    assert rates(schedule, 4, [0.5, 0.6, 0.6, 0.9])[1:] == [1, 1, 0.5, 0.5]


def test_plateau_stops_at_the_least_rate(optimizer):
    schedule = optim.ReduceLROnPlateau(optimizer, factor=0.1, patience=0, min_lr=0.05)

    assert rates(schedule, 4, [1.0] * 4)[-1] == 0.05


def test_plateau_wants_a_metric(optimizer):
    with pytest.raises(StateError, match=r"Try schedule\.step\(validation_loss\)"):
        optim.ReduceLROnPlateau(optimizer).step()


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"mode": "least"}, "mode is 'least'"),
        ({"threshold_mode": "x"}, "threshold_mode 'x'"),
        ({"factor": 1.0}, "factor is 1.0; it must be in [0, 1)"),
    ],
)
def test_plateau_refuses_wrong_settings(optimizer, settings, text):
    with pytest.raises(StateError) as caught:
        optim.ReduceLROnPlateau(optimizer, **settings)
    assert text in str(caught.value)


@pytest.mark.parametrize(
    "make",
    [
        lambda o, n: optim.StepLR(o, n),
        lambda o, n: optim.CosineAnnealingLR(o, n),
        lambda o, n: optim.LinearLR(o, total_iters=n),
        lambda o, n: optim.WarmUp(optim.StepLR(o, 1), n),
    ],
)
@pytest.mark.parametrize("steps", [0, -1, 1.5, True])
def test_numbers_of_steps_are_counts(optimizer, make, steps):
    with pytest.raises(StateError, match="it must be an integer of 1 or more"):
        make(optimizer, steps)


MAKERS = [
    lambda o: optim.StepLR(o, 2, 0.5),
    lambda o: optim.CosineAnnealingLR(o, 9),
    lambda o: optim.WarmUp(optim.ExponentialLR(o, 0.9), 3),
    lambda o: optim.ReduceLROnPlateau(o, factor=0.5, patience=1),
]


@pytest.mark.parametrize("make", MAKERS)
def test_an_interrupted_schedule_goes_on(make):
    metrics = [1.0, 0.9, 0.95, 0.95, 0.95, 0.8, 0.85, 0.9, 0.9, 0.9]
    whole = make(optim.SGD([gd.Parameter(1.0)], lr=1.0))
    parted = make(optim.SGD([gd.Parameter(1.0)], lr=1.0))
    for metric in metrics[:5]:
        whole.step(metric)
        parted.step(metric)
    resumed = make(optim.SGD([gd.Parameter(1.0)], lr=1.0))
    resumed.load_state_dict(json.loads(json.dumps(parted.state_dict())))
    resumed.optimizer.load_state_dict(parted.optimizer.state_dict())
    for metric in metrics[5:]:
        whole.step(metric)
        resumed.step(metric)
        assert whole.optimizer.lr == resumed.optimizer.lr


def test_the_state_of_another_schedule_is_refused(optimizer):
    schedule = optim.StepLR(optimizer, 2)
    state = optim.ReduceLROnPlateau(optimizer).state_dict()

    with pytest.raises(StateError, match=r"StepLR\.load_state_dict: the state must have the names"):
        schedule.load_state_dict(state)
