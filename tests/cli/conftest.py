"""A folder of small data, a run trained on it, and the command line called as a function."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from gradatim.cli import main
from gradatim.data import write_idx
from gradatim.data.image import prepare_digit

TRAINED = ["--steps", "300", "--optimizer", "adam", "--batch", "50"]


class Outcome(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str


def draw(digit, size=64, offset=(0, 0), angle=0.0, ink=0, paper=255):
    """A digit as a printer writes it: array of uint8 (size, size)."""
    image = Image.new("L", (size, size), paper)
    font = ImageFont.load_default(size * 3 // 4)
    middle = (size / 2 + offset[0], size / 2 + offset[1])
    ImageDraw.Draw(image).text(middle, str(digit), fill=ink, font=font, anchor="mm")
    return np.asarray(image.rotate(angle, fillcolor=paper, resample=Image.Resampling.BILINEAR))


def sample(count, seed):
    """Digits in the form of MNIST, each turned and shifted a little."""
    random = np.random.default_rng(seed)
    labels = np.arange(count, dtype=np.uint8) % 10
    images = [
        prepare_digit(draw(label, offset=random.uniform(-3, 3, 2), angle=random.uniform(-12, 12)))
        for label in labels
    ]
    return np.stack(images), labels


@pytest.fixture(scope="session")
def digits(tmp_path_factory):
    """A folder with the four files: 300 images to learn from, 100 to test on."""
    folder = tmp_path_factory.mktemp("data") / "printed digits"
    folder.mkdir()
    for part, count, packed in (("train", 300, ""), ("t10k", 100, ".gz")):
        images, labels = sample(count, seed=count)
        write_idx(folder / f"{part}-images-idx3-ubyte{packed}", images)
        write_idx(folder / f"{part}-labels-idx1-ubyte{packed}", labels)
    return folder


@pytest.fixture(scope="session")
def trained(digits, tmp_path_factory):
    """The folder of a run that has learned them; tests leave it as it is."""
    run = tmp_path_factory.mktemp("runs") / "learned"
    assert main(["train", "--data", str(digits), "--out", str(run), *TRAINED]) == 0
    return run


@pytest.fixture
def gradatim(capsys, monkeypatch, tmp_path):
    """The command line, in an empty folder: ``gradatim("train", "--steps", 5)``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["gradatim"])
    monkeypatch.setenv("COLUMNS", "80")

    def call(*arguments):
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        return Outcome(status, *capsys.readouterr())

    return call


@pytest.fixture
def refused(gradatim):
    """The sentence with which a command is refused, after its name."""

    def call(*arguments):
        outcome = gradatim(*arguments)
        assert outcome.status == 2
        assert outcome.out == ""
        assert outcome.err.count("\n") == 1, outcome.err
        caller, _, sentence = outcome.err.rstrip("\n").partition(": ")
        assert caller in ("gradatim", f"gradatim {arguments[0]}")
        assert sentence.endswith((".", "?")), sentence
        return sentence

    return call


@pytest.fixture
def picture(tmp_path):
    """Save an array as a file and return its path."""

    def save(name, levels, mode=None) -> Path:
        path = tmp_path / name
        Image.fromarray(levels, mode).save(path)
        return path

    return save
