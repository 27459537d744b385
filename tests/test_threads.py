"""How many threads: said by the program, by the environment, or by the machine."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

import gradatim as gd
from gradatim import threads
from gradatim.errors import BackendError


@pytest.fixture(autouse=True)
def _as_before(monkeypatch):
    monkeypatch.delenv("GRADATIM_NUM_THREADS", raising=False)
    yield
    gd.set_num_threads(None)


def test_the_processors_that_the_process_may_use(monkeypatch):
    monkeypatch.setattr(threads, "processors", lambda: [3, 5, 8])
    assert gd.get_num_threads() == 3


def test_the_environment_says_otherwise(monkeypatch):
    monkeypatch.setenv("GRADATIM_NUM_THREADS", " 7 ")
    assert gd.get_num_threads() == 7


def test_the_program_has_the_last_word(monkeypatch):
    monkeypatch.setenv("GRADATIM_NUM_THREADS", "7")
    gd.set_num_threads(2)
    assert gd.get_num_threads() == 2
    gd.set_num_threads(None)
    assert gd.get_num_threads() == 7


@pytest.mark.parametrize("count", [0, -1, 1.5, True, "two"])
def test_what_is_no_number_of_threads_is_refused(count):
    with pytest.raises(BackendError, match="must be a whole number of 1 or more") as caught:
        gd.set_num_threads(count)
    assert repr(count) in str(caught.value)
    assert "This process may run on" in str(caught.value)


def test_a_wrong_variable_is_named(monkeypatch):
    monkeypatch.setenv("GRADATIM_NUM_THREADS", "many")
    with pytest.raises(BackendError, match="GRADATIM_NUM_THREADS is 'many'"):
        gd.get_num_threads()


def test_there_is_a_processor_where_the_system_does_not_tell(monkeypatch):
    monkeypatch.delattr(threads.os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(threads.os, "cpu_count", lambda: None)
    assert threads.processors() == [0]


@pytest.fixture
def numpy_threads():
    """How many threads NumPy's products have; 3 at first."""
    control = pytest.importorskip("threadpoolctl")

    def found():
        pools = control.threadpool_info()
        return {pool["num_threads"] for pool in pools if pool["user_api"] == "blas"}

    with control.threadpool_limits(3, "blas"):
        if found() != {3}:
            pytest.skip("NumPy's products have no threads here")
        yield found


def test_numpy_multiplies_on_one_thread_meanwhile(numpy_threads):
    with threads.numpy_on_one_thread():
        assert numpy_threads() == {1}
    assert numpy_threads() == {3}


def test_the_last_of_several_gives_numpy_its_threads_back(numpy_threads):
    first, second = ExitStack(), ExitStack()
    first.enter_context(threads.numpy_on_one_thread())
    second.enter_context(threads.numpy_on_one_thread())
    first.close()
    assert numpy_threads() == {1}
    second.close()
    assert numpy_threads() == {3}
