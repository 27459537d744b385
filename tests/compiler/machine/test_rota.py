"""All threads where they get their processors, one alone where they do not."""

from __future__ import annotations

import pytest

from gradatim.compiler.machine import rota as module
from gradatim.compiler.machine.rota import Rota


class Threads:
    def __init__(self, count):
        self.count, self.share = count, 1.0


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 100.0

    monkeypatch.setattr(module, "perf_counter", lambda: Clock.now)
    monkeypatch.setattr(module, "Team", Threads)
    return Clock


MANY = 10**6


def test_the_whole_team_as_long_as_it_has_its_processors(clock):
    rota = Rota(Threads(4), lambda team: team.count)
    for _ in range(3):
        assert rota.next(MANY) == (4, MANY)
        rota.look(4, MANY, 0.05)


def test_one_alone_for_a_while_where_a_thread_had_to_wait(clock):
    team = Threads(4)
    rota = Rota(team, lambda team: team.count)
    team.share = 0.4
    rota.look(4, 500, 0.05)  # 100 us a step
    assert rota.next(MANY) == (4, MANY)
    rota.look(4, 500, 0.05)
    runner, steps = rota.next(MANY)
    assert (runner, round(steps, -1)) == (1, 500)  # of 0.05 s, until the team is tried again
    clock.now += 0.048
    runner, steps = rota.next(MANY)
    assert (runner, round(steps, -1)) == (1, 20)
    assert rota.next(3) == (1, 3)
    clock.now += 0.003
    assert rota.next(MANY) == (4, 50)  # 0.005 s of trial


def test_after_a_trial_in_vain_it_rests_longer_and_after_a_good_one_not_at_all(clock):
    team = Threads(2)
    rota = Rota(team, lambda team: team.count)
    team.share = 0.1
    rota.look(2, 100, 0.01)
    rests = []
    for _ in range(7):
        rota.look(2, 100, 0.01)
        begun = clock.now
        while rota.next(MANY)[0] == 1:
            clock.now += 0.0125
        rests.append(round(clock.now - begun, 4))
    assert rests == [0.05, 0.1, 0.2, 0.4, 0.8, 1, 1]
    team.share = 0.9
    rota.look(2, 100, 0.01)
    assert rota.next(MANY) == (2, MANY)


def test_a_hiccup_changes_nothing_nor_does_another_one_later(clock):
    team = Threads(2)
    rota = Rota(team, lambda team: team.count)
    for share in (0.1, 0.9, 0.1, 0.9):
        team.share = share
        rota.look(2, 100, 0.01)
        assert rota.next(MANY) == (2, MANY)


def test_a_short_run_tells_nothing(clock):
    team = Threads(2)
    rota = Rota(team, lambda team: team.count)
    team.share = 0.0
    rota.look(2, 1, 0.001)
    assert rota.next(MANY) == (2, MANY)


def test_a_single_thread_is_compiled_once(clock):
    made = []
    rota = Rota(Threads(1), lambda team: made.append(team) or len(made))
    rota._team.share = 0.0
    rota.look(1, 10, 0.05)
    assert rota.next(7) == (1, 7)
    assert len(made) == 1
