"""A folder of pictures is a dataset like any other, and says what is wrong with it."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys

import numpy as np
import pytest

from gradatim.data import Dataset, ImageFolder, Loader
from gradatim.data.export import export_png
from gradatim.errors import DataError, DtypeError

Image = pytest.importorskip("PIL.Image")

RANDOM = np.random.default_rng(0)
CATS = RANDOM.integers(0, 256, (3, 6, 5), dtype=np.uint8)
DOGS = RANDOM.integers(0, 256, (2, 6, 5), dtype=np.uint8)


def save(path, levels, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = levels if isinstance(levels, Image.Image) else Image.fromarray(levels)
    image.save(path, **options)
    return path


@pytest.fixture
def pets(tmp_path):
    """Three cats and two dogs, in grey."""
    root = tmp_path / "pets"
    for name, levels in zip(("cat/c.png", "cat/a.png", "cat/b.png"), CATS[[2, 0, 1]]):
        save(root / name, levels)
    for name, levels in zip(("dog/1.bmp", "dog/2.png"), DOGS):
        save(root / name, levels)
    return root


@pytest.fixture
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("kept")


def kept(cache):
    """The files of arrays in a cache."""
    return sorted(cache.rglob("*.npy"))


class TestDataset:
    def test_pixels_labels_and_names(self, pets, cache):
        data = ImageFolder(pets, cache=cache)

        assert isinstance(data, Dataset)
        np.testing.assert_array_equal(data.inputs, np.concatenate([CATS, DOGS]))
        assert data.targets.tolist() == [0, 0, 0, 1, 1]
        assert (data.classes, data.class_names, data.name) == (2, ("cat", "dog"), "pets")
        assert (data.path, data.skipped) == (pets, 0)

    def test_its_batches_are_floats_from_0_to_1(self, pets, cache):
        x, t = ImageFolder(pets, cache=cache).batch([4])

        assert (x.dtype, t.tolist()) == (np.float32, [1])
        np.testing.assert_array_equal(x[0], DOGS[1] / np.float32(255))

    def test_what_is_made_of_it_keeps_the_names_of_the_classes(self, pets, cache):
        data = ImageFolder(pets, cache=cache)

        for made in (
            data.flatten(),
            data.subset([0, 4]),
            data.split(0.5)[0],
            data.reshape(1, 6, 5),
        ):
            assert made.class_names == ("cat", "dog")
        assert data.flatten().input_shape == (30,)

    def test_it_has_the_checksum_of_the_same_arrays(self, pets, cache):
        labels = np.array([0, 0, 0, 1, 1], np.uint8)
        arrays = Dataset(np.concatenate([CATS, DOGS]), labels, scale=1 / 255)

        assert ImageFolder(pets, cache=cache).checksum == arrays.checksum
        assert ImageFolder(pets, cache=cache).flatten().checksum == arrays.checksum
        assert ImageFolder(pets, cache=False).checksum == arrays.checksum

    def test_a_sample_knows_its_file(self, pets, cache):
        data = ImageFolder(pets, cache=cache)

        assert [data.file(number) for number in (0, 2, 3)] == [
            pets / "cat/a.png", pets / "cat/c.png", pets / "dog/1.bmp",
        ]  # fmt: skip

    def test_repr_says_what_it_is(self, pets, cache):
        (pets / "cat" / "notes.txt").touch()

        assert repr(ImageFolder(pets, cache=cache)) == (
            "ImageFolder pets: 5 samples of shape (6, 5) uint8 / 255, 2 classes, "
            "1 other files left out"
        )

    def test_nobody_can_write_into_it(self, pets, cache):
        for data in (ImageFolder(pets, cache=cache), ImageFolder(pets, cache=False)):
            with pytest.raises(ValueError, match="read-only"):
                data.inputs[0] = 0

    def test_it_survives_pickling(self, pets, cache):
        data = ImageFolder(pets, cache=cache)
        again = pickle.loads(pickle.dumps(data))

        np.testing.assert_array_equal(again.inputs, data.inputs)
        assert again.file(4) == data.file(4)

    def test_the_users_folder_is_left_as_it_is(self, pets, cache):
        before = sorted(pets.rglob("*"))
        ImageFolder(pets, cache=cache)

        assert sorted(pets.rglob("*")) == before

    def test_a_path_may_be_text(self, pets, cache):
        assert len(ImageFolder(str(pets), cache=str(cache))) == 5


class TestDigits:
    """The round trip: digits written as PNG files come back as they were."""

    @pytest.mark.parametrize("workers", [1, 2])
    def test_they_equal_those_of_the_idx_files(self, tmp_path, digits, cache, workers):
        some = digits[1].subset(slice(1200))
        export_png({"": some}, tmp_path / "png", progress="none")

        data = ImageFolder(tmp_path / "png", cache=cache, workers=workers)

        order = np.argsort(some.targets, kind="stable")
        assert data.class_names == tuple("0123456789")
        for ours, theirs in ((data.inputs, some.inputs), (data.targets, some.targets)):
            np.testing.assert_array_equal(ours, theirs[order])
            assert ours.dtype == theirs.dtype

    @pytest.mark.slow
    def test_all_of_them_do(self, tmp_path, digits, cache):
        train, _ = digits
        export_png({"train": train}, tmp_path / "png", progress="none")

        data = ImageFolder(tmp_path / "png" / "training", cache=cache)

        order = np.argsort(train.targets, kind="stable")
        np.testing.assert_array_equal(data.inputs, train.inputs[order])
        np.testing.assert_array_equal(data.targets, train.targets[order])
        assert len(Loader(data, 16)) == 3750

    def test_workers_and_this_process_read_alike(self, tmp_path, cache):
        for number in range(1100):
            save(tmp_path / "many" / str(number % 3) / f"{number}.png", CATS[number % 3])
        here, there = (
            ImageFolder(tmp_path / "many", cache=False, workers=workers) for workers in (1, 2)
        )

        np.testing.assert_array_equal(here.inputs, there.inputs)
        assert here.checksum == there.checksum


class TestColours:
    PHOTO = RANDOM.integers(0, 256, (6, 5, 3), dtype=np.uint8)

    def test_colours_come_channels_first(self, tmp_path, cache):
        save(tmp_path / "a" / "x.png", self.PHOTO)

        data = ImageFolder(tmp_path, cache=cache)

        assert data.inputs.shape == (1, 3, 6, 5)
        np.testing.assert_array_equal(data.inputs[0], np.moveaxis(self.PHOTO, -1, 0))

    @pytest.mark.parametrize("first", ["grey", "colour"])
    @pytest.mark.parametrize("keeping", [True, False])
    def test_one_picture_in_colour_makes_all_of_them_so(self, tmp_path, cache, first, keeping):
        root = tmp_path / "mixed"
        save(root / "a" / ("1.png" if first == "grey" else "3.png"), CATS[0])
        save(root / "a" / "2.png", self.PHOTO)

        data = ImageFolder(root, cache=cache if keeping else False)

        grey, colour = (0, 1) if first == "grey" else (1, 0)
        np.testing.assert_array_equal(data.inputs[grey], np.stack([CATS[0]] * 3))
        np.testing.assert_array_equal(data.inputs[colour], np.moveaxis(self.PHOTO, -1, 0))

    def test_a_mode_decides(self, tmp_path, cache):
        save(tmp_path / "a" / "1.png", CATS[0])
        save(tmp_path / "a" / "2.png", self.PHOTO)

        grey = ImageFolder(tmp_path, mode="L", cache=cache)
        colour = ImageFolder(tmp_path, mode="RGB", cache=cache)

        assert (grey.inputs.shape, colour.inputs.shape) == ((2, 6, 5), (2, 3, 6, 5))
        luminance = np.asarray(Image.fromarray(self.PHOTO).convert("L"))
        np.testing.assert_array_equal(grey.inputs[1], luminance)


class TestSizes:
    def test_pictures_of_two_sizes_are_both_named(self, pets, cache):
        save(pets / "dog" / "3.png", DOGS[0][:4])

        with pytest.raises(DataError) as caught:
            ImageFolder(pets, cache=cache)

        assert str(caught.value) == (
            f"ImageFolder: {pets / 'cat/a.png'} is 6 x 5, but {pets / 'dog/3.png'} is 4 x 5; "
            "pictures must all have one size. Try size=(6, 5) to scale them."
        )
        assert kept(cache) == []

    def test_the_usual_size_is_proposed_and_the_others_counted(self, pets, cache):
        save(pets / "cat" / "0.png", CATS[0][:4])

        with pytest.raises(
            DataError, match=r"0.png is 4 x 5, but .*a.png is 6 x 5, and 4 more have"
        ) as caught:
            ImageFolder(pets, cache=cache)
        assert "size=(6, 5)" in str(caught.value)

    def test_a_size_scales_them(self, pets, cache):
        save(pets / "dog" / "3.png", np.full((12, 10), 77, np.uint8))

        data = ImageFolder(pets, size=(6, 5), cache=cache)

        np.testing.assert_array_equal(data.inputs[:3], CATS)
        assert (data.inputs[5] == 77).all()

    def test_height_comes_first(self, pets, cache):
        assert ImageFolder(pets, size=(3, 8), cache=cache).input_shape == (3, 8)


class TestUnreadable:
    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"not a picture", "this is no picture that can be read"),
            (b"", "this is no picture that can be read"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "damaged or cut short|no picture that can be read"),
        ],
    )
    @pytest.mark.parametrize("name", ["cat/0.png", "dog/9.png"])
    def test_a_file_is_named(self, pets, cache, content, reason, name):
        (pets / name).write_bytes(content)

        with pytest.raises(DataError, match=rf"{name}: .*({reason}).*; every picture must be"):
            ImageFolder(pets, cache=cache)

    def test_others_are_counted(self, pets, cache):
        for name in ("x.png", "y.jpg", "z.png"):
            (pets / "dog" / name).write_bytes(b"?")

        with pytest.raises(DataError, match=r"x\.png: .*, and 2 more cannot be read either; every"):
            ImageFolder(pets, cache=cache)

    def test_workers_name_the_same_file(self, tmp_path):
        root = tmp_path / "many"
        for number in range(1100):
            save(root / "a" / f"{number:04}.png", CATS[0])
        for number in (300, 700, 1000):
            (root / "a" / f"{number:04}.png").write_bytes(b"?")

        with pytest.raises(DataError, match=r"0300\.png: .*, and 2 more"):
            ImageFolder(root, cache=False, workers=2)

    @pytest.mark.parametrize("suffix", ["png", "jpg"])
    def test_a_file_that_is_cut_short(self, tmp_path, cache, suffix):
        noise = RANDOM.integers(0, 256, (40, 40), dtype=np.uint8)
        whole = save(tmp_path / "a" / f"x.{suffix}", noise)
        whole.write_bytes(whole.read_bytes()[:-300])

        with pytest.raises(DataError, match=r"damaged or cut short \(.+\); every picture"):
            ImageFolder(tmp_path, cache=cache)

    @pytest.mark.skipif(
        sys.platform == "win32" or (hasattr(os, "geteuid") and os.geteuid() == 0),
        reason="root may read everything",
    )
    def test_a_file_that_may_not_be_read(self, pets, cache):
        (pets / "cat" / "b.png").chmod(0)

        with pytest.raises(DataError, match=r"b\.png: the file cannot be read: permission denied"):
            ImageFolder(pets, cache=cache)

    def test_a_picture_of_countless_pixels(self, pets, cache):
        huge = Image.new("1", (20000, 20000))
        save(pets / "cat" / "huge.png", huge)

        with pytest.raises(DataError, match=r"huge\.png: the picture has more pixels than can be"):
            ImageFolder(pets, cache=cache)


class TestSettings:
    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"mode": "grey"}, "mode is 'grey'; it must be \"L\""),
            ({"size": 28}, r"size is 28; it must be \(height, width\)"),
            ({"size": (28, 0)}, r"size is \(28, 0\); it must be"),
            ({"size": (28, 2.5)}, r"size is \(28, 2\.5\); it must be"),
            ({"workers": 0}, "workers is 0; it must be a whole number from 1"),
            ({"workers": "two"}, "workers is 'two'; it must be"),
            ({"progress": "loud"}, "progress is 'loud'; it must be one of auto, none"),
        ],
    )
    def test_what_is_none_is_refused(self, pets, cache, settings, message):
        with pytest.raises(DtypeError, match=f"ImageFolder: {message}"):
            ImageFolder(pets, cache=cache, **settings)

    def test_names_decide_the_labels(self, pets, cache):
        data = ImageFolder(pets, class_names=["dog", "eel", "cat"], cache=cache)

        assert data.classes == 3
        assert data.targets.tolist() == [0, 0, 2, 2, 2]


class TestKeeping:
    def test_what_is_kept_is_mapped(self, pets, cache):
        base = ImageFolder(pets, cache=cache).inputs
        while isinstance(base.base, np.ndarray):
            base = base.base

        assert isinstance(base, np.memmap)

    def test_the_second_opening_decodes_nothing(self, pets, cache, monkeypatch):
        first = ImageFolder(pets, cache=cache)
        monkeypatch.setattr("gradatim.data.folder.decode_all", None)

        np.testing.assert_array_equal(ImageFolder(pets, cache=cache).inputs, first.inputs)

    def test_files_that_have_settled_are_not_even_read(self, pets, cache, monkeypatch):
        for path in pets.rglob("*.*"):
            os.utime(path, (1e9, 1e9))
        monkeypatch.setattr("gradatim.data.cache.SETTLED_NS", -1)
        first = ImageFolder(pets, cache=cache)
        monkeypatch.setattr("pathlib.Path.read_bytes", None)

        np.testing.assert_array_equal(ImageFolder(pets, cache=cache).inputs, first.inputs)

    def test_files_that_were_just_written_are_read_again(self, pets, cache):
        """A change within the grain of the clock leaves no trace but in the contents."""
        path = pets / "cat" / "a.png"
        about = path.stat()
        ImageFolder(pets, cache=cache)
        assert not list(cache.rglob("*.seen"))

        changed = 255 - CATS[0]
        save(path, changed)
        padded = path.read_bytes()
        os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))

        np.testing.assert_array_equal(ImageFolder(pets, cache=cache).inputs[0], changed)
        assert path.read_bytes() == padded

    def test_a_copy_with_the_same_contents_is_not_decoded_again(
        self, pets, cache, tmp_path, monkeypatch
    ):
        ImageFolder(pets, cache=cache)
        pets.rename(tmp_path / "elsewhere")
        monkeypatch.setattr("gradatim.data.folder.decode_all", None)

        assert len(ImageFolder(tmp_path / "elsewhere", cache=cache)) == 5
        assert len(kept(cache)) == 1

    def test_a_changed_picture_is_seen(self, pets, cache):
        ImageFolder(pets, cache=cache)
        save(pets / "cat" / "a.png", 255 - CATS[0])

        np.testing.assert_array_equal(ImageFolder(pets, cache=cache).inputs[0], 255 - CATS[0])

    def test_other_settings_are_kept_apart(self, pets, cache):
        ImageFolder(pets, cache=cache)
        assert ImageFolder(pets, mode="RGB", cache=cache).input_shape == (3, 6, 5)
        assert ImageFolder(pets, size=(2, 2), cache=cache).input_shape == (2, 2)
        assert ImageFolder(pets, cache=cache).input_shape == (6, 5)
        assert ImageFolder(pets, class_names=["dog", "cat"], cache=cache).targets[0] == 0

    @pytest.mark.parametrize("damage", ["truncate", "flip", "trailer", "empty", "header"])
    def test_what_is_damaged_is_decoded_anew(self, pets, cache, damage):
        ImageFolder(pets, cache=cache)
        (path,) = kept(cache)
        content = bytearray(path.read_bytes())
        if damage == "truncate":
            content = content[:-100]
        elif damage == "empty":
            content = bytearray()
        else:
            content[{"flip": 150, "trailer": -3, "header": 20}[damage]] ^= 1
        path.write_bytes(content)

        data = ImageFolder(pets, cache=cache)

        np.testing.assert_array_equal(data.inputs, np.concatenate([CATS, DOGS]))
        (path,) = kept(cache)
        assert path.read_bytes() != content

    def test_the_environment_says_where(self, pets, cache, monkeypatch):
        monkeypatch.setenv("GRADATIM_CACHE", str(cache))
        ImageFolder(pets)

        assert len(kept(cache)) == 1

    def test_nowhere(self, pets, cache, monkeypatch):
        monkeypatch.setenv("GRADATIM_CACHE", str(cache))
        data = ImageFolder(pets, cache=False)

        np.testing.assert_array_equal(data.inputs, np.concatenate([CATS, DOGS]))
        assert not list(cache.iterdir())

    def test_a_folder_where_the_pictures_belong_is_done_without(self, pets, cache, capsys):
        ImageFolder(pets, cache=cache)
        (path,) = kept(cache)
        path.unlink()
        path.mkdir()

        data = ImageFolder(pets, cache=cache)

        np.testing.assert_array_equal(data.inputs, np.concatenate([CATS, DOGS]))
        assert "decoded pictures cannot be kept in" in capsys.readouterr().err

    @pytest.mark.parametrize("progress", ["auto", "none"])
    def test_a_place_that_cannot_be_written_is_done_without(self, pets, tmp_path, capsys, progress):
        blocked = tmp_path / "blocked"
        blocked.touch()

        data = ImageFolder(pets, cache=blocked, progress=progress)

        np.testing.assert_array_equal(data.inputs, np.concatenate([CATS, DOGS]))
        err = capsys.readouterr().err
        if progress == "none":
            assert err == ""
        else:
            assert err.count("\n") == 1
            assert f"decoded pictures cannot be kept in {blocked}" in err
            assert "decoded again next time. Choose another folder with cache=" in err

    def test_nothing_is_left_behind_by_what_was_refused(self, pets, cache):
        (pets / "dog" / "x.png").write_bytes(b"?")
        with pytest.raises(DataError):
            ImageFolder(pets, cache=cache)

        assert [path for path in cache.rglob("*") if path.is_file()] == []


class TestProcesses:
    def run(self, code, *arguments):
        return subprocess.Popen(
            [sys.executable, "-c", code, *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def test_two_at_once_both_get_it_right(self, pets, cache):
        code = (
            "import sys; from gradatim.data import ImageFolder;"
            "print(ImageFolder(sys.argv[1], cache=sys.argv[2], workers=2).checksum)"
        )
        both = [self.run(code, pets, cache) for _ in range(2)]
        said = [process.communicate(timeout=60) for process in both]

        expected = ImageFolder(pets, cache=False).checksum
        assert said == [(f"{expected}\n", "")] * 2
        assert len(kept(cache)) == 1

    def test_a_script_needs_no_guard_for_its_workers(self, tmp_path):
        for number in range(600):
            save(tmp_path / "many" / "a" / f"{number}.png", CATS[0])
        script = tmp_path / "script.py"
        script.write_text(
            "print('begun', flush=True)\n"
            "from gradatim.data import ImageFolder\n"
            f"print(len(ImageFolder({str(tmp_path / 'many')!r}, cache=False, workers=2)))\n"
        )
        done = subprocess.run(
            [sys.executable, str(script)], capture_output=True, text=True, timeout=60
        )

        assert (done.stdout, done.stderr) == ("begun\n600\n", "")
