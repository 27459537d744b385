"""Threads that wait for each other: nobody goes on too early, nobody is forgotten."""

from __future__ import annotations

import ctypes
import threading

import numpy as np
import pytest

from gradatim.compiler.machine.barrier import barrier
from gradatim.native.engine import Code, host, llvm

ROUNDS = """
define void @rounds(ptr %sync, ptr %marks, i64 %tid, i64 %threads, i64 %count) {
entry:
  %many = trunc i64 %threads to i32
  %mine = getelementptr i64, ptr %marks, i64 %tid
  %next = add i64 %tid, 1
  %whose = urem i64 %next, %threads
  %theirs = getelementptr i64, ptr %marks, i64 %whose
  %faults = getelementptr i64, ptr %marks, i64 %threads
  br label %round
round:
  %i = phi i64 [ 1, %entry ], [ %more, %again ]
  store i64 %i, ptr %mine
  call void @barrier(ptr %sync, i32 %many)
  %seen = load i64, ptr %theirs
  %same = icmp eq i64 %seen, %i
  br i1 %same, label %again, label %fault
fault:
  %ignored = atomicrmw add ptr %faults, i64 1 seq_cst
  br label %again
again:
  call void @barrier(ptr %sync, i32 %many)
  %more = add i64 %i, 1
  %go = icmp sle i64 %more, %count
  br i1 %go, label %round, label %done
done:
  ret void
}
attributes #0 = { nounwind }
"""


@pytest.fixture(scope="module")
def rounds():
    code = Code(barrier(host().is_x86) + ROUNDS)
    return code, code.function("rounds", *[ctypes.c_void_p] * 2, *[ctypes.c_int64] * 3)


def run(rounds, threads, count, late=None):
    sync, marks = np.zeros(64, "i8"), np.zeros(threads + 1, "i8")

    def work(thread):
        if thread == 0 and late is not None:
            late.wait()
        rounds[1](sync.ctypes.data, marks.ctypes.data, thread, threads, count)

    workers = [threading.Thread(target=work, args=(i,), daemon=True) for i in range(threads)]
    for worker in workers:
        worker.start()
    return workers, marks


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_hundreds_of_rounds(rounds, threads):
    workers, marks = run(rounds, threads, 300)
    for worker in workers:
        worker.join(timeout=60)
    assert not any(worker.is_alive() for worker in workers), "a thread waits for ever"
    assert marks.tolist() == [300] * threads + [0], "a thread went on before the others came"


@pytest.mark.parametrize("threads", [2, 3])
def test_a_thread_that_comes_late_is_waited_for(rounds, threads):
    late = threading.Event()
    workers, marks = run(rounds, threads, 50, late)
    workers[1].join(timeout=0.05)
    assert workers[1].is_alive()
    assert marks[0] == 0
    assert marks.max() <= 1, "nobody is past the first barrier"
    late.set()
    for worker in workers:
        worker.join(timeout=60)
    assert not any(worker.is_alive() for worker in workers)
    assert marks.tolist() == [50] * threads + [0]


@pytest.mark.parametrize("is_x86", [True, False])
@pytest.mark.parametrize(
    ("platform", "name"),
    [("linux", "sched_yield"), ("darwin", "sched_yield"), ("win32", "SwitchToThread")],
)
def test_a_turn_is_given_away_as_the_system_has_it(is_x86, platform, name):
    text = barrier(is_x86, platform)
    assert f"declare i32 @{name}()" in text
    assert f"call i32 @{name}()" in text
    assert ("x86" in text) is is_x86
    llvm().parse_assembly(text + "attributes #0 = { nounwind }").verify()
