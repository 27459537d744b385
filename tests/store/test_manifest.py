"""A manifest says what a run was made of, in JSON that any program reads."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

import gradatim as gd
from gradatim.errors import DataError, DtypeError
from gradatim.store import manifest as module
from gradatim.store.manifest import machine, read_manifest, versions, write_manifest


@pytest.fixture
def file(tmp_path):
    return tmp_path / "run.json"


def returned(file, manifest):
    write_manifest(file, manifest)
    return read_manifest(file)


def test_what_is_saved_comes_back(file):
    manifest = {
        "settings": {"layers": [784, 50, 10], "lr": 0.1, "out": None, "flatten": True},
        "title": "손글씨 숫자",
        "seconds": 1 / 3,
    }
    assert returned(file, manifest) == manifest


def test_the_file_is_strict_json_for_people(file):
    write_manifest(file, {"title": "숫자", "loss": math.nan})
    text = file.read_text(encoding="utf-8")
    assert '\n  "title": "숫자"' in text
    assert text.endswith("}\n")
    assert json.loads(text, parse_constant=pytest.fail) == {
        "format": "gradatim-run",
        "format_version": 1,
        "title": "숫자",
        "loss": None,
    }


def test_values_of_numpy_paths_and_tuples_are_made_plain(file):
    manifest = {
        "rate": np.float32(0.5),
        "seed": np.int64(3),
        "sizes": np.array([1, 2]),
        "bounds": (0, np.inf),
        "done": np.True_,
        "out": Path("runs"),
        3: "number as a name",
    }
    assert returned(file, manifest) == {
        "rate": 0.5,
        "seed": 3,
        "sizes": [1, 2],
        "bounds": [0, None],
        "done": True,
        "out": "runs",
        "3": "number as a name",
    }


def test_a_value_that_json_lacks_is_named_by_its_place(file):
    with pytest.raises(DtypeError, match=r"settings\.parts\[1\] is .* \(object\); it must be text"):
        write_manifest(file, {"settings": {"parts": [1, object()]}})
    assert not file.exists()


@pytest.mark.parametrize("key", ["format", "format_version"])
def test_the_marks_of_the_format_are_kept_names(file, key):
    with pytest.raises(DataError, match=f"an entry '{key}', a name that is kept"):
        write_manifest(file, {key: "mine"})


def test_a_missing_file_and_bytes_that_are_not_text_are_data_errors(file):
    with pytest.raises(DataError, match=r"run\.json: no such file or directory; check the path"):
        read_manifest(file)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match="this is not text in UTF-8"):
        read_manifest(file)


@pytest.mark.parametrize("text", ["", "{", '{"seed": 1,}', "[" * 100_000])
def test_broken_json_is_a_data_error(file, text):
    file.write_text(text)
    with pytest.raises(DataError, match=r"this is not JSON \(.*restore it or train again"):
        read_manifest(file)


@pytest.mark.parametrize("found", [[], 3, {}, {"format": "other", "format_version": 1}])
def test_json_of_something_else_is_a_data_error(file, found):
    file.write_text(json.dumps(found))
    with pytest.raises(DataError, match="is it a run of gradatim"):
        read_manifest(file)


@pytest.mark.parametrize("version", [None, "1", 0, -1, 1.5, True])
def test_a_wrong_format_version_is_a_data_error(file, version):
    file.write_text(json.dumps({"format": "gradatim-run", "format_version": version}))
    with pytest.raises(DataError, match=r'"format_version" is .*; it must be a positive integer'):
        read_manifest(file)


def test_a_run_of_a_newer_version_says_to_upgrade(file):
    file.write_text(json.dumps({"format": "gradatim-run", "format_version": 2}))
    expected = r"format 2, written by a newer gradatim; .* up to format 1\. Try pip install --upg"
    with pytest.raises(DataError, match=expected):
        read_manifest(file)


def test_versions_are_those_in_use():
    import platform

    assert versions() == {
        "gradatim": gd.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


def test_the_machine_is_described_and_not_named(file):
    import getpass
    import socket

    found = machine()
    assert found["cores"] >= 1
    assert all(found.values())
    assert returned(file, found) == found
    assert socket.gethostname() not in found.values()
    assert getpass.getuser() not in found.values()


def test_the_machine_is_described_where_linux_is_not(monkeypatch):
    monkeypatch.delattr(module.os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(module.Path, "read_text", lambda *_, **__: (_ for _ in ()).throw(OSError))
    monkeypatch.setattr(module.platform, "processor", lambda: "")
    found = machine()
    assert found["cpu"] == module.platform.machine()
    assert found["cores"] >= 1


def test_a_name_that_is_no_utf_8_comes_back(file):
    name = b"caf\xe9 \xeb\xb0\xa4".decode("utf-8", "surrogateescape")

    assert returned(file, {"data": name}) == {"data": name}
    assert "\\udce9 밤" in file.read_text(encoding="utf-8")
