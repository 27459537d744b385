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
def made(tmp_path):
    """What `make` runs, in an environment whose programs only say what they were given."""
    for name in ("gradatim", "python"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\necho "$OPENBLAS_NUM_THREADS {name} $*"\n', "utf-8")
        program.chmod(0o755)
    for stamp in ("created", "run", "dev"):
        (tmp_path / stamp).touch()

    def run(target, arguments, **own):
        hidden = ("OPENBLAS_NUM_THREADS", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "ARGS")
        settings = {name: value for name, value in os.environ.items() if name not in hidden}
        command = ["make", "--no-print-directory", target, f"VENV={tmp_path}", f"ARGS={arguments}"]
        done = subprocess.run(
            command, cwd=ROOT, env=settings | own, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    return run


def test_training_takes_the_arguments_of_the_program(made):
    assert made("train", "--steps 5") == "gradatim train --steps 5"


@pytest.mark.parametrize(("own", "threads"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "3"}, "3")])
def test_tests_run_in_many_processes_of_one_thread_each(made, own, threads):
    expected = f"{threads} python -m pytest -n auto -k idx"
    assert made("test", "-k idx", **own) == expected
