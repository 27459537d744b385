"""Whatever is drawn is shown and saved in one way, and wrong files are refused in words."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from gradatim.draw import curves
from gradatim.draw.chart.sheet import Sheet, form_of
from gradatim.errors import DataError, DtypeError


class Note(Sheet):
    def svg(self):
        return "<?xml?><svg>ä</svg>"

    def png(self):
        return b"png"


@pytest.fixture
def note():
    return Note("walk")


def test_the_suffix_chooses_the_form(note, tmp_path):
    note.save(tmp_path / "a.svg", str(tmp_path / "a.PNG"), tmp_path / "a.html")

    assert (tmp_path / "a.svg").read_text(encoding="utf-8") == "<?xml?><svg>ä</svg>"
    assert (tmp_path / "a.PNG").read_bytes() == b"png"
    assert (tmp_path / "a.html").read_text(encoding="utf-8") == note.html()


def test_a_page_holds_the_picture_and_loads_nothing(note):
    page = note.html()

    assert page.startswith("<!DOCTYPE html>")
    assert "<svg>ä</svg></body>" in page
    assert "<?xml" not in page
    assert "src=" not in page


def test_a_page_of_a_sketch_is_dark_where_dark_is_preferred():
    page = curves([{"step": 0, "test_loss": 1.0}], title="<a & b>").html()

    assert "@media (prefers-color-scheme:dark){body{background:#14171c}}" in page
    ElementTree.fromstring(page[page.index("<svg") : page.index("</body>")])


def test_it_is_opened_in_a_browser(note, monkeypatch):
    seen = []
    monkeypatch.setattr("webbrowser.open", seen.append)
    path = note.open()

    assert seen == [path.as_uri()]
    assert path.read_text(encoding="utf-8") == note.html()
    path.unlink()


def test_it_must_be_said_where_to(note):
    with pytest.raises(DataError) as caught:
        note.save()
    assert str(caught.value) == (
        "walk: save was given no file; it must be given one or more. Try save('walk.svg')."
    )


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("", "walk: '': it names no file; it must be .svg, .png or .html. Did you mean walk.svg?"),
        (".", "walk: .: it names no file; "),
        ("a", "walk: a: the suffix is missing; "),
        (".svg", "walk: .svg: the suffix is missing; .* Did you mean walk.svg?"),
        ("a.svg.gz", "walk: a.svg.gz: the suffix is .gz; .* Did you mean a.svg?"),
        ("b/a.pdf", "walk: b/a.pdf: the suffix is .pdf; .* Did you mean a.svg?"),
        ("a\0.svg", r"walk: 'a\x00.svg': the name holds a character that no file may have; "),
    ],
)
def test_what_names_no_picture_is_refused(note, path, told):
    start, _, end = told.partition(".* ")
    with pytest.raises(DataError) as caught:
        note.save(path)
    assert str(caught.value).startswith(start)
    assert str(caught.value).endswith(end)


def test_a_list_of_files_is_refused(note):
    with pytest.raises(DtypeError) as caught:
        note.save(["a.svg", "a.png"])
    assert str(caught.value) == (
        "walk: a file is list; it must be a path. Several are given one after the other: "
        "save('walk.svg', 'walk.png')."
    )


def test_what_the_system_refuses_is_one_sentence(note, tmp_path):
    with pytest.raises(DataError, match="name too long"):
        note.save(tmp_path / ("a" * 300 + ".svg"))
    with pytest.raises(DataError, match="does not exist; make the folder first"):
        note.save(tmp_path / "absent" / "a.svg")


def test_forms_are_read_from_any_path():
    assert form_of(Path("b.c/a.Html"), "walk") == "html"
