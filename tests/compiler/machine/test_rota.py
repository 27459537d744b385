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


def test_the_whole_team_as_long_as_it_has_its_processors(clock):
    team = Threads(4)
    rota = Rota(team, lambda team: team.count)
    for _ in range(3):
        assert rota.next() == 4
        rota.look(4, 0.05)


def test_one_alone_for_a_while_where_a_thread_had_to_wait(clock):
    team = Threads(4)
    rota = Rota(team, lambda team: team.count)
    team.share = 0.4
    rota.look(rota.next(), 0.05)
    assert rota.next() == 1
    clock.now += 0.24
    assert rota.next() == 1
    clock.now += 0.02
    assert rota.next() == 4


def test_the_rest_is_longer_each_time_in_vain_and_short_again_after_a_success(clock):
    team = Threads(2)
    rota = Rota(team, lambda team: team.count)
    team.share = 0.1
    rests = []
    for _ in range(7):
        rota.look(rota.next(), 0.05)
        begun = clock.now
        while rota.next() == 1:
            clock.now += 0.125
        rests.append(clock.now - begun)
    assert rests == [0.25, 0.5, 1, 2, 2, 2, 2]
    team.share = 0.9
    rota.look(rota.next(), 0.05)
    team.share = 0.1
    rota.look(rota.next(), 0.05)
    clock.now += 0.25
    assert rota.next() == 2


def test_a_short_run_tells_nothing(clock):
    team = Threads(2)
    rota = Rota(team, lambda team: team.count)
    team.share = 0.0
    rota.look(rota.next(), 0.001)
    assert rota.next() == 2


def test_a_single_thread_is_compiled_once(clock):
    made = []
    rota = Rota(Threads(1), lambda team: made.append(team) or len(made))
    rota._team.share = 0.0
    rota.look(rota.next(), 0.05)
    assert rota.next() == 1
    assert len(made) == 1
