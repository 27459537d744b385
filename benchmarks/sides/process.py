"""A side in a process of its own, seen from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from sides.catalogue import SIDES
from sides.work import Work

ROOT = Path(__file__).parents[1]


class SideError(RuntimeError):
    """A side that stopped; the text is what it said last."""


class Process:
    """A live side.

    Parameters
    ----------
    name : str
        Of the catalogue.
    work : Work
        What it does.
    folder : Path
        Where the samples lie.
    threads : int
        How many it may use: every library is told so, and if that is fewer than there are
        processors, the process is kept to so many of them.
    cache : Path
        Where compiled code is kept from one process to the next.
    """

    def __init__(self, name: str, work: Work, folder: Path, threads: int, cache: Path) -> None:
        self.name, self.work = name, work
        # A file, not a pipe: nobody reads it while the side runs. It is closed with the side.
        self._said: IO[str] = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115
        start = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sides.serve", name, work.text(), str(folder)],
            cwd=ROOT,
            env=environment(threads, cache),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
            preexec_fn=_keeper(threads),
        )
        try:
            first = self._hear()
        except SideError:
            self.close()
            raise
        self.first_step = time.perf_counter() - start
        self.imported: float = first["imported"]

    def go(self, steps: int) -> tuple[float, float]:
        """Make so many steps; the seconds and the processor seconds that they took."""
        found = self._ask(f"go {steps}")
        return found["seconds"], found["cpu"]

    def answer(self) -> float:
        return self._ask("answer")["answer"]

    def peak_bytes(self) -> int:
        return self._ask("memory")["bytes"]

    def close(self) -> None:
        self._process.send_signal(signal.SIGCONT)
        self._process.communicate()
        self._said.close()

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def _ask(self, command: str) -> dict[str, Any]:
        """Wake the side, and stop it again when it has answered.

        Some libraries' threads go on spinning for a while after their work is done, which would
        be in the next side's time.
        """
        self._process.send_signal(signal.SIGCONT)
        print(command, file=self._process.stdin, flush=True)
        found = self._hear()
        self._process.send_signal(signal.SIGSTOP)
        return found

    def _hear(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if line:
            return json.loads(line)
        self._process.wait()
        self._said.seek(0)
        words = self._said.read().strip().splitlines() or ["it said nothing"]
        raise SideError(reason(words))


def reason(words: list[str]) -> str:
    """The line of a traceback that says what happened."""
    found = [line for line in words if line and not line[0].isspace() and "Error" in line]
    return (found or words)[-1][:200]


def environment(threads: int, cache: Path) -> dict[str, str]:
    """Variables that tell each library how many threads it may use, and where to keep code."""
    count = str(threads)
    counts = (
        *("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "GRADATIM_NUM_THREADS"),
    )
    settings = dict.fromkeys(counts, count) | {
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
        "PYTHONWARNINGS": "ignore",
        "KERAS_BACKEND": "jax",
        "GRADATIM_CACHE": str(cache / "gradatim"),
        "TORCHINDUCTOR_CACHE_DIR": str(cache / "torch"),
    }
    if threads == 1:
        settings["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    return {**os.environ, **settings}


def _keeper(threads: int) -> Any:
    """What keeps a new process to so many processors, where that can be done."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    allowed = sorted(os.sched_getaffinity(0))[:threads]
    return lambda: os.sched_setaffinity(0, allowed)


def installed(names: list[str]) -> tuple[list[str], list[str]]:
    """Which of the sides can be measured here, and a sentence for each of the others."""
    there = [name for name in names if not SIDES[name].missing]
    absent: dict[str, list[str]] = {}
    for name in names:
        if name not in there:
            absent.setdefault(SIDES[name].needs, []).append(SIDES[name].title)
    return there, [f"not installed: {needs} ({'; '.join(t)})" for needs, t in absent.items()]
