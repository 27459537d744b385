"""A session: what is made once, and the clock of each gradient check."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim import check
from gradatim.notebooks import Session, session
from gradatim.notebooks.session import Digits


@pytest.fixture
def made(monkeypatch):
    """A session whose checks take one second, two seconds and so on."""
    clock = iter(np.cumsum([0, 1, 10, 2, 10, 3]).tolist())
    monkeypatch.setattr(session, "process_time", lambda: next(clock))
    monkeypatch.setattr(check, "gradient", lambda *inputs, loss: object())
    fresh = Session()
    fresh.digits = Digits(np.zeros((3, 784)), np.zeros(3, int), np.zeros((1, 784)), np.zeros(1))
    return fresh


def test_the_time_of_a_check_is_that_of_its_own_seed_whichever_came_last(made):
    made.gradient_check(0)
    made.gradient_check(1)
    made.gradient_check(0)

    assert made.check_seconds == {0: 1, 1: 2}


def test_a_check_is_made_once(made):
    assert made.gradient_check(0) is made.gradient_check(0)
    assert made.gradient_check(0) is not made.gradient_check(1)
