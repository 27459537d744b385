"""What the targets of the Makefile hand on to the commands behind them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(
    shutil.which("make") is None or os.name == "nt", reason="needs make and a POSIX shell"
)


@pytest.fixture
def environment(tmp_path):
    """An environment whose `gradatim` only says what it was given."""
    program = tmp_path / "bin" / "gradatim"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "$OPENBLAS_NUM_THREADS $*"\n', "utf-8")
    program.chmod(0o755)
    for stamp in ("created", "run"):
        (tmp_path / stamp).touch()
    return tmp_path


@pytest.mark.parametrize(("own", "threads"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "3"}, "3")])
def test_training_multiplies_with_one_thread_unless_told_otherwise(environment, own, threads):
    hidden = ("OPENBLAS_NUM_THREADS", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "ARGS")
    settings = {name: value for name, value in os.environ.items() if name not in hidden}

    done = subprocess.run(
        ["make", "--no-print-directory", "train", f"VENV={environment}", "ARGS=--steps 5"],
        cwd=ROOT,
        env=settings | own,
        check=True,
        capture_output=True,
        text=True,
    )

    assert done.stdout == f"{threads} train --steps 5\n"
