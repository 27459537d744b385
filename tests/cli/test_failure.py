"""Errors as sentences."""

from __future__ import annotations

import pytest

from gradatim.cli import failure
from gradatim.errors import DataError, ShapeError


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (DataError("read_image: a.png: it is blank."), "a.png: it is blank."),
        (DataError("RunFolder.open: runs: no run."), "runs: no run."),
        (DataError("--lr is -1; no."), "--lr is -1; no."),
        (DataError("a plain sentence: yes."), "a plain sentence: yes."),
        (FileNotFoundError(2, "No such file or directory", "x"), "x: no such file or directory."),
        (OSError("something odd"), "something odd."),
        (MemoryError(), "there is not enough memory: what was asked for is too large."),
    ],
)
def test_what_is_said_of_an_error(error, sentence):
    assert failure.refusal(error) == sentence


def test_the_place_in_a_model_is_part_of_the_sentence():
    error = ShapeError("matmul: inner sizes differ.")
    error.places.append("first (Linear)")

    assert "in first (Linear)" in failure.refusal(error)


def test_a_refusal_is_one_line(capsys):
    text = "it does not fit.\n  wrong shape: a\n  wrong shape: b\n in first (Linear)"

    assert failure.refuse("gradatim train", text) == 2
    assert capsys.readouterr().err == (
        "gradatim train: it does not fit. wrong shape: a; wrong shape: b; in first (Linear).\n"
    )
