"""Overhead of the eager engine beside its peers, on the same work in the same run.

Two pieces of work, forward and backward: 1,000 operations on single numbers, and 31 operations on
matrices of 10 x 10. Peers that are not installed are left out. Rounds are interleaved (A B C A B
C ...), and the medians are quoted, because a machine is never quiet.

    python benchmarks/eager.py [--rounds 25]
"""

from __future__ import annotations

import argparse
import importlib
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

import gradatim as gd

Run = Callable[[], float]
MATRICES = [
    (0.3 * m).astype(np.float32) for m in np.random.default_rng(0).standard_normal((4, 10, 10))
]


def gradatim_scalars() -> float:
    z, a, b = (gd.Tensor(v, requires_grad=True) for v in (0.3, 0.9, 0.1))
    s = gd.Tensor(0.0)
    for _ in range(250):
        z = z * a
        z = z + b
        y = z * z
        s = s + y
    s.backward()
    return float(a.grad)


def gradatim_matrices() -> float:
    w, b, c = (gd.Tensor(m, requires_grad=True) for m in MATRICES[:3])
    h, s = gd.Tensor(MATRICES[3]), gd.Tensor(np.zeros((10, 10), np.float32))
    for _ in range(6):
        h = h @ w
        h = h + b
        h = gd.tanh(h)
        y = h * c
        s = s + y
    s.sum().backward()
    return float(w.grad.sum())


def torch_scalars() -> float:
    import torch

    z, a, b = (torch.tensor(v, requires_grad=True) for v in (0.3, 0.9, 0.1))
    s = torch.tensor(0.0)
    for _ in range(250):
        z = z * a
        z = z + b
        y = z * z
        s = s + y
    s.backward()
    return a.grad.item()


def torch_matrices() -> float:
    import torch

    w, b, c = (torch.tensor(m, requires_grad=True) for m in MATRICES[:3])
    h, s = torch.tensor(MATRICES[3]), torch.zeros(10, 10)
    for _ in range(6):
        h = h @ w
        h = h + b
        h = torch.tanh(h)
        y = h * c
        s = s + y
    s.sum().backward()
    return w.grad.sum().item()


def micrograd_scalars() -> float:
    from micrograd.engine import Value

    z, a, b = (Value(v) for v in (0.3, 0.9, 0.1))
    s = Value(0.0)
    for _ in range(250):
        z = z * a
        z = z + b
        y = z * z
        s = s + y
    s.backward()
    return float(a.grad)


def autograd_scalars() -> float:
    from autograd import grad

    def work(p: tuple[float, float, float]) -> float:
        z, a, b = p
        s = 0.0
        for _ in range(250):
            z = z * a
            z = z + b
            y = z * z
            s = s + y
        return s

    return float(grad(work)((0.3, 0.9, 0.1))[1])


def autograd_matrices() -> float:
    import autograd.numpy as anp

    from autograd import grad

    def work(p: tuple[np.ndarray, np.ndarray, np.ndarray]) -> float:
        w, b, c = p
        h, s = MATRICES[3], np.zeros((10, 10), np.float32)
        for _ in range(6):
            h = h @ w
            h = h + b
            h = anp.tanh(h)
            y = h * c
            s = s + y
        return anp.sum(s)

    return float(grad(work)(tuple(MATRICES[:3]))[0].sum())


WORK: dict[str, dict[str, Run]] = {
    "1,000 scalar operations": {
        "gradatim": gradatim_scalars,
        "torch": torch_scalars,
        "micrograd": micrograd_scalars,
        "autograd": autograd_scalars,
    },
    "31 operations on 10 x 10": {
        "gradatim": gradatim_matrices,
        "torch": torch_matrices,
        "autograd": autograd_matrices,
    },
}


def installed(runs: dict[str, Run]) -> dict[str, Run]:
    found = {}
    for name, run in runs.items():
        try:
            importlib.import_module(name)
        except ImportError:
            print(f"{name} is not installed: left out", file=sys.stderr)
        else:
            found[name] = run
    return found


def measure(runs: dict[str, Run], rounds: int) -> dict[str, list[float]]:
    """Microseconds of one run, taking turns of about 10 ms, long enough to be warm."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            count, start = 0, time.perf_counter()
            while (taken := time.perf_counter() - start) < 0.01:
                run()
                count += 1
            times[name].append(taken / count * 1e6)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=25)
    rounds = parser.parse_args().rounds
    sys.setrecursionlimit(100_000)  # micrograd walks its graph recursively
    for title, every in WORK.items():
        runs = installed(every)
        answers = {name: run() for name, run in runs.items()}
        times = measure(runs, rounds)
        ours = statistics.median(times["gradatim"])
        print(f"\n{title}, forward and backward")
        print(f"{'':10} {'median us':>10} {'fastest':>10} {'ours / it':>10} {'answer':>14}")
        for name, taken in times.items():
            middle = statistics.median(taken)
            print(
                f"{name:10} {middle:10.0f} {min(taken):10.0f} {ours / middle:10.2f} "
                f"{answers[name]:14.6g}"
            )


if __name__ == "__main__":
    main()
