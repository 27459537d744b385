"""What is kept between runs is whole, and is what it says."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest

from gradatim.data import Dataset
from gradatim.data.cache import PictureCache
from gradatim.errors import DataError

LABELS = np.array([0, 1, 1], np.uint8)
IMAGES = np.arange(36, dtype=np.uint8).reshape(3, 4, 3)


@pytest.fixture
def cache(tmp_path):
    return PictureCache(tmp_path, "key", "stamp", LABELS)


def fill(sink):
    """Write the three pictures in another order than theirs."""
    for number in (2, 0, 1):
        sink(number, IMAGES[number].tobytes())
    return "contents"


def test_what_was_kept_is_found_again(cache):
    contents, kept = cache.keep(IMAGES.shape, fill)

    assert contents == "contents"
    np.testing.assert_array_equal(kept.images, IMAGES)
    assert kept.checksum == Dataset(IMAGES, LABELS, scale=1 / 255).checksum
    assert cache.load("contents").checksum == kept.checksum
    assert cache.load("others") is None


def test_a_file_that_numpy_can_read_as_well(cache):
    cache.keep(IMAGES.shape, fill)
    (path,) = cache.folder.glob("*.npy")

    np.testing.assert_array_equal(np.load(path), IMAGES)


def test_other_labels_are_another_dataset(cache, tmp_path):
    cache.keep(IMAGES.shape, fill)

    assert PictureCache(tmp_path, "key", "stamp", LABELS[::-1]).load("contents") is None
    assert PictureCache(tmp_path, "key", "stamp", LABELS[:2]).load("contents") is None


def test_what_goes_wrong_while_it_is_written_leaves_nothing(cache):
    def stopped(sink):
        sink(0, IMAGES[0].tobytes())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.keep(IMAGES.shape, stopped)

    assert list(cache.folder.iterdir()) == []
    assert not cache.holds_any()


def test_what_a_killed_process_left_is_removed_after_a_day(cache):
    cache.folder.mkdir(parents=True)
    old = [cache.folder / name for name in ("a.part", ".gradatim-b.tmp")]
    young = cache.folder / "c.part"
    for path in (*old, young):
        path.touch()
    yesterday = time.time() - 25 * 3600
    for path in old:
        os.utime(path, (yesterday, yesterday))

    cache.keep(IMAGES.shape, fill)

    assert sorted(path.name for path in cache.folder.iterdir()) == ["c.part", "contents.npy"]


def test_a_note_leads_to_the_contents(cache):
    cache.keep(IMAGES.shape, fill)
    assert cache.noted() is None

    cache.note("contents", newest_ns=0)

    np.testing.assert_array_equal(cache.noted().images, IMAGES)


def test_no_note_is_made_of_files_that_may_still_change(cache):
    cache.keep(IMAGES.shape, fill)

    cache.note("contents", newest_ns=time.time_ns())

    assert cache.noted() is None


def test_another_process_may_have_been_first(cache, monkeypatch):
    cache.keep(IMAGES.shape, fill)

    def held(source, target):
        if str(source).endswith(".part"):
            raise PermissionError(13, "held open by another process")
        rename(source, target)

    rename = os.replace
    monkeypatch.setattr(os, "replace", held)

    np.testing.assert_array_equal(cache.keep(IMAGES.shape, fill)[1].images, IMAGES)


def test_a_header_is_whole_or_nothing_is_found(cache):
    cache.keep(IMAGES.shape, fill)
    (path,) = cache.folder.glob("*.npy")
    whole = path.read_bytes()

    for at in range(128):
        for flipped in (0x01, 0x20, 0xFF):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ flipped]) + whole[at + 1 :])
            kept = cache.load("contents")
            # some bits of the padding do not matter
            assert kept is None or np.array_equal(kept.images, IMAGES)


def test_a_folder_in_the_place_of_the_file_is_left_alone(cache):
    (cache.folder / "contents.npy").mkdir(parents=True)

    with pytest.raises(OSError, match=r"irectory|denied"):
        cache.keep(IMAGES.shape, fill)

    assert [path.name for path in cache.folder.iterdir()] == ["contents.npy"]


def test_a_disk_that_forgets_is_named(cache, monkeypatch):
    monkeypatch.setattr(PictureCache, "load", lambda self, contents: None)

    with pytest.raises(DataError, match="does not hold what was written to it; the disk may be"):
        cache.keep(IMAGES.shape, fill)


class TestItStaysSmall:
    @staticmethod
    def used(root, key, source, ns):
        """An entry that was made, and last used at that time."""
        cache = PictureCache(root, key, "stamp", LABELS, source)
        cache.keep(IMAGES.shape, fill)
        os.utime(cache.folder / cache._mark, ns=(ns, ns))
        return cache.folder

    def test_of_a_folder_that_grows_the_newest_few_remain(self, tmp_path):
        folders = [self.used(tmp_path, f"key{i}", tmp_path / "mine", i) for i in range(8)]

        assert [folder.exists() for folder in folders] == [False] * 3 + [True] * 5

    def test_what_another_process_is_writing_is_let_be(self, tmp_path):
        part = self.used(tmp_path, "key0", tmp_path / "mine", 0) / "a.part"
        part.touch()
        for i in range(1, 8):
            self.used(tmp_path, f"key{i}", tmp_path / "mine", i)

        assert list((tmp_path / "pictures" / "key0").iterdir()) == [part]

    def test_what_is_used_again_is_new(self, tmp_path):
        first, *_ = [self.used(tmp_path, f"key{i}", tmp_path / "mine", i) for i in range(5)]
        cache = PictureCache(tmp_path, "key0", "stamp", LABELS, tmp_path / "mine")
        cache.note("contents", newest_ns=0)
        assert cache.noted() is not None

        second = self.used(tmp_path, "key5", tmp_path / "mine", time.time_ns())

        assert first.exists()
        assert second.exists()
        assert not (tmp_path / "pictures" / "key1").exists()

    def test_other_folders_of_pictures_are_let_be(self, tmp_path):
        other = self.used(tmp_path, "other", tmp_path / "theirs", 0)
        shared = self.used(tmp_path, "key0", tmp_path / "theirs", 0)
        for i in range(8):
            self.used(tmp_path, f"key{i}", tmp_path / "mine", i)

        assert other.exists()
        assert shared.exists()
        assert not (tmp_path / "pictures" / "key1").exists()

    def test_of_contents_and_notes_the_newest_few_remain(self, tmp_path):
        for i in range(8):
            cache = PictureCache(tmp_path, "key", f"stamp{i}", LABELS)
            cache.keep(IMAGES.shape, lambda sink, i=i: fill(sink) + str(i))
            cache.note(f"contents{i}", newest_ns=0)
            for path in (cache.folder / f"contents{i}.npy", cache.folder / f"stamp{i}.seen"):
                os.utime(path, ns=(i, i))

        assert sorted(path.name for path in cache.folder.iterdir()) == [
            *(f"contents{i}.npy" for i in range(3, 8)),
            *(f"stamp{i}.seen" for i in range(3, 8)),
        ]
