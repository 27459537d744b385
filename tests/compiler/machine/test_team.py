"""Threads that work together."""

from __future__ import annotations

import os
import threading

import pytest

from gradatim.compiler.machine import team as module
from gradatim.compiler.machine.team import Team
from gradatim.errors import BackendError


@pytest.fixture
def team():
    made = []

    def make(count):
        made.append(Team(count))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.mark.parametrize("count", [1, 2, 5])
def test_every_thread_works_once_and_at_the_same_time(team, count):
    meeting, numbers = threading.Barrier(count, timeout=30), []

    def work(number):
        meeting.wait()  # would time out if one came after the other
        numbers.append((number, threading.get_ident()))

    all_of_them = team(count)
    for _ in range(3):
        numbers.clear()
        all_of_them.run(work)
        assert sorted(number for number, _ in numbers) == list(range(count))
        assert len({thread for _, thread in numbers}) == count


def test_a_fork_has_threads_of_its_own(team, monkeypatch):
    two, found = team(2), []
    two.run(lambda number: found.append((number, threading.get_ident())))
    monkeypatch.setattr(os, "getpid", lambda: -1)  # as it is in a fork
    two.run(lambda number: found.append((number, threading.get_ident())))
    assert len({thread for number, thread in found if number == 1}) == 2


def test_the_caller_is_the_first(team):
    found = {}
    team(2).run(lambda number: found.setdefault(number, threading.get_ident()))
    assert found[0] == threading.get_ident()


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the system cannot pin threads")
def test_threads_stay_on_processors_of_their_own_while_they_work(team, monkeypatch):
    here = sorted(os.sched_getaffinity(0))
    if len(here) < 2:
        pytest.skip("there is one processor only")
    places = {}
    team(2).run(lambda number: places.setdefault(number, os.sched_getaffinity(0)))
    assert places == {0: {here[0]}, 1: {here[1]}}
    assert sorted(os.sched_getaffinity(0)) == here


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the system cannot pin threads")
def test_a_second_team_leaves_the_choice_to_the_system(team):
    here, places = os.sched_getaffinity(0), {}
    with module._SEATS:
        team(2).run(lambda number: places.setdefault(number, os.sched_getaffinity(0)))
    assert places == {0: here, 1: here}


def test_an_error_of_a_thread_is_the_callers(team):
    def work(number):
        if number == 1:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        team(2).run(work)
    team(2).run(lambda number: None)


def test_a_thread_that_waits_has_no_share_of_a_processor(team):
    nobody_comes, two = threading.Event(), team(2)
    two.run(lambda number: nobody_comes.wait(0.05))
    assert two.share < 0.5


def test_no_more_threads_is_an_error_that_says_what_to_do(monkeypatch):
    class Poor:
        def __init__(self, count, name):
            pass

        def submit(self, work):
            raise RuntimeError("can't start new thread")

        def shutdown(self):
            pass

    monkeypatch.setattr(module, "ThreadPoolExecutor", Poor)
    with pytest.raises(BackendError, match=r"no 3 threads.*can't start") as caught:
        Team(3)
    assert "gd.set_num_threads(1)" in str(caught.value)
