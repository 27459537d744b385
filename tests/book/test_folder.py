from __future__ import annotations

import os

import numpy as np
import pytest
from PIL import Image

from gradatim.book import dataloader, mnist_dataset
from gradatim.data import ImageFolder
from gradatim.errors import DataError


def write(path, image, mode="L"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).convert(mode).save(path)


@pytest.fixture
def digits():
    return np.random.default_rng(0).integers(0, 256, (30, 4, 5), dtype=np.uint8)


@pytest.fixture
def root(tmp_path, digits):
    for i, image in enumerate(digits):
        write(tmp_path / str(i // 3) / f"{9 - i % 3}.png", image)
    return tmp_path


def test_a_sample_is_a_row_of_grey_levels_and_its_label(root, digits):
    dataset = mnist_dataset(root)
    pixels, label = dataset[3]
    assert len(dataset) == 30
    assert (pixels.shape, pixels.dtype, label, type(label)) == ((20,), np.float64, 1, int)
    np.testing.assert_array_equal(pixels, digits[5].reshape(-1) / 255)  # names are sorted: 7, 8, 9


def test_samples_are_sorted_by_label_and_name(root):
    listed = mnist_dataset(str(root)).data_list
    assert [label for _, label in listed] == [i // 3 for i in range(30)]
    assert [os.path.basename(path) for path, _ in listed[:4]] == [
        "7.png",
        "8.png",
        "9.png",
        "7.png",
    ]


def test_all_samples_at_once_are_the_samples_one_by_one(root):
    dataset, other = mnist_dataset(root), mnist_dataset(root)
    for (a, t), (b, u) in zip(dataset.samples_at(np.arange(30)), other, strict=True):
        np.testing.assert_array_equal(a, b)
        assert t == u
    np.testing.assert_array_equal(dataset[-1][0], dataset[29][0])


def test_the_same_sample_may_be_asked_for_twice_at_once(root):
    write(root / "9" / "9.png", np.full((4, 5), 51, np.uint8))
    dataset = mnist_dataset(root)
    first, *again = dataset.samples_at([3] * 30)
    np.testing.assert_array_equal(first[0], again[-1][0])
    assert dataset[29][0].tolist() == [0.2] * 20


def test_a_file_is_read_once_and_only_when_it_is_asked_for(root):
    dataset = mnist_dataset(root)
    first = dataset[4][0]
    for path, _ in dataset.data_list:
        if path != dataset.data_list[5][0]:
            os.remove(path)
    np.testing.assert_array_equal(dataset[4][0], first)
    assert dataset[5][0].shape == (20,)
    with pytest.raises(
        DataError, match=f"mnist_dataset: .*{os.sep}7.png: the image cannot be read"
    ):
        dataset[6]


def test_a_sample_is_the_callers_own(root):
    dataset = mnist_dataset(root)
    pixels = dataset[0][0]
    before = pixels.copy()
    pixels[...] = 7
    np.testing.assert_array_equal(dataset[0][0], before)


def test_a_loop_over_the_data_ends(root):
    assert sum(1 for _ in mnist_dataset(root)) == 30


@pytest.mark.parametrize("i", [30, -31])
def test_a_sample_that_is_not_there_is_refused(root, i):
    with pytest.raises(IndexError, match=f"there is no sample {i}; there are 30"):
        mnist_dataset(root)[i]


def test_what_is_no_image_is_left_out(root):
    for name in ("Thumbs.db", "notes.txt", "._7.png", ".DS_Store"):
        (root / "3" / name).write_bytes(b"?")
    (root / "3" / "folder.png").mkdir()
    dataset = mnist_dataset(root)
    assert len(dataset) == 30
    assert [os.path.basename(path) for path in dataset.skipped] == [
        ".DS_Store", "._7.png", "Thumbs.db", "notes.txt",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "mode"), [("a.bmp", "L"), ("a.PNG", "1"), ("a.png", "RGB"), ("a.png", "RGBA")]
)
def test_other_formats_and_colours_become_grey_levels(root, name, mode):
    image = np.full((4, 5), 255, np.uint8)
    write(root / "0" / name, image, mode)
    dataset = mnist_dataset(root)
    assert [dataset[i][0].min() for i in range(4) if name in dataset.data_list[i][0]] == [1.0]


@pytest.mark.parametrize("content", [b"", b"not an image"])
def test_a_file_that_is_no_image_is_named(root, content):
    (root / "2" / "8.png").write_bytes(content)
    dataset = mnist_dataset(root)
    with pytest.raises(
        DataError, match=r"mnist_dataset: .*2.8.png: this is not an image, or it is"
    ):
        dataset[7]


def test_a_damaged_file_is_named(root):
    file = root / "2" / "8.png"
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(DataError, match=r"mnist_dataset: .*2.8.png: "):
        mnist_dataset(root)[7]


def test_an_image_of_another_size_is_named(root):
    write(root / "2" / "8.png", np.zeros((4, 6), np.uint8))
    dataset = mnist_dataset(root)
    dataset.samples_at([0, 1])
    with pytest.raises(DataError, match=r"2.8.png: the image is 4 x 6, others are 4 x 5; all must"):
        dataset.samples_at([2, 7])


def test_a_damaged_file_does_not_decide_the_size(root):
    file = root / "2" / "8.png"
    write(file, np.random.default_rng(0).integers(0, 256, (9, 9), np.uint8))
    file.write_bytes(file.read_bytes()[:-60])
    dataset = mnist_dataset(root)
    with pytest.raises(DataError, match=r"2.8.png: this is not an image, or it is damaged \("):
        dataset[7]
    assert dataset[0][0].shape == (20,)


def strange_pictures(root):
    """Pictures that two readers may well see differently."""
    ink = np.zeros((4, 5, 4), np.uint8)
    ink[1:3, 2, 3] = 255
    Image.fromarray(ink).save(root / "2" / "a.png")  # black ink on a transparent ground
    ink[..., :3] = 255
    Image.fromarray(ink).save(root / "2" / "b.png")  # white ink
    Image.fromarray(np.arange(20, dtype=np.uint16).reshape(4, 5) * 3000).save(root / "2" / "c.png")
    turned = Image.fromarray(np.arange(20, dtype=np.uint8).reshape(5, 4))
    exif = turned.getexif()
    exif[274] = 6  # the camera was held upright
    turned.save(root / "2" / "d.tif", exif=exif)
    Image.fromarray(np.arange(20, dtype=np.uint8).reshape(4, 5)).save(root / "2" / "e.pgm")


def test_what_it_reads_is_what_image_folder_reads(root):
    strange_pictures(root)
    dataset, pictures = mnist_dataset(root), ImageFolder(root, mode="L", cache=False)
    assert len(dataset) == len(pictures) == 35
    for (row, label), image, target in zip(dataset, pictures.inputs, pictures.targets, strict=True):
        np.testing.assert_array_equal(row * 255, image.reshape(-1))
        assert label == target


def test_black_ink_on_a_transparent_ground_is_seen(root):
    strange_pictures(root)
    black, white = mnist_dataset(root)[9][0], mnist_dataset(root)[10][0]
    assert black.reshape(4, 5)[:3, 2].tolist() == [1, 0, 0]
    assert white.reshape(4, 5)[:3, 2].tolist() == [0, 1, 1]


def test_a_missing_folder_is_named(root, tmp_path):
    with pytest.raises(
        DataError, match=r"absent: there is no such folder; it must hold the folders"
    ):
        mnist_dataset(tmp_path / "absent")
    os.rename(root / "7", root / "seven")
    with pytest.raises(DataError, match=rf"mnist_dataset: .*{os.sep}7: there is no such folder"):
        mnist_dataset(root)


def test_a_folder_of_other_files_is_named(root):
    for file in (root / "7").iterdir():
        file.rename(file.with_suffix(".txt"))
    with pytest.raises(
        DataError, match=rf"{os.sep}7: there is no image in it; files must end in .png"
    ):
        mnist_dataset(root)


def test_a_class_may_be_empty_but_not_all(root):
    for label in range(10):
        for file in (root / str(label)).iterdir():
            file.unlink()
        if label < 9:
            assert len(mnist_dataset(root)) == 27 - 3 * label
    with pytest.raises(DataError, match=r"mnist_dataset: .*: there is no image in it; files must"):
        mnist_dataset(root)


def test_a_loader_serves_the_folder_each_epoch_once(root):
    loader = dataloader(mnist_dataset(root), 4)
    for _ in range(2):
        rows = [tuple(pixels) for batch in loader for pixels, _ in batch]
        assert len(set(rows)) == len(rows) == 30
