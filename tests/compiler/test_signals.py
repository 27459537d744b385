"""Signals that arrive while state is written: nothing is torn, and nothing is lost."""

from __future__ import annotations

import signal
import threading

import numpy as np
import pytest

import gradatim as gd
from gradatim.compiler import signals
from gradatim.compiler.signals import SignalsHeld
from gradatim.native import engine

ALARM, TERM = signal.SIGUSR1, signal.SIGTERM


class Late(Exception):
    """What a handler raises."""


@pytest.fixture
def handled():
    """Handlers of our own for two signals; what they were called with."""
    seen = []

    def handler(number, frame):
        seen.append(number)
        raise Late(number)

    before = {number: signal.signal(number, handler) for number in (ALARM, TERM)}
    yield seen
    for number, old in before.items():
        signal.signal(number, old)


def now():
    return {n: signal.getsignal(n) for n in (ALARM, TERM, signal.SIGINT)}


def send(number):
    return lambda: signal.raise_signal(number)


def inside(*acts):
    """Do something while signals are held."""
    with SignalsHeld():
        for act in acts:
            act()


def test_a_handler_waits_for_the_end(handled):
    before = now()
    with pytest.raises(Late):
        inside(send(ALARM), lambda: handled.append("all of it"))
    assert handled == ["all of it", ALARM]
    assert now() == before


def test_every_one_is_called_also_where_an_earlier_one_raised(handled):
    with pytest.raises(Late):
        inside(send(ALARM), send(TERM), send(ALARM))
    assert handled == [ALARM, TERM, ALARM]


def test_ctrl_c_waits_too():
    done = []
    with pytest.raises(KeyboardInterrupt):
        inside(send(signal.SIGINT), lambda: done.append("all of it"))
    assert done == ["all of it"]


def test_only_the_outermost_lets_go(handled):
    with pytest.raises(Late):
        inside(lambda: inside(send(ALARM)), lambda: handled.append("the inner one has ended"))
    assert handled == ["the inner one has ended", ALARM]


def test_an_error_inside_comes_out_with_what_a_handler_raises(handled):
    with pytest.raises(Late) as caught:
        inside(send(ALARM), lambda: 1 / 0)
    assert isinstance(caught.value.__context__, ZeroDivisionError)
    inside()  # it is free again


def test_a_handler_that_was_set_inside_stays(handled):
    def mine(*_):
        handled.append("mine")

    with SignalsHeld():
        signal.signal(ALARM, mine)
    assert signal.getsignal(ALARM) is mine


def test_one_that_raises_while_the_others_are_put_back_tears_nothing(handled, monkeypatch):
    before, plain = now(), signals._PLAIN

    class Hasty:
        getsignal = staticmethod(plain.getsignal)

        @staticmethod
        def signal(number, handler):
            plain.signal(number, handler)
            if number == TERM:
                raise Late("as soon as it was there")

    held = SignalsHeld()
    held.__enter__()
    monkeypatch.setattr(signals, "_PLAIN", Hasty)
    with pytest.raises(Late, match="as soon"):
        held.__exit__()
    assert now() == before


def test_other_threads_go_on_as_they_are(handled):
    before, found = now(), []

    def work():
        with SignalsHeld():
            found.append(now())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [before]


# --- steps -------------------------------------------------------------------------------------
def raising(function, at):
    """A function in whose call of that number a signal arrives."""
    calls = []

    def wrapped(*given):
        calls.append(None)
        if len(calls) == at:
            signal.raise_signal(ALARM)
        found = function(*given)
        if len(calls) == at:
            signal.raise_signal(TERM)
        return found

    return wrapped


def whole(model, optimizer):
    return {n: np.array(x) for n, x in {**model.state_dict(), **optimizer.state_dict()}.items()}


@pytest.mark.parametrize("backend", ["numpy", "llvm"])
def test_a_call_of_a_compiled_step_is_all_or_nothing(handled, backend):
    if backend == "llvm" and not engine.is_there():
        pytest.skip("llvmlite is not installed")
    found = []
    for disturbed in (True, False):
        model = gd.nn.MLP([4, 3, 2], rng=0)
        optimizer = gd.optim.Adam(model, lr=0.1)

        @gd.compile(backend=backend)
        def step(x, t, model=model, optimizer=optimizer):
            loss = gd.cross_entropy(model(x), t)
            loss.backward()
            optimizer.step()
            return loss

        x, t = gd.Tensor(np.ones((2, 4), np.float32)), gd.Tensor([0, 1])
        for _ in range(3):
            step(x, t)
        w, before = model.layers[0].weight, model.layers[0].weight.written
        if disturbed:
            plan = step.known(x, t)
            vars(plan)["_step"] = raising(plan._step, 1)
            with pytest.raises(Late):
                step(x, t)
        else:
            step(x, t)
        assert w.written > before
        assert w.grad is None
        found.append(whole(model, optimizer))
    assert handled == [ALARM, TERM]
    for name, x in found[0].items():
        np.testing.assert_array_equal(x, found[1][name], err_msg=name)
    assert found[0]["step"] == 4


@pytest.mark.skipif(not engine.is_there(), reason="llvmlite is not installed")
def test_what_arrives_while_machine_code_is_made_is_not_lost(handled, monkeypatch):
    compiled = engine._compiled

    def disturbed(text):
        signal.raise_signal(ALARM)
        handled.append("compiling")
        return compiled(text)

    monkeypatch.setattr(engine, "_compiled", disturbed)
    program = gd.compile(lambda x: gd.exp(x) * 41, backend="llvm")
    for _ in range(2):
        program(np.ones(41))
    with pytest.raises(Late):
        program(np.ones(41))
    assert handled == ["compiling", ALARM]
    np.testing.assert_allclose(program(np.ones(41)).numpy(), 41 * np.e)
