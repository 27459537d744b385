"""A table of evaluations, aligned under its heading."""

from __future__ import annotations

import pytest

from gradatim.train.table import Table, duration, figure

ROW = {
    "step": 600,
    "epoch": 1,
    "loss": 0.4003737,
    "train_loss": 0.35,
    "train_accuracy": 0.903367,
    "test_loss": 0.34,
    "test_accuracy": 0.9068,
    "seconds": 1.25,
    "examples_per_second": 48000.0,
}


def test_the_table_shows_what_the_notebooks_print():
    table = Table(ROW)

    assert table.heading.split() == [
        "step",
        "epoch",
        "loss",
        "train",
        "accuracy",
        "test",
        "accuracy",
        "time",
    ]
    assert table.line(ROW).split() == ["600", "1", "0.4004", "0.9034", "0.9068", "1.2", "s"]


def test_every_line_is_as_wide_as_the_heading():
    table = Table(ROW)
    late = ROW | {"step": 1234567, "epoch": 17, "loss": 1e-9, "seconds": 7384.0}

    assert {len(table.line(ROW)), len(table.line(late))} == {len(table.heading)}


@pytest.mark.parametrize("loss", [9999.99999, 17500.0, 99999.99, 1e99, 1e300, -17500.0, -1e-9])
def test_columns_stay_apart_however_large_a_loss_is(loss):
    row = ROW | {"train_accuracy": None, "test_accuracy": None}
    row |= {"loss": loss, "train_loss": loss, "test_loss": loss}
    table = Table(row)

    assert len(table.line(row)) == len(table.heading)
    step, epoch, *losses, _, _ = table.line(row).split()
    assert (step, epoch) == ("600", "1")
    assert [float(each) for each in losses] == pytest.approx([loss] * 3, rel=0.01)


def test_figures_end_below_the_end_of_their_heading():
    table = Table(ROW)
    line = table.line(ROW)
    for heading, text in (("step", "600"), ("train accuracy", "0.9034"), ("time", "1.2 s")):
        assert table.heading.index(heading) + len(heading) == line.index(text) + len(text)


def test_losses_stand_in_where_there_are_no_accuracies():
    heading = Table(ROW | {"train_accuracy": None, "test_accuracy": None}).heading

    assert "train loss" in heading
    assert "test loss" in heading
    assert "accuracy" not in heading


def test_nothing_is_said_of_a_test_that_is_not_made():
    heading = Table(ROW | {"test_accuracy": None, "test_loss": None}).heading

    assert "train accuracy" in heading
    assert "test" not in heading


def test_a_cell_without_a_figure_is_empty():
    assert Table(ROW).line(ROW | {"loss": None}).split()[:3] == ["600", "1", "0.9034"]


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("loss", 2.30149, "2.3015"),
        ("loss", 0.0, "0.0000"),
        ("loss", 1e-5, "1.000e-05"),
        ("loss", 9999.5, "9999.5000"),
        ("loss", 17500.0, "1.750e+04"),
        ("loss", 123456.0, "1.235e+05"),
        ("loss", float("nan"), "nan"),
        ("step", 10000, "10000"),
        ("seconds", 3.04, "3.0 s"),
        ("loss", None, ""),
    ],
)
def test_a_figure_is_written_with_the_digits_that_count(key, value, text):
    assert figure(key, value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0 s"), (59.94, "59.9 s"), (59.96, "1:00"), (61, "1:01"), (3600, "1:00:00")],
)
def test_a_duration_never_shows_sixty_seconds(seconds, text):
    assert duration(seconds) == text


def test_the_table_as_html_has_the_same_cells():
    html = Table(ROW).html([ROW, ROW])

    assert html.count("<tr>") == 3
    assert html.count("<td>0.9068</td>") == 2
    assert "<th>test accuracy</th>" in html
