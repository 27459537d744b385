"""`gradatim predict`: pictures of any size and colour, shown as the network sees them."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gradatim import nn
from gradatim.store import RunFolder

spec = importlib.util.spec_from_file_location("drawing", Path(__file__).with_name("conftest.py"))
drawing = importlib.util.module_from_spec(spec)
spec.loader.exec_module(drawing)
draw = drawing.draw


def coloured(digit):
    """A yellow digit on blue."""
    ink = draw(digit, size=120)[:, :, None] < 128
    return np.where(ink, [250, 220, 40], [20, 40, 120]).astype(np.uint8)


class TestReading:
    @pytest.mark.parametrize("digit", [0, 3, 7])
    @pytest.mark.parametrize(
        "levels",
        [
            lambda digit: draw(digit),
            lambda digit: draw(digit, size=300),
            lambda digit: draw(digit, size=40),
            lambda digit: draw(digit, ink=255, paper=0),
            lambda digit: draw(digit, ink=90, paper=200),
            lambda digit: np.pad(draw(digit), ((10, 150), (80, 5)), constant_values=255),
            coloured,
        ],
        ids=["64", "300", "40", "inverted", "pale", "off centre", "coloured"],
    )
    def test_size_place_and_colour_do_not_matter(self, gradatim, trained, picture, digit, levels):
        path = picture("a.png", levels(digit))

        outcome = gradatim("predict", trained, path)

        assert (outcome.status, outcome.err) == (0, "")
        assert outcome.out.startswith(f"{path}: {digit} (")

    def test_probabilities_are_shown_as_bars_beside_the_digit(self, gradatim, trained, picture):
        lines = gradatim("predict", trained, picture("3.png", draw(3))).out.splitlines()

        bars = [line[56:].split() for line in lines if line[59:60].isdigit()]
        assert len(lines) == 30
        assert [bar[0] for bar in bars] == [*"0123456789"]
        assert sum(float(bar[1]) for bar in bars) == pytest.approx(1, abs=0.006)
        assert len(max(bars, key=lambda bar: float(bar[1]))) == 3

    def test_several_pictures_one_after_another(self, gradatim, trained, picture):
        paths = [picture(f"{digit}.png", draw(digit)) for digit in (1, 5)]

        out = gradatim("predict", trained, *paths).out

        assert [out.index(f"{path}: ") for path in paths] == sorted(
            out.index(f"{path}: ") for path in paths
        )
        assert len(out.splitlines()) == 2 * 30 + 1

    def test_a_network_of_another_dtype(self, gradatim, picture, tmp_path):
        model = nn.MLP([784, 10], dtype=np.float64, rng=0)
        run = RunFolder.create(tmp_path / "run")
        run.save_model(model.state_dict(), model.architecture())

        assert gradatim("predict", run.path, picture("3.png", draw(3))).status == 0


class TestPlace:
    def test_there_are_no_control_characters_where_there_is_no_terminal(
        self, gradatim, trained, picture
    ):
        out = gradatim("predict", trained, picture("3.png", draw(3))).out

        assert all(letter.isprintable() or letter == "\n" for letter in out)
        assert not any(line.endswith(" ") for line in out.splitlines())

    @pytest.fixture
    def terminal(self, monkeypatch):
        """Standard output is a terminal of so many columns."""

        def make(columns):
            monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
            for name in ("NO_COLOR", "TTY_COMPATIBLE"):
                monkeypatch.delenv(name, raising=False)
            monkeypatch.setenv("TERM", "xterm-256color")
            monkeypatch.setenv("COLORTERM", "truecolor")
            monkeypatch.setenv("COLUMNS", str(columns))

        return make

    def test_a_terminal_shows_grey_with_the_bars_beside_it(
        self, gradatim, trained, picture, terminal
    ):
        terminal(80)

        lines = gradatim("predict", trained, picture("3.png", draw(3))).out.splitlines()

        assert len(lines) == 2 + 14
        assert lines[2].count("▀") == 28
        assert "\x1b[38;2;" in lines[2]

    def test_a_narrow_one_shows_them_below(self, gradatim, trained, picture, terminal, monkeypatch):
        terminal(60)
        monkeypatch.setenv("NO_COLOR", "1")

        lines = gradatim("predict", trained, picture("3.png", draw(3))).out.splitlines()

        assert not any("\x1b" in line for line in lines)
        assert len(lines) == 2 + 28 + 1 + 10
        assert max(map(len, lines[2:])) <= 60


class TestRefusals:
    def test_no_such_picture(self, refused, trained):
        assert refused("predict", trained, "absent.png") == (
            "absent.png: there is no such file; check the path."
        )

    def test_a_folder(self, refused, trained, tmp_path):
        assert refused("predict", trained, tmp_path) == (
            f"{tmp_path}: this is a folder; name an image inside it."
        )

    def test_a_file_that_is_no_picture(self, refused, trained, tmp_path):
        path = tmp_path / "notes.png"
        path.write_text("not a picture", "utf-8")

        assert refused("predict", trained, path).startswith(
            f"{path}: this is not an image that can be read; it must be PNG, JPEG,"
        )

    def test_a_picture_cut_short(self, refused, trained, picture):
        path = picture("3.png", draw(3, size=300))
        path.write_bytes(path.read_bytes()[:200])

        assert f"{path}: the image is damaged or cut short" in refused("predict", trained, path)

    def test_a_blank_picture_is_named(self, refused, trained, picture):
        blank = picture("no.png", np.full((50, 50), 255, np.uint8))

        assert refused("predict", trained, blank).startswith(
            f"{blank}: the image is blank: its strongest mark differs"
        )

    def test_good_pictures_are_shown_beside_bad_ones(self, gradatim, trained, picture):
        blank = picture("no.png", np.full((50, 50), 255, np.uint8))
        good = [picture(f"{digit}.png", draw(digit)) for digit in (3, 5)]

        outcome = gradatim("predict", trained, "absent.png", good[0], blank, good[1])

        assert outcome.status == 2
        assert [f"{path}: " in outcome.out for path in good] == [True, True]
        assert len(outcome.out.splitlines()) == 2 * 30 + 1
        first, second = outcome.err.splitlines()
        assert first == "gradatim predict: absent.png: there is no such file; check the path."
        assert second.startswith(f"gradatim predict: {blank}: the image is blank: ")

    def test_no_run(self, refused, picture):
        assert refused("predict", "absent", picture("3.png", draw(3))).startswith(
            "absent: there is no such folder;"
        )

    def test_a_network_for_other_pictures(self, refused, picture, tmp_path):
        model = nn.MLP([64, 10])
        run = RunFolder.create(tmp_path / "run")
        run.save_model(model.state_dict(), model.architecture())

        found = refused("predict", run.path, picture("3.png", draw(3)))

        assert found.startswith(f"{run.path}: this network cannot read pictures of digits:")
        assert "784" in found

    @pytest.mark.parametrize(
        ("architecture", "sentence"),
        [
            ({"layer": "Own"}, "there is no layer named 'Own'"),
            ({"class": "Own"}, "a layer is a dict with its name under 'layer'"),
            ({"layer": "MLP", "sizes": [784, 20, 10]}, "layers.0.weight"),
            ({"layer": "ReLU"}, "layers"),
        ],
    )
    def test_a_model_that_is_not_what_it_says(
        self, refused, trained, tmp_path, picture, architecture, sentence
    ):
        run = RunFolder(shutil.copytree(trained, tmp_path / "run"))
        run.save_model(run.load_model()[0], architecture)

        found = refused("predict", run.path, picture("3.png", draw(3)))

        assert found.startswith(f"{run.path}: its model cannot be used: ")
        assert sentence in found

    def test_a_model_without_weights(self, refused, tmp_path, picture):
        run = RunFolder.create(tmp_path / "run")
        run.save_model({}, {"layer": "ReLU"})

        assert refused("predict", run.path, picture("3.png", draw(3))) == (
            f"{run.path}: its model has no weights."
        )


def test_the_example_of_a_run_is_read_as_its_test_image(gradatim, trained):
    outcome = gradatim("predict", trained, trained / "example.png")

    with Image.open(trained / "example.png") as image:
        assert image.mode == "L"
    assert outcome.out.startswith(f"{trained / 'example.png'}: 0 (")
