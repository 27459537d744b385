"""`gradatim explain`: figures of the notebooks, and what is in a file of the user's."""

from __future__ import annotations

import pytest

FILE = """
import gradatim as gd

apple = gd.Tensor(100.0, requires_grad=True)
tax = gd.Tensor(1.1, requires_grad=True)
amount = apple * 2
price = amount * tax
number = 3
model = gd.nn.Linear(2, 1, rng=0)

def make():
    x = gd.Tensor(3.0, requires_grad=True, name="x")
    return x * x

def broken():
    return 1 / 0

def network():
    return model([[1.0, 2.0]]).sum()
"""

APPLE = """\
Forward
  amount = apple * 2    = 100 * 2   = 200
  price  = amount * tax = 200 * 1.1 = 220

Backward
  dprice  = 1
  damount = dprice * tax = 1 * 1.1 = 1.1
  dapple  = damount * 2  = 1.1 * 2 = 2.2

Chain rule for apple: one path
  price <- amount <- apple
  dprice/dapple = dprice/damount * damount/dapple
                = tax * 2
                = 1.1 * 2
                = 2.2
"""


@pytest.fixture
def file(gradatim, tmp_path):
    (tmp_path / "mine.py").write_text(FILE, "utf-8")
    return "mine.py"


def test_the_last_result_of_a_file_is_explained(gradatim, file):
    assert gradatim("explain", file, "--wrt", "apple") == (0, APPLE, "")


def test_a_tensor_or_a_function_can_be_named(gradatim, file):
    assert "damount = 1" in gradatim("explain", f"{file}:amount").out
    assert "Chain rule for x: 2 paths, added" in gradatim("explain", f"{file}:make").out
    assert "Chain rule for weight: one path" in gradatim("explain", f"{file}:network").out


@pytest.mark.parametrize("name", ["apple", "apples", "affine", "batch", "softmax", "layers"])
def test_the_figures_are_explained(gradatim, name):
    outcome = gradatim("explain", name)

    assert (outcome.status, outcome.err) == (0, "")
    assert "Chain rule for" in outcome.out


def test_the_network_tells_why_it_is_y_minus_t(gradatim):
    assert "is (y - t) / 3" in gradatim("explain", "layers").out


@pytest.mark.parametrize(
    ("form", "beginning"),
    [("text", "Forward"), ("latex", r"\textbf{"), ("markdown", "### Forward")],
)
def test_there_are_three_forms(gradatim, form, beginning):
    assert gradatim("explain", "apple", "--as", form).out.startswith(beginning)


@pytest.mark.parametrize(
    ("name", "beginning"), [("a.txt", "Forward"), ("a.tex", r"\textbf{"), ("a.md", "### Forward")]
)
def test_the_suffix_of_a_file_chooses_the_form(gradatim, tmp_path, name, beginning):
    assert gradatim("explain", "apple", "-o", name) == (0, f"Wrote {name}\n", "")

    assert (tmp_path / name).read_text("utf-8").startswith(beginning)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["aple"], "aple: there is no such figure or file; did you mean apple?"),
        (["mine.py:pric"], "mine.py: there is no pric in this file; did you mean price?"),
        (
            ["mine.py:number"],
            "mine.py: number is of type int; it must be a Tensor, or a function without",
        ),
        (["mine.py:model"], "model is of type Linear; it must be a Tensor, or a function"),
        (["mine.py:broken"], "mine.py:16: ZeroDivisionError: division by zero; in return 1 / 0."),
        (["apple", "--wrt", "aple"], "--wrt aple: there is no aple in this computation; did you"),
        (["apple", "-o", "a.pdf"], "the file must be named .txt, .tex or .md"),
        (["missing.py"], "there is no such file"),
    ],
)
def test_what_cannot_be_explained_is_refused(refused, file, arguments, sentence):
    assert sentence in refused("explain", *arguments)


def test_a_run_is_no_computation(refused, tmp_path):
    (tmp_path / "runs").mkdir()

    assert refused("explain", "runs") == (
        "runs: this is a folder; what is explained is a loss in a file of Python, or a figure: "
        "did you mean layers, a network like that of a run?"
    )
