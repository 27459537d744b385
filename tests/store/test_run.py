"""A run is a folder that never tramples on another and says what it lacks."""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from gradatim.errors import DataError, DtypeError
from gradatim.store.run import RunFolder
from gradatim.store.weights import save_weights


def filled(path):
    run = RunFolder.create(path)
    run.save_model({"w": np.eye(2, dtype=np.float32), "b": np.zeros(2)}, {"layers": [2, 2]})
    run.save_history([{"step": 0, "loss": None}, {"step": 600, "loss": 0.25}])
    run.save_manifest({"seed": 0})
    run.curves().write_text("<svg/>")
    return run


def test_everything_saved_is_found_again(tmp_path):
    filled(tmp_path / "first")
    run = RunFolder.open(tmp_path / "first")
    arrays, architecture = run.load_model()
    assert {name: array.dtype for name, array in arrays.items()} == {"w": "float32", "b": "float64"}
    assert architecture == {"layers": [2, 2]}
    assert run.load_history()[1] == {"step": 600, "loss": 0.25}
    assert run.load_manifest() == {"seed": 0}
    assert sorted(os.listdir(run.path)) == [
        "curves.svg",
        "history.csv",
        "model.safetensors",
        "run.json",
    ]


def test_other_programs_read_the_weights(tmp_path):
    from safetensors import safe_open

    run = filled(tmp_path / "first")
    with safe_open(run.path / "model.safetensors", framework="numpy") as file:
        assert sorted(file.keys()) == ["b", "w"]
        stored = json.loads(file.metadata()["gradatim.architecture"])
    assert stored == {"format": "gradatim-run", "format_version": 1, "layers": [2, 2]}


def test_curves_have_their_names(tmp_path):
    run = RunFolder.create(tmp_path / "a")
    assert run.curves() == tmp_path / "a" / "curves.svg"
    assert run.curves(".png").name == "curves.png"


# --- a run without a path -------------------------------------------------------------------


def test_runs_are_numbered_under_runs_in_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths = [RunFolder.create(None, "mnist").path.as_posix() for _ in range(3)]
    assert paths == ["runs/mnist-001", "runs/mnist-002", "runs/mnist-003"]


def test_numbers_go_on_after_the_highest_of_the_same_name(tmp_path):
    for name in ("mnist-007", "mnist-x", "mnist-big-900", "spiral-050"):
        (tmp_path / name).mkdir()
    assert RunFolder.create(None, "mnist", root=tmp_path).path.name == "mnist-008"
    (tmp_path / "mnist-1000").mkdir()
    assert RunFolder.create(None, "mnist", root=tmp_path).path.name == "mnist-1001"


def test_runs_that_start_at_once_never_share_a_folder(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        runs = list(pool.map(lambda _: RunFolder.create(None, "r", root=tmp_path), range(64)))
    assert len({run.path for run in runs}) == 64


def test_a_number_taken_between_looking_and_making_is_passed_over(tmp_path, monkeypatch):
    from gradatim.store import run as module

    (tmp_path / "r-001").mkdir()
    (tmp_path / "r-002").mkdir()
    monkeypatch.setattr(module.Path, "iterdir", lambda _: iter(()))
    assert RunFolder.create(None, "r", root=tmp_path).path.name == "r-003"


@pytest.mark.parametrize("name", ["", "a/b", "..", "-a", "a b", "a\n", "a:b", "a\\b"])
def test_a_name_must_be_fit_for_a_folder(tmp_path, name):
    with pytest.raises(DataError, match=r"the name is .*; it must be letters, digits"):
        RunFolder.create(None, name, root=tmp_path)
    assert os.listdir(tmp_path) == []


def test_names_in_any_script_are_fine(tmp_path):
    assert RunFolder.create(None, "숫자", root=tmp_path).path.name == "숫자-001"


# --- a run with a path ----------------------------------------------------------------------


def test_missing_folders_are_made_and_an_empty_one_is_taken(tmp_path):
    assert RunFolder.create(tmp_path / "a" / "b").path.is_dir()
    (tmp_path / "empty").mkdir()
    assert RunFolder.create(tmp_path / "empty").load_manifest() == {}


def test_an_earlier_run_is_not_touched_unless_told(tmp_path):
    run = filled(tmp_path / "a")
    before = {file.name: file.read_bytes() for file in run.path.iterdir()}
    with pytest.raises(DataError, match=r"there is an earlier run .* overwrite=True"):
        RunFolder.create(tmp_path / "a")
    assert {file.name: file.read_bytes() for file in run.path.iterdir()} == before


def test_overwriting_leaves_nothing_of_the_earlier_run_but_foreign_files(tmp_path):
    run = filled(tmp_path / "a")
    (run.path / "notes.txt").write_text("mine")
    RunFolder.create(tmp_path / "a", overwrite=True)
    assert sorted(os.listdir(run.path)) == ["notes.txt", "run.json"]
    assert run.load_manifest() == {}


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_with_other_things_is_never_taken(tmp_path, overwrite):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(DataError, match=r"holds thesis\.tex and is not a run; choose a new"):
        RunFolder.create(tmp_path, overwrite=overwrite)
    assert os.listdir(tmp_path) == ["thesis.tex"]


def test_a_file_is_not_a_folder(tmp_path):
    (tmp_path / "a").write_text("")
    with pytest.raises(DataError, match="this is a file; a run needs a folder of its own"):
        RunFolder.create(tmp_path / "a")
    with pytest.raises(DataError, match="not a directory"):
        RunFolder.create(tmp_path / "a" / "b")


def test_a_place_that_may_not_be_written_is_one_sentence(tmp_path, monkeypatch):
    from gradatim.store import run as module

    def refuse(path, *_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(module.Path, "mkdir", refuse)
    for path in (None, tmp_path / "a"):
        with pytest.raises(DataError, match="permission denied; choose a folder that you may"):
            RunFolder.create(path)


# --- finding a run --------------------------------------------------------------------------


def test_a_run_is_found_by_any_of_its_files(tmp_path):
    run = filled(tmp_path / "a")
    assert RunFolder.open(run.path / "model.safetensors") == run
    assert RunFolder.open(str(run.path)) == run


def test_what_is_not_a_run_is_said(tmp_path):
    with pytest.raises(DataError, match=r"there is no such folder; .* Try `gradatim train`"):
        RunFolder.open(tmp_path / "absent")
    (tmp_path / "file.txt").write_text("")
    with pytest.raises(DataError, match=r"file\.txt: this is a file; a run is a folder"):
        RunFolder.open(tmp_path / "file.txt")
    with pytest.raises(DataError, match=r"there is no run\.json in it.*Check the path"):
        RunFolder.open(tmp_path)


def test_the_folder_of_all_runs_names_the_last_one(tmp_path):
    for _ in range(2):
        RunFolder.create(None, "mnist", root=tmp_path)
    with pytest.raises(DataError, match=r"Did you mean .*mnist-002\?"):
        RunFolder.open(tmp_path)


@pytest.mark.parametrize(
    ("load", "name"),
    [
        (RunFolder.load_model, "model.safetensors"),
        (RunFolder.load_history, "history.csv"),
        (RunFolder.load_manifest, "run.json"),
    ],
)
def test_a_missing_file_of_a_run_is_named(tmp_path, load, name):
    run = filled(tmp_path / "a")
    (run.path / name).unlink()
    with pytest.raises(DataError, match=f"there is no {name} in it; the run was stopped before"):
        load(run)


def test_a_run_that_was_only_begun_opens_with_an_empty_manifest(tmp_path):
    RunFolder.create(tmp_path / "a")
    assert RunFolder.open(tmp_path / "a").load_manifest() == {}


# --- damaged runs ---------------------------------------------------------------------------


def test_weights_without_an_architecture_are_said_to_be_so(tmp_path):
    run = RunFolder.create(tmp_path / "a")
    save_weights(run.path / "model.safetensors", {"w": np.ones(1)})
    with pytest.raises(DataError, match=r"no architecture .* load_weights reads its arrays"):
        run.load_model()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "architecture: this is not JSON"),
        ('{"layers": [1]}', "is it a run of gradatim"),
        ('{"format": "gradatim-run", "format_version": 99}', "format 99, written by a newer"),
    ],
)
def test_a_damaged_or_newer_architecture_is_refused(tmp_path, text, message):
    run = RunFolder.create(tmp_path / "a")
    save_weights(run.path / "model.safetensors", {}, {"gradatim.architecture": text})
    with pytest.raises(DataError, match=message):
        run.load_model()


def test_an_architecture_that_json_cannot_hold_is_refused(tmp_path):
    run = RunFolder.create(tmp_path / "a")
    with pytest.raises(DtypeError, match="activation is"):
        run.save_model({}, {"activation": np.tanh})
    assert not (run.path / "model.safetensors").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_the_folder_of_a_run_may_be_read_by_others(tmp_path):
    before = os.umask(0o022)
    try:
        path = RunFolder.create(tmp_path / "a").path
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o755
