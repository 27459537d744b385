"""A command looks for garbage seldom, and leaves things as they were."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from gradatim.cli.app import main
from gradatim.cli.garbage import SELDOM


@pytest.fixture(autouse=True)
def _kept():
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.parametrize(("before", "meanwhile"), [(700, SELDOM), (0, 0), (10**6, 10**6)])
@pytest.mark.parametrize("error", [None, ValueError("of ours"), KeyboardInterrupt()])
def test_while_a_command_runs(monkeypatch, capsys, before, meanwhile, error):
    seen = []

    def run(*_):
        seen.append(gc.get_threshold()[0])
        if error is not None:
            raise error

    monkeypatch.setattr("gradatim.cli.app._run", run)
    gc.set_threshold(before, 11, 12)
    main(["train"])

    assert seen == [meanwhile]
    assert gc.get_threshold()[:2] == (before, 11)


ENDING = """
import atexit, gc, sys
from gradatim.cli import main
atexit.register(lambda: print(gc.get_freeze_count() > 10_000))
sys.argv = ["gradatim", "--version"]
main({given})
print(gc.get_threshold()[0])
"""


@pytest.mark.parametrize(
    ("given", "after", "is_frozen"), [("", SELDOM, True), ("['-h']", 700, False)]
)
def test_what_was_loaded_is_left_alone_where_the_process_ends_with_the_command(
    given, after, is_frozen
):
    command = [sys.executable, "-c", ENDING.format(given=given)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)

    assert done.stdout.split()[-2:] == [str(after), str(is_frozen)]
