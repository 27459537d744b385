"""Ctrl-C, counted until it is a good moment."""

from __future__ import annotations

import signal
import threading

import pytest

from gradatim.train.interrupt import Interrupt


def press():
    signal.raise_signal(signal.SIGINT)


def test_the_first_one_is_only_noted():
    with Interrupt() as interrupt:
        press()

    assert interrupt.count == 1


def test_the_second_one_raises():
    with Interrupt():
        press()
        with pytest.raises(KeyboardInterrupt):
            press()


def test_nothing_raises_while_it_is_held():
    with Interrupt() as interrupt:
        interrupt.held = True
        press()
        press()
        press()

    assert interrupt.count == 3


def test_afterwards_ctrl_c_is_pythons_own_again():
    with Interrupt():
        pass

    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with pytest.raises(KeyboardInterrupt):
        press()


def test_also_after_an_error():
    with pytest.raises(ZeroDivisionError), Interrupt():
        raise ZeroDivisionError

    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_somebody_elses_handler_is_left_alone():
    pressed = []
    before = signal.signal(signal.SIGINT, lambda *_: pressed.append(True))
    try:
        with Interrupt() as interrupt:
            press()
    finally:
        signal.signal(signal.SIGINT, before)

    assert pressed == [True]
    assert interrupt.count == 0


def test_a_thread_other_than_the_main_one_does_nothing():
    counts = []

    def run():
        with Interrupt() as interrupt:
            counts.append(interrupt.count)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()

    assert counts == [0]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
