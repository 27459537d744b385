"""The process of one side: it makes the first steps, then a round whenever it is told to.

    python -m sides.serve SIDE WORK FOLDER

It writes a line of JSON after the first steps and after each command: ``go N`` makes N steps,
``answer`` tells what was learned, ``memory`` the most memory that was ever held.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any, Protocol

from sides.catalogue import SIDES
from sides.work import Work

FIRST = 3
"""Steps before the first round: by then every side has compiled what it compiles."""


class Side(Protocol):
    """What a module of a side makes: ``make(work, folder, form) -> Side``."""

    def run(self, steps: int) -> Any:
        """Make so many steps, all from the first batch on, and return when they are done.

        One that does more than steps returns seconds and processor seconds of these alone.
        """

    def answer(self) -> float:
        """What was learned, as one number: the loss of 1,000 images, or a gradient."""


def peak_bytes() -> int:
    """The most memory that this process has held."""
    try:  # not ru_maxrss, which begins with what the parent held
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024
    except (OSError, IndexError):
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def say(**facts: Any) -> None:
    print(json.dumps(facts), file=OUT, flush=True)


def main() -> None:
    entry = SIDES[sys.argv[1]]
    start = time.perf_counter()
    module = importlib.import_module(f"sides.{entry.module}")
    imported = time.perf_counter() - start
    side: Side = module.make(Work.of(sys.argv[2]), Path(sys.argv[3]), entry.form)
    side.run(FIRST)
    say(imported=imported, answer=side.answer())
    for line in sys.stdin:
        command, _, count = line.strip().partition(" ")
        if command == "go":
            cpu, start = time.process_time(), time.perf_counter()
            own = side.run(int(count))
            whole = time.perf_counter() - start, time.process_time() - cpu
            say(**dict(zip(("seconds", "cpu"), own or whole)))
        elif command == "answer":
            say(answer=side.answer())
        elif command == "memory":
            say(bytes=peak_bytes())


if __name__ == "__main__":
    # Some peers print while they compile; only our own lines may reach the parent.
    OUT = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    main()
