"""`gradatim train` as people start it: the whole process, from loading to the saved run."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from gradatim.store import read_history
from sides.table import Table


def train_table(rounds: int, steps: int | None) -> Table:
    """The book's job, with no code kept at first, then again and again."""
    table = Table("`gradatim train`, the book's job: s", "", "whole process", "training alone")
    with tempfile.TemporaryDirectory() as name:
        found = [_train(Path(name), turn, steps) for turn in range(rounds + 1)]
    table.add("with no code kept", *(f"{seconds:.2f}" for seconds in found[0]))
    if rounds:
        medians = (statistics.median(column) for column in zip(*found[1:]))
        table.add(f"again, median of {rounds}", *(f"{seconds:.2f}" for seconds in medians))
    table.note("training alone: from before the first evaluation to after the last")
    return table


def _train(folder: Path, turn: int, steps: int | None) -> tuple[float, float]:
    out = folder / f"run-{turn}"
    asked = [] if steps is None else ["--steps", str(steps)]
    # One thread for NumPy's products, as `make train` has it.
    settings = {"GRADATIM_CACHE": str(folder / "cache"), "OPENBLAS_NUM_THREADS": "1"}
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "gradatim", "train", "--out", str(out), *asked],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, **settings},
    )
    seconds = time.perf_counter() - start
    return seconds, _last_seconds(out)


def _last_seconds(out: Path) -> float:
    rows = read_history(out / "history.csv")
    return float(rows[-1]["seconds"])
