"""Random numbers of NumPy and of Python come again, and go on as if nothing had been."""

from __future__ import annotations

import random

import numpy as np

from gradatim.chance import chance_kept, freeze_chance


def test_what_was_drawn_within_was_never_drawn():
    states = np.random.get_state()[1].tolist(), random.getstate()

    with chance_kept():
        np.random.rand(), random.random()

    assert (np.random.get_state()[1].tolist(), random.getstate()) == states


def test_a_seed_makes_the_same_numbers_come_again():
    drawn = []
    with chance_kept():
        for _ in range(2):
            freeze_chance(3)
            drawn.append((np.random.rand(), random.random()))

    assert drawn[0] == drawn[1]
