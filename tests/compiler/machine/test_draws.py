"""Random numbers in machine code: NumPy's bits, for any count, by any number of threads."""

from __future__ import annotations

import copy
import threading

import numpy as np
import pytest

import gradatim as gd
from compiler.machine.crew import Crew, recorded
from gradatim.compiler.machine.feed import Feed, Run
from gradatim.compiler.machine.kernel import Draw, Host
from gradatim.compiler.machine.native import Native
from gradatim.compiler.machine.runner import Runner
from gradatim.compiler.machine.team import Team

COUNTS = [1, 2, 3, 4, 5, 7, 8, 63, 64, 65, 513, 4095, 4096, 4097, 9999]


def standing(rng):
    return rng.bit_generator.state


def drawing(*sizes, seed=0):
    """The program of a step that draws so many numbers one after another, and its generator."""
    rng = np.random.default_rng(seed)
    program, _ = recorded(lambda: [gd.uniform(size=size, rng=rng) for size in sizes])
    return program, rng


@pytest.mark.parametrize("threads", [1, 2, 3, 5])
def test_numbers_have_numpys_bits(threads):
    program, rng = drawing(*COUNTS)
    numpys = copy.deepcopy(rng)
    crew = Crew(program, threads)
    for _ in range(3):
        for count, found in zip(COUNTS, crew()):
            assert found.tobytes() == numpys.random(count).tobytes(), count
        assert standing(rng) == standing(numpys)


@pytest.mark.parametrize("count", [1, 3, 4, 5, 4099])
def test_a_single_draw_has_numpys_bits(count):
    program, rng = drawing(count)
    numpys, native = copy.deepcopy(rng), Native(program)
    for _ in range(3):
        assert native()[0].tobytes() == numpys.random(count).tobytes()


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize(
    "sizes", [(3, 5, 1), (1, 1, 1, 1), (4096, 3, 5001), ((7, 9), (2, 3, 5), 4), (5, (0, 3), 6)]
)
def test_draws_follow_each_other_and_numpys_own_come_between(sizes, threads):
    program, rng = drawing(*sizes, seed=4)
    numpys = copy.deepcopy(rng)
    if any(0 in np.atleast_1d(size) for size in sizes):
        run = Native(program)  # numbers that are none are NumPy's
    else:
        run = Crew(program, threads)
    for i in range(4):
        for found, size in zip(run(), sizes):
            assert found.tobytes() == numpys.random(size).tobytes()
        for mine in (rng, numpys):  # half a draw stays behind, now and then
            mine.random(i, np.float32)
            mine.integers(10, size=i)
            mine.standard_normal(i)
        assert standing(rng) == standing(numpys)


def test_every_seed_has_a_stream_of_its_own():
    for seed in (0, 1, 2**64, 2**127, 12345678901234567890):
        program, rng = drawing(9, seed=seed)
        numpys = copy.deepcopy(rng)
        assert Native(program)()[0].tobytes() == numpys.random(9).tobytes()


def test_code_is_found_again_by_who_shares_a_generator_not_by_which_it_is():
    def key(*rngs):
        program, _ = recorded(lambda: [gd.uniform(size=5, rng=rng) for rng in rngs])
        return Native(program).module.key

    a, b, c, d = (np.random.default_rng(i) for i in range(4))
    other = np.random.Generator(np.random.SFC64(0))
    assert key(a, b) == key(c, d)
    assert key(a, a) == key(b, b)
    assert len({key(a, b), key(a, a), key(a, other), key(other, other)}) == 4


def test_turns_of_every_size_of_the_mixing_are_met():
    """The bits are turned by 0 to 63 places; each happens here, 0 among them."""
    program, rng = drawing(4096, seed=9)
    twin, turns = copy.deepcopy(rng), set()
    for _ in range(4096):
        twin.random()
        turns.add(standing(twin)["state"]["state"] >> 122)
    assert turns == set(range(64))
    numpys = copy.deepcopy(rng)
    assert Native(program)()[0].tobytes() == numpys.random(4096).tobytes()


def of_one_step():
    program, rng = drawing(5)
    return Native(program), rng


def of_many_steps():
    rng = np.random.default_rng(0)
    data = np.ones((3, 2), "f4")
    program, _ = recorded(lambda x: (x * gd.uniform(size=(3, 2), rng=rng)).sum(), data)
    spec = Run((Feed(program.arguments[0], data.dtype),), notes=program.results)
    runner = Runner(program, spec, None, Team(1))
    return lambda: runner.run(np.array([[0, 1, 2]]), [data], []), rng


@pytest.mark.parametrize("make", [of_one_step, of_many_steps])
def test_a_draw_waits_for_whoever_is_drawing(make):
    run, rng = make()
    before = standing(rng)
    with rng.bit_generator.lock:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join(0.05)
        assert thread.is_alive()
        assert standing(rng) == before
    thread.join()
    assert standing(rng) != before


def test_a_draw_that_nobody_reads_moves_the_generator():
    rng = np.random.default_rng(0)

    def step(x):
        gd.uniform(size=11, rng=rng)
        return x * 2.0

    x = np.ones(3)
    program, _ = recorded(step, x)
    numpys = copy.deepcopy(rng)
    Crew(program)(x)
    numpys.random(11)
    assert standing(rng) == standing(numpys)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_many_steps_in_one_call_draw_on_and_on(threads):
    rng = np.random.default_rng(2)
    drop = gd.nn.Dropout(0.3, rng=rng)
    data = np.random.default_rng(0).random((30, 700), np.float32)

    def step(x):
        return drop(drop(x)).sum()

    indices = np.random.default_rng(1).integers(0, 30, (6, 10))
    program, _ = recorded(step, data[indices[0]])
    numpys = copy.deepcopy(rng)
    feed = Feed(program.arguments[0], data.dtype)
    crew = Crew(program, threads, run=Run((feed,), notes=program.results))
    losses = np.zeros(6, "f4")
    crew.run([np.zeros((10, 700), "f4")], [indices, data, losses], 6)
    state = standing(rng)
    rng.bit_generator.state = standing(numpys)
    expected = [step(gd.Tensor(data[rows])).item() for rows in indices]
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    assert state == standing(rng)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_step_that_is_left_has_drawn(threads):
    """Where the loss is not finite nothing is learned, but the numbers were drawn."""
    rng = np.random.default_rng(2)
    w = gd.Tensor(np.ones(5000))

    def step(x):
        loss = (x * w * gd.uniform(size=5000, rng=rng)).sum()
        w.assign(w * loss)
        return loss

    program, agreement = recorded(step, np.ones(5000))
    numpys = copy.deepcopy(rng)
    crew = Crew(program, threads, watched=program.results[0])
    state = [agreement.state[value].data.copy() for value in program.state]
    crew(np.full(5000, np.inf), *state)
    numpys.random(5000)
    assert standing(rng) == standing(numpys)
    np.testing.assert_array_equal(state[0], w.data)


def test_numpy_draws_between_parts_of_machine_code():
    """A kernel of NumPy's in the middle parts the code; the places in the stream go on."""
    rng, other = np.random.default_rng(2), np.random.default_rng(3)

    def step(x):
        one = gd.uniform(size=x.shape, rng=rng) * x
        two = gd.normal(size=x.shape, rng=other) + one
        return two * gd.uniform(size=x.shape, rng=rng)

    x = np.ones((5, 3))
    program, _ = recorded(step, x)
    native = Native(program)
    kinds = [type(k) for k in native.module.schedule.kernels if isinstance(k, (Draw, Host))]
    assert kinds == [Draw, Host, Draw]
    twins = copy.deepcopy((rng, other))
    for _ in range(3):
        a, b, c = twins[0].random((5, 3)), twins[1].standard_normal((5, 3)), twins[0].random((5, 3))
        np.testing.assert_array_equal(native(x)[0], (b + a) * c)
    assert [standing(rng), standing(other)] == [standing(twin) for twin in twins]
