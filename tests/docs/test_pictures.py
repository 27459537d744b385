"""The page of pictures shows what its script draws."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

DOCS = Path(__file__).parents[2] / "docs"
FOLDER = DOCS / "images" / "pictures"


@pytest.fixture(scope="module")
def script():
    """The script that draws them, as a module."""
    spec = importlib.util.spec_from_file_location("pictures_of_the_page", DOCS / "pictures.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_picture_is_shown_and_drawn(script):
    page = (DOCS / "pictures.md").read_text(encoding="utf-8")
    shown = re.findall(r"!\[[^\]]+\]\(images/pictures/([^)]+)\)", page)

    assert shown == list(script.PICTURES)
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(shown)


def test_the_architecture_is_drawn_again_byte_for_byte(script):
    kept = (FOLDER / "architecture.svg").read_text(encoding="utf-8")

    assert script.PICTURES["architecture.svg"]().svg() == kept


@pytest.mark.slow
@pytest.mark.parametrize("name", ["curves.svg", "flow.svg", "landscape.svg", "regions.svg"])
def test_a_picture_of_a_training_is_drawn_again(script, name):
    pytest.importorskip("matplotlib")
    drawn, kept = (
        {re.sub(r"[\d.,e+-]+", "#", text) for text in texts(source)}
        for source in (script.PICTURES[name]().svg(), (FOLDER / name).read_text(encoding="utf-8"))
    )

    assert drawn == kept


def texts(source):
    found = ElementTree.fromstring(source).iter("{http://www.w3.org/2000/svg}text")
    return [node.text for node in found]
