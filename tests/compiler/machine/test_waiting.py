"""Threads wait where one reads what another wrote, and only there."""

from __future__ import annotations

import numpy as np

import gradatim as gd
from compiler.machine.crew import recorded
from gradatim.compiler.machine.layout import lay_out
from gradatim.compiler.machine.schedule import schedule
from gradatim.compiler.machine.waiting import Waiting, Watch
from gradatim.native.engine import host

X = np.random.default_rng(0).standard_normal((40, 40))


def waits(step):
    program, _ = recorded(step, X)
    plan = schedule(program)
    waiting = Waiting(plan, lay_out(program, plan, host().lanes, 2, {}, {}))
    return [waiting.must_wait(kernel) for kernel in plan.kernels]


def test_nobody_waits_for_work_of_his_own():
    assert waits(lambda x: gd.tanh(x) * 2.0) == [False]


def test_a_product_waits_for_its_factors():
    found = waits(lambda x: gd.softmax(gd.tanh(x @ x.T) @ x))
    assert found[0] is False
    assert sum(found) >= 2


def test_two_that_read_the_same_do_not_wait():
    assert waits(lambda x: (x.sum(axis=0), gd.tanh(x))) == [False, False]


def test_a_loss_is_looked_at_once_and_before_what_it_decides_about_is_written():
    model = gd.nn.MLP([40, 5, 3], rng=0)
    optimizer = gd.optim.SGD(model, lr=0.1)

    def step(x):
        loss = (model(x) ** 2).mean()
        loss.backward()
        optimizer.step()
        return loss

    program, _ = recorded(step, X.astype("f4"))
    loss = program.results[0]
    plan = schedule(program, loss)
    made = [loss in map(plan.root, kernel.made()) for kernel in plan.kernels].index(True)
    writes = [any(line.writes for line in kernel.lines) for kernel in plan.kernels].index(True)
    watch = Watch(plan, loss)
    due = [watch.is_due(kernel, waits=False) for kernel in plan.kernels]
    assert due.count(True) == 1
    assert made < due.index(True) <= writes
