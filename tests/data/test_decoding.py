"""Many files decoded by several processes, whatever becomes of these."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from gradatim.data import decoding
from gradatim.data.cache import memory_sink
from gradatim.data.decoder import Form
from gradatim.data.decoding import decode_all, suitable_workers

Image = pytest.importorskip("PIL.Image")

FORM = Form("L", 4, 3)


@pytest.fixture
def names(tmp_path):
    """Seven pictures, of which each is as grey as its number says."""
    for number in range(7):
        Image.new("L", (3, 4), 10 * number).save(tmp_path / f"{number}.png")
    return [f"{number}.png" for number in range(7)]


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr(decoding, "AT_ONCE", 2)


def decoded(root, names, **settings):
    images = np.zeros((len(names), 4, 3), np.uint8)
    found = decode_all(root, names, FORM, memory_sink(images), **settings)
    return images[:, 0, 0].tolist(), found


@pytest.mark.parametrize("workers", [1, 2, 3, 50])
def test_every_picture_has_its_place(tmp_path, names, workers):
    counts = []
    levels, found = decoded(tmp_path, names, workers=workers, advance=counts.append)

    assert levels == [0, 10, 20, 30, 40, 50, 60]
    assert found == decoded(tmp_path, names)[1]
    assert len(found.digests) == 7 * 32
    assert sum(counts) == 7


@pytest.mark.parametrize("workers", [1, 2])
def test_faults_are_in_the_order_of_the_files(tmp_path, names, workers):
    for number in (5, 1, 2):
        (tmp_path / f"{number}.png").write_bytes(b"?")

    levels, found = decoded(tmp_path, names, workers=workers)

    assert [fault.number for fault in found.faults] == [1, 2, 5]
    assert levels == [0, 0, 0, 30, 40, 0, 60]


class TestWorkersThatFail:
    def test_they_cannot_be_started(self, tmp_path, names, monkeypatch):
        monkeypatch.setattr(sys, "executable", str(tmp_path / "no python"))
        assert decoded(tmp_path, names, workers=2)[0] == [0, 10, 20, 30, 40, 50, 60]

    def test_there_is_no_python_to_start(self, tmp_path, names, monkeypatch):
        monkeypatch.setattr(sys, "executable", "")
        assert decoded(tmp_path, names, workers=2)[0] == [0, 10, 20, 30, 40, 50, 60]

    @pytest.mark.parametrize(
        "program",
        [
            "raise SystemExit",
            "import sys; sys.stdin.readline(); print('no answer')",
            "import sys; sys.stdin.readline(); print('{}', flush=True)",
        ],
    )
    def test_they_die_or_answer_something_else(self, tmp_path, names, monkeypatch, program):
        script = tmp_path / "worker.py"
        script.write_text(program)
        monkeypatch.setattr(decoding.decoder, "__file__", str(script))

        assert decoded(tmp_path, names, workers=2)[0] == [0, 10, 20, 30, 40, 50, 60]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are others there")
def test_ctrl_c_ends_the_workers_too(tmp_path, names):
    sleeper = tmp_path / "worker.py"
    sleeper.write_text("import os, time\nopen(f'{os.getpid()}.pid', 'w')\ntime.sleep(60)\n")
    program = (
        "import sys, numpy as np\n"
        "from pathlib import Path\n"
        "from gradatim.data import decoding\n"
        "from gradatim.data.decoder import Form\n"
        "decoding.AT_ONCE = 2\n"
        f"decoding.decoder.__file__ = {str(sleeper)!r}\n"
        "names = [f'{number}.png' for number in range(7)]\n"
        "form = Form('L', 4, 3)\n"
        "try:\n"
        "    decoding.decode_all(Path('.'), names, form, print, workers=2)\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while len(started := list(tmp_path.glob("*.pid"))) < 2 and time.monotonic() < deadline:
        os.sched_yield()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert (out, err) == ("interrupted\n", "")
    for path in started:
        with pytest.raises(ProcessLookupError):
            os.kill(int(path.stem), 0)


def test_few_files_are_decoded_here_and_many_by_all_cores(monkeypatch):
    monkeypatch.setattr(decoding, "_cores", lambda: 2)

    assert suitable_workers(1000, 300_000) == 1
    assert suitable_workers(60_000, 20_000_000) == 2
    assert suitable_workers(100, 300_000_000) == 2


def test_one_core_needs_no_worker(monkeypatch):
    monkeypatch.setattr(decoding, "_cores", lambda: 1)

    assert suitable_workers(60_000, 20_000_000) == 1
