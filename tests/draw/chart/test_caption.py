"""Titles are broken at spaces, fit their lines, and are cut where they are too long."""

from __future__ import annotations

import pytest

from gradatim.draw.chart.caption import caption
from gradatim.draw.form.lettering import width_of

LONG = ["w" * 300, "many words " * 40, "손글씨숫자" * 40, "手書き 数字 " * 40]


def test_a_short_title_stays_as_it_is():
    assert caption("784-50-10 on MNIST", 500.0, 12.0) == ["784-50-10 on MNIST"]
    assert caption("", 500.0, 12.0) == []
    assert caption("one\ntwo", 500.0, 12.0) == ["one", "two"]


def test_it_is_broken_at_spaces_without_losing_a_word():
    text = "loss and accuracy of three optimizers"
    lines = caption(text, 150.0, 12.0)

    assert 1 < len(lines) <= 3
    assert " ".join(lines) == text


@pytest.mark.parametrize("text", LONG)
def test_lines_fit_and_the_last_says_that_there_was_more(text):
    lines = caption(text, 200.0, 12.0)

    assert len(lines) == 3
    assert all(width_of(line, 12.0, bold=True) <= 200 for line in lines)
    assert lines[-1].endswith(" …")
    assert text.replace(" ", "").startswith("".join(lines).replace(" ", "")[:-1])
