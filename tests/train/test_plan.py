"""Whole numbers of steps, and evaluations exactly where they were asked for."""

from __future__ import annotations

import pytest

from gradatim.errors import DataError
from gradatim.train.plan import Plan, make_plan


def plan(steps=None, epochs=None, evaluate_every=None, epoch_steps=600, start=0):
    return make_plan(
        steps=steps,
        epochs=epochs,
        evaluate_every=evaluate_every,
        epoch_steps=epoch_steps,
        start=start,
    )


def events(plan):
    return [step for step in range(plan.stop + 1) if plan.is_event(step)]


def test_the_notebooks_job_is_evaluated_eighteen_times():
    found = events(plan(steps=10_000))

    assert found == [*range(0, 10_000, 600), 10_000]
    assert len(found) == 18


def test_a_batch_that_does_not_divide_the_data_is_evaluated_each_epoch_all_the_same():
    # 60,000 / 128 is 468.75: `i % 468.75 == 0` holds only every fourth epoch.
    assert events(plan(epochs=3, epoch_steps=469)) == [0, 469, 938, 1407]


def test_first_and_last_are_one_when_there_is_nothing_to_do():
    assert events(plan(steps=0)) == [0]


def test_the_last_step_is_evaluated_once():
    assert events(plan(steps=1200)) == [0, 600, 1200]


@pytest.mark.parametrize("step", [0, 1, 599, 600, 601, 9999, 10_000])
@pytest.mark.parametrize("stop", [10_000, 10_200])
def test_the_evaluations_left_are_those_that_come(step, stop):
    made = Plan(0, stop, 600, 600)

    assert made.events_left(step) == sum(made.is_event(s) for s in range(step + 1, stop + 1))


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({}, "neither steps nor epochs was given"),
        ({"steps": 10, "epochs": 1}, "steps=10 and epochs=1 was given"),
        ({"steps": 10.5}, r"steps is 10.5.\n  It must be a whole number of 0 or more"),
        ({"steps": -1}, "steps is -1"),
        ({"steps": "10"}, r"steps is '10'.*Try steps=10\?"),
        ({"steps": True}, "steps is True"),
        ({"epochs": 0.5}, r"epochs is 0.5.*Try epochs=1\?"),
        ({"steps": 10, "evaluate_every": 468.75}, r"evaluate_every is 468.75.*Try .*=469\?"),
        ({"steps": 10, "evaluate_every": 0}, "whole number of 1 or more"),
        ({"steps": float("inf")}, r"steps is inf.*Try steps=1\?"),
        ({"steps": [1]}, r"steps is \[1\]"),
        ({"steps": 10, "start": 11}, "11 steps of this run are done, 10 were asked for"),
    ],
)
def test_a_plan_that_is_none_says_what_it_must_be(settings, text):
    with pytest.raises(DataError, match=f"(?s){text}"):
        plan(**settings)
