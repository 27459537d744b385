"""A folder of pictures as `--data`: trained on, tested, and read by the network."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from PIL import Image

from gradatim.cli import main
from gradatim.cli.source import Reading, is_undivided, load, load_whole
from gradatim.errors import DataError

RANDOM = np.random.default_rng(0)


def stripes(upright, shape=(6, 5), colour=False):
    """Noise that is lighter in a column or in a row."""
    levels = RANDOM.integers(0, 60, (*shape, 3) if colour else shape, dtype=np.uint8)
    place = RANDOM.integers(0, shape[1] if upright else shape[0])
    levels[(slice(None), place) if upright else place] = 250
    return Image.fromarray(levels)


def write(root, count=30, **form):
    for name in ("columns", "rows"):
        (root / name).mkdir(parents=True)
        for number in range(count):
            stripes(name == "columns", **form).save(root / name / f"{number:02}.png")
    return root


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """Pictures are not kept among the user's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADATIM_CACHE", str(tmp_path_factory.mktemp("kept")))
        yield


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "stripes")


@pytest.fixture
def parts(tmp_path):
    for part, count in (("training", 20), ("testing", 6)):
        write(tmp_path / "parts" / part, count)
    return tmp_path / "parts"


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return write(tmp_path_factory.mktemp("data") / "stripes")


@pytest.fixture(scope="module")
def run(source, tmp_path_factory):
    """A run that has learned to tell columns from rows."""
    out = tmp_path_factory.mktemp("runs") / "run"
    options = ["--steps", "400", "--optimizer", "adam", "--lr", "0.01", "--batch", "25"]
    assert main(["train", "--data", str(source), "--out", str(out), "--seed", "4", *options]) == 0
    return out


class TestDividing:
    def test_a_sixth_of_each_class_is_kept_for_testing(self, folder):
        train, test = load(str(folder))

        assert np.bincount(train.targets).tolist() == [25, 25]
        assert np.bincount(test.targets).tolist() == [5, 5]
        assert train.class_names == test.class_names == ("columns", "rows")

    def test_the_share_can_be_chosen(self, folder):
        _, test = load(str(folder), Reading(validation=0.4))

        assert np.bincount(test.targets).tolist() == [12, 12]

    def test_the_seed_decides_which(self, folder):
        tests = [load(str(folder), Reading(seed=seed))[1] for seed in (1, 1, 2)]

        assert tests[0].checksum == tests[1].checksum != tests[2].checksum

    @pytest.mark.parametrize(
        "names", [("training", "testing"), ("train", "test"), ("Train", "val")]
    )
    def test_parts_are_taken_as_they_are(self, parts, tmp_path, names):
        (parts / "training").rename(parts / "kept")
        (parts / "testing").rename(parts / names[1])
        (parts / "kept").rename(parts / names[0])

        train, test = load(str(parts))

        assert (len(train), len(test)) == (40, 12)
        assert not is_undivided(str(parts))

    def test_a_class_may_lack_from_what_is_tested(self, parts):
        shutil.rmtree(parts / "testing" / "columns")

        _, test = load(str(parts))

        assert (test.classes, set(test.targets.tolist())) == (2, {1})

    def test_grey_pictures_to_test_are_in_colour_if_those_learned_from_are(self, tmp_path):
        write(tmp_path / "mixed" / "train", colour=True)
        write(tmp_path / "mixed" / "test")

        assert [part.input_shape for part in load(str(tmp_path / "mixed"))] == [(3, 6, 5)] * 2

    def test_a_size_scales_both_parts(self, parts):
        found = load(str(parts), Reading(size="4x3"))
        assert [part.input_shape for part in found] == [(4, 3)] * 2
        assert load(str(parts), Reading(size="7"))[0].input_shape == (7, 7)

    def test_all_can_be_had_undivided(self, folder):
        assert is_undivided(str(folder))
        assert len(load_whole(str(folder), Reading())) == 60


class TestRefusals:
    @pytest.mark.parametrize("share", [0, 1, -0.5, float("nan")])
    def test_a_share_that_is_none(self, folder, share):
        with pytest.raises(DataError, match=f"--validation {share:g}: it must be a share between"):
            load(str(folder), Reading(validation=share))

    def test_too_few_pictures(self, tmp_path):
        with pytest.raises(
            DataError, match=r"2 pictures cannot be divided with --validation 0\.167"
        ):
            load(str(write(tmp_path / "two", count=1)))

    @pytest.mark.parametrize("name", ["mnist", "parts"])
    def test_a_share_of_what_is_divided(self, name, parts):
        with pytest.raises(DataError, match=r"--validation 0\.2: .* is divided already; leave"):
            load(str(parts) if name == "parts" else name, Reading(validation=0.2))

    def test_a_size_for_what_has_no_files_of_pictures(self):
        with pytest.raises(DataError, match="--size 28x28: mnist has no files of pictures"):
            load("mnist", Reading(size="28x28"))

    @pytest.mark.parametrize("size", ["big", "0x3", "3x", "-4x4"])
    def test_a_size_that_is_none(self, folder, size):
        with pytest.raises(DataError, match=f"--size {size}: it must be HEIGHTxWIDTH in pixels"):
            load(str(folder), Reading(size=size))

    def test_pictures_of_two_sizes(self, folder, refused):
        stripes(True, (8, 8)).save(folder / "rows" / "large.png")

        said = refused("train", "--data", folder)

        assert "is 6 x 5, but" in said
        assert said.endswith("large.png is 8 x 8; pictures must all have one size. Try --size 6x5 "
                             "to scale them.")  # fmt: skip

    def test_parts_of_two_sizes(self, parts):
        shutil.rmtree(parts / "testing")
        write(parts / "testing", shape=(9, 9))

        with pytest.raises(DataError, match=r"they must be of one size\. Try --size 6x5"):
            load(str(parts))

    def test_what_python_would_be_given_is_not_named(self, folder, tmp_path):
        (folder / "spots").mkdir()
        with pytest.raises(DataError, match=r"one at least\. Remove the folder\.$"):
            load(str(folder))

        write(tmp_path / "numbers")
        (tmp_path / "numbers" / "columns").rename(tmp_path / "numbers" / "1")
        (tmp_path / "numbers" / "rows").rename(tmp_path / "numbers" / "01")
        with pytest.raises(DataError, match=r"into the other\. If not, rename one\.$"):
            load(str(tmp_path / "numbers"))

    def test_one_class(self, folder):
        shutil.rmtree(folder / "rows")

        with pytest.raises(DataError, match="every picture is of the class columns; there must be"):
            load(str(folder))

    def test_a_file_that_is_damaged(self, folder, refused):
        (folder / "rows" / "03.png").write_bytes(b"?")

        assert "03.png: this is no picture that can be read; every" in refused(
            "train", "--data", folder
        )


class TestRun:
    def test_it_notes_how_its_data_is_read(self, run):
        noted = json.loads((run / "run.json").read_text("utf-8"))

        assert noted["data"]["class_names"] == ["columns", "rows"]
        assert noted["data"]["shape"] == [6, 5]
        assert noted["results"]["test_accuracy"] > 0.8

    def test_its_example_is_a_picture_as_it_is(self, run, source):
        _, test = load(str(source), Reading(seed=4))

        with Image.open(run / "example.png") as example:
            np.testing.assert_array_equal(np.asarray(example), test.inputs[0])

    @pytest.mark.parametrize("count", [1, 2])
    def test_other_files_in_the_folder_are_counted(self, folder, gradatim, count):
        for number in range(count):
            (folder / "rows" / f"notes{number}.txt").write_text("stripes", "utf-8")

        out = gradatim("train", "--data", folder, "--steps", 1, "--batch", 10).out

        files = "1 other file" if count == 1 else "2 other files"
        assert out.splitlines()[1] == f"  {files} in the folder left out"

    def test_without_such_files_nothing_is_said(self, folder, gradatim):
        out = gradatim("train", "--data", folder, "--steps", 1, "--batch", 10).out

        assert "50 images to learn from" in out
        assert "left out" not in out

    def test_it_is_evaluated_on_the_same_parts(self, run, gradatim):
        out = gradatim("evaluate", run).out

        noted = json.loads((run / "run.json").read_text("utf-8"))["results"]
        assert f"{noted['test_loss']:.4f}" in out
        assert f"{noted['train_loss']:.4f}" in out
        assert "Note:" not in out

    def test_other_pictures_are_all_tested_on_and_scaled(self, run, gradatim, tmp_path):
        write(tmp_path / "others", count=4, shape=(12, 10), colour=True)

        out = gradatim("evaluate", run, "--data", tmp_path / "others").out

        rows = [line.split()[:2] for line in out.splitlines() if line.startswith("t")]
        assert rows == [["test", "8"]]

    def test_other_classes_are_refused(self, run, refused, tmp_path):
        write(tmp_path / "others", count=4)
        (tmp_path / "others" / "rows").rename(tmp_path / "others" / "circles")

        assert "there is a folder circles, but the classes are columns, rows" in refused(
            "evaluate", run, "--data", tmp_path / "others"
        )

    def test_mistakes_are_named(self, run, gradatim, tmp_path):
        write(tmp_path / "others", count=4)
        swapped = tmp_path / "others"
        (swapped / "rows").rename(swapped / "kept")
        (swapped / "columns").rename(swapped / "rows")
        (swapped / "kept").rename(swapped / "columns")

        out = gradatim("evaluate", run, "--data", swapped).out

        assert "  columns read as rows " in out
        assert "  rows read as columns " in out

    @pytest.mark.parametrize("name", ["columns", "rows"])
    def test_it_names_what_it_sees(self, run, gradatim, source, name):
        outcome = gradatim("predict", run, *sorted((source / name).glob("0?.png")))

        assert outcome.status == 0
        assert outcome.out.count(f".png: {name} (") >= 8
        assert "  columns  " in outcome.out
        assert len(outcome.out.split("\n\n")[1].splitlines()) >= 6

    @pytest.mark.parametrize(("level", "said"), [(0, True), (255, True), (None, False)])
    def test_a_picture_that_shows_nothing(self, run, gradatim, tmp_path, level, said):
        plain = stripes(upright=True) if level is None else Image.new("L", (5, 6), level)
        plain.save(tmp_path / "plain.png")

        outcome = gradatim("predict", run, tmp_path / "plain.png")

        assert outcome.status == 0
        assert ("All pixels of this picture are alike" in outcome.out) is said

    def test_a_picture_of_another_size_and_in_colour_is_read(self, run, gradatim, tmp_path):
        stripes(True, (60, 50), colour=True).save(tmp_path / "large.jpg")

        assert gradatim("predict", run, tmp_path / "large.jpg").status == 0

    @pytest.mark.parametrize(
        ("content", "said"),
        [(b"?", "this is no picture that can be read"), (None, "cannot be read: no such file")],
    )
    def test_a_picture_that_cannot_be_read_is_named(self, run, gradatim, tmp_path, content, said):
        if content is not None:
            (tmp_path / "x.png").write_bytes(content)

        outcome = gradatim("predict", run, "x.png")

        assert outcome.status == 2
        assert "gradatim predict: x.png: " in outcome.err
        assert said in outcome.err


def test_a_network_can_learn_from_pictures_in_colour(gradatim, tmp_path):
    write(tmp_path / "stripes", count=9, colour=True)

    train = gradatim("train", "--data", "stripes", "--steps", 3, "--batch", 5, "--out", "run")
    predict = gradatim("predict", "run", "run/example.png")

    assert train.status == predict.status == 0
    assert "90-50-2 relu" in train.out
    with Image.open(tmp_path / "run" / "example.png") as example:
        assert example.mode == "RGB"
