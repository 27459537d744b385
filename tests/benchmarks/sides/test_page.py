"""A page keeps all but the run that it quotes."""

from __future__ import annotations

import pytest
from sides.page import put


def test_a_page_without_marks_is_left_alone(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("words\n", "utf-8")

    with pytest.raises(ValueError, match="must have the lines <!-- growth --> and"):
        put(page, "growth", "table")
    assert page.read_text("utf-8") == "words\n"


def test_a_run_is_replaced_and_its_neighbour_is_not(tmp_path):
    page = tmp_path / "page.md"
    marks = "<!-- {0} -->\nold\n<!-- end of {0} -->\n"
    page.write_text(marks.format("run") + marks.format("growth"), "utf-8")

    put(page, "growth", "new")
    put(page, "growth", "newer")

    kept = marks.format("run")
    assert page.read_text("utf-8") == (
        kept + "<!-- growth -->\n\nnewer\n\n<!-- end of growth -->\n"
    )
