"""Where values lie: none upon another, each at the beginning of a line of the cache."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import gradatim as gd
from compiler.machine.crew import recorded
from gradatim.compiler.machine.layout import LINE_BYTES, SYNC_BYTES, lay_out, workers
from gradatim.compiler.machine.schedule import schedule
from gradatim.native.engine import host

X = np.random.default_rng(0).standard_normal((40, 40))


def test_values_do_not_overlap():
    program, _ = recorded(lambda x: gd.softmax(gd.tanh(x @ x.T) @ x), X)
    layout = lay_out(program, schedule(program), host().lanes, 2, {}, {})
    spans = sorted((at, at + value.nbytes) for value, at in layout.offsets.items())
    assert all(end <= begin for (_, end), (begin, _) in pairwise(spans))
    assert all(begin % LINE_BYTES == 0 for begin, _ in spans)
    assert spans[0][0] >= SYNC_BYTES
    assert spans[-1][1] <= layout.size


def test_state_that_is_to_lie_in_bands_has_a_place_as_well():
    weight = gd.Parameter(np.ones((40, 48)))
    program, agreement = recorded(lambda x: x @ weight, X)
    (value,) = agreement.state
    plan = schedule(program)
    assert value not in lay_out(program, plan, host().lanes, 1, {}, {}).offsets
    layout = lay_out(program, plan, host().lanes, 1, {value: 8}, {})
    assert layout.offsets[value] + value.nbytes <= layout.size
    assert value in layout.outside


@pytest.mark.parametrize(("threads", "expected"), [(1, 1), (2, 1), (3, 3), (4, 2)])
def test_half_of_the_threads_make_half_of_a_product(threads, expected):
    program, _ = recorded(lambda x: x @ x, X)
    (kernel,) = schedule(program).kernels
    assert workers(kernel, threads) == threads
    kernel.crew = 1
    assert workers(kernel, threads) == expected
