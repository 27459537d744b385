"""`gradatim train`: what it prints, what it leaves in the folder, and what it refuses."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import gradatim as gd
from gradatim.store import RunFolder, load_weights
from gradatim.train import Trainer
from gradatim.train.loop import Loop

FILES = {
    "model.safetensors",
    "history.csv",
    "run.json",
    "curves.svg",
    "example.png",
}


HEADING = "step  epoch  loss  train accuracy  test accuracy  time"


@pytest.fixture
def train(gradatim, digits):
    """A training of five steps on the small data, with what is added."""

    def call(*arguments):
        steps = [] if {"--steps", "--epochs"} & set(arguments) else ["--steps", 5]
        return gradatim("train", "--data", digits, *steps, *arguments)

    return call


def read_picture(path):
    with Image.open(path) as image:
        return np.asarray(image)


def settings(folder="runs/printed-digits-001"):
    return RunFolder.open(folder).load_manifest()["settings"]


class TestOutput:
    def test_the_table_of_evaluations_stands_between_what_is_done_and_what_comes_next(self, train):
        outcome = train("--steps", 7, "--evaluate-every", 5)

        lines = outcome.out.splitlines()
        assert (outcome.status, outcome.err) == (0, "")
        assert lines[0].startswith("300 images to learn from, 100 to test on (")
        assert lines[1] == "784-50-10 relu: 39,760 parameters"
        assert lines[2] == (
            "sgd with lr 0.1, 7 steps of batches of 100, weights begin normal:0.01, float32, seed 0"
        )
        assert lines[4].split() == HEADING.split()
        assert [line.split()[0] for line in lines[5:8]] == ["0", "5", "7"]
        assert lines[9].startswith("Test accuracy ")

    def test_next_steps_can_be_typed_as_they_are_printed(self, train, gradatim):
        out = train("--out", "my run").out

        commands = [line.strip() for line in out.splitlines() if line.startswith("  gradatim ")]
        assert commands == [
            "gradatim evaluate 'my run'",
            "gradatim predict 'my run' 'my run/example.png'",
        ]
        assert gradatim("evaluate", "my run").status == 0
        assert gradatim("predict", "my run", "my run/example.png").status == 0

    def test_there_are_no_control_characters_where_there_is_no_terminal(self, train):
        out = train().out

        assert all(letter.isprintable() or letter == "\n" for letter in out)


class TestFolder:
    def test_it_holds_model_history_origin_curves_and_a_picture(self, trained):
        assert {path.name for path in trained.iterdir()} == FILES
        assert "on printed-digits" in (trained / "curves.svg").read_text(encoding="utf-8")
        assert [row["step"] for row in RunFolder.open(trained).load_history()] == [0, 300]

    def test_folders_are_numbered(self, train, tmp_path):
        train("--steps", 1)
        train("--steps", 1)

        names = sorted(path.name for path in (tmp_path / "runs").iterdir())
        assert names == ["printed-digits-001", "printed-digits-002"]

    def test_the_manifest_says_what_the_run_was_made_of(self, train, digits):
        train("--seed", 3, "--lr", 0.5)

        manifest = json.loads(Path("runs/printed-digits-001/run.json").read_text("utf-8"))
        assert manifest["seed"] == manifest["settings"]["seed"] == 3
        assert manifest["settings"]["lr"] == 0.5
        assert manifest["data"]["path"] == str(digits)
        assert len(manifest["data"]["train"]) == 64
        assert {"gradatim", "python", "numpy"} <= manifest["versions"].keys()
        assert manifest["machine"]["cores"] >= 1
        assert manifest["results"]["step"] == 5
        assert manifest["results"]["stopped"] == "finished"

    def test_one_seed_gives_one_model(self, train):
        for out, seed in (("a", 1), ("b", 1), ("c", 2)):
            train("--out", out, "--seed", seed)

        a, b, c = (Path(out, "model.safetensors").read_bytes() for out in "abc")
        assert a == b
        assert a != c

    def test_the_example_is_ink_on_paper(self, train):
        train()

        image = read_picture("runs/printed-digits-001/example.png")
        assert image.shape == (280, 280)
        assert image[0, 0] == 255
        assert image.min() < 64

    def test_an_earlier_run_is_replaced_when_that_is_asked_for(self, train):
        train("--out", "run", "--seed", 1)

        assert train("--out", "run", "--overwrite", "--seed", 2).status == 0
        assert settings("run")["seed"] == 2

    def test_its_curves_are_drawn_without_matplotlib(self, train, monkeypatch):
        monkeypatch.setitem(sys.modules, "matplotlib", None)

        outcome = train("--out", "run")

        assert outcome.status == 0
        assert "The run is in run, its curves in run/curves.svg.\n" in outcome.out
        assert Path("run/curves.svg").read_text(encoding="utf-8").startswith("<svg")


class TestSettings:
    def test_every_option_arrives(self, train):
        train(
            *("--layers", "784-20-15-10", "--activation", "tanh", "--init", "xavier"),
            *("--dtype", "float64", "--optimizer", "nesterov", "--lr", 0.05, "--momentum", 0.8),
            *("--weight-decay", 1e-4, "--batch", 30, "--epochs", 2, "--sampling", "replacement"),
            *("--seed", 5, "--evaluate-every", 4, "--out", "run"),
        )

        found = settings("run")
        assert found | {"data": "", "overwrite": False} == {
            "data": "",
            "validation": None,
            "size": None,
            "layers": "784-20-15-10",
            "activation": "tanh",
            "init": "xavier",
            "dtype": "float64",
            "optimizer": "nesterov",
            "lr": 0.05,
            "momentum": 0.8,
            "weight_decay": 1e-4,
            "batch": 30,
            "steps": None,
            "epochs": 2,
            "sampling": "replacement",
            "seed": 5,
            "evaluate_every": 4,
            "out": "run",
            "overwrite": False,
            "no_doctor": False,
            "step_by_step": False,
            "threads": None,
        }
        arrays, _ = load_weights("run/model.safetensors")
        assert [array.shape for array in arrays.values() if array.ndim == 2] == [
            (784, 20),
            (20, 15),
            (15, 10),
        ]
        assert {array.dtype.name for array in arrays.values()} == {"float64"}
        assert [row["step"] for row in RunFolder.open("run").load_history()] == [
            0,
            4,
            8,
            12,
            16,
            20,
        ]

    def test_with_epochs_each_of_them_is_evaluated(self, train):
        train("--epochs", 2, "--out", "run")

        assert [row["step"] for row in RunFolder.open("run").load_history()] == [0, 3, 6]

    @pytest.mark.parametrize(
        "change",
        [
            ["--layers", "784-40-40-10"],
            ["--activation", "sigmoid"],
            ["--optimizer", "momentum"],
            ["--optimizer", "adagrad"],
            ["--optimizer", "adam"],
            ["--dtype", "float64"],
        ],
        ids=" ".join,
    )
    def test_it_learns_whatever_one_option_is_changed(self, train, change):
        outcome = train(*change, "--steps", 400, "--out", "run")

        assert outcome.status == 0
        assert RunFolder.open("run").load_manifest()["results"]["test_accuracy"] > 0.9


class TestRefusals:
    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (
                "--steps 5 --epochs 2",
                "--steps and --epochs both say how long to train; give one of them.",
            ),
            ("--steps 0", "--steps 0: it must be 1 or more."),
            ("--epochs -1", "--epochs -1: it must be 1 or more."),
            ("--evaluate-every 0", "--evaluate-every 0: it must be 1 or more."),
            ("--batch 0", "--batch 0: it must be 1 or more."),
            ("--threads 0", "--threads 0: it must be 1 or more."),
            (
                "--batch 301",
                "--batch 301: there are only 300 images to learn from; it must be from 1 to 300.",
            ),
            ("--seed -1", "--seed -1: it must be 0 or more."),
            ("--lr -1", "--lr is -1.0; it must be finite and 0 or more."),
            ("--lr nan", "--lr is nan; it must be finite and 0 or more."),
            ("--weight-decay -1", "--weight-decay is -1.0; it must be finite and 0 or more."),
            (
                "--optimizer momentum --momentum 1",
                "--momentum is 1.0; it must be in [0, 1).",
            ),
            (
                "--momentum 0.9",
                "--momentum 0.9: sgd has no momentum; try --optimizer momentum with it.",
            ),
            (
                "--layers 100-50-10",
                "--layers 100-50-10: the first layer takes 100 numbers, but an image has 28 x 28 = "
                "784; try --layers 784-50-10.",
            ),
            (
                "--layers 784-50-5",
                "--layers 784-50-5: the last layer gives 5 numbers, but there are 10 classes to "
                "tell apart; try --layers 784-50-10.",
            ),
            (
                "--layers 784,20,10",
                "--layers 784,20,10: the sizes of the layers must be two or more whole numbers "
                "joined by hyphens; try --layers 784-20-10.",
            ),
            (
                "--layers deep",
                "--layers deep: the sizes of the layers must be two or more whole numbers joined "
                "by hyphens; try --layers 784-50-10.",
            ),
            (
                "--layers 784-0-10",
                "--layers 784-0-10: a hidden layer must have from 1 to 1,000,000 units.",
            ),
            (
                "--init gauss",
                "--init gauss: there is no rule named 'gauss'. Try one of he, xavier, "
                "normal:NUMBER, ...",
            ),
            (
                "--init normal",
                "--init normal: 'normal': normal needs a number of 0 or more after a colon. "
                "Try 'normal:0.01'.",
            ),
        ],
    )
    def test_a_bad_value_is_named_with_what_it_must_be(self, refused, digits, arguments, sentence):
        found = refused("train", "--data", digits, *arguments.split())

        assert found == sentence or found.startswith(sentence.removesuffix(" ..."))
        assert not os.path.exists("runs")

    def test_a_folder_with_an_earlier_run(self, refused, trained):
        assert refused("train", "--out", trained) == (
            f"--out {trained}: there is an earlier run in this folder; choose another one, or add "
            "--overwrite to replace it."
        )

    def test_a_folder_with_something_else(self, refused, digits):
        found = refused("train", "--data", digits, "--out", digits, "--overwrite")

        assert found.endswith("and is not a run; choose a new or an empty folder.")

    def test_a_file_where_the_folder_should_be(self, refused, digits, tmp_path):
        file = tmp_path / "taken"
        file.touch()

        assert refused("train", "--data", digits, "--out", file) == (
            f"{file}: this is a file; a run needs a folder of its own."
        )

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
    def test_a_folder_that_may_not_be_written(self, refused, digits, tmp_path):
        tmp_path.chmod(0o500)

        found = refused("train", "--data", digits)

        assert found == "runs: permission denied; choose a folder that you may write to."

    def test_a_folder_that_the_system_refuses(self, refused, digits, monkeypatch):
        def denied(*_, **__):
            raise PermissionError(13, "Permission denied", "runs")

        monkeypatch.setattr("pathlib.Path.mkdir", denied)

        found = refused("train", "--data", digits)

        assert found == "runs: permission denied; choose a folder that you may write to."


class TestStops:
    def test_a_training_that_diverges_says_so_and_keeps_its_course(self, train):
        outcome = train("--lr", 1e20, "--steps", 50, "--out", "run")

        assert outcome.status == 2
        assert outcome.err.startswith("gradatim train: the loss is ")
        assert "Try a smaller learning rate than 1e+20: lr=1e+19." in outcome.err
        assert outcome.err.count("\n") == 1
        assert RunFolder.open("run").load_manifest()["results"]["stopped"] == "failed"
        assert os.path.exists("run/curves.svg")

    @pytest.fixture
    def ctrl_c(self, monkeypatch):
        """Ctrl-C comes in the first update."""
        update = Trainer.fit

        def fit(self, *data, **given):
            step = self.optimizer.step
            self.optimizer.step = lambda: (step(), signal.raise_signal(signal.SIGINT))
            return update(self, *data, **given)

        monkeypatch.setattr(Trainer, "fit", fit)

    @pytest.mark.usefixtures("ctrl_c")
    @pytest.mark.parametrize("spared", [0, 2], ids=["no evaluation", "that of step 0"])
    def test_a_second_ctrl_c_claims_no_figures_that_are_not_of_the_model(
        self, train, monkeypatch, spared
    ):
        left = [Loop._measured] * spared

        def measured(loop, dataset):
            if not left:
                raise KeyboardInterrupt
            return left.pop()(loop, dataset)

        monkeypatch.setattr(Loop, "_measured", measured)

        outcome = train("--steps", 1000, "--out", "run")

        results = RunFolder.open("run").load_manifest()["results"]
        steps = 1 if spared else 0
        assert results == {"step": steps, "stopped": "interrupted"}
        assert outcome.status == 130
        assert "Test accuracy" not in outcome.out
        assert f"\nNot tested after {steps} step" in outcome.out

    @pytest.mark.usefixtures("ctrl_c")
    def test_ctrl_c_saves_the_run_and_leaves_with_its_own_status(self, train):
        outcome = train("--steps", 1000, "--out", "run")

        assert outcome.status == 130
        assert outcome.err == "Interrupted after 1 step; what was learned is saved.\n"
        assert set(os.listdir("run")) >= FILES
        assert RunFolder.open("run").load_manifest()["results"]["stopped"] == "interrupted"


@pytest.mark.slow
def test_the_default_job_reads_mnist(gradatim):
    outcome = gradatim("train")

    results = RunFolder.open("runs/mnist-001").load_manifest()["results"]
    assert outcome.status == 0
    assert "60,000 images to learn from, 10,000 to test on (mnist)" in outcome.out
    assert [row["step"] for row in RunFolder.open("runs/mnist-001").load_history()] == [
        *range(0, 9601, 600),
        10_000,
    ]
    assert results["test_accuracy"] >= 0.966
    assert settings("runs/mnist-001")["init"] == "normal:0.01"


class TestHealth:
    def test_what_is_wrong_is_told_and_kept(self, train):
        outcome = train("--lr", 1e-9, "--steps", 60, "--evaluate-every", 60, "--out", "run")
        findings = RunFolder.open("run").load_manifest()["findings"]

        assert outcome.out.count("Doctor: learning rate too low: 60 steps") == 1
        assert [found["name"] for found in findings] == ["learning rate too low"]
        assert findings[0]["settings"]["lr"] > 0.001

    def test_a_healthy_training_is_told_nothing(self, train):
        outcome = train("--steps", 60, "--evaluate-every", 20, "--out", "run")

        assert "Doctor" not in outcome.out
        assert RunFolder.open("run").load_manifest()["findings"] == []

    def test_the_doctor_can_be_left_out(self, train):
        outcome = train("--lr", 1e-9, "--steps", 60, "--no-doctor", "--out", "run")

        assert outcome.status == 0
        assert "Doctor" not in outcome.out


class TestCompiling:
    @pytest.fixture
    def compiled(self, monkeypatch):
        """What each training was told, and what came of it."""
        monkeypatch.setattr("gradatim.train.compiled.WORTH_SECONDS", 0.0)
        found, fit = [], Trainer.fit

        def noted(self, *data, **given):
            history = fit(self, *data, **given)
            found.append((self.step is not None, gd.get_num_threads()))
            return history

        monkeypatch.setattr(Trainer, "fit", noted)
        yield found
        gd.set_num_threads(None)

    def test_long_trainings_become_machine_code(self, train, compiled):
        assert train("--steps", 40, "--threads", 1, "--out", "run").status == 0
        assert compiled == [(True, 1)]

    def test_unless_every_step_is_to_be_taken_by_itself(self, train, compiled):
        assert train("--steps", 40, "--step-by-step", "--out", "run").status == 0
        assert not compiled[0][0]
