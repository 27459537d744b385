"""The page of drawings shows what its script draws."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gradatim.notebooks.figure import FIGURES, figure

DOCS = Path(__file__).parents[2] / "docs"
FOLDER = DOCS / "images" / "figures"


def test_every_figure_is_shown():
    page = (DOCS / "drawing.md").read_text(encoding="utf-8")
    shown = re.findall(r"!\[[^\]]+\]\(images/figures/([^)]+)\.svg\)", page)

    assert shown == list(FIGURES)
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(FIGURES)


@pytest.mark.parametrize("name", [name for name in FIGURES if name != "layers"])
def test_a_figure_is_drawn_again_byte_for_byte(name):
    """Not that of the network: its last digits are those of a BLAS."""
    assert figure(name).svg() == (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
