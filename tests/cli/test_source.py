"""Data by name or by folder, and what is said of a folder that is none."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from gradatim.cli.source import FILES, known_as, load
from gradatim.data import write_idx
from gradatim.errors import DataError

LABELS = np.array([0, 1, 2, 1, 0], np.uint8)
IMAGES = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)


def write(folder, *, images=IMAGES, labels=LABELS, packed="", dotted=False):
    folder.mkdir(exist_ok=True)
    for pair in FILES.values():
        for name, array in zip(pair, (images, labels), strict=True):
            stem = name.replace("-idx", ".idx") if dotted else name
            write_idx(folder / f"{stem}{packed}", array)
    return folder


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "data"


@pytest.mark.parametrize("packed", ["", ".gz", ".xz"])
@pytest.mark.parametrize("dotted", [False, True])
def test_four_idx_files_are_two_datasets(folder, packed, dotted):
    train, test = load(str(write(folder, packed=packed, dotted=dotted)))

    for part, name in ((train, "data train"), (test, "data test")):
        inputs, targets = part.arrays()
        assert np.array_equal(inputs, IMAGES / np.float32(255))
        assert targets.tolist() == LABELS.tolist()
        assert part.classes == 3
        assert part.name == name


def test_classes_are_counted_over_both_parts(folder):
    write(folder)
    write_idx(folder / FILES["test"][1], np.array([0, 1, 6, 1, 0], np.uint8))

    assert [part.classes for part in load(str(folder))] == [7, 7]


def test_images_of_floats_are_not_scaled(folder):
    write(folder, images=IMAGES.astype(np.float32) / 60)

    train, _ = load(str(folder))

    assert np.array_equal(train.arrays()[0], IMAGES.astype(np.float32) / 60)


def test_a_home_folder_may_be_written_short(folder, monkeypatch):
    write(folder)
    monkeypatch.setenv("HOME", str(folder.parent))
    monkeypatch.setenv("USERPROFILE", str(folder.parent))

    assert len(load("~/data")[0]) == 5


def test_names_for_runs(folder):
    assert known_as("mnist") == "mnist"
    assert known_as("data/My digits 2/") == "My-digits-2"
    assert known_as("/") == "run"


class TestRefusals:
    """Each ends up as the one sentence of a command."""

    @pytest.mark.parametrize("name", ["mnits", "MNIST", "minst"])
    def test_a_name_nearly_right(self, name):
        with pytest.raises(DataError, match=f"--data {name}: .* did you mean --data mnist\\?"):
            load(name)

    def test_no_such_folder(self):
        with pytest.raises(DataError, match="--data /nowhere: there is no such folder; it must be"):
            load("/nowhere")

    def test_a_file(self, folder):
        write(folder)

        with pytest.raises(DataError, match="this is a file; it must be mnist, or a folder with"):
            load(str(folder / FILES["train"][0]))

    def test_a_file_that_is_missing_is_named(self, folder):
        (write(folder) / FILES["test"][1]).unlink()

        with pytest.raises(DataError, match=r"there is no t10k-labels-idx1-ubyte in it, plain, \."):
            load(str(folder))

    def test_pictures_without_classes(self, folder):
        folder.mkdir()
        (folder / "a.png").touch()

        with pytest.raises(DataError, match="pictures lie in it directly; each must lie in a fol"):
            load(str(folder))

    def test_a_file_that_is_not_idx(self, folder):
        (write(folder) / FILES["train"][0]).write_bytes(b"something else")

        with pytest.raises(DataError, match="train-images-idx3-ubyte: the magic number is"):
            load(str(folder))

    def test_images_and_labels_exchanged(self, folder):
        write(folder)
        images, labels = (folder / name for name in FILES["train"])
        shutil.move(images, folder / "kept")
        shutil.move(labels, images)
        shutil.move(folder / "kept", labels)

        with pytest.raises(DataError, match="Are the files exchanged"):
            load(str(folder))

    def test_labels_for_fewer_images(self, folder):
        write(folder, labels=LABELS[:3])

        with pytest.raises(DataError, match="5 train images and 3 labels; there must be one label"):
            load(str(folder))

    def test_nothing_in_the_files(self, folder):
        write(folder, images=IMAGES[:0], labels=LABELS[:0])

        with pytest.raises(DataError, match=r"0 train images and 0 labels; .* one image at least"):
            load(str(folder))

    def test_parts_of_two_sizes(self, folder):
        write(folder)
        write_idx(folder / FILES["test"][0], IMAGES[:, :2])

        with pytest.raises(DataError, match=r"shape \(4, 3\), those to test on \(2, 3\)"):
            load(str(folder))

    @pytest.mark.parametrize("label", [0, 3])
    def test_one_class(self, folder, label):
        write(folder, labels=np.full(5, label, np.uint8))

        with pytest.raises(DataError, match=f"every label is {label}; there must be two classes"):
            load(str(folder))

    def test_labels_below_zero(self, folder):
        write(folder, labels=LABELS.astype(np.int8) - 1)

        with pytest.raises(DataError, match="-1"):
            load(str(folder))
