"""Machine code on disk: made once, never trusted blindly, never in the way."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from gradatim.cache import cache_folder
from gradatim.native import keeping
from gradatim.native.keeping import folder, kept

CONTENT = bytes(range(256)) * 20


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADATIM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "code"


class Maker:
    """Counts how often it must make something."""

    def __init__(self, content=CONTENT):
        self.content, self.count = content, 0

    def __call__(self):
        self.count += 1
        return self.content


def files(cache):
    return sorted(cache.iterdir())


def test_made_once(cache):
    make = Maker()
    assert kept(("text", "cpu"), make) == CONTENT
    assert kept(("text", "cpu"), make) == CONTENT
    assert make.count == 1
    assert len(files(cache)) == 1


@pytest.mark.parametrize(
    "other", [("text", "cpu2"), ("text2", "cpu"), ("textcpu",), ("tex", "tcpu")]
)
def test_all_that_decides_is_in_the_name(other):
    kept(("text", "cpu"), Maker())
    make = Maker(b"other")
    assert kept(other, make) == b"other"
    assert make.count == 1


@pytest.mark.parametrize("damage", [b"", b"short", CONTENT, None])
def test_a_damaged_file_is_made_anew(cache, damage):
    kept(("text",), Maker())
    (path,) = files(cache)
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(bytes(data) if damage is None else damage)
    make = Maker()
    assert kept(("text",), make) == CONTENT
    assert make.count == 1
    assert kept(("text",), make) == CONTENT
    assert make.count == 1, "it was mended"


def test_code_of_somebody_else_is_not_run(monkeypatch):
    kept(("text",), Maker())
    monkeypatch.setattr(keeping, "_is_ours", lambda owner: False)
    make = Maker()
    kept(("text",), make)
    assert make.count == 1


@pytest.mark.skipif(sys.platform == "win32", reason="files have no such owner there")
def test_who_is_somebody_else():
    assert keeping._is_ours(os.geteuid())
    assert not keeping._is_ours(os.geteuid() + 1)


def test_a_folder_that_cannot_be_written_is_no_error(cache):
    cache.parent.mkdir()
    cache.write_text("a file stands here")
    make = Maker()
    assert kept(("text",), make) == kept(("text",), make) == CONTENT
    assert make.count == 2


def test_without_a_home_nothing_is_kept(monkeypatch):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(keeping, "folder", homeless)
    assert kept(("text",), Maker()) == CONTENT


def test_what_making_raises_comes_out():
    def fail():
        raise RuntimeError("LLVM IR parsing error")

    with pytest.raises(RuntimeError, match="parsing error"):
        kept(("text",), fail)


def test_the_files_unused_for_longest_go(cache, monkeypatch):
    monkeypatch.setattr(keeping, "MOST_FILES", 3)
    for i in range(3):
        kept((str(i),), Maker())
    paths = {}
    for i, path in enumerate(sorted(cache.iterdir(), key=lambda p: p.stat().st_mtime_ns)):
        os.utime(path, (1000 + i, 1000 + i))
        paths[i] = path
    again = Maker()
    kept(("0",), again)  # which makes it the newest
    assert again.count == 0
    kept(("3",), Maker())
    assert len(files(cache)) == 3
    survivor = Maker()
    kept(("0",), survivor)
    assert survivor.count == 0


def test_no_temporary_files_stay(cache):
    kept(("text",), Maker())
    assert [path.suffix for path in files(cache)] == [".o"]


def test_many_threads_and_processes_at_once(cache, tmp_path):
    code = (
        "from gradatim.native.keeping import kept\n"
        "for i in range(20): assert kept((str(i),), lambda: bytes([i]) * 5000)[0] == i\n"
    )
    others = [subprocess.Popen([sys.executable, "-c", code], env=os.environ) for _ in range(2)]

    def work():
        for i in range(20):
            assert kept((str(i),), lambda i=i: bytes([i]) * 5000) == bytes([i]) * 5000

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [other.wait() for other in others] == [0, 0]
    assert len(files(cache)) == 20


def test_where_it_is(cache):
    assert folder() == cache_folder() / "code"
