"""The command as a whole: help, version, exit statuses, and what happens when all goes wrong."""

from __future__ import annotations

import gc
import inspect
import re
import sys
from dataclasses import fields

import pytest

import gradatim as gd
from gradatim.cli import app
from gradatim.cli.predict import predict
from gradatim.cli.settings import Settings
from gradatim.cli.train import train

VERBS = ("train", "evaluate", "predict", "check")


class TestHelp:
    @pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
    def test_alone_it_shows_its_help(self, gradatim, arguments):
        outcome = gradatim(*arguments)

        assert (outcome.status, outcome.err) == (0, "")
        assert outcome.out.startswith("Usage: gradatim COMMAND\n")
        places = [outcome.out.index(f" {verb} ") for verb in VERBS]
        assert places == sorted(places)
        assert "Examples:\n  gradatim train  " in outcome.out

    @pytest.mark.parametrize("verb", VERBS)
    def test_each_verb_has_help_with_examples(self, gradatim, verb):
        outcome = gradatim(verb, "--help")

        assert (outcome.status, outcome.err) == (0, "")
        assert outcome.out.startswith(f"Usage: gradatim {verb} ")
        assert f"Examples:\n  gradatim {verb}" in outcome.out

    @pytest.mark.parametrize("arguments", [[], *([verb] for verb in VERBS)], ids=" ".join)
    def test_it_fits_a_narrow_terminal(self, gradatim, arguments):
        lines = gradatim(*arguments, "--help").out.splitlines()

        assert max(map(len, lines)) <= 80
        assert not any("\x1b" in line for line in lines)

    @pytest.mark.parametrize("verb", app._VERBS)
    def test_an_explanation_is_broken_only_where_the_terminal_ends(
        self, gradatim, monkeypatch, verb
    ):
        monkeypatch.setenv("COLUMNS", "300")
        out = gradatim(verb, "--help").out
        boxes = [line[1:-1] for line in out.splitlines() if line.startswith("│")]

        assert boxes
        assert [
            line.strip() for line in boxes if not re.match(r" (\*|-|[A-Z]| {2,3}[A-Z])", line)
        ] == []
        assert "False" not in out

    def test_every_option_of_train_is_explained_under_a_heading(self, gradatim):
        out = gradatim("train", "--help").out

        for each in fields(Settings):
            assert f"--{each.name.replace('_', '-')} " in out
            assert each.metadata["help"].split()[0] in out
        headings = [out.index(f"─ {name} ─") for name in ("Data and network", "Learning", "Run")]
        assert headings == sorted(headings)

    def test_defaults_that_depend_are_explained(self, gradatim):
        out = " ".join(gradatim("train", "--help").out.replace("│", " ").split())

        assert "[default: normal:0.01 for 784-50-10 with relu, as in the book; else he or" in out
        assert "[default: 0.1 for sgd; 0.01 for momentum, nesterov, adagrad; 0.001 for" in out
        assert "[default: 600; with --epochs once an epoch]" in out
        assert "None" not in out
        assert "--no-" not in out.replace("--no-doctor", "")

    def test_examples_are_commands_that_can_be_parsed(self):
        for verb, text in app._EXAMPLES.items():
            for line in text.splitlines():
                words = line.split("  ")[1].split()
                assert words[0] == "gradatim"
                assert not verb or words[1] == verb
                app._app(words[1:]).parse_args(words[1:], print_error=False, exit_on_error=False)


def test_version(gradatim):
    assert gradatim("--version") == (0, f"gradatim {gd.__version__}\n", "")


def test_arguments_are_taken_from_the_command_line(gradatim, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["gradatim", "--version"])
    monkeypatch.setattr(gc, "set_threshold", lambda *_: None)  # this process goes on

    assert app.main() == 0
    assert capsys.readouterr().out.startswith("gradatim ")


def test_a_verb_is_a_function_of_its_settings_or_of_its_arguments():
    assert [*inspect.signature(app._grouped(train)).parameters] == [
        each.name for each in fields(Settings)
    ]
    assert [*inspect.signature(app._grouped(predict)).parameters] == ["run", "images"]


class TestFailures:
    """What a verb raises decides how the command ends."""

    @pytest.fixture
    def failing(self, gradatim, monkeypatch):
        def call(error):
            def verb() -> int:
                """Fail."""
                raise error

            monkeypatch.setattr("gradatim.cli.evaluate.evaluate", verb)
            return gradatim("evaluate")

        return call

    def test_an_error_of_the_library_is_one_sentence(self, failing):
        error = gd.errors.DataError("read_idx: a.gz: it is cut short.\n  Copy it again?")

        assert failing(error) == (
            2,
            "",
            "gradatim evaluate: a.gz: it is cut short. Copy it again?\n",
        )

    def test_an_error_of_the_system_is_one_sentence(self, failing):
        error = OSError(28, "No space left on device", "runs/a")

        assert failing(error) == (2, "", "gradatim evaluate: runs/a: no space left on device.\n")

    def test_too_little_memory_is_one_sentence(self, failing):
        assert failing(MemoryError("Unable to allocate 1 TiB")) == (
            2,
            "",
            "gradatim evaluate: there is not enough memory: unable to allocate 1 TiB.\n",
        )

    def test_ctrl_c_is_no_error(self, failing):
        assert failing(KeyboardInterrupt()) == (130, "", "Interrupted.\n")

    def test_a_fault_of_ours_shows_its_traceback_and_asks_to_report_it(self, failing):
        outcome = failing(ZeroDivisionError("division by zero"))

        assert outcome.status == 1
        assert outcome.err.startswith("Traceback (most recent call last):\n")
        assert "ZeroDivisionError: division by zero\n\nThis is a fault of gradatim" in outcome.err
        assert outcome.err.endswith(
            "Please report it with the lines above and the command that you typed.\n"
        )
