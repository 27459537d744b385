"""The page of drawings shows what its script draws."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from gradatim.notebooks.figure import FIGURES

DOCS = Path(__file__).parents[2] / "docs"
FOLDER = DOCS / "images" / "figures"


def test_every_figure_is_shown():
    page = (DOCS / "drawing.md").read_text(encoding="utf-8")
    shown = re.findall(r"!\[[^\]]+\]\(images/figures/([^)]+)\.svg\)", page)

    assert shown == list(FIGURES)
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(FIGURES)


def test_the_figures_are_drawn_again_byte_for_byte(tmp_path):
    """Not that of the network: its last digits are those of a BLAS."""
    runpy.run_path(str(DOCS / "figures.py"))["main"](tmp_path)

    for name in set(FIGURES) - {"layers"}:
        assert (tmp_path / f"{name}.svg").read_bytes() == (FOLDER / f"{name}.svg").read_bytes()
