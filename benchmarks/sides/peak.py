"""What this processor reaches at most: a loop of nothing but multiply-and-add, in registers."""

from __future__ import annotations

import ctypes
import math
import os
import threading
import time

import numpy as np

from gradatim.native.engine import Code, host, is_there

CHAINS = 12
"""Sums that do not wait for each other: more than one core has multiply-adders times latency."""
LOOPS = 2_000_000


def fma_loop(lanes: int) -> str:
    """A function ``peak(loops, out)`` in LLVM's language."""
    kind, sums = f"<{lanes} x float>", range(CHAINS)
    phis = [f"  %s{i} = phi {kind} [ zeroinitializer, %entry ], [ %n{i}, %loop ]" for i in sums]
    steps = [
        f"  %n{i} = call {kind} @llvm.fma.v{lanes}f32({kind} %x, {kind} %x, {kind} %s{i})"
        for i in sums
    ]
    totals = [f"  %t0 = fadd {kind} %n0, %n1"]
    totals += [f"  %t{i} = fadd {kind} %t{i - 1}, %n{i + 1}" for i in range(1, CHAINS - 1)]
    return "\n".join(
        [
            f"declare {kind} @llvm.fma.v{lanes}f32({kind}, {kind}, {kind})",
            "define void @peak(i64 %loops, ptr %out) {",
            "entry:",
            f"  %x = load {kind}, ptr %out, align 4",
            "  br label %loop",
            "loop:",
            "  %k = phi i64 [ 0, %entry ], [ %more, %loop ]",
            *phis,
            *steps,
            "  %more = add nsw i64 %k, 1",
            "  %done = icmp eq i64 %more, %loops",
            "  br i1 %done, label %end, label %loop",
            "end:",
            *totals,
            f"  store {kind} %t{CHAINS - 2}, ptr %out, align 4",
            "  ret void",
            "}",
        ]
    )


def peak_flops(threads: int, loops: int = LOOPS, rounds: int = 40) -> float:
    """Floating-point operations a second, float32, with so many threads; the best of rounds.

    NaN where no machine code can be made.
    """
    if not is_there():
        return math.nan
    lanes = host().lanes["float"]
    peak = Code(fma_loop(lanes)).function("peak", ctypes.c_int64, ctypes.c_void_p)
    places = [np.full(lanes, 0.001, np.float32) for _ in range(threads)]
    best = min(_seconds(peak, loops, places) for _ in range(rounds))
    return 2 * lanes * CHAINS * loops * threads / best


def _seconds(peak, loops: int, places: list[np.ndarray]) -> float:
    workers = [
        threading.Thread(target=peak, args=(loops, place.ctypes.data)) for place in places[1:]
    ]
    start = time.perf_counter()
    for worker in workers:
        worker.start()
    peak(loops, places[0].ctypes.data)
    for worker in workers:
        worker.join()
    return time.perf_counter() - start


def product_flops(size: int = 2048, rounds: int = 3) -> float:
    """Floating-point operations a second of NumPy's large product of matrices."""
    a = np.random.default_rng(0).random((size, size), np.float32)
    out, times = np.empty_like(a), []
    for _ in range(rounds):
        start = time.perf_counter()
        np.dot(a, a, out=out)
        times.append(time.perf_counter() - start)
    return 2 * size**3 / min(times)


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
