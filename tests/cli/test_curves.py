"""`gradatim curves`: the course of runs as text and as a picture."""

from __future__ import annotations

import pytest

from gradatim.store import RunFolder


def rows(rate, count=5):
    return [
        {
            "step": 1000 * i,
            "train_loss": 2.0 / rate**i,
            "test_loss": 2.1 / rate**i + 0.05 * (i == count - 1),
            "train_accuracy": None,
            "test_accuracy": 1 - 0.9 / rate**i,
        }
        for i in range(count)
    ]


@pytest.fixture
def runs(tmp_path):
    """Two runs, relative to the folder in which the command line works."""
    for name, rate in (("sgd", 2.0), ("adam", 3.0)):
        RunFolder.create(tmp_path / "runs" / name).save_history(rows(rate))
    return ["runs/sgd", "runs/adam"]


def test_each_figure_has_a_line_for_each_run(gradatim, runs):
    outcome = gradatim("curves", *runs)

    assert (outcome.status, outcome.err) == (0, "")
    paragraphs = [part.splitlines() for part in outcome.out.strip().split("\n\n")]
    assert [part[0] for part in paragraphs] == [
        "loss on the training data",
        "loss on the test data",
        "accuracy on the test data",
    ]
    assert paragraphs[2][1:] == [
        "  sgd     10.00% ▁▅▆▇█   94.38%  best 94.38% at step 4,000",
        "  adam    10.00% ▁▆▇██   98.89%  best 98.89% at step 4,000",
    ]


def test_the_best_is_told_even_if_it_is_not_the_last(gradatim, runs, tmp_path):
    RunFolder.create(tmp_path / "worse").save_history(
        [*rows(2.0), {"step": 9000, "test_loss": 1.0}]
    )

    out = gradatim("curves", "worse").out

    assert "1.0000  best 0.1813 at step 4,000" in out


def test_a_picture_is_drawn_where_one_is_asked_for(gradatim, runs, tmp_path):
    outcome = gradatim("curves", *runs, "-o", "both.svg")

    assert outcome.status == 0
    assert outcome.out.endswith("\nDrew both.svg\n")
    drawn = (tmp_path / "both.svg").read_text(encoding="utf-8")
    assert "sgd 94.4%" in drawn
    assert "adam 98.9%" in drawn


def test_a_run_that_diverged_says_so(gradatim, tmp_path):
    bad = [*rows(2.0), {"step": 9000, "test_loss": float("nan")}]
    RunFolder.create(tmp_path / "bad").save_history(bad)

    assert "at step 4,000 (then diverged)" in gradatim("curves", "bad").out


def test_a_run_without_evaluations_says_so(gradatim, tmp_path):
    RunFolder.create(tmp_path / "empty").save_history([{"step": 0, "test_loss": None}])

    assert gradatim("curves", "empty").out == "No evaluation was made in any of them.\n"


def test_what_cannot_be_shown_is_refused(refused, runs):
    assert refused("curves") == "there is no RUN to show; name the folder of one run or more."
    assert refused("curves", "absent").startswith("absent: there is no such folder; a run is a fol")
    told = "a.bmp: the suffix is .bmp; it must be .svg, .png or .html. Did you mean a.svg?"
    assert refused("curves", *runs, "-o", "a.bmp") == told
