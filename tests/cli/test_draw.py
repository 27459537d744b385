"""`gradatim draw`: figures of the notebooks, runs, and what is in a file of the user's."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gradatim.cli import draw as module
from gradatim.cli.saved import open_run

FILE = """
import numpy as np
import gradatim as gd

apple = gd.Tensor(100.0, requires_grad=True)
tax = gd.Tensor(1.1, requires_grad=True)
half = apple * 2
price = half * tax
price.backward()
model = gd.nn.Linear(4, 3, rng=0)
number = 3

def make():
    x = gd.Tensor(3.0, requires_grad=True, name="x")
    return x * x

def twice(x):
    return 2 * x

def area(width, height, unit=1):
    return width * height * unit

def broken():
    return 1 / 0
"""


@pytest.fixture
def file(gradatim, tmp_path):
    (tmp_path / "mine.py").write_text(FILE, "utf-8")
    return "mine.py"


def first_words(outcome):
    assert (outcome.status, outcome.err) == (0, "")
    return [line.split(" ")[0] for line in outcome.out.splitlines()]


class TestFigures:
    def test_a_figure_is_printed_as_text(self, gradatim):
        outcome = gradatim("draw", "apples")

        lines = {line.split()[0]: line.split()[-2:] for line in outcome.out.splitlines()[2:]}
        assert lines["apple"] == ["100", "2.2"]
        assert lines["price"] == ["715", "1"]
        assert lines["oranges"] == ["3", "165"]

    @pytest.mark.parametrize(
        ("name", "beginning"),
        [
            ("a.svg", b"<svg"),
            ("a.png", b"\x89PNG"),
            ("a.html", b"<!doctype html>"),
            ("a.md", b"```mermaid"),
            ("a.dot", b"digraph"),
        ],
    )
    def test_the_suffix_chooses_the_form(self, gradatim, tmp_path, name, beginning):
        assert gradatim("draw", "apple", "-o", name) == (0, f"Drew {name}\n", "")

        assert (tmp_path / name).read_bytes().startswith(beginning)

    def test_the_modules_of_a_figure_are_opened(self, gradatim):
        folded = gradatim("draw", "layers", "--depth", "0").out
        opened = gradatim("draw", "layers", "--depth", "all").out

        assert "= Sequential(x)" in folded
        assert "relu(h" in opened
        assert "Linear(784, 50)(" not in opened

    def test_an_unknown_suffix_is_refused(self, refused):
        assert ".svg" in refused("draw", "apple", "-o", "a.pdf")

    def test_a_page_is_opened_in_the_browser(self, gradatim, tmp_path, monkeypatch):
        opened = []
        monkeypatch.setattr(module.webbrowser, "open", opened.append)

        assert gradatim("draw", "apple", "-o", "a.html", "--open").out == "Drew a.html\n"
        assert opened == [(tmp_path / "a.html").as_uri()]

    def test_without_a_file_a_page_is_made_to_be_opened(self, gradatim, monkeypatch):
        opened = []
        monkeypatch.setattr(module.Drawing, "open", lambda drawing: opened.append(drawing))

        assert gradatim("draw", "apple", "--open") == (0, "", "")
        assert [drawing.picture.title for drawing in opened] == ["price"]


class TestFiles:
    def test_the_last_result_is_drawn_with_the_names_of_the_file(self, gradatim, file):
        assert first_words(gradatim("draw", file)) == [
            "price", "─" * 35, "apple", "half", "tax", "price"
        ]  # fmt: skip

    def test_a_tensor_can_be_named(self, gradatim, file):
        assert first_words(gradatim("draw", f"{file}:half"))[2:4] == ["apple", "half"]

    def test_a_function_is_called(self, gradatim, file):
        outcome = gradatim("draw", f"{file}:make")

        assert "x" in first_words(outcome)
        assert "no gradient yet" in outcome.out

    def test_a_model_is_given_an_input_of_the_shape(self, gradatim, file):
        outcome = gradatim("draw", f"{file}:model", "--input", "5x4", "--depth", "all")

        assert "(5, 3)" in outcome.out
        assert "weight" in outcome.out

    def test_a_function_with_arguments_is_given_inputs(self, gradatim, file):
        assert "(2, 3)" in gradatim("draw", f"{file}:twice", "--input", "2x3").out

    def test_a_function_is_given_numbers(self, gradatim, file):
        outcome = gradatim("draw", f"{file}:twice", "--input", "2.5")

        assert outcome.out.splitlines()[-1].split()[-1] == "5"
        assert "-6" in gradatim("draw", f"{file}:twice", "--input", "-3.0").out

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (
                [":twice"],
                "mine.py: twice takes x; say of what shape, or which number: --input 3x4, or "
                "--input 2.0?",
            ),
            (
                [":area"],
                "mine.py: area takes width, height; say of what shape, or which number: --input "
                "3x4 --input 3x4, or --input 2.0 --input 2.0?",
            ),
            ([":model"], "mine.py: model is a model; say what it is called with: --input 3x4?"),
            ([":pric"], "mine.py: there is no pric in this file; did you mean price?"),
            ([":zzz"], "mine.py: there is no zzz in this file; check the name."),
            (
                [":number"],
                "mine.py: number is of type int; it must be a Tensor, a model, or a function that "
                "returns one.",
            ),
            (
                [":broken"],
                "mine.py:24: ZeroDivisionError: division by zero; in return 1 / 0.",
            ),
            ([":model", "--input", "3x"], "--input 3x: this is not a shape; write it as 3x4."),
            (
                ["", "--depth", "deep"],
                "--depth deep: it must be a number of levels, or all; try --depth 1.",
            ),
        ],
        ids=["one", "two", "model", "near", "far", "number", "broken", "shape", "depth"],
    )
    def test_what_cannot_be_drawn_is_refused(self, refused, file, arguments, sentence):
        name, *options = arguments

        assert refused("draw", file + name, *options) == sentence

    def test_a_file_without_results_is_refused(self, refused, tmp_path):
        (tmp_path / "bare.py").write_text("x = 3", "utf-8")

        assert refused("draw", "bare.py") == (
            "bare.py: no variable in this file is a computed Tensor; name a function that returns "
            "one: bare.py:NAME."
        )


class TestRuns:
    def test_a_run_is_drawn_with_a_digit_its_loss_and_its_gradients(self, gradatim, trained):
        outcome = gradatim("draw", trained)
        digit, table = outcome.out.split("\n\nloss  ")

        assert (outcome.status, outcome.err) == (0, "")
        assert "@@" in digit
        assert "(1, 28, 28)" in table
        assert "layers.2.weight" in table
        assert "no gradient" not in table

    def test_it_is_said_what_the_digit_is_taken_for(self, gradatim, trained):
        last = gradatim("draw", trained, "--depth", "all").out.splitlines()[-1]
        told = module._reading(open_run(trained), np.array([0.75, 0.25]), 1)

        assert re.fullmatch(r"taken for \d \([\d.]+%\), (rightly|but it is 0)", last)
        assert told == "taken for 0 (75.0%), but it is 1"

    def test_the_digit_is_seen_in_a_picture(self, gradatim, trained, tmp_path):
        gradatim("draw", trained, "-o", "net.svg")

        assert (tmp_path / "net.svg").read_text("utf-8").count("l-positive") > 50

    @pytest.mark.parametrize(
        ("target", "sentence"),
        [
            ("aples", "aples: there is no such figure, run or file; did you mean apples?"),
            (
                "zzz",
                "zzz: there is no such figure, run or file; the figures are apple, apples, affine, "
                "batch, softmax, layers.",
            ),
            ("notes.txt", "notes.txt: this is neither a file of Python nor a run."),
        ],
    )
    def test_anything_else_is_refused(self, refused, tmp_path, target, sentence):
        (tmp_path / "notes.txt").write_text("", "utf-8")

        assert refused("draw", target) == sentence
