from __future__ import annotations

import hashlib
import importlib
import multiprocessing
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from gradatim.data import Dataset, load_mnist, mnist, write_idx
from gradatim.errors import DataError

# The function `mnist` hides the module of that name as an attribute of the package.
MODULE = importlib.import_module("gradatim.data.mnist")
LABELS = MODULE._FILES["test"][1]

TRAIN_COUNTS = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
TEST_COUNTS = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def counts_of_bytes(images: np.ndarray) -> np.ndarray:
    # In pieces: bincount makes eight bytes of each.
    pieces = (images[at : at + 2000].ravel() for at in range(0, len(images), 2000))
    return sum(np.bincount(piece, minlength=256) for piece in pieces)


class TestFacts:
    def test_shapes_and_dtypes(self, digits):
        train, test = digits
        assert repr(train) == (
            "Dataset mnist train: 60000 samples of shape (28, 28) uint8 / 255, 10 classes"
        )
        assert repr(test) == (
            "Dataset mnist test: 10000 samples of shape (28, 28) uint8 / 255, 10 classes"
        )
        assert train.targets.dtype == np.uint8

    def test_label_counts(self, digits):
        assert np.bincount(digits[0].targets).tolist() == TRAIN_COUNTS
        assert np.bincount(digits[1].targets).tolist() == TEST_COUNTS

    def test_first_labels(self, digits):
        assert digits[0].targets[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
        assert digits[1].targets[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]

    def test_mean_and_deviation(self, digits):
        # From counts of the 256 bytes: floats of all images would take 188 MB and more.
        values = np.divide(np.arange(256), 255, dtype=np.float32).astype(np.float64)
        train, test = (counts_of_bytes(part.inputs) for part in digits)
        mean = train @ values / train.sum()
        assert f"{mean:.10f}" == "0.1306604774"
        assert f"{np.sqrt(train @ (values - mean) ** 2 / train.sum()):.10f}" == "0.3081078055"
        assert f"{test @ values / test.sum():.10f}" == "0.1325146070"

    def test_the_first_digit_is_a_five(self, digits):
        x, t = digits[0][0]
        assert t == 5
        assert (x.min(), x.max()) == (0, 1)
        assert x[5, 12:18].tolist() == [np.float32(v) / np.float32(255) for v in x[5, 12:18] * 255]
        assert digits[0].inputs[0, 5, 12:18].tolist() == [3, 18, 18, 18, 126, 136]

    def test_the_checksums_written_down_are_the_computed_ones(self, digits):
        for part in digits:
            computed = Dataset(part.inputs, part.targets, scale=part.scale).checksum
            assert part.checksum == computed
            assert part.flatten().checksum == computed


class TestEmbedded:
    def test_licence_and_notice_lie_beside_the_data(self):
        folder = resources.files("gradatim.data") / "embedded" / "mnist"
        licence = (folder / "LICENSE").read_text(encoding="utf-8")
        notice = (folder / "NOTICE").read_text(encoding="utf-8")
        assert "Attribution-ShareAlike 3.0 Unported" in licence
        assert "8. Miscellaneous" in licence
        for holder in ("Yann LeCun", "Corinna Cortes", "Christopher J.C. Burges", "CC BY-SA 3.0"):
            assert holder in notice

    def test_the_readme_lists_the_checksums_that_are_checked(self):
        folder = resources.files("gradatim.data") / "embedded" / "mnist"
        readme = (folder / "README.md").read_text(encoding="utf-8")
        for images, labels in MODULE._FILES.values():
            for file in (images, labels):
                assert f"`{file.name}`" in readme
                assert f"{file.shape} | `{file.sha256}`" in readme

    def test_a_damaged_package_says_so(self, tmp_path, monkeypatch):
        folder = tmp_path / "embedded" / "mnist"
        folder.mkdir(parents=True)
        write_idx(folder / f"{LABELS.name}.xz", np.zeros(10000, np.uint8))
        monkeypatch.setattr(resources, "files", lambda package: tmp_path)
        with pytest.raises(DataError) as caught:
            MODULE._array(LABELS, tmp_path / "cache")
        assert f"mnist: {LABELS.name}.xz in the package is damaged: sha256" in str(caught.value)
        assert f"must be {LABELS.sha256}. Install gradatim anew?" in str(caught.value)


class TestCache:
    def test_the_unpacked_files_are_kept_and_mapped(self, digits, mnist_cache):
        names = {path.name for path in (mnist_cache / "mnist").iterdir()}
        assert names == {file.name for part in MODULE._FILES.values() for file in part}
        for part in digits:
            assert isinstance(base_of(part.inputs), np.memmap)

    def test_they_are_the_original_files(self, digits, mnist_cache):
        for file in (file for part in MODULE._FILES.values() for file in part):
            content = np.memmap(mnist_cache / "mnist" / file.name, mode="r")
            assert hashlib.sha256(content.data).hexdigest() == file.sha256
            assert MODULE._sums(np.asarray(content)) == file.sums

    def test_any_byte_and_any_order_counts_in_the_sums(self):
        random = np.random.default_rng(0)
        content = random.integers(0, 256, 8 * (3 * MODULE._COLUMNS + 7), np.uint8)
        page = 4096
        exchanged = [content[page : 2 * page], content[:page], content[2 * page :]]
        known = {MODULE._sums(content), MODULE._sums(np.concatenate(exchanged))}
        for place in (0, 8 * MODULE._COLUMNS - 1, len(content) - 1):
            content[place] += 1
            known.add(MODULE._sums(content))
        assert len(known) == 5

    def test_a_second_call_gives_the_same_objects(self, digits, mnist_cache):
        assert mnist(str(mnist_cache)) is digits

    def test_a_kept_file_is_not_unpacked_again(self, tmp_path, monkeypatch):
        MODULE._array(LABELS, tmp_path)
        monkeypatch.setattr(MODULE, "_embedded", None)
        assert np.bincount(MODULE._array(LABELS, tmp_path)).tolist() == TEST_COUNTS

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda content: b"",
            lambda content: content[:-1],
            lambda content: content + b"\0",
            lambda content: content[:5000] + b"\x0c" + content[5001:],
            lambda content: b"\1" + content[1:],
            lambda content: content[:4096] + bytes(4096) + content[8192:],
            lambda content: content[4096:8192] + content[:4096] + content[8192:],
        ],
    )
    def test_a_spoilt_file_is_made_anew(self, tmp_path, spoil):
        path = tmp_path / LABELS.name
        MODULE._array(LABELS, tmp_path)
        whole = path.read_bytes()
        path.write_bytes(spoil(whole))
        assert np.bincount(MODULE._array(LABELS, tmp_path)).tolist() == TEST_COUNTS
        assert path.read_bytes() == whole
        assert list(tmp_path.iterdir()) == [path]

    def test_where_nothing_can_be_written_it_stays_in_memory(self, tmp_path):
        (tmp_path / "file").write_bytes(b"")
        labels = MODULE._array(LABELS, tmp_path / "file" / "mnist")
        assert np.bincount(labels).tolist() == TEST_COUNTS
        assert not isinstance(base_of(labels), np.memmap)

    def test_a_folder_in_the_place_of_a_file_does_no_harm(self, tmp_path):
        (tmp_path / LABELS.name).mkdir()
        assert np.bincount(MODULE._array(LABELS, tmp_path)).tolist() == TEST_COUNTS
        assert [path.name for path in tmp_path.iterdir()] == [LABELS.name]

    def test_a_disk_that_forgets_does_no_harm(self, tmp_path, monkeypatch):
        monkeypatch.setattr(MODULE, "write_idx", lambda path, array: None)
        assert np.bincount(MODULE._array(LABELS, tmp_path)).tolist() == TEST_COUNTS

    def test_nobody_can_write_into_what_all_share(self, digits):
        for part in digits:
            with pytest.raises(ValueError, match="read-only"):
                part.inputs[0, 0, 0] = 1

    def test_processes_may_race_for_it(self, tmp_path):
        spawn = multiprocessing.get_context("spawn")
        start, sums = spawn.Barrier(2), spawn.Queue()
        racers = [spawn.Process(target=race, args=(tmp_path, start, sums)) for _ in range(2)]
        for racer in racers:
            racer.start()
        found = [sums.get(timeout=60) for _ in racers]
        for racer in racers:
            racer.join()
        assert found == [TEST_COUNTS] * 2
        assert [path.name for path in tmp_path.iterdir()] == [LABELS.name]


def race(folder: Path, start, sums) -> None:
    start.wait()
    for _ in range(20):
        (folder / LABELS.name).unlink(missing_ok=True)
        labels = MODULE._array(LABELS, folder)
    sums.put(np.bincount(labels).tolist())


def base_of(array: np.ndarray) -> object:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def test_mnist_is_kept_in_the_cache(monkeypatch, digits, mnist_cache):
    monkeypatch.setenv("GRADATIM_CACHE", str(mnist_cache))
    assert mnist() is digits


class TestLoadMnist:
    @pytest.fixture(autouse=True)
    def _small(self, monkeypatch, digits):
        """Stand 50 digits in for each part, so that no test takes 188 MB."""
        small = tuple(part.subset(slice(50)) for part in digits)
        monkeypatch.setattr(MODULE, "mnist", lambda: small)

    def test_by_default_flat_floats_and_labels(self, digits):
        for (images, labels), part in zip(load_mnist(), digits, strict=True):
            assert (images.shape, images.dtype) == ((50, 784), np.float32)
            expected = part.inputs[:50].reshape(50, 784).astype(np.float32) / 255
            assert images.tobytes() == expected.tobytes()
            assert (labels.shape, labels.dtype) == ((50,), np.int64)
            np.testing.assert_array_equal(labels, part.targets[:50])

    def test_without_normalize_the_bytes(self, digits):
        (images, _), _ = load_mnist(normalize=False)
        assert images.dtype == np.uint8
        np.testing.assert_array_equal(images, digits[0].inputs[:50].reshape(50, 784))

    @pytest.mark.parametrize("normalize", [True, False])
    def test_without_flatten_one_channel(self, normalize):
        (images, _), _ = load_mnist(normalize=normalize, flatten=False)
        assert images.shape == (50, 1, 28, 28)
        np.testing.assert_array_equal(images.reshape(50, 784), load_mnist(normalize)[0][0])

    def test_one_hot_labels_are_float64_as_in_the_book(self):
        (_, one_hot), _ = load_mnist(one_hot=True)
        (_, labels), _ = load_mnist()
        assert (one_hot.shape, one_hot.dtype) == ((50, 10), np.float64)
        np.testing.assert_array_equal(one_hot.sum(axis=1), np.ones(50))
        np.testing.assert_array_equal(one_hot.argmax(axis=1), labels)

    @pytest.mark.parametrize("normalize", [True, False])
    def test_the_arrays_are_the_callers_to_change(self, normalize):
        before = load_mnist(normalize)
        after = load_mnist(normalize)
        for array in (*after[0], *after[1]):
            array[:] = 1
        for kept, fresh in zip(before, load_mnist(normalize), strict=True):
            np.testing.assert_array_equal(kept[0], fresh[0])
            np.testing.assert_array_equal(kept[1], fresh[1])
