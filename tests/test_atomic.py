"""A file is there whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import sys

import pytest

from gradatim import atomic
from gradatim.atomic import writing
from gradatim.errors import DataError


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_bytes_are_written_and_nothing_else_is_left(tmp_path):
    with writing(tmp_path / "a.bin") as file:
        file.write(b"\x00\x01")
    assert (tmp_path / "a.bin").read_bytes() == b"\x00\x01"
    assert names(tmp_path) == ["a.bin"]


def test_text_is_utf_8_with_line_ends_as_given(tmp_path):
    with writing(tmp_path / "a.csv", "w") as file:
        file.write("역전파\n誤差逆伝播\r\n")
    assert (tmp_path / "a.csv").read_bytes() == "역전파\n誤差逆伝播\r\n".encode()


def test_the_name_is_taken_only_at_the_end(tmp_path):
    with writing(tmp_path / "a.bin") as file:
        file.write(b"half")
        assert not (tmp_path / "a.bin").exists()


@pytest.mark.parametrize("failure", [ValueError("stop"), KeyboardInterrupt()])
def test_a_block_that_raises_leaves_the_old_file_and_no_other(tmp_path, failure):
    (tmp_path / "a.bin").write_bytes(b"old")

    def stop():
        with writing(tmp_path / "a.bin") as file:
            file.write(b"new")
            raise failure

    with pytest.raises(type(failure)):
        stop()
    assert (tmp_path / "a.bin").read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


def test_a_rename_that_fails_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    (tmp_path / "a.bin").write_bytes(b"old")

    def refuse(source, target):
        raise PermissionError(errno.EACCES, "Permission denied", str(source))

    monkeypatch.setattr(atomic.os, "replace", refuse)
    with (
        pytest.raises(DataError, match=r"permission denied; choose a folder that you may write"),
        writing(tmp_path / "a.bin") as file,
    ):
        file.write(b"new")
    assert (tmp_path / "a.bin").read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


def test_bytes_are_on_the_disk_before_the_name_is_taken(tmp_path, monkeypatch):
    order = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(atomic.os, "fsync", lambda handle: (order.append("fsync"), fsync(handle)))
    monkeypatch.setattr(atomic.os, "replace", lambda a, b: (order.append("replace"), replace(a, b)))
    with writing(tmp_path / "a.bin") as file:
        file.write(b"x")
    assert order == ["fsync", "replace"]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_permissions_follow_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        with writing(tmp_path / "a.bin") as file:
            file.write(b"x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.bin").stat().st_mode) == 0o640


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_stays_a_link_and_its_target_is_replaced(tmp_path):
    (tmp_path / "real.bin").write_bytes(b"old")
    (tmp_path / "link.bin").symlink_to(tmp_path / "real.bin")
    with writing(tmp_path / "link.bin") as file:
        file.write(b"new")
    assert (tmp_path / "link.bin").is_symlink()
    assert (tmp_path / "real.bin").read_bytes() == b"new"


def test_a_very_long_name_works(tmp_path):
    with writing(tmp_path / ("a" * 255)) as file:
        file.write(b"x")
    assert names(tmp_path) == ["a" * 255]


def test_a_missing_folder_is_named(tmp_path):
    with (
        pytest.raises(DataError, match=r"the folder .*absent does not exist; make the folder"),
        writing(tmp_path / "absent" / "a.bin"),
    ):
        pass


def test_a_file_where_the_folder_should_be_is_named(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with (
        pytest.raises(DataError, match=r"the folder .*file is a file, not a folder"),
        writing(tmp_path / "file" / "a.bin"),
    ):
        pass


def test_a_folder_is_not_overwritten(tmp_path):
    with pytest.raises(DataError, match="this is a folder; name a file"), writing(tmp_path):
        pass


@pytest.mark.skipif(not os.path.exists("/dev/null"), reason="no devices here")
def test_a_device_is_not_replaced():
    with pytest.raises(DataError, match="device or a pipe"), writing("/dev/null"):
        pass
    assert not os.path.isfile("/dev/null")


def test_a_folder_that_may_not_be_written_is_one_sentence(tmp_path, monkeypatch):
    def refuse(path, mode, **settings):
        raise PermissionError(errno.EACCES, "Permission denied", path)

    monkeypatch.setattr(atomic, "open", refuse, raising=False)
    with (
        pytest.raises(DataError, match=r"a\.bin: permission denied; choose a folder"),
        writing(tmp_path / "a.bin"),
    ):
        pass


def test_a_file_in_the_place_of_a_folder_gets_a_hint_that_helps(tmp_path):
    error = NotADirectoryError(errno.ENOTDIR, "Not a directory")
    assert atomic.unwritable(tmp_path / "a", error) == (
        f"writing: {tmp_path / 'a'}: not a directory; a file stands where a folder must be: choose "
        "another folder."
    )


def test_a_full_disk_is_one_sentence(tmp_path):
    with (
        pytest.raises(DataError, match="no space left on device; free some space"),
        writing(tmp_path / "a.bin"),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert names(tmp_path) == []


def test_the_callers_own_trouble_with_another_file_stays_as_it_is(tmp_path):
    with pytest.raises(FileNotFoundError), writing(tmp_path / "a.bin"):
        (tmp_path / "other").read_bytes()
    assert names(tmp_path) == []


def test_a_mode_that_would_read_is_refused(tmp_path):
    with pytest.raises(DataError, match='it must be "wb"'), writing(tmp_path / "a.bin", "r"):
        pass
