"""Datasets written as files, which come back as they were."""

from __future__ import annotations

import numpy as np
import pytest

from gradatim.data import Dataset, ImageFolder, read_idx
from gradatim.data.export import as_picture, export_idx, export_png
from gradatim.errors import DataError

pytest.importorskip("PIL.Image")

RANDOM = np.random.default_rng(0)
GREY = Dataset(
    RANDOM.integers(0, 256, (12, 5, 4), dtype=np.uint8), np.arange(12) % 3, scale=1 / 255
)
COLOUR = Dataset(
    RANDOM.integers(0, 256, (4, 3, 5, 4), dtype=np.uint8),
    [0, 1, 0, 1],
    scale=1 / 255,
    class_names=["고양이", "dog"],
)


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))


def test_a_folder_per_part_and_class(tmp_path):
    count = export_png({"train": GREY, "test": GREY.subset([0, 1, 2])}, tmp_path / "png")

    assert count == 15
    assert files(tmp_path / "png")[:4] == [
        "testing/0/0.png", "testing/1/1.png", "testing/2/2.png", "training/0/00.png",
    ]  # fmt: skip


@pytest.mark.parametrize("data", [GREY, COLOUR])
def test_pixels_and_labels_come_back(tmp_path, data):
    export_png({"": data}, tmp_path / "png")

    again = ImageFolder(tmp_path / "png", class_names=data.class_names, cache=False)

    order = np.argsort(data.targets, kind="stable")
    np.testing.assert_array_equal(again.inputs, data.inputs[order])
    np.testing.assert_array_equal(again.targets, data.targets[order])


def test_four_idx_files(tmp_path):
    bytes_only = Dataset(GREY.inputs, GREY.targets.astype(np.uint8), scale=1 / 255)

    assert export_idx({"train": bytes_only, "test": bytes_only}, tmp_path / "idx") == 4

    np.testing.assert_array_equal(
        read_idx(tmp_path / "idx" / "t10k-images-idx3-ubyte"), GREY.inputs
    )
    labels = read_idx(tmp_path / "idx" / "train-labels-idx1-ubyte")
    assert labels.tolist() == GREY.targets.tolist()


def test_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "png").mkdir()
    export_png({"": GREY}, tmp_path / "png")

    assert len(files(tmp_path / "png")) == 12


def test_a_folder_above_is_made(tmp_path):
    export_png({"": GREY}, tmp_path / "a" / "b")

    assert len(files(tmp_path / "a" / "b")) == 12


def test_what_is_there_is_never_overwritten(tmp_path):
    (tmp_path / "mine.txt").touch()

    with pytest.raises(DataError, match="this is not empty; name a folder that does not exist"):
        export_png({"": GREY}, tmp_path)
    with pytest.raises(DataError, match=r"mine\.txt: this is a file; name a folder"):
        export_idx({"train": GREY}, tmp_path / "mine.txt")
    assert files(tmp_path) == ["mine.txt"]


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(DataError, match=r"it cannot be written: .*; choose another folder"):
        export_png({"": GREY}, tmp_path / "file" / "png")


def test_nothing_stands_there_until_it_is_complete(tmp_path, monkeypatch):
    def stopped(image):
        assert not (tmp_path / "png").exists()
        raise KeyboardInterrupt

    monkeypatch.setattr("gradatim.data.export.as_picture", stopped)
    with pytest.raises(KeyboardInterrupt):
        export_png({"": GREY}, tmp_path / "png")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "data",
    [
        GREY.flatten(),
        Dataset(GREY.inputs / 255, GREY.targets),
        Dataset(GREY.inputs, GREY.targets / 2),
    ],
)
def test_what_is_no_image_is_refused(tmp_path, data):
    with pytest.raises(DataError, match=r"samples are .+ of shape .+; they must be uint8"):
        export_png({"": data}, tmp_path / "png")


def test_a_picture_has_the_sizes_of_its_image():
    assert as_picture(GREY.inputs[0]).size == as_picture(COLOUR.inputs[0]).size == (4, 5)
