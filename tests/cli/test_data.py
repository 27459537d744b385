"""`gradatim data`: what data there is, and the same as files."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from gradatim.cli.source import load
from gradatim.data import ImageFolder


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """Pictures are not kept among the user's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADATIM_CACHE", str(tmp_path_factory.mktemp("kept")))
        yield


@pytest.fixture
def pets(tmp_path):
    """Six cats and three dogs in grey, and a file that is no picture."""
    root = tmp_path / "pets"
    for name, count in (("고양이", 6), ("dog", 3)):
        (root / name).mkdir(parents=True)
        for number in range(count):
            Image.new("L", (5, 4), 20 * number).save(root / name / f"{number}.png")
    (root / "dog" / "notes.txt").touch()
    return root


class TestInfo:
    def test_pictures_are_counted_by_class(self, gradatim, pets):
        outcome = gradatim("data", "info", pets)

        assert (outcome.status, outcome.err) == (0, "")
        assert outcome.out == (
            "Pictures: 9 images of 4 x 5 uint8, from 0 to 100\n"
            "  1 other files in the folder are left out\n"
            "  dog          3  ###############\n"
            "  고양이       6  ##############################\n"
        )

    def test_both_parts_are_described(self, gradatim, digits):
        out = gradatim("data", "info", digits).out

        assert "To learn from: 300 images of 28 x 28 uint8, from 0 to " in out
        assert "\n  0      31  ##############################\n" in out
        assert "\n\nTo test on: 100 images" in out


class TestExport:
    def test_the_round_trip(self, gradatim, digits, tmp_path):
        outcome = gradatim("data", "export", digits, "png")

        assert (outcome.status, outcome.out, outcome.err) == (0, "400 PNG files are in png.\n", "")
        for part, again in zip(load(str(digits)), load("png")):
            order = np.argsort(part.targets, kind="stable")
            np.testing.assert_array_equal(again.inputs, part.inputs[order])
            np.testing.assert_array_equal(again.targets, part.targets[order])
        assert (tmp_path / "png" / "training" / "7" / "007.png").exists()

    def test_idx_files_of_pictures(self, gradatim, digits):
        gradatim("data", "export", digits, "png")
        outcome = gradatim("data", "export", "png", "four", "--as", "idx")

        assert outcome.out == "Four IDX files are in four.\n"
        for part, again in zip(load("png"), load("four")):
            np.testing.assert_array_equal(again.inputs, part.inputs)

    def test_pictures_that_are_not_divided(self, gradatim, pets, tmp_path):
        assert gradatim("data", "export", pets, "copy").status == 0

        copy = ImageFolder(tmp_path / "copy", cache=False)
        assert copy.checksum == ImageFolder(pets, cache=False).checksum


class TestRefusals:
    def test_no_folder(self, refused):
        said = refused("data", "export", "mnist")
        assert said == "FOLDER is missing; try gradatim data export mnist mnist-png."

    def test_a_folder_too_many(self, refused):
        assert refused("data", "info", "mnist", "x") == (
            "there is no place for x; data info takes one name."
        )

    def test_a_folder_that_is_full(self, refused, pets):
        assert "this is not empty; name a folder that does not exist yet" in refused(
            "data", "export", pets, pets
        )

    def test_undivided_pictures_as_the_four_files(self, refused, pets):
        assert (
            "pictures that are not divided cannot become MNIST's four files; put them"
            in refused("data", "export", pets, "x", "--as", "idx")
        )

    def test_another_action(self, refused):
        assert refused("data", "exprot", "mnist").endswith("did you mean export?")

    def test_no_such_data(self, refused):
        assert "there is no such folder" in refused("data", "info", "nowhere")
