"""`gradatim evaluate`: loss, accuracy, mistakes, and runs that cannot be evaluated."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from gradatim.cli import evaluate as module
from gradatim.cli.source import FILES
from gradatim.data import Dataset, read_idx, write_idx


@pytest.fixture
def run(trained, tmp_path):
    """A copy of the trained run that a test may break."""
    return shutil.copytree(trained, tmp_path / "run")


def table(out):
    return {line.split()[0]: line.split()[1:] for line in out.splitlines() if line[:1] == "t"}


class TestOutput:
    def test_loss_and_accuracy_of_both_parts(self, gradatim, trained):
        outcome = gradatim("evaluate", trained)

        found = table(outcome.out)
        results = json.loads((trained / "run.json").read_text("utf-8"))["results"]
        assert (outcome.status, outcome.err) == (0, "")
        assert outcome.out.startswith(f"{trained}: 784-50-10 relu, 300 steps\n")
        assert [found[part][0] for part in ("train", "test")] == ["300", "100"]
        for part in ("train", "test"):
            assert found[part][1] == f"{results[f'{part}_loss']:.4f}"
            assert found[part][2] == f"{results[f'{part}_accuracy']:.2%}"
        assert int(found["test"][3]) == round(100 * (1 - results["test_accuracy"]))

    def test_a_file_in_the_run_names_it_too(self, gradatim, trained):
        assert gradatim("evaluate", trained / "model.safetensors").status == 0

    def test_other_data_may_be_given(self, gradatim, trained, digits, tmp_path):
        other = shutil.copytree(digits, tmp_path / "other")
        labels = read_idx(other / f"{FILES['test'][1]}.gz")
        (other / f"{FILES['test'][1]}.gz").unlink()
        write_idx(other / FILES["test"][1], (labels + 1) % 10)

        outcome = gradatim("evaluate", trained, "--data", other)

        assert outcome.status == 0
        assert float(table(outcome.out)["test"][2].rstrip("%")) < 5
        assert "read as" in outcome.out
        assert "Note" not in outcome.out

    def test_data_that_has_changed_since_is_noticed(self, gradatim, run, digits):
        manifest = json.loads((run / "run.json").read_text("utf-8"))
        manifest["data"]["test"] = "0" * 64
        (run / "run.json").write_text(json.dumps(manifest), "utf-8")

        out = gradatim("evaluate", run).out

        assert out.startswith("Note: the test data is not what the run saw; it has changed.\n")

    def test_there_are_no_control_characters(self, gradatim, trained):
        out = gradatim("evaluate", trained).out

        assert all(letter.isprintable() or letter == "\n" for letter in out)


class TestMistakes:
    def lines(self, true, read):
        test = Dataset(np.zeros((len(true), 1)), true, classes=10)
        return module._mistakes(np.array(read), test).splitlines()

    def test_the_most_frequent_come_first(self):
        assert self.lines([4, 4, 7, 1, 1, 1, 0], [9, 9, 2, 1, 7, 7, 0]) == [
            "",
            "Most frequent mistakes on the test data",
            "  1 read as 7        2 times",
            "  4 read as 9        2 times",
            "  7 read as 2        1 time",
        ]

    def test_there_may_be_none(self):
        assert self.lines([1, 2], [1, 2]) == ["", "No mistakes on the test data."]

    def test_no_more_than_a_handful(self):
        assert len(self.lines([*range(9)] * 2, [9] * 18)) == 2 + 8


class TestRefusals:
    def test_no_such_folder(self, refused):
        assert refused("evaluate", "absent") == (
            "absent: there is no such folder; a run is a folder that holds run.json. "
            "Try `gradatim train` to make one."
        )

    def test_a_folder_of_runs_names_one(self, refused, trained):
        found = refused("evaluate", trained.parent)

        assert found.endswith(f"so this is not a run. Did you mean {trained}?")

    def test_no_model(self, refused, run):
        (run / "model.safetensors").unlink()

        assert "there is no model.safetensors in it; the run was stopped" in refused(
            "evaluate", run
        )

    @pytest.mark.parametrize("broken", [b"", b"no model", b"\x80\x04pickle"], ids=str)
    def test_a_broken_model(self, refused, run, broken):
        (run / "model.safetensors").write_bytes(broken)

        assert "this is not a readable safetensors file" in refused("evaluate", run)

    def test_a_model_cut_short(self, refused, run):
        whole = (run / "model.safetensors").read_bytes()
        (run / "model.safetensors").write_bytes(whole[:-100])

        assert "it is damaged or cut short" in refused("evaluate", run)

    @pytest.mark.parametrize("broken", ["", "{", "[]", '{"format": "other"}'])
    def test_a_broken_manifest(self, refused, run, broken):
        (run / "run.json").write_text(broken, "utf-8")

        assert str(run / "run.json") in refused("evaluate", run)

    def test_data_that_is_gone(self, refused, run, digits):
        manifest = json.loads((run / "run.json").read_text("utf-8"))
        manifest["data"]["path"] = "/gone"
        (run / "run.json").write_text(json.dumps(manifest), "utf-8")

        assert refused("evaluate", run).startswith("--data /gone: there is no such folder;")

    @pytest.mark.parametrize(
        ("key", "value"),
        [("data", []), ("data", "mnist"), ("settings", 5), ("results", None), ("results", [])],
    )
    def test_a_manifest_of_another_form(self, gradatim, run, digits, key, value):
        manifest = json.loads((run / "run.json").read_text("utf-8"))
        manifest[key] = value
        (run / "run.json").write_text(json.dumps(manifest), "utf-8")

        assert gradatim("evaluate", run, "--data", digits).status == 0

    def test_data_of_another_size(self, refused, trained, tmp_path):
        self.write(tmp_path / "small", np.zeros((4, 8, 8), np.uint8), [0, 1, 2, 3])

        found = refused("evaluate", trained, "--data", tmp_path / "small")

        assert "784" in found
        assert "64" in found

    def test_data_of_more_classes(self, refused, trained, tmp_path):
        self.write(tmp_path / "letters", np.zeros((3, 28, 28), np.uint8), [0, 1, 25])

        assert refused("evaluate", trained, "--data", tmp_path / "letters") == (
            f"{trained}: the network tells 10 classes apart, but the data has 26; choose the data "
            "that it learned from."
        )

    def write(self, folder, images, labels):
        folder.mkdir()
        for pair in FILES.values():
            write_idx(folder / pair[0], images)
            write_idx(folder / pair[1], np.array(labels, np.uint8))
