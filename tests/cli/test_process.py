"""The command as other programs meet it: a process with pipes, signals and a status."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys

import pytest

COMMAND = [sys.executable, "-m", "gradatim"]


def run(*arguments, **settings):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=120, **settings
    )


def printed(program):
    """What a program prints in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout


def test_importing_the_command_line_loads_no_other_package():
    probe = (
        "import sys, gradatim.cli\n"
        "print([name for name in ('cyclopts', 'rich', 'PIL', 'matplotlib', 'safetensors')"
        " if name in sys.modules])"
    )
    assert printed(probe) == "[]\n"


def test_a_training_of_digits_loads_nothing_that_it_does_without(digits, tmp_path):
    train = ["train", "--data", str(digits), "--steps", "2", "--out", str(tmp_path / "run")]
    probe = (
        f"import sys\nfrom gradatim.cli import main\nassert main({train}) == 0\n"
        "others = ('matplotlib', 'numpy.ma', 'importlib.metadata', 'webbrowser', 'difflib',"
        " 'rich', 'gradatim.notebooks', 'gradatim.check', 'gradatim.derivation',"
        " 'gradatim.draw.drawing', 'gradatim.draw.layout.sheet',"
        " 'gradatim.cli.explain', 'gradatim.cli.predict')\n"
        "print([name for name in others if name in sys.modules])"
    )
    assert printed(probe).endswith("\n[]\n")


def test_the_module_is_the_command():
    done = run("--version")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("gradatim 0.")


def test_a_refusal_is_one_line_on_stderr():
    done = run("trian")

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == 'gradatim: there is no command "trian"; did you mean train?\n'


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell that closes a descriptor")
def test_a_closed_stdout_is_no_obstacle(digits, tmp_path):
    train = [*COMMAND, "train", "--data", str(digits), "--steps", "2", "--out", "run"]
    predict = [*COMMAND, "predict", "run", "run/example.png"]
    for command in (train, predict):
        done = subprocess.run(
            f"{shlex.join(command)} >&-",
            shell=True,
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_what_comes_next_can_be_typed(trained, digits, tmp_path):
    done = run("train", "--data", digits, "--steps", 2, "--out", "a run", cwd=tmp_path)
    commands = [line.strip() for line in done.stdout.splitlines() if "-m gradatim" in line]

    assert done.returncode == 0
    assert len(commands) == 2
    for command in commands:
        subprocess.run(command, shell=True, check=True, cwd=tmp_path, capture_output=True)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break in another way there")
class TestSignals:
    def test_a_reader_who_leaves_is_no_error(self):
        reading, writing = os.pipe()
        os.close(reading)
        try:
            done = subprocess.run(
                [*COMMAND, "train", "--help"],
                stdout=writing,
                stderr=subprocess.PIPE,
                text=True,
                timeout=120,
            )
        finally:
            os.close(writing)

        assert (done.returncode, done.stderr) == (141, "")

    def test_ctrl_c_saves_what_was_learned(self, digits, tmp_path):
        process = subprocess.Popen(
            [*COMMAND, "train", "--data", digits, "--steps", "1000000", "--out", "run"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
        )
        with process:
            for line in process.stdout:
                if line.split()[:1] == ["600"]:
                    break
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=120)

        assert process.returncode == 130
        assert err.startswith("Interrupted after ")
        assert "Stopped (interrupted) after step " in out
        assert {"model.safetensors", "history.csv", "curves.svg"} <= set(
            os.listdir(tmp_path / "run")
        )
