"""A drawing becomes a file of any form, and shows itself in notebooks and terminals."""

from __future__ import annotations

import webbrowser
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import gradatim as gd
from gradatim.errors import DataError, DtypeError


@pytest.fixture(scope="module")
def drawing():
    apple = gd.Tensor(100.0, requires_grad=True, name="<script>alert('사과')</script>")
    price = apple * 2 * gd.Tensor(1.1, requires_grad=True, name="消費税")
    price.backward()
    return gd.draw(price)


@pytest.mark.parametrize(
    ("name", "begin"),
    [
        ("a.svg", b"<svg "),
        ("a.PNG", b"\x89PNG"),
        ("a.html", b"<!"),
        ("a.dot", b"digraph"),
        ("a.gv", b"digraph"),
        ("a.mmd", b"flowchart LR"),
        ("a.md", b"```mermaid\nflowchart LR"),
        ("a.txt", b"price"),
    ],
)
def test_the_suffix_chooses_the_form(drawing, tmp_path, name, begin):
    drawing.save(tmp_path / name)

    assert (tmp_path / name).read_bytes().startswith(begin)


def test_several_files_are_written_at_once(drawing, tmp_path):
    drawing.save(tmp_path / "a.svg", str(tmp_path / "a.txt"))

    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.svg", "a.txt"]


@pytest.mark.parametrize(
    ("name", "found", "likely"),
    [
        ("a.pdf", "a.pdf: the suffix is .pdf", "a.svg"),
        ("a", "a: the suffix is missing", "a.svg"),
        ("a.svg.gz", "a.svg.gz: the suffix is .gz", "a.svg"),
        (".svg", ".svg: the suffix is missing", "draw.svg"),
        ("", "'': it names no file", "draw.svg"),
        (".", ".: it names no file", "draw.svg"),
        ("a\0.svg", r"'a\x00.svg': the name holds a character that no file may have", "a.svg"),
    ],
)
def test_another_name_is_refused_before_anything_is_written(
    drawing, tmp_path, monkeypatch, name, found, likely
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError) as caught:
        drawing.save("good.svg", name)

    assert str(caught.value) == (
        f"draw: {found}; it must be .svg, .png, .html, .dot, .gv, .mmd, .md or .txt. "
        f"Did you mean {likely}?"
    )
    assert list(tmp_path.iterdir()) == []


def test_no_file_and_what_is_no_file_are_refused(drawing):
    with pytest.raises(DataError, match=r"save was given no file; .* Try save\('draw.svg'\)"):
        drawing.save()
    with pytest.raises(DtypeError, match="a file is list; it must be a path"):
        drawing.save(["a.svg"])


def test_what_the_system_refuses_is_one_sentence(drawing, tmp_path):
    with pytest.raises(DataError, match="name too long"):
        drawing.save(tmp_path / ("a" * 300 + ".svg"))


@pytest.mark.parametrize("width", ["a", 0, None])
def test_the_width_of_the_text_is_a_number_of_columns(drawing, width):
    with pytest.raises(DtypeError) as caught:
        drawing.text(width)

    assert f"draw: text was given {width!r}; it must be the number of columns" in str(caught.value)
    assert 'Try text(80), or save("picture.txt") for a file.' in str(caught.value)


def test_the_svg_is_valid_and_a_name_stays_text(drawing):
    root = ET.fromstring(drawing.svg())

    assert not [each for each in root.iter() if each.tag.endswith("script")]
    assert "<script>alert('사과')</script>" in "".join(root.itertext())


def test_every_key_of_the_picture_is_in_the_svg(drawing):
    keys = {each.get("data-node") for each in ET.fromstring(drawing.svg()).iter()} - {None}

    assert keys == {node.key for node in drawing.picture.nodes}


def test_in_the_page_a_name_stays_text(drawing):
    page = drawing.html()

    assert "<script>alert" not in page
    assert "사과" in page


def test_a_notebook_shows_the_picture_and_a_terminal_the_text(drawing):
    assert drawing._repr_svg_() == drawing.svg()
    assert drawing.svg() in drawing._repr_html_()
    assert repr(drawing) == drawing.text()


def test_a_wide_drawing_is_scrolled_in_a_notebook_rather_than_shrunk():
    y = gd.Tensor(0.5, requires_grad=True)
    for _ in range(13):
        y = y.tanh()

    assert "max-width:none" in gd.draw(y)._repr_html_()
    assert "max-width:none" not in gd.draw(y.tanh(), nodes=3)._repr_html_()


def test_a_very_long_drawing_goes_on_in_further_rows_as_wide_as_a_page():
    y = gd.Tensor(0.5, requires_grad=True)
    for _ in range(60):
        y = y.tanh()
    scene = gd.draw(y).scene

    assert scene.width < 1500
    assert scene.height > 300


def test_it_is_laid_out_once(drawing):
    assert drawing.layout is drawing.layout
    assert set(drawing.layout.boxes) == {node.key for node in drawing.picture.nodes}


def test_it_is_opened_as_a_page(drawing, monkeypatch):
    opened = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    path = drawing.open()
    try:
        assert opened == [path.as_uri()]
        assert path.read_bytes().startswith(b"<!")
    finally:
        Path(path).unlink()
