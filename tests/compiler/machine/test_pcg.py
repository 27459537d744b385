"""PCG64 as NumPy keeps it: its state is found, and leaps land where draws would."""

from __future__ import annotations

import ctypes
import threading

import numpy as np
import pytest

import gradatim as gd
from compiler.machine.crew import recorded
from gradatim.compiler.machine import pcg
from gradatim.compiler.machine.pcg import address, held, leap, streams, words

HALF = (1 << 64) - 1


def state_of(rng):
    return rng.bit_generator.state["state"]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 7, 64, 1000, 123_457])
@pytest.mark.parametrize("seed", [0, 5, 2**100])
def test_a_leap_is_as_many_draws(count, seed):
    rng = np.random.default_rng(seed)
    before = state_of(rng)
    rng.random(count)
    a, b = leap(count)
    assert (before["state"] * a + before["inc"] * b) % (1 << 128) == state_of(rng)["state"]


def test_a_long_leap_is_numpys_own():
    rng = np.random.default_rng(3)
    before = state_of(rng)
    rng.bit_generator.advance(10**30)
    a, b = leap(10**30)
    assert (before["state"] * a + before["inc"] * b) % (1 << 128) == state_of(rng)["state"]


def test_the_state_lies_where_it_is_looked_for():
    rng = np.random.default_rng(77)
    memory = (ctypes.c_uint64 * 4).from_address(address(rng))
    for _ in range(3):
        found = [memory[place] for place in words()]
        state = state_of(rng)
        assert found == [
            half for key in ("state", "inc") for half in (state[key] & HALF, state[key] >> 64)
        ]
        rng.random(5)
    rng.bit_generator.state = np.random.default_rng(1).bit_generator.state
    assert memory[words()[0]] == state_of(rng)["state"] & HALF


def test_where_the_state_is_not_found_numpy_draws(monkeypatch):
    words.cache_clear()
    monkeypatch.setattr(pcg, "address", lambda rng: ctypes.addressof(ZEROS))
    try:
        assert words() is None
        rng = np.random.default_rng(0)
        program, _ = recorded(lambda: gd.uniform(size=3, rng=rng))
        assert streams(program) == ()
    finally:
        words.cache_clear()


ZEROS = (ctypes.c_uint64 * 4)()


class Own(np.random.Generator):
    """A generator that may draw in a way of its own."""


@pytest.mark.parametrize(
    ("make", "draw", "count"),
    [
        (np.random.default_rng, lambda rng: gd.uniform(size=(3, 5), rng=rng), 15),
        (np.random.default_rng, lambda rng: gd.uniform(size=5, rng=rng, dtype="f4"), None),
        (np.random.default_rng, lambda rng: gd.normal(size=5, rng=rng), None),
        (np.random.RandomState, lambda rng: gd.uniform(size=5, rng=rng), None),
        (lambda s: Own(np.random.PCG64(s)), lambda rng: gd.uniform(size=5, rng=rng), None),
        (
            lambda s: np.random.Generator(np.random.PCG64DXSM(s)),
            lambda rng: gd.uniform(size=5, rng=rng),
            None,
        ),
    ],
)
def test_machine_code_draws_doubles_of_the_usual_generator(make, draw, count):
    rng = make(0)
    program, _ = recorded(lambda: draw(rng))
    assert [stream.count for stream in streams(program)] == ([] if count is None else [count])


def test_one_draw_of_another_kind_leaves_them_all_to_numpy():
    rng, other = np.random.default_rng(0), np.random.default_rng(1)

    def step():
        one = gd.uniform(size=5, rng=rng)
        two = gd.uniform(size=7, rng=other) + gd.uniform(size=7, rng=other)
        return one, two, gd.normal(size=3, rng=rng)

    program, _ = recorded(step)
    (stream,) = streams(program)
    assert stream.generator is other
    assert list(stream.before.values()) == [0, 7]
    assert stream.count == 14


def test_nobody_else_draws_meanwhile():
    rng, other = np.random.default_rng(0), np.random.default_rng(1)
    program, _ = recorded(lambda: gd.uniform(size=2, rng=rng) + gd.uniform(size=2, rng=other))
    before = state_of(rng)
    with held(streams(program)):
        thread = threading.Thread(target=rng.random)
        thread.start()
        thread.join(0.05)
        assert thread.is_alive()
        assert state_of(rng) == before
    thread.join()
    assert state_of(rng) != before
