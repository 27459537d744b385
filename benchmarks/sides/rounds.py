"""Rounds: live sides that take turns, and what their times amount to."""

from __future__ import annotations

import math
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import gradatim as gd
from sides.process import Process, SideError
from sides.work import Work

TURN = 0.2
"""Seconds of one side's turn where the number of steps is free."""
SLOW, ROUNDS_OF_SLOW = 1.0, 3
"""A side whose turn takes longer sits out the rounds after these."""
SLOW_START = 5.0
"""A side that takes longer to start is started once, and once more with its code kept."""


@dataclass
class Result:
    """What one side took for one work; without times, why there are none."""

    name: str
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    first_step: float = math.nan
    peak_bytes: int = 0
    answer: float = math.nan
    failure: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.seconds) if self.seconds else math.nan

    @property
    def quartiles(self) -> tuple[float, float]:
        if len(self.seconds) < 2:
            return self.median, self.median
        low, _, high = statistics.quantiles(self.seconds, n=4, method="inclusive")
        return low, high

    @property
    def processors(self) -> float:
        """How many processors were at work."""
        shares = [c / s for c, s in zip(self.cpu, self.seconds) if s]
        return statistics.median(shares) if shares else math.nan


@contextmanager
def samples() -> Iterator[Path]:
    """A folder with MNIST as plain arrays, which every side opens."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        train, _ = gd.data.mnist()
        np.save(folder / "images.npy", train.inputs.reshape(len(train), -1))
        np.save(folder / "labels.npy", train.targets.astype(np.int64))
        yield folder


def take_turns(
    work: Work, names: list[str], rounds: int, threads: int, folder: Path
) -> dict[str, Result]:
    """Start all sides, let them take turns (A B C A B C ...), and stop them.

    What was learned is asked for after the round that warms up, when every side has made as many
    steps as the others.
    """
    results = {name: Result(name) for name in names}
    with ExitStack() as stack:
        live = _started(stack, work, results, threads, folder)
        counts = {name: _warmed_up(live, results, name) for name in list(live)}
        for turn in range(rounds):
            for name, process in list(live.items()):
                if turn < ROUNDS_OF_SLOW or results[name].median * counts[name] < SLOW:
                    _turn(process, results[name], counts[name])
    return results


def _started(
    stack: ExitStack, work: Work, results: dict[str, Result], threads: int, folder: Path
) -> dict[str, Process]:
    live = {}
    for name, result in results.items():
        cache = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        try:
            process = Process(name, work, folder, threads, cache)
        except SideError as error:
            result.failure = str(error)
            continue
        live[name] = stack.enter_context(process)
        result.first_step = process.first_step
        print(f"  {work.name}: {name} started in {process.first_step:.1f} s", file=sys.stderr)
    return live


def _warmed_up(live: dict[str, Process], results: dict[str, Result], name: str) -> int:
    """Make the round that warms up; return the steps of the rounds that follow."""
    process, work = live[name], live[name].work
    seconds, _ = process.go(work.steps)
    results[name].answer = process.answer()
    results[name].peak_bytes = process.peak_bytes()
    if work.kind == "network":
        return work.steps
    return max(1, min(1000, int(TURN / seconds * work.steps)))


def _turn(process: Process, result: Result, steps: int) -> None:
    seconds, cpu = process.go(steps)
    result.seconds.append(seconds / steps)
    result.cpu.append(cpu / steps)


def first_steps(
    work: Work, names: list[str], rounds: int, threads: int, folder: Path
) -> dict[str, tuple[Result, Result]]:
    """From the start of a process to the end of its third step: with no code kept, and again."""
    found = {name: (Result(name), Result(name)) for name in names}
    for turn in range(rounds):
        for name, pair in found.items():
            if turn and pair[0].median > SLOW_START:
                continue
            with tempfile.TemporaryDirectory() as cache:
                for result in pair:
                    _launch(name, work, folder, threads, Path(cache), result)
    return found


def _launch(name: str, work: Work, folder: Path, threads: int, cache: Path, result: Result) -> None:
    if result.failure:
        return
    try:
        with Process(name, work, folder, threads, cache) as process:
            result.seconds.append(process.first_step)
            result.peak_bytes = process.peak_bytes()
    except SideError as error:
        result.failure = str(error)
