"""Tables are aligned in a terminal and valid as Markdown."""

from __future__ import annotations

import math

import pytest
from sides.table import Table, micro, ratio


def example():
    table = Table("Title", "side", "us", "share")
    table.add("ours", "98", "1.00")
    table.add("a longer name", "1,234", "0.08")
    table.note("not installed: x")
    return table


def test_figures_stand_under_each_other():
    assert example().text().splitlines() == [
        "Title",
        "  side              us  share",
        "  ours              98   1.00",
        "  a longer name  1,234   0.08",
        "  not installed: x",
    ]


def test_markdown_has_a_rule_and_notes_as_a_list():
    assert example().text(markdown=True).splitlines() == [
        "**Title**",
        "",
        "| side | us | share |",
        "| --- | ---: | ---: |",
        "| ours | 98 | 1.00 |",
        "| a longer name | 1,234 | 0.08 |",
        "",
        "- not installed: x",
    ]


def test_a_row_has_a_cell_for_each_column():
    with pytest.raises(ValueError, match="2 cells for 3 columns"):
        example().add("ours", "1")


def test_times_have_three_figures_or_all_before_the_point():
    assert [micro(x) for x in (1.234e-5, 1.11e-4, 0.0134, math.nan)] == [
        *("12.3", "111", "13,400", "-")
    ]


def test_a_share_of_nothing_is_a_dash():
    assert [ratio(1.0, 2.0), ratio(1.0, 0.0), ratio(1.0, math.nan)] == ["0.50", "-", "-"]
